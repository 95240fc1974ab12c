"""What a payment does to a loan's rows, inside the operation that takes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import F, Max

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import RiskClass
from rongqiao.lending.servicing.events import LoanClosed, LoanRepaid
from rongqiao.lending.servicing.grading import NON_PERFORMING, reached_class, regraded
from rongqiao.lending.servicing.models.loans import (
    BUCKETS,
    GIVEN_UP,
    LIVE,
    Instalment,
    Loan,
    LoanEntry,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.parties.queries import acts_for, user_of
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound, Refusal

PAID = [f"{bucket}_paid_minor" for bucket in BUCKETS]


class AlreadyPaid(Refusal):
    """Nothing is owed on what was to be paid."""

    code = "servicing.already-paid"


class LoanGivenUp(Refusal):
    """The loan is written off: what is still owed is paid as a recovery."""

    code = "servicing.loan-given-up"


def hold_accrual(loan_id: UUID) -> date | None:
    """Return before which day a loan's interest is booked; None before the first business date.

    Until the transaction ends, no closing day begins, and none books more of this loan: a chunk
    under way is waited for, one to do waits.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT servicing_hold_accrual(%s)", [loan_id])
        row = cursor.fetchone()
    booked_to: date | None = row[0]
    return booked_to


def locked_loan(loan_id: UUID, party_id: UUID, call: Call) -> Loan:
    """Return the party's live loan, locked, to a user who acts for the party or to the system.

    Raises NotFound, AlreadyPaid, LoanGivenUp.
    """
    user_id = user_of(call.actor)
    if user_id is not None and not acts_for(user_id, party_id):
        raise NotFound(what="loan")
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=loan_id, party_id=party_id).first()
    if loan is None:
        raise NotFound(what="loan")
    if loan.state in GIVEN_UP:
        raise LoanGivenUp(number=loan.number)
    if loan.state not in LIVE:
        raise AlreadyPaid(number=loan.number)
    bring_up(loan)
    return loan


def bring_up(loan: Loan) -> None:
    """Count in the interest that closing days have booked of a locked loan; the caller saves it.

    Until the transaction ends, no closing day begins, and none books more of this loan.
    """
    booked_to = hold_accrual(loan.pk)
    if booked_to is not None:
        loan.accrue_to(booked_to)


def write_rows(rows: Iterable[Instalment], call: Call) -> None:
    """Save what was paid on due instalments; those with nothing left are settled."""
    changed = list(rows)
    for row in changed:
        if row.left_minor == 0:
            row.settled_on = call.on
    if len(changed) == 1:
        # Most payments are of one instalment; a statement for many costs two milliseconds more.
        changed[0].save(update_fields=[*PAID, "settled_on"])
    else:
        Instalment.objects.bulk_update(changed, [*PAID, "settled_on"])


def write_entry(
    loan: Loan, kind: str, parts: Parts, call: Call, *, journal: int | None, no: int | None = None
) -> LoanEntry:
    """Return the sub-ledger's line of what was charged (plus) or paid (minus), yet to be saved."""
    return LoanEntry(
        loan=loan,
        kind=kind,
        on=call.on,
        booked_at=call.at,
        instalment_no=no,
        principal_minor=parts.principal,
        interest_minor=parts.interest,
        penalty_minor=parts.penalty,
        fee_minor=parts.fee,
        journal_id=journal,
    )


def refresh(loan: Loan, unsettled: Sequence[Instalment], call: Call) -> None:
    """Set days past due, state and class after a payment; close the loan if nothing is left.

    `unsettled` are its due instalments with something left.
    """
    if loan.owed_minor == 0 and loan.period_no is None:
        loan.close(call.on)
    late = [row.due_on for row in unsettled if row.due_on < call.on]
    loan.days_past_due = (call.on - min(late)).days if late else 0
    reached = reached_class(loan.days_past_due, loan.watched_until, call.on)
    is_bad = loan.state != "closed" and loan.risk_class in NON_PERFORMING
    since = _regular_since(loan) if is_bad and not late else None
    loan.risk_class = (
        regraded(RiskClass(loan.risk_class), reached, since, call.on) if is_bad else reached
    )
    if not late and loan.state == "overdue":
        loan.state = "restructured" if loan.watched_until else "active"
    loan.save()


def _regular_since(loan: Loan) -> date | None:
    """Return the day the last late instalment was paid, or the first due date as restructured."""
    paid_late = loan.instalments.filter(settled_on__gt=F("due_on"))
    found: date | None = paid_late.aggregate(last=Max("settled_on"))["last"]
    return max((one for one in (found, loan.watched_from) if one), default=None)


def tell(loan: Loan, paid: Parts, call: Call) -> None:
    """Publish LoanRepaid, and LoanClosed where that was the last of it."""
    publish(
        LoanRepaid(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            principal=Money(paid.principal),
            interest=Money(paid.interest),
            penalty=Money(paid.penalty),
            fee=Money(paid.fee),
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    tell_closed(loan, call)


def tell_closed(loan: Loan, call: Call) -> None:
    """Publish LoanClosed where nothing is owed any more."""
    if loan.state == "closed":
        publish(
            LoanClosed(
                loan_id=loan.pk,
                party_id=loan.party_id,
                agreement_id=loan.agreement_id,
                drawing_id=loan.drawing_id,
                is_prepaid=loan.is_prepaid,
                happened_at=call.at,
                happened_on=call.on,
            )
        )
