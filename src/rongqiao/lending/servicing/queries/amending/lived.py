"""What happened to a loan, from its records, as `replay` lives it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from rongqiao.finance.allocation import Order
from rongqiao.lending.servicing.engine import Choice, Given, Life, Row
from rongqiao.lending.servicing.models.amending.changes import BY_RATE, RESTRUCTURING, TermChange
from rongqiao.lending.servicing.models.amending.corrections import BACK_DATED, TAKEN_BACK
from rongqiao.lending.servicing.models.amending.holds import BorrowerHold
from rongqiao.lending.servicing.models.amending.rates import RateStep
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import LIVE, Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.amending.changes import wish_of
from rongqiao.lending.servicing.queries.lives import life_of, plan_rule_of
from rongqiao.lending.servicing.replay import (
    CannotHappen,
    Changed,
    Drawn,
    GivenUp,
    Happening,
    Held,
    Opened,
    Paid,
    PaidEarly,
    Recalled,
    Repriced,
    Restructured,
    Standing,
    replay,
)
from rongqiao.lending.servicing.terms.repricing import Price
from rongqiao.lending.servicing.terms.restructuring import Relief
from rongqiao.platform.refusals import Refusal

PAYMENTS = ("repayment", "back-dated")


class LoanNotReplayed(Refusal):
    """The loan's records do not tell its life to the fen, or something later stands on a payment.

    Fact: `reason`. Nothing is corrected then.
    """

    code = "servicing.loan-not-replayed"


class LoanEnded(Refusal):
    """The loan is paid off or given up: its payments stand; fact: `state`."""

    code = "servicing.correction-loan-ended"


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment that stands: its journal, the day it was booked and the day it counts from.

    `lines` is what it settled when it was booked, by instalment; `first_line` is the number of the
    first in the sub-ledger.
    """

    journal: int
    booked_on: date
    value_on: date
    first_line: int
    is_chosen: bool
    lines: dict[int, Parts]

    @property
    def amount(self) -> int:
        """All of it, in fen."""
        return sum(parts.total for parts in self.lines.values())


@dataclass(frozen=True, kw_only=True)
class Told:
    """A loan's life as recorded, and where it stands by it: the stored figures, to the fen."""

    opened: Opened
    happenings: tuple[Happening, ...]
    payments: tuple[Payment, ...]
    standing: Standing


def told_of(loan: Loan, on: date) -> Told:
    """Return the life of a live loan up to the open business date `on`.

    Raises LoanEnded, and LoanNotReplayed where living it again does not give the stored figures.
    """
    if loan.state not in LIVE:
        raise LoanEnded(state=loan.state)
    if ParkedLoan.objects.filter(loan_id=loan.pk, released_at=None).exists():
        raise LoanNotReplayed(reason="parked")
    if EndOfDayStep.objects.filter(on=on).exists():
        raise LoanNotReplayed(reason="day closing")
    opened, payments = _opened(loan), payments_of(loan)
    happenings = _happenings(loan, payments)
    try:
        standing = replay(opened, happenings, on)
    except CannotHappen as error:
        raise LoanNotReplayed(reason=error.reason) from error
    if differs := _difference(loan, standing):
        raise LoanNotReplayed(reason=differs)
    return Told(opened=opened, happenings=happenings, payments=payments, standing=standing)


def payments_of(loan: Loan) -> tuple[Payment, ...]:
    """Return the payments of what was due that stand, oldest value date first."""
    approved = loan.corrections.filter(state="approved")
    gone = set(approved.filter(kind__in=TAKEN_BACK).values_list("payment_journal", flat=True))
    dated = dict(approved.filter(kind=BACK_DATED).values_list("booked_journal", "value_on"))
    # A line without an instalment is the fee of the day of lending.
    found = [
        _payment(journal, dated.get(journal), lines)
        for journal, lines in _by_journal(loan, PAYMENTS).items()
        if journal not in gone and lines[0].instalment_no is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.value_on, one.first_line)))


def _by_journal(loan: Loan, kinds: Iterable[str]) -> dict[int | None, list[LoanEntry]]:
    found: dict[int | None, list[LoanEntry]] = {}
    for line in loan.entries.filter(kind__in=kinds).order_by("id"):
        found.setdefault(line.journal_id, []).append(line)
    return found


def _payment(journal: int | None, value_on: date | None, lines: Sequence[LoanEntry]) -> Payment:
    assert journal is not None, lines
    parts: dict[int, Parts] = {}
    for line in lines:
        assert line.instalment_no is not None, line
        parts[line.instalment_no] = Parts(
            principal=-line.principal_minor,
            interest=-line.interest_minor,
            penalty=-line.penalty_minor,
            fee=-line.fee_minor,
        )
    return Payment(
        journal=journal,
        booked_on=lines[0].on,
        value_on=value_on or lines[0].on,
        first_line=lines[0].pk,
        is_chosen=lines[0].is_chosen,
        lines=parts,
    )


def _happenings(loan: Loan, payments: Iterable[Payment]) -> tuple[Happening, ...]:
    """Return all that happened, by value date; on one day in the order of the sub-ledger."""
    dated: list[tuple[int, Happening]] = []
    for one in payments:
        only = next(iter(one.lines)) if one.is_chosen else None
        paid = Paid(on=one.value_on, ref=one.journal, amount=one.amount, only=only)
        dated.append((one.first_line, paid))
    for lines in _by_journal(loan, ["waiver"]).values():
        given = Given(
            interest=-sum(line.interest_minor for line in lines),
            penalty=-sum(line.penalty_minor for line in lines),
            fee=-sum(line.fee_minor for line in lines),
        )
        dated.append((lines[0].pk, GivenUp(on=lines[0].on, given=given)))
    dated += _prepayments(loan) + _changes(loan) + _holds(loan)
    return tuple(one for _, one in sorted(dated, key=lambda pair: (pair[1].on, pair[0])))


def _prepayments(loan: Loan) -> list[tuple[int, Happening]]:
    """Return each prepayment in part by its line; its quote knows what it did to the plan."""
    used = list(loan.prepayment_quotes.exclude(used_at=None).order_by("used_at", "pk"))
    found: list[tuple[int, Happening]] = []
    for line in loan.entries.filter(kind="prepayment").order_by("id"):
        principal = -line.principal_minor
        quote = next(
            (one for one in used if (one.valid_on, one.principal_minor) == (line.on, principal)),
            None,
        )
        if quote is None:
            raise LoanNotReplayed(reason="prepayment")
        used.remove(quote)
        choice = Choice(quote.chosen)
        found.append((line.pk, PaidEarly(on=line.on, principal=principal, choice=choice)))
    return found


def _changes(loan: Loan) -> list[tuple[int, Happening]]:
    """Return each change of the terms, reset of the rate, recall and further draw, by its line."""
    agreed = list(_lines(loan, "rescheduling"))
    made = loan.term_changes.filter(state="approved").select_related("rate_step")
    pairs = zip(agreed, made.order_by("decided_at", "pk"), strict=True)
    found: list[tuple[int, Happening]] = [(line, _changed(on, one)) for (line, on), one in pairs]
    resets = loan.rate_steps.filter(cause="reset").order_by("no")
    found += [
        (line, _repriced(on, step))
        for (line, on), step in zip(_lines(loan, "rate-reset"), resets, strict=True)
    ]
    found += [(line, Recalled(on=on)) for line, on in _lines(loan, "recall")]
    draws = loan.further_draws.exclude(drawn_at=None).order_by("drawn_at", "pk")
    found += [
        (line, Drawn(on=on, minor=draw.amount_minor))
        for (line, on), draw in zip(_lines(loan, "draw"), draws, strict=True)
    ]
    return found


def _changed(on: date, one: TermChange) -> Happening:
    """Return a change that was agreed on as it happened."""
    if one.kind in BY_RATE:
        return _repriced(on, one.rate_step)
    if one.kind == RESTRUCTURING:
        step: RateStep | None = getattr(one, "rate_step", None)
        return Restructured(on=on, relief=Relief(one.months, _price(step) if step else None))
    return Changed(on=on, change=wish_of(one).change())


def _holds(loan: Loan) -> list[tuple[int, Happening]]:
    """Return when the borrower was put on hold and when not any more, before all else of a day."""
    found: list[tuple[int, Happening]] = []
    for hold in BorrowerHold.objects.filter(party_id=loan.party_id).order_by("put_at"):
        if hold.lifted_on is not None and hold.lifted_on <= loan.disbursed_on:
            continue
        found.append((0, Held(on=max(hold.from_on, loan.disbursed_on), is_held=True)))
        if hold.lifted_on is not None:
            found.append((0, Held(on=hold.lifted_on, is_held=False)))
    return found


def _lines(loan: Loan, kind: str) -> Iterable[tuple[int, date]]:
    return loan.entries.filter(kind=kind).order_by("id").values_list("pk", "on")


def _repriced(on: date, step: RateStep) -> Repriced:
    return Repriced(on=on, price=_price(step), is_agreed=step.cause == "agreement")


def _price(step: RateStep) -> Price:
    return Price(rate=Fraction(step.rate_after), penalty_rate=step.penalty_after)


def _opened(loan: Loan) -> Opened:
    """Return the loan as it was lent: the first plan, before any prepayment made a new one."""
    rows = list(loan.instalments.order_by("no"))
    planned = _before_restructuring(loan, [_planned(row) for row in rows])
    if former := loan.former_plans.order_by("no").first():
        ahead = [_former(line) for line in former.rows]
        planned = [row for row in planned if row.no < ahead[0].no] + ahead
    terms, rule = life_of(loan).terms, plan_rule_of(loan)
    if first := loan.rate_steps.order_by("no").first():
        terms = replace(terms, penalty_rate=first.penalty_before)
        rule = replace(rule, rate=Fraction(first.rate_before))
    life, order = Life(terms=terms, rows=tuple(planned)), Order(loan.allocation_order)
    return Opened(on=loan.disbursed_on, life=life, order=order, rule=rule)


def _before_restructuring(loan: Loan, rows: Sequence[Row]) -> list[Row]:
    """Return rows with the due dates and principal they had before late ones were put off."""
    agreed = loan.term_changes.filter(state="approved", kind=RESTRUCTURING)
    found = {row.no: row for row in rows}
    for change in agreed.order_by("-decided_at", "-pk"):
        for no, due_on, principal in change.arrears:
            due = date.fromisoformat(due_on)
            found[no] = replace(found[no], due_on=due, principal=principal)
    return list(found.values())


def _planned(row: Instalment) -> Row:
    return Row(
        row.no, row.from_on, row.due_on, row.principal_minor, row.interest_minor, row.fee_minor
    )


def _former(line: list[str | int]) -> Row:
    no, from_on, due_on, principal, interest, fee, _ = line
    dates = date.fromisoformat(str(from_on)), date.fromisoformat(str(due_on))
    return Row(int(no), *dates, int(principal), int(interest), int(fee))


def _difference(loan: Loan, standing: Standing) -> str:
    """Return what of the stored loan living it again does not give, or nothing."""
    stored = life_of(loan)
    dates = loan.instalments.exclude(settled_on=None).values_list("no", "settled_on")
    pairs = {
        "instalments": (stored.rows, standing.life.rows),
        "state": (stored.state, standing.life.state),
        "days past due": (loan.days_past_due, standing.life.days_past_due),
        "worst days past due": (loan.days_past_due_worst, standing.worst),
        "watch": (_watch(stored), _watch(standing.life)),
        "class": (loan.risk_class, standing.risk_class.value),
        "days of settling": (dict(dates), dict(standing.settled)),
    }
    return ", ".join(name for name, (kept, lived) in pairs.items() if kept != lived)


def _watch(life: Life) -> tuple[date | None, date | None]:
    return life.watched_from, life.watched_until


def lived_otherwise(told: Told, happenings: Iterable[Happening], on: date) -> Standing:
    """Return where the loan would stand on `on` had it lived through `happenings` instead.

    The plan is the same: it turns on what is not due alone. Raises LoanNotReplayed.
    """
    try:
        standing = replay(told.opened, happenings, on)
    except CannotHappen as error:
        raise LoanNotReplayed(reason=error.reason) from error
    if _plan(standing.life) != _plan(told.standing.life):
        raise LoanNotReplayed(reason="another plan")
    return standing


def _plan(life: Life) -> list[Row]:
    """Return what payments of what is due do not change."""
    return [
        replace(
            row,
            interest=0 if row.is_due else row.interest,
            fee=0 if row.is_due else row.fee,
            penalty_micro=0,
            principal_paid=0,
            interest_paid=0,
            fee_paid=0,
            penalty_paid=0,
        )
        for row in life.rows
    ]
