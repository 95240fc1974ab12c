"""The words of alerts, cases, lists, ratings and reports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rongqiao.web.backoffice.finance.words import Words, say

KINDS: Words = {
    "name": _("名单相似"),
    "structuring": _("拆分交易"),
    "pass-through": _("快进快出"),
    "fan-in": _("分散转入"),
    "fan-out": _("分散转出"),
    "round-trip": _("资金回流"),
    "early-repayment": _("他人资金提前还款"),
    "dormant": _("休眠后突然活跃"),
    "income-mismatch": _("与收入不符"),
    "many-small": _("大量小额转入"),
    "rating-review": _("评级到期审核"),
}
ALERT_STATES: Words = {"open": _("待处理"), "false": _("已排除"), "case": _("已立案")}
CASE_STATES: Words = {
    "open": _("待领取"),
    "taken": _("处理中"),
    "escalated": _("待复核"),
    "reported": _("已报告"),
    "closed": _("已结案"),
}
FREEZE_STATES: Words = {
    "in-force": _("冻结中"),
    "ending": _("待批准解除"),
    "ended": _("已解除"),
}
REPORT_KINDS: Words = {"large-value": _("大额交易报告"), "suspicious": _("可疑交易报告")}
REPORT_STATES: Words = {"prepared": _("待报送"), "filed": _("已报送")}
LIST_KINDS: Words = {
    "sanction": _("制裁名单"),
    "terrorism": _("涉恐名单"),
    "pep": _("特定公职人员"),
    "adverse": _("负面信息"),
}
LEVELS: Words = {"low": _("低风险"), "medium": _("中风险"), "high": _("高风险")}
TONES = {
    "open": "info",
    "false": "",
    "case": "warning",
    "taken": "info",
    "escalated": "warning",
    "reported": "error",
    "closed": "success",
    "prepared": "info",
    "filed": "success",
    "in-force": "error",
    "ending": "warning",
    "ended": "success",
    "low": "success",
    "medium": "warning",
    "high": "error",
}
PARTIES: Words = {
    "self": _("本人或本企业"),
    "representative": _("法定代表人"),
    "owner": _("受益所有人"),
}
LINKS: Words = {
    "shares": _("共用设备、卡、电话、地址或邮箱"),
    "same-person": _("同一人、同一法定代表人或受益所有人"),
    "guarantee": _("担保"),
}
CLEARINGS: Words = {
    "no-link": _("已排除：没有关联"),
    "namesake": _("付款的是同名他人"),
    "restore": _("恢复关联"),
}
INCOMES: Words = {"officer": _("合规人员录入"), "application": _("申请时填报")}
CHANGES: Words = {"added": _("新增"), "changed": _("变更"), "removed": _("移出")}
CAUSES: Words = {
    "registered": _("注册时"),
    "list-changed": _("名单变更"),
    "not-yet": _("此前未筛查"),
    "by-hand": _("人工重查"),
    "owners-declared": _("申报受益所有人时"),
}
STEPS: Words = {
    "alert": _("并入预警"),
    "taken": _("领取"),
    "note": _("记录"),
    "proposed": _("提出处理意见"),
    "sent-back": _("退回"),
    "reported": _("批准报告"),
    "closed": _("批准结案"),
    "frozen": _("冻结资金"),
    "set-aside": _("冻结一笔"),
    "end-asked": _("提议解除冻结"),
    "end-denied": _("继续冻结"),
    "unfrozen": _("解除冻结"),
}
ENDS: Words = {"report": _("报告可疑交易"), "close": _("排除怀疑并结案")}
# Why two names are alike, and what a second attribute said.
REASONS: Words = {
    "name:same": _("名称相同（繁简、异体、空格和间隔号不计）"),
    "name:sounds-alike": _("读音相同，用字不同"),
    "name:written-alike": _("姓氏常见混写"),
    "name:spelt-alike": _("拼音相同"),
    "name:spelt-abroad": _("威妥玛或粤语等拼写相同"),
    "name:turned-round": _("拼音相同，姓名顺序不同"),
    "name:same-mark": _("字号相同，行政区划、行业或组织形式不同"),
    "name:part-of-mark": _("字号部分相同"),
    "name:different": _("名称不同"),
    "number:same": _("证件号码相同"),
    "birth:same": _("出生日期相同"),
    "birth:same-year": _("出生年份或年月相符"),
    "birth:other-day": _("同年出生，日期不同"),
    "birth:other-year": _("出生年份不同"),
    "country:same": _("国籍相同"),
    "country:other": _("国籍不同"),
}
FACTORS: Words = {
    "kind": _("客户类型"),
    "occupation": _("职业"),
    "trade": _("行业"),
    "region": _("地区"),
    "product": _("业务"),
    "channel": _("办理渠道"),
    "exposure": _("公职身份"),
    "history": _("历史"),
    "owners": _("受益所有人"),
}
ANSWERS: Words = {
    "person": _("个人"),
    "individual-business": _("个体工商户"),
    "firm": _("企业"),
    "firm-layered": _("股权多层的企业"),
    "employee": _("受雇"),
    "civil-servant": _("公职"),
    "self-employed": _("自由职业"),
    "trade-of-cash": _("现金密集的营生"),
    "no-occupation": _("无业"),
    "student": _("学生"),
    "other": _("其他"),
    "none": _("无"),
    "manufacturing": _("制造"),
    "services": _("服务"),
    "retail": _("零售"),
    "catering": _("餐饮"),
    "jewellery": _("珠宝贵金属"),
    "virtual-currency": _("虚拟货币"),
    "gambling": _("博彩"),
    "import-export": _("进出口"),
    "charity": _("慈善"),
    "ordinary": _("一般地区"),
    "border": _("边境"),
    "fraud-prone": _("电诈高发地"),
    "abroad": _("境外"),
    "listed-country": _("被列名的国家或地区"),
    "instalment-loan": _("分期贷款"),
    "revolving-limit": _("循环额度"),
    "secured-loan": _("抵押贷款"),
    "large-loan": _("大额贷款"),
    "face-to-face": _("面对面"),
    "online-verified": _("线上核身"),
    "agent": _("代理人"),
    "relative-or-close": _("公职人员的亲属或密切关系人"),
    "domestic-official": _("国内高级公职人员"),
    "foreign-official": _("外国政要"),
    "clean": _("无异常"),
    "alert-dismissed": _("有已排除的预警"),
    "case-closed": _("有已结案件"),
    "reported": _("报告过可疑交易"),
    "not-a-firm": _("不适用（个人）"),
    "declared": _("已申报"),
    "stale": _("申报已满一年，没有重新确认"),
    "missing": _("没有申报"),
}
FEATURES: Words = {
    "0501": _("0501 当日现金 5 万元及以上"),
    "0502": _("0502 单位当日转账 200 万元及以上"),
    "0503": _("0503 个人当日境内转账 50 万元及以上"),
    "0504": _("0504 个人当日跨境转账 20 万元及以上"),
}


def told(kind: str, evidence: dict[str, Any]) -> str:
    """Return in one sentence what a pattern rests on."""
    facts = {"since": evidence.get("since", ""), "until": evidence.get("until", "")}
    facts |= evidence.get("facts", {})
    if kind == "rating-review":
        facts |= {name: say(LEVELS, facts[name]) for name in ("before", "level")}
    if evidence.get("why") == "owners":
        return (
            gettext(
                "企业没有申报受益所有人，或申报已满一年，系统改评为%(level)s（%(points)s 分），"
                "此前为%(before)s；请人工审核。"
            )
            % facts
        )
    sentences = {
        "structuring": gettext(
            "%(since)s 至 %(until)s 有 %(count)s 笔略低于 %(threshold)s 元的报告标准。"
        ),
        "pass-through": gettext(
            "%(since)s 至 %(until)s 转入 %(money_in)s 元，随即转出 %(money_out)s 元。"
        ),
        "fan-in": gettext("%(since)s 至 %(until)s 有 %(parties)s 个对手转入，合计 %(amount)s 元。"),
        "fan-out": gettext(
            "%(since)s 至 %(until)s 向 %(parties)s 个对手转出，合计 %(amount)s 元。"
        ),
        "round-trip": gettext(
            "%(since)s 转出 %(money_out)s 元，%(until)s 从同一方或其关联方转回 %(money_in)s 元。"
        ),
        "early-repayment": gettext(
            "%(until)s 前已提前归还 %(repaid)s 元，期间他人转入 %(third_party)s 元。"
        ),
        "dormant": gettext("静止 %(quiet_days)s 天后，%(since)s 起往来 %(amount)s 元。"),
        "income-mismatch": gettext(
            "%(since)s 至 %(until)s 转入 %(amount)s 元，申报月收入 %(income)s 元。"
        ),
        "many-small": gettext(
            "%(since)s 至 %(until)s 有 %(count)s 笔小额转入，合计 %(amount)s 元。"
        ),
        "rating-review": gettext(
            "评级到期，系统按现有事实评为%(level)s（%(points)s 分），此前为%(before)s；请人工审核。"
        ),
    }
    return sentences[kind] % facts if kind in sentences else say(KINDS, kind)
