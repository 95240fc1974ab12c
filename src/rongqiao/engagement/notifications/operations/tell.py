"""Tell those who act for a party something, once: on the site, and by text where it matters."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.engagement.notifications.models import Notice
from rongqiao.engagement.notifications.queries import TEXTED, text_message_of, wants_sms
from rongqiao.parties.operations.phones.queue_sms import put_in_queue
from rongqiao.parties.queries import phone_of, users_of
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class Tell:
    """To whose users, which kind of notice, the facts of its sentence; once per `subject`."""

    party_id: UUID
    kind: str
    subject: str
    facts: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Told:
    """How many users were told now, and how many of them by text."""

    users: int
    texts: int


@operation("notifications.tell", restore=Told)
def tell(command: Tell, call: Call) -> Told:
    """Put a notice down for each user that has not got it, and queue the texts."""
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
    texts = 0
    if command.kind in TEXTED:
        words = text_message_of(command.kind, command.facts)
        texts = sum(_text(user_id, words, call) for user_id in fresh)
    return Told(users=len(fresh), texts=texts)


def _text(user_id: UUID, words: str, call: Call) -> bool:
    """Queue one text; False where no phone is proved, or texts are not wanted."""
    phone = phone_of(user_id)
    if phone is None or not phone.is_verified or not wants_sms(user_id):
        return False
    put_in_queue(phone.phone, words, call)
    return True
