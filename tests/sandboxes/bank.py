"""The custodian bank's twin as a real process, for every test that needs a bank."""

import os
import secrets
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from rongqiao.money.payments.gateways.bank import HttpBank


@dataclass
class BankProcess:
    """A bank of one's own: `start()`, then `url` and the secrets; `stop()` at the end.

    Manual by default: the clock stands where `clock()` puts it, `settle()` settles what is due,
    `callbacks()` takes the signed callbacks that are due. Its state outlives `kill()`.
    """

    folder: Path
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    callback_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    url: str = ""
    arguments: list[str] = field(default_factory=list)
    process: subprocess.Popen | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def start(self, *, manual=True, patient=False, faults=None, callback=""):
        """Start it on a free port, pushing callbacks to `callback` unless manual."""
        switches = {"--manual": manual, "--patient": patient}
        on = [name for name, is_on in switches.items() if is_on]
        self.arguments = [*on, "--callback", callback]
        self._run(0)
        if faults:
            self.faults(**faults)
        return self

    def kill(self):
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self._wait()

    def restart(self):
        """Start it again on its port, with what it remembers."""
        self._run(int(self.url.rpartition(":")[2]))

    def stop(self):
        """End it for good."""
        if self.process:
            self.process.terminate()
            self._wait()
        self.client.close()

    def gateway(self, timeout=30.0):
        """The platform's own client of this bank; as patient as a busy machine needs."""
        return HttpBank(self.url, self.secret, timeout)

    def faults(self, **wanted):
        """Set switches: `fail_rate=0.05, seed=7`; the others stay."""
        return self.post("/faults", wanted)

    def clock(self, now):
        """Put the bank's clock to an aware datetime."""
        return self.post("/sandbox/clock", {"now": now.isoformat()})

    def card(self, card_no, holder_name, balance="1000000.00", is_closed=False):
        """Register a card."""
        wanted = {"holder_name": holder_name, "balance": balance, "is_closed": is_closed}
        return self.post("/sandbox/cards", {"card_no": card_no, **wanted})

    def credit(self, from_name, amount, memo="", serial=""):
        """Let somebody send money without an order; return its serial."""
        wanted = {"from_name": from_name, "amount": amount, "memo": memo, "serial": serial}
        return self.post("/sandbox/credits", wanted)["serial"]

    def statement_fault(self, day, kind):
        """Plant a mistake in a day's file."""
        return self.post("/sandbox/statement-faults", {"date": day.isoformat(), "kind": kind})

    def settle(self):
        """Settle what is due; return how many orders and returns that were."""
        return self.post("/sandbox/settle", {})["settled"]

    def callbacks(self):
        """Take the due callbacks: dicts of `path`, `headers`, `body` (text)."""
        return self.get("/sandbox/callbacks?take=1")["callbacks"]

    def overview(self):
        """Balance, and orders and callbacks counted by state."""
        return self.get("/sandbox/overview")

    def post(self, path, wanted):
        """POST to a switch; return its answer."""
        return self.client.post(self.url + path, json=wanted).raise_for_status().json()

    def get(self, path):
        """GET from a switch."""
        return self.client.get(self.url + path).raise_for_status().json()

    def _run(self, port):
        place = ["--port", str(port), "--state", str(self.folder)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rongqiao_sandboxes.bank", *place, *self.arguments],
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "BANK_SECRET": self.secret,
                "BANK_CALLBACK_SECRET": self.callback_secret,
            },
        )
        said = self.process.stdout.readline().decode()
        assert "http://" in said, "the bank did not start"
        self.url = said.split()[-1].rstrip("/")

    def _wait(self):
        self.process.wait(60)
        self.process.stdout.close()
        self.process = None


@pytest.fixture
def bank(tmp_path, settings, request):
    """A manual bank of this test alone; the settings name it, its clock is the test's."""
    process = BankProcess(tmp_path / "bank").start()
    settings.BANK_GATEWAY_URL = process.url
    settings.BANK_GATEWAY_SECRET = process.secret
    settings.BANK_CALLBACK_SECRET = process.callback_secret
    if "clock" in request.fixturenames:
        process.clock(request.getfixturevalue("clock").now())
    yield process
    process.stop()
