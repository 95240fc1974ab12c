"""The words of a firm's financial statements."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, Promise]

FIGURES: Words = {
    "revenue": _("营业收入"),
    "cost_of_sales": _("营业成本"),
    "selling_and_administrative": _("销售和管理费用"),
    "depreciation": _("折旧和摊销"),
    "operating_profit": _("营业利润"),
    "ebit": _("息税前利润"),
    "interest_expense": _("利息支出"),
    "profit_before_tax": _("利润总额"),
    "net_profit": _("净利润"),
    "purchases": _("采购总额"),
    "operating_cash_flow": _("经营现金净流量"),
    "capital_expenditure": _("购建长期资产支出"),
    "cash": _("货币资金"),
    "short_term_investments": _("短期投资"),
    "receivables": _("应收账款"),
    "inventories": _("存货"),
    "current_assets": _("流动资产合计"),
    "fixed_assets": _("固定资产净值"),
    "total_assets": _("资产总计"),
    "payables": _("应付账款"),
    "current_liabilities": _("流动负债合计"),
    "interest_bearing_debt": _("带息负债"),
    "total_liabilities": _("负债合计"),
    "retained_earnings": _("留存收益"),
    "equity": _("所有者权益合计"),
}
GROUPS = (
    (_("利润表"), tuple(FIGURES)[:10]),
    (_("现金流量表"), tuple(FIGURES)[10:12]),
    (_("资产负债表"), tuple(FIGURES)[12:]),
)
SOURCES: Words = {
    "firm": _("企业自报"),
    "audited": _("审计报告"),
    "tax": _("税务申报"),
}
CONTRADICTIONS: Words = {
    "assets-unequal": _("资产不等于负债加所有者权益"),
    "current-assets-above-all": _("流动资产大于资产总计"),
    "current-debts-above-all": _("流动负债大于负债合计"),
    "cash-above-current": _("货币资金大于流动资产"),
    "inventories-above-current": _("存货大于流动资产"),
    "receivables-above-current": _("应收账款大于流动资产"),
}
# Why somebody is a beneficial owner (受益所有人信息管理办法 art. 6 and 7).
CONTROLS: Words = {
    "shares": _("持有 25% 以上股权、股份或合伙权益"),
    "votes": _("享有 25% 以上收益权或表决权"),
    "control": _("以其他方式实际控制"),
    "manager": _("负责日常经营管理（没有以上情形的人时）"),
    "state-owned": _("国有独资、国有控股企业的法定代表人"),
}
# The same in a list, where the heading says what it is about.
GROUNDS: Words = {
    "shares": _("持股"),
    "votes": _("收益权或表决权"),
    "control": _("实际控制"),
    "manager": _("日常经营管理"),
    "state-owned": _("国有企业法定代表人"),
}
DECLARED: Words = {
    "declared": _("有效"),
    "stale": _("已满一年，请重新确认"),
    "missing": _("还没有申报"),
}
DECLARED_TONES = {"declared": "success", "stale": "warning", "missing": "warning"}
