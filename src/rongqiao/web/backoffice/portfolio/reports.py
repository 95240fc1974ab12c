"""The portfolio's months as tables and charts: from estimates to what a page and a file show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import Money
from rongqiao.insight.reporting.queries.cohorts import STANDING, Place
from rongqiao.insight.reporting.queries.estimators import (
    Measure,
    Prepaid,
    Rolled,
    Standing,
    Vintage,
    Yield,
)
from rongqiao.insight.reporting.queries.provision import SPECIAL_PERCENT, Provision
from rongqiao.web.backoffice.portfolio.rooms import CLASSES
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.charts import Chart, Series, lines, stacked_bars

PLACES = {
    Place.CURRENT: gettext_lazy("未逾期"),
    Place.LATE_1: gettext_lazy("逾期 1–29 天"),
    Place.LATE_30: gettext_lazy("逾期 30–59 天"),
    Place.LATE_60: gettext_lazy("逾期 60–89 天"),
    Place.LATE_90: gettext_lazy("逾期 90 天以上"),
    Place.PAID: gettext_lazy("结清"),
    Place.LOST: gettext_lazy("核销"),
}
# Months on book that a page has room for; a file has them all.
AGES_SHOWN = (1, 2, 3, 6, 9, 12, 18, 24, 30, 36)
CURVES_DRAWN = 5
_PART = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Report:
    """A chart and its table twin: texts and whole numbers, amounts as Money, shares as fractions.

    `filed` has the heads and rows of the file where it holds more than the page.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    chart: Chart | None = None
    filed: tuple[Sequence[str], Sequence[Sequence[Any]]] | None = None

    @property
    def as_file(self) -> tuple[Sequence[str], list[list[Any]]]:
        """Return heads and rows for a file: shares are decimal fractions of four places."""
        heads, rows = self.filed or (self.heads, self.rows)
        return heads, [[_filed(one) for one in row] for row in rows]

    @property
    def shown(self) -> list[list[dict[str, Any]]]:
        """Return the rows for a page, each cell with its head, and how it is written."""
        return [
            [
                {"head": head, "value": one, "kind": _kind(one)}
                for head, one in zip(self.heads, row, strict=True)
            ]
            for row in self.rows
        ]


def vintage_report(vintages: Sequence[Vintage], days: int) -> Report:
    """Return the curves of every month of lending; the chart draws the latest few."""
    oldest = max((len(one.shares) for one in vintages), default=0)
    ages = [age for age in AGES_SHOWN if age < oldest]
    fixed = (_("放款月份"), _("放款笔数"), _("放款金额"))
    drawn = [one for one in vintages if len(one.shares) > 1][-CURVES_DRAWN:]
    longest = max((len(one.shares) for one in drawn), default=0)
    chart = lines(
        "vintages",
        _("放款后各月累计逾期 %(days)s 天以上的占比（%%）") % {"days": days},
        [str(age) for age in range(longest)],
        [Series(_month(one.lent_in), [_points(share) for share in one.shares]) for one in drawn],
    )
    every = range(oldest)
    return Report(
        heads=(*fixed, *(_("第 %(n)s 月") % {"n": age} for age in ages)),
        rows=[_vintage_row(one, ages) for one in vintages],
        chart=_plain(chart) if drawn else None,
        filed=(
            (*fixed, *(_("第 %(n)s 月") % {"n": age} for age in every)),
            [_vintage_row(one, every) for one in vintages],
        ),
    )


def _vintage_row(one: Vintage, ages: Sequence[int]) -> list[Any]:
    shares = [one.shares[age] if age < len(one.shares) else None for age in ages]
    return [_month(one.lent_in), one.loans, Money(one.lent), *shares]


def roll_report(rolled: Sequence[Rolled], measure: Measure) -> Report:
    """Return the matrix: a row for every bucket of the month before, shares of where it went."""
    seen = _("笔·月") if measure is Measure.LOANS else _("月初金额")
    rows = [
        [
            str(PLACES[one.was]),
            one.seen if measure is Measure.LOANS else Money(one.seen),
            *(one.shares.get(place) for place in Place),
        ]
        for one in rolled
    ]
    return Report(heads=(_("上月末"), seen, *(str(PLACES[place]) for place in Place)), rows=rows)


def delinquency_report(months: Sequence[Standing]) -> Report:
    """Return the balance by bucket at every month's end, and the shares 30 and 90 days late."""
    chart = stacked_bars(
        "delinquency",
        _("各月末本金余额，按逾期天数"),
        [_month(one.on) for one in months],
        [Series(str(PLACES[place]), [one.by_place[place] for one in months]) for place in STANDING],
    )
    rows = [
        [
            _month(one.on),
            Money(one.total),
            *(Money(one.by_place[place]) for place in STANDING),
            one.share_from(Place.LATE_30),
            one.share_from(Place.LATE_90),
        ]
        for one in months
    ]
    names = (str(PLACES[place]) for place in STANDING)
    heads = (_("月末"), _("本金余额"), *names, _("30 天以上占比"), _("90 天以上占比"))
    return Report(heads=heads, rows=rows, chart=chart if months else None)


def prepayment_report(months: Sequence[Prepaid]) -> Report:
    """Return what was paid ahead each month, by itself and as a yearly rate."""
    chart = lines(
        "prepayment",
        _("提前还款率（%%）") % {},
        [_month(one.on) for one in months],
        [
            Series("CPR", [_points(one.cpr) for one in months]),
            Series("SMM", [_points(one.smm) for one in months]),
        ],
    )
    return Report(
        heads=(_("月末"), _("提前偿还本金"), _("按计划应剩本金"), "SMM", "CPR"),
        rows=[
            [_month(one.on), Money(one.prepaid), Money(one.planned), one.smm, one.cpr]
            for one in months
        ],
        chart=_plain(chart) if months else None,
    )


def yield_report(months: Sequence[Yield]) -> Report:
    """Return what the loans earned each month over what was owed."""
    chart = lines(
        "yield",
        _("年化收益率（%%）") % {},
        [_month(one.on) for one in months],
        [Series(_("年化收益率"), [_points(max(one.annual, Fraction(0))) for one in months])],
    )
    return Report(
        heads=(_("月末"), _("利息、罚息与费用收入"), _("平均本金余额"), _("年化收益率")),
        rows=[
            [_month(one.on), Money(one.earned), Money(round(one.mean_owed)), one.annual]
            for one in months
        ],
        chart=_plain(chart) if months else None,
    )


def provision_report(months: Sequence[Provision]) -> Report:
    """Return what every month's end must be provided for, by five-tier class."""
    named = [name for name in SPECIAL_PERCENT if SPECIAL_PERCENT[name]]
    chart = stacked_bars(
        "provision",
        _("各月末应计提准备"),
        [_month(one.on) for one in months],
        [
            Series(_("一般准备"), [one.general for one in months]),
            *(Series(say(CLASSES, n), [one.special[n] for one in months]) for n in named),
        ],
    )
    heads = (_("月末"), _("本金余额"), _("不良本金"), _("一般准备"))
    return Report(
        heads=(*heads, *(say(CLASSES, name) for name in named), _("应计提合计"), _("拨备覆盖率")),
        rows=[
            [
                _month(one.on),
                Money(one.principal),
                Money(one.not_performing),
                Money(one.general),
                *(Money(one.special[name]) for name in named),
                Money(one.total),
                one.coverage,
            ]
            for one in months
        ],
        chart=chart if months else None,
    )


def heat(was: Place, to: Place, share: Fraction | None) -> dict[str, str]:
    """Return how a cell of the matrix looks: its colour by direction, its strength by share."""
    if not share:
        return {}
    is_better = to is Place.PAID or to < was
    look = "bar-f" if is_better else "bar-p" if to == was else "bar-i"
    return {"look": look, "strength": f"{float(share) ** 0.5:.2f}"}


def _plain(chart: Chart) -> Chart:
    """Return a chart whose figures are no amounts."""
    return replace(chart, content={**chart.content, "plain": True})


def _points(share: Fraction) -> int:
    """Return a share as hundredths of a percent, which a chart draws as percent."""
    return round(share * 10_000)


def _month(day: Any) -> str:
    return f"{day:%Y-%m}"


def _kind(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Money):
        return "money"
    return "share" if isinstance(value, Fraction) else "count" if isinstance(value, int) else "text"


def _filed(value: Any) -> Any:
    return decimal_of(value) if isinstance(value, Fraction) else value


def decimal_of(share: Fraction) -> Decimal:
    """Return a share as a decimal of four places, half-up."""
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return exact.quantize(_PART, ROUND_HALF_UP)
