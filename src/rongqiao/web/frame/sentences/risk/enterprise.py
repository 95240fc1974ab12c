"""Sentences for refusals of risk's room of firms: statements, ratings, warnings."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENTERPRISE: dict[str, Promise] = {
    "risk.rating-role-needed": _("您没有办理这项评级或预警工作的角色。"),
    "risk.own-firm": _("您与这家企业有关联，须由其他人员办理。"),
    "risk.rating-second-person-needed": _("提出调整的人不能复核自己的调整，须由另一位办理。"),
    "risk.rating-reason-needed": _("请写明理由，%(allowed)s 个字。"),
    "risk.unreadable-statement": _(
        "报表项目「%(field)s」不对（%(value)s）：请填半角数字，单位元；资产、负债和成本不能为负。"
    ),
    "risk.statement-out-of-time": _(
        "报表截止日「%(value)s」不对：应在 %(allowed)s 之间，并且期间已经结束。"
    ),
    "risk.too-few-figures": _("只填了 %(value)s 个项目，至少需要 %(allowed)s 个。"),
    "risk.no-statement": _("还没有整年的财务报表，请先录入至少一个会计年度的报表。"),
    "risk.unknown-standards": _("「%(value)s」不能选；可以选：%(allowed)s。"),
    "risk.override-out-of-reach": _(
        "不能调整为「%(value)s」：向上最多两级，没有评级的不能调整；可以选：%(allowed)s。"
    ),
    "risk.override-there": _("这次评级已经有一项调整。"),
    "risk.rating-superseded": _("这家企业已有更新的评级，请在最新的评级上办理。"),
    "risk.override-not-waiting": _("这项调整已经处理过了。"),
    "risk.warning-not-open": _("这项预警现在不能这样办理，请刷新页面。"),
    "risk.warning-not-yours": _("这项预警已由另一位同事处理。"),
    "risk.unknown-outcome": _("处理结果「%(value)s」不能选；可以选：%(allowed)s。"),
}
