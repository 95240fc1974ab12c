"""Payments that were put right or could be, and what that does to a loan before it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import RiskClass, State
from rongqiao.lending.servicing.models.amending.corrections import BACK_DATED, Correction
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.amending.lived import (
    Payment,
    Told,
    lived_otherwise,
    payments_of,
    told_of,
)
from rongqiao.lending.servicing.replay import (
    Happening,
    Paid,
    Standing,
    TakenBack,
    closed_to,
    replay,
)
from rongqiao.money.ledger.queries.periods import closed_through
from rongqiao.platform.refusals import Kind, NotFound, Refusal

# The payment to be booked has no journal yet; journals count from 1.
NOT_BOOKED = 0


class ValueDateOutOfRange(Refusal):
    """A payment counts from a day of the loan's life before today, in a month that is open.

    Facts: `field`, `value`, `allowed`.
    """

    kind, code = Kind.INVALID, "servicing.value-date-out-of-range"


class MoreThanWasOwed(Refusal):
    """On that day less was due than the payment; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.more-than-was-owed"


class PaymentNotThere(Refusal):
    """The loan has no such payment of what was due, or it was taken back before."""

    kind, code = Kind.NOT_FOUND, "servicing.payment-not-there"


class LimitDrawn(Refusal):
    """A drawing's repaid principal may be drawn anew already: its payment is not taken back."""

    code = "servicing.payment-of-drawing"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A loan's life as told and as it would be told; of which payment, by what was settled."""

    told: Told
    after: Standing
    payment: Payment | None

    @property
    def before(self) -> Standing:
        """Where the loan stands now."""
        return self.told.standing

    @property
    def charged_less(self) -> int:
        """Fen of charges that are given back; below zero where more is charged."""
        return _charged(self.before) - _charged(self.after)

    @property
    def to_wallet(self) -> int:
        """Fen that go to the payer's wallet; below zero where they are taken from it."""
        return _paid(self.before) - _paid(self.after)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a loan owes at one time: all principal, and of the rest what has fallen due."""

    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    days_past_due: int
    risk_class: str
    state: str


@dataclass(frozen=True, kw_only=True)
class EffectView:
    """A loan before and after a payment is put right, and the money that moves.

    `given_back` are charges; `to_wallet` is below zero where the wallet pays.
    """

    before: Figures
    after: Figures
    given_back: Money
    to_wallet: Money


@dataclass(frozen=True, kw_only=True)
class CorrectionView:
    """A correction and where it stands; `effect` while it waits and once it was done."""

    id: UUID
    kind: str
    amount: Money
    value_on: date
    reason: str
    state: str
    proposed_by: str
    proposed_on: date
    decided_by: str
    decided_on: date | None
    effect: EffectView | None


@dataclass(frozen=True, kw_only=True)
class PaymentView:
    """A payment that stands and could be taken back, by its journal."""

    journal: int
    booked_on: date
    value_on: date
    amount: Money


def effect_of(loan: Loan, correction: Correction, on: date) -> Effect:
    """Return what a correction does to a live loan on the open business date `on`.

    Raises LoanEnded, LoanNotReplayed, PaymentNotThere, LimitDrawn, ValueDateOutOfRange,
    MoreThanWasOwed.
    """
    told = told_of(loan, on)
    if correction.kind == BACK_DATED:
        return _back_dated(loan, told, correction, on)
    payment = _payment(told.payments, correction.payment_journal)
    if loan.drawing_id is not None:
        raise LimitDrawn(number=loan.number)
    back = TakenBack(on=on, ref=payment.journal)
    after = lived_otherwise(told, [*told.happenings, back], on)
    return Effect(told=told, after=after, payment=payment)


def _payment(payments: Iterable[Payment], journal: int | None) -> Payment:
    found = next((one for one in payments if one.journal == journal), None)
    if found is None:
        raise PaymentNotThere(journal=str(journal))
    return found


def _back_dated(loan: Loan, told: Told, correction: Correction, on: date) -> Effect:
    value_on, through = correction.value_on, closed_through()
    if not loan.disbursed_on <= value_on < on or (through and value_on <= through):
        first = max(loan.disbursed_on, through) if through else loan.disbursed_on
        raise ValueDateOutOfRange(
            field="value_on",
            value=value_on.isoformat(),
            allowed=f"{first.isoformat()} - {on.isoformat()}",
        )
    owed = _owed_then(told, value_on)
    if not 0 < correction.amount_minor <= owed:
        raise MoreThanWasOwed(
            field="amount",
            value=Money(correction.amount_minor).text(),
            allowed=f"0.01 - {Money(owed).text()}",
        )
    paid = Paid(on=value_on, ref=NOT_BOOKED, amount=correction.amount_minor)
    after = lived_otherwise(told, [*told.happenings, paid], on)
    return Effect(told=told, after=after, payment=None)


def _owed_then(told: Told, value_on: date) -> int:
    """Return what was due on a past day once everything of that day had happened."""
    until: list[Happening] = [one for one in told.happenings if one.on <= value_on]
    standing = closed_to(replay(told.opened, until, value_on), value_on)
    return sum(row.left for row in standing.life.rows if row.is_due and row.due_on <= value_on)


def _charged(standing: Standing) -> int:
    return sum(row.interest + row.fee + row.penalty for row in standing.life.rows if row.is_due)


def _paid(standing: Standing) -> int:
    return sum(
        row.principal_paid + row.interest_paid + row.fee_paid + row.penalty_paid
        for row in standing.life.rows
    )


def view_of(effect: Effect) -> EffectView:
    """Return the effect in plain figures."""
    return EffectView(
        before=_figures(effect.before),
        after=_figures(effect.after),
        given_back=Money(effect.charged_less),
        to_wallet=Money(effect.to_wallet),
    )


def _figures(standing: Standing) -> Figures:
    due = [row for row in standing.life.rows if row.is_due]
    return Figures(
        principal=Money(sum(row.principal - row.principal_paid for row in standing.life.rows)),
        interest=Money(sum(row.interest - row.interest_paid for row in due)),
        penalty=Money(sum(row.penalty - row.penalty_paid for row in due)),
        fee=Money(sum(row.fee - row.fee_paid for row in due)),
        days_past_due=standing.life.days_past_due,
        risk_class=standing.risk_class.value,
        state=standing.life.state.value,
    )


def kept(effect: EffectView) -> dict[str, object]:
    """Return the effect as a correction keeps it, amounts in fen."""
    return {
        "before": _plain(effect.before),
        "after": _plain(effect.after),
        "given_back": effect.given_back.minor,
        "to_wallet": effect.to_wallet.minor,
    }


_MONEY = ("principal", "interest", "penalty", "fee")


def _plain(figures: Figures) -> dict[str, int | str]:
    amounts = {name: getattr(figures, name).minor for name in _MONEY}
    return amounts | {
        "days_past_due": figures.days_past_due,
        "risk_class": RiskClass(figures.risk_class).value,
        "state": State(figures.state).value,
    }


def _read(plain: dict[str, int | str]) -> Figures:
    amounts = {name: Money(int(plain[name])) for name in _MONEY}
    return Figures(
        **amounts,
        days_past_due=int(plain["days_past_due"]),
        risk_class=str(plain["risk_class"]),
        state=str(plain["state"]),
    )


def list_corrections(loan_id: UUID, on: date) -> tuple[CorrectionView, ...]:
    """Return a loan's corrections, the latest first; one that waits with its effect as of `on`."""
    rows = Correction.objects.filter(loan_id=loan_id).select_related("loan")
    return tuple(_view(row, on) for row in rows.order_by("-proposed_at", "-id"))


def _view(row: Correction, on: date) -> CorrectionView:
    effect = None
    if row.effect:
        effect = EffectView(
            before=_read(row.effect["before"]),
            after=_read(row.effect["after"]),
            given_back=Money(row.effect["given_back"]),
            to_wallet=Money(row.effect["to_wallet"]),
        )
    elif row.state == "waiting":
        effect = _effect_now(row, on)
    return CorrectionView(
        id=row.pk,
        kind=row.kind,
        amount=Money(row.amount_minor),
        value_on=row.value_on,
        reason=row.reason,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_on=row.proposed_on,
        decided_by=row.decided_by,
        decided_on=row.decided_on,
        effect=effect,
    )


def _effect_now(row: Correction, on: date) -> EffectView | None:
    """Return what a waiting correction would do today, None where it cannot be done any more."""
    try:
        return view_of(effect_of(row.loan, row, on))
    except Refusal:
        return None


def quote_reversal(loan_id: UUID, journal: int, on: date) -> EffectView:
    """Return what taking a payment back would do. Raises NotFound, and what `effect_of` does."""
    loan = _loan(loan_id)
    asked = Correction(loan=loan, kind="operator-error", payment_journal=journal)
    return view_of(effect_of(loan, asked, on))


def quote_backdating(loan_id: UUID, amount: Money, value_on: date, on: date) -> EffectView:
    """Return what a payment counted from `value_on` would do. Raises as `quote_reversal`."""
    loan = _loan(loan_id)
    asked = Correction(loan=loan, kind=BACK_DATED, amount_minor=amount.minor, value_on=value_on)
    return view_of(effect_of(loan, asked, on))


def list_payments(loan_id: UUID) -> tuple[PaymentView, ...]:
    """Return the payments of what was due that stand, the latest first. Raises NotFound."""
    return tuple(
        PaymentView(
            journal=one.journal,
            booked_on=one.booked_on,
            value_on=one.value_on,
            amount=Money(one.amount),
        )
        for one in payments_of(_loan(loan_id))[::-1]
    )


def _loan(loan_id: UUID) -> Loan:
    loan = Loan.objects.filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    return loan
