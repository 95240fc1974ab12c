"""One order to the bank, live: what happened to it, when, and what can be done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.money.payments.operations.orders.cancel_order import CancelOrder, cancel_order
from rongqiao.money.payments.operations.two_people import NotOpen
from rongqiao.money.payments.queries.orders import OrderView, StepView, get_order, order_steps
from rongqiao.parties.queries import get_bank_accounts
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower.wallet.overview import ON_ITS_WAY, shown_order
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.forms import KeyedForm
from rongqiao.web.templatetags.figures import moment


@acting
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show an order; while it is on its way the page asks again by itself."""
    found = own_order(request, order_id)
    content = {**_shown(found), "cancel_form": KeyedForm()}
    return render(request, "borrower/wallet/order.html", content)


@acting
def order_part(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Answer the page that waits; `X-Final` says that the order has ended."""
    found = own_order(request, order_id)
    response = render(request, "borrower/wallet/parts/order.html", _shown(found))
    if found.state not in ON_ITS_WAY:
        response["X-Final"] = "1"
    return response


@require_POST
@acting
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Cancel an order that was not sent; one sent meanwhile is told of, and goes on."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise NotFound
    command = CancelOrder(party_id=party_of(request).id, order_id=order_id)
    try:
        cancel_order(command, form.call(request))
        messages.success(request, _("已取消，没有资金变动。"))
    except NotOpen:
        messages.warning(request, _("这笔指令已经发往银行，不能再取消。"))
    return redirect("wallet-order", order_id)


def own_order(request: HttpRequest, order_id: UUID) -> OrderView:
    """Return an order of the party one acts for; raises NotFound for any other."""
    found = get_order(order_id)
    if found is None or found.party_id != party_of(request).id:
        raise NotFound(what="order")
    return found


def _shown(found: OrderView) -> dict[str, Any]:
    """Return all that depends on how the order stands, for the page and for its live part."""
    card = found.bank_account_id
    return {
        **shown_order(found),
        "account": get_bank_accounts([card]).get(card) if card else None,
        "can_cancel": found.state == "created",
        "steps": _steps(found, {one.to_state: one for one in order_steps(found.id)}),
        "is_open": found.state in ON_ITS_WAY,
        "every": 20 if found.waits_for_approval else 2,
    }


def _steps(found: OrderView, taken: dict[str, StepView]) -> list[dict[str, str]]:
    """Return the order's way as components/tracker.html shows it."""

    def when(state: str) -> str:
        return moment(taken[state].at) if state in taken else ""

    steps = [{"label": _("已受理"), "when": when("created"), "state": "done"}]
    if found.needs_approval:
        steps.append(_approval(found))
    if found.state == "cancelled":
        return [*steps, {"label": _("已取消"), "when": when("cancelled"), "state": "stop"}]
    is_sent = "sent" in taken
    waits = found.waits_for_approval
    steps.append(
        {
            "label": _("发往银行"),
            "when": when("sent"),
            "state": "done" if is_sent else ("todo" if waits else "now"),
        }
    )
    steps.append(_end(found, when, is_sent=is_sent))
    if found.is_returned:
        label = _("已退回账户") if found.kind == "withdrawal" else _("已退回银行卡")
        steps.append({"label": label, "when": moment(found.returned_at), "state": "stop"})
    return steps


def _approval(found: OrderView) -> dict[str, str]:
    if found.approved_by:
        return {"label": _("财务审批通过"), "when": moment(found.approved_at), "state": "done"}
    state = "stop" if found.state == "cancelled" else "now"
    return {"label": _("财务审批"), "when": "", "state": state}


def _end(found: OrderView, when: Any, *, is_sent: bool) -> dict[str, str]:
    if found.state == "failed":
        return {"label": _("银行未办理"), "when": when("failed"), "state": "stop"}
    if found.state == "succeeded":
        return {"label": _("银行已办理"), "when": when("succeeded"), "state": "done"}
    label = _("银行尚未确认") if found.state == "unknown" else _("银行办理")
    return {"label": label, "when": when("unknown"), "state": "now" if is_sent else "todo"}
