"""The words an owner reads for orders to the bank, cards there, and what the bank said."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.money.payments.queries.orders import OrderView

Words = Mapping[str, Promise]
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

ORDER: Words = {
    "top_up": gettext_lazy("充值"),
    "withdrawal": gettext_lazy("提现"),
    "direct_debit": gettext_lazy("自动扣款"),
}
STATE: Words = {
    "created": gettext_lazy("待发送银行"),
    "sent": gettext_lazy("银行处理中"),
    "unknown": gettext_lazy("银行尚未确认"),
    "succeeded": gettext_lazy("已完成"),
    "failed": gettext_lazy("未成功"),
    "cancelled": gettext_lazy("已取消"),
}
TONE = {
    "created": "info",
    "sent": "info",
    "unknown": "warning",
    "succeeded": "success",
    "failed": "error",
}
CARD: Words = {
    "pending": gettext_lazy("银行核验中"),
    "bound": gettext_lazy("已绑定"),
    "refused": gettext_lazy("未通过核验"),
    "closed": gettext_lazy("已解绑"),
}
CARD_TONE = {"pending": "info", "bound": "success", "refused": "error"}
REASON: Words = {
    "insufficient-card-balance": gettext_lazy("银行卡余额不足。"),
    "card-closed": gettext_lazy("这张卡已销户或停用。"),
    "card-unbound": gettext_lazy("这张卡已解绑。"),
    "unknown-card": gettext_lazy("银行没有查到这张卡，请核对卡号。"),
    "unknown-account": gettext_lazy("存管账户还没有开好，请稍后重试。"),
    "name-mismatch": gettext_lazy("卡的户名与您在平台登记的名称不一致。"),
    "bank-declined": gettext_lazy("银行拒绝了这笔交易，请联系发卡银行。"),
    "insufficient-pool": gettext_lazy("存管银行暂时无法付款，请稍后重试。"),
    "returned-by-card-bank": gettext_lazy("收款银行退回了这笔款项。"),
    "mandate-withdrawn": gettext_lazy("代扣授权已撤回，没有扣款。"),
    "closed-at-bank": gettext_lazy("银行没有收到这笔指令，已作废。"),
    "never-taken": gettext_lazy("银行没有收到这笔指令，已作废。"),
}


def order_state(order: OrderView) -> tuple[str, str]:
    """Return the word and the tone for how an order stands."""
    if order.is_returned:
        return _("已退回"), "warning"
    if order.waits_for_approval:
        return _("等待财务审批"), "info"
    return str(STATE.get(order.state, order.state)), TONE.get(order.state, "ghost")


def reason_text(reason: str) -> str:
    """Return why something came to nothing: a bank's code in words, an officer's own words."""
    known = REASON.get(reason)
    if known is not None:
        return str(known)
    if _CODE.fullmatch(reason):
        return _("银行给出的原因：%(code)s。") % {"code": reason}
    return reason
