"""The register of collateral: found, narrowed, taken away as files; and a new item in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.lending.collateral.operations.acting import KEEPERS
from rongqiao.lending.collateral.operations.registering.register_collateral import (
    RegisterCollateral,
    register_collateral,
)
from rongqiao.lending.collateral.queries.pledges import count_waiting, list_waiting
from rongqiao.lending.collateral.queries.register import (
    PARTICULARS,
    ItemView,
    Wanted,
    count_items,
    find_item,
    list_items,
)
from rongqiao.lending.servicing.queries.loans import party_of_loan_number
from rongqiao.parties.queries import PartyView, find_party_by_code, get_parties
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.filters import (
    ChoiceFilter,
    Filters,
    TextFilter,
    offset_in,
    pages,
)
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.portfolio.collateral.forms import RegisterForm
from rongqiao.web.backoffice.portfolio.collateral.words import (
    STATES,
    TONES,
    USES,
    shown_item,
)
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower.credit.items import titled
from rongqiao.web.borrower.words import COLLATERAL
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.exports import too_long

PAGE = 50


class RegisterFilters(Filters):
    """What narrows the register."""

    kind = ChoiceFilter(COLLATERAL, label=gettext_lazy("种类"))
    use = ChoiceFilter(USES, label=gettext_lazy("情况"))
    q = TextFilter(gettext_lazy("编号、识别代号或权证号"))


@staff(*RISK_READERS)
def register(request: HttpRequest) -> HttpResponse:
    """List items; the address narrows, files hold all that fits.

    A text that names one item exactly (its vehicle number, certificate or account) leads to it.
    """
    filters, offset, today = RegisterFilters(request), offset_in(request), clock.business_date()
    text = filters.text()
    if text and (found := find_item(text, today)) is not None:
        return redirect("collateral-item", found)
    wanted = Wanted(kind=filters.text("kind"), use=filters.text("use"), text=text)
    if request.GET.get("format") and (answer := too_long(request, count_items(wanted, today))):
        return answer
    if file := download(request, _table(wanted)):
        return file
    items = list_items(wanted, today, offset=offset, limit=PAGE + 1)
    context = room(
        request,
        TABS,
        "collateral",
        filters=filters,
        rows=_rows(items[:PAGE]),
        pages=pages(offset, PAGE, has_more=len(items) > PAGE),
        waiting=count_waiting(),
        stale=count_items(Wanted(use="stale"), today),
        kinds=COLLATERAL.items(),
        may_register=bool(roles_held(request) & set(KEEPERS)),
    )
    return render(request, "backoffice/collateral/register.html", context)


@staff(*RISK_READERS)
def waiting(request: HttpRequest) -> HttpResponse:
    """List pledges that wait for a second person, and those whose release does."""
    found = list_waiting()
    parties = get_parties(one.party_id for one in found)
    rows = [
        {
            "it": one,
            "kind": say(COLLATERAL, one.kind),
            "party": parties[one.party_id].name,
            "state": say(STATES, one.state),
            "tone": TONES.get(one.state, ""),
        }
        for one in found
    ]
    context = room(request, TABS, "collateral", rows=rows)
    return render(request, "backoffice/collateral/waiting.html", context)


@staff(*KEEPERS)
def new_item(request: HttpRequest, kind: str) -> HttpResponse:
    """Register an item of a kind; the address may name who gives it."""
    if kind not in PARTICULARS:
        raise Http404
    given = request.POST if request.method == "POST" else None
    form = RegisterForm(kind, given, initial={"owner": request.GET.get("owner", "")[:40]})
    if form.is_valid():
        party_id = _party(form.cleaned_data["owner"])
        if party_id is None:
            form.add_error("owner", _("没有找到这个客户：请核对客户识别码或借款编号。"))
        else:
            command = RegisterCollateral(
                collateral_kind=kind, party_id=party_id, particulars=form.particulars()
            )
            done = form.attempt(lambda: register_collateral(command, form.call(request)))
            if done is not None:
                messages.success(request, _("押品已登记，请录入估值。"))
                return redirect("collateral-item", done.collateral_id)
    context = room(request, TABS, "collateral", kind=kind, kinds=COLLATERAL.items(), form=form)
    status = 422 if form.is_bound else 200
    return render(request, "backoffice/collateral/new.html", context, status=status)


def _party(text: str) -> UUID | None:
    return find_party_by_code(text) or party_of_loan_number(text.strip())


def _rows(items: tuple[ItemView, ...]) -> list[dict[str, Any]]:
    parties = get_parties(one.party_id for one in items)
    return [{**shown_item(one), "party": parties[one.party_id].name} for one in items]


def _table(wanted: Wanted) -> Table:
    heads = (
        _("编号"),
        _("种类"),
        _("押品"),
        _("提供人"),
        _("价值"),
        _("估值日"),
        _("估值过期"),
        _("他人在先担保"),
        _("已担保"),
        _("可用余值"),
    )

    def rows() -> list[tuple[Any, ...]]:
        items = list_items(wanted, clock.business_date(), limit=MOST_ROWS)
        parties = get_parties(one.party_id for one in items)
        return [_line(one, parties) for one in items]

    return Table(name="collateral", title=_("抵押物与担保"), heads=heads, rows=rows)


def _line(one: ItemView, parties: dict[UUID, PartyView]) -> tuple[Any, ...]:
    return (
        one.number,
        say(COLLATERAL, one.kind),
        titled(one),
        parties[one.party_id].name,
        one.value,
        one.valued_on,
        _("是") if one.is_stale else _("否"),
        one.prior,
        one.secured,
        one.free,
    )
