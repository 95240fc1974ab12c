"""Changes of a loan's terms: what one would do to the plan, and those that were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.signed_paper import signed_paper
from rongqiao.lending.products.queries import list_versions
from rongqiao.lending.servicing.engine import Life, Row
from rongqiao.lending.servicing.models.amending.changes import (
    BY_RATE,
    RESTRUCTURING,
    TermChange,
)
from rongqiao.lending.servicing.models.amending.draws import FurtherDraw
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.queries.amending.rates import (
    Rate,
    RateNotAllowed,
    fixed_rate,
    floating_rate,
)
from rongqiao.lending.servicing.queries.amending.recalls import coming_recall
from rongqiao.lending.servicing.queries.lives import life_of, plan_rule_of
from rongqiao.lending.servicing.terms.changing import Change, changed, unfit
from rongqiao.lending.servicing.terms.repricing import repriced, unpriced
from rongqiao.lending.servicing.terms.restructuring import Relief, restructured, unrelieved
from rongqiao.platform.crypto import decrypt
from rongqiao.platform.refusals import Kind, NotFound, Refusal

TITLE = "借款合同补充协议"
# Loans of up to a year may be doubled, longer ones may reach the product's longest term: the rule
# of 个人贷款管理办法 on extensions, recalled; hold it against the text in force.
SHORT_MONTHS = 12


class TermsNotChangeable(Refusal):
    """The loan or its plan does not take this change; fact: `reason`.

    `state`, `parked`, `day-closing`, `plan`, `method`, `due`, `months`, `pause`, `spread`,
    `watched`, `nothing`, or `recalled`: a notice stands that would have to be revoked first.
    """

    code = "servicing.terms-not-changeable"


class ExtensionTooLong(Refusal):
    """All extensions together would be longer than allowed; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.extension-too-long"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for: `kind` and `months`, and for a holiday what becomes of the rest.

    Or another rate: `rate_annual` fixed, or a `spread` over `reference` with its `reset`. A
    restructuring may ask for months, a lower fixed rate or both.
    """

    kind: str
    months: int = 0
    is_end_moved: bool = False
    is_spread: bool = False
    rate_annual: Decimal | None = None
    reference: str = ""
    spread: Decimal | None = None
    reset: str = ""

    def change(self) -> Change:
        """Return it as the engine takes it."""
        if self.kind == "extension":
            return Change(more=self.months)
        return Change(
            more=self.months if self.is_end_moved else 0,
            pause=self.months,
            pays_interest=self.kind == "principal-holiday",
            is_spread=self.is_spread,
        )


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """A row ahead, one put off that is due later, or one that is late: what is left of it."""

    no: int
    from_on: date
    due_on: date
    principal: Money
    interest: Money
    fee: Money
    balance: Money
    penalty: Money = field(default_factory=Money.zero)

    @property
    def payment(self) -> Money:
        """All of it."""
        return self.principal + self.interest + self.penalty + self.fee


@dataclass(frozen=True, kw_only=True)
class ChangeQuote:
    """The rows ahead before and after, and how much more interest that is.

    A restructuring shows late rows before too, and the day its watch ends at the earliest.
    """

    before: tuple[PlannedRow, ...]
    after: tuple[PlannedRow, ...]
    watched_until: date | None = None

    @property
    def total(self) -> Money:
        """All that is to be paid after."""
        return sum((row.payment for row in self.after), Money.zero())

    @property
    def more_interest(self) -> Money:
        """The interest of the new plan less that of the old one; below zero where it is less."""
        after = sum((row.interest for row in self.after), Money.zero())
        return after - sum((row.interest for row in self.before), Money.zero())

    @property
    def penalty(self) -> Money:
        """The penalty interest that is to be paid after, put off with what else was late."""
        return sum((row.penalty for row in self.after), Money.zero())

    @property
    def next_due(self) -> Money:
        """What is to be paid on the first due date after."""
        on = self.after[0].due_on
        return sum((row.payment for row in self.after if row.due_on == on), Money.zero())


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """A change and where it stands; `quote`, and its `rate`, while it waits and can be made."""

    id: UUID
    wish: Wish
    consent: str
    reason: str
    evidence: str
    state: str
    proposed_by: str
    proposed_on: date
    decided_by: str
    decided_on: date | None
    number: str
    quote: ChangeQuote | None
    rate: Rate | None


@dataclass(frozen=True, kw_only=True)
class SupplementView:
    """The supplement to an agreement, for its holder."""

    id: UUID
    number: str
    made_on: date
    text: str
    text_sha256: str


def changed_life(loan: Loan, wish: Wish, on: date) -> tuple[Life, Life]:
    """Return a loan before and after the change on the open business date `on`.

    Raises TermsNotChangeable, ExtensionTooLong, RateNotAllowed.
    """
    _refuse_closed_to_change(loan, wish, on)
    life, rule = life_of(loan), plan_rule_of(loan)
    if wish.kind == RESTRUCTURING:
        return life, _relieved(loan, life, wish, on)
    if wish.kind in BY_RATE:
        if reason := unpriced(life, on, rule, is_agreed=True):
            raise TermsNotChangeable(reason=reason)
        return life, repriced(life, on, rule, rate_of(loan, wish, on).price())
    change = wish.change()
    if reason := unfit(life, on, change, rule):
        raise TermsNotChangeable(reason=reason)
    after = changed(life, on, change, rule)
    _check_length(loan, after.rows[-1].due_on, wish)
    return life, after


def _refuse_closed_to_change(loan: Loan, wish: Wish, on: date) -> None:
    if loan.state not in LIVE:
        raise TermsNotChangeable(reason="state")
    # Relief on relief is another restructuring, whatever it is called.
    if loan.watched_until and wish.kind != RESTRUCTURING:
        raise TermsNotChangeable(reason="watched")
    if coming_recall(loan.pk):
        raise TermsNotChangeable(reason="recalled")
    if ParkedLoan.objects.filter(loan_id=loan.pk, released_at=None).exists():
        raise TermsNotChangeable(reason="parked")
    if EndOfDayStep.objects.filter(on=on).exists():
        raise TermsNotChangeable(reason="day-closing")


def _relieved(loan: Loan, life: Life, wish: Wish, on: date) -> Life:
    """Return the life as restructured; the length rule is on extensions alone."""
    rule = plan_rule_of(loan)
    if wish.rate_annual is not None and wish.rate_annual >= loan.rate_annual:
        allowed = f"< {loan.rate_annual * 100:.2f}%"
        value = f"{wish.rate_annual * 100:.2f}%"
        raise RateNotAllowed(field="rate", value=value, allowed=allowed)
    price = rate_of(loan, wish, on).price() if wish.rate_annual is not None else None
    relief = Relief(wish.months, price)
    if reason := unrelieved(life, on, relief, rule):
        raise TermsNotChangeable(reason=reason)
    return restructured(life, on, relief, rule)


def rate_of(loan: Loan, wish: Wish, on: date) -> Rate:
    """Return the rate that is asked for. Raises RateNotAllowed."""
    if wish.spread is not None:
        return floating_rate(loan, wish.reference, wish.spread, on)
    assert wish.rate_annual is not None, wish
    return fixed_rate(loan, wish.rate_annual)


def _check_length(loan: Loan, matures_on: date, wish: Wish) -> None:
    former = loan.former_plans.order_by("no").first()
    agreed_on = date.fromisoformat(former.rows[-1][2]) if former else loan.matures_on
    agreed = _months(loan.disbursed_on, agreed_on)
    if agreed <= SHORT_MONTHS:
        most = 2 * agreed
    else:
        version = next(
            (one for one in list_versions(loan.product_code) if one.number == loan.product_version),
            None,
        )
        longest = version.terms.term_max * version.terms.months_per_term if version else 0
        most = max(agreed, longest)
    over = _months(loan.disbursed_on, matures_on) - most
    if over > 0 and matures_on > loan.matures_on:
        allowed = f"0 - {max(0, wish.months - over)}"
        raise ExtensionTooLong(field="months", value=str(wish.months), allowed=allowed)


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def open_rows(life: Life, on: date) -> tuple[Row, ...]:
    """Return the rows ahead, after those that were put off to a day after `on`."""
    off = [row for row in life.rows if row.is_due and row.left and row.due_on > on]
    return (*off, *(row for row in life.rows if not row.is_due))


def unpaid_rows(life: Life) -> tuple[Row, ...]:
    """Return the rows ahead, after those that are late or were put off."""
    return tuple(row for row in life.rows if not row.is_due or row.left)


def quote_of(before: Life, after: Life, on: date) -> ChangeQuote:
    """Return both plans side by side."""
    is_relieved = before.watched_until != after.watched_until
    old = unpaid_rows(before) if is_relieved else open_rows(before, on)
    return ChangeQuote(
        before=planned_rows(old),
        after=planned_rows(open_rows(after, on)),
        watched_until=after.watched_until if is_relieved else None,
    )


def planned_rows(rows: Sequence[Row]) -> tuple[PlannedRow, ...]:
    """Return rows with the principal that is left after each."""
    balance, found = sum(row.principal - row.principal_paid for row in rows), []
    for row in rows:
        balance -= row.principal - row.principal_paid
        found.append(
            PlannedRow(
                no=row.no,
                from_on=row.from_on,
                due_on=row.due_on,
                principal=Money(row.principal - row.principal_paid),
                interest=Money(row.interest - row.interest_paid),
                penalty=Money(row.penalty - row.penalty_paid),
                fee=Money(row.fee - row.fee_paid),
                balance=Money(balance),
            )
        )
    return tuple(found)


def quote_change(loan_id: UUID, wish: Wish, on: date) -> ChangeQuote:
    """Return what a change would do.

    Raises NotFound, TermsNotChangeable, ExtensionTooLong, RateNotAllowed.
    """
    loan = Loan.objects.filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    return quote_of(*changed_life(loan, wish, on), on)


def quote_rate(loan_id: UUID, wish: Wish, on: date) -> Rate | None:
    """Return the rate a change would bring, None where it brings none. Raises RateNotAllowed."""
    if wish.rate_annual is None and wish.spread is None:
        return None
    return rate_of(Loan.objects.get(pk=loan_id), wish, on)


def wish_of(row: TermChange) -> Wish:
    """Return what a change asks for."""
    return Wish(
        kind=row.kind,
        months=row.months,
        is_end_moved=row.is_end_moved,
        is_spread=row.is_spread,
        rate_annual=row.rate_annual,
        reference=row.reference,
        spread=row.spread,
        reset=row.reset,
    )


def list_changes(loan_id: UUID, on: date) -> tuple[ChangeView, ...]:
    """Return a loan's changes, the latest first; one that waits with its quote as of `on`."""
    rows = TermChange.objects.filter(loan_id=loan_id).select_related("loan")
    return tuple(_view(row, on) for row in rows.order_by("-proposed_at", "-id"))


def _view(row: TermChange, on: date) -> ChangeView:
    quote = _quote_now(row, on) if row.state == "waiting" else None
    return ChangeView(
        id=row.pk,
        wish=wish_of(row),
        consent=row.consent,
        reason=row.reason,
        evidence=row.evidence,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_on=row.proposed_on,
        decided_by=row.decided_by,
        decided_on=row.decided_on,
        number=row.number,
        quote=quote,
        rate=quote_rate(row.loan_id, wish_of(row), on) if quote else None,
    )


def _quote_now(row: TermChange, on: date) -> ChangeQuote | None:
    """Return what a waiting change would do today, None where it cannot be made any more."""
    try:
        return quote_of(*changed_life(row.loan, wish_of(row), on), on)
    except Refusal:
        return None


def list_supplements(loan_id: UUID, party_id: UUID) -> tuple[SupplementView, ...]:
    """Return the supplements to a party's agreement, the latest first: changes and draws."""
    changes = TermChange.objects.filter(loan_id=loan_id, loan__party_id=party_id, state="approved")
    draws = FurtherDraw.objects.filter(loan_id=loan_id, loan__party_id=party_id)
    draws = draws.exclude(drawn_at=None)
    dated: list[tuple[datetime, UUID, TermChange | FurtherDraw]] = [
        (row.decided_at, row.pk, row) for row in changes if row.decided_at
    ]
    dated += [(row.drawn_at, row.pk, row) for row in draws if row.drawn_at]
    latest = sorted(dated, key=lambda one: one[:2], reverse=True)
    return tuple(_supplement(row) for _, _, row in latest)


def get_supplement(supplement_id: UUID, party_id: UUID) -> SupplementView:
    """Return the supplement of a change or a further draw. Raises NotFound."""
    mine = {"pk": supplement_id, "loan__party_id": party_id}
    row = (
        TermChange.objects.filter(**mine, state="approved").first()
        or FurtherDraw.objects.filter(**mine).exclude(drawn_at=None).first()
    )
    if row is None:
        raise NotFound(what="supplement")
    return _supplement(row)


def _supplement(row: TermChange | FurtherDraw) -> SupplementView:
    made_on = row.decided_on if isinstance(row, TermChange) else row.valid_on
    assert made_on is not None, row
    assert row.text_sealed is not None, row
    table = row._meta.db_table
    return SupplementView(
        id=row.pk,
        number=row.number,
        made_on=made_on,
        text=decrypt(row.text_sealed, table=table, column="text_sealed", row=row.pk),
        text_sha256=row.text_sha256,
    )


def render_supplement(supplement_id: UUID, party_id: UUID) -> bytes:
    """Return the supplement as PDF signed by the platform. Raises NotFound."""
    found = get_supplement(supplement_id, party_id)
    below = (
        '<div class="record"><p>正文摘要（SHA-256）：'
        f'<span class="hash">{found.text_sha256}</span></p></div>'
    )
    return signed_paper(title=TITLE, number=found.number, text=found.text, below=below)
