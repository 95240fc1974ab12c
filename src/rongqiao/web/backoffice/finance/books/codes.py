"""The chart of accounts with its accounting codes, and their change by two officers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.money.ledger.operations.closing.codes.decide_mapping import (
    DecideMapping,
    decide_mapping,
)
from rongqiao.money.ledger.operations.closing.codes.propose_mapping import (
    LONGEST_TITLE,
    ProposeMapping,
    propose_mapping,
)
from rongqiao.money.ledger.queries.chart_of_accounts import (
    ChartLine,
    MappingView,
    list_chart,
    list_mappings,
    list_products,
    list_standard_codes,
)
from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.filters import DayFilter, Filters
from rongqiao.web.backoffice.finance.rooms import BOOKS, READERS, acts, room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import ACCOUNTS, FAMILIES, Words, officer, say
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import DayField, name_fields

KEPT_IN: Words = {"custody": gettext_lazy("代管账"), "own": gettext_lazy("自有账")}
STATES: Words = {
    "proposed": gettext_lazy("待确认"),
    "confirmed": gettext_lazy("已生效"),
    "rejected": gettext_lazy("已否决"),
}
TONES = {"proposed": "info", "confirmed": "success"}


class ChartFilters(Filters):
    """On which date."""

    on = DayFilter(gettext_lazy("日期"))


class MappingForm(ReasonForm):
    """Another accounting code for a line of the chart."""

    line = forms.ChoiceField(label=gettext_lazy("账户"), choices=tuple(ACCOUNTS.items()))
    product = forms.ChoiceField(label=gettext_lazy("产品"), required=False)
    code = forms.CharField(
        label=gettext_lazy("会计科目代码"),
        max_length=12,
        help_text=gettext_lazy("准则的四位代码，或在它后面每级加两位的明细。"),
    )
    title = forms.CharField(label=gettext_lazy("科目名称"), max_length=LONGEST_TITLE)
    effective_on = DayField(label=gettext_lazy("生效日期"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the products that have accounts."""
        super().__init__(*args, **options)
        products = [(one, one) for one in list_products()]
        self.fields["product"].choices = [("", _("全部")), *products]  # type: ignore[attr-defined]
        name_fields(self)
        self.order_fields(["line", "product", "code", "title", "effective_on", "reason"])


VERBS = {
    "confirm": Verb(
        label=gettext_lazy("确认"),
        says=gettext_lazy("从生效日期起，报表按新的科目汇总；已关账的月份不变。"),
        run=lambda pk, _said, call: decide_mapping(DecideMapping(mapping_id=pk), call),
        form=PlainForm,
        tone="primary",
    ),
    "reject": Verb(
        label=gettext_lazy("否决"),
        says=gettext_lazy("不采用这项修改。"),
        run=lambda pk, said, call: decide_mapping(
            DecideMapping(mapping_id=pk, is_confirmed=False, reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
}


@staff(*READERS)
def chart(request: HttpRequest) -> HttpResponse:
    """Show every line of the chart with the code in force on a date, and proposals."""
    return _page(request)


@staff(Role.FINANCE)
def propose(request: HttpRequest) -> HttpResponse:
    """Propose another code for a line; another officer decides."""
    first = {"effective_on": clock.business_date().isoformat()}
    form = MappingForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        names = ("line", "product", "code", "title", "effective_on", "reason")
        command = ProposeMapping(**{name: said[name] for name in names})
        if form.attempt(lambda: propose_mapping(command, form.call(request))) is not None:
            messages.success(request, _("已提出，等待另一位财务人员确认。"))
            return redirect("chart-of-accounts")
    context = room(request, BOOKS, "chart-of-accounts", form=form, standard=list_standard_codes())
    status = 422 if request.method == "POST" else 200
    return render(request, "backoffice/finance/books/mapping_form.html", context, status=status)


@staff(Role.FINANCE)
@require_POST
def decide(request: HttpRequest, mapping_id: UUID, verb: str) -> HttpResponse:
    """Confirm or reject a proposed code."""
    refused = attempt(request, VERBS, verb, mapping_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("chart-of-accounts")
    return _page(request, mapping_id, refused)


def _page(
    request: HttpRequest, about: UUID | None = None, refused: Refused | None = None
) -> HttpResponse:
    filters = ChartFilters(request)
    on = filters.given("on") or clock.business_date()
    lines = list_chart(on)
    table = Table(
        name="chart-of-accounts",
        title=_("科目表"),
        facts=((_("日期"), on),),
        heads=(_("账户"), _("产品"), _("类别"), _("账簿"), _("会计科目代码"), _("科目名称")),
        rows=lambda: (
            (
                one.line,
                one.product,
                say(FAMILIES, one.family),
                say(KEPT_IN, one.book),
                one.code,
                one.title,
            )
            for one in lines
        ),
    )
    if file := download(request, table):
        return file
    mappings = list_mappings()
    waiting = {one.id for one in mappings if one.state == "proposed"}
    context = room(
        request,
        BOOKS,
        "chart-of-accounts",
        filters=filters,
        on=on,
        lines=[_shown(one) for one in lines],
        mappings=[
            _shown_mapping(request, one, refused if one.id == about else None) for one in mappings
        ],
        error=refusal_of(refused, VERBS if about in waiting else ()),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/finance/books/chart.html", context, status=status)


def _shown(one: ChartLine) -> dict[str, Any]:
    return {
        "one": one,
        "name": say(ACCOUNTS, one.line),
        "family": say(FAMILIES, one.family),
        "book": say(KEPT_IN, one.book),
    }


def _shown_mapping(
    request: HttpRequest, one: MappingView, refused: Refused | None
) -> dict[str, Any]:
    is_others = one.proposed_by != f"user:{request.user.pk}"
    fits = acts(request) and is_others and one.state == "proposed"
    return {
        "one": one,
        "name": say(ACCOUNTS, one.line),
        "state": say(STATES, one.state),
        "tone": TONES.get(one.state, "ghost"),
        "proposer": officer(one.proposed_by),
        "verbs": shown_verbs(
            VERBS,
            VERBS if fits else (),
            lambda verb: reverse("decide-mapping", args=[one.id, verb]),
            refused,
            mark=str(one.id),
        ),
    }
