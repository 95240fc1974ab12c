"""Why an application was decided as it was, what would help, and words for what is asked.

Codes come from `risk.queries.judging.REASON_CODES` and origination's officers; `%(name)s` are the
facts of a reason. A test holds that every code has its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rongqiao.finance.money import Money
from rongqiao.web.templatetags.figures import percent, whole


@dataclass(frozen=True)
class Explanation:
    """What the borrower reads: the reason, and what would help before applying again."""

    why: str
    helps: str


def explain(code: str, facts: Mapping[str, str]) -> Explanation:
    """Return the sentences of a reason in the reader's language; an unknown code shows itself."""
    known = REASONS.get(code)
    if known is None:
        return _told_by_policy(code, facts)
    why, helps = known
    if not facts and code in GENERAL:
        why = GENERAL[code]
    shown = _Worded(_worded(facts))
    return Explanation(why=str(why) % shown, helps=str(helps) % shown)


def tell(reasons: Iterable[tuple[str, Mapping[str, str]]]) -> list[Explanation]:
    """Return what a borrower is told of a decline: the gravest four, each once.

    Suspicion of fraud or of laundering money is never told, nor that there is any
    (反洗钱法 2024, art. 7, keeps it secret): it reads like any other assessment, and so does a
    code without words.
    """
    told: list[Explanation] = []
    for code, facts in reasons:
        has_words = code in REASONS or "zh" in facts
        is_open = has_words and not code.startswith(SECRET)
        one = explain(code, facts) if is_open else explain(UNSAID, {})
        if one not in told:
            told.append(one)
    return told[:MOST_TOLD]


def _told_by_policy(code: str, facts: Mapping[str, str]) -> Explanation:
    """Return the sentences that a credit policy brought along with a reason of its own."""
    tongue = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return Explanation(why=facts.get(tongue, code), helps=facts.get(f"help_{tongue}", ""))


class _Worded(dict[str, str]):
    """Facts in words; one that nobody gave, as in a list of choices, shows as an ellipsis."""

    def __missing__(self, _key: str) -> str:
        return "…"


def _worded(facts: Mapping[str, str]) -> dict[str, str]:
    shown = {name: _figure(name, value) for name, value in facts.items()}
    for listed in ("weakest", "facts_missing"):
        if listed in shown:
            names = [shown_name(name) for name in shown[listed].split(",") if name]
            shown[listed] = "、".join(names)
    if "sector" in shown:
        shown["sector"] = shown_name(shown["sector"])
    return shown


def _figure(name: str, value: str) -> str:
    """Return an amount grouped and a share of income in percent; anything else as it is."""
    if name.startswith("amount_"):
        return whole(Money.yuan(value))
    return percent(value) if name.startswith("burden") else value


def shown_name(code: str) -> str:
    """Return the words for a line of the points table, a field, a choice or a document."""
    return str(NAMES.get(code, code))


MOST_TOLD = 4
# How codes begin that no borrower ever reads, and the one that stands for them: it is said of
# ordinary assessments too, so that nothing follows from reading it.
SECRET = ("fraud", "aml", "laundering", "sanction", "list-", "watch", "ring", "suspicio")
UNSAID = "other-risk"

# What an officer says of a case without the figures that the rules would name.
GENERAL: dict[str, Promise] = {
    "burden-too-high": _("按收入和现有负债测算，还款负担过重。"),
}

REASONS: dict[str, tuple[Promise, Promise | str]] = {
    "within-policy": (_("各项条件符合本产品的审批策略。"), ""),
    "too-young": (
        _("申请人须年满 %(age_min)s 周岁。"),
        _("满足年龄要求后可以再次申请。"),
    ),
    "too-old-at-end": (
        _("借款到期时申请人年龄为 %(age)s 周岁，超过上限 %(age_max)s 周岁。"),
        _("选择更短的借款期限后可以再次申请。"),
    ),
    "sector-excluded": (
        _("所属行业（%(sector)s）不在本产品的支持范围内。"),
        _("可以查看适合该行业的其他产品。"),
    ),
    "currently-overdue": (
        _("目前在本平台有逾期 %(days)s 天的借款尚未还清。"),
        _("还清逾期款项后可以再次申请。"),
    ),
    "past-due-too-long": (
        _("在本平台曾逾期 %(days)s 天，本产品允许的最长逾期为 %(days_max)s 天。"),
        _("保持按时还款一段时间后可以再次申请。"),
    ),
    "too-many-loans": (
        _("目前有 %(loans)s 笔借款未结清，同时在借的上限为 %(loans_max)s 笔。"),
        _("结清一笔借款后可以再次申请。"),
    ),
    "no-regular-income": (
        _("没有可以确认的稳定收入。"),
        _("补充工资流水、经营流水等收入证明后可以再次申请。"),
    ),
    "too-short-in-work": (
        _("现职工作时间为 %(months)s 个月，本产品要求至少 %(months_min)s 个月。"),
        _("工作时间满足要求后可以再次申请。"),
    ),
    "too-short-in-business": (
        _("企业经营时间为 %(months)s 个月，本产品要求至少 %(months_min)s 个月。"),
        _("经营时间满足要求后可以再次申请。"),
    ),
    "burden-too-high": (
        _("按收入和负债测算，可负担的金额为 %(amount_most)s 元，低于起借金额 %(amount_min)s 元。"),
        _("降低每月负债、延长借款期限或提高收入后可以再次申请。"),
    ),
    "amount-above-income": (
        _("按收入测算，可借金额为 %(amount_most)s 元，低于起借金额 %(amount_min)s 元。"),
        _("结清部分借款或提高收入后可以再次申请。"),
    ),
    "amount-above-revenue": (
        _("按营业收入测算，可借金额为 %(amount_most)s 元，低于起借金额 %(amount_min)s 元。"),
        _("营业收入提高或结清部分借款后可以再次申请。"),
    ),
    "score-too-low": (
        _("综合评分 %(score)s 分，低于最低要求 %(score_min)s 分；影响较大的因素：%(weakest)s。"),
        _("改善上述因素后可以再次申请。评分表为公开的人工规则，未使用中国个人数据训练。"),
    ),
    "margin-too-thin": (
        _("按这笔借款的条件测算，未达到放款要求。"),
        _("选择其他产品、金额或期限后可以再次申请。"),
    ),
    "identity-differs": (
        _("登记的姓名或名称与证件号码没有核对一致，需要人工审核。"),
        _("请核对登记的信息；如外部记录有误，可以向该机构申请更正。"),
    ),
    "fact-missing": (
        _("有一项或多项信息暂时无法核实，需要人工审核：%(facts_missing)s。"),
        _("补充相应的材料可以加快审核。"),
    ),
    "amount-above-means": (
        _("按收入和负债测算，建议金额为 %(amount_most)s 元，低于申请的 %(amount_asked)s 元。"),
        _("降低申请金额或延长期限可以加快审批。"),
    ),
    "amount-needs-a-person": (
        _("申请金额超过自动审批上限 %(amount_max)s 元，需要人工审核。"),
        "",
    ),
    "was-past-due": (_("曾有逾期 %(days)s 天的记录，需要人工审核。"), ""),
    "sector-needs-a-person": (_("所属行业（%(sector)s）需要人工审核。"), ""),
    "score-needs-a-person": (
        _("综合评分 %(score)s 分，低于自动审批所需的 %(score_below)s 分，需要人工审核。"),
        "",
    ),
    "burden-needs-a-person": (
        _("还款负担占收入的比例为 %(burden)s，高于 %(burden_comfortable)s，需要人工审核。"),
        _("降低申请金额或延长期限可以减轻负担。"),
    ),
    "facts-not-proven": (
        _("提交的材料不足以证明填写的情况。"),
        _("准备能够证明的材料后可以再次申请。"),
    ),
    "income-not-proven": (
        _("收入证明不足以确认收入。"),
        _("准备近六个月的流水或完税证明后可以再次申请。"),
    ),
    "purpose-not-proven": (
        _("借款用途无法确认。"),
        _("准备合同、发票等用途证明后可以再次申请。"),
    ),
    "business-too-weak": (
        _("目前的经营情况不足以支持这笔借款。"),
        _("经营情况改善后可以再次申请。"),
    ),
    "other-risk": (
        _("经综合评估，本次申请未能通过。"),
        _("您可以补充能说明情况的材料，在规定日期后再次申请。"),
    ),
    "document-unclear": (_("有材料不清晰，无法辨认。"), _("请重新上传清晰完整的材料。")),
    "document-outdated": (_("有材料已过有效期。"), _("请上传有效期内的材料。")),
    "document-missing": (_("缺少必要的材料。"), _("请补充上传。")),
    "facts-differ": (_("填写的内容与材料不一致。"), _("请核对后修改。")),
    "purpose-unclear": (_("借款用途不够明确。"), _("请补充说明用途。")),
    "officer-recommends": (_("经人工审核，建议按所列条件出借。"), ""),
    "officer-offers-less": (
        _("经人工审核，可按所列条件出借，与申请的条件不同。"),
        _("您可以接受新的条件，也可以撤回申请。"),
    ),
}

NAMES: dict[str, Promise] = {
    "age": _("年龄"),
    "months-established": _("工作或经营时间"),
    "monthly-income": _("月收入"),
    "employment": _("职业类型"),
    "housing": _("居住情况"),
    "loans-closed": _("在本平台结清的借款"),
    "days-past-due-worst": _("历史逾期"),
    "revenue-annual": _("年营业收入"),
    "debt-share": _("负债占收入的比例"),
    "sector": _("所属行业"),
    "born-on": _("出生日期"),
    "monthly-debt-service": _("每月需偿还的其他借款"),
    "days-past-due": _("当前逾期"),
    "outstanding": _("在本平台未还的借款"),
    "loans-live": _("在本平台未结清的借款"),
    "statement.net-return-on-assets": _("净利润与总资产之比"),
    "statement.debt-to-assets": _("资产负债率"),
    "statement.current-ratio": _("流动比率"),
    "statement.return-on-assets": _("总资产报酬率"),
    "statement.asset-turnover": _("总资产周转率"),
    "statement.net-margin": _("净利率"),
    "statement.operating-margin": _("营业利润率"),
    "statement.days-sales": _("应收账款周转天数"),
    "statement.quick-ratio": _("速动比率"),
    "statement.days-inventory": _("存货周转天数"),
    "statement.gross-margin": _("毛利率"),
    "statement.receivable-turnover": _("应收账款周转率"),
    "statement.working-capital-to-assets": _("营运资金与总资产之比"),
    "statement.retained-to-assets": _("留存收益与总资产之比"),
    "statement.equity-to-debt": _("净资产与负债之比"),
    "statement.equity-to-assets": _("净资产与总资产之比"),
    "statement.operating-return": _("营业利润与总资产之比"),
    "statement.cash-profit-to-debt": _("净利润加折旧与负债之比"),
    "statement.due-days-of-costs": _("流动负债相当于营业成本的天数"),
    "statement.sales-return": _("主营利润与总资产之比"),
    "statement.quick-to-long-debt": _("速动资产与长期负债之比"),
    "statement.sales-margin": _("主营利润率"),
    "statement.liquid-ratio": _("现金类资产与流动负债之比"),
    "statement.current-assets-to-debt": _("流动资产与负债之比"),
    "statement.due-to-assets": _("流动负债与总资产之比"),
    "statement.equity-to-fixed": _("净资产与固定资产之比"),
    "statement.inventory-turnover": _("存货周转率"),
    "statement.sales-to-due": _("营业收入与流动负债之比"),
    "statement.sales-to-fixed": _("营业收入与固定资产之比"),
    "judicial.is-dishonest-debtor": _("是否为失信被执行人"),
    "judicial.enforcements": _("法院执行案件"),
    "judicial.owed": _("法院执行未履行金额"),
    "registry.status": _("企业登记状态"),
    "registry.founded-on": _("登记的成立日期"),
    "registry.is-listed-abnormal": _("是否列入经营异常名录"),
    "tax.arrears": _("欠税"),
    "tax.grade": _("纳税信用级别"),
    "tax.invoiced-12m": _("近 12 个月开票"),
    "tax.invoiced-prior-12m": _("此前 12 个月开票"),
    "tax.months-without-invoice": _("未开票月数"),
    "tax.largest-customer-share": _("最大客户占开票的份额"),
    "score.score": _("外部信用评分"),
    "loan": _("借款需求"),
    "work": _("工作与收入"),
    "household": _("家庭与负债"),
    "business": _("经营情况"),
    "debts": _("现有负债"),
    "documents": _("材料"),
    "amount": _("借款金额"),
    "term_count": _("借款期数"),
    "purpose": _("借款用途"),
    "months_established": _("工作或经营时间（月）"),
    "identity": _("姓名与身份证号"),
    "phone": _("手机号实名"),
    "card": _("银行卡实名"),
    "registration": _("企业登记信息"),
    "representative": _("法定代表人"),
    "monthly_income": _("月收入（企业为月净现金流入）"),
    "monthly_debt_service": _("每月需偿还的其他借款"),
    "revenue_annual": _("年营业收入"),
    "employer_name": _("工作单位"),
    "employer_phone": _("单位电话"),
    "home_address": _("居住地址"),
    "operating_address": _("经营地址"),
    "contact_name": _("紧急联系人姓名"),
    "contact_relation": _("与申请人的关系"),
    "contact_phone": _("紧急联系人手机号"),
    "spouse": _("配偶"),
    "parent": _("父母"),
    "child": _("子女"),
    "sibling": _("兄弟姐妹"),
    "relative": _("其他亲属"),
    "friend": _("朋友"),
    "colleague": _("同事"),
    "public": _("机关事业单位"),
    "salaried": _("企业职工"),
    "self-employed": _("个体经营"),
    "freelance": _("自由职业"),
    "retired": _("退休"),
    "none": _("暂无工作"),
    "own": _("自有住房，无贷款"),
    "mortgage": _("自有住房，有按揭"),
    "family": _("与家人同住"),
    "rented": _("租房居住"),
    "rent": _("支付租金"),
    "agriculture": _("农林牧渔"),
    "manufacturing": _("制造业"),
    "wholesale-retail": _("批发零售"),
    "transport": _("交通运输与仓储"),
    "catering": _("住宿餐饮"),
    "technology": _("信息技术"),
    "services": _("商务与居民服务"),
    "construction": _("建筑业"),
    "education": _("教育"),
    "health": _("医疗健康"),
    "mining": _("采矿业"),
    "real-estate": _("房地产"),
    "finance": _("金融业"),
    "other": _("其他行业"),
    "home-improvement": _("家庭装修"),
    "medical": _("医疗"),
    "travel": _("旅游"),
    "appliances": _("家电及耐用品"),
    "wedding": _("婚庆"),
    "other-consumption": _("其他消费"),
    "inventory": _("采购存货"),
    "wages": _("支付工资"),
    "equipment-upkeep": _("设备维护"),
    "supplier-payment": _("支付货款"),
    "taxes": _("缴纳税款"),
    "other-business": _("其他经营周转"),
    "id-front": _("身份证人像面"),
    "id-back": _("身份证国徽面"),
    "income-proof": _("收入证明"),
    "bank-statement": _("银行流水"),
    "business-licence": _("营业执照"),
    "financial-statement": _("财务报表"),
    "tax-return": _("纳税申报表"),
    "employment-proof": _("在职或从业证明"),
    "residence-proof": _("居住证明"),
    "property-proof": _("房产或车辆证明"),
    "purchase-contract": _("合同或发票等用途证明"),
    "credit-report": _("本人信用报告"),
    "debt-settled-proof": _("其他借款结清证明"),
}
