"""The custodian bank of a lived town: the real sandbox, its clock the town's.

The bank runs as a process of its own in manual mode: it settles and tells when asked to. What it
tells goes through the platform's own hook, signature and all.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.test import RequestFactory

from rongqiao.cli.simulate.desk import Desk
from rongqiao.config.wiring import BIND_CARDS_LEFT_BEHIND, CHASE_ORDERS, FETCH_STATEMENTS
from rongqiao.finance.money import Money
from rongqiao.money.payments.operations.cards.submit_card import BIND
from rongqiao.money.payments.operations.orders.placing import ASK, SEND
from rongqiao.money.payments.queries.orders import orders_to_chase
from rongqiao.platform import jobs
from rongqiao.web.api.hooks import bank_called

STARTS_WITHIN_SECONDS = 30
# An order not sent by the queue is taken up by the chase after a minute.
ROUND_SECONDS = 61
ROUNDS = 12
LATE_BY = timedelta(hours=26)
FIVE_PERCENT = {
    "fail_rate": 0.05,
    "duplicate_rate": 0.05,
    "lose_rate": 0.05,
    "late_rate": 0.05,
    "late_by_ms": int(LATE_BY.total_seconds() * 1000),
}


@dataclass
class Custodian:
    """The bank's switches, and the platform's side of working with it."""

    address: str
    # Without end: see banking().
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=None))  # noqa: S113

    def credit(self, payer: str, amount: Money, serial: str, desk: Desk) -> None:
        """Let somebody send money to the pool under the bank's `serial`; once per serial."""
        self._put_clock(desk.clock.instant)
        wanted = {"from_name": payer, "amount": amount.text(), "memo": "", "serial": serial}
        self._post("/sandbox/credits", wanted)

    def go_wrong(self, faults: Mapping[str, float]) -> None:
        """Set the bank's fault switches."""
        self._post("/faults", dict(faults))

    def work(self, desk: Desk) -> None:
        """Let platform and bank work until neither has anything to do now.

        Where an order waits at the bank for later than all rounds would last, the rest is skipped.
        """
        for done in range(1, ROUNDS + 1):
            desk.wait(ROUND_SECONDS)
            self._put_clock(desk.clock.instant)
            moved = BIND_CARDS_LEFT_BEHIND() + CHASE_ORDERS()
            moved += int(self._post("/sandbox/settle", {})["settled"])
            moved += self._hear()
            until = desk.clock.instant + timedelta(seconds=(ROUNDS - done) * ROUND_SECONDS)
            if not moved and not orders_to_chase(until):
                return

    def close_day(self, on: date, desk: Desk) -> None:
        """After midnight: fetch the day's statement and reconcile it."""
        self._put_clock(desk.clock.instant)
        FETCH_STATEMENTS(on)

    def _hear(self) -> int:
        """Take what the bank tells to the platform's hook; return how many calls that were."""
        told = self._get("/sandbox/callbacks?take=1")["callbacks"]
        for one in told:
            headers = {name: str(value) for name, value in one["headers"].items()}
            kind = headers.pop("content-type")
            request = RequestFactory().post(
                one["path"], one["body"].encode(), content_type=kind, headers=headers
            )
            bank_called(request)
        return len(told)

    def _put_clock(self, now: datetime) -> None:
        answer = self.client.post(self.address + "/sandbox/clock", json={"now": now.isoformat()})
        # A life taken up again begins its day anew; what the bank booked later that day stands.
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()

    def _post(self, path: str, wanted: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(self.address + path, json=wanted).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(self.address + path).raise_for_status().json()
        return found


@contextmanager
def banking(folder: Path, faults: Mapping[str, float] | None = None) -> Iterator[Custodian]:
    """Run the bank on its state folder, the platform pointed at it, for the length of the block.

    Both wait for each other without end: on a machine that is slow or was halted, silence taken for
    no answer would be another history.
    """
    before = settings.BANK_GATEWAY_URL, settings.IS_BANK_HURRIED
    process = subprocess.Popen(  # noqa: S603 - our own command
        [
            *(sys.executable, "-m", "rongqiao_sandboxes.bank", "--manual", "--patient"),
            *("--port", "0", "--state", str(folder), "--callback", "http://localhost/hooks/bank"),
        ],
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "BANK_SECRET": settings.BANK_GATEWAY_SECRET,
            "BANK_CALLBACK_SECRET": settings.BANK_CALLBACK_SECRET,
        },
    )
    try:
        custodian = Custodian(_address(process))
        settings.BANK_GATEWAY_URL, settings.IS_BANK_HURRIED = custodian.address, False
        if faults:
            custodian.go_wrong(faults)
        with jobs.done_by_hand(SEND, ASK, BIND):
            yield custodian
    finally:
        settings.BANK_GATEWAY_URL, settings.IS_BANK_HURRIED = before
        process.terminate()
        process.wait()


def _address(process: subprocess.Popen[bytes]) -> str:
    """Return where the bank answers, as it says once it does."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], STARTS_WITHIN_SECONDS)
    said = process.stdout.readline().decode() if ready else ""
    assert "http://" in said, f"the bank did not start: {said!r}"
    return said.split()[-1].rstrip("/")
