"""Drawing a further sum on a loan: how much is left, the new plan first, then the money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.starting.draw_further import DrawFurther, draw_further
from rongqiao.lending.servicing.operations.starting.quote_draw import QuoteDraw, quote_draw
from rongqiao.lending.servicing.queries.amending.draws import (
    DrawRoomView,
    draw_room_of,
    get_draw_quote,
    why_not,
)
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.platform import clock
from rongqiao.web.borrower.loans import kept_rows, shown_card, versions_by_number
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.forms import KeyedForm, MoneyField
from rongqiao.web.frame.refusals import message_for
from rongqiao.web.templatetags.figures import money


class FurtherForm(KeyedForm):
    """How much more to draw."""

    amount = MoneyField(
        least=Money(1),
        most=Money(LARGEST_MINOR),
        label=gettext_lazy("提取金额"),
        widget=forms.TextInput(attrs={"class": "input w-full"}),
    )

    def __init__(self, *args: Any, room: DrawRoomView | None, **options: Any) -> None:
        """Allow what the agreement and the rest of it allow."""
        super().__init__(*args, **options)
        field = self.fields["amount"]
        if room is not None and room.left and isinstance(field, MoneyField):
            field.least, field.most = room.at_least, room.left


@acting
def further(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Ask how much more to draw, or say why nothing can be drawn; quote it with its plan."""
    party, today = party_of(request), clock.business_date()
    card = get_loan(loan_id, today, party.id).card
    room, obstacle = draw_room_of(loan_id), why_not(loan_id, today)
    form = FurtherForm(request.POST or None, room=room)
    if request.method == "POST" and form.is_valid():
        command = QuoteDraw(loan_id=loan_id, party_id=party.id, amount=form.cleaned_data["amount"])
        quoted = form.attempt(lambda: quote_draw(command, form.call(request)))
        if quoted is not None:
            return redirect("draw-quote", quoted.quote_id)
    content = {
        **shown_card(card, versions_by_number()),
        "room": room,
        "obstacle": message_for(obstacle) if obstacle else "",
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/draw.html", content, status=status)


@acting
def draw_quote(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Show the plan after the draw, and lend the sum when it is confirmed."""
    party, today = party_of(request), clock.business_date()
    quote = get_draw_quote(quote_id, party.id)
    form = KeyedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        command = DrawFurther(quote_id=quote_id, party_id=party.id)
        done = form.attempt(lambda: draw_further(command, form.call(request)))
        if done is not None:
            told = _("已放款 %(amount)s 元，新的还款计划已生效。")
            messages.success(request, told % {"amount": money(done.amount)})
            return redirect("loan", quote.loan_id)
    detail = get_loan(quote.loan_id, today, party.id)
    content = {
        **shown_card(detail.card, versions_by_number()),
        "quote": quote,
        "rows": kept_rows(quote.rows),
        "form": form,
        "is_today": quote.valid_on == today,
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/draw_quote.html", content, status=status)
