"""The embedded PostgreSQL: make a cluster in a folder, start it, find it again, stop it.

Reached by a Unix socket in a folder only its owner may enter, with passwords (scram) on top. No
port is opened, so any number of servers live side by side. A crash or a stale lock file mends at
the next start.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import stat
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from rongqiao.platform.postgres import binaries, memory, processes
from rongqiao.platform.postgres.unprivileged import Wrapper, wrapper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATABASE = "rongqiao"
ADMIN, OWNER, APPLICATION = "postgres", "rongqiao_owner", "rongqiao"
# sockaddr_un holds 108 bytes, the last one zero; PostgreSQL adds this name to the folder.
SOCKET_NAME = "/.s.PGSQL.5432"
SOCKET_PATH_LONGEST = 107
START_SECONDS = 60

CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
shared_buffers = {shared_buffers}
max_connections = 200
max_wal_size = 2GB
checkpoint_timeout = 15min
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = warning
log_min_error_statement = panic
wal_level = replica
archive_mode = on
archive_command = '/bin/true'
include_if_exists '{archiving}'
"""
# Where a backup writes how the write-ahead log is kept; switching archive_mode needs a restart.
ARCHIVING = "archiving.conf"
# For tests and throw-away simulations only: a crash of the machine would lose the cluster.
NOT_DURABLE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\narchive_mode = off\n"


class LauncherError(RuntimeError):
    """The server did not start or stop; the message holds the end of its log."""


@dataclass(frozen=True)
class Server:
    """A running server and its addresses: as application, as owner of the tables, as superuser."""

    directory: Path
    pid: int
    app_url: str
    owner_url: str
    admin_url: str
    binaries: binaries.Binaries

    def stop(self) -> None:
        """Stop it; open transactions are rolled back."""
        stop(self.directory)


def start(
    directory: Path,
    *,
    durable: bool = True,
    shared_buffers: str | None = None,
    patience: int = START_SECONDS,
) -> Server:
    """Start the server of `directory`, made on the first call; a running one is found again.

    `shared_buffers` is a part of the machine's memory where it is not said; `patience` is how many
    seconds it may take to let anybody in, as after a restore. Raises LauncherError, NoBinaries or
    CannotDropRoot.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    data = directory / "data"
    with _alone(directory):
        _make_cluster(directory, data)
        chosen = binaries.choose(int((data / "PG_VERSION").read_text()))
        running = processes.postmaster(data)
        if running is None:
            socket = _socket(directory)
            processes.clear_leftover(data, socket)
            text = CONFIGURATION.format(
                socket=socket,
                shared_buffers=shared_buffers or memory.shared_buffers(),
                archiving=ARCHIVING,
            )
            (data / "rongqiao.conf").write_text(text + ("" if durable else NOT_DURABLE))
            _launch(chosen, directory, data, patience)
            running = processes.postmaster(data)
        assert running is not None, data
        return _server(directory, running, chosen)


def stop(directory: Path) -> None:
    """Stop the server of `directory`, if one runs. Raises LauncherError if it does not end."""
    directory = directory.resolve()
    if not directory.exists():
        return
    with _alone(directory):
        running = processes.postmaster(directory / "data")
        if running is not None and not processes.end(running):
            raise LauncherError(f"server {running} did not stop within a minute")
        with suppress(OSError):
            _short_socket(directory).rmdir()


def address(url: str, database: str) -> str:
    """Return `url` with another database's name, for the same server and role."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{quote(database)}").geturl()


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one caller at a time start or stop the server of a directory."""
    with (directory / "launcher.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_cluster(directory: Path, data: Path) -> None:
    """Make the cluster where there is none; one that was broken off half-way is made anew."""
    if (data / "rongqiao.conf").exists() and (directory / "urls.json").exists():
        return
    if (data / "rongqiao.conf").exists():
        raise LauncherError(f"{directory / 'urls.json'} is gone, and with it the passwords")
    chosen, outside = binaries.choose(), wrapper()
    password = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        fresh = Path(scratch) / "data"
        fresh.mkdir(mode=0o700)
        (Path(scratch) / "password").write_text(password)
        outside.own(Path(scratch))
        _initdb(chosen, outside, fresh, Path(scratch) / "password")
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude 'rongqiao.conf'\n")
        (fresh / "rongqiao.conf").write_text("")
        outside.own(fresh)
        write_private(directory / "urls.json", json.dumps({"admin": f"//{ADMIN}:{password}@"}))
        if data.exists():
            data.rename(Path(scratch) / "broken-off")
        fresh.rename(data)


def _initdb(chosen: binaries.Binaries, outside: Wrapper, data: Path, password: Path) -> None:
    command = outside.around(
        chosen.program("initdb"),
        f"--pgdata={data}",
        f"--username={ADMIN}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-locale",
        "--data-checksums",
        "--no-instructions",
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - own words
    if done.returncode:
        raise LauncherError(f"initdb failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _launch(chosen: binaries.Binaries, directory: Path, data: Path, patience: int) -> None:
    outside = wrapper()
    outside.own(data)
    log = directory / "server.log"
    log.touch(mode=0o600)
    outside.own(log)
    outside.own(_socket(directory))
    command = outside.around(
        chosen.program("pg_ctl"),
        "start",
        f"--pgdata={data}",
        f"--log={log}",
        f"--timeout={patience}",
        "--wait",
        "--silent",
    )
    # The server must outlive a Ctrl-C meant for us: a session of its own.
    done = subprocess.run(  # noqa: S603 - own words
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        raise LauncherError(f"PostgreSQL did not start: {log.read_text()[-2000:].strip()}")


def _server(directory: Path, pid: int, chosen: binaries.Binaries) -> Server:
    """Return the running server; make its roles and database if they are not there yet."""
    path = directory / "urls.json"
    known: dict[str, str] = json.loads(path.read_text())
    passwords = {
        name: urlsplit(known[name]).password if name in known else secrets.token_urlsafe(24)
        for name in ("admin", "owner", "application")
    }
    users = {"admin": ADMIN, "owner": OWNER, "application": APPLICATION}
    socket = quote(str(_socket(directory)), safe="")
    urls = {
        name: f"postgresql://{users[name]}:{password}@/{DATABASE}?host={socket}"
        for name, password in passwords.items()
    }
    if "application" not in known:
        make_roles(address(urls["admin"], "postgres"), passwords)
    if urls != known:
        # Also when the folder was moved: the socket's place is part of the address.
        write_private(path, json.dumps(urls, indent=1))
    return Server(directory, pid, urls["application"], urls["owner"], urls["admin"], chosen)


def make_roles(admin_url: str, passwords: Mapping[str, str | None]) -> None:
    """Give the owner and the application their roles, passwords and database, made if absent."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role, name, options in (
            (OWNER, "owner", "CREATEDB"),
            (APPLICATION, "application", "NOCREATEDB"),
        ):
            there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = "ALTER" if there.fetchone() else "CREATE"
            connection.execute(
                sql.SQL(
                    f"{verb} ROLE {{}} LOGIN NOSUPERUSER NOCREATEROLE {options} PASSWORD {{}}"
                ).format(sql.Identifier(role), sql.Literal(passwords[name]))
            )
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not there.fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )


def _socket(directory: Path) -> Path:
    """Return a private folder for the socket, short enough for the kernel."""
    folder = directory / "socket"
    if len(os.fsencode(folder)) + len(SOCKET_NAME) > SOCKET_PATH_LONGEST:
        folder = _short_socket(directory)
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or stat.S_IMODE(state.st_mode) != 0o700:
        raise LauncherError(f"{folder} is not a private folder: remove it")
    if state.st_uid not in {os.geteuid(), *(wrapper().owner or ())[:1]}:
        raise LauncherError(f"{folder} belongs to somebody else: remove it")
    return folder


def _short_socket(directory: Path) -> Path:
    mark = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return Path(f"/tmp/rongqiao-{os.geteuid()}-{mark}")  # noqa: S108 - `_socket` checks its owner


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner alone."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
