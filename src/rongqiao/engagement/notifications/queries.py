"""What a user was told, and by which channels; what the sentences are."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from rongqiao.engagement.notifications.models import (
    Channels,
    MailMessage,
    MailState,
    Notice,
    ReminderDay,
    StoppedAddress,
)
from rongqiao.parties.queries import proved_email_of
from rongqiao.platform.crypto import blind_index, decrypt, keyed_digest
from rongqiao.policies.masking import mask_email

# The sentence of each kind, filled with its facts.
SENTENCES: dict[str, Promise] = {
    "due-soon": _("借款 %(number)s 将于 %(due_on)s 到期，应还 %(amount)s 元。请提前备足资金。"),
    "due-today": _("借款 %(number)s 今天（%(due_on)s）到期，应还 %(amount)s 元。"),
    "overdue": _(
        "借款 %(number)s 有 %(amount)s 元自 %(due_on)s 起逾期，请尽快还款，以免产生更多罚息。"
    ),
    "disbursed": _("借款 %(number)s 已放款 %(amount)s 元，已到您的账户。"),
    "drawn": _(
        "借款 %(number)s 又放款 %(amount)s 元，已到您的账户；下次 %(due_on)s 应还 %(next_due)s 元，"
        "尚可提取 %(left)s 元。"
    ),
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
    "documents-asked": _(
        "申请 %(number)s 还需要 %(count)s 份材料，请在 %(due_on)s 前到申请页面上传，"
        "逾期将按现有材料审核。"
    ),
    "review-asked": _("已收到您对申请 %(number)s 人工复核的要求，%(due_on)s 前有人答复。"),
    "decided-approved": _("申请 %(number)s 已通过人工审核，请到申请页面查看方案。"),
    "decided-countered": _("申请 %(number)s 经人工审核有了调整方案，请到申请页面查看是否接受。"),
    "decided-returned": _("申请 %(number)s 需要您补正后重新提交，请到申请页面查看。"),
    "decided-declined": _("申请 %(number)s 未通过人工审核，原因和再次申请的日期请见申请页面。"),
    "limit-cut": _("您的额度由 %(was)s 元调整为 %(amount)s 元，原因请见额度页面。"),
    "pledge-made": _("为您的业务 %(case)s 设立了担保 %(number)s，担保金额 %(amount)s 元。"),
    "pledge-released": _("您的业务 %(case)s 的担保 %(number)s（%(amount)s 元）已解除。"),
    "pledge-given": _(
        "您为他人的借款提供的担保 %(number)s 已设立，担保金额 %(amount)s 元。"
        "若非您的意愿，请联系我们。"
    ),
    "pledge-given-released": _("您为他人的借款提供的担保 %(number)s（%(amount)s 元）已解除。"),
    "guarantee-given": _(
        "您为他人的借款提供的保证 %(number)s 已设立，保证金额 %(amount)s 元。"
        "若非您的意愿，请联系我们。"
    ),
    "guarantee-given-released": _(
        "您为他人的借款提供的保证 %(number)s（%(amount)s 元）已解除，您不再承担保证责任。"
    ),
}
# Kinds that are texted and mailed too, by the mail's subject: what costs money if it is missed,
# money that moved, and what one answers for another with.
SUBJECTS: dict[str, Promise] = {
    "due-soon": _("还款提醒"),
    "due-today": _("今天有一期到期"),
    "overdue": _("逾期提醒"),
    "disbursed": _("已放款"),
    "drawn": _("已放款"),
    "closed": _("借款已还清"),
    "documents-asked": _("请补充申请材料"),
    "decided-approved": _("申请已通过"),
    "decided-countered": _("申请有了调整方案"),
    "decided-returned": _("申请需要补正"),
    "decided-declined": _("申请未通过"),
    "limit-cut": _("额度已调整"),
    "pledge-given": _("您提供的担保已设立"),
    "pledge-given-released": _("您提供的担保已解除"),
    "guarantee-given": _("您提供的保证已设立"),
    "guarantee-given-released": _("您提供的保证已解除"),
}
TEXTED = frozenset(SUBJECTS)
PAGE = 50
# Who writes: every text in China begins with it.
SIGNATURE = "【融桥】"


@dataclass(frozen=True, kw_only=True)
class NoticeView:
    """One notice in the reader's language; the loan, limit or application is what it is about."""

    id: int
    party_id: UUID
    kind: str
    text: str
    told_at: datetime
    is_read: bool
    loan_id: str
    limit_id: str
    application_id: str


@dataclass(frozen=True, kw_only=True)
class ChosenChannels:
    """By which channels a user is told beside the site, and the language of mails."""

    by_sms: bool
    by_mail: bool
    language: str


@dataclass(frozen=True, kw_only=True)
class ChannelStanding:
    """Which channels are wanted; where mails go, masked (empty: nothing proved), and if they do."""

    by_sms: bool
    by_mail: bool
    address: str
    is_stopped: bool


@dataclass(frozen=True, kw_only=True)
class MailTarget:
    """Where a user's mails go, in which language."""

    address: str = field(repr=False)
    language: str


@dataclass(frozen=True, kw_only=True)
class MailWords:
    """What a mail says; `unsubscribe` is the address that ends such mails, or nothing."""

    subject: str
    text: str
    html: str
    unsubscribe: str


@dataclass(frozen=True, kw_only=True)
class OutgoingMail:
    """A mail about to be handed over; `user_id` is whom a notice is for."""

    id: UUID
    user_id: UUID | None
    address: str = field(repr=False)
    words: MailWords = field(repr=False)
    queued_at: datetime


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


def channels_of(user_id: UUID) -> ChosenChannels:
    """Return what a user chose, or what counts without a choice."""
    row = Channels.objects.filter(pk=user_id).first() or Channels(pk=user_id)
    return ChosenChannels(by_sms=row.by_sms, by_mail=row.by_mail, language=row.language)


def wants_sms(user_id: UUID) -> bool:
    """Tell whether a user wants text messages."""
    return channels_of(user_id).by_sms


def mail_target_of(user_id: UUID) -> MailTarget | None:
    """Return where a user's notices are mailed, and in which language.

    None where no address is proved, mails are not wanted, or the address sent one back for good.
    """
    chosen = channels_of(user_id)
    address = proved_email_of(user_id) if chosen.by_mail else None
    if address is None or is_stopped(address):
        return None
    return MailTarget(address=address, language=chosen.language)


def channel_standing_of(user_id: UUID) -> ChannelStanding:
    """Return what the page of channels says."""
    chosen, address = channels_of(user_id), proved_email_of(user_id)
    return ChannelStanding(
        by_sms=chosen.by_sms,
        by_mail=chosen.by_mail,
        address=mask_email(address) if address else "",
        is_stopped=address is not None and is_stopped(address),
    )


def is_stopped(address: str) -> bool:
    """Tell whether mail to this address came back for good."""
    index = address_index(address)
    return StoppedAddress.objects.filter(address_index=index, lifted_at=None).exists()


def address_index(address: str) -> bytes:
    """Return the look-up digest of an e-mail address."""
    return blind_index("notifications.email", address.strip().lower())


def mail_of(kind: str, facts: Mapping[str, str], language: str, token: str) -> MailWords:
    """Return a notice as a mail in the user's language, plain and as simple HTML.

    Of the loan's number only its tail is told; there is nothing to click but the log-in's page.
    """
    site: str = settings.PUBLIC_URL
    with override(language):
        shown = {**facts, "number": f"****{facts['number'][-4:]}"} if "number" in facts else facts
        page, leave = site + reverse("notices"), site + reverse("unsubscribe", args=[token])
        lines = (
            sentence_of(kind, shown),
            _("请自行打开融桥网站登录查看，网址："),
            _("融桥不会在邮件里索要密码、验证码，也不会要求向个人账户转账。"),
            _("不想再收邮件，请打开下面的网址退订；站内消息照常。"),
        )
        said, where, care, end = (str(line) for line in lines)
        parts = ((said, ""), (where, page), (care, ""), (end, leave))
        text = "\n\n".join("\n".join(filter(None, part)) for part in parts)
        html = format_html_join(
            "",
            "<p>{}{}</p>",
            (
                (words, format_html('<br><a href="{0}">{0}</a>', link) if link else "")
                for words, link in parts
            ),
        )
        subject = f"{_('【融桥】')}{SUBJECTS[kind]}"
    document = format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        "<body>{}</body></html>",
        language,
        subject,
        html,
    )
    return MailWords(subject=subject, text=text, html=str(document), unsubscribe=leave)


def unsubscribe_token(user_id: UUID, address: str) -> str:
    """Return what lets the holder of a mail end the mails to this user at this address."""
    digest = keyed_digest("notifications.unsubscribe", f"{user_id}/{address.lower()}")
    return f"{user_id.hex}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def user_of_token(token: str) -> UUID | None:
    """Return whose mails a token ends; None where it is not ours or the address is gone."""
    try:
        user_id = UUID(hex=token.partition(".")[0])
    except ValueError:
        return None
    address = proved_email_of(user_id)
    if address is None:
        return None
    expected = unsubscribe_token(user_id, address)
    return user_id if hmac.compare_digest(expected.encode(), token.encode()) else None


def get_outgoing_mail(mail_id: UUID) -> OutgoingMail | None:
    """Return a queued mail in clear; None once the provider has it or it failed."""
    row = MailMessage.objects.filter(pk=mail_id, state=MailState.QUEUED).first()
    if row is None or row.words_sealed is None:
        return None
    table = MailMessage._meta.db_table
    words = decrypt(row.words_sealed, table=table, column="words_sealed", row=row.pk)
    return OutgoingMail(
        id=row.pk,
        user_id=row.user_id,
        address=decrypt(row.address_sealed, table=table, column="address_sealed", row=row.pk),
        words=MailWords(**json.loads(words)),
        queued_at=row.queued_at,
    )


def list_left_behind(before: datetime, limit: int) -> tuple[UUID, ...]:
    """Return mails that were queued before an instant and never handed over, oldest first."""
    rows = MailMessage.objects.filter(state=MailState.QUEUED, queued_at__lt=before)
    return tuple(rows.order_by("queued_at").values_list("pk", flat=True)[:limit])


def list_unsettled(since: datetime, before: datetime, limit: int) -> tuple[UUID, ...]:
    """Return mails handed over whose fate nobody told, asked after longest ago first.

    Queued from `since` on, and handed over or asked after earlier than `before`.
    """
    rows = MailMessage.objects.filter(
        told_at__lt=before, state=MailState.SENT, queued_at__gte=since
    )
    return tuple(rows.order_by("told_at").values_list("pk", flat=True)[:limit])


def is_reminded(on: date) -> bool:
    """Tell whether everybody was reminded of what business date `on` asks."""
    return ReminderDay.objects.filter(pk=on).exists()


def _view(row: Notice) -> NoticeView:
    return NoticeView(
        id=row.pk,
        party_id=row.party_id,
        kind=row.kind,
        text=sentence_of(row.kind, row.facts),
        told_at=row.told_at,
        is_read=row.read_at is not None,
        loan_id=row.facts.get("loan_id", ""),
        limit_id=row.facts.get("limit_id", ""),
        application_id=row.facts.get("application_id", ""),
    )
