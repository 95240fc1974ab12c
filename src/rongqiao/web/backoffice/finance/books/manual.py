"""Journals by hand: one officer writes the legs, another one posts them or sends them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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
from rongqiao.money.ledger.operations.closing.manual.amend_manual_journal import (
    AmendManualJournal,
    amend_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.draft_manual_journal import (
    DraftManualJournal,
    draft_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.draft_manual_reversal import (
    DraftManualReversal,
    draft_manual_reversal,
)
from rongqiao.money.ledger.operations.closing.manual.post_manual_journal import (
    PostManualJournal,
    post_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.send_back_manual_journal import (
    SendBackManualJournal,
    send_back_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.withdraw_manual_journal import (
    WithdrawManualJournal,
    withdraw_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.writing import (
    LONGEST_REFERENCE,
    MOST_LEGS,
    ManualLeg,
    ManualMoved,
)
from rongqiao.money.ledger.queries.manual import (
    PAGE,
    ManualView,
    get_manual_journal,
    list_accounts_open_to_hand,
    list_manual_journals,
)
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
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
from rongqiao.web.backoffice.finance.filters import ChoiceFilter, Filters
from rongqiao.web.backoffice.finance.rooms import BOOKS, READERS, acts, room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import Words, account_name, officer, say
from rongqiao.web.frame.access import looked_for, staff
from rongqiao.web.frame.forms import DayField, MoneyField, dress, name_fields

STATES: Words = {
    "waiting": gettext_lazy("待复核"),
    "sent-back": gettext_lazy("已退回"),
    "posted": gettext_lazy("已记账"),
    "withdrawn": gettext_lazy("已撤回"),
}
TONES = {"waiting": "info", "sent-back": "warning", "posted": "success"}
# An empty form begins with so many legs, and grows by as many.
LEGS_AT_FIRST, LEGS_MORE = 2, 2


class ReferenceForm(ReasonForm):
    """A reason, and the paper it rests on."""

    reference = forms.CharField(label=gettext_lazy("依据（单据号）"), max_length=LONGEST_REFERENCE)


class PostForm(PlainForm):
    """The journal as the second officer read it: one changed meanwhile is not posted."""

    drafted_at = forms.CharField(widget=forms.HiddenInput, label="drafted_at", max_length=40)

    def clean_drafted_at(self) -> datetime:
        """Return the instant the page was drawn with."""
        try:
            return datetime.fromisoformat(self.cleaned_data["drafted_at"])
        except ValueError:
            raise forms.ValidationError(_("表单不完整，请刷新页面后再提交。")) from None


class ManualForm(ReferenceForm):
    """The legs of a journal: as many rows as were sent, each an account and one amount."""

    value_on = DayField(label=gettext_lazy("起息日"))

    def __init__(self, *args: Any, rows: int = LEGS_AT_FIRST, **options: Any) -> None:
        """Make the fields of `rows` legs, or of those that were sent."""
        super().__init__(*args, **options)
        accounts = [("", "—")] + [
            (code, f"{account_name(code)} · {code}") for code in list_accounts_open_to_hand()
        ]
        sent = [name for name in self.data if name.startswith("account_")]
        self.rows = min(max(rows, len(sent)), MOST_LEGS)
        for number in range(1, self.rows + 1):
            self.fields[f"account_{number}"] = forms.ChoiceField(
                label=_("第 %(n)s 行科目") % {"n": number}, choices=accounts, required=False
            )
            for side, name in (("debit", _("借方")), ("credit", _("贷方"))):
                self.fields[f"{side}_{number}"] = MoneyField(
                    label=_("第 %(n)s 行%(side)s") % {"n": number, "side": name},
                    least=Money(1),
                    most=Money(LARGEST_MINOR),
                    required=False,
                )
        dress(self)
        name_fields(self)

    @property
    def legs(self) -> list[dict[str, Any]]:
        """Return the bound fields of each row."""
        return [
            {part: self[f"{part}_{number}"] for part in ("account", "debit", "credit")}
            for number in range(1, self.rows + 1)
        ]

    @property
    def words(self) -> list[forms.BoundField]:
        """Return the bound fields beside the legs."""
        return [self[name] for name in ("reason", "reference", "value_on")]

    def said_legs(self) -> tuple[ManualLeg, ...]:
        """Return the rows with anything in them as the operation takes them."""
        said = self.cleaned_data
        return tuple(
            ManualLeg(
                account=said.get(f"account_{number}") or "",
                debit=said.get(f"debit_{number}") or Money(0),
                credit=said.get(f"credit_{number}") or Money(0),
            )
            for number in range(1, self.rows + 1)
            if any(said.get(f"{part}_{number}") for part in ("account", "debit", "credit"))
        )


class ManualFilters(Filters):
    """What narrows the journals by hand."""

    state = ChoiceFilter(STATES, label=gettext_lazy("状态"))


VERBS = {
    "post": Verb(
        label=gettext_lazy("复核并记账"),
        says=gettext_lazy("核对各行、理由和依据后记入总账。记账后只能冲销，不能修改。"),
        run=lambda pk, said, call: post_manual_journal(
            PostManualJournal(manual_id=pk, drafted_at=said["drafted_at"]), call
        ),
        form=PostForm,
        tone="primary",
    ),
    "send-back": Verb(
        label=gettext_lazy("退回"),
        says=gettext_lazy("退给制单人修改；账簿不变。"),
        run=lambda pk, said, call: send_back_manual_journal(
            SendBackManualJournal(manual_id=pk, reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("不再办理这张凭证；账簿不变。"),
        run=lambda pk, _said, call: withdraw_manual_journal(
            WithdrawManualJournal(manual_id=pk), call
        ),
        tone="error",
    ),
    "reverse": Verb(
        label=gettext_lazy("申请冲销"),
        says=gettext_lazy("另制一张借贷相反的凭证，由另一位财务人员复核后记账。"),
        run=lambda pk, said, call: draft_manual_reversal(
            DraftManualReversal(manual_id=pk, reason=said["reason"], reference=said["reference"]),
            call,
        ),
        form=ReferenceForm,
    ),
}


@staff(*READERS)
def manual_list(request: HttpRequest) -> HttpResponse:
    """List journals by hand, newest first; `before` is the id of the last one seen."""
    filters = ManualFilters(request)
    state = filters.text("state")
    table = Table(
        name="manual-journals",
        title=_("手工分录"),
        heads=(_("编号"), _("状态"), _("起息日"), _("金额"), _("理由"), _("依据"), _("分录")),
        rows=lambda: (
            (o.number, say(STATES, o.state), o.value_on, o.total, o.reason, o.reference, o.journal)
            for o in list_manual_journals(state, limit=MOST_ROWS)
        ),
    )
    if file := download(request, table):
        return file
    found = list_manual_journals(state, before=_mark(request))
    context = room(
        request,
        BOOKS,
        "manual-journals",
        filters=filters,
        rows=[_shown(one) for one in found],
        older=found[-1].id if len(found) == PAGE else None,
    )
    return render(request, "backoffice/finance/books/manual_list.html", context)


@staff(Role.FINANCE)
def new_manual(request: HttpRequest) -> HttpResponse:
    """Write a journal for another officer to post; `more` asks for more rows and writes nothing."""

    def write(form: ManualForm, call: Call) -> ManualMoved:
        return draft_manual_journal(DraftManualJournal(**_said(form)), call)

    first = {"value_on": clock.business_date().isoformat()}
    return _writing(request, ManualForm(_sent(request), initial=first), write, _("新手工分录"))


@staff(Role.FINANCE)
def amend(request: HttpRequest, manual_id: UUID) -> HttpResponse:
    """Change a journal that was sent back, by who wrote it; the legs of a reversal stay."""
    found = get_manual_journal(manual_id)
    if "amend" not in _fitting(request, found):
        raise Http404
    first: dict[str, Any] = {
        "reason": found.reason,
        "reference": found.reference,
        "value_on": found.value_on.isoformat(),
    }
    for number, leg in enumerate(found.legs, 1):
        first[f"account_{number}"] = leg.account
        first[f"debit_{number}"] = leg.debit or None
        first[f"credit_{number}"] = leg.credit or None

    def write(form: ManualForm, call: Call) -> ManualMoved:
        return amend_manual_journal(AmendManualJournal(manual_id=manual_id, **_said(form)), call)

    form = ManualForm(_sent(request), initial=first, rows=len(found.legs))
    return _writing(request, form, write, _("修改 %(number)s") % {"number": found.number})


@staff(*READERS)
def manual_page(request: HttpRequest, manual_id: UUID) -> HttpResponse:
    """Show one journal by hand and what can be done with it."""
    return _page(request, manual_id)


@staff(Role.FINANCE)
@require_POST
def act(request: HttpRequest, manual_id: UUID, verb: str) -> HttpResponse:
    """Do one thing to a journal by hand."""
    refused = attempt(request, VERBS, verb, manual_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("manual-journal", manual_id)
    return _page(request, manual_id, refused)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" and "more" not in request.POST else None


def _said(form: ManualForm) -> dict[str, Any]:
    said = form.cleaned_data
    names = ("reason", "reference", "value_on")
    return {"legs": form.said_legs(), **{name: said[name] for name in names}}


def _writing(
    request: HttpRequest,
    form: ManualForm,
    write: Callable[[ManualForm, Call], ManualMoved],
    title: str,
) -> HttpResponse:
    if "more" in request.POST:
        form = _with_more_rows(request)
    elif form.is_bound and form.is_valid():
        moved = form.attempt(lambda: write(form, form.call(request)))
        if moved is not None:
            messages.success(request, _("已登记，等待另一位财务人员复核。"))
            return redirect("manual-journal", moved.manual_id)
    context = room(request, BOOKS, "manual-journals", form=form, title=title)
    status = 422 if form.is_bound else 200
    return render(request, "backoffice/finance/books/manual_form.html", context, status=status)


def _with_more_rows(request: HttpRequest) -> ManualForm:
    """Return the form as it was filled in, with more rows and nothing judged yet."""
    sent = sum(name.startswith("account_") for name in request.POST)
    first = {name: request.POST[name] for name in request.POST if name not in ("key", "more")}
    return ManualForm(initial=first, rows=min(sent, MOST_LEGS) + LEGS_MORE)


def _page(request: HttpRequest, manual_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = get_manual_journal(manual_id)
    fitting = _fitting(request, found)
    verbs = [one for one in fitting if one in VERBS]
    shown = shown_verbs(
        VERBS, verbs, lambda verb: reverse("manual-act", args=[found.id, verb]), refused
    )
    for one in shown:
        if one["name"] == "post" and not one["form"].is_bound:
            one["form"].initial["drafted_at"] = found.drafted_at.isoformat()
    context = room(
        request,
        BOOKS,
        "manual-journals",
        **_shown(found),
        legs=[{"one": leg, "name": account_name(leg.account)} for leg in found.legs],
        is_mine=found.drafted_by == f"user:{request.user.pk}" and found.state == "waiting",
        may_amend="amend" in fitting,
        verbs=shown,
        error=refusal_of(refused, verbs),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/finance/books/manual.html", context, status=status)


def _fitting(request: HttpRequest, one: ManualView) -> list[str]:
    """Return the verbs that fit the journal as it stands and the officer who looks."""
    if not acts(request):
        return []
    is_mine = one.drafted_by == f"user:{request.user.pk}"
    if one.state == "posted":
        return [] if one.reverses or one.reversed_by else ["reverse"]
    if one.state in ("waiting", "sent-back") and is_mine:
        return ["amend", "withdraw"]
    return ["post", "send-back"] if one.state == "waiting" else []


def _mark(request: HttpRequest) -> str:
    try:
        return str(UUID(looked_for(request, "before")))
    except ValueError:
        return ""


def _shown(one: ManualView) -> dict[str, Any]:
    return {
        "one": one,
        "state": say(STATES, one.state),
        "tone": TONES.get(one.state, "ghost"),
        "drafter": officer(one.drafted_by),
        "decider": officer(one.decided_by),
    }
