"""The words of the review desk, and times as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import BadAmount, Money
from rongqiao.lending.origination.queries.desk import CriterionView
from rongqiao.policies.roles import Role
from rongqiao.web.borrower.words import say
from rongqiao.web.templatetags.figures import masked, percent, whole

Words = Mapping[str, Promise]

DESK = (Role.REVIEWER, Role.APPROVER)
OVERRIDE_READERS = (Role.APPROVER, Role.RISK_ANALYST, Role.AUDITOR)

STAGES: Words = {"referred": gettext_lazy("待初审"), "recommended": gettext_lazy("待复审")}
TIMES: Words = {"late": gettext_lazy("已超时"), "soon": gettext_lazy("一天内到时")}
DOCUMENTS: Words = {"waiting": gettext_lazy("等补材料"), "here": gettext_lazy("不缺材料")}
SORTS: Words = {
    "due": gettext_lazy("时限近的在前"),
    "margin": gettext_lazy("评分高的在前"),
    "amount": gettext_lazy("金额大的在前"),
    "age": gettext_lazy("等得久的在前"),
}
OVERRIDES: Words = {
    "despite-decline": gettext_lazy("系统拒绝，人工通过"),
    "more-than-system": gettext_lazy("金额高于系统测算"),
    "better-grade": gettext_lazy("等级优于系统评定"),
    "despite-criteria-met": gettext_lazy("各项达标，人工拒绝"),
}
WAYS: Words = {"up": gettext_lazy("多借给的"), "down": gettext_lazy("少借给的")}
OVERRIDE_CODES: Words = {
    "income-proven-otherwise": gettext_lazy("收入另有证明"),
    "security-given": gettext_lazy("有担保"),
    "known-customer": gettext_lazy("老客户，履约良好"),
    "data-wrong": gettext_lazy("系统所用数据有误"),
    "temporary-cause": gettext_lazy("不利因素是暂时的"),
    "adverse-information": gettext_lazy("另有不利信息"),
    "facts-doubtful": gettext_lazy("事实存疑"),
    "purpose-doubtful": gettext_lazy("用途存疑"),
    "other": gettext_lazy("其他"),
}
REASSIGN_CODES: Words = {
    "workload": gettext_lazy("工作量调整"),
    "absence": gettext_lazy("休假或离岗"),
    "conflict": gettext_lazy("利益冲突，需要回避"),
    "expertise": gettext_lazy("需要其他专长"),
    "other": gettext_lazy("其他"),
}
FINDINGS: Words = {
    "same": gettext_lazy("一致"),
    "close": gettext_lazy("相近"),
    "differs": gettext_lazy("不一致"),
    "not-stated": gettext_lazy("未填写"),
    "not-known": gettext_lazy("查无结果"),
}
FINDING_TONES = {"same": "success", "close": "success", "differs": "error"}
SOURCES: Words = {
    "earlier-application": gettext_lazy("上次申请"),
    "identity": gettext_lazy("实名核验"),
    "phone": gettext_lazy("运营商"),
    "card": gettext_lazy("银行卡核验"),
    "registry": gettext_lazy("工商登记"),
    "tax": gettext_lazy("税务"),
}
CRITERIA: Words = {
    "too-young": gettext_lazy("年龄下限"),
    "too-old-at-end": gettext_lazy("到期年龄"),
    "sector-excluded": gettext_lazy("行业范围"),
    "currently-overdue": gettext_lazy("当前逾期天数"),
    "past-due-too-long": gettext_lazy("历史最长逾期天数"),
    "too-many-loans": gettext_lazy("在借笔数"),
    "no-regular-income": gettext_lazy("稳定收入"),
    "too-short-in-work": gettext_lazy("工作月数"),
    "too-short-in-business": gettext_lazy("经营月数"),
    "burden-too-high": gettext_lazy("按负债可借金额"),
    "amount-above-income": gettext_lazy("按收入可借金额"),
    "amount-above-revenue": gettext_lazy("按营收可借金额"),
    "score-too-low": gettext_lazy("评分下限"),
    "amount-above-means": gettext_lazy("申请金额与可借金额"),
    "was-past-due": gettext_lazy("历史逾期天数"),
    "sector-needs-a-person": gettext_lazy("需人工看的行业"),
    "score-needs-a-person": gettext_lazy("自动审批评分线"),
    "burden-needs-a-person": gettext_lazy("还款负担占收入"),
    "amount-needs-a-person": gettext_lazy("自动审批金额上限"),
}
_OF_MONEY = frozenset(
    {"burden-too-high", "amount-above-income", "amount-above-revenue", "amount-above-means"}
)


def who(officer_id: UUID | None) -> str:
    """Return an officer, short enough to tell them apart; empty for nobody."""
    return f"…{masked(str(officer_id))}" if officer_id else ""


def left(due_at: datetime, at: datetime) -> str:
    """Return how long there is until a moment, or by how much it is over."""
    if due_at >= at:
        return _("剩 %(time)s") % {"time": _lasting(due_at - at)}
    return _("超 %(time)s") % {"time": _lasting(at - due_at)}


def age(since: datetime | None, at: datetime) -> str:
    """Return how long ago a moment was."""
    return _lasting(at - since) if since else ""


def signed(points: int | None) -> str:
    """Return points above or below the line with their sign, or that there is no line."""
    return _("无评分线") if points is None else f"{points:+d}".replace("-", "−")


def criterion_line(one: CriterionView) -> dict[str, str]:
    """Return a criterion that was not met: its name, what was found, where the line lies."""
    return {
        "name": say(CRITERIA, one.code),
        "value": _figure(one.code, one.value),
        "line": _figure(one.code, one.line),
    }


def _figure(code: str, value: str) -> str:
    if not value:
        return "—"
    try:
        return f"{whole(Money.yuan(value))}" if code in _OF_MONEY else _share(code, value)
    except BadAmount:
        return value


def _share(code: str, value: str) -> str:
    return percent(value) if code == "burden-needs-a-person" else value


def _lasting(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    if hours >= 48:
        return _("%(n)s 天") % {"n": hours // 24}
    if hours >= 1:
        return _("%(n)s 小时") % {"n": hours}
    return _("%(n)s 分钟") % {"n": int(time.total_seconds() // 60)}
