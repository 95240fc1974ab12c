"""Lost loans on the desk: the quote before one is given up, the second person's word, recovery."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.writing_off.decide_write_off import (
    DecideWriteOff,
    decide_write_off,
)
from rongqiao.lending.servicing.operations.writing_off.deciding import DECIDERS, PROPOSERS
from rongqiao.lending.servicing.operations.writing_off.propose_write_off import (
    LONGEST_EVIDENCE,
    ProposeWriteOff,
    propose_write_off,
)
from rongqiao.lending.servicing.queries.amending.write_offs import (
    PAGE,
    WriteOffView,
    get_write_off,
    list_candidates,
    list_recoveries,
    list_write_offs,
    quote_write_off,
    write_off_totals,
)
from rongqiao.lending.servicing.queries.loans import Owed
from rongqiao.parties.queries import get_parties, get_party
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
from rongqiao.web.backoffice.finance.filters import (
    ChoiceFilter,
    Filters,
    TextFilter,
    offset_in,
    pages,
)
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import Words, officer, say
from rongqiao.web.backoffice.portfolio.rooms import CLASSES, RISK_READERS, TABS
from rongqiao.web.backoffice.portfolio.rooms import READERS as LOAN_READERS
from rongqiao.web.borrower.words import BUCKET
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import MoneyField, first_error

READERS = (*RISK_READERS, Role.COLLECTOR, Role.COMPLIANCE_OFFICER)
STATES: Words = {
    "waiting": gettext_lazy("待复核"),
    "approved": gettext_lazy("已核销"),
    "recovered": gettext_lazy("已全部收回"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
}
TONES = {"waiting": "info", "approved": "error", "recovered": "success"}


class ProposalForm(ReasonForm):
    """Why a loan is lost, and what shows it."""

    evidence = forms.CharField(
        label=gettext_lazy("证据"),
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("裁定书、破产公告、催收记录等的名称和编号"),
    )


class ApproveForm(PlainForm):
    """The sum the second person read: another one is not approved."""

    expected = MoneyField(
        least=Money(1), most=Money(LARGEST_MINOR), label="expected", widget=forms.HiddenInput
    )


class WriteOffFilters(Filters):
    """What narrows the write-offs."""

    state = ChoiceFilter(STATES, label=gettext_lazy("状态"))
    q = TextFilter(gettext_lazy("借款编号"))


class CandidateFilters(Filters):
    """What narrows the loans that may be given up."""

    q = TextFilter(gettext_lazy("借款编号"))


VERBS = {
    "approve": Verb(
        label=gettext_lazy("批准核销"),
        says=gettext_lazy("上面的欠款记为损失，借款停止计息，借款人仍须偿还。批准后不能撤销。"),
        run=lambda pk, said, call: decide_write_off(
            DecideWriteOff(write_off_id=pk, word="approve", expected=said["expected"]), call
        ),
        form=ApproveForm,
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("借款照旧计息和催收；账簿不变。"),
        run=lambda pk, said, call: decide_write_off(
            DecideWriteOff(write_off_id=pk, word="decline", reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("不再提出这笔核销；账簿不变。"),
        run=lambda pk, _said, call: decide_write_off(
            DecideWriteOff(write_off_id=pk, word="withdraw"), call
        ),
        tone="error",
    ),
}


@staff(*READERS)
def write_off_list(request: HttpRequest) -> HttpResponse:
    """List write-offs, the latest proposed first; the address narrows, files hold all of it."""
    filters, offset = WriteOffFilters(request), offset_in(request)
    state, text = filters.text("state"), filters.text()
    table = Table(
        name="write-offs",
        title=_("核销"),
        heads=(
            _("借款编号"),
            _("借款人"),
            _("状态"),
            *map(str, BUCKET.values()),
            _("合计"),
            _("已收回"),
            _("仍欠"),
            _("提出日"),
            _("决定日"),
        ),
        rows=lambda: _file_rows(list_write_offs(state, text, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    found = list_write_offs(state, text, offset, PAGE + 1)
    context = _room(
        request,
        filters=filters,
        rows=_shown_rows(found[:PAGE]),
        pages=pages(offset, PAGE, has_more=len(found) > PAGE),
        totals=write_off_totals(),
        may_propose=_holds(request, PROPOSERS),
    )
    return render(request, "backoffice/portfolio/write_offs.html", context)


@staff(*READERS)
def candidates(request: HttpRequest) -> HttpResponse:
    """List loans that may be given up, the longest overdue first, each with its quote."""
    filters, offset = CandidateFilters(request), offset_in(request)
    text = filters.text()
    table = Table(
        name="write-off-candidates",
        title=_("可核销的借款"),
        heads=(_("借款编号"), _("逾期天数"), *map(str, BUCKET.values()), _("合计")),
        rows=lambda: (
            (one.loan_number, one.days_past_due, *_amounts(one.amounts), one.amounts.total)
            for one in list_candidates(text, limit=MOST_ROWS)
        ),
    )
    if file := download(request, table):
        return file
    found = list_candidates(text, offset, PAGE + 1)
    parties = get_parties(one.party_id for one in found)
    context = _room(
        request,
        filters=filters,
        rows=[
            {
                "one": one,
                "party": parties[one.party_id].name,
                "charges": one.amounts.total - one.amounts.principal,
            }
            for one in found[:PAGE]
        ],
        pages=pages(offset, PAGE, has_more=len(found) > PAGE),
    )
    return render(request, "backoffice/portfolio/write_off_candidates.html", context)


@staff(*READERS)
def propose(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show what giving the loan up would write off, and take the proposal."""
    may_propose = _holds(request, PROPOSERS)
    form = ProposalForm(request.POST or None)
    if request.method == "POST":
        if not may_propose:
            raise Http404
        if form.is_valid():
            said = form.cleaned_data
            command = ProposeWriteOff(
                loan_id=loan_id, reason=said["reason"], evidence=said["evidence"]
            )
            done = form.attempt(lambda: propose_write_off(command, form.call(request)))
            if done is not None:
                messages.success(request, _("核销已提交，等待另一位财务复核。"))
                return redirect("write-off", done.write_off_id)
    quote = quote_write_off(loan_id)
    context = _room(
        request,
        quote=quote,
        amounts=_named(quote.amounts),
        risk_class=CLASSES[quote.risk_class],
        party=get_party(quote.party_id),
        form=form if may_propose and quote.is_fit and quote.waiting_id is None else None,
        error=first_error(form) if form.is_bound else "",
    )
    status = 422 if form.is_bound else 200
    return render(request, "backoffice/portfolio/new_write_off.html", context, status=status)


@staff(*READERS)
def write_off(request: HttpRequest, write_off_id: UUID) -> HttpResponse:
    """Show one write-off: what it is of, who said what, what can be done, what came back."""
    return _page(request, write_off_id)


@require_POST
@staff(*{*PROPOSERS, *DECIDERS})
def act(request: HttpRequest, write_off_id: UUID, verb: str) -> HttpResponse:
    """Approve, decline or take back a write-off."""
    refused = attempt(request, VERBS, verb, write_off_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("write-off", write_off_id)
    return _page(request, write_off_id, refused)


def _page(request: HttpRequest, write_off_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = get_write_off(write_off_id)
    fitting = _fitting(request, found)
    # A sum that changed is read anew: the approval begins again with today's.
    is_stale = refused is not None and refused.verb == "approve"
    error = first_error(refused.form) if refused and is_stale else refusal_of(refused, fitting)
    shown = shown_verbs(
        VERBS,
        fitting,
        lambda verb: reverse("write-off-act", args=[found.id, verb]),
        None if is_stale else refused,
    )
    amounts = quote_write_off(found.loan_id).amounts if found.state == "waiting" else found.amounts
    for one in shown:
        if one["name"] == "approve":
            one["form"].initial["expected"] = amounts.total
    context = _room(
        request,
        **_shown(found),
        party=get_party(found.party_id),
        amounts=_named(amounts),
        total=amounts.total,
        has_changed=found.state == "waiting" and amounts.total != found.quoted,
        decider=officer(found.decided_by) if found.decided_by else "",
        proposer=officer(found.proposed_by),
        is_mine=found.state == "waiting" and found.proposed_by == f"user:{request.user.pk}",
        sees_books=_holds(request, (Role.FINANCE, Role.AUDITOR)),
        sees_loans=_holds(request, LOAN_READERS),
        recoveries=list_recoveries(found.id),
        verbs=shown,
        error=error,
    )
    status = 422 if refused else 200
    return render(request, "backoffice/portfolio/write_off.html", context, status=status)


def _fitting(request: HttpRequest, one: WriteOffView) -> list[str]:
    """Return the verbs that fit the write-off as it stands and the person who looks."""
    if one.state != "waiting":
        return []
    if one.proposed_by == f"user:{request.user.pk}":
        return ["withdraw"] if _holds(request, PROPOSERS) else []
    return ["approve", "decline"] if _holds(request, DECIDERS) else []


def _room(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """Return the context; collectors and compliance see no row of pages they may not open."""
    tabs = TABS if _holds(request, RISK_READERS) else ()
    return room(request, tabs, "write-offs", **more)


def _holds(request: HttpRequest, roles: Iterable[Role]) -> bool:
    return bool(roles_held(request) & set(roles))


def _shown_rows(found: Iterable[WriteOffView]) -> list[dict[str, Any]]:
    found = list(found)
    parties = get_parties(one.party_id for one in found)
    return [{**_shown(one), "party": parties[one.party_id].name} for one in found]


def _shown(one: WriteOffView) -> dict[str, Any]:
    state = "recovered" if one.loan_state == "recovered" and one.state == "approved" else one.state
    return {"one": one, "state": say(STATES, state), "tone": TONES.get(state, "ghost")}


def _named(owed: Owed) -> list[dict[str, Any]]:
    return [{"label": label, "amount": getattr(owed, code)} for code, label in BUCKET.items()]


def _amounts(owed: Owed) -> tuple[Money, ...]:
    return tuple(getattr(owed, code) for code in BUCKET)


def _file_rows(found: Iterable[WriteOffView]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            row["one"].loan_number,
            row["party"],
            row["state"],
            *_amounts(row["one"].amounts),
            row["one"].amounts.total,
            row["one"].recovered.total,
            row["one"].left,
            row["one"].proposed_on,
            row["one"].decided_on,
        )
        for row in _shown_rows(found)
    )
