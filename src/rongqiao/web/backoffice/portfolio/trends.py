"""How the portfolio behaves over the months: vintages, roll rates, arrears, prepayment, yield."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from rongqiao.finance.money import Money
from rongqiao.insight.reporting.queries.cohorts import Cohort, Earned, Place
from rongqiao.insight.reporting.queries.estimators import (
    Measure,
    prepayments,
    roll_rates,
    standings,
    vintages,
    yields,
)
from rongqiao.insight.reporting.queries.portfolio import (
    list_class_balances,
    list_cohorts,
    list_earned,
    months_kept,
)
from rongqiao.insight.reporting.queries.provision import provisions
from rongqiao.web.backoffice.finance.filters import ChoiceFilter, Filters
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.portfolio import reports
from rongqiao.web.backoffice.portfolio.reports import Report
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower.loans import product_names
from rongqiao.web.frame.access import staff

MONTHS = {"12": _("近 12 个月"), "36": _("近 36 个月"), "60": _("近 60 个月")}
MONTHS_SHOWN = 24
MATRIX = "rolls"


class TrendFilters(Filters):
    """Which product, and how many months back."""

    product = ChoiceFilter({}, label=_("产品"))
    months = ChoiceFilter(MONTHS, label=_("月数"))

    def __init__(self, request: HttpRequest) -> None:
        """Go back two years where nothing is chosen."""
        super().__init__(request)
        self.fields["months"].widget.choices = [("", _("近 24 个月")), *MONTHS.items()]

    @classmethod
    def over(cls, products: Iterable[str]) -> type[TrendFilters]:
        """Return the form that offers these products."""
        names = product_names()
        words = {code: names.get(code, code) for code in products}
        return type(cls.__name__, (cls,), {"product": ChoiceFilter(words, label=_("产品"))})


class MeasureFilters(TrendFilters):
    """The same, counted in loans or in money."""

    measure = ChoiceFilter({"amount": _("金额")}, label=_("口径"))

    def __init__(self, request: HttpRequest) -> None:
        """Count loans where nothing is chosen."""
        super().__init__(request)
        self.fields["measure"].widget.choices = [("", _("笔数")), ("amount", _("金额"))]

    @property
    def chosen(self) -> Measure:
        """What is counted."""
        return Measure.AMOUNT if self.text("measure") else Measure.LOANS


class VintageFilters(MeasureFilters):
    """The same, and how late a loan counts as bad."""

    days = ChoiceFilter({"90": _("90 天以上")}, label=_("逾期"))

    def __init__(self, request: HttpRequest) -> None:
        """Thirty days where nothing is chosen."""
        super().__init__(request)
        self.fields["days"].widget.choices = [("", _("30 天以上")), ("90", _("90 天以上"))]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a page is made of: the filters, and the months they leave."""

    filters: Any
    since: date
    until: date
    product: str
    cohorts: tuple[Cohort, ...]

    def earned(self) -> tuple[Earned, ...]:
        """Return the income of the same months."""
        return list_earned(self.since, self.until, self.product)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: its door, heading, a sentence on how to read it, its filters and its report."""

    name: str
    title: Any
    lead: Any
    filters: type[TrendFilters]
    build: Callable[[Asked], Report]


def _show(request: HttpRequest, page: Page, template: str = "trend") -> HttpResponse:
    kept = months_kept()
    filters = page.filters.over(kept.products)(request)
    if kept.last is None:
        return _answer(request, page, template, filters, None)
    until = kept.last
    months = int(filters.text("months") or MONTHS_SHOWN)
    since = _months_before(until, months)
    product = filters.text("product")
    asked = Asked(
        filters=filters,
        since=since,
        until=until,
        product=product,
        cohorts=list_cohorts(since, until, product),
    )
    report = page.build(asked)
    heads, rows = report.as_file
    facts = (
        (str(_("产品")), product_names().get(product, product) or str(_("全部"))),
        (str(_("月份")), f"{since} — {until}"),
    )
    table = Table(
        name=page.name, title=str(page.title), heads=heads, rows=lambda: rows, facts=facts
    )
    if file := download(request, table):
        return file
    return _answer(request, page, template, filters, report)


def _answer(
    request: HttpRequest, page: Page, template: str, filters: TrendFilters, report: Report | None
) -> HttpResponse:
    context = room(
        request,
        TABS,
        page.name,
        filters=filters,
        page=page,
        report=report,
        chart=report.chart if report else None,
        matrix=_cells(report) if report and template == MATRIX else None,
    )
    return render(request, f"backoffice/portfolio/{template}.html", context)


def _months_before(until: date, months: int) -> date:
    """Return the first day of the first of `months` months that end with `until`'s."""
    number = until.year * 12 + until.month - months
    return date(number // 12, number % 12 + 1, 1)


@staff(*RISK_READERS)
def vintage_page(request: HttpRequest) -> HttpResponse:
    """Show how much of each month's lending went bad, by months since."""

    def build(asked: Asked) -> Report:
        days = int(asked.filters.text("days") or 30)
        curves = vintages(asked.cohorts, days=days, measure=asked.filters.chosen)
        return reports.vintage_report(curves, days)

    lead = _("每个放款月份的贷款，到放款后第几个月累计有多少曾经逾期；图中为最近五个月份。")
    page = Page(
        name="vintages", title=_("账龄曲线"), lead=lead, filters=VintageFilters, build=build
    )
    return _show(request, page)


@staff(*RISK_READERS)
def roll_page(request: HttpRequest) -> HttpResponse:
    """Show how loans moved between buckets from one month's end to the next."""

    def build(asked: Asked) -> Report:
        measure = asked.filters.chosen
        return reports.roll_report(roll_rates(asked.cohorts, measure=measure), measure)

    lead = _("上月末在某一档的贷款，本月末到了哪一档；橙色为变坏，蓝色为不变，绿色为变好或结清。")
    page = Page(
        name="roll-rates", title=_("滚动率"), lead=lead, filters=MeasureFilters, build=build
    )
    return _show(request, page, MATRIX)


@staff(*RISK_READERS)
def delinquency_page(request: HttpRequest) -> HttpResponse:
    """Show what was owed by days past due at every month's end."""
    page = Page(
        name="delinquency",
        title=_("逾期结构"),
        lead=_("各月末本金余额按逾期天数分档；占比以全部本金余额为分母。"),
        filters=TrendFilters,
        build=lambda asked: reports.delinquency_report(standings(asked.cohorts)),
    )
    return _show(request, page)


@staff(*RISK_READERS)
def prepayment_page(request: HttpRequest) -> HttpResponse:
    """Show how much is paid ahead of the plan."""
    lead = _("SMM 为当月超出计划偿还的本金占按计划应剩本金的比例；CPR 为照此持续一年的比例。")
    page = Page(
        name="prepayment",
        title=_("提前还款"),
        lead=lead,
        filters=TrendFilters,
        build=lambda asked: reports.prepayment_report(prepayments(asked.cohorts)),
    )
    return _show(request, page)


@staff(*RISK_READERS)
def yield_page(request: HttpRequest) -> HttpResponse:
    """Show what the loans earned over what was owed."""
    lead = _("当月入账的利息、罚息与费用，除以月初与月末本金余额的平均，再乘以十二；未扣除损失。")
    page = Page(
        name="yield",
        title=_("收益率"),
        lead=lead,
        filters=TrendFilters,
        build=lambda asked: reports.yield_report(yields(asked.cohorts, asked.earned())),
    )
    return _show(request, page)


@staff(*RISK_READERS)
def provision_page(request: HttpRequest) -> HttpResponse:
    """Show what the five-tier classes ask to be provided for."""

    def build(asked: Asked) -> Report:
        balances = list_class_balances(asked.since, asked.until, asked.product)
        return reports.provision_report(provisions(balances))

    lead = _(
        "按五级分类应计提的准备：一般准备为全部本金的 1%，专项准备为关注 2%、次级 25%、可疑 50%、"
        "损失 100%（2002 年《银行贷款损失准备计提指引》，未见原文，使用前请核实）；入账见损失准备。"
    )
    page = Page(name="provision", title=_("拨备"), lead=lead, filters=TrendFilters, build=build)
    return _show(request, page)


def _cells(report: Report) -> list[dict[str, Any]]:
    """Return the matrix's rows with the look of every cell."""
    places = list(Place)
    return [
        {
            "was": row[0],
            "seen": row[1],
            "is_money": isinstance(row[1], Money),
            "cells": [
                {"share": share, "head": reports.PLACES[to], **reports.heat(was, to, share)}
                for to, share in zip(places, row[2:], strict=True)
            ],
        }
        for was, row in zip(places, report.rows, strict=False)
    ]
