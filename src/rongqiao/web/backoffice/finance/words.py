"""The words finance reads for codes of accounts, journals and who acted."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongqiao.web.templatetags.figures import masked

Words = Mapping[str, Promise]

# What an account is for, by the part of its code before the colon.
ACCOUNTS: Words = {
    "custodian-cash": _("存管资金"),
    "wallet": _("客户账户"),
    "suspense": _("待查款项"),
    "reserve-fund": _("风险备付金"),
    "operator-funds": _("平台自有资金（存管户内）"),
    "transfers-underway": _("平台转出在途"),
    "funds-at-custodian": _("存管户自有资金"),
    "operator-capital": _("自有放贷资金"),
    "portfolio-taken-over": _("转入贷款资产"),
    "loan-principal": _("贷款本金"),
    "interest-receivable": _("应收利息"),
    "penalty-receivable": _("应收罚息"),
    "fee-receivable": _("应收费用"),
    "interest-income": _("利息收入"),
    "penalty-income": _("罚息收入"),
    "fee-income": _("费用收入"),
    "bank-charges": _("银行手续费"),
    "marketing-expense": _("市场推广费"),
    "reconciliation-differences": _("对账差额"),
    "write-off": _("贷款核销"),
    "provision": _("计提准备"),
    "loan-loss-allowance": _("贷款损失准备"),
    "commitment-provision": _("贷款承诺预计负债"),
}
FAMILIES: Words = {
    "asset": _("资产"),
    "liability": _("负债"),
    "equity": _("所有者权益"),
    "income": _("收入"),
    "expense": _("费用"),
}
JOURNALS: Words = {
    "receipt": _("客户来款"),
    "loan-take-over": _("转入存量借款"),
    "capital": _("自有资金"),
    "withdrawal": _("客户提现"),
    "withdrawal-returned": _("提现退汇"),
    "top-up": _("充值"),
    "top-up-returned": _("充值退回"),
    "direct-debit": _("代扣"),
    "direct-debit-returned": _("代扣退回"),
    "transfer-in": _("平台转入"),
    "transfer-in-returned": _("平台转入退回"),
    "transfer-out": _("平台转出"),
    "transfer-out-set-aside": _("平台转出预留"),
    "transfer-out-put-back": _("平台转出预留解除"),
    "transfer-out-returned": _("平台转出退回"),
    "refund": _("退回汇款人"),
    "refund-returned": _("退款退汇"),
    "loan-disbursement": _("放款"),
    "loan-fee": _("放款费用"),
    "loan-repayment": _("还款"),
    "loan-charges": _("计息计费"),
    "loan-waiver": _("减免"),
    "loan-write-off": _("核销"),
    "loan-allowance": _("计提损失准备"),
    "loan-correction": _("还款更正"),
    "loan-recovery": _("核销后还款"),
    "unknown-credit": _("不明来款"),
    "credit-assigned": _("来款归户"),
    "credit-corrected": _("来款更正"),
    "credit-offset": _("与同额来款对冲"),
    "bank-followed": _("按银行记录入账"),
    "bank-fee": _("银行手续费"),
    "difference-accepted": _("接受小额差异"),
    "reversal": _("冲正"),
    "manual": _("手工分录"),
}


def account_name(code: str) -> str:
    """Return what an account is for, in words; of a product's account, its family."""
    prefix = code.partition(":")[0]
    return str(ACCOUNTS.get(prefix, prefix))


def say(words: Words, code: str) -> str:
    """Return the word for a code; a code without one says itself."""
    return str(words.get(code, code))


def officer(actor: str) -> str:
    """Return who acted, short enough to tell officers apart; the platform itself as such."""
    kind, _colon, number = actor.partition(":")
    return masked(number) if kind == "user" else say({"system": _("系统")}, kind)
