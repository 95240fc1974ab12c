"""Breaks with the bank: both sides next to each other, a mend by two officers."""

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

from rongqiao.money.payments.operations.mending.approve_mend import ApproveMend, approve_mend
from rongqiao.money.payments.operations.mending.approve_undo import ApproveUndo, approve_undo
from rongqiao.money.payments.operations.mending.assign_break import AssignBreak, assign_break
from rongqiao.money.payments.operations.mending.propose_mend import ProposeMend, propose_mend
from rongqiao.money.payments.operations.mending.propose_undo import ProposeUndo, propose_undo
from rongqiao.money.payments.operations.mending.send_back_mend import SendBackMend, send_back_mend
from rongqiao.money.payments.queries.reconciling import (
    PAGE,
    BreakDetail,
    BreakFilters,
    BreakView,
    get_break,
    list_breaks,
)
from rongqiao.parties.queries import get_parties, list_grants, user_of
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.bank.words import (
    BREAK_KINDS,
    BREAK_STATES,
    BREAK_TONES,
    FILE_REASONS,
    LINE_KINDS,
    MENDS,
    ORDER_STATES,
    OUR_SIDES,
)
from rongqiao.web.backoffice.finance.customers import find_customer
from rongqiao.web.backoffice.finance.filters import (
    ChoiceFilter,
    DayFilter,
    Filters,
    TextFilter,
    offset_in,
    pages,
)
from rongqiao.web.backoffice.finance.rooms import MONEY, READERS, acts, room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import KeyedForm, WholeField
from rongqiao.web.templatetags.figures import masked, moment

UNRESOLVED, MINE = "unresolved", "mine"


class BreakFiltersForm(Filters):
    """What narrows the breaks; without a state, those still to be mended."""

    state = ChoiceFilter(
        {**BREAK_STATES, MINE: gettext_lazy("分派给我"), "all": gettext_lazy("含已处理")},
        label=gettext_lazy("状态"),
    )
    kind = ChoiceFilter(BREAK_KINDS, label=gettext_lazy("类型"))
    q = TextFilter(gettext_lazy("编号、指令或流水号"))
    since = DayFilter(gettext_lazy("对账日从"))
    until = DayFilter(gettext_lazy("到"))

    def wanted(self, me: str) -> BreakFilters:
        """Return them as the query takes them; `me` is the officer who looks."""
        state, kind = self.text("state"), self.text("kind")
        states = {"all": tuple(BREAK_STATES), "": (), MINE: ()}.get(state, (state,))
        unresolved = BreakFilters().states
        return BreakFilters(
            states=states or unresolved,
            kinds=(kind,) if kind else (),
            day_from=self.given("since"),
            day_to=self.given("until"),
            assignee=me if state == MINE else "",
            text=self.text(),
        )


class AssignForm(KeyedForm):
    """To which officer."""

    user_id = forms.ChoiceField(label=gettext_lazy("财务人员"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer those who hold the role."""
        super().__init__(*args, **options)
        holders = {one.user_id for one in list_grants("confirmed") if one.role is Role.FINANCE}
        choices = [(str(one), masked(str(one))) for one in sorted(holders, key=str)]
        self.fields["user_id"].choices = choices  # type: ignore[attr-defined]


class MendForm(ReasonForm):
    """Which mend, for whom or of which journal, and why."""

    mend = forms.ChoiceField(label=gettext_lazy("处理方式"), choices=tuple(MENDS.items()))
    party = forms.CharField(
        label=gettext_lazy("客户手机号、借款编号或附言码"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("归给客户时填写。"),
    )
    journal = WholeField(
        label=gettext_lazy("要冲正的分录编号"),
        least=1,
        most=999_999_999,
        required=False,
        help_text=gettext_lazy("手工登记的来款或自有资金需要填写；支付指令不用填。"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for the mend first."""
        super().__init__(*args, **options)
        self.order_fields(["mend", "party", "journal", "reason"])

    def clean_party(self) -> UUID | None:
        """Return the customer who is meant."""
        text = self.cleaned_data["party"]
        found = find_customer(text) if text else None
        if text and found is None:
            raise forms.ValidationError(
                _("「%(value)s」没有找到唯一的客户。") % {"value": text[:40]}
            )
        return found


def _propose(pk: UUID, said: dict[str, Any], call: Call) -> Any:
    command = ProposeMend(
        break_id=pk,
        mend=said["mend"],
        reason=said["reason"],
        party_id=said["party"],
        journal=said["journal"],
    )
    return propose_mend(command, call)


def _take(pk: UUID, _said: dict[str, Any], call: Call) -> Any:
    user_id = user_of(call.actor)
    assert user_id is not None, call.actor
    return assign_break(AssignBreak(break_id=pk, user_id=user_id), call)


VERBS = {
    "take": Verb(
        label=gettext_lazy("我来处理"),
        says=gettext_lazy("把这笔差错分派给自己。"),
        run=_take,
        tone="primary",
    ),
    "assign": Verb(
        label=gettext_lazy("分派"),
        says=gettext_lazy("把这笔差错交给一位财务人员查明。"),
        run=lambda pk, said, call: assign_break(
            AssignBreak(break_id=pk, user_id=UUID(said["user_id"])), call
        ),
        form=AssignForm,
    ),
    "propose": Verb(
        label=gettext_lazy("提出处理"),
        says=gettext_lazy("写明怎样处理和为什么；另一位财务人员同意后才动账。"),
        run=_propose,
        form=MendForm,
        tone="primary",
    ),
    "approve": Verb(
        label=gettext_lazy("同意处理"),
        says=gettext_lazy(
            "核对两边的记录和理由后，按提出的方式处理：新记分录或新发指令，不改旧账。"
        ),
        run=lambda pk, _said, call: approve_mend(ApproveMend(break_id=pk), call),
        tone="primary",
    ),
    "send-back": Verb(
        label=gettext_lazy("退回"),
        says=gettext_lazy("不同意提出的方式，退回重查；账簿不变。"),
        run=lambda pk, said, call: send_back_mend(
            SendBackMend(break_id=pk, reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "propose-undo": Verb(
        label=gettext_lazy("提出撤销"),
        says=gettext_lazy("处理有误时请求撤销；另一位财务人员同意后冲正它的分录。"),
        run=lambda pk, said, call: propose_undo(
            ProposeUndo(break_id=pk, reason=said["reason"]), call
        ),
        form=ReasonForm,
    ),
    "approve-undo": Verb(
        label=gettext_lazy("同意撤销"),
        says=gettext_lazy("冲正处理时的分录，差错回到处理中。"),
        run=lambda pk, _said, call: approve_undo(ApproveUndo(break_id=pk), call),
        tone="error",
    ),
}


@staff(*READERS)
def break_list(request: HttpRequest) -> HttpResponse:
    """List breaks, oldest first; `from` pages on."""
    filters, today = BreakFiltersForm(request), clock.business_date()
    wanted = filters.wanted(f"user:{request.user.pk}")
    table = Table(
        name="breaks",
        title=_("差错"),
        heads=(
            _("编号"),
            _("类型"),
            _("对账日"),
            _("天数"),
            _("金额"),
            _("银行"),
            _("我方"),
            _("状态"),
            _("处理方式"),
        ),
        rows=lambda: _rows(list_breaks(wanted, today, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    offset = offset_in(request)
    found = list_breaks(wanted, today, start=offset, limit=PAGE + 1)
    context = room(
        request,
        MONEY,
        "breaks",
        filters=filters,
        rows=[_shown(one) for one in found[:PAGE]],
        pages=pages(offset, PAGE, has_more=len(found) > PAGE),
    )
    return render(request, "backoffice/finance/bank/breaks.html", context)


@staff(*READERS)
def break_page(request: HttpRequest, break_id: UUID) -> HttpResponse:
    """Show one break with both sides, its life, and what can be done."""
    return _page(request, break_id)


@staff(Role.FINANCE)
@require_POST
def act(request: HttpRequest, break_id: UUID, verb: str) -> HttpResponse:
    """Take one step with a break."""
    refused = attempt(request, VERBS, verb, break_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("break", break_id)
    return _page(request, break_id, refused)


def _page(request: HttpRequest, break_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = get_break(break_id, clock.business_date())
    if found is None:
        raise Http404
    fitting = _fitting(request, found)
    shown = shown_verbs(
        VERBS, fitting, lambda verb: reverse("break-act", args=[break_id, verb]), refused
    )
    for one in shown:
        if one["name"] == "propose":
            _offer_mends(one["form"], found)
    parties = get_parties({found.mend_party, found.suggested_party} - {None})  # type: ignore[arg-type]
    context = room(
        request,
        MONEY,
        "breaks",
        **_shown(found.view),
        suggested=_suggested(found),
        found=found,
        line_kind=say(LINE_KINDS, found.bank.kind) if found.bank else "",
        ours_what=say(OUR_SIDES, found.ours.what) if found.ours else "",
        ours_state=say(ORDER_STATES, found.ours.state) if found.ours else "",
        told_state=say(ORDER_STATES, found.told.state) if found.told else "",
        file_why=say(FILE_REASONS, found.file.reason) if found.file else "",
        party=_name(parties, found.mend_party),
        suggested_party=_name(parties, found.suggested_party),
        mends=[say(MENDS, one) for one in found.mends],
        checker=officer(found.checker),
        is_mine=_is_mine(request, found),
        steps=_steps(found),
        verbs=shown,
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/finance/bank/break.html", context, status=status)


def _offer_mends(form: KeyedForm, found: BreakDetail) -> None:
    """Offer the mends that fit, the suggested one chosen."""
    choices = [(one, say(MENDS, one)) for one in found.mends]
    form.fields["mend"].choices = choices  # type: ignore[attr-defined]
    form.fields["mend"].widget.choices = choices
    if found.view.suggested in found.mends:
        form.initial.setdefault("mend", found.view.suggested)


def _suggested(found: BreakDetail) -> str:
    """Return the suggestion in words; nothing where it is no longer among the mends that fit."""
    suggested = found.view.suggested
    return say(MENDS, suggested) if suggested in found.mends else ""


def _is_mine(request: HttpRequest, found: BreakDetail) -> bool:
    """Tell whether the break waits for another officer than the one who looks."""
    me = f"user:{request.user.pk}"
    return (found.view.state == "proposed" and found.view.maker == me) or found.undo_maker == me


def _fitting(request: HttpRequest, found: BreakDetail) -> list[str]:
    """Return the verbs that fit the break as it stands and the officer who looks."""
    if not acts(request):
        return []
    view, is_mine = found.view, _is_mine(request, found)
    if view.state == "resolved":
        if found.undo_maker:
            return [] if is_mine else ["approve-undo", "send-back"]
        return ["propose-undo"]
    if view.state == "proposed":
        return [] if is_mine else ["approve", "send-back"]
    mend = ["propose"] if found.mends else []
    is_assigned_to_me = view.assignee == f"user:{request.user.pk}"
    return [*mend, *([] if is_assigned_to_me else ["take"]), "assign"]


def _name(parties: dict[UUID, Any], party_id: UUID | None) -> str:
    party = parties.get(party_id) if party_id else None
    return party.name if party else ""


def _shown(one: BreakView) -> dict[str, Any]:
    return {
        "one": one,
        "kind": say(BREAK_KINDS, one.kind),
        "state": _("待撤销") if one.waits_for_undo else say(BREAK_STATES, one.state),
        "tone": "warning" if one.waits_for_undo else BREAK_TONES.get(one.state, "ghost"),
        "mend": say(MENDS, one.mend) if one.mend else "",
        "assignee": officer(one.assignee),
        "maker": officer(one.maker),
    }


def _steps(found: BreakDetail) -> list[dict[str, str]]:
    steps = []
    for one in found.steps:
        parts = [say(BREAK_STATES, one.to_state)]
        if one.mend:
            parts.append(say(MENDS, one.mend))
        parts.append(officer(one.actor))
        is_last = one is found.steps[-1] and one.to_state != "resolved"
        steps.append(
            {
                "label": " · ".join(parts),
                "when": f"{moment(one.at)} {one.note}".strip(),
                "state": "now" if is_last else "done",
            }
        )
    return steps


def _rows(found: Iterable[BreakView]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            one.number,
            say(BREAK_KINDS, one.kind),
            one.day,
            one.age_days,
            one.amount,
            one.bank,
            one.ours,
            say(BREAK_STATES, one.state),
            say(MENDS, one.mend) if one.mend else "",
        )
        for one in found
    )
