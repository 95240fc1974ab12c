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
FILE_STATES: Words = {
    "imported": _("已导入"),
    "refused": _("已拒收"),
    "missing": _("还没有"),
    "compared": _("已对账"),
}
FILE_TONES = {"imported": "info", "refused": "error", "missing": "warning", "compared": "success"}
FILE_REASONS: Words = {
    "header": _("表头不对"),
    "cut": _("文件不完整"),
    "hash": _("校验值不符"),
    "date": _("不是这一天的对账单"),
    "size": _("文件太大"),
    "encoding": _("文字编码不对"),
    "line": _("某行格式不对"),
    "serial": _("流水号不对"),
    "direction": _("收付方向不对"),
    "currency": _("币种不是人民币"),
    "amount": _("金额不对"),
    "count": _("笔数与合计行不符"),
    "total": _("金额与合计行不符"),
    "day-taken": _("这一天已有对账单"),
}
STANDINGS: Words = {
    "taken": _("计入"),
    "repeated": _("流水号重复，不计"),
    "other_day": _("属于另一天，不计"),
}
BREAK_KINDS: Words = {
    "unknown-credit": _("不明来款"),
    "unknown-order": _("指令不存在"),
    "amount-differs": _("金额不符"),
    "bank-says-paid": _("银行称已成功"),
    "bank-says-returned": _("银行称已退回"),
    "missing-at-bank": _("银行没有这笔"),
    "late-line": _("银行晚记"),
    "duplicate-line": _("银行重复记"),
    "wrong-day": _("日期不符"),
    "bank-fee": _("银行手续费"),
    "balance-differs": _("余额不符"),
    "parked-callback": _("通知相互矛盾"),
    "statement-damaged": _("对账单损坏"),
}
BREAK_STATES: Words = {
    "open": _("未分派"),
    "assigned": _("处理中"),
    "proposed": _("待复核"),
    "resolved": _("已处理"),
}
BREAK_TONES = {"open": "warning", "assigned": "info", "proposed": "info", "resolved": "success"}
MENDS: Words = {
    "assign-to-party": _("归给客户"),
    "return-to-sender": _("退回汇款人"),
    "settle-as-bank-says": _("按银行记录入账"),
    "offset-by-credit": _("与同额来款对冲"),
    "book-bank-fee": _("记银行手续费"),
    "correct-by-reversal": _("冲正我方分录"),
    "accept-difference": _("接受小额差异"),
    "close-explained": _("已查明，关闭"),
    "undo-mend": _("撤销处理"),
}
HALF_KNOWN: Words = {
    "order-unknown": _("指令结果未知"),
    "order-sent": _("指令久未结束"),
    "order-not-sent": _("指令没有发出"),
    "message-waiting": _("银行通知在等前一通知"),
    "message-parked": _("银行通知已搁置"),
    "event-parked": _("内部事件已搁置"),
    "job-failed": _("任务失败"),
    "holds-expired": _("冻结已过期未释放"),
    "card-pending": _("银行卡久未绑定"),
    "statement-missing": _("缺对账单"),
}
WHY: Words = {
    "no-answer": _("银行没有应答"),
    "not-settled": _("银行已受理，还没有结果"),
    "not-sent": _("没有交给银行"),
    "order-not-ended": _("指令还没有结束"),
    "failed": _("多次重试仍失败"),
    "not-bound": _("银行还没有答复"),
    "past-expiry": _("已过有效期"),
    "no-statement": _("没有收到银行文件"),
}
OUR_SIDES: Words = {
    "order": _("支付指令"),
    "receipt": _("客户来款"),
    "capital": _("自有资金"),
}
LINE_KINDS: Words = {**ORDER_KINDS, "credit": _("外部来款"), "fee": _("手续费")}
