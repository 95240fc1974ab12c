"""The words of collections: states, buckets, ways, outcomes."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.words import Words
from rongqiao.web.templatetags.figures import masked

READERS = (Role.COLLECTOR, Role.OPERATOR, Role.COMPLIANCE_OFFICER, Role.AUDITOR)
STATES: Words = {
    "open": _("待领取"),
    "assigned": _("催收中"),
    "handed-over": _("已委外"),
    "closed": _("已关闭"),
}
TONES = {"open": "ghost", "assigned": "info", "handed-over": "warning", "closed": "success"}
BUCKETS: Words = {
    "1-30": _("1–30 天"),
    "31-60": _("31–60 天"),
    "61-90": _("61–90 天"),
    "90+": _("90 天以上"),
}
DUES: Words = {"step": _("今天该办"), "promise": _("承诺到期")}
CHANNELS: Words = {
    "call": _("电话"),
    "sms": _("短信"),
    "visit": _("上门"),
    "letter": _("信函"),
}
OUTCOMES: Words = {
    "no-answer": _("无人接听"),
    "promised": _("承诺还款"),
    "asks-time": _("请求延后"),
    "refuses": _("拒绝还款"),
    "disputes": _("对欠款有异议"),
    "wrong-number": _("号码不对"),
    "somebody-else": _("他人接听，未透露欠款"),
    "sent": _("已发出"),
}
PROMISES: Words = {"open": _("未到期"), "kept": _("已履行"), "broken": _("未履行")}
KINDS: Words = {"agent": _("委托机构"), "law-firm": _("委托律师"), "settlement": _("和解")}
PROPOSAL_STATES: Words = {
    "waiting": _("待复核"),
    "approved": _("已批准"),
    "declined": _("已否决"),
    "withdrawn": _("已撤回"),
    "expired": _("已过期"),
    "met": _("已按方案还款"),
}
# The key of each outcome, in the order in which the page offers them.
KEYS = {
    "no-answer": "1",
    "asks-time": "2",
    "refuses": "3",
    "disputes": "4",
    "wrong-number": "5",
    "somebody-else": "6",
    "sent": "1",
}


def who(user_id: UUID | None) -> str:
    """Return a member of staff short enough to tell them apart; a dash for nobody."""
    return masked(str(user_id)) if user_id else "—"
