"""What moved the allowance in a month, by product and stage, held to the general ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.lending.servicing.queries.provisioning.movements import (
    FLOOR_STAGE,
    UNDRAWN_STAGE,
    MonthMoves,
    StageMoves,
    months_booked,
    moves_of_month,
)
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.portfolio.allowance.runs import STAGES
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower.loans import product_names
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Chart, Series, stacked_bars

KINDS = {
    "new": gettext_lazy("新增借款"),
    "transfer-in": gettext_lazy("阶段转入"),
    "transfer-out": gettext_lazy("阶段转出"),
    "stage": gettext_lazy("转阶段重新计量"),
    "repaid": gettext_lazy("还款与结清"),
    "remeasured": gettext_lazy("其他重新计量"),
    "parameters": gettext_lazy("参数变更"),
    "write-off": gettext_lazy("核销"),
    "recovery": gettext_lazy("核销后收回"),
}
# Between stages only: of all of them together they come to nothing.
TRANSFERS = ("transfer-in", "transfer-out")
PLACES = {
    **STAGES,
    FLOOR_STAGE: gettext_lazy("下限补足"),
    UNDRAWN_STAGE: gettext_lazy("未提取承诺（预计负债）"),
}
ALL_STAGES = (*STAGES, FLOOR_STAGE)


@staff(*RISK_READERS)
def newest(request: HttpRequest) -> HttpResponse:
    """Go to the latest month with a booked valuation, or say that there is none."""
    months = months_booked()
    if months:
        return redirect("allowance-month", f"{months[0]:%Y-%m}")
    return _page(request, clock.business_date().replace(day=1), None)


@staff(*RISK_READERS)
def month_page(request: HttpRequest, month: str) -> HttpResponse:
    """Show what moved in a month, such as 2026-01."""
    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise Http404 from None
    if f"{first:%Y-%m}" != month:
        raise Http404
    found = moves_of_month(first)
    if found and (file := download(request, _file(first, found))):
        return file
    return _page(request, first, found)


def _page(request: HttpRequest, month: date, found: MonthMoves | None) -> HttpResponse:
    context = room(
        request,
        TABS,
        "allowance",
        month=month,
        moves=found,
        months=[{"on": one, "is_here": one == month} for one in months_booked()],
    )
    if found:
        total = found.sum_of(ALL_STAGES)
        context |= {
            "heads": list(KINDS.values()),
            "rows": [_shown(*row) for row in _rows(found)],
            "total": total,
            "passages": [
                {"one": one, "was": STAGES[one.was], "now": STAGES[one.now]}
                for one in found.passages
            ],
            "chart": _chart(found),
        }
    return render(request, "backoffice/allowance/movements.html", context)


def _rows(found: MonthMoves) -> list[tuple[str, str, StageMoves]]:
    """Return product, place and figures of every line; the sums of all products last."""
    names = product_names()
    lines = [
        (names.get(one.product_code, one.product_code), str(PLACES[one.stage]), one)
        for one in found.rows
    ]
    every = str(_("全部产品"))
    lines += [(every, str(PLACES[stage]), found.sum_of([stage])) for stage in ALL_STAGES]
    lines.append((every, str(_("合计")), found.sum_of(ALL_STAGES)))
    if any(one.stage == UNDRAWN_STAGE for one in found.rows):
        lines.append((every, str(PLACES[UNDRAWN_STAGE]), found.sum_of([UNDRAWN_STAGE])))
    return lines


def _shown(product: str, place: str, one: StageMoves) -> dict[str, Any]:
    return {
        "product": product,
        "place": place,
        "one": one,
        "cells": [{"head": head, "value": one.moved[kind]} for kind, head in KINDS.items()],
        "is_sum": not one.product_code,
    }


def _chart(found: MonthMoves) -> Chart:
    """Return what raised and what lowered the allowance, by cause; the table tells the same."""
    kinds = [kind for kind in KINDS if kind not in TRANSFERS]
    figures = {
        kind: [found.sum_of([stage]).moved[kind].minor for stage in ALL_STAGES] for kind in kinds
    }
    return stacked_bars(
        "movement-chart",
        _("各原因使准备增加与减少"),
        [str(KINDS[kind]) for kind in kinds],
        [
            Series(_("增加"), [sum(max(one, 0) for one in figures[kind]) for kind in kinds]),
            Series(_("减少"), [sum(max(-one, 0) for one in figures[kind]) for kind in kinds]),
        ],
    )


def _file(month: date, found: MonthMoves) -> Table:
    return Table(
        name=f"allowance-movements-{month:%Y-%m}",
        title=_("损失准备变动"),
        facts=(
            (_("月份"), f"{month:%Y-%m}"),
            (_("期初"), found.since or _("此前没有入账的测算")),
            (_("期末"), found.until),
            (_("期初总账余额"), found.books_opening),
            (_("期末总账余额"), found.books_closing),
            (_("与总账"), _("一致") if found.is_whole else _("不一致")),
        ),
        heads=(
            _("产品"),
            _("阶段"),
            _("期初准备"),
            *(str(head) for head in KINDS.values()),
            _("期末准备"),
        ),
        rows=lambda: (
            (product, place, one.opening, *(one.moved[kind] for kind in KINDS), one.closing)
            for product, place, one in _rows(found)
        ),
    )
