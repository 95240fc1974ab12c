"""Clock- and queue-driven entries: bring queued text messages to the gateway."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from rongqiao.parties.gateways.sms import HttpSmsGateway, Rejected, SmsGateway, Unreachable
from rongqiao.parties.operations.phones.record_sms import RecordSms, record_sms
from rongqiao.parties.queries import get_outgoing_sms
from rongqiao.parties.words import SmsState
from rongqiao.platform import clock
from rongqiao.platform.jobs import job
from rongqiao.platform.operations import Call

# A code is worth nothing after five minutes; the queue's sixth and last try comes after six.
WORTH_SENDING = timedelta(minutes=5)


@job("parties.send_sms")
def send_sms(message_id: str) -> None:
    """Hand one message to the gateway, outside any transaction.

    Unreachable is tried again while the message is worth anything; then it has failed.
    """
    message = get_outgoing_sms(UUID(message_id))
    if message is None:
        return
    try:
        number, state = gateway().send(message.id, message.phone, message.text), SmsState.SENT
    except Rejected:
        number, state = "", SmsState.FAILED
    except Unreachable:
        if clock.now() - message.queued_at < WORTH_SENDING:
            raise
        number, state = "", SmsState.FAILED
    record_sms(
        RecordSms(message_id=message.id, state=state, gateway_number=number),
        Call(
            actor="system:parties.jobs",
            key=f"sms:{message.id}:{state}",
            at=clock.now(),
            on=clock.business_date(),
        ),
    )


def gateway() -> SmsGateway:
    """Return the gateway the installation names."""
    return HttpSmsGateway(settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_SECRET)
