"""A loan's terms changed on the desk as its borrower asked: worked out, proposed, decided."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from typing_extensions import override

from rongqiao.lending.servicing.operations.rescheduling.decide_change import (
    ChangeDecided,
    DecideChange,
    decide_change,
)
from rongqiao.lending.servicing.operations.rescheduling.deciding import DECIDERS, PROPOSERS
from rongqiao.lending.servicing.operations.rescheduling.propose_change import (
    MOST_MONTHS,
    ProposeChange,
    propose_change,
)
from rongqiao.lending.servicing.queries.amending.changes import (
    ChangeQuote,
    ChangeView,
    PlannedRow,
    Wish,
    list_changes,
    quote_change,
    quote_rate,
)
from rongqiao.lending.servicing.queries.amending.watched import watch_of
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.parties.queries import get_party
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal
from rongqiao.web.backoffice.portfolio.amending.deciding import (
    DecideForm,
    answer,
    checked_word,
    may_propose,
    waiting_for,
)
from rongqiao.web.backoffice.portfolio.rooms import READERS
from rongqiao.web.borrower.loans import points_of, shown_rates
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import (
    KeyedForm,
    PercentField,
    StrictForm,
    WholeField,
    first_error,
)
from rongqiao.web.frame.refusals import message_for
from rongqiao.web.templatetags.figures import percent

RESTRUCTURING = "restructuring"
# Each way: what it asks for beside the figure.
WAYS: dict[str, dict[str, Any]] = {
    "extension": {"kind": "extension"},
    "interest-only": {"kind": "principal-holiday"},
    "interest-only-longer": {"kind": "principal-holiday", "is_end_moved": True},
    "pause": {"kind": "payment-holiday"},
    "pause-longer": {"kind": "payment-holiday", "is_end_moved": True},
    "pause-spread": {"kind": "payment-holiday", "is_spread": True},
    "pause-longer-spread": {"kind": "payment-holiday", "is_end_moved": True, "is_spread": True},
    "fixed": {"kind": "fixed-rate"},
    "restructuring": {"kind": RESTRUCTURING},
    **{
        f"{reference}-{reset}": {"kind": "floating-rate", "reference": reference, "reset": reset}
        for reference in ("lpr-1y", "lpr-5y")
        for reset in ("new-year", "anniversary")
    },
}
WAY_NAMES = {
    "extension": gettext_lazy("展期"),
    "interest-only": gettext_lazy("只还利息，到期日不变"),
    "interest-only-longer": gettext_lazy("只还利息，到期日顺延"),
    "pause": gettext_lazy("暂停还款，到期日不变，利息随后一期还"),
    "pause-longer": gettext_lazy("暂停还款，到期日顺延，利息随后一期还"),
    "pause-spread": gettext_lazy("暂停还款，到期日不变，利息分摊到以后各期"),
    "pause-longer-spread": gettext_lazy("暂停还款，到期日顺延，利息分摊到以后各期"),
    "fixed": gettext_lazy("调整为新的固定利率"),
    "restructuring": gettext_lazy("重组：因财务困难延期、降息，逾期本金重新分期"),
    "lpr-1y-new-year": gettext_lazy("改为浮动利率：1年期LPR，每年1月1日重定价"),
    "lpr-1y-anniversary": gettext_lazy("改为浮动利率：1年期LPR，放款对应日重定价"),
    "lpr-5y-new-year": gettext_lazy("改为浮动利率：5年期以上LPR，每年1月1日重定价"),
    "lpr-5y-anniversary": gettext_lazy("改为浮动利率：5年期以上LPR，放款对应日重定价"),
}
# The figure that each kind needs; the others take months, a restructuring months or a rate.
FIGURE = {"fixed-rate": "rate", "floating-rate": "spread"}
FIGURES = ("months", "rate", "spread")
MOST_POINTS = 2_000
STATES = {
    "waiting": gettext_lazy("待复核"),
    "approved": gettext_lazy("已变更"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
}


class QuoteForm(StrictForm):
    """Which change, and its figure: months, a rate, or basis points over the reference."""

    way = forms.ChoiceField(choices=list(WAY_NAMES.items()), label=gettext_lazy("变更方式"))
    months = WholeField(
        least=1, most=MOST_MONTHS, required=False, label=gettext_lazy("月数（展期、宽限、重组）")
    )
    rate = PercentField(required=False, label=gettext_lazy("新的年利率（固定利率、重组）"))
    spread = WholeField(
        least=-MOST_POINTS,
        most=MOST_POINTS,
        required=False,
        label=gettext_lazy("加点（浮动利率，可为负）"),
    )

    @override
    def clean(self) -> dict[str, Any]:
        """Ask for the one figure that the way needs."""
        cleaned = super().clean()
        if cleaned.get("way") in WAYS and cleaned["way"] != RESTRUCTURING:
            needed = _figure(cleaned["way"])
            if cleaned.get(needed) is None and needed not in self.errors:
                label = self.fields[needed].label
                self.add_error(needed, _("请填写%(field)s。") % {"field": label})
        return cleaned


class ChangeForm(KeyedForm):
    """What was worked out, the borrower's request, and why."""

    way = forms.ChoiceField(choices=list(WAY_NAMES.items()), widget=forms.HiddenInput)
    months = WholeField(least=1, most=MOST_MONTHS, required=False, widget=forms.HiddenInput)
    rate = PercentField(required=False, widget=forms.HiddenInput)
    spread = WholeField(
        least=-MOST_POINTS, most=MOST_POINTS, required=False, widget=forms.HiddenInput
    )
    consent = forms.CharField(max_length=80, label=gettext_lazy("借款人申请书编号"))
    reason = forms.CharField(max_length=200, label=gettext_lazy("变更理由"))
    evidence = forms.CharField(
        max_length=80, required=False, label=gettext_lazy("财务困难证明材料编号")
    )


@staff(*READERS)
def change_page(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show a loan's changes of terms; `way` and a figure work one out. Nothing is written here."""
    given = request.GET
    if not {"way", *FIGURES} & given.keys():
        return _page(request, loan_id)
    asked = QuoteForm(given)
    if not asked.is_valid():
        return _page(request, loan_id, asked=asked, status=422)
    wanted = {name: asked.cleaned_data[name] for name in ("way", *FIGURES)}
    wish = _wish(wanted)
    assert wish is not None, wanted
    try:
        quote = quote_change(loan_id, wish, clock.business_date())
    except Refusal as refusal:
        field = refusal.facts.get("field", "")
        asked.add_error(field if field in asked.fields else None, message_for(refusal))
        return _page(request, loan_id, asked=asked, status=422)
    return _page(request, loan_id, ChangeForm(initial=wanted), asked=asked, worked=(wish, quote))


@require_POST
@staff(*PROPOSERS)
def propose(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Propose a change of terms; another person decides."""
    form = ChangeForm(request.POST)
    is_whole = form.is_valid()
    wish = _wish(form.cleaned_data)
    if is_whole and wish is not None:
        command = ProposeChange(
            loan_id=loan_id,
            **vars(wish),
            consent=form.cleaned_data["consent"],
            reason=form.cleaned_data["reason"],
            evidence=form.cleaned_data["evidence"],
        )
        if form.attempt(lambda: propose_change(command, form.call(request))) is not None:
            messages.success(request, _("变更已提交，等待另一位复核。"))
            return redirect("loan-changes", loan_id)
    elif is_whole:
        form.add_error(None, _("请先试算再提交。"))
    quote = _quote(loan_id, wish) if wish else None
    worked = (wish, quote) if wish and quote else None
    return _page(request, loan_id, form, worked=worked, status=422)


@require_POST
@staff(*{*PROPOSERS, *DECIDERS})
def decide(request: HttpRequest, loan_id: UUID, change_id: UUID, word: str) -> HttpResponse:
    """Approve, decline or take back a change of terms."""
    form = DecideForm(request.POST)

    def act(call: Call) -> ChangeDecided:
        command = DecideChange(change_id=change_id, word=word, shown=form.amount())
        return decide_change(command, call)

    checked_word(word)
    return answer(request, form, act, ("loan-changes", loan_id))


def _figure(way: str) -> str:
    return FIGURE.get(WAYS[way]["kind"], "months")


def _wish(wanted: dict[str, Any]) -> Wish | None:
    """Return what is asked for; None where its way or figure is missing."""
    way = WAYS.get(wanted.get("way", ""))
    if way and way["kind"] == RESTRUCTURING:
        return Wish(**way, months=wanted.get("months") or 0, rate_annual=wanted.get("rate"))
    figure = wanted.get(_figure(wanted["way"])) if way else None
    if way is None or figure is None:
        return None
    if way["kind"] == "fixed-rate":
        return Wish(**way, rate_annual=figure)
    if way["kind"] == "floating-rate":
        return Wish(**way, spread=Decimal(figure) / 10_000)
    return Wish(**way, months=figure)


def _quote(loan_id: UUID, wish: Wish) -> ChangeQuote | None:
    """Return what a change would do, None where it cannot be made."""
    try:
        return quote_change(loan_id, wish, clock.business_date())
    except Refusal:
        return None


def _page(
    request: HttpRequest,
    loan_id: UUID,
    form: ChangeForm | None = None,
    *,
    asked: QuoteForm | None = None,
    worked: tuple[Wish, ChangeQuote] | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.business_date()
    card = get_loan(loan_id, today).card
    rows = list_changes(loan_id, today)
    is_free = may_propose(request, card, rows, PROPOSERS)
    context = {
        "desk": True,
        "card": card,
        "party": get_party(card.party_id),
        "changes": [_shown(request, one) for one in rows],
        "may_propose": is_free,
        "asked": asked or QuoteForm(),
        "form": form if is_free else None,
        "is_relief": worked is not None and worked[0].kind == RESTRUCTURING,
        "watch": watch_of(loan_id, today),
        "problem": first_error(form) if form and not is_free else "",
        "quote": shown_quote(worked[1]) if worked else None,
        "new_rate": quote_rate(loan_id, worked[0], today) if worked else None,
        "rate": shown_rates(loan_id),
        "key": KeyedForm(),
    }
    return render(request, "backoffice/portfolio/changes.html", context, status=status)


def _shown(request: HttpRequest, one: ChangeView) -> dict[str, Any]:
    wish = one.wish
    way = next(name for name, way in WAYS.items() if _is_way(wish, way))
    return {
        "it": one,
        "way": WAY_NAMES[way],
        "figure": _said(wish),
        "state": STATES[one.state],
        "quote": shown_quote(one.quote) if one.quote else None,
        "is_stuck": one.state == "waiting" and one.quote is None,
        **waiting_for(request, one, DECIDERS),
        "form": DecideForm(initial={"shown": one.quote.total.minor if one.quote else None}),
    }


def _is_way(wish: Wish, way: dict[str, Any]) -> bool:
    """Tell whether a change was asked for that way, whatever its figure."""
    return Wish(**way, months=wish.months, rate_annual=wish.rate_annual, spread=wish.spread) == wish


def _said(wish: Wish) -> str:
    """Return the figure of a change in words."""
    if wish.kind == RESTRUCTURING:
        longer = [_("%(count)s 个月") % {"count": wish.months}] if wish.months else []
        rate = [percent(wish.rate_annual)] if wish.rate_annual is not None else []
        return " · ".join(longer + rate)
    if wish.rate_annual is not None:
        return percent(wish.rate_annual)
    if wish.spread is not None:
        return _("%(points)s 个基点") % {"points": points_of(wish.spread)}
    return _("%(count)s 个月") % {"count": wish.months}


def shown_quote(quote: ChangeQuote) -> dict[str, Any]:
    """Return both plans as components/schedule.html shows them, and what differs in sum."""
    return {
        "before": _rows(quote.before),
        "after": _rows(quote.after),
        "has_fees": any(row.fee for row in (*quote.before, *quote.after)),
        "more_interest": quote.more_interest,
        "penalty": quote.penalty,
        "watched_until": quote.watched_until,
        "next_due_on": quote.after[0].due_on,
        "next_due": quote.next_due,
        "ended_on": quote.before[-1].due_on,
        "ends_on": quote.after[-1].due_on,
    }


def _rows(rows: tuple[PlannedRow, ...]) -> list[dict[str, Any]]:
    return [
        {
            "no": row.no,
            "due": row.due_on,
            "payment": row.payment,
            "principal": row.principal,
            "interest": row.interest,
            "fee": row.fee,
            "balance": row.balance,
        }
        for row in rows
    ]
