"""What became of a mail: taken by the provider, delivered, bounced, or failed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.engagement.notifications.models import MailMessage, MailState, StoppedAddress
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound

# A late "sent" never takes back a "delivered"; a mail may still bounce after it was delivered.
_FORWARD = {
    MailState.SENT: (MailState.QUEUED, MailState.SENT),
    MailState.DELIVERED: (MailState.QUEUED, MailState.SENT),
    MailState.FAILED: (MailState.QUEUED, MailState.SENT),
    MailState.BOUNCED: (
        MailState.QUEUED,
        MailState.SENT,
        MailState.DELIVERED,
        MailState.FAILED,
    ),
}


@dataclass(frozen=True, kw_only=True)
class RecordMail:
    """Which mail, how far it came, and the provider's number of it.

    `bounced` is for good: the address takes no mail. What may pass (a full mailbox) is `failed`.
    """

    mail_id: UUID
    state: str
    gateway_number: str = ""


@dataclass(frozen=True, kw_only=True)
class MailRecorded:
    """The mail's state now."""

    mail_id: UUID
    state: str


@operation("notifications.record-mail", restore=MailRecorded)
def record_mail(command: RecordMail, call: Call) -> MailRecorded:
    """Move a mail forward and erase its words; a bounce stops the address. Raises NotFound."""
    row = MailMessage.objects.select_for_update().filter(pk=command.mail_id).first()
    if row is None:
        raise NotFound(what="mail")
    state = MailState(command.state)
    if row.state in _FORWARD.get(state, ()):
        row.state = state
        row.words_sealed = None
        row.told_at = call.at
        row.gateway_number = command.gateway_number or row.gateway_number
        row.save(update_fields=["state", "words_sealed", "told_at", "gateway_number"])
        if state == MailState.BOUNCED:
            StoppedAddress.objects.get_or_create(
                address_index=row.address_index, lifted_at=None, defaults={"since_at": call.at}
            )
    return MailRecorded(mail_id=row.pk, state=row.state)
