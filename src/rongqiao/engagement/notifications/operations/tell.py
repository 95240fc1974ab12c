"""Tell those who act for a party something, once: on the site, by text and mail if it matters."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.engagement.notifications.models import Notice
from rongqiao.engagement.notifications.operations.mails import queue_mail
from rongqiao.engagement.notifications.queries import (
    TEXTED,
    mail_of,
    mail_target_of,
    text_message_of,
    unsubscribe_token,
    wants_sms,
)
from rongqiao.parties.operations.phones.queue_sms import put_in_queue
from rongqiao.parties.queries import phone_of, users_of
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class Tell:
    """To whose users, which kind of notice, the facts of its sentence; once per `subject`.

    `is_on_site_only` where the party may not be approached: read when they look, sent nowhere.
    """

    party_id: UUID
    kind: str
    subject: str
    facts: dict[str, str]
    is_on_site_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """How many users were told now, and how many of them by text and by mail."""

    users: int
    texts: int
    mails: int = 0


@operation("notifications.tell", restore=Told)
def tell(command: Tell, call: Call) -> Told:
    """Put a notice down for each user that has not got it, and queue texts and mails."""
    users = users_of(command.party_id)
    known = set(
        Notice.objects.filter(user_id__in=users, subject=command.subject).values_list(
            "user_id", flat=True
        )
    )
    fresh = [user_id for user_id in users if user_id not in known]
    Notice.objects.bulk_create(
        Notice(
            user_id=user_id,
            party_id=command.party_id,
            kind=command.kind,
            subject=command.subject,
            facts=command.facts,
            told_at=call.at,
            told_on=call.on,
        )
        for user_id in fresh
    )
    texts = mails = 0
    if command.kind in TEXTED and not command.is_on_site_only:
        words = text_message_of(command.kind, command.facts)
        texts = sum(_text(user_id, words, call) for user_id in fresh)
        mails = sum(_mail(user_id, command, call) for user_id in fresh)
    return Told(users=len(fresh), texts=texts, mails=mails)


def _text(user_id: UUID, words: str, call: Call) -> bool:
    """Queue one text; False where no phone is proved, or texts are not wanted."""
    phone = phone_of(user_id)
    if phone is None or not phone.is_verified or not wants_sms(user_id):
        return False
    put_in_queue(phone.phone, words, call)
    return True


def _mail(user_id: UUID, command: Tell, call: Call) -> bool:
    """Queue one mail; False where no address is proved, mails are not wanted or come back."""
    target = mail_target_of(user_id)
    if target is None:
        return False
    token = unsubscribe_token(user_id, target.address)
    words = mail_of(command.kind, command.facts, target.language, token)
    queue_mail.put_in_queue(user_id, target.address, words, call)
    return True
