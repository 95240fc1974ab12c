"""`rongqiao backup DIR`: copy database and files, then keep every change there as it is made.

The keys are not in it: whoever holds a backup must not be able to read what is sealed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import django
import psycopg
import typer

from rongqiao.config.places import Places
from rongqiao.platform.crypto import Keys
from rongqiao.platform.postgres import backing_up, launcher, processes
from rongqiao.platform.postgres.binaries import NoBinaries
from rongqiao.platform.postgres.unprivileged import CannotDropRoot

FAILURES = (
    backing_up.BackupError,
    launcher.LauncherError,
    NoBinaries,
    CannotDropRoot,
    OSError,
    psycopg.Error,
)


class NothingToBackUp(backing_up.BackupError):
    """There is no embedded server here."""


def key_mark(places: Places) -> str:
    """Return a mark by which the key ring of an installation is known; it tells nothing of it."""
    return Keys.load_or_make(places.keys).derived("backup-mark")[:16]


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty folder or a new one.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Back up to DIR; exit 2 with one line if that is not possible."""
    places, begun = Places.of_environment(), time.monotonic()
    try:
        with _server(places) as server:
            made = backing_up.back_up(server, folder.resolve(), key_mark(places))
        _copy_files(places, folder.resolve())
    except FAILURES as error:
        print(f"backup: {str(error).strip()}", file=sys.stderr)
        raise typer.Exit(2) from error
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        document = {
            "folder": str(folder.resolve()),
            "ended_at": made.ended_at.isoformat(),
            "bytes": made.bytes,
            "seconds": seconds,
            "keys": str(places.keys),
        }
        print(json.dumps(document, ensure_ascii=False))
        return
    print(f"{made.bytes / 1e6:,.0f} MB copied to {folder} and verified in {seconds} s")
    print(f"  from {made.ended_at.isoformat()} on every change goes there too, within a minute")
    print(f"  keep {places.keys} at another place: without it what is sealed cannot be read")


@contextmanager
def _server(places: Places) -> Iterator[launcher.Server]:
    """Give the embedded server, started for the length of the block where it does not run."""
    home = places.var / "postgres"
    elsewhere = "DATABASE_URL" in os.environ and places.database_url() != _embedded(places)
    if elsewhere:
        raise NothingToBackUp(
            "DATABASE_URL names a server of yours: back it up by its own means (docs/operations.md)"
        )
    if not (home / "data" / "PG_VERSION").exists():
        raise NothingToBackUp(f"no database in {home}; RONGQIAO_VAR names the state folder")
    was_running = processes.postmaster(home / "data") is not None
    server = launcher.start(home)
    try:
        yield server
    finally:
        if not was_running:
            server.stop()


def _embedded(places: Places) -> str | None:
    urls = places.var / "postgres" / "urls.json"
    written: dict[str, str] = json.loads(urls.read_text()) if urls.exists() else {}
    return written.get("application")


def _copy_files(places: Places, folder: Path) -> None:
    """Copy the sealed files and the heads of the chains, which prove what the books were."""
    os.environ["DATABASE_URL"] = places.database_url()
    django.setup()
    from rongqiao.platform import files  # noqa: PLC0415 - Django is set up above

    files.mirror(folder / "files")
    if (places.var / "heads").exists():
        shutil.copytree(places.var / "heads", folder / "heads", dirs_exist_ok=True)
