"""The words of early warning."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongqiao.web.backoffice.finance.words import Words

LEVELS: Words = {
    "clear": _("正常"),
    "attention": _("关注"),
    "serious": _("较重"),
    "grave": _("严重"),
}
TONES = {"clear": "success", "attention": "info", "serious": "warning", "grave": "error"}
STEPS: Words = {"1": _("关注"), "2": _("较重"), "3": _("严重")}
STEP_TONES = {"1": "info", "2": "warning", "3": "error"}
KINDS: Words = {
    "level": _("水平"),
    "change": _("变化"),
    "volatility": _("波动"),
    "filing": _("申报"),
    "invoice": _("发票"),
    "judicial": _("司法"),
    "repayment": _("还款"),
}
SIGNS: Words = {
    "debt-high": _("资产负债率高"),
    "interest-uncovered": _("利润不足以支付利息"),
    "liquidity-thin": _("速动比率低"),
    "running-at-a-loss": _("亏损"),
    "receivables-slow": _("应收账款回收慢"),
    "sales-falling": _("收入下降"),
    "equity-shrinking": _("净资产缩水"),
    "margin-falling": _("毛利率下降"),
    "receivables-growing": _("回款天数变长"),
    "debt-growing": _("负债率上升"),
    "invoices-unsteady": _("开票额大起大落"),
    "margin-unsteady": _("利润率不稳"),
    "filings-missed": _("漏报税"),
    "tax-owed": _("欠税"),
    "invoices-stopped": _("停止开票"),
    "invoices-falling": _("开票额同比下降"),
    "invoices-below-sales": _("开票额低于申报收入"),
    "sued": _("成为被告"),
    "enforced": _("被强制执行"),
    "listed-dishonest": _("列为失信被执行人"),
    "pays-late": _("本平台借款逾期"),
    "debits-fail": _("代扣失败"),
    "limit-drawn-out": _("额度用尽"),
}
STATES: Words = {"open": _("待处理"), "taken": _("处理中"), "closed": _("已结案")}
STATE_TONES = {"open": "warning", "taken": "info", "closed": "success"}
OUTCOMES: Words = {
    "unfounded": _("误报"),
    "watched": _("列入关注"),
    "terms-changed": _("已调整条件"),
    "recalled": _("已提前收回"),
    "collected": _("转催收"),
}
# What the measuring of a step came to (risk.enterprise.watching.steps).
VERDICTS: Words = {
    "holds": _("支持：失败率高于平均，也高于上一档"),
    "rises": _("部分支持：高于上一档，与平均分不开"),
    "not-apart": _("部分支持：高于平均，与上一档分不开"),
    "no-more": _("不支持：与平均和上一档都分不开"),
    "fewer": _("不支持：失败率低于平均"),
    "few": _("企业太少，不作判断"),
}
