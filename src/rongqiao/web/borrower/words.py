"""The words a borrower reads for the codes of applications, loans and movements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.applications import FieldView
from rongqiao.lending.products.queries import ProductTerms, SecurityTerms
from rongqiao.web.frame.reasons import shown_name
from rongqiao.web.templatetags.figures import money, unit_of_term

Words = Mapping[str, Promise]

APPLICATION: Words = {
    "draft": _("填写中"),
    "submitted": _("已提交"),
    "screening": _("自动审核中"),
    "referred": _("人工审核中"),
    "recommended": _("等待复审"),
    "countered": _("建议调整方案"),
    "returned": _("需要补充材料"),
    "approved": _("审批通过"),
    "accepted": _("待签合同"),
    "signed": _("已签约，放款中"),
    "funded": _("已完成"),
    "declined": _("未通过"),
    "withdrawn": _("已撤回"),
    "expired": _("已过期"),
}
APPLICATION_TONE = {
    "approved": "success",
    "funded": "success",
    "accepted": "info",
    "signed": "info",
    "referred": "info",
    "recommended": "info",
    "countered": "warning",
    "returned": "warning",
    "declined": "error",
}
LOAN: Words = {
    "pending": _("放款中"),
    "active": _("正常"),
    "overdue": _("已逾期"),
    "restructured": _("已重组"),
    "closed": _("已结清"),
    "cancelled": _("已取消"),
    "written_off": _("已核销"),
    "recovered": _("核销后已收回"),
}
LOAN_TONE = {
    "active": "success",
    "overdue": "error",
    "closed": "ghost",
    "restructured": "warning",
    "written_off": "error",
    "recovered": "ghost",
}
ROW: Words = {
    "paid": _("已还"),
    "prepaid": _("已提前还本"),
    "settled-early": _("已提前结清"),
    "overdue": _("逾期"),
    "due": _("待还"),
    "partly-paid": _("部分已还"),
    "ahead": _("未到期"),
}
ROW_TONE = {
    "paid": "success",
    "prepaid": "success",
    "settled-early": "success",
    "overdue": "error",
    "due": "warning",
    "partly-paid": "warning",
}
CHOICE: Mapping[str, Words] = {
    "shorten": {
        "title": _("缩短期限"),
        "told": _("每期还款不变，更早还清"),
        "button": _("缩短期限，确认支付"),
    },
    "lower": {
        "title": _("减少每期还款"),
        "told": _("到期日不变，每期少还"),
        "button": _("减少每期还款，确认支付"),
    },
}
DRAWING: Words = {
    "proposed": _("待签署"),
    "reserved": _("放款中"),
    "drawn": _("使用中"),
    "released": _("已取消"),
    "repaid": _("已还清"),
}
DRAWING_TONE = {"proposed": "warning", "reserved": "info", "drawn": "success"}
CUT: Words = {
    "risk": _("贷后风险评估"),
    "asked": _("借款人要求"),
    "rules": _("监管规定"),
}
MOVEMENT: Words = {
    "registered": _("待复核"),
    "confirmed": _("已完成"),
    "rejected": _("已驳回"),
}
MOVEMENT_TONE = {"registered": "info", "confirmed": "success", "rejected": "error"}
ENTRY: Words = {
    "disbursement": _("放款"),
    "fall-due": _("到期应还"),
    "penalty": _("罚息"),
    "repayment": _("还款"),
    "settlement": _("结清计费"),
    "payoff": _("提前结清"),
    "prepayment": _("提前还本"),
    "waiver": _("减免"),
    "write-off": _("核销"),
    "back-dated": _("补记还款"),
    "reversal": _("还款冲正"),
    "correction": _("重算更正"),
    "rescheduling": _("变更还款安排"),
    "rate-reset": _("利率重定价"),
    "recall": _("提前到期"),
    "draw": _("再次放款重排计划"),
}
REFERENCE: Words = {"lpr-1y": _("1年期LPR"), "lpr-5y": _("5年期以上LPR")}
RESET: Words = {"new-year": _("每年1月1日"), "anniversary": _("每年放款日的对应日")}
RESET_PROBLEM: Words = {
    "quote": _("缺少最近一期LPR报价"),
    "parked": _("借款已被日终搁置"),
}
RATE_CAUSE: Words = {
    "signing": _("合同约定"),
    "agreement": _("协议变更"),
    "reset": _("重定价"),
}
JOURNAL: Words = {
    "receipt": _("转账充值"),
    "top-up": _("充值"),
    "top-up-returned": _("充值撤回"),
    "withdrawal": _("提现"),
    "withdrawal-returned": _("提现退回"),
    "direct-debit": _("代扣转入"),
    "direct-debit-returned": _("代扣撤回"),
    "loan-disbursement": _("放款到账"),
    "loan-repayment": _("还款"),
    "loan-charges": _("费用"),
    "loan-fee": _("费用"),
    "loan-recovery": _("核销后还款"),
    "loan-correction": _("还款更正"),
    "reversal": _("冲正"),
}
COLLATERAL: Words = {
    "vehicle": _("车辆"),
    "real_estate": _("不动产"),
    "receivable": _("应收账款"),
    "deposit": _("存款"),
    "guarantee": _("保证"),
}
METHOD: Words = {
    "equal_instalment": _("等额本息"),
    "equal_principal": _("等额本金"),
    "interest_only": _("先息后本"),
    "bullet": _("一次性还本付息"),
    "flat": _("等本等息"),
}
BUCKET: Words = {
    "fee": _("费用"),
    "penalty": _("罚息"),
    "interest": _("利息"),
    "principal": _("本金"),
}
STEP: Words = {
    "loan": _("借多少、怎么用"),
    "work": _("工作与收入"),
    "household": _("居住与负债"),
    "business": _("企业经营"),
    "debts": _("现有负债"),
    "documents": _("上传材料"),
    "review": _("核对并提交"),
}
FIELD: Words = {
    "amount": _("借款金额"),
    "term_count": _("借款期限"),
    "purpose": _("借款用途"),
    "employment": _("工作性质"),
    "months_established": _("持续月数"),
    "monthly_income": _("月净收入"),
    "housing": _("居住情况"),
    "monthly_debt_service": _("每月须还的其他债务"),
    "sector": _("所属行业"),
    "revenue_annual": _("年营业收入"),
    "employer_name": _("工作单位"),
    "employer_phone": _("单位电话"),
    "home_address": _("居住地址"),
    "contact_name": _("紧急联系人姓名"),
    "contact_relation": _("与您的关系"),
    "contact_phone": _("紧急联系人手机号"),
    "operating_address": _("经营地址"),
}
FIELD_HELP: Words = {
    "purpose": _("借款只能用于所选用途，不得用于购房、股票等投资。"),
    "months_established": _("从事现在的工作或经营了多少个月；3 年请填 36。"),
    "monthly_income": _("个人填税后月收入；企业填每月经营净流入。"),
    "monthly_debt_service": _("在其他机构每月要还的本息合计，没有请填 0。"),
    "revenue_annual": _("最近一个完整年度。"),
    "home_address": _("写到门牌号，如：杭州市西湖区文三路 12 号 3 幢 501 室。"),
    "operating_address": _("实际经营的地址，写到门牌号。"),
    "contact_name": _("请先征得联系人同意。只在联系不上您时联系，不向其催收，也不告知借款情况。"),
}
FIELD_WRONG: Words = {
    "text": _("%(field)s太短、太长或含有不能用的字符。"),
    "line": _("%(field)s不对：请填区号和号码，如 010-12345678，或手机号。"),
    "mobile": _("%(field)s不对：请填 11 位手机号。"),
}
FIELD_UNIT: Words = {
    "amount": _("元"),
    "months_established": _("个月"),
    "monthly_income": _("元"),
    "monthly_debt_service": _("元"),
    "revenue_annual": _("元"),
}
DOCUMENT_PROBLEM: Words = {
    "empty": _("文件是空的，请重新选择。"),
    "too-large": _("文件太大：单个文件不超过 20 MB。"),
    "malware": _("文件含有恶意内容，没有保存。请检查您的设备后重新上传。"),
    "not-what-it-says": _("文件内容与扩展名不符：请上传 JPG、PNG 图片或 PDF。"),
    "bad-name": _("文件名含有不允许的字符，请改名后重新上传。"),
    "type-not-taken": _("不接受这种文件：请上传 JPG、PNG 图片或 PDF。"),
    "unreadable": _("文件打不开，可能已损坏，请重新拍摄或导出。"),
    "too-many-pixels": _("图片太大：不超过 4000 万像素，请缩小后上传。"),
    "two-files-in-one": _("文件里夹带了其他文件，请重新导出后上传。"),
    "too-many-pages": _("页数太多：1 至 60 页。"),
    "encrypted": _("文件有密码，请去掉密码后上传。"),
    "active-content": _("文件含有脚本或附件，请另存为普通 PDF 后上传。"),
    "kind-not-asked": _("不需要这类材料。"),
}
FEE_MOMENT: Words = {
    "each": _("每期还款日"),
    "first": _("第一个还款日"),
    "last": _("最后一个还款日"),
}


def say(words: Words, code: str) -> str:
    """Return the word for a code; an unknown code shows itself."""
    return str(words.get(code, code))


def product_name(terms: ProductTerms) -> str:
    """Return the product's name in the reader's language."""
    return terms.name_en if (get_language() or "").startswith("en") else terms.name_zh


def product_summary(terms: ProductTerms) -> str:
    """Return the product's summary in the reader's language."""
    return terms.summary_en if (get_language() or "").startswith("en") else terms.summary_zh


def float_words(reference: str, points: int, reset: str) -> dict[str, str]:
    """Return how a rate floats, in words, for components/floating.html."""
    return {
        "reference": say(REFERENCE, reference),
        "points": f"{points:+d}",
        "reset": say(RESET, reset),
    }


def field_unit(name: str, terms: ProductTerms) -> str:
    """Return what a field of an application is counted in, or nothing; a term as the product's."""
    if name == "term_count":
        return unit_of_term(terms)
    return say(FIELD_UNIT, name) if name in FIELD_UNIT else ""


def answer(one: FieldView, terms: ProductTerms) -> dict[str, Any]:
    """Return a field of an application in words: its label, and its value with the unit."""
    name, value = one.field.name, one.value
    if one.field.kind == "choice" and value:
        value = shown_name(value)
    elif one.field.kind == "money" and value:
        value = money(Money.yuan(value))
    unit = field_unit(name, terms) if value else ""
    return {
        "name": name,
        "label": say(FIELD, name),
        "value": value,
        "unit": unit,
        "is_optional": one.field.is_optional,
    }


def fee_name(name_zh: str, name_en: str) -> str:
    """Return a fee's name in the reader's language."""
    return name_en if (get_language() or "").startswith("en") else name_zh


def demand_words(demand: SecurityTerms | None) -> dict[str, Any] | None:
    """Return the collateral that a product demands: its kinds in words, and the least coverage."""
    if demand is None:
        return None
    kinds = "、".join(say(COLLATERAL, kind) for kind in demand.kinds)
    return {"kinds": kinds, "coverage": demand.coverage_min}
