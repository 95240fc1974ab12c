"""A mail is to be sent: noted here, brought to the provider by a job after the commit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from uuid import UUID

from rongqiao.engagement.notifications.models import MailMessage, MailState
from rongqiao.engagement.notifications.queries import MailWords, address_index
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.ids import new_id
from rongqiao.platform.jobs import enqueue
from rongqiao.platform.operations import Call, operation, sensitive


@dataclass(frozen=True, kw_only=True)
class QueueMail:
    """To which address, which words: of the log-in itself, to who has yet to prove the address."""

    address: str = sensitive()
    subject: str = sensitive()
    text: str = sensitive()
    html: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class MailQueued:
    """The mail on its way."""

    mail_id: UUID


@operation("notifications.queue-mail", restore=MailQueued)
def queue_mail(command: QueueMail, call: Call) -> MailQueued:
    """Seal a mail that is no notice and enqueue its sending; nobody unsubscribes from it."""
    words = MailWords(subject=command.subject, text=command.text, html=command.html, unsubscribe="")
    return MailQueued(mail_id=put_in_queue(None, command.address, words, call))


def put_in_queue(user_id: UUID | None, address: str, words: MailWords, call: Call) -> UUID:
    """Seal a mail and enqueue its sending; inside an operation. `user_id` makes it a notice."""
    mail_id, table = new_id(call.at), MailMessage._meta.db_table
    content = json.dumps(asdict(words), ensure_ascii=False)
    MailMessage.objects.create(
        id=mail_id,
        user_id=user_id,
        address_sealed=encrypt(address, table=table, column="address_sealed", row=mail_id),
        address_index=address_index(address),
        words_sealed=encrypt(content, table=table, column="words_sealed", row=mail_id),
        state=MailState.QUEUED,
        queued_at=call.at,
    )
    enqueue("notifications.send_mail", mail_id=str(mail_id))
    return mail_id
