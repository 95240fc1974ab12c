"""Sentences for refusals of risk's room of fraud."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FRAUD: dict[str, Promise] = {
    "fraud.role-needed": _("您的角色不能办理反欺诈事项。"),
    "fraud.second-person-needed": _("提出的人不能复核自己的结论，须由另一位办理。"),
    "fraud.own-affair": _("您与这件案子的当事人有关联，须由其他人办理。"),
    "fraud.reason-needed": _("请填写理由：允许 %(allowed)s 个字。"),
    "fraud.value-unreadable": _("这个内容不符合所选的类型，请核对后重新填写。"),
    "fraud.days-unfit": _("到期日不对：允许 %(allowed)s。"),
    "fraud.already-listed": _("这个内容已在同一名单上，或正在等待复核。"),
    "fraud.entry-not-waiting": _("这条名单已经办理过，请刷新页面。"),
    "fraud.entry-not-in-force": _("这条名单现在没有生效，不能移出。"),
    "fraud.case-not-there": _("案件 %(number)s 的状态已经变化，请刷新页面。"),
}
