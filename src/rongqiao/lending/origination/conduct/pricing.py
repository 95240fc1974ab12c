"""The price of an offer or a drawing on a contract date: its sheet, held against the cap."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_FLOOR, Decimal

from django.conf import settings

from rongqiao.finance.money import Money
from rongqiao.finance.schedule.terms import BadTerms
from rongqiao.lending.origination.models import Application, Drawing
from rongqiao.lending.origination.paper.sheet import Priced, Sheet, sheet_of
from rongqiao.lending.products.queries import LoanCost, VersionView
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.caps import Cap, NoCapKnown, cap_on
from rongqiao.policies.packs import OperatorRole

_STEP = Decimal("0.0001")


class AboveCap(Refusal):
    """The all-in cost passes the cap of the contract date; facts: `value`, `allowed`, `rule`."""

    kind, code = Kind.INVALID, "origination.above-cap"


class NoSuchSchedule(Refusal):
    """No schedule comes of these terms; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.no-schedule"


def priced_offer(case: Application, version: VersionView) -> Priced:
    """Return the offer that stands on a case, as `version` prices it on its day.

    A rate that floats was offered by its grade: it is what the quote of the day makes of it.
    """
    assert case.offered_minor is not None
    assert case.offered_rate_annual is not None
    assert case.offered_term is not None
    terms, rate = version.terms, case.offered_rate_annual
    if terms.floating is not None:
        rate = terms.offer.rate_of(case.offered_grade)
    return Priced(
        product=version.label,
        terms=terms,
        is_limit=terms.is_revolving,
        amount=Money(case.offered_minor),
        rate_annual=rate,
        term_count=case.offered_term,
        points=terms.points_of(case.offered_grade),
    )


def priced_drawing(drawing: Drawing, version: VersionView) -> Priced:
    """Return a drawing at its limit's rate."""
    return Priced(
        product=version.label,
        terms=version.terms,
        is_limit=False,
        amount=Money(drawing.amount_minor),
        rate_annual=drawing.limit.rate_annual,
        term_count=drawing.term_count,
    )


def priced_sheet(priced: Priced, on: date) -> Sheet:
    """Return the cost sheet of a contract made on `on`. Raises AboveCap, NoSuchSchedule."""
    cost = _cost(priced, on)
    cap = _cap(on, cost.rows[-1].due_on)
    all_in = cost.all_in(priced.rate_annual)
    if all_in > cap.rate:
        raise AboveCap(value=str(all_in), allowed=str(cap.rate), rule=",".join(cap.keys))
    return sheet_of(priced, cost, on, cap)


def highest_rate(version: VersionView, amount: Money, term_count: int, on: date) -> Decimal:
    """Return the highest annual rate, a whole hundredth of a percent, whose all-in cost fits.

    Fees count into what the cap holds and take their part of it first; 0 where they alone pass it.
    Raises AboveCap where no cap is known, and NoSuchSchedule.
    """
    terms = version.terms
    rate = Decimal(1)
    while rate > 0:
        cost = _cost(
            Priced(
                product=version.label,
                terms=terms,
                is_limit=terms.is_revolving,
                amount=amount,
                rate_annual=rate,
                term_count=term_count,
            ),
            on,
        )
        # The all-in cost is never less than the rate, so what is over comes off the rate.
        over = cost.all_in(rate) - _cap(on, cost.rows[-1].due_on).rate
        if over <= 0:
            return rate
        rate = (rate - over).quantize(_STEP, rounding=ROUND_FLOOR)
    return Decimal(0)


def _cost(priced: Priced, on: date) -> LoanCost:
    try:
        return priced.cost(on)
    except BadTerms as problem:
        raise NoSuchSchedule(
            field=problem.field, value=str(problem.given), allowed=problem.allowed
        ) from problem


def _cap(on: date, ends_on: date) -> Cap:
    try:
        return cap_on(OperatorRole(settings.OPERATOR_ROLE), on, ends_on)
    except NoCapKnown as problem:
        raise AboveCap(value="", allowed=str(problem), rule="") from problem
