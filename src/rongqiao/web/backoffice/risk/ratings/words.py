"""The words of a firm's statement and rating."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongqiao.web.backoffice.finance.words import Words

BLOCKS: Words = {
    "profitability": _("盈利能力"),
    "asset-quality": _("资产质量"),
    "debt-risk": _("债务风险"),
    "growth": _("经营增长"),
    "people": _("管理评议"),
    "adjustment": _("修正"),
    "conduct": _("经营行为"),
}
LINES: Words = {
    "return-on-equity": _("净资产收益率"),
    "return-on-assets": _("总资产报酬率"),
    "asset-turnover": _("总资产周转率"),
    "receivable-turnover": _("应收账款周转率"),
    "debt-to-assets": _("资产负债率"),
    "interest-cover": _("已获利息倍数"),
    "revenue-growth": _("营业增长率"),
    "capital-preserved": _("资本保值增值率"),
    "management": _("管理层经验与品行"),
    "customers": _("客户质量与集中度"),
    "suppliers": _("供应商与上游依赖"),
    "market": _("市场地位与行业前景"),
    "records": _("账册与内控"),
    "owner": _("实际控制人信用与家庭负债"),
    "profitability": _("盈利能力"),
    "asset-quality": _("资产质量"),
    "debt-risk": _("债务风险"),
    "growth": _("经营增长"),
    "tax-arrears": _("有欠税"),
    "tax-grade-a": _("纳税信用 A 级"),
    "tax-grade-d": _("纳税信用 D 级"),
    "invoices-falling": _("开票额下降"),
    "invoice-buyer-share": _("单一客户占比"),
    "invoices-voided": _("作废发票占比"),
    "judicial-enforced": _("被执行"),
    "judicial-defendant": _("作为被告的案件数"),
    "days-past-due-worst": _("历史最长逾期天数"),
    "bank-flow-to-revenue": _("银行流水与收入之比"),
}
BANDS: Words = {
    "excellent": _("优秀"),
    "good": _("良好"),
    "average": _("平均"),
    "low": _("较低"),
    "poor": _("较差"),
    "below": _("低于较差值"),
    "a": _("优"),
    "b": _("良"),
    "c": _("中"),
    "d": _("低"),
    "e": _("差"),
}
WHY_NOT: Words = {
    "figure-missing": _("缺少报表项目"),
    "denominator-not-positive": _("分母不是正数，不计分"),
    "base-not-positive": _("上年基数不是正数，不计分"),
    "no-year-before": _("没有上年报表"),
    "no-standard-value": _("没有标准值"),
    "not-answered": _("未评议"),
}
CHECKS: Words = {
    "altman-z2": _("Altman Z″（非制造业私营企业）"),
    "zmijewski": _("Zmijewski"),
    "ohlson": _("Ohlson"),
    "beneish-m": _("Beneish M（报表粉饰提示）"),
}
ZONES: Words = {
    "safe": _("安全"),
    "grey": _("灰色区"),
    "distress": _("困境"),
    "flag": _("需要核实报表"),
    "clear": _("没有异常"),
}
ZONE_TONES = {"safe": "success", "clear": "success", "grey": "warning"}
OVERRIDE_STATES: Words = {
    "proposed": _("待复核"),
    "approved": _("已生效"),
    "declined": _("已驳回"),
}
OVERRIDE_TONES = {"proposed": "info", "approved": "success", "declined": "error"}
YES_NO: Words = {"": _("不清楚"), "yes": _("是"), "no": _("否")}
PERCENT_LINES = frozenset(
    {
        "return-on-equity",
        "return-on-assets",
        "debt-to-assets",
        "revenue-growth",
        "capital-preserved",
    }
)
