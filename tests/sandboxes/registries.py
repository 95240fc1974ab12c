"""The nine sources' twin as a real process, for every test that asks about people or firms."""

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from rongqiao.platform import jobs
from rongqiao.risk.gateways.registries import HttpRegistries
from rongqiao.risk.jobs import inquiring
from rongqiao.risk.queries.inquiring import waiting
from rongqiao.web.account.checks import pages

# What the queue's worker does for inquiries, by the name of the job.
WORK = {
    "risk.ask_source": inquiring.ask_source,
    "risk.fall_back": inquiring.fall_back,
    "risk.fetch_ticket": inquiring.fetch_ticket,
}


@dataclass
class RegistriesProcess:
    """The twin: `start()`, then `url` and the secrets; `stop()` at the end."""

    folder: Path
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    callback_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    url: str = ""
    process: subprocess.Popen | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def start(self, callback="", **faults):
        """Start it on a free port, telling `callback` of tickets that are ready."""
        place = ["--port", "0", "--state", str(self.folder), "--callback", callback]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rongqiao_sandboxes.registries", *place, "--leashed"],
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "REGISTRIES_SECRET": self.secret,
                "REGISTRIES_CALLBACK_SECRET": self.callback_secret,
            },
        )
        said = self.process.stdout.readline().decode()
        assert "http://" in said, "the registries did not start"
        self.url = said.split()[-1].rstrip("/")
        self.faults(ticket_ms=0, **faults)
        return self

    def stop(self):
        """End it for good."""
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
        self.client.close()

    def gateway(self, patience=1.0):
        """The platform's own client of these sources."""
        return HttpRegistries(self.url, self.secret, patience)

    def faults(self, **wanted):
        """Set switches: `fail=3`, `silent=-1`, `only="tax"`; the others stay."""
        return self.post("/faults", wanted)

    def calm(self):
        """Let nothing go wrong any more."""
        kinds = ("fail", "silent", "malformed", "wrong_signature", "lose_callback", "latency_ms")
        return self.faults(only="", **dict.fromkeys(kinds, 0))

    def bind(self, kind, about, bound):
        """Say to whom a number belongs: `bind("name", "1101…", "张伟")`."""
        self.post("/sandbox/plant", {"kind": kind, "about": about, "bound": bound})

    def hold(self, card, name, number):
        """Say whose a bank card is."""
        self.bind("card", card, f"{name}\x1e{number}")

    def say(self, source, number, **facts):
        """Say what a source answers of a number."""
        wanted = {name.replace("_", "-"): value for name, value in facts.items()}
        self.post("/sandbox/plant", {"kind": source, "about": number, "facts": wanted})

    def counted(self):
        """How many inquiries each source had."""
        return self.client.get(self.url + "/sandbox/overview").raise_for_status().json()

    def post(self, path, wanted):
        """POST to a switch; return its answer."""
        return self.client.post(self.url + path, json=wanted).raise_for_status().json()


@pytest.fixture
def registries(tmp_path, settings):
    """The nine sources of this test alone; the settings name them."""
    process = RegistriesProcess(tmp_path / "registries").start()
    settings.REGISTRIES_URL = process.url
    settings.REGISTRIES_SECRET = process.secret
    settings.REGISTRIES_CALLBACK_SECRET = process.callback_secret
    yield process
    process.stop()


@pytest.fixture
def needs_all(monkeypatch):
    """Have five sources needed of everybody, as if a policy read them all."""
    needed = ("identity", "phone", "judicial", "bureau", "score")
    monkeypatch.setattr(pages, "needed_for", lambda party, on: needed)


@pytest.fixture
def sources(registries, monkeypatch):
    """The nine sources, asked while a page waits for them, else by `sources.work()`."""
    waiting_jobs, put_off = [], {"enqueue": jobs.enqueue, "enqueue_outside": jobs.enqueue_outside}

    def instead_of(lane):
        def enqueue(name, **given):
            if name in WORK:
                waiting_jobs.append((name, given))
            else:
                put_off[lane](name, **given)

        return enqueue

    def work():
        while waiting_jobs:
            name, given = waiting_jobs.pop(0)
            WORK[name](**given)

    for lane in put_off:
        monkeypatch.setattr(jobs, lane, instead_of(lane))
    monkeypatch.setattr(waiting, "_pause", work)
    registries.work, registries.waiting = work, waiting_jobs
    return registries
