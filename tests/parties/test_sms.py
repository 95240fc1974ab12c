"""Text messages: noted in the transaction, sent once by a job, whatever the gateway does."""

import json
import threading
import urllib.request
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from rongqiao.parties.gateways.sms import HttpSmsGateway, Rejected, Unreachable
from rongqiao.parties.jobs import send_sms
from rongqiao.parties.models import SmsMessage
from rongqiao.parties.operations.phones.queue_sms import QueueSms, queue_sms
from rongqiao.parties.operations.phones.record_sms import RecordSms, record_sms
from rongqiao_sandboxes.sms import serve

SECRET = "shared secret of a test"
PHONE = "13800138000"


@pytest.fixture
def twin(tmp_path, settings):
    server = serve(0, tmp_path, SECRET, "")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_SECRET = address, SECRET
    yield address
    server.shutdown()
    server.server_close()


def inbox(twin, phone=PHONE):
    with urllib.request.urlopen(f"{twin}/?phone={phone}") as page:
        return page.read().decode()


def faults(twin, **wanted):
    assert httpx.post(f"{twin}/faults", content=json.dumps(wanted)).status_code == 200


def test_a_message_reaches_the_inbox_and_its_words_are_erased(call, twin):
    queued = queue_sms(QueueSms(phone=PHONE, text="验证码 246810"), call())
    send_sms(str(queued.message_id))
    assert "验证码 246810" in inbox(twin)
    row = SmsMessage.objects.get(pk=queued.message_id)
    assert (row.state, row.text_sealed) == ("sent", None)


def test_a_message_is_sent_once_however_often_the_job_runs(call, twin):
    queued = queue_sms(QueueSms(phone=PHONE, text="once 1357"), call())
    faults(twin, lose_next=1)
    with pytest.raises(Unreachable):
        send_sms(str(queued.message_id))
    send_sms(str(queued.message_id))
    send_sms(str(queued.message_id))
    assert inbox(twin).count("once 1357") == 1


def test_a_busy_gateway_is_tried_again(call, twin):
    queued = queue_sms(QueueSms(phone=PHONE, text="later"), call())
    faults(twin, fail_next=1)
    with pytest.raises(Unreachable):
        send_sms(str(queued.message_id))
    assert SmsMessage.objects.get(pk=queued.message_id).state == "queued"
    send_sms(str(queued.message_id))
    assert SmsMessage.objects.get(pk=queued.message_id).state == "sent"


def test_a_message_signed_with_another_secret_is_rejected(twin):
    with pytest.raises(Rejected):
        HttpSmsGateway(twin, "another secret").send(uuid4(), PHONE, "forged")
    assert "forged" not in inbox(twin)


def test_a_slow_gateway_is_waited_for(call, twin):
    faults(twin, latency_ms=300)
    assert HttpSmsGateway(twin, SECRET).send(uuid4(), PHONE, "slow")


def test_no_gateway_is_no_answer():
    with pytest.raises(Unreachable):
        HttpSmsGateway("http://127.0.0.1:9", SECRET).send(uuid4(), PHONE, "nobody")


def test_the_inbox_shows_markup_as_text(twin):
    HttpSmsGateway(twin, SECRET).send(uuid4(), PHONE, "<script>alert(1)</script>")
    assert "<script>" not in inbox(twin)
    assert "&quot;&gt;&lt;b" in inbox(twin, "%22%3E%3Cb")


def test_a_delivery_told_late_does_not_go_back(call):
    queued = queue_sms(QueueSms(phone=PHONE, text="there"), call())
    for state in ("delivered", "sent", "failed"):
        record_sms(RecordSms(message_id=queued.message_id, state=state), call())
    assert SmsMessage.objects.get(pk=queued.message_id).state == "delivered"


def test_a_message_nobody_took_in_five_minutes_has_failed_and_is_erased(call, clock, twin):
    queued = queue_sms(QueueSms(phone=PHONE, text="too late"), call())
    faults(twin, fail_next=2)
    with pytest.raises(Unreachable):
        send_sms(str(queued.message_id))
    clock.move(timedelta(minutes=5))
    send_sms(str(queued.message_id))
    row = SmsMessage.objects.get(pk=queued.message_id)
    assert (row.state, row.text_sealed) == ("failed", None)
