"""Carry a recall out on its day: all that is ahead falls due, unless the breach was mended."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.events import LoanRecalled, LoanRecallEnded
from rongqiao.lending.servicing.models.amending.recalls import Recall
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.operations.end_of_day.parking import reason_of
from rongqiao.lending.servicing.operations.repaying.settling import bring_up
from rongqiao.lending.servicing.operations.rescheduling.recalling import locked_recall
from rongqiao.lending.servicing.operations.rescheduling.replacing import put_in_force
from rongqiao.lending.servicing.queries.amending.holds import is_held
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.lending.servicing.terms.recalling import recalled
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation, undone_if_it_fails
from rongqiao.platform.refusals import Refusal


class RecallTooLate(Refusal):
    """The day is being closed: recalls of that day were carried out before."""

    code = "servicing.recall-too-late"


@dataclass(frozen=True, kw_only=True)
class CarryOutRecall:
    """A noticed recall whose day has come."""

    recall_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecallCarriedOut:
    """`made`, `lapsed`, or still `noticed` where it was put off to the next day."""

    recall_id: UUID
    state: str


_FIELDS = [
    "state",
    "ended_by",
    "ended_on",
    "ended_because",
    "tried_on",
    "problem",
    "principal_minor",
    "interest_minor",
]


@operation("servicing.carry-out-recall", restore=RecallCarriedOut)
def carry_out_recall(command: CarryOutRecall, call: Call) -> RecallCarriedOut:
    """Let the loan fall due whole on the open business date.

    It lapses where the loan ended, nothing is ahead, or what was late is paid; it is put off while
    the loan stands aside or its borrower is on hold, and where the loan's data fail. Raises
    NotFound, RecallTooLate.
    """
    recall, loan = locked_recall(command.recall_id)
    if recall.state != "noticed" or recall.falls_on is None or recall.falls_on > call.on:
        return RecallCarriedOut(recall_id=recall.pk, state=recall.state)
    if EndOfDayStep.objects.filter(on=call.on).exists():
        raise RecallTooLate(on=call.on.isoformat())
    recall.tried_on = call.on
    if because := _mended(recall, loan):
        _end(recall, "lapsed", because, call)
        _tell_lapsed(loan, call)
    elif problem := _obstacle(loan):
        recall.problem = problem
    else:
        _try(recall, loan, call)
    recall.save(update_fields=_FIELDS)
    return RecallCarriedOut(recall_id=recall.pk, state=recall.state)


def _mended(recall: Recall, loan: Loan) -> str:
    """Return why there is nothing to call back any more, or nothing where there is."""
    if loan.state not in LIVE or loan.period_no is None:
        return "ended"
    return "paid" if recall.cause == "overdue" and not loan.days_past_due else ""


def _obstacle(loan: Loan) -> str:
    if ParkedLoan.objects.filter(loan_id=loan.pk, released_at=None).exists():
        return "parked"
    return "held" if is_held(loan.party_id) else ""


def _try(recall: Recall, loan: Loan, call: Call) -> None:
    try:
        with undone_if_it_fails():
            _make(recall, loan, call)
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, ArithmeticError) as error:
        # Data that contradict themselves: never in the way of the others.
        recall.state, recall.problem = "noticed", reason_of(error)
        recall.ended_by, recall.ended_on = "", None
        recall.principal_minor = recall.interest_minor = 0


def _make(recall: Recall, loan: Loan, call: Call) -> None:
    bring_up(loan)
    before = life_of(loan)
    after = recalled(before, call.on)
    put_in_force(loan, before, after, "recall", call)
    loan.save()
    whole = after.rows[-1]
    recall.principal_minor, recall.interest_minor = whole.principal, whole.interest
    _end(recall, "made", "", call)
    publish(
        LoanRecalled(
            principal=Money(whole.principal),
            interest=Money(whole.interest),
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            happened_at=call.at,
            happened_on=call.on,
        )
    )


def _tell_lapsed(loan: Loan, call: Call) -> None:
    publish(
        LoanRecallEnded(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            happened_at=call.at,
            happened_on=call.on,
        )
    )


def _end(recall: Recall, state: str, because: str, call: Call) -> None:
    recall.state, recall.ended_by, recall.ended_on = state, call.actor, call.on
    recall.ended_because, recall.problem = because, ""
