"""One sentence per refusal code: what was wrong, with the value, and what is allowed.

`%(name)s` are the refusal's facts. A test holds that every refusal of the platform has one.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PLATFORM: dict[str, Promise] = {
    "platform.not-found": _("没有找到您要的内容。"),
    "platform.key-reused": _(
        "这张表单已经提交过，内容与上次不同，为避免重复操作没有再次办理。请刷新页面后重试。"
    ),
}

SENTENCES: dict[str, Promise] = {**PLATFORM}
