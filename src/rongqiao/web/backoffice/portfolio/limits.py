"""Credit limits on the desk: how much is used, and lowering one."""

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
from rongqiao.lending.origination.operations.drawing.cut_limit import (
    CUTTERS,
    CutLimit,
    cut_limit,
)
from rongqiao.lending.origination.queries.limits import (
    LimitView,
    count_limits,
    find_limits,
    get_limit_for_staff,
    list_cuts,
    list_drawings,
)
from rongqiao.parties.queries import get_parties, get_party
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower import words
from rongqiao.web.frame.access import page_start, roles_held, staff
from rongqiao.web.frame.exports import too_long
from rongqiao.web.frame.forms import KeyedForm, MoneyField

PAGE = 50
USES = {
    "open": gettext_lazy("有效"),
    "used": gettext_lazy("有提款"),
    "ended": gettext_lazy("已到期"),
}


class CutForm(KeyedForm):
    """What the limit is from now on, and why."""

    amount = MoneyField(
        least=Money.zero(), most=Money(LARGEST_MINOR), label=gettext_lazy("调减后的额度")
    )
    reason = forms.ChoiceField(choices=list(words.CUT.items()), label=gettext_lazy("原因"))


@staff(*RISK_READERS)
def limit_list(request: HttpRequest) -> HttpResponse:
    """List limits, newest first; `use` narrows, `from` pages on; files hold the whole list."""
    today = clock.business_date()
    use = request.GET.get("use", "") if request.GET.get("use") in USES else ""
    offset = page_start(request)
    if request.GET.get("format") and (answer := too_long(request, count_limits(today, use=use))):
        return answer
    table = Table(
        name="limits",
        title=_("授信额度"),
        heads=(_("产品"), _("借款人"), _("额度"), _("使用中"), _("可用额度"), _("有效期至")),
        rows=lambda: _rows(find_limits(today, use=use, limit=MOST_ROWS)),
    )
    if (file := download(request, table)) is not None:
        return file
    found = find_limits(today, use=use, offset=offset, limit=PAGE)
    parties = get_parties(one.party_id for one in found)
    context = {
        **room(request, TABS, "desk-limits"),
        "rows": [{**_shown(one), "party": parties[one.party_id]} for one in found],
        "use": use,
        "uses": USES.items(),
        "older": offset + PAGE if len(found) == PAGE else None,
        "newer": max(offset - PAGE, 0) if offset else None,
    }
    return render(request, "backoffice/portfolio/limits.html", context)


@staff(*RISK_READERS)
def limit_page(request: HttpRequest, limit_id: UUID) -> HttpResponse:
    """Show one limit, its drawings and cuts; POST lowers it."""
    if request.method != "POST":
        return _page(request, limit_id, None)
    form = CutForm(request.POST)
    if form.is_valid():
        command = CutLimit(
            limit_id=limit_id,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
        )
        done = form.attempt(lambda: cut_limit(command, form.call(request)))
        if done is not None:
            said = _("额度已由 %(was)s 元调减为 %(amount)s 元。")
            messages.success(request, said % {"was": done.was.text(), "amount": done.amount.text()})
            return redirect("desk-limit", limit_id)
    return _page(request, limit_id, form)


def _page(request: HttpRequest, limit_id: UUID, form: CutForm | None) -> HttpResponse:
    view = get_limit_for_staff(limit_id)
    may_cut = bool(roles_held(request) & set(CUTTERS)) and view.reserved + view.drawn < view.amount
    context = {
        **room(request, TABS, "desk-limits"),
        **_shown(view),
        "party": get_party(view.party_id),
        "used": view.reserved + view.drawn,
        "drawings": [
            {
                "it": one,
                "state": words.say(words.DRAWING, one.state),
                "tone": words.DRAWING_TONE.get(one.state, "neutral"),
            }
            for one in list_drawings(limit_id)
        ],
        "cuts": [
            {"it": one, "reason": words.say(words.CUT, one.reason)} for one in list_cuts(limit_id)
        ],
        "form": form or (CutForm() if may_cut else None),
    }
    status = 422 if form is not None else 200
    return render(request, "backoffice/portfolio/limit.html", context, status=status)


def _shown(view: LimitView) -> dict[str, Any]:
    """Return a limit and what is said of it."""
    return {
        "limit": view,
        "product": words.product_name(view.product.terms),
        "ended": view.valid_until < clock.business_date(),
    }


def _rows(found: tuple[LimitView, ...]) -> list[tuple[Any, ...]]:
    parties = get_parties(one.party_id for one in found)
    return [
        (
            words.product_name(one.product.terms),
            parties[one.party_id].name,
            one.amount,
            one.drawn + one.reserved,
            one.available,
            one.valid_until,
        )
        for one in found
    ]
