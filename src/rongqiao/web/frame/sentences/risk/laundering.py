"""One sentence per refusal code of the work against money laundering."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LAUNDERING: dict[str, Promise] = {
    "laundering.reason-needed": _("请填写，1 至 %(allowed)s 个字。"),
    "laundering.second-person-needed": _("提议人不能自己决定，须由另一位合规人员办理。"),
    "laundering.not-in-this-state": _("已经办理过了，请刷新页面看现在的状态。"),
    "laundering.receipt-needed": _("请填写回执编号，1 至 %(allowed)s 个字。"),
    "laundering.answer-needed": _("请从列出的选项中选择。"),
    "laundering.still-kept": _("记录还在保存期内：业务关系须在 %(before)s 之前结束。"),
    "laundering.list-refused": _(
        "名单不能导入，没有任何改动：第 %(row)s 行（%(why)s）「%(value)s」。首行须有编号和"
        "名称两列；编号不重复；出生日期写成 1970-01-01、1970-01 或 1970；"
        "名称不能只有「有限公司」之类的通用词。"
    ),
    "laundering.list-shrinks": _(
        "这个文件会移出 %(entries)s 条中的 %(removed)s 条。"
        "如果确实缩减一半以上，请勾选确认后再导入。"
    ),
    "laundering.list-unchanged": _("文件与现行版本没有差别，不需要导入。"),
}
