"""A fraud case as it is worked on: locked, in the right state, and every act written down."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.models.fraud import FraudAct, FraudCase
from rongqiao.risk.operations.fraud.acting import acting, refuse_own_affair, refuse_own_ring
from rongqiao.risk.queries.watching.cases import spoken_for


class FraudCaseNotThere(Refusal):
    """The case is not in a state for this; facts: `number`, `state`."""

    kind, code = Kind.CONFLICT, "fraud.case-not-there"


@dataclass(frozen=True, kw_only=True)
class CaseWorked:
    """Where the case stands."""

    case_id: UUID
    state: str


def case_for(case_id: UUID, call: Call, states: tuple[str, ...]) -> tuple[FraudCase, UUID]:
    """Return the case, locked, and who acts on it.

    Raises FraudRoleNeeded, NotFound, FraudOwnAffair, FraudCaseNotThere.
    """
    user_id = acting(call)
    case = FraudCase.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound(what="fraud-case")
    if case.about == "party":
        refuse_own_affair(user_id, case.subject_id)
    else:
        refuse_own_ring(user_id, case.subject_id)
    if case.state not in states:
        raise FraudCaseNotThere(number=case.number, state=case.state)
    return case, user_id


def write_act(case: FraudCase, verb: str, reason: str, call: Call) -> CaseWorked:
    """Put the act down and return where the case stands."""
    FraudAct.objects.create(case=case, verb=verb, reason=reason, actor=call.actor, acted_at=call.at)
    return CaseWorked(case_id=case.pk, state=case.state)


def close_with_ring(case: FraudCase, call: Call) -> None:
    """Close the untaken cases of a decided ring's parties as the ring's was, by the same people."""
    if case.about != "ring":
        return
    closed = list(spoken_for(case.subject_id))
    for one in closed:
        one.state, one.proposed_by = case.state, case.proposed_by
        one.closed_by, one.closed_at = case.closed_by, call.at
    FraudCase.objects.bulk_update(closed, ["state", "proposed_by", "closed_by", "closed_at"])
    FraudAct.objects.bulk_create(
        FraudAct(case=one, verb="with-ring", reason=case.number, actor=call.actor, acted_at=call.at)
        for one in closed
    )
