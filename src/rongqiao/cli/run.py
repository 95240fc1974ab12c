"""`rongqiao run`: the whole platform on one machine, started and stopped together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import typer

from rongqiao.config.places import Places
from rongqiao.platform.crypto import Keys
from rongqiao.platform.postgres import launcher

RESTART_PAUSE = 1.0
GRACE_SECONDS = 15


@dataclass
class Child:
    """A process this command keeps alive."""

    name: str
    argv: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    finished: bool = False
    once: bool = False
    # Starts when the child of this name has done its work.
    after: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, log: Path) -> None:
        """Start it in a session of its own, its output in a log file."""
        with log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                self.argv,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self.started = time.monotonic()

    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None and self.process.poll() is None


@dataclass(frozen=True)
class Ports:
    """Where each service of this machine answers."""

    web: int
    sms: int
    bank: int
    mail: int
    registries: int

    @classmethod
    def of_environment(cls) -> Ports:
        """Return the ports the environment names."""
        return cls(
            web=int(os.environ.get("RONGQIAO_PORT", "8000")),
            sms=int(os.environ.get("RONGQIAO_SMS_PORT", "8021")),
            bank=int(os.environ.get("RONGQIAO_BANK_PORT", "8022")),
            mail=int(os.environ.get("RONGQIAO_MAIL_PORT", "8023")),
            registries=int(os.environ.get("RONGQIAO_REGISTRIES_PORT", "8024")),
        )

    def named(self) -> dict[str, int]:
        """Return each port by the variable that chooses it."""
        return {
            "RONGQIAO_PORT": self.web,
            "RONGQIAO_SMS_PORT": self.sms,
            "RONGQIAO_BANK_PORT": self.bank,
            "RONGQIAO_MAIL_PORT": self.mail,
            "RONGQIAO_REGISTRIES_PORT": self.registries,
        }


def command() -> None:
    """Start everything, print where it answers and who may log in, stop all of it on Ctrl-C."""
    raise typer.Exit(start())


def start() -> int:
    """Return the exit code: 0 after Ctrl-C, 1 if the web never answered, 2 for a taken port."""
    ports = Ports.of_environment()
    for variable, number in ports.named().items():
        if _is_taken(number):
            print(f"port {number} is in use; choose another by {variable}", file=sys.stderr)
            return 2
    signal.signal(signal.SIGTERM, _interrupt)
    places = Places.of_environment()
    places.var.mkdir(parents=True, exist_ok=True)
    _set_environment(places, ports)
    server = None
    if "DATABASE_URL" not in os.environ:
        _say("PostgreSQL")
        server = launcher.start(places.var / "postgres")
        os.environ["DATABASE_URL"] = server.app_url
        os.environ["DATABASE_OWNER_URL"] = server.owner_url
    children: list[Child] = []
    try:
        _say("tables")
        _rongqiao("migrate")
        _rongqiao("static")
        children = _children(ports, places)
        return _supervise(children, places, ports)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(children)
        if server is not None:
            launcher.stop(places.var / "postgres")


def _set_environment(places: Places, ports: Ports) -> None:
    os.environ["RONGQIAO_VAR"] = str(places.var)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongqiao.config.settings")
    os.environ.setdefault("RONGQIAO_DEVELOPMENT", "1")
    os.environ.setdefault("RONGQIAO_OPERATOR_ROLE", "microloan_company")
    os.environ.setdefault("RONGQIAO_SMS_URL", f"http://127.0.0.1:{ports.sms}")
    os.environ.setdefault("RONGQIAO_PUBLIC_URL", f"http://127.0.0.1:{ports.web}")
    os.environ.setdefault("RONGQIAO_MAIL_URL", f"http://127.0.0.1:{ports.mail}")
    os.environ.setdefault("RONGQIAO_BANK_URL", f"http://127.0.0.1:{ports.bank}")
    os.environ.setdefault("RONGQIAO_REGISTRIES_URL", f"http://127.0.0.1:{ports.registries}")
    keys = Keys.load_or_make(places.keys)
    os.environ.setdefault("RONGQIAO_SMS_SECRET", keys.derived("sms-gateway"))
    os.environ.setdefault("RONGQIAO_MAIL_SECRET", keys.derived("mail-gateway"))
    os.environ.setdefault("RONGQIAO_BANK_SECRET", keys.derived("bank-gateway"))
    os.environ.setdefault("RONGQIAO_BANK_CALLBACK_SECRET", keys.derived("bank-callback"))
    os.environ.setdefault("RONGQIAO_REGISTRIES_SECRET", keys.derived("registries"))
    callback = keys.derived("registries-callback")
    os.environ.setdefault("RONGQIAO_REGISTRIES_CALLBACK_SECRET", callback)


def _children(ports: Ports, places: Places) -> list[Child]:
    python = sys.executable
    web = [python, "-m", "gunicorn", "rongqiao.config.wsgi:application"]
    web += ["--bind", f"127.0.0.1:{ports.web}", "--workers", "2", "--threads", "4"]
    web += [
        "--worker-class",
        "gthread",
        "--timeout",
        "60",
        "--graceful-timeout",
        "10",
        "--no-control-socket",
    ]
    rongqiao = [python, "-m", "rongqiao.cli.main"]
    return [
        *_sandboxes(ports, places),
        Child("web", web),
        Child("worker", [*rongqiao, "worker"]),
        Child("seed", [*rongqiao, "seed"], once=True),
    ]


def _sandboxes(ports: Ports, places: Places) -> list[Child]:
    """Return the outside world's twins: texts, mails, the custodian bank, sources of facts."""
    secrets = {
        "sms": {"SMS_SECRET": os.environ["RONGQIAO_SMS_SECRET"]},
        "mail": {"MAIL_SECRET": os.environ["RONGQIAO_MAIL_SECRET"]},
        "bank": {
            "BANK_SECRET": os.environ["RONGQIAO_BANK_SECRET"],
            "BANK_CALLBACK_SECRET": os.environ["RONGQIAO_BANK_CALLBACK_SECRET"],
        },
        "registries": {
            "REGISTRIES_SECRET": os.environ["RONGQIAO_REGISTRIES_SECRET"],
            "REGISTRIES_CALLBACK_SECRET": os.environ["RONGQIAO_REGISTRIES_CALLBACK_SECRET"],
        },
    }
    return [
        Child(
            name,
            [
                *(sys.executable, "-m", f"rongqiao_sandboxes.{name}", "--port", str(port)),
                *("--state", str(places.var / "sandboxes" / name)),
                *("--callback", f"http://127.0.0.1:{ports.web}/hooks/{name}"),
            ],
            environment=secrets[name],
            # The seed lives through its days with a bank of its own, on the same state.
            after="seed" if name == "bank" else "",
        )
        for name, port in (
            ("sms", ports.sms),
            ("mail", ports.mail),
            ("bank", ports.bank),
            ("registries", ports.registries),
        )
    ]


def _supervise(children: list[Child], places: Places, ports: Ports) -> int:
    logs = places.var / "log"
    logs.mkdir(exist_ok=True)
    for child in children:
        if not child.after:
            child.start(logs / f"{child.name}.log")
    _say("pages")
    if not _answers(f"http://127.0.0.1:{ports.web}/healthz"):
        print(f"the web server did not answer; see {logs}/web.log", file=sys.stderr)
        return 1
    print(f"\n  融桥 RongQiao    http://127.0.0.1:{ports.web}/")
    print(f"  短信收件箱 SMS   http://127.0.0.1:{ports.sms}/")
    print(f"  邮件收件箱 Mail  http://127.0.0.1:{ports.mail}/")
    print(f"  存管银行 Bank    http://127.0.0.1:{ports.bank}/")
    print(f"  查询来源 Sources http://127.0.0.1:{ports.registries}/\n", flush=True)
    told = ""
    while True:
        time.sleep(0.5)
        told = _tell_seed(places, told)
        _look_after(children, logs)


def _look_after(children: list[Child], logs: Path) -> None:
    """Start what fell, and what waited for a child that has done its work."""
    done = {child.name for child in children if child.finished}
    for child in children:
        if child.finished or child.is_alive() or (child.after and child.after not in done):
            continue
        code = child.process.returncode if child.process else None
        if child.once and code == 0:
            child.finished = True
        elif time.monotonic() - child.started > RESTART_PAUSE:
            if child.process:
                print(f"{child.name} ended ({code}) and is started again", file=sys.stderr)
            child.start(logs / f"{child.name}.log")


def _tell_seed(places: Places, told: str) -> str:
    """Print the seed's progress when it changed, and the log-ins once it is done."""
    state = places.var / "seed.json"
    try:
        progress = json.loads(state.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return told
    line = f"{progress.get('state')} {progress.get('on', '')} {progress.get('percent', 0)}%"
    if line == told:
        return told
    if progress.get("state") == "done":
        print("\r  demonstration data: done" + " " * 30)
        for login in progress.get("logins", []):
            print(f"  {login['role']:<14} {login['phone']:<14} {login['password']}")
        print("\n  Ctrl-C stops everything.", flush=True)
    elif not sys.stdout.isatty():
        if progress.get("percent", 0) // 10 != _told_percent(told) // 10:
            print(f"  demonstration data: {line}", flush=True)
    else:
        print(f"\r  demonstration data: {line}   ", end="", flush=True)
    return line


def _told_percent(told: str) -> int:
    """Return the percentage in the line told last; -10 before the first."""
    number = told.rpartition(" ")[2].removesuffix("%")
    return int(number) if number.isdecimal() else -10


def _rongqiao(command: str) -> None:
    subprocess.run([sys.executable, "-m", "rongqiao.cli.main", command], check=True)  # noqa: S603


def _answers(url: str, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _stop(children: list[Child]) -> None:
    alive = [child for child in reversed(children) if child.is_alive()]
    for child in alive:
        assert child.process is not None
        child.process.terminate()
    end = time.monotonic() + GRACE_SECONDS
    for child in alive:
        assert child.process is not None
        try:
            child.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _say(what: str) -> None:
    print(f"  {what} ...", flush=True)
