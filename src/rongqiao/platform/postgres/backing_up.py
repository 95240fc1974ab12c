"""Back the embedded server up: a verified copy of it, then every change as it is made.

A backup is a folder: `base` (pg_basebackup), `wal` (the write-ahead log, in packed segments) and
`backup.json`, written last. The server itself goes on filling `wal`, at least every half
minute, so that a restore may go to any moment from the end of the copy to half a minute ago.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from rongqiao.platform.postgres import launcher
from rongqiao.platform.postgres.binaries import NoBinaries
from rongqiao.platform.postgres.unprivileged import wrapper

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rongqiao.platform.postgres.binaries import Binaries

BASE, LOG, CARD = "base", "wal", "backup.json"
# A minute may be lost at most: half of it until a segment is closed, the rest to copy it.
SEGMENT_SECONDS = 30
PATIENCE = 60.0
MARK = "# in "
MANIFEST = "backup_manifest"
PASSED_OVER = {MANIFEST, "pg_wal", "postgresql.auto.conf"}
KEEPING = """\
# Written by the last backup: where the write-ahead log is kept.
archive_timeout = {seconds}s
archive_command = '{command}'
"""


class BackupError(RuntimeError):
    """The backup was not made; the message says why. The earlier one goes on being kept."""


class BadFolder(BackupError):
    """The folder given cannot take a backup."""


@dataclass(frozen=True, kw_only=True)
class BackedUp:
    """A finished copy: its instants by the database's clock, version, bytes, and keys' mark."""

    begun_at: datetime
    ended_at: datetime
    postgresql: int
    bytes: int
    keys: str

    def write(self, folder: Path) -> None:
        """Write it to the backup's folder, whole or not at all."""
        shown = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }
        launcher.write_private(folder / CARD, json.dumps(shown, indent=1))

    @classmethod
    def read(cls, folder: Path) -> BackedUp:
        """Read it; raises BadFolder if the folder holds no finished backup."""
        try:
            told = json.loads((folder / CARD).read_text())
            instants = {
                name: datetime.fromisoformat(told[name]) for name in ("begun_at", "ended_at")
            }
            return cls(**{**told, **instants})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BadFolder(f"{folder} holds no finished backup ({CARD})") from error


def back_up(server: launcher.Server, folder: Path, keys: str) -> BackedUp:
    """Copy a running server into an empty or new folder and keep its log there from now on.

    `keys` is the mark of the key ring that opens what is sealed. Raises BadFolder, BackupError or
    NoBinaries; an earlier backup then still gets the log.
    """
    _check_programs(server.binaries)
    _make_folder(folder)
    data = server.directory / "data"
    earlier = kept_in(data)
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        if _value(admin, "SHOW archive_mode") != "on":
            raise BackupError("the server keeps no log yet: stop the platform, start it, ask again")
        try:
            _keep_in(admin, data, [*earlier, folder])
            _prove_keeping(admin, folder)
            begun: datetime = _value(admin, "SELECT clock_timestamp()")
            _copy(server, folder / BASE)
            ended: datetime = _value(admin, "SELECT clock_timestamp()")
            verify(folder / BASE)
            _keep_in(admin, data, [folder])
            _prove_keeping(admin, folder)
        except BaseException:
            _keep_in(admin, data, earlier)
            for part in (BASE, LOG):
                shutil.rmtree(folder / part, ignore_errors=True)
            raise
    size = sum(path.stat().st_size for path in (folder / BASE).rglob("*") if path.is_file())
    made = BackedUp(
        begun_at=begun, ended_at=ended, postgresql=server.binaries.major, bytes=size, keys=keys
    )
    made.write(folder)
    return made


def verify(base: Path) -> None:
    """Hold every file of a copy against its manifest, as pg_verifybackup does. Raises BackupError.

    Format: PostgreSQL documentation, "Backup Manifest Format"; the log that came with the copy has
    checksums of its own, which its replay holds it against.
    """
    try:
        text = (base / MANIFEST).read_bytes()
        told = json.loads(text)
    except (OSError, ValueError) as error:
        raise BackupError(f"{base / MANIFEST} cannot be read: the copy is damaged") from error
    body = text[: text.rindex(b'"Manifest-Checksum"')]
    if hashlib.sha256(body).hexdigest() != told["Manifest-Checksum"]:
        raise BackupError(f"{base / MANIFEST} was changed: the copy is damaged")
    listed = {
        path: entry for entry in told["Files"] if not _is_passed_over(path := _path_in(entry))
    }
    files = (path.relative_to(base) for path in base.rglob("*") if path.is_file())
    there = {path for path in files if not _is_passed_over(path)}
    for path in sorted(set(listed) ^ there):
        raise BackupError(f"{base / path} is missing or too much: the copy is damaged")
    for path, entry in sorted(listed.items()):
        with (base / path).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != entry["Checksum"]:
                raise BackupError(f"{base / path} was changed: the copy is damaged")


def _is_passed_over(path: Path) -> bool:
    return path.parts[0] in PASSED_OVER


def _path_in(entry: dict[str, str]) -> Path:
    encoded = entry.get("Encoded-Path")
    return Path(os.fsdecode(bytes.fromhex(encoded)) if encoded else entry["Path"])


def fetching(folder: Path) -> str:
    """Return the restore_command that takes segments out of a backup, for a configuration file."""
    segment = f"{_percents(shlex.quote(str(folder / LOG)))}/%f.gz"
    return _quoted(f'test -f {segment} && gzip -dc < {segment} > "%p"')


def kept_in(data: Path) -> list[Path]:
    """Return the folders that get the log of the server in `data`: one, two during a backup."""
    path = data / launcher.ARCHIVING
    lines = path.read_text().splitlines() if path.exists() else []
    return [Path(line.removeprefix(MARK)) for line in lines if line.startswith(MARK)]


def _check_programs(chosen: Binaries) -> None:
    if not Path(chosen.program("pg_basebackup")).exists():
        raise NoBinaries(
            f"pg_basebackup is not in {chosen.folder}:"
            f" run `apt-get install postgresql-client-{chosen.major}`"
        )


def _make_folder(folder: Path) -> None:
    if not str(folder).isprintable():
        raise BadFolder(f"{str(folder)!r} cannot stand in the server's configuration")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadFolder(f"{folder} is not empty; a backup goes into an empty or a new folder")
        folder.chmod(0o700)
        (folder / LOG).mkdir(mode=0o700)
        wrapper().own(folder / LOG)
    except OSError as error:
        raise BadFolder(f"{folder} cannot take a backup: {error.strerror}") from error


def _copy(server: launcher.Server, base: Path) -> None:
    """Copy the server; page checksums are verified on the way."""
    parts = urlsplit(server.admin_url)
    environment = {
        **os.environ,
        "PGHOST": parse_qs(parts.query)["host"][0],
        "PGUSER": parts.username or "",
        "PGPASSWORD": unquote(parts.password or ""),
    }
    command = [server.binaries.program("pg_basebackup"), f"--pgdata={base}", "--no-password"]
    command += ["--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256"]
    _run(command, environment)


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - own words
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip().replace("\n", "; ")
        raise BackupError(f"{Path(command[0]).name} failed: {told[-2000:]}")


def _keep_in(admin: psycopg.Connection, data: Path, folders: Sequence[Path]) -> None:
    """Have the server keep its log in these folders, or nowhere."""
    path = data / launcher.ARCHIVING
    if folders:
        command = " && ".join(_storing(folder) for folder in folders)
        text = KEEPING.format(seconds=SEGMENT_SECONDS, command=_quoted(command))
        launcher.write_private(path, text + "".join(f"{MARK}{folder}\n" for folder in folders))
        wrapper().own(path)
    else:
        path.unlink(missing_ok=True)
    admin.execute("SELECT pg_reload_conf()")


def _storing(folder: Path) -> str:
    """Return the shell words that store one segment: synced, then named; a repeat is harmless."""
    log = _percents(shlex.quote(str(folder / LOG)))
    segment, draft = f"{log}/%f.gz", f"{log}/.%f.part"
    store = f'gzip -1 < "%p" > {draft} && sync {draft} && mv {draft} {segment} && sync {log}'
    again = f'gzip -dc < {segment} | cmp -s - "%p"'
    return f"{{ if test -f {segment}; then {again}; else {store}; fi; }}"


def _prove_keeping(admin: psycopg.Connection, folder: Path) -> None:
    """Close the segment under way and wait until it lies in the folder. Raises BackupError."""
    # A switch where nothing was written since the last one would close nothing.
    _value(admin, "SELECT pg_create_restore_point('backup')::text")
    name = _value(admin, "SELECT pg_walfile_name(pg_switch_wal())")
    for _ in _pauses():
        if (folder / LOG / f"{name}.gz").exists():
            return
    why = _value(admin, "SELECT coalesce(last_failed_wal, '-') FROM pg_stat_archiver")
    raise BackupError(
        f"the server cannot write its log to {folder / LOG} (failed last: {why});"
        " may its user enter every folder above?"
    )


def _pauses() -> Iterator[None]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(0.1)


def _value(admin: psycopg.Connection, question: LiteralString) -> Any:
    row = admin.execute(question).fetchone()
    return row[0] if row else None


def _percents(text: str) -> str:
    """Double the percent signs of a path: the server reads single ones as its own marks."""
    return text.replace("%", "%%")


def _quoted(command: str) -> str:
    """Return a command as it stands between quotes in a configuration file."""
    return command.replace("\\", "\\\\").replace("'", "''")
