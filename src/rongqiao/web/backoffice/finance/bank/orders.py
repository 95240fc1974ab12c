"""Orders to the custodian bank: found by what an officer knows, read step by step, acted on."""

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

from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.money.payments.operations.capital.approve_transfer import (
    ApproveTransfer,
    approve_transfer,
)
from rongqiao.money.payments.operations.capital.refuse_transfer import (
    RefuseTransfer,
    refuse_transfer,
)
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.operations.orders.refuse_withdrawal import (
    RefuseWithdrawal,
    refuse_withdrawal,
)
from rongqiao.money.payments.queries.orders import (
    OWN,
    PAGE,
    MessageView,
    OrderFilters,
    OrderView,
    StepView,
    get_order,
    list_orders,
    messages_of,
    order_steps,
)
from rongqiao.money.payments.queries.repair import ASK, CLOSE, SEND
from rongqiao.parties.queries import PartyView, get_parties
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.bank import repair
from rongqiao.web.backoffice.finance.bank.words import (
    BY,
    ORDER_KINDS,
    ORDER_STATES,
    ORDER_TONES,
    VERDICTS,
)
from rongqiao.web.backoffice.finance.customers import find_customer
from rongqiao.web.backoffice.finance.filters import (
    AmountFilter,
    ChoiceFilter,
    DayFilter,
    Filters,
    TextFilter,
)
from rongqiao.web.backoffice.finance.rooms import MONEY, READERS, acts, room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.frame.access import looked_for, staff
from rongqiao.web.templatetags.figures import moment

WAITING = "waiting"
TRANSFER_IN, TRANSFER_OUT = "transfer_in", "transfer_out"
VERBS = {
    "approve": Verb(
        label=gettext_lazy("批准提现"),
        says=gettext_lazy("核对收款账户和金额后，把这笔提现发送给银行。发送后不能撤回。"),
        run=lambda pk, _said, call: approve_withdrawal(ApproveWithdrawal(order_id=UUID(pk)), call),
        tone="primary",
    ),
    "refuse": Verb(
        label=gettext_lazy("驳回提现"),
        says=gettext_lazy("取消这笔提现，冻结的金额退回客户可用余额；理由会告知客户。"),
        run=lambda pk, said, call: refuse_withdrawal(
            RefuseWithdrawal(order_id=UUID(pk), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "approve-transfer": Verb(
        label=gettext_lazy("批准转账"),
        says=gettext_lazy("核对方向、金额和事由后，把这笔自有资金转账发送给银行。发送后不能撤回。"),
        run=lambda pk, _said, call: approve_transfer(ApproveTransfer(order_id=UUID(pk)), call),
        tone="primary",
    ),
    "refuse-transfer": Verb(
        label=gettext_lazy("驳回转账"),
        says=gettext_lazy("取消这笔自有资金转账，为转出预留的金额恢复可用。"),
        run=lambda pk, said, call: refuse_transfer(
            RefuseTransfer(order_id=UUID(pk), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    **{step: repair.VERBS[step] for step in (ASK, SEND, CLOSE)},
}


class OrderFiltersForm(Filters):
    """What narrows the orders."""

    state = ChoiceFilter(
        {WAITING: gettext_lazy("待批准"), **ORDER_STATES}, label=gettext_lazy("状态")
    )
    kind = ChoiceFilter(ORDER_KINDS, label=gettext_lazy("类型"))
    q = TextFilter(gettext_lazy("编号、流水号或事由"))
    party = TextFilter(gettext_lazy("客户手机号、借款编号或附言码"))
    amount = AmountFilter(gettext_lazy("金额（元）"))
    since = DayFilter(gettext_lazy("建立日期从"))
    until = DayFilter(gettext_lazy("到"))

    def clean_party(self) -> UUID | None:
        """Return the party that is meant."""
        text = self.cleaned_data["party"]
        found = find_customer(text) if text else None
        if text and found is None:
            raise forms.ValidationError(
                _("「%(value)s」没有找到唯一的客户。") % {"value": text[:40]}
            )
        return found

    def wanted(self) -> OrderFilters:
        """Return them as the orders' query takes them."""
        state, kind = self.text("state"), self.text("kind")
        return OrderFilters(
            states=(state,) if state and state not in (WAITING, "returned") else (),
            kinds=(kind,) if kind else (),
            party_id=self.given("party"),
            created_from=self.given("since"),
            created_to=self.given("until"),
            text=self.text(),
            waits_for_approval=state == WAITING,
            amount=self.given("amount"),
            is_returned=state == "returned",
        )


@staff(*READERS)
def order_list(request: HttpRequest) -> HttpResponse:
    """List orders, newest first; `before` is the id of the last one of the page before."""
    filters = OrderFiltersForm(request)
    wanted = filters.wanted()
    table = Table(
        name="orders",
        title=_("支付指令"),
        heads=(
            _("编号"),
            _("类型"),
            _("状态"),
            _("金额"),
            _("银行流水号"),
            _("事由"),
            _("建立时间"),
            _("结束时间"),
            _("银行日期"),
            _("分录"),
        ),
        rows=lambda: _rows(list_orders(wanted, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    orders = list_orders(wanted, before=_mark(request))
    parties = get_parties(one.party_id for one in orders if one.party_id)
    context = room(
        request,
        MONEY,
        "orders-desk",
        filters=filters,
        rows=[_shown(one, parties) for one in orders],
        older=orders[-1].id if len(orders) == PAGE else None,
    )
    return render(request, "backoffice/finance/bank/orders.html", context)


@staff(*READERS)
def order_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show one order: what it asks, its steps, what the bank said, and what can be done."""
    return _page(request, order_id)


@staff(Role.FINANCE)
@require_POST
def act(request: HttpRequest, order_id: UUID, verb: str) -> HttpResponse:
    """Do one thing to an order."""
    refused = attempt(request, VERBS, verb, str(order_id))
    if refused is None:
        messages.success(request, _("已办理，结果稍后可见。"))
        return redirect("order-desk", order_id)
    return _page(request, order_id, refused)


def _page(request: HttpRequest, order_id: UUID, refused: Refused | None = None) -> HttpResponse:
    order = get_order(order_id)
    if order is None:
        raise Http404
    parties = get_parties([order.party_id] if order.party_id else [])
    fitting = _fitting(request, order)
    context = room(
        request,
        MONEY,
        "orders-desk",
        **_shown(order, parties),
        **_subject(order.subject),
        order=order,
        is_mine=order.waits_for_approval and order.created_by == f"user:{request.user.pk}",
        steps=_steps(order_steps(order.id)),
        said=[_shown_message(one) for one in messages_of(order.number)],
        verbs=shown_verbs(
            VERBS, fitting, lambda verb: reverse("order-act", args=[order.id, verb]), refused
        ),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/finance/bank/order.html", context, status=status)


def _fitting(request: HttpRequest, order: OrderView) -> list[str]:
    """Return the verbs that fit the order as it stands and the officer who looks."""
    if not acts(request):
        return []
    if order.waits_for_approval:
        is_others = order.created_by != f"user:{request.user.pk}"
        if not is_others:
            return []
        is_own = order.kind in (TRANSFER_IN, TRANSFER_OUT)
        return ["approve-transfer", "refuse-transfer"] if is_own else ["approve", "refuse"]
    return {"created": [SEND], "sent": [ASK, CLOSE], "unknown": [ASK, CLOSE]}.get(order.state, [])


def _mark(request: HttpRequest) -> UUID | None:
    """Return the order in `before`; None for what is no order's id."""
    try:
        mark = UUID(looked_for(request, "before"))
    except ValueError:
        return None
    return mark if get_order(mark) else None


def shown_state(order: OrderView) -> dict[str, str]:
    """Return an order's state in words, and how it is coloured; money that came back says so."""
    code = "returned" if order.is_returned else order.state
    word = _("待批准") if order.waits_for_approval else say(ORDER_STATES, code)
    return {"state": word, "tone": ORDER_TONES.get(code, "ghost")}


def _shown(order: OrderView, parties: dict[UUID, PartyView]) -> dict[str, Any]:
    party = parties.get(order.party_id) if order.party_id else None
    return {
        "one": order,
        "kind": say(ORDER_KINDS, order.kind),
        "party": party.name if party else _("平台"),
        **shown_state(order),
    }


def _subject(subject: str) -> dict[str, Any]:
    """Return what an order is for, in words, and the loan to go to where it is for one."""
    what, _colon, about = subject.partition(":")
    if what == "credit":
        return {"subject": _("退回银行流水号 %(serial)s 的来款") % {"serial": about}}
    if what == "loan":
        try:
            card = get_loan(UUID(about), clock.business_date()).card
        except (ValueError, NotFound):
            return {"subject": subject}
        return {"subject": _("借款 %(number)s 的还款") % {"number": card.number}, "loan": card.id}
    # Why own money is moved is kept in words, after a mark of its kind.
    return {"subject": subject.removeprefix(OWN)}


def _steps(steps: Iterable[StepView]) -> list[dict[str, Any]]:
    taken = list(steps)
    last = taken[-1] if taken else None
    return [
        {
            "label": f"{say(ORDER_STATES, one.to_state)} · {say(BY, one.by)}",
            "when": moment(one.at),
            "state": _mark_of(one, is_last=one is last),
            "who": officer(one.actor),
            "evidence": sorted(one.evidence.items()),
        }
        for one in taken
    ]


def _mark_of(step: StepView, *, is_last: bool) -> str:
    """Return how a step is drawn: an end that was not wished for stops, an open one goes on."""
    if step.to_state in ("failed", "cancelled", "returned"):
        return "stop"
    is_open = step.to_state in ("created", "sent", "unknown")
    return "now" if is_last and is_open else "done"


def _shown_message(one: MessageView) -> dict[str, Any]:
    verdict, _colon, why = one.verdict.partition(":")
    return {
        "one": one,
        "state": say(ORDER_STATES, one.state),
        "by": say(BY, one.by),
        "verdict": say(VERDICTS, verdict),
        "why": why,
        "tone": {"settled": "success", "parked": "error", "refused": "error"}.get(verdict, "ghost"),
    }


def _rows(orders: Iterable[OrderView]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            one.number,
            say(ORDER_KINDS, one.kind),
            shown_state(one)["state"],
            one.amount,
            one.bank_serial,
            one.subject.removeprefix(OWN),
            one.created_at,
            one.ended_at,
            one.settled_on,
            one.journal,
        )
        for one in orders
    )
