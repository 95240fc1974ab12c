"""A credit limit: what may be drawn, what a drawing would cost, and the drawings so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months, last_day_of_month
from rongqiao.finance.schedule.terms import BadTerms
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.queries.limits import (
    CutView,
    DrawingView,
    LimitView,
    get_limit,
    list_cuts,
    list_drawings,
)
from rongqiao.lending.products.queries import LoanCost, cost_of
from rongqiao.lending.servicing.queries.loans import LoanCard, list_loans, principal_moves
from rongqiao.platform import clock
from rongqiao.web.borrower import words
from rongqiao.web.borrower.signing import open_sheet
from rongqiao.web.frame.access import acting, hold_to_owner
from rongqiao.web.frame.charts import Chart, Series, stacked_bars
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm, MoneyField, StrictForm, WholeField, name_fields

INPUT = {"class": "input w-full"}
# The use of a limit is drawn for so many months back: a limit's usual life.
MONTHS_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class UseOn:
    """How much of a limit was used at the end of a day, and how much was free then."""

    on: date
    used: Money
    free: Money


class DrawFields(StrictForm):
    """How much and for how long; asked by GET for a preview of the cost."""

    def __init__(self, *args: Any, limit: LimitView, **options: Any) -> None:
        """Allow what the product and the rest of the limit allow."""
        super().__init__(*args, **options)
        terms = limit.product.terms
        self.fields["amount"] = MoneyField(
            least=terms.amount_min,
            most=max(min(terms.amount_max, limit.available), terms.amount_min),
            label=_("提款金额"),
            widget=forms.TextInput(attrs=INPUT),
        )
        self.fields["term_count"] = WholeField(
            least=terms.term_min,
            most=terms.term_max,
            label=_("期限"),
            widget=forms.TextInput(attrs=INPUT),
        )
        name_fields(self)


class DrawForm(KeyedForm, DrawFields):
    """The drawing as its cost was shown."""

    def command(self, limit_id: UUID) -> ProposeDrawing:
        """Return what the form asks for."""
        given = self.cleaned_data
        return ProposeDrawing(
            limit_id=limit_id, amount=given["amount"], term_count=given["term_count"]
        )


@acting
def limit(request: HttpRequest, limit_id: UUID) -> HttpResponse:
    """Show the limit; with an amount and a term, what drawing it would cost; draw when asked."""
    view = _own_limit(request, limit_id)
    drawings = list_drawings(limit_id)
    if wants_csv(request):
        return _csv(drawings)
    if request.method == "POST":
        form = DrawForm(request.POST, limit=view)
        if form.is_valid():
            proposed = form.attempt(
                lambda: propose_drawing(form.command(limit_id), form.call(request))
            )
            if proposed is not None:
                return open_sheet(request, form, drawing_id=proposed.drawing_id)
        return _page(request, view, drawings, form)
    if "amount" in request.GET:
        asked = DrawFields(request.GET, limit=view)
        asked.is_valid()
    else:
        asked = DrawFields(limit=view, initial={"term_count": view.product.terms.term_max})
    return _page(request, view, drawings, asked)


def _page(
    request: HttpRequest, view: LimitView, drawings: tuple[DrawingView, ...], form: DrawFields
) -> HttpResponse:
    cost = _cost(view, form)
    given = getattr(form, "cleaned_data", {})
    confirm = None
    if cost is not None and request.method == "GET":
        confirm = DrawForm(limit=view, initial=given, auto_id="confirm_%s")
    on, cuts = clock.business_date(), list_cuts(view.id)
    loans = {card.drawing_id: card for card in list_loans(view.party_id, on)}
    moves = principal_moves(one.id for one in drawings)
    uses = _uses(view, cuts, moves, on) if moves else ()
    content = {
        "limit": view,
        "product": words.product_name(view.product.terms),
        "used_share": _used_share(view),
        "form": form,
        "confirm": confirm,
        "cost": cost,
        "cost_total": cost.totals.interest + cost.totals.fee if cost else None,
        "given": given,
        "is_open": view.valid_until >= on and view.available >= view.product.terms.amount_min,
        "drawings": [_shown(one, loans) for one in drawings],
        "uses": uses,
        "chart": _chart(uses) if uses else None,
        "cuts": [{"it": one, "reason": words.say(words.CUT, one.reason)} for one in cuts],
        "sheet_form": KeyedForm(),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/limit.html", content, status=status)


def _own_limit(request: HttpRequest, limit_id: UUID) -> LimitView:
    view = get_limit(limit_id, UUID(str(request.user.pk)))
    hold_to_owner(request, view.party_id, "limit")
    return view


def _cost(view: LimitView, form: DrawFields) -> LoanCost | None:
    """Return what the drawing asked for would cost from today; None while nothing valid is."""
    given = getattr(form, "cleaned_data", {})
    if form.errors or not given.get("amount") or not given.get("term_count"):
        return None
    try:
        return cost_of(
            view.product.terms,
            amount=given["amount"],
            rate_annual=view.rate_annual,
            term_count=given["term_count"],
            start=clock.business_date(),
        )
    except BadTerms:
        return None


def _used_share(view: LimitView) -> int:
    used = view.amount - view.available
    # A limit cut to nothing is used whole.
    return used.minor * 100 // view.amount.minor if view.amount else 100


def _uses(
    view: LimitView,
    cuts: Sequence[CutView],
    moves: Sequence[tuple[date, Money]],
    on: date,
) -> tuple[UseOn, ...]:
    """Return what was used and free at each month's end since the limit was granted, and now."""
    ends = [
        end
        for back in range(MONTHS_SHOWN, 0, -1)
        if (end := _month_end(add_months(on.replace(day=1), -back))) >= view.granted_on
    ]
    return tuple(_use_on(view, cuts, moves, day) for day in (*ends, on))


def _use_on(
    view: LimitView, cuts: Sequence[CutView], moves: Sequence[tuple[date, Money]], day: date
) -> UseOn:
    used = sum(money.minor for moved_on, money in moves if moved_on <= day)
    later = [cut for cut in cuts if cut.on > day]
    # Cuts come latest first: the earliest of those after the day says what stood on it.
    amount = later[-1].was if later else view.amount
    return UseOn(on=day, used=Money(used), free=Money(max(amount.minor - used, 0)))


def _month_end(day: date) -> date:
    return day.replace(day=last_day_of_month(day.year, day.month))


def _chart(uses: Sequence[UseOn]) -> Chart:
    """Return the picture of the limit's use; the table below it is its twin."""
    stack = [
        Series(_("使用中"), [one.used.minor for one in uses]),
        Series(_("未使用"), [one.free.minor for one in uses]),
    ]
    label = _("额度各月末的使用情况；下方表格是同样的数字")
    return stacked_bars("limit-chart", label, [one.on.isoformat() for one in uses], stack)


def _shown(one: DrawingView, loans: dict[UUID | None, LoanCard]) -> dict[str, Any]:
    return {
        "drawing": one,
        "state": words.say(words.DRAWING, one.state),
        "tone": words.DRAWING_TONE.get(one.state, "ghost"),
        "loan": loans.get(one.id),
    }


def _csv(drawings: tuple[DrawingView, ...]) -> HttpResponse:
    heads = (_("申请时间"), _("提款金额"), _("期限（月）"), _("已还本金"), _("状态"))
    rows = [
        (
            one.proposed_at,
            one.amount,
            one.term_count,
            one.repaid,
            words.say(words.DRAWING, one.state),
        )
        for one in drawings
    ]
    return csv_of("drawings", heads, rows)
