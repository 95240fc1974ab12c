"""A loan in breach called back on the desk: worked out, proposed, noticed, taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.lending.origination.queries.papers import says_recall
from rongqiao.lending.servicing.operations.rescheduling.decide_recall import (
    DecideRecall,
    decide_recall,
)
from rongqiao.lending.servicing.operations.rescheduling.propose_recall import (
    ProposeRecall,
    propose_recall,
)
from rongqiao.lending.servicing.operations.rescheduling.recalling import (
    DECIDERS,
    LONGEST_EVIDENCE,
    LONGEST_REASON,
    PROPOSERS,
)
from rongqiao.lending.servicing.operations.rescheduling.revoke_recall import (
    RecallRevoked,
    RevokeRecall,
    revoke_recall,
)
from rongqiao.lending.servicing.queries.amending.recalls import (
    RecallQuote,
    RecallView,
    list_recalls,
    quote_recall,
)
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.parties.queries import get_party
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal
from rongqiao.policies.credit.recall import LEAST_GRACE, MOST_DAYS_LATE, MOST_GRACE
from rongqiao.web.backoffice.portfolio.amending.deciding import (
    answer,
    checked_word,
    may_propose,
    waiting_for,
)
from rongqiao.web.backoffice.portfolio.rooms import READERS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import KeyedForm, StrictForm, WholeField, first_error
from rongqiao.web.frame.refusals import message_for

ACTORS = (*PROPOSERS, *DECIDERS)
CAUSES = {"overdue": gettext_lazy("长期逾期"), "misuse": gettext_lazy("未按约定用途使用")}
STATES = {
    "waiting": gettext_lazy("待复核"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
    "noticed": gettext_lazy("已通知，宽限期内"),
    "revoked": gettext_lazy("通知已撤销"),
    "lapsed": gettext_lazy("通知已失效"),
    "made": gettext_lazy("已提前到期"),
}
ENDED = {"paid": gettext_lazy("逾期款项已还清"), "ended": gettext_lazy("借款已结束或已全部到期")}
PROBLEMS = {
    "parked": gettext_lazy("借款已被日终搁置"),
    "held": gettext_lazy("借款人在身故或破产暂停中"),
}


def _grace() -> WholeField:
    return WholeField(least=LEAST_GRACE, most=MOST_GRACE, label=gettext_lazy("宽限天数"))


class QuoteForm(StrictForm):
    """The breach and the days of grace."""

    cause = forms.ChoiceField(choices=list(CAUSES.items()), label=gettext_lazy("违约情形"))
    grace_days = _grace()


class RecallForm(KeyedForm):
    """What was worked out, the paper that shows the breach, and why."""

    cause = forms.ChoiceField(choices=list(CAUSES.items()), widget=forms.HiddenInput)
    grace_days = WholeField(least=LEAST_GRACE, most=MOST_GRACE, widget=forms.HiddenInput)
    evidence = forms.CharField(
        max_length=LONGEST_EVIDENCE, label=gettext_lazy("违约证据或催收记录编号")
    )
    reason = forms.CharField(max_length=LONGEST_REASON, label=gettext_lazy("说明"))


class RevokeForm(KeyedForm):
    """Why the notice is taken back."""

    reason = forms.CharField(max_length=LONGEST_REASON, label=gettext_lazy("撤销理由"))


@staff(*{*READERS, *PROPOSERS})
def recall_page(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show a loan's recalls; a cause and days work one out. Nothing is written here."""
    given = request.GET
    if not {"cause", "grace_days"} & given.keys():
        return _page(request, loan_id)
    asked = QuoteForm(given)
    if not asked.is_valid():
        return _page(request, loan_id, asked=asked, status=422)
    wanted = {name: asked.cleaned_data[name] for name in ("cause", "grace_days")}
    try:
        quote = quote_recall(loan_id, **wanted, on=clock.business_date())
    except Refusal as refusal:
        asked.add_error(None, message_for(refusal))
        return _page(request, loan_id, asked=asked, status=422)
    return _page(request, loan_id, RecallForm(initial=wanted), asked=asked, quote=quote)


@require_POST
@staff(*PROPOSERS)
def propose(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Propose a recall; another person decides."""
    form = RecallForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        command = ProposeRecall(
            loan_id=loan_id,
            cause=given["cause"],
            grace_days=given["grace_days"],
            evidence=given["evidence"],
            reason=given["reason"],
        )
        if form.attempt(lambda: propose_recall(command, form.call(request))) is not None:
            messages.success(request, _("提前到期已提交，等待另一位复核。"))
            return redirect("loan-recalls", loan_id)
    return _page(request, loan_id, form, status=422)


@require_POST
@staff(*ACTORS)
def decide(request: HttpRequest, loan_id: UUID, recall_id: UUID, word: str) -> HttpResponse:
    """Notice, decline, take back a proposal, or revoke a notice."""
    if word == "revoke":
        return _revoke(request, loan_id, recall_id)
    command = DecideRecall(recall_id=recall_id, word=checked_word(word))
    page = ("loan-recalls", loan_id)
    return answer(request, KeyedForm(request.POST), lambda call: decide_recall(command, call), page)


def _revoke(request: HttpRequest, loan_id: UUID, recall_id: UUID) -> HttpResponse:
    form = RevokeForm(request.POST)

    def act(call: Call) -> RecallRevoked:
        command = RevokeRecall(recall_id=recall_id, reason=form.cleaned_data["reason"])
        return revoke_recall(command, call)

    said = _("通知已撤销，仍按原计划还款。")
    return answer(request, form, act, ("loan-recalls", loan_id), said)


def _page(
    request: HttpRequest,
    loan_id: UUID,
    form: RecallForm | None = None,
    *,
    asked: QuoteForm | None = None,
    quote: RecallQuote | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.business_date()
    card = get_loan(loan_id, today).card
    rows = list_recalls(loan_id, today)
    is_free = may_propose(request, card, rows, PROPOSERS, ("waiting", "noticed"))
    context = {
        "desk": True,
        "card": card,
        "party": get_party(card.party_id),
        "recalls": [_shown(request, one) for one in rows],
        "may_propose": is_free,
        "asked": asked or QuoteForm(),
        "form": form if is_free else None,
        "problem": first_error(form) if form and not is_free else "",
        "quote": quote,
        "days_late": MOST_DAYS_LATE,
        "is_agreed": says_recall(card.agreement_id),
        "key": KeyedForm(),
    }
    return render(request, "backoffice/portfolio/recalls.html", context, status=status)


def _shown(request: HttpRequest, one: RecallView) -> dict[str, Any]:
    is_revocable = one.state == "noticed" and roles_held(request) & set(ACTORS)
    because = ENDED.get(one.ended_because) if one.state == "lapsed" else None
    return {
        "it": one,
        "cause": CAUSES[one.cause],
        "state": STATES[one.state],
        "because": because or one.ended_because,
        "problem": PROBLEMS.get(one.problem, one.problem),
        "is_stuck": one.state == "waiting" and one.quote is None,
        **waiting_for(request, one, DECIDERS),
        "revoke": RevokeForm() if is_revocable else None,
    }
