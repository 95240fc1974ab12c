"""The words for outside sources: who they are, what they are told, why, and what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.parties.queries import PartyView
from rongqiao.policies.consents import text_of
from rongqiao.policies.credit.sources import ON_REGISTERING, FactKind, Source
from rongqiao.risk.queries.inquiring.standing import Standing
from rongqiao.web.templatetags.figures import yuan

Words = Mapping[str, Promise]

SOURCES: Words = {
    "identity": gettext_lazy("实名核验"),
    "phone": gettext_lazy("手机号核验"),
    "card": gettext_lazy("银行卡核验"),
    "registry": gettext_lazy("工商登记与执照"),
    "face": gettext_lazy("人脸活体"),
    "judicial": gettext_lazy("司法记录"),
    "tax": gettext_lazy("税务与发票"),
    "bureau": gettext_lazy("征信报告"),
    "score": gettext_lazy("外部信用评分"),
}
WHO: Words = {
    "identity": gettext_lazy("公安身份信息核验服务"),
    "phone": gettext_lazy("电信运营商"),
    "card": gettext_lazy("银行卡核验服务"),
    "registry": gettext_lazy("国家企业信用信息公示系统"),
    "face": gettext_lazy("人脸核验服务"),
    "judicial": gettext_lazy("人民法院公开信息"),
    "tax": gettext_lazy("税务信息服务机构"),
    "bureau": gettext_lazy("金融信用信息基础数据库"),
    "score": gettext_lazy("持牌个人征信机构"),
}
WHY: Words = {
    "identity": gettext_lazy("确认姓名与身份证号属于同一人，防止他人冒名借款。"),
    "phone": gettext_lazy("确认手机号由本人使用，重要通知不会发给别人。"),
    "card": gettext_lazy("确认收付款账户属于本人或本企业，钱只付到自己的账户。"),
    "registry": gettext_lazy("确认企业存续、法定代表人与登记一致。"),
    "face": gettext_lazy("确认是本人在操作；也可以改由工作人员核实。"),
    "judicial": gettext_lazy("了解有无未履行的判决，评估还款能力。"),
    "tax": gettext_lazy("以开票和纳税汇总了解经营情况，代替纸质证明。"),
    "bureau": gettext_lazy("了解现有借款与还款记录，避免过度负债。"),
    "score": gettext_lazy("作为参考，不会成为拒绝的唯一理由。"),
}
ELEMENTS: Words = {
    "name": gettext_lazy("名称"),
    "number": gettext_lazy("证号"),
    "phone": gettext_lazy("手机号"),
    "card": gettext_lazy("账号"),
    "representative": gettext_lazy("法定代表人"),
    "recording": gettext_lazy("检测结果"),
}
OUTCOMES: Words = {
    "open": gettext_lazy("查询中"),
    "answered": gettext_lazy("已答复"),
    "no-record": gettext_lazy("查无记录"),
    "failed": gettext_lazy("未答复"),
    "timed-out": gettext_lazy("超时"),
    "refused": gettext_lazy("未查询"),
}
TONES = {
    "open": "info",
    "answered": "success",
    "no-record": "ghost",
    "failed": "warning",
    "timed-out": "warning",
    "refused": "ghost",
}
# Why a source gave no answer that counts, or was not asked.
FAULTS: Words = {
    "timeout": gettext_lazy("没有按时答复"),
    "late": gettext_lazy("没有按时答复"),
    "given-up": gettext_lazy("多次查询都没有答复"),
    "never-asked": gettext_lazy("没有问到"),
    "left-alone": gettext_lazy("来源多次不答复，暂停查询"),
    "budget-spent": gettext_lazy("今日费用已用完"),
    "signature": gettext_lazy("答复的签名不对"),
    "stale": gettext_lazy("答复已过时"),
    "reference": gettext_lazy("答复不属于这次查询"),
    "too-large": gettext_lazy("答复过大"),
    "malformed": gettext_lazy("答复格式不对"),
}
PURPOSES: Words = {
    "identity-check": gettext_lazy("核实身份"),
    "bank-account": gettext_lazy("添加账户"),
    "application": gettext_lazy("审批申请"),
    "monitoring": gettext_lazy("贷后管理"),
}
FALLBACKS: Words = {
    "another": gettext_lazy("改查另一来源"),
    "without": gettext_lazy("不查，由人工审核"),
    "refuse": gettext_lazy("暂停办理，直到恢复"),
}
FACTS: Words = {
    "verdict": gettext_lazy("核验结果"),
    "months-in-use": gettext_lazy("在网月数"),
    "state": gettext_lazy("号码状态"),
    "is-phone-same": gettext_lazy("预留手机号一致"),
    "representative": gettext_lazy("法定代表人"),
    "status": gettext_lazy("登记状态"),
    "founded-on": gettext_lazy("成立日期"),
    "capital": gettext_lazy("注册资本"),
    "is-listed-abnormal": gettext_lazy("列入经营异常名录"),
    "liveness": gettext_lazy("活体"),
    "similarity": gettext_lazy("相似度"),
    "judgments": gettext_lazy("裁判文书"),
    "enforcements": gettext_lazy("执行案件"),
    "is-dishonest-debtor": gettext_lazy("失信被执行人"),
    "owed": gettext_lazy("未履行金额"),
    "invoiced-12m": gettext_lazy("近 12 个月开票"),
    "invoiced-prior-12m": gettext_lazy("此前 12 个月开票"),
    "months-without-invoice": gettext_lazy("未开票月数"),
    "largest-customer-share": gettext_lazy("最大客户占比"),
    "tax-paid-12m": gettext_lazy("近 12 个月纳税"),
    "grade": gettext_lazy("纳税信用级别"),
    "arrears": gettext_lazy("欠税"),
    "accounts-open": gettext_lazy("未结清账户"),
    "balance": gettext_lazy("借款余额"),
    "overdue-count-24m": gettext_lazy("近 24 个月逾期次数"),
    "worst-days-past-due-24m": gettext_lazy("近 24 个月最长逾期天数"),
    "is-overdue-now": gettext_lazy("当前逾期"),
    "inquiries-6m": gettext_lazy("近 6 个月被查询次数"),
    "guaranteed": gettext_lazy("对外担保"),
    "first-account-on": gettext_lazy("首个账户开立"),
    "score": gettext_lazy("评分"),
}
CODES: Words = {
    "same": gettext_lazy("一致"),
    "differs": gettext_lazy("不一致"),
    "no-record": gettext_lazy("查无记录"),
    "in-use": gettext_lazy("在用"),
    "suspended": gettext_lazy("停机"),
    "closed": gettext_lazy("销号"),
    "active": gettext_lazy("存续"),
    "revoked": gettext_lazy("吊销"),
    "cancelled": gettext_lazy("注销"),
    "moved-out": gettext_lazy("迁出"),
    "live": gettext_lazy("真人"),
    "spoof": gettext_lazy("非真人"),
}


def fault_words(code: str) -> str:
    """Return why a source did not answer; a code without words, as of HTTP, shows itself."""
    known = FAULTS.get(code.partition(":")[0])
    if known is not None:
        return str(known)
    return _("来源出错（%(code)s）") % {"code": code} if code else ""


def consent_words(kind: str, version: str) -> str:
    """Return a consent's title and version in the reader's language."""
    text = text_of(kind, version)
    return f"{text.title_en if get_language() == 'en' else text.title} {version}"


def fact_words(name: str) -> str:
    """Return a fact of an outside source, `judicial.owed`, in words; "" for what is none."""
    source, _dot, fact = name.partition(".")
    if source not in SOURCES or fact not in FACTS:
        return ""
    return f"{SOURCES[source]}·{FACTS[fact]}"


def checks_of(party: PartyView, standing: Mapping[str, Standing]) -> list[dict[str, Any]]:
    """Return what was found of who a party is: each source's name, word and tone."""
    found = []
    for code in ON_REGISTERING[party.kind]:
        one = standing.get(code)
        if one is None:
            found.append({"name": SOURCES[code], "said": _("尚未核验"), "tone": "ghost"})
        elif one.verdict:
            is_same = one.verdict == "same"
            said = CODES[one.verdict]
            found.append(
                {"name": SOURCES[code], "said": said, "tone": "success" if is_same else "error"}
            )
        else:
            said, tone = OUTCOMES[one.outcome], TONES[one.outcome]
            found.append({"name": SOURCES[code], "said": said, "tone": tone})
    return found


def told(source: Source) -> str:
    """Return what a source is told, such as `名称、证号`."""
    return _("、").join(str(ELEMENTS[name]) for name in source.elements)


def shown_facts(source: Source, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return label and value of each fact that was answered, in the source's order."""
    return [
        {"label": FACTS[fact.name], "value": _value(fact.kind, facts[fact.name])}
        for fact in source.facts
        if fact.name in facts
    ]


def _value(kind: FactKind, value: Any) -> Any:
    if kind is FactKind.AMOUNT:
        return yuan(Money(int(value)))
    if kind is FactKind.FLAG:
        return _("是") if value else _("否")
    if kind is FactKind.CODE:
        return CODES.get(value, value)
    return date.fromisoformat(value) if kind is FactKind.DAY else value
