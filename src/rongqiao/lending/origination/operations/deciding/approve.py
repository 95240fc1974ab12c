"""A second person approves what a reviewer recommended."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import (
    Decided,
    Finding,
    SecondPersonNeeded,
    Terms,
    acting_staff,
    are_one_person,
    check_state,
    checked_reason,
    move,
    officers_case,
    record_decision,
    tell_decided,
)
from rongqiao.lending.origination.conduct.overriding import (
    Against,
    last_override,
    put_on_record,
)
from rongqiao.lending.origination.conduct.reviewing import last_recommendation, put_offer
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import get_version
from rongqiao.parties.queries import user_of
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.policies.roles import Role


@dataclass(frozen=True, kw_only=True)
class Approve:
    """Which case, and why."""

    application_id: UUID
    reason: str = sensitive()


@operation("origination.approve", restore=Decided)
def approve(command: Approve, call: Call) -> Decided:
    """Approve the recommended terms. Raises SecondPersonNeeded for whoever recommended them.

    Raises RoleNeeded, NotFound, OwnAffair, StepNotDrawn, ReasonNeeded too.
    """
    officer_id = acting_staff(call, Role.APPROVER)
    case = officers_case(command.application_id, officer_id)
    check_state(case, State.RECOMMENDED)
    recommended = last_recommendation(case)
    maker = user_of(recommended.decided_by)
    if maker is None or are_one_person(maker, officer_id):
        raise SecondPersonNeeded
    assert recommended.amount_minor is not None
    assert recommended.term_count is not None
    assert recommended.rate_annual is not None
    terms = Terms(
        amount=Money(recommended.amount_minor),
        term_count=recommended.term_count,
        rate_annual=recommended.rate_annual,
        grade=recommended.grade,
    )
    version = get_version(case.version_id)
    decision_id = record_decision(
        case,
        Finding(
            stage="approval",
            outcome="approve",
            terms=terms,
            reasons=(("officer-recommends", ()),),
            versions={"product": version.label},
            inputs={"reason": checked_reason(command.reason)},
        ),
        call,
    )
    _carry_override(case, decision_id, officer_id, call)
    put_offer(case, version, terms, call)
    move(case, State.APPROVED, call)
    return tell_decided(case, decision_id, call)


def _carry_override(case: Application, decision_id: UUID, officer_id: UUID, call: Call) -> None:
    """Whoever approves what goes against the system's word does so for the reason laid before."""
    before = last_override(case)
    recommended = last_recommendation(case)
    if before is not None and before.decision_id == recommended.pk:
        against = Against(kind=before.kind, code=before.code)
        put_on_record(case, decision_id, against, officer_id, call)
