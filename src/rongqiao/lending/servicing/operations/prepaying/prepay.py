"""Pay a part early from the borrower's wallet, as quoted or not at all, and put the new plan in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.engine import Choice, PartPayment, Row
from rongqiao.lending.servicing.events import LoanPrepaid
from rongqiao.lending.servicing.models.amending.quotes import PrepaymentQuote
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import FormerPlan, Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.prepaying.new_plan import (
    plain,
    plain_instalments,
    planned,
)
from rongqiao.lending.servicing.operations.prepaying.pay_off import (
    DayClosing,
    QuoteChanged,
    QuoteNotForToday,
)
from rongqiao.lending.servicing.operations.repaying.settling import (
    locked_loan,
    refresh,
    tell,
    write_entry,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class QuoteUsed(Refusal):
    """The quote was paid before; another prepayment needs a quote of its own."""

    code = "servicing.quote-used"


class ChoiceNotOffered(Refusal):
    """The quote does not offer this effect on the plan."""

    kind, code = Kind.INVALID, "servicing.choice-not-offered"


@dataclass(frozen=True, kw_only=True)
class Prepay:
    """The quote to pay, and what it does to the plan: `shorten` or `lower`."""

    quote_id: UUID
    party_id: UUID
    choice: str


@dataclass(frozen=True, kw_only=True)
class Prepaid:
    """What was paid, and the plan from now on: its next instalment and its last date."""

    loan_id: UUID
    total: Money
    fee: Money
    next_due_on: date
    next_due: Money
    matures_on: date
    instalments_left: int


@operation("servicing.prepay", restore=Prepaid)
def prepay(command: Prepay, call: Call) -> Prepaid:
    """Pay the quoted principal, the interest of the days used and the fee; replace the rows ahead.

    Raises QuoteNotForToday, QuoteChanged, QuoteUsed, ChoiceNotOffered, DayClosing, NotFound,
    AlreadyPaid, PayDueFirst, and the ledger's refusal where the wallet does not hold enough.
    """
    quote = PrepaymentQuote.objects.filter(pk=command.quote_id).first()
    if quote is None:
        raise NotFound(what="prepayment-quote")
    loan = locked_loan(quote.loan_id, command.party_id, call)
    # Read again behind the loan's lock: another payer may have used it meanwhile.
    quote.refresh_from_db()
    cost, rows = _checked(quote, loan, command, call)
    _book(loan, cost, rows[0].no, call)
    _replace_rows(loan, rows, call)
    _turn(loan, cost, rows)
    refresh(loan, [], call)
    quote.chosen, quote.used_at = command.choice, call.at
    quote.save(update_fields=["chosen", "used_at"])
    tell(loan, Parts(principal=cost.principal, interest=cost.interest, fee=cost.fee), call)
    done = Prepaid(
        loan_id=loan.pk,
        total=Money(cost.total),
        fee=Money(cost.fee),
        next_due_on=rows[1].due_on,
        next_due=Money(rows[1].principal + rows[1].interest + rows[1].fee),
        matures_on=loan.matures_on,
        instalments_left=len(rows) - 1,
    )
    _tell_plan(loan, command.choice, cost, done, call)
    return done


def _checked(
    quote: PrepaymentQuote, loan: Loan, command: Prepay, call: Call
) -> tuple[PartPayment, tuple[Row, ...]]:
    if quote.used_at is not None:
        raise QuoteUsed
    if quote.valid_on != call.on:
        raise QuoteNotForToday(valid_on=quote.valid_on.isoformat(), today=call.on.isoformat())
    if command.choice not in quote.plans:
        allowed = ", ".join(sorted(quote.plans))
        raise ChoiceNotOffered(field="choice", value=command.choice, allowed=allowed)
    if EndOfDayStep.objects.filter(on=call.on).exists():
        raise DayClosing(on=call.on.isoformat())
    cost, plans = planned(loan, quote.principal_minor, call)
    quoted = PartPayment(quote.principal_minor, quote.interest_minor, quote.fee_minor)
    now = {choice.value: plain(rows) for choice, rows in plans.items()}
    if cost != quoted or now != quote.plans:
        raise QuoteChanged(total=Money(cost.total).text(), quoted=Money(quoted.total).text())
    return cost, plans[Choice(command.choice)]


def _book(loan: Loan, cost: PartPayment, no: int, call: Call) -> None:
    """Charge interest that no day's end has booked, and the fee; then take it all."""
    missing = cost.interest - loan.period_accrued_minor
    journals = []
    if missing or cost.fee:
        added = {"interest": missing, "fee": cost.fee}
        journals.append(postings.charges(loan.number, loan.product_code, added, call.on))
    paid = Parts(principal=cost.principal, interest=cost.interest, fee=cost.fee)
    journals.append(
        postings.repayment(loan.number, loan.product_code, loan.party_id, paid, call.on)
    )
    ids = post(journals, call)
    minus = Parts(principal=-cost.principal, interest=-cost.interest, fee=-cost.fee)
    entries = [write_entry(loan, "prepayment", minus, call, journal=ids[-1], no=no)]
    charged = Parts(interest=cost.interest, fee=cost.fee)
    if charged.total:
        entries.insert(0, write_entry(loan, "settlement", charged, call, journal=ids[0], no=no))
    LoanEntry.objects.bulk_create(entries)


def _replace_rows(loan: Loan, rows: Sequence[Row], call: Call) -> None:
    """Keep the rows ahead as a former plan, and write the new ones in their place."""
    ahead = loan.instalments.filter(is_due=False).order_by("no")
    FormerPlan.objects.create(
        loan=loan,
        no=loan.former_plans.count() + 1,
        cause="prepayment",
        replaced_on=call.on,
        replaced_at=call.at,
        rows=plain_instalments(list(ahead)),
    )
    ahead.delete()
    balance = sum(row.principal for row in rows)
    new = []
    for row in rows:
        balance -= row.principal
        new.append(_instalment(loan, row, balance, call))
    Instalment.objects.bulk_create(new)


def _instalment(loan: Loan, row: Row, balance: int, call: Call) -> Instalment:
    return Instalment(
        loan=loan,
        no=row.no,
        from_on=row.from_on,
        due_on=row.due_on,
        days=(row.due_on - row.from_on).days,
        principal_minor=row.principal,
        interest_minor=row.interest,
        fee_minor=row.fee,
        balance_minor=balance,
        is_due=row.is_due,
        interest_charged_minor=row.interest if row.is_due else 0,
        principal_paid_minor=row.principal_paid,
        interest_paid_minor=row.interest_paid,
        settled_on=call.on if row.is_due else None,
        is_prepayment=row.is_prepayment,
    )


def _turn(loan: Loan, cost: PartPayment, rows: Sequence[Row]) -> None:
    """Lower what is owed and begin the interest period of the first new row."""
    running = rows[1]
    loan.take(cost.principal, loan.period_accrued_minor, 0, 0)
    loan.period_no, loan.period_from_on = running.no, running.from_on
    loan.period_due_on, loan.period_interest_minor = running.due_on, running.interest
    loan.period_accrued_minor = 0
    loan.matures_on = rows[-1].due_on


def _tell_plan(loan: Loan, choice: str, cost: PartPayment, done: Prepaid, call: Call) -> None:
    publish(
        LoanPrepaid(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            choice=choice,
            principal=Money(cost.principal),
            next_due_on=done.next_due_on,
            next_due=done.next_due,
            matures_on=done.matures_on,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
