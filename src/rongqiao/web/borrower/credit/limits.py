"""A credit limit: what may be drawn, what a drawing would cost, and the drawings so far."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.finance.schedule.terms import BadTerms
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.queries.limits import (
    DrawingView,
    LimitView,
    get_limit,
    list_cuts,
    list_drawings,
)
from rongqiao.lending.products.queries import LoanCost, cost_of
from rongqiao.lending.servicing.queries.loans import LoanCard, list_loans
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower import words
from rongqiao.web.borrower.signing import open_sheet
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm, MoneyField, StrictForm, WholeField, name_fields

INPUT = {"class": "input w-full"}


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
    loans = {card.drawing_id: card for card in list_loans(view.party_id, clock.business_date())}
    content = {
        "limit": view,
        "product": words.product_name(view.product.terms),
        "used_share": _used_share(view),
        "form": form,
        "confirm": confirm,
        "cost": cost,
        "cost_total": cost.totals.interest + cost.totals.fee if cost else None,
        "given": given,
        "is_open": view.valid_until >= clock.business_date()
        and view.available >= view.product.terms.amount_min,
        "drawings": [_shown(one, loans) for one in drawings],
        "cuts": [
            {"it": one, "reason": words.say(words.CUT, one.reason)} for one in list_cuts(view.id)
        ],
        "sheet_form": KeyedForm(),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/limit.html", content, status=status)


def _own_limit(request: HttpRequest, limit_id: UUID) -> LimitView:
    view = get_limit(limit_id, UUID(str(request.user.pk)))
    if view.party_id != party_of(request).id:
        raise NotFound
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
    return used.minor * 100 // view.amount.minor


def _shown(one: DrawingView, loans: dict[UUID | None, LoanCard]) -> dict[str, Any]:
    return {
        "drawing": one,
        "state": words.say(words.DRAWING, one.state),
        "tone": words.DRAWING_TONE.get(one.state, "ghost"),
        "loan": loans.get(one.id),
        "left": Money(one.amount.minor - one.repaid.minor),
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
