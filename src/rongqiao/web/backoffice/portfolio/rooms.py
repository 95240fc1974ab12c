"""Who reads the portfolio, and which of its pages stand side by side."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.rooms import Tab

READERS = (Role.REVIEWER, Role.APPROVER, Role.FINANCE, Role.OPERATOR, Role.AUDITOR)
RISK_READERS = (*READERS, Role.RISK_ANALYST)
TABS = (
    Tab("portfolio", _("现状")),
    Tab("vintages", _("账龄曲线")),
    Tab("roll-rates", _("滚动率")),
    Tab("delinquency", _("逾期结构")),
    Tab("prepayment", _("提前还款")),
    Tab("yield", _("收益率")),
    Tab("provision", _("拨备")),
    Tab("allowance", _("损失准备")),
    Tab("desk-limits", _("授信额度")),
    Tab("concentration", _("集中度")),
    Tab("collateral", _("抵押担保")),
    Tab("write-offs", _("核销")),
    Tab("imports", _("转入")),
)
CLASSES = {
    "pass": _("正常"),
    "special-mention": _("关注"),
    "substandard": _("次级"),
    "doubtful": _("可疑"),
    "loss": _("损失"),
}
