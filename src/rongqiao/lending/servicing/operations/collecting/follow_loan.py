"""Let a case follow its loan: count what was paid, keep promises, close where nothing is late."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.changes import RESTRUCTURING
from rongqiao.lending.servicing.models.collecting import (
    CaseProposal,
    CollectionCase,
    CollectionRecovery,
    PaymentPromise,
    bucket_of,
)
from rongqiao.lending.servicing.operations.collecting.acting import CaseMoved, oldest_unpaid
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class FollowLoan:
    """The case, and what was paid on its loan, if that is why."""

    case_id: UUID
    paid: Money


@operation("servicing.follow-loan", restore=CaseMoved)
def follow_loan(command: FollowLoan, call: Call) -> CaseMoved:
    """Bring the case to where its loan stands; a closed one stays as it is. Raises NotFound."""
    case = (
        CollectionCase.objects.select_for_update(no_key=True, of=("self",))
        .select_related("loan")
        .filter(pk=command.case_id)
        .first()
    )
    if case is None:
        raise NotFound(what="case")
    if case.state == "closed":
        return CaseMoved(case_id=case.pk, state=case.state)
    if command.paid.minor > 0:
        _count(case, command.paid, call)
    oldest = oldest_unpaid(case.loan)
    if oldest is None or case.loan.state != "overdue":
        close(case, call)
    else:
        case.oldest_due_on = oldest
    case.save()
    return CaseMoved(case_id=case.pk, state=case.state)


def _count(case: CollectionCase, paid: Money, call: Call) -> None:
    CollectionRecovery.objects.create(
        case=case,
        collector_id=case.collector_id,
        bucket=bucket_of(case.oldest_due_on, call.on),
        on=call.on,
        amount_minor=paid.minor,
    )
    case.recovered_minor += paid.minor
    promise = PaymentPromise.objects.filter(case=case, state="open", due_on__gte=call.on).first()
    if promise and case.recovered_minor - promise.recovered_before_minor >= promise.amount_minor:
        promise.state, promise.decided_on = "kept", call.on
        promise.save(update_fields=["state", "decided_on"])
        case.promise_due_on = None
    offer = CaseProposal.objects.filter(
        case=case, state="approved", kind="settlement", pay_by__gte=call.on
    ).first()
    if offer and case.recovered_minor - offer.recovered_before_minor >= offer.pays_minor:
        offer.state = "met"
        offer.save(update_fields=["state"])


def _is_paid(case: CollectionCase) -> bool:
    """Tell whether what was late was paid: on new terms it was put off instead."""
    if case.loan.state != "restructured":
        return case.loan.state in ("active", "closed")
    made = case.loan.term_changes.filter(kind=RESTRUCTURING, state="approved")
    return not made.filter(decided_on__gte=case.opened_on).exists()


def close(case: CollectionCase, call: Call) -> None:
    """Mark a case as over: its loan is in order or ended; nothing proposed for it stands on."""
    case.state, case.closed_at, case.closed_on = "closed", call.at, call.on
    case.closed_by_state, case.promise_due_on = case.loan.state, None
    # Whoever paid what was late kept what they promised of it.
    word = "kept" if _is_paid(case) else "broken"
    PaymentPromise.objects.filter(case=case, state="open").update(state=word, decided_on=call.on)
    CaseProposal.objects.filter(case=case, state="waiting").update(state="withdrawn")
    CaseProposal.objects.filter(case=case, state="approved", kind="settlement").update(
        state="expired"
    )
