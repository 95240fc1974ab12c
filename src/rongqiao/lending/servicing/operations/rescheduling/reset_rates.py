"""Reset floating rates on their day: each loan's plan is worked out anew, and its borrower told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError

from rongqiao.lending.servicing.events import LoanRateReset
from rongqiao.lending.servicing.models.amending.rates import FloatingRate, RateStep
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.operations.end_of_day.parking import reason_of
from rongqiao.lending.servicing.operations.repaying.settling import bring_up
from rongqiao.lending.servicing.operations.rescheduling.replacing import put_in_force, take_rate
from rongqiao.lending.servicing.queries.amending.changes import ChangeQuote, quote_of
from rongqiao.lending.servicing.queries.amending.rates import next_reset, reset_rate
from rongqiao.lending.servicing.queries.lives import life_of, plan_rule_of
from rongqiao.lending.servicing.terms.repricing import repriced, unpriced
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation, undone_if_it_fails
from rongqiao.platform.refusals import Refusal


class ResetsTooLate(Refusal):
    """The day is being closed: rates of that day were reset before."""

    code = "servicing.resets-too-late"


@dataclass(frozen=True, kw_only=True)
class ResetRates:
    """Loans whose rate is to be reset on the open business date; one that is not is left alone."""

    loans: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class RatesReset:
    """How many rates became others, stayed as they were, and were put off with a reason."""

    changed: int
    unchanged: int
    put_off: int


@operation("servicing.reset-rates", restore=RatesReset)
def reset_rates(command: ResetRates, call: Call) -> RatesReset:
    """Reset them; one that fails is put off to the next day with its reason. Raises ResetsTooLate.

    The rate of a loan with nothing ahead, or none at all, floats no more.
    """
    if EndOfDayStep.objects.filter(on=call.on).exists():
        raise ResetsTooLate(on=call.on.isoformat())
    counted = {"changed": 0, "unchanged": 0, "put_off": 0}
    loans = Loan.objects.select_for_update(no_key=True).filter(pk__in=command.loans)
    locked = list(loans.order_by("pk"))
    # Read once the loans are locked: another run may have reset them a moment ago.
    due = FloatingRate.objects.filter(next_on__lte=call.on).in_bulk(command.loans)
    parked = ParkedLoan.objects.filter(loan_id__in=command.loans, released_at=None)
    aside = set(parked.values_list("loan_id", flat=True))
    for loan in locked:
        floating = due.get(loan.pk)
        if floating is None:
            continue
        if loan.pk in aside:
            counted["put_off"] += 1
            _put_off(floating, "parked", call)
            continue
        problem = ""
        try:
            with undone_if_it_fails():
                ended = _reset(loan, floating, call)
        except (OperationalError, InterfaceError):
            raise
        except (DatabaseError, ArithmeticError) as error:
            # Data that contradict themselves, such as a period without days: never the others'.
            ended, problem = "put_off", reason_of(error)
        counted[ended] += 1
        if ended == "put_off":
            _put_off(floating, problem or "quote", call)
        else:
            _turn_on(floating, loan, ended, call)
    return RatesReset(**counted)


def _reset(loan: Loan, floating: FloatingRate, call: Call) -> str:
    """Reset one; return what came of it."""
    if loan.state not in LIVE:
        return "unchanged"
    bring_up(loan)
    rule, before = plan_rule_of(loan), life_of(loan)
    if unpriced(before, call.on, rule, is_agreed=False):
        return "unchanged"
    rate = reset_rate(loan, floating, call.on)
    if rate is None:
        return "put_off"
    if rate.annual == loan.rate_annual:
        return "unchanged"
    after = repriced(before, call.on, rule, rate.price())
    put_in_force(loan, before, after, "rate-reset", call)
    step = take_rate(loan, rate, call, change=None)
    loan.save()
    _tell(loan, step, quote_of(before, after, call.on), call)
    return "changed"


def _put_off(floating: FloatingRate, problem: str, call: Call) -> None:
    floating.tried_on, floating.problem = call.on, problem
    floating.save(update_fields=["tried_on", "problem"])


def _turn_on(floating: FloatingRate, loan: Loan, ended: str, call: Call) -> None:
    """Say when the next reset is; none of a loan with nothing ahead."""
    floats_on = ended == "changed" or (
        loan.state in LIVE and loan.instalments.filter(is_due=False).exists()
    )
    following = next_reset(floating.reset, loan.disbursed_on, call.on)
    floating.next_on = following if floats_on else None
    floating.tried_on, floating.problem = call.on, ""
    floating.save(update_fields=["next_on", "tried_on", "problem"])


def _tell(loan: Loan, step: RateStep, quote: ChangeQuote, call: Call) -> None:
    publish(
        LoanRateReset(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            before=step.rate_before,
            after=step.rate_after,
            next_due_on=quote.after[0].due_on,
            next_due=quote.next_due,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
