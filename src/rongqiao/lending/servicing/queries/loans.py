"""Loans as pages show them: a party's loans, one loan with its plan, its statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.quotes import PayoffQuote
from rongqiao.lending.servicing.models.amending.write_offs import WriteOff
from rongqiao.lending.servicing.models.loans import BUCKETS, LIVE, Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.queries.lives import bring_up, choices_of, life_of
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.credit.facts import PlatformHistory

PAGE = 50
LOANS_AT_ONCE = 500


class RowState(StrEnum):
    """Where an instalment stands on a date."""

    PAID = "paid"
    PREPAID = "prepaid"
    SETTLED_EARLY = "settled-early"
    OVERDUE = "overdue"
    DUE = "due"
    PARTLY_PAID = "partly-paid"
    AHEAD = "ahead"


@dataclass(frozen=True, kw_only=True)
class Owed:
    """Amounts by bucket."""

    principal: Money
    interest: Money
    penalty: Money
    fee: Money

    @property
    def total(self) -> Money:
        """All four together."""
        return self.principal + self.interest + self.penalty + self.fee


@dataclass(frozen=True, kw_only=True)
class LoanCard:
    """A loan in a list. `owed_now` is due by the date asked for; `next_due_on` the coming one."""

    id: UUID
    number: str
    party_id: UUID
    agreement_id: UUID
    drawing_id: UUID | None
    product_code: str
    product_version: int
    method: str
    state: str
    rate_annual: Decimal
    principal: Money
    outstanding: Owed
    owed_now: Owed
    next_due_on: date | None
    next_due: Money
    instalments: int
    instalments_paid: int
    days_past_due: int
    risk_class: str
    disbursed_on: date
    matures_on: date
    closed_on: date | None
    is_prepaid: bool
    is_debit_authorised: bool


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One instalment: as scheduled (`scheduled`), as paid, and what is left of it to pay."""

    no: int
    from_on: date
    due_on: date
    days: int
    scheduled: Owed
    payment: Money
    balance: Money
    paid: Owed
    left: Money
    state: RowState
    settled_on: date | None


@dataclass(frozen=True, kw_only=True)
class ChartPoint:
    """For the plan's chart: a due date, its principal and interest, what is left after it."""

    due_on: date
    principal: Money
    interest: Money
    balance: Money


@dataclass(frozen=True, kw_only=True)
class LoanDetail:
    """One loan with its plan, chart and the terms that matter for repaying it.

    `prepayment_fee_paid` is what was taken beside the plan for paying early, in part or in full.
    """

    card: LoanCard
    rows: tuple[PlanRow, ...]
    chart: tuple[ChartPoint, ...]
    penalty_rate_annual: Decimal
    grace_days: int
    is_prepayable: bool
    is_prepayable_in_part: bool
    prepayment_fee_rate: Decimal
    prepayment_fee_paid: Money
    has_certificate: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a loan's statement: charged (plus) or paid (minus), and when."""

    kind: str
    on: date
    booked_at: datetime
    instalment_no: int | None
    amounts: Owed
    journal_id: int | None


def list_loans(party_id: UUID, on: date) -> tuple[LoanCard, ...]:
    """Return a party's loans, open ones first, newest first."""
    loans = Loan.objects.filter(party_id=party_id).order_by("-disbursed_at", "-id")
    cards = _cards(loans, on)
    return tuple(sorted(cards, key=lambda card: card.state not in LIVE))


def principal_moves(drawing_ids: Iterable[UUID]) -> tuple[tuple[date, Money], ...]:
    """Return what the loans of these drawings added to (plus) and paid of principal, day by day."""
    entries = LoanEntry.objects.filter(loan__drawing_id__in=list(drawing_ids))
    rows = entries.values("on").annotate(moved=Sum("principal_minor")).order_by("on")
    return tuple((row["on"], Money(row["moved"])) for row in rows if row["moved"])


def get_loan(loan_id: UUID, on: date, party_id: UUID | None = None) -> LoanDetail:
    """Return one loan; with `party_id` only if it is that party's. Raises NotFound."""
    loans = Loan.objects.filter(pk=loan_id)
    if party_id is not None:
        loans = loans.filter(party_id=party_id)
    loan = loans.select_related("certificate").first()
    if loan is None:
        raise NotFound(what="loan")
    bring_up([loan])
    rows = list(loan.instalments.order_by("no"))
    return LoanDetail(
        card=_card(loan, rows, on),
        rows=tuple(_plan_row(row, on) for row in rows),
        chart=tuple(
            ChartPoint(
                due_on=row.due_on,
                principal=Money(row.principal_minor),
                interest=Money(row.interest_minor),
                balance=Money(row.balance_minor),
            )
            for row in rows
        ),
        penalty_rate_annual=loan.penalty_rate_annual,
        grace_days=loan.grace_days,
        is_prepayable=loan.is_prepayable,
        is_prepayable_in_part=loan.state in LIVE and bool(choices_of(loan, life_of(loan))),
        prepayment_fee_rate=loan.prepayment_fee_rate,
        prepayment_fee_paid=_prepayment_fee_paid(loan),
        has_certificate=hasattr(loan, "certificate"),
    )


def _prepayment_fee_paid(loan: Loan) -> Money:
    parts = loan.prepayment_quotes.exclude(used_at=None).aggregate(fee=Sum("fee_minor"))["fee"]
    whole = loan.payoff_quotes.exclude(used_at=None).first()
    return Money((parts or 0) + (whole.prepayment_fee_minor if whole else 0))


def loan_of_agreement(agreement_id: UUID) -> UUID | None:
    """Return the loan made of an agreement, or None while there is none."""
    return Loan.objects.filter(agreement_id=agreement_id).values_list("pk", flat=True).first()


def get_statement(loan_id: UUID, party_id: UUID | None = None) -> tuple[Line, ...]:
    """Return every line of a loan's sub-ledger, oldest first; with `party_id` only that party's.

    Raises NotFound.
    """
    loan = Loan.objects.filter(pk=loan_id).first()
    if loan is None or party_id not in (None, loan.party_id):
        raise NotFound(what="loan")
    return tuple(
        Line(
            kind=row.kind,
            on=row.on,
            booked_at=row.booked_at,
            instalment_no=row.instalment_no,
            amounts=_owed(lambda bucket, row=row: getattr(row, f"{bucket}_minor")),  # type: ignore[misc]
            journal_id=row.journal_id,
        )
        for row in loan.entries.order_by("id")
    )


@dataclass(frozen=True, kw_only=True)
class QuoteView:
    """A payoff quote as it was given; `is_used` once it closed the loan."""

    id: UUID
    loan_id: UUID
    valid_on: date
    quoted_at: datetime
    owed: Owed
    prepayment_fee: Money
    total: Money
    is_used: bool


def get_payoff_quote(quote_id: UUID, party_id: UUID) -> QuoteView:
    """Return a quote on one of the party's loans. Raises NotFound."""
    row = PayoffQuote.objects.filter(pk=quote_id, loan__party_id=party_id).first()
    if row is None:
        raise NotFound(what="payoff-quote")
    owed = _owed(lambda bucket: getattr(row, f"{bucket}_minor"))
    fee = Money(row.prepayment_fee_minor)
    return QuoteView(
        id=row.pk,
        loan_id=row.loan_id,
        valid_on=row.valid_on,
        quoted_at=row.quoted_at,
        owed=owed,
        prepayment_fee=fee,
        total=owed.total + fee,
        is_used=row.used_at is not None,
    )


def party_of_loan_number(number: str) -> UUID | None:
    """Return whose loan has this number, if any: for staff."""
    return Loan.objects.filter(number=number.upper()).values_list("party_id", flat=True).first()


def list_overdue(on: date, limit: int = 200) -> tuple[LoanCard, ...]:
    """Return overdue loans, the longest overdue first: for staff."""
    loans = Loan.objects.filter(state="overdue").order_by("-days_past_due", "id")[:limit]
    return tuple(_cards(loans, on))


def find_loans(
    on: date,
    *,
    state: str = "",
    product_code: str = "",
    text: str = "",
    offset: int = 0,
    limit: int = PAGE,
) -> tuple[LoanCard, ...]:
    """Return loans from `offset` on, newest first, by state, product, or part of a number."""
    loans = _found(state, product_code, text).order_by("-disbursed_at", "-id")
    return tuple(_cards(loans[offset : offset + limit], on))


def count_loans(*, state: str = "", product_code: str = "", text: str = "") -> int:
    """Return how many loans `find_loans` would find in all."""
    return _found(state, product_code, text).count()


def _found(state: str, product_code: str, text: str) -> QuerySet[Loan]:
    loans = Loan.objects.all()
    if state:
        loans = loans.filter(state=state)
    if product_code:
        loans = loans.filter(product_code=product_code)
    if text:
        loans = loans.filter(Q(number__icontains=text))
    return loans


def _cards(loans: QuerySet[Loan], on: date) -> list[LoanCard]:
    found = list(loans)
    bring_up(found)
    cards: list[LoanCard] = []
    # A long list keeps the instalments of no more loans in memory than these at a time.
    for start in range(0, len(found), LOANS_AT_ONCE):
        some = found[start : start + LOANS_AT_ONCE]
        by_loan: dict[UUID, list[Instalment]] = {loan.pk: [] for loan in some}
        for row in Instalment.objects.filter(loan_id__in=list(by_loan)).order_by("loan_id", "no"):
            by_loan[row.loan_id].append(row)
        cards += [_card(loan, by_loan[loan.pk], on) for loan in some]
    return cards


def _card(loan: Loan, rows: list[Instalment], on: date) -> LoanCard:
    # What a loan that was given up still owes falls due no more: it is in its write-off.
    open_rows = [row for row in rows if row.settled_on is None and loan.state in LIVE]
    due = [row for row in open_rows if row.is_due and row.due_on <= on]
    ahead = next((row for row in open_rows if not row.is_due), None)
    planned = [row for row in rows if not row.is_prepayment]
    return LoanCard(
        id=loan.pk,
        number=loan.number,
        party_id=loan.party_id,
        agreement_id=loan.agreement_id,
        drawing_id=loan.drawing_id,
        product_code=loan.product_code,
        product_version=loan.product_version,
        method=loan.method,
        state=loan.state,
        rate_annual=loan.rate_annual,
        principal=Money(loan.principal_minor),
        outstanding=_owed(lambda bucket: getattr(loan, f"{bucket}_outstanding_minor")),
        owed_now=_owed(lambda bucket: sum(row.left(bucket) for row in due)),
        next_due_on=ahead.due_on if ahead else None,
        next_due=Money(_asked_with(ahead, open_rows)) if ahead else Money.zero(),
        instalments=len(planned),
        instalments_paid=sum(row.settled_on is not None for row in planned),
        days_past_due=loan.days_past_due,
        risk_class=loan.risk_class,
        disbursed_on=loan.disbursed_on,
        matures_on=loan.matures_on,
        closed_on=loan.closed_on if loan.state == "closed" else None,
        is_prepaid=loan.is_prepaid,
        is_debit_authorised=loan.is_debit_authorised,
    )


def _plan_row(row: Instalment, on: date) -> PlanRow:
    # What was waived of a due instalment is not asked for any more.
    interest = row.interest_charged_minor if row.is_due else row.interest_minor
    fee = row.fee_charged_minor if row.is_due else row.fee_minor
    return PlanRow(
        no=row.no,
        from_on=row.from_on,
        due_on=row.due_on,
        days=row.days,
        scheduled=Owed(
            principal=Money(row.principal_minor),
            interest=Money(interest),
            penalty=Money(row.penalty_charged_minor),
            fee=Money(fee),
        ),
        payment=Money(row.principal_minor + interest + fee),
        balance=Money(row.balance_minor),
        paid=_owed(lambda bucket: getattr(row, f"{bucket}_paid_minor")),
        left=Money(row.left_minor) if row.is_due else Money.zero(),
        state=_row_state(row, on),
        settled_on=row.settled_on,
    )


def _row_state(row: Instalment, on: date) -> RowState:
    if row.is_prepayment:
        return RowState.PREPAID
    if row.settled_on is not None:
        return RowState.PAID if row.is_due else RowState.SETTLED_EARLY
    if not row.is_due:
        return RowState.AHEAD
    if row.due_on < on:
        return RowState.OVERDUE
    paid = any(getattr(row, f"{bucket}_paid_minor") for bucket in BUCKETS)
    return RowState.PARTLY_PAID if paid else RowState.DUE


def _asked(row: Instalment) -> int:
    return row.principal_minor + row.interest_minor + row.fee_minor


def _asked_with(ahead: Instalment, open_rows: Iterable[Instalment]) -> int:
    """Return what an instalment asks for, with what was put off to its due date."""
    put_off = (row.left_minor for row in open_rows if row.is_due and row.due_on == ahead.due_on)
    return _asked(ahead) + sum(put_off)


def _owed(minor_of: Callable[[str], int]) -> Owed:
    return Owed(**{bucket: Money(minor_of(bucket)) for bucket in BUCKETS})


def owed_today(loan_ids: Iterable[UUID], on: date) -> dict[UUID, Owed]:
    """Return what is due by `on` on each of the loans, by bucket."""
    cards = _cards(Loan.objects.filter(pk__in=list(loan_ids)), on)
    return {card.id: card.owed_now for card in cards}


def owed_under(agreement_ids: Iterable[UUID]) -> Money:
    """Return all that loans of these agreements owe, due or not, given up in the books or not."""
    loans = list(Loan.objects.filter(agreement_id__in=list(agreement_ids)))
    bring_up(loans)
    given_up = WriteOff.objects.filter(loan__in=loans, state="approved")
    return Money(
        sum(loan.owed_minor for loan in loans if loan.state in LIVE)
        + sum(row.left_minor for row in given_up)
    )


def history_of(party_id: UUID) -> PlatformHistory:
    """Return how a party paid here so far: what a credit policy asks of servicing."""
    loans = Loan.objects.filter(party_id=party_id)
    live = Q(state__in=LIVE)
    sums = loans.aggregate(
        # What was given up stays late until all of it came back, and is part of the worst for ever.
        now=Max("days_past_due", filter=~Q(state="recovered")),
        worst=Max("days_past_due_worst"),
        outstanding=Sum("principal_outstanding_minor"),
        live=Count("id", filter=live),
        closed=Count("id", filter=Q(state="closed")),
    )
    return PlatformHistory(
        days_past_due=sums["now"] or 0,
        days_past_due_worst=sums["worst"] or 0,
        outstanding=Money(sums["outstanding"] or 0),
        loans_live=sums["live"],
        loans_closed=sums["closed"],
    )
