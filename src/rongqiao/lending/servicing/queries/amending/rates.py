"""A loan's rate: what another one would be, how it floats, what it was; and which are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.models.amending.rates import FloatingRate, RateStep
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.terms.repricing import Price
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.caps import NoCapKnown, cap_on
from rongqiao.policies.lpr import NoQuote, Quote, lpr_on
from rongqiao.policies.packs import OperatorRole

PLACES = Decimal("1e-8")
# A rate may follow its reference down to here: without any interest it would be another contract.
LOWEST = Decimal("0.0001")
# LPR is quoted each month on the 20th or the next working day: older than this, one is missing.
QUOTE_DAYS = 45


class RateNotAllowed(Refusal):
    """The rate would be nothing or above the loan's ceiling; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.rate-not-allowed"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A yearly rate with the penalty rate that goes with it, and the quote it follows, if any.

    `is_capped` where spread and quote alone would make it another.
    """

    annual: Decimal
    penalty: Decimal
    reference: str = ""
    quoted: Decimal | None = None
    quoted_on: date | None = None
    is_capped: bool = False

    def price(self) -> Price:
        """Return it as the engine takes it."""
        return Price(rate=Fraction(self.annual), penalty_rate=self.penalty)


@dataclass(frozen=True, kw_only=True)
class FloatingView:
    """How a rate floats; `problem` where a reset that is due was put off."""

    reference: str
    spread: Decimal
    reset: str
    next_on: date
    problem: str


@dataclass(frozen=True, kw_only=True)
class RateStepView:
    """A rate from `on`; `quoted` is the reference it follows, if it does."""

    on: date
    cause: str
    before: Decimal
    after: Decimal
    penalty: Decimal
    reference: str
    quoted: Decimal | None
    quoted_on: date | None
    is_capped: bool


def fixed_rate(loan: Loan, annual: Decimal) -> Rate:
    """Return a rate that is agreed on. Raises RateNotAllowed."""
    _check("rate", annual, annual, loan)
    agreed, penalty = _agreed(loan)
    return Rate(annual=annual, penalty=_in_proportion(penalty, annual, agreed))


def floating_rate(loan: Loan, reference: str, spread: Decimal, on: date) -> Rate:
    """Return the rate of `on` that is agreed to float. Raises RateNotAllowed."""
    try:
        quote = lpr_on(on - timedelta(days=1))
    except NoQuote as error:
        raise RateNotAllowed(field="reference", value=on.isoformat(), allowed="2019-08-21 -") from (
            error
        )
    annual = quote.of(reference) + spread
    _check("spread", spread, annual, loan)
    return _following(loan, reference, quote, annual)


def reset_rate(loan: Loan, floating: FloatingRate, on: date) -> Rate | None:
    """Return the rate a floating one becomes on `on`; None while the last quote is not known.

    It follows the quote of the day before, up to the loan's ceiling and down to 0.01 %.
    """
    quote = lpr_on(on - timedelta(days=1))
    if (on - quote.on).days > QUOTE_DAYS:
        return None
    annual = quote.of(floating.reference) + floating.spread
    return _following(loan, floating.reference, quote, annual)


def ceiling_of(loan: Loan) -> Decimal:
    """Return the highest rate the loan may come to: its cap on the day it was lent.

    The cap is held against all a loan costs (decision 7), so one that asks fees never comes to
    more than the rate it was lent at; nor does one for whose day no cap is known.
    """
    return _ceiling(loan, _agreed(loan)[0])


def next_reset(reset: str, lent_on: date, after: date) -> date:
    """Return the first day of reset after a date: a 1 January, or as many years after lending."""
    if reset == "new-year":
        return date(after.year + 1, 1, 1)
    years = after.year - lent_on.year
    coming = add_months(lent_on, 12 * years)
    return coming if coming > after else add_months(lent_on, 12 * (years + 1))


def due_resets(on: date, limit: int) -> tuple[UUID, ...]:
    """Return loans whose rate is to be reset by `on` and was not tried on that day."""
    due = FloatingRate.objects.filter(next_on__lte=on)
    due = due.filter(Q(tried_on=None) | Q(tried_on__lt=on))
    return tuple(due.order_by("next_on", "loan_id").values_list("loan_id", flat=True)[:limit])


def floating_of(loan_id: UUID) -> FloatingView | None:
    """Return how a loan's rate floats, None where it is fixed."""
    row = FloatingRate.objects.filter(pk=loan_id).exclude(next_on=None).first()
    if row is None or row.next_on is None:
        return None
    return FloatingView(
        reference=row.reference,
        spread=row.spread,
        reset=row.reset,
        next_on=row.next_on,
        problem=row.problem,
    )


def list_rates(loan_id: UUID) -> tuple[RateStepView, ...]:
    """Return every rate a loan came to, the latest first."""
    return tuple(
        RateStepView(
            on=row.on,
            cause=row.cause,
            before=row.rate_before,
            after=row.rate_after,
            penalty=row.penalty_after,
            reference=row.reference,
            quoted=row.quoted,
            quoted_on=row.quoted_on,
            is_capped=row.is_capped,
        )
        for row in RateStep.objects.filter(loan_id=loan_id).order_by("-no")
    )


def _following(loan: Loan, reference: str, quote: Quote, annual: Decimal) -> Rate:
    agreed, penalty = _agreed(loan)
    allowed = max(LOWEST, min(annual, _ceiling(loan, agreed)))
    return Rate(
        annual=allowed,
        penalty=_in_proportion(penalty, allowed, agreed),
        reference=reference,
        quoted=quote.of(reference),
        quoted_on=quote.on,
        is_capped=allowed != annual,
    )


def _ceiling(loan: Loan, agreed: Decimal) -> Decimal:
    asks_fees = (
        loan.instalments.filter(fee_minor__gt=0).exists()
        or loan.entries.filter(fee_minor__gt=0).exists()
    )
    if asks_fees:
        return agreed
    try:
        role = OperatorRole(settings.OPERATOR_ROLE)
        return max(agreed, cap_on(role, loan.disbursed_on, loan.matures_on).rate)
    except NoCapKnown:
        return agreed


def _check(field: str, value: Decimal, annual: Decimal, loan: Loan) -> None:
    ceiling = ceiling_of(loan)
    if not LOWEST <= annual <= ceiling:
        allowed = f"{LOWEST * 100:.2f}% - {ceiling * 100:.2f}%"
        raise RateNotAllowed(field=field, value=f"{value * 100:.2f}%", allowed=allowed)


def _in_proportion(penalty: Decimal, annual: Decimal, agreed: Decimal) -> Decimal:
    """Return the penalty rate of a rate: as many times it as on the day of lending."""
    return (penalty * annual / agreed).quantize(PLACES, ROUND_HALF_UP)


def _agreed(loan: Loan) -> tuple[Decimal, Decimal]:
    """Return the rate and the penalty rate that the loan was lent at."""
    first = loan.rate_steps.order_by("no").first()
    if first is None:
        return loan.rate_annual, loan.penalty_rate_annual
    return first.rate_before, first.penalty_before
