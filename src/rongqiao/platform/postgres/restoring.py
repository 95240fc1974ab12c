"""Make a server from a backup, as it stood at a moment: the copy, and the log up to there.

The passwords of a backup's server are not in it: new ones are made. The server comes up on its own
timeline and keeps its log nowhere until it is backed up in turn.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from rongqiao.platform.postgres import backing_up, binaries, launcher, processes
from rongqiao.platform.postgres.unprivileged import wrapper

if TYPE_CHECKING:
    from pathlib import Path

ROLES = {
    "admin": launcher.ADMIN,
    "owner": launcher.OWNER,
    "application": launcher.APPLICATION,
}
# The socket lies in a folder that only its owner enters; nobody knows a password yet.
OPEN_TO_ITS_OWNER = "local all all trust\n"
# Hours of log may have to be read again.
START_SECONDS = 6 * 60 * 60
_LAST = re.compile(r"last completed transaction was at log time (\S+ \S+)")
_SHORT = "recovery ended before configured recovery target was reached"


class RestoreError(RuntimeError):
    """The restore failed; the message says why. What it made is removed again."""


class BadMoment(RestoreError):
    """The moment asked for is not one that the backup can be restored to."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A server that runs again, and the last commit in it by the clock of the time (UTC)."""

    server: launcher.Server
    last_commit_at: datetime | None


def restore(folder: Path, directory: Path, at: datetime | None = None) -> Restored:
    """Make the server of `directory` from a backup; to the log's end, or as of `at`.

    Every commit up to `at` is in it and none after. Raises BadFolder, BadMoment, BackupError (the
    copy is damaged), RestoreError or NoBinaries; `directory` is then gone again.
    """
    card = backing_up.BackedUp.read(folder)
    if at is not None and at < card.ended_at:
        raise BadMoment(f"{at.isoformat()} is before the backup's end, {card.ended_at.isoformat()}")
    binaries.choose(card.postgresql)
    backing_up.verify(folder / backing_up.BASE)
    try:
        passwords = _lay_out(folder, directory, at)
        return _replay(directory, passwords)
    except BaseException:
        launcher.stop(directory)
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _lay_out(folder: Path, directory: Path, at: datetime | None) -> dict[str, str | None]:
    """Put the copy in its place, set to read the log; return new passwords, not yet known to it."""
    data = directory / "data"
    directory.mkdir(mode=0o700, parents=True)
    shutil.copytree(folder / backing_up.BASE, data, symlinks=True)
    data.chmod(0o700)
    (data / launcher.ARCHIVING).unlink(missing_ok=True)
    (data / "pg_hba.conf").rename(data / "pg_hba.kept")
    (data / "pg_hba.conf").write_text(OPEN_TO_ITS_OWNER)
    target = f"recovery_target_time = '{at.isoformat()}'\n" if at else ""
    (data / "postgresql.auto.conf").write_text(
        f"restore_command = '{backing_up.fetching(folder)}'\n{target}"
        "recovery_target_action = 'promote'\n"
    )
    (data / "recovery.signal").touch()
    passwords: dict[str, str | None] = {name: secrets.token_urlsafe(24) for name in ROLES}
    urls = {name: f"//{role}:{passwords[name]}@" for name, role in ROLES.items()}
    launcher.write_private(directory / "urls.json", json.dumps(urls))
    wrapper().own(data)
    return passwords


def _replay(directory: Path, passwords: dict[str, str | None]) -> Restored:
    """Start the server, wait until it has read the log, and close its door again."""
    data = directory / "data"
    try:
        server = launcher.start(directory, patience=START_SECONDS)
        last = _wait(server, data)
    except (launcher.LauncherError, psycopg.OperationalError) as error:
        raise _why(directory) from error
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(launcher.ADMIN), sql.Literal(passwords["admin"])
            )
        )
        launcher.make_roles(server.admin_url, passwords)
        (data / "postgresql.auto.conf").write_text("")
        (data / "pg_hba.kept").replace(data / "pg_hba.conf")
        wrapper().own(data)
        admin.execute("SELECT pg_reload_conf()")
    return Restored(server=server, last_commit_at=last)


def _wait(server: launcher.Server, data: Path) -> datetime | None:
    """Wait until the server is no longer recovering; return the instant of the last commit."""
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        while True:
            row = admin.execute(
                "SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()"
            ).fetchone()
            assert row is not None
            if not row[0]:
                last: datetime | None = row[1]
                return last
            if processes.postmaster(data) is None:
                raise launcher.LauncherError
            time.sleep(0.1)


def _why(directory: Path) -> RestoreError:
    """Say in one line why the server did not come up, from its log."""
    path = directory / "server.log"
    log = path.read_text() if path.exists() else ""
    last = _LAST.search(log)
    if _SHORT in log:
        until = f", {last[1]} UTC" if last else ""
        return BadMoment(
            f"the moment is after the last change in the backup's log{until};"
            " without a moment the restore goes to the log's end"
        )
    fatal = [line.partition("FATAL:")[2].strip() for line in log.splitlines() if "FATAL:" in line]
    return RestoreError(f"PostgreSQL did not come up: {fatal[-1] if fatal else log[-500:].strip()}")
