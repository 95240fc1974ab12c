"""Sentences for refusals of risk's room of inquiries."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INQUIRIES: dict[str, Promise] = {
    "risk.consent-missing": _("没有您的授权，不能查询。请先阅读并同意授权书。"),
    "risk.asked-too-often": _(
        "今天的查询次数已到上限：每个来源每天最多 %(allowed)s 次，请明天再试。"
    ),
    "risk.source-not-for-party": _("这个来源不适用于当前身份，没有查询。"),
    "risk.element-missing": _("还缺少查询所需的信息（%(field)s），没有查询。"),
    "risk.inquiry-ended": _("这次查询已有结果，不能再改。"),
    "risk.look-reason-needed": _("请写明查看完整内容的理由，4 至 %(allowed)s 个字。"),
    "risk.own-answer": _("不能以工作身份查看关于本人或本人企业的查询内容。"),
}
