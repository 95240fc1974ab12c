"""The words of the months of a model."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongqiao.web.backoffice.finance.words import Words

ALARMS: Words = {
    "psi": _("总分分布移动（PSI）"),
    "psi-learnt": _("总分偏离训练总体（PSI）"),
    "csi": _("变量分布移动（CSI）"),
    "csi-learnt": _("变量偏离训练总体（CSI）"),
    "ks": _("区分能力下降（KS 降幅）"),
    "missing": _("缺失率上升"),
    "override-up": _("逆系统放款过多"),
    "override-down": _("逆系统拒绝过多"),
    "slope": _("校准斜率偏离"),
}
LEVELS: Words = {"amber": _("留意"), "red": _("须处理")}
TONES = {"amber": "warning", "red": "error"}
# What a points table looks at.
CHARACTERISTICS: Words = {
    "age": _("年龄"),
    "months-established": _("从业或经营月数"),
    "monthly-income": _("月收入"),
    "revenue-annual": _("年营业收入"),
    "debt-share": _("已有还款占收入"),
    "employment": _("就业"),
    "housing": _("居住"),
    "sector": _("行业"),
    "loans-closed": _("在本平台还清的借款"),
    "days-past-due-worst": _("在本平台最长逾期天数"),
}
# What a figure is held against.
COMPARES: Words = {
    "months": _("最初三个月"),
    "training": _("训练总体"),
    "chances": _("模型给出的概率"),
    "nothing": _("不作比较"),
}
# Why nothing is known of the population that a model was taught by.
ABSENT: Words = {
    "": _("此月计数时尚未与训练总体比较"),
    "points-table": _("手工评分表没有训练总体"),
    "trees": _("提升树的文件不含训练总体的分布"),
    "not-opened": _("登记册中没有这个模型，或其封条不符"),
    "scores-not-kept": _("模型文件没有保存训练时的总分分布"),
}
