"""Sentences for refusals of risk's room of modelling."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MODELLING: dict[str, Promise] = {
    "risk.model-role-needed": _("您没有办理评分模型的权限（需要：%(allowed)s）。"),
    "risk.model-second-person-needed": _("提出模型的人不能自己放行，须由另一位风控分析员放行。"),
    "risk.model-reason-needed": _("请写明理由，1 至 %(allowed)s 个字。"),
    "risk.model-decided": _("这个模型已经处理过，现在不能这样办理。"),
    "risk.model-day-past": _("日期「%(value)s」早于业务日期，请填 %(allowed)s 或之后的日期。"),
    "risk.model-code-form": _(
        "代码「%(value)s」不对：请用 2 至 40 个小写字母、数字或连字符，以字母开头。"
    ),
    "risk.model-not-whole": _(
        "模型文件与封存时不一致（sha256 不符），没有办理。请上传训练时写出的原文件。"
    ),
    "risk.model-unknown-kind": _("这个文件不是本系统认得的评分模型，请上传 model.json。"),
    "risk.model-too-large": _("模型文件太大：最多 %(allowed)s MB。"),
    "risk.model-known": _("同一个模型已经提出过：%(code)s 第 %(number)s 版。"),
    "risk.model-tampered": _(
        "警报：%(code)s 第 %(number)s 版的内容与封存时不一致，已停止使用。请立即联系合规与技术。"
    ),
}
