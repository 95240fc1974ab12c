"""What became of a text message: taken by the gateway, delivered, or failed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import SmsMessage
from rongqiao.parties.words import SmsState
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound

# A late "sent" never takes back a "delivered"; what failed or was delivered is settled.
_FORWARD = {
    SmsState.SENT: (SmsState.QUEUED,),
    SmsState.DELIVERED: (SmsState.QUEUED, SmsState.SENT),
    SmsState.FAILED: (SmsState.QUEUED, SmsState.SENT),
}


@dataclass(frozen=True, kw_only=True)
class RecordSms:
    """Which message, how far it came, and the gateway's own number of it."""

    message_id: UUID
    state: str
    gateway_number: str = ""


@dataclass(frozen=True, kw_only=True)
class SmsRecorded:
    """The message's state now."""

    message_id: UUID
    state: str


@operation("parties.record_sms", restore=SmsRecorded)
def record_sms(command: RecordSms, call: Call) -> SmsRecorded:
    """Move a message forward and erase its words; going back changes nothing. Raises NotFound."""
    row = SmsMessage.objects.select_for_update().filter(pk=command.message_id).first()
    if row is None:
        raise NotFound(what="sms")
    state = SmsState(command.state)
    if row.state in _FORWARD.get(state, ()):
        row.state = state
        row.text_sealed = None
        row.settled_at = call.at
        row.gateway_number = command.gateway_number or row.gateway_number
        row.save(update_fields=["state", "text_sealed", "settled_at", "gateway_number"])
    return SmsRecorded(message_id=row.pk, state=row.state)
