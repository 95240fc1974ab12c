"""A fraud case as it is worked on: locked, in the right state, and every act written down."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.models.fraud import FraudAct, FraudCase, RingMember
from rongqiao.risk.operations.fraud.acting import acting, refuse_own_affair


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
    refuse_own_affair(user_id, _parties(case))
    if case.state not in states:
        raise FraudCaseNotThere(number=case.number, state=case.state)
    return case, user_id


def write_act(case: FraudCase, verb: str, reason: str, call: Call) -> CaseWorked:
    """Put the act down and return where the case stands."""
    FraudAct.objects.create(case=case, verb=verb, reason=reason, actor=call.actor, acted_at=call.at)
    return CaseWorked(case_id=case.pk, state=case.state)


def _parties(case: FraudCase) -> list[UUID]:
    """Return whom the case is about; of a ring the first hundred, whoever looks for themselves."""
    if case.about == "party":
        return [case.subject_id]
    return list(
        RingMember.objects.filter(ring_id=case.subject_id).values_list("subject_id", flat=True)[
            :100
        ]
    )
