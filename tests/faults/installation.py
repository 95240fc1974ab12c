"""A whole installation of its own to be killed: PostgreSQL with fsync, gunicorn, the worker."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from rongqiao.config.places import Places
from rongqiao.platform.postgres import launcher, processes

RONGQIAO = [sys.executable, "-m", "rongqiao.cli.main"]
WEB = [sys.executable, "-m", "gunicorn", "rongqiao.config.wsgi:application"]
WEB += ["--workers", "2", "--worker-class", "gthread"]
WEB += ["--timeout", "60", "--no-control-socket", "--preload"]
PATIENCE = 90.0
CSRF = "a" * 32
LOST = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """What came back: status, where to, and the page."""

    status: int
    location: str
    text: str

    @property
    def key(self):
        """The key of the page's last form that writes."""
        return re.findall(r'name="key" value="([0-9a-f-]{36})"', self.text)[-1]

    def hidden(self, name):
        return re.search(rf'name="{name}" value="([^"]*)"', self.text).group(1)


@dataclass(frozen=True)
class Browser:
    """A signed-in user; sends one form as often as it is told to, always with the same key."""

    port: int
    session: str

    @classmethod
    def of(cls, port, user):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return cls(port, client.cookies[settings.SESSION_COOKIE_NAME].value)

    def open(self, method, path, fields=None):
        """Send a request; the connection whose answer is still to be read."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.session}; "
        headers = {"Cookie": cookie + f"{settings.CSRF_COOKIE_NAME}={CSRF}"}
        body = None
        if fields is not None:
            body = urlencode({"csrfmiddlewaretoken": CSRF, **fields})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        asked.request(method, path, body, headers)
        return asked

    def ask(self, method, path, fields=None):
        asked = self.open(method, path, fields)
        try:
            answer = asked.getresponse()
            where = answer.getheader("Location") or ""
            return Answer(answer.status, where, answer.read().decode())
        finally:
            asked.close()

    def get(self, path):
        answer = self.ask("GET", path)
        assert answer.status == 200, (path, answer)
        return answer

    def post(self, path, fields):
        return self.ask("POST", path, fields)

    def insist(self, path, fields):
        """Send the same form until it is taken. A server that is down may say so; nothing else."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.post(path, fields)
            except LOST:
                answer = None
            if answer is not None and answer.status == 302:
                assert answer.location.startswith("/my/"), answer.location
                return answer
            assert answer is None or answer.status >= 500, (path, answer)
            assert time.monotonic() < end, (path, answer)
            time.sleep(0.1)


class Installation:
    """The processes of one platform; `kill(victim)` and `restore(victim)` for each of them."""

    def __init__(self, home):
        self.places = Places(home)
        self.server = launcher.start(home / "postgres", durable=True, shared_buffers="32MB")
        # One set of keys for this process, which prepares, and those it starts.
        shutil.copy(Places.of_environment().keys, self.places.keys)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            **os.environ,
            "RONGQIAO_VAR": str(home),
            "DATABASE_URL": self.server.app_url,
            "DATABASE_OWNER_URL": self.server.owner_url,
            "DJANGO_SETTINGS_MODULE": "rongqiao.config.settings",
            "RONGQIAO_OPERATOR_ROLE": "microloan_company",
            "RONGQIAO_AUTOMATIC_EOD": "0",
            "RONGQIAO_TLS": "0",
        }
        self.running = {}
        # As many as `rongqiao run` gives each of its two web processes.
        self.threads = 4

    def run(self, *words):
        """Run a command of ours to its end; it must end well."""
        done = subprocess.run(
            [*RONGQIAO, *words], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr[-3000:])
        return done.stdout

    def start(self, name):
        command = [*RONGQIAO, "worker"]
        if name == "web":
            command = [*WEB, "--threads", str(self.threads), "--bind", f"127.0.0.1:{self.port}"]
        with (self.places.var / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, name, what):
        os.killpg(self.running[name].pid, what)

    def kill(self, victim):
        """kill -9, of every process of the victim at once."""
        if victim == "postgres":
            os.kill(self.server.pid, signal.SIGSTOP)
            for pid in processes.orphans(self.server.directory / "data"):
                os.kill(pid, signal.SIGKILL)
            processes.end(self.server.pid, signal.SIGKILL)
            connection.close()
        else:
            self.signal(victim, signal.SIGKILL)
            self.running[victim].wait()

    def restore(self, victim):
        """Start what was killed, and what fell with it, as `rongqiao run` does."""
        if victim == "postgres":
            self.server = launcher.start(self.server.directory, durable=True, shared_buffers="32MB")
        self.raise_fallen()
        self.wait_for_web()

    def raise_fallen(self):
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.start(name)

    def wait_for_web(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if Browser(self.port, "").ask("GET", "/healthz").status == 200:
                    return
            except LOST:
                pass
            assert time.monotonic() < end, self.log("web")
            time.sleep(0.1)

    def log(self, name):
        return (self.places.var / f"{name}.log").read_text()[-3000:]

    def stop(self):
        for name, process in self.running.items():
            if process.poll() is None:
                self.signal(name, signal.SIGKILL)
                process.wait()
        self.server.stop()
