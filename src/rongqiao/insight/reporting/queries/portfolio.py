"""The months that were summed up, read back for a product or for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum

from rongqiao.insight.reporting.models import CohortMonth, EarnedMonth
from rongqiao.insight.reporting.queries.cohorts import Cohort, Earned
from rongqiao.insight.reporting.queries.provision import ClassBalance
from rongqiao.lending.servicing.queries.portfolio import month_end_classes

_SUMS = {
    "lent": "lent_minor",
    "before": "before_minor",
    "expected": "expected_minor",
    "left": "now_minor",
    "prepaid": "prepaid_minor",
    "reached_30_lent": "reached_30_lent_minor",
    "reached_90_lent": "reached_90_lent_minor",
}
_COUNTS = ("loans", "reached_30", "reached_90")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The months kept: the first and last of them, and the products seen in them."""

    first: date | None
    last: date | None
    products: tuple[str, ...]


def months_kept() -> Kept:
    """Return what there is to choose from."""
    seen = CohortMonth.objects.values_list("product_code", "on").distinct()
    pairs = list(seen.order_by("product_code", "on"))
    months = sorted(on for _product, on in pairs)
    return Kept(
        first=months[0] if months else None,
        last=months[-1] if months else None,
        products=tuple(sorted({product for product, _on in pairs})),
    )


def list_cohorts(since: date, until: date, product_code: str = "") -> tuple[Cohort, ...]:
    """Return the moves of months that ended between two dates, both included, oldest first."""
    rows = CohortMonth.objects.filter(on__range=(since, until))
    if product_code:
        rows = rows.filter(product_code=product_code)
    sums = {name: Sum(column) for name, column in _SUMS.items()}
    summed = rows.values("on", "lent_in", "was", "now").annotate(
        **sums, **{f"sum_{name}": Sum(name) for name in _COUNTS}
    )
    named: Iterable[dict[str, Any]] = map(dict, summed.order_by("on", "lent_in", "was", "now"))
    return tuple(
        Cohort(**{key.removeprefix("sum_"): value for key, value in row.items()}) for row in named
    )


def list_earned(since: date, until: date, product_code: str = "") -> tuple[Earned, ...]:
    """Return what was earned in months that ended between two dates, oldest first."""
    rows = EarnedMonth.objects.filter(on__range=(since, until))
    if product_code:
        rows = rows.filter(product_code=product_code)
    sums = {name: Sum(f"{name}_minor") for name in ("interest", "penalty", "fee")}
    summed: Iterable[dict[str, Any]] = map(dict, rows.values("on").annotate(**sums).order_by("on"))
    return tuple(Earned(**row) for row in summed)


def list_class_balances(
    since: date, until: date, product_code: str = ""
) -> tuple[ClassBalance, ...]:
    """Return principal by five-tier class of months that ended between two dates, oldest first."""
    return tuple(
        ClassBalance(on=on, risk_class=risk_class, principal=principal)
        for on, risk_class, principal in month_end_classes(since, until, product_code)
    )
