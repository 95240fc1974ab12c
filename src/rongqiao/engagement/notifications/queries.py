"""What a user was told, and by which channels; what the sentences are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from rongqiao.engagement.notifications.models import Channels, Notice, ReminderDay

# The sentence of each kind, filled with its facts.
SENTENCES: dict[str, Promise] = {
    "due-soon": _("借款 %(number)s 将于 %(due_on)s 到期，应还 %(amount)s 元。请提前备足资金。"),
    "due-today": _("借款 %(number)s 今天到期，应还 %(amount)s 元。"),
    "overdue": _(
        "借款 %(number)s 有 %(amount)s 元自 %(due_on)s 起逾期，请尽快还款，以免产生更多罚息。"
    ),
    "disbursed": _("借款 %(number)s 已放款 %(amount)s 元，已到您的账户。"),
    "prepaid": _(
        "借款 %(number)s 已提前归还本金 %(amount)s 元；新计划下期 %(due_on)s 应还 %(next_due)s 元。"
    ),
    "terms-changed": _(
        "借款 %(number)s 已按您的申请变更还款安排；下次 %(due_on)s 应还 %(next_due)s 元，"
        "最后到期日 %(matures_on)s。"
    ),
    "restructured": _(
        "借款 %(number)s 已因财务困难重组；下次 %(due_on)s 应还 %(next_due)s 元，"
        "最后到期日 %(matures_on)s。重组后进入观察期，期间请按时足额还款。"
    ),
    "recall-notice-overdue": _(
        "借款 %(number)s 逾期已久，贷款人通知：若 %(falls_on)s 前未还清逾期款项，"
        "剩余本金和至该日的利息共约 %(amount)s 元将在该日提前到期。"
    ),
    "recall-notice-misuse": _(
        "因借款 %(number)s 未按约定用途使用，贷款人通知：剩余本金和至该日的利息"
        "共约 %(amount)s 元将在 %(falls_on)s 提前到期。"
    ),
    "recall-ended": _("借款 %(number)s 的提前到期通知已失效，仍按原计划还款。"),
    "recalled": _(
        "借款 %(number)s 已于 %(due_on)s 提前到期，另有 %(amount)s 元到期应还；"
        "以后的利息不再收取，未还部分自该日起按约定计罚息。"
    ),
    "rate-reset": _(
        "借款 %(number)s 的年利率自 %(from_on)s 起由 %(was)s%% 调整为 %(rate)s%%；"
        "下次 %(due_on)s 应还 %(next_due)s 元，新的还款计划请见借款页面。"
    ),
    "held": _("自 %(from_on)s 起，您名下借款暂停罚息、催收和自动扣款；合同利息照计。"),
    "hold-lifted": _("自 %(from_on)s 起，您名下借款恢复罚息、催收和自动扣款，暂停期间不补收罚息。"),
    "waived": _("借款 %(number)s 已为您减免 %(amount)s 元。"),
    "closed": _("借款 %(number)s 已还清，结清证明可在借款页面下载。"),
    "written-off": _("借款 %(number)s 已核销；债务并未免除，仍应还 %(amount)s 元，不再计息。"),
    "recovered": _("已收到借款 %(number)s 的还款 %(amount)s 元，仍应还 %(left)s 元。"),
    "payment-reversed": _("借款 %(number)s 于 %(paid_on)s 的还款 %(amount)s 元已撤销并退回账户。"),
    "limit-cut": _("您的额度由 %(was)s 元调整为 %(amount)s 元，原因请见额度页面。"),
}
# Kinds that are texted too: what costs money if it is missed, and money that moved.
TEXTED = frozenset({"due-soon", "due-today", "overdue", "disbursed", "closed", "limit-cut"})
PAGE = 50
# Who writes: every text in China begins with it.
SIGNATURE = "【融桥】"


@dataclass(frozen=True, kw_only=True)
class NoticeView:
    """One notice in the reader's language; `loan_id` or `limit_id` is what it is about."""

    id: int
    kind: str
    text: str
    told_at: datetime
    is_read: bool
    loan_id: str
    limit_id: str


def sentence_of(kind: str, facts: Mapping[str, str]) -> str:
    """Return what is said, in the language in force."""
    return str(SENTENCES[kind]) % facts


def text_message_of(kind: str, facts: Mapping[str, str]) -> str:
    """Return the text message: Chinese, with the platform's signature in front."""
    with override("zh-hans"):
        return f"{SIGNATURE}{sentence_of(kind, facts)}"


def list_notices(
    user_id: UUID, before: int | None = None, limit: int = PAGE
) -> tuple[NoticeView, ...]:
    """Return a user's notices, newest first, `limit` at most; `before` is the last one's id."""
    rows = Notice.objects.filter(user_id=user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return tuple(_view(row) for row in rows.order_by("-id")[:limit])


def count_unread(user_id: UUID) -> int:
    """Return how many notices a user has not read."""
    return Notice.objects.filter(user_id=user_id, read_at=None).count()


def wants_sms(user_id: UUID) -> bool:
    """Tell whether a user wants text messages."""
    row = Channels.objects.filter(pk=user_id).first()
    return row is None or row.by_sms


def is_reminded(on: date) -> bool:
    """Tell whether everybody was reminded of what business date `on` asks."""
    return ReminderDay.objects.filter(pk=on).exists()


def _view(row: Notice) -> NoticeView:
    return NoticeView(
        id=row.pk,
        kind=row.kind,
        text=sentence_of(row.kind, row.facts),
        told_at=row.told_at,
        is_read=row.read_at is not None,
        loan_id=row.facts.get("loan_id", ""),
        limit_id=row.facts.get("limit_id", ""),
    )
