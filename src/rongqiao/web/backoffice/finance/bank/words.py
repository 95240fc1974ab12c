"""The words finance reads for codes of orders, statements and breaks, and how grave each is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongqiao.web.backoffice.finance.words import Words

ORDER_KINDS: Words = {
    "top_up": _("充值"),
    "withdrawal": _("提现"),
    "direct_debit": _("代扣"),
    "transfer_in": _("平台转入"),
    "transfer_out": _("平台转出"),
    "refund": _("退回汇款人"),
}
ORDER_STATES: Words = {
    "created": _("已建立"),
    "sent": _("已发送银行"),
    "unknown": _("结果未知"),
    "succeeded": _("成功"),
    "failed": _("失败"),
    "cancelled": _("已取消"),
    "returned": _("已退回"),
}
ORDER_TONES = {
    "created": "info",
    "sent": "info",
    "unknown": "warning",
    "succeeded": "success",
    "failed": "error",
    "returned": "warning",
}
# On whose word an order took a step.
BY: Words = {
    "user": _("经办人"),
    "system": _("系统"),
    "answer": _("银行应答"),
    "callback": _("银行通知"),
    "query": _("向银行查询"),
    "statement": _("银行对账单"),
    "repair": _("修复台"),
}
VERDICTS: Words = {
    "settled": _("已据此入账"),
    "replayed": _("重复通知，未再入账"),
    "waiting": _("等待前一通知"),
    "refused": _("已拒绝"),
    "parked": _("已搁置，转为差错"),
}
