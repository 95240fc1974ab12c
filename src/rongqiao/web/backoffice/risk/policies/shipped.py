"""The reader's words for English texts of the documents that come with the platform.

A document is kept under the digest of its bytes, so that its own texts stay as they are. What an
analyst wrote is shown as written.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongqiao.web.backoffice.finance.words import Words

_TEXTS: Words = {
    "comes with the platform": _("随平台提供"),
    "hand-made table; not trained on Chinese data": _("人工制定的评分表，没有用中国数据训练"),
    "an ordinary case": _("普通申请"),
    "not yet of age": _("未满年龄"),
    "late here now": _("在本平台正逾期"),
    "late once": _("曾经逾期"),
    "income not known": _("收入不详"),
    "debts too high": _("负债过高"),
    "an ordinary firm": _("普通企业"),
    "a sector not lent to": _("不放款的行业"),
    "a sector to look at": _("须人工审看的行业"),
    "a year too young": _("成立不足一年"),
    "on the list of dishonest debtors": _("列为失信被执行人"),
    "an enforcement is open": _("有未结的强制执行"),
    "a low score outside": _("外部评分低"),
    "nothing known from outside": _("外部信息不详"),
}


def text_words(text: str) -> str:
    """Return a text of a document in the reader's language; one that is not ours says itself."""
    return str(_TEXTS.get(text, text))
