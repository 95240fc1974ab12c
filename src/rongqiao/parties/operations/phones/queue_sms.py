"""A text message is to be sent: noted here, brought to the gateway by a job after the commit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import SmsMessage
from rongqiao.parties.operations.refusals import checked
from rongqiao.parties.sealing import seal
from rongqiao.parties.words import SmsState
from rongqiao.platform.ids import new_id
from rongqiao.platform.jobs import enqueue
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.policies.identifiers import mobile_phone


@dataclass(frozen=True, kw_only=True)
class QueueSms:
    """To whom, which words."""

    phone: str = sensitive()
    text: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class SmsQueued:
    """The message on its way."""

    message_id: UUID


@operation("parties.queue_sms", restore=SmsQueued)
def queue_sms(command: QueueSms, call: Call) -> SmsQueued:
    """Seal a message and enqueue its sending. Raises IdentifierRefused."""
    phone = checked("phone", lambda: mobile_phone(command.phone))
    return SmsQueued(message_id=put_in_queue(phone, command.text, call))


def put_in_queue(phone: str, text: str, call: Call) -> UUID:
    """Seal a message to a normalised number and enqueue its sending; inside an operation."""
    message_id = new_id(call.at)
    SmsMessage.objects.create(
        id=message_id,
        phone_sealed=seal(phone, "smsmessage", "phone", message_id),
        text_sealed=seal(text, "smsmessage", "text", message_id),
        state=SmsState.QUEUED,
        queued_at=call.at,
    )
    enqueue("parties.send_sms", message_id=str(message_id))
    return message_id
