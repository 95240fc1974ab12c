"""A slow source holds nobody up: outside calls have a lane of their own in the worker's queue."""

import os
import signal
import subprocess
import sys
import time

import pytest

from rongqiao.platform import jobs
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.operations.inquiring.open_inquiry import OpenInquiry, open_inquiry
from tests.parties.people import actor, make_person
from tests.risk.inquiring.conftest import agree

# The worker of this test: the real lanes, and a quick job that writes down when it ran.
WORKER = """
import sys, time, django
django.setup()
from rongqiao.config import wiring
from rongqiao.platform import jobs

@jobs.job("test.quick")
def quick(path):
    with open(path, "a") as told:
        told.write(f"{time.time()}\\n")

print("ready", flush=True)
jobs.run_worker()
"""


@pytest.fixture
def worker(live_db, registries, clock, tmp_path):
    """The worker as a process of its own, asking a twin that takes two seconds."""
    registries.faults(latency_ms=2000)
    place = {
        "RONGQIAO_REGISTRIES_URL": registries.url,
        "RONGQIAO_REGISTRIES_SECRET": registries.secret,
    }
    started = []

    def start():
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", WORKER],
                stdout=subprocess.PIPE,
                env={**os.environ, **place, "DJANGO_SETTINGS_MODULE": "rongqiao.config.settings"},
            )
        )
        assert started[0].stdout.readline() == b"ready\n"
        return started[0]

    yield start
    for process in started:
        process.kill()
        process.wait(10)
        process.stdout.close()


def until(told, seconds=40):
    for _ in range(seconds * 20):
        if told():
            return time.time()
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def test_a_quick_job_behind_slow_inquiries_is_done_before_they_end(
    call, worker, registries, tmp_path
):
    told = tmp_path / "quick"
    for number in (1, 2):
        user_id, party_id = make_person(call, number)
        agree(call, user_id, "public_records", "credit_inquiry")
        for source in ("judicial", "bureau"):
            wanted = OpenInquiry(
                source=source, party_id=party_id, user_id=user_id, purpose="application"
            )
            open_inquiry(wanted, call(actor=actor(user_id)))
    for _ in range(3):
        jobs.enqueue("test.quick", path=str(told))
    process = worker()
    until(lambda: told.exists() and len(told.read_text().split()) == 3)
    assert Inquiry.objects.filter(outcome="open").count() == 4
    until(lambda: not Inquiry.objects.filter(outcome="open").exists())
    assert set(Inquiry.objects.values_list("outcome", flat=True)) == {"answered"}
    # Each once, and four at a time: two seconds in all, not eight.
    assert registries.counted() == {"judicial": 2, "bureau": 2}
    assert set(Inquiry.objects.values_list("tries", flat=True)) == {1}
    assert len(told.read_text().split()) == 3
    until(lambda: jobs.waiting() == 0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
