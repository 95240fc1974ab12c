"""The words of fraud: rules with their values, attributes, deeds, states; and the room's frame."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from rongqiao.parties.queries import get_parties
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.words import Words, officer, say
from rongqiao.web.backoffice.risk.rooms import FRAUD_READERS, risk_room
from rongqiao.web.frame.access import roles_held
from rongqiao.web.templatetags.figures import masked

READERS = tuple(sorted(FRAUD_READERS))
ACTORS = (Role.RISK_ANALYST, Role.COMPLIANCE_OFFICER)
# Each rule as a sentence: its name, and what was found against which bound.
RULES: Words = {
    "on-black-list": _("在黑名单上"),
    "on-grey-list": _("在灰名单上"),
    "confirmed-before": _("此前已确认欺诈"),
    "in-a-ring": _("属于一个关系环：%(value)s 个主体，界限 %(bound)s"),
    "in-a-large-ring": _("属于一个很大的关系环：%(value)s 个主体，界限 %(bound)s"),
    "device-shared": _("多人共用一台设备：%(value)s 个主体，界限 %(bound)s"),
    "device-shared-by-many": _("很多人共用一台设备：%(value)s 个主体，界限 %(bound)s"),
    "card-of-others": _("多人用过同一张银行卡：%(value)s 个主体，界限 %(bound)s"),
    "phone-of-others": _("多人用过同一手机号：%(value)s 个主体，界限 %(bound)s"),
    "mailbox-of-others": _("多人用过同一邮箱：%(value)s 个主体，界限 %(bound)s"),
    "address-crowded": _("多人同住一处：%(value)s 个主体，界限 %(bound)s"),
    "contact-of-many": _("多户填写同一紧急联系人：%(value)s 个住址，界限 %(bound)s"),
    "browser-shared": _("多人共用网络地址与浏览器：%(value)s 个主体，界限 %(bound)s"),
    "phones-in-a-row": _("手机号连号：七天内同一百号段另有 %(value)s 个主体，界限 %(bound)s"),
    "network-burst": _("同一网段集中注册：一小时内 %(value)s 个主体，界限 %(bound)s"),
    "applies-again-and-again": _("频繁申请：24 小时内 %(value)s 次，界限 %(bound)s"),
    "stacks-loans": _("多头申请：七天内 %(value)s 次，界限 %(bound)s"),
    "many-cards": _("频繁添加银行卡：30 天内 %(value)s 张，界限 %(bound)s"),
    "log-ins-in-a-burst": _("频繁登录：一小时内 %(value)s 次，界限 %(bound)s"),
    "new-device-before-card": _("疑似盗用账户：换用新设备后 24 小时内添加了银行卡"),
}
KINDS: Words = {
    "device": _("设备"),
    "agent": _("浏览器类型"),
    "setting": _("网络地址与浏览器"),
    "ip": _("网络地址"),
    "network": _("网段"),
    "phone": _("手机号"),
    "phone-block": _("手机号百号段"),
    "email": _("邮箱"),
    "card": _("银行卡"),
    "resident-id": _("身份证号"),
    "address": _("住址"),
    "employer": _("工作单位"),
    "contact": _("紧急联系人"),
}
DEEDS: Words = {
    "registered": _("注册"),
    "identified": _("实名"),
    "visited": _("办理页面"),
    "logged-in": _("登录"),
    "applied": _("提交申请"),
    "card-added": _("添加银行卡"),
    "withdrew": _("提现"),
    "drew": _("放款"),
    "repaid": _("还款"),
}
STATES: Words = {
    "open": _("待领取"),
    "taken": _("核查中"),
    "proposed": _("待复核"),
    "confirmed": _("已确认欺诈"),
    "cleared": _("已排除"),
}
TONES = {
    "open": "warning",
    "taken": "info",
    "proposed": "info",
    "confirmed": "error",
    "cleared": "success",
}
VERBS: Words = {
    "opened": _("立案"),
    "taken": _("领取"),
    "proposed": _("提出认定欺诈"),
    "sent-back": _("退回"),
    "confirmed": _("确认欺诈"),
    "cleared": _("排除"),
}
STANDINGS: Words = {"black": _("黑名单"), "grey": _("灰名单"), "white": _("白名单")}
STANDING_TONES = {"black": "error", "grey": "warning", "white": "success"}
ENTRY_STATES: Words = {
    "waiting": _("待复核"),
    "in-force": _("生效中"),
    "declined": _("已驳回"),
    "ended": _("已移出"),
    "expired": _("已到期"),
}
OUTCOMES: Words = {"clear": _("无异常"), "refer": _("转人工"), "decline": _("拒绝")}
OUTCOME_TONES = {"clear": "success", "refer": "warning", "decline": "error"}
_COLON = re.compile("[：:]")
_PLACES = (
    ("fraud", _("案件")),
    ("fraud-rings", _("关系环")),
    ("fraud-lists", _("名单")),
    ("fraud-search", _("查找")),
)


def fraud_room(request: HttpRequest, here: str, **more: Any) -> dict[str, Any]:
    """Return a page's context: the frame of risk, the room's own pages with `here` marked."""
    places = [
        {"address": reverse(name), "label": label, "is_here": name == here}
        for name, label in _PLACES
    ]
    return risk_room(request, "fraud", places=places, acts=acts(request), **more)


def acts(request: HttpRequest) -> bool:
    """Tell whether who reads the page may act on it."""
    return bool(roles_held(request) & set(ACTORS))


def rule(code: str, value: str, bound: str) -> str:
    """Return a met rule as a sentence."""
    return say(RULES, code) % {"value": value, "bound": bound}


def rule_name(code: str) -> str:
    """Return a rule's name for a list, without its values."""
    return _COLON.split(say(RULES, code), maxsplit=1)[0]


def kinds(codes: Iterable[str]) -> str:
    """Return kinds of attribute in one line."""
    return str(_now("、").join(say(KINDS, code) for code in codes))


def names_of(subjects: Iterable[UUID]) -> dict[UUID, str]:
    """Return what each subject is called: masked name and the end of its number."""
    wanted = list(subjects)
    parties = get_parties(wanted)
    found = {}
    for one in wanted:
        name = parties[one].name if one in parties else str(_now("未实名登录"))
        found[one] = f"{name} ·{masked(str(one))}"
    return found


def who(actor: str) -> str:
    """Return who acted, or a dash."""
    return officer(actor) if actor else "—"
