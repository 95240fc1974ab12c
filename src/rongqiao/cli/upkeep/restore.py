"""`rongqiao restore DIR [--at TIME]`: an installation from a backup, as it stood at a moment.

It goes into the state folder that RONGQIAO_VAR names, which holds nothing but the keys.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import psycopg
import typer

from rongqiao.cli.upkeep.backup import FAILURES, key_mark
from rongqiao.config.places import Places
from rongqiao.platform.postgres import backing_up, launcher, restoring

CHINA = ZoneInfo("Asia/Shanghai")


class BadState(ValueError):
    """The state folder cannot take a restore, or lacks the keys."""


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `rongqiao backup` made.")],
    at: Annotated[
        str, typer.Option("--at", help="A moment, in China's time unless it names an offset.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Restore DIR, prove the laws of its books, and tell how long that took.

    Exit 1 if a law does not hold, 2 with one line if the restore is not possible.
    """
    places, begun = Places.of_environment(), time.monotonic()
    try:
        moment = _moment(at)
        source = folder.resolve()
        _check_state(places, source)
        restored = restoring.restore(source, places.var / "postgres", moment)
    except (*FAILURES, BadState, restoring.RestoreError) as error:
        print(f"restore: {str(error).strip()}", file=sys.stderr)
        raise typer.Exit(2) from error
    try:
        _copy_files(source, places, _business_date(restored.server))
        restored_in = time.monotonic() - begun
        laws = _verify(places)
    finally:
        restored.server.stop()
    document = {
        "folder": str(source),
        "last_commit_at": restored.last_commit_at and restored.last_commit_at.isoformat(),
        "restored_seconds": round(restored_in, 1),
        "seconds": round(time.monotonic() - begun, 1),
        "held": laws["held"],
        "laws": laws["laws"],
    }
    print(json.dumps(document, ensure_ascii=False)) if as_json else _show(document, places)
    raise typer.Exit(0 if laws["held"] else 1)


def _moment(given: str) -> datetime | None:
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise BadState(
            f"--at is {given!r}; allowed: a moment such as 2026-01-31T09:30:00+08:00"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _check_state(places: Places, source: Path) -> None:
    """Refuse a state folder that holds something, and keys that are not the backup's."""
    if "DATABASE_URL" in os.environ:
        raise BadState("DATABASE_URL is set: a restore makes an embedded server; unset it")
    there = sorted(path.name for path in places.var.glob("*") if path != places.keys)
    if there:
        raise BadState(f"{places.var} is not empty ({', '.join(there[:5])}); set RONGQIAO_VAR")
    card = backing_up.BackedUp.read(source)
    if not places.keys.exists():
        raise BadState(f"put the keys into {places.keys} first: what is sealed needs them")
    if key_mark(places) != card.keys:
        raise BadState(f"{places.keys} holds other keys than those of the backup")


def _copy_files(source: Path, places: Places, on: str) -> None:
    """Put back the sealed files, and the chains' heads of the days that are over."""
    for name in ("files", "heads"):
        if (source / name).exists():
            shutil.copytree(source / name, places.var / name, dirs_exist_ok=True)
    for head in (places.var / "heads").glob("*"):
        # The head of a day that has not ended yet in what was restored is not of its books.
        if head.stem >= on:
            head.unlink()


def _business_date(server: launcher.Server) -> str:
    with psycopg.connect(server.owner_url) as owner:
        there = owner.execute("SELECT to_regclass('platform_businessdate')").fetchone()
        if there is None or there[0] is None:
            return ""
        row = owner.execute('SELECT "on" FROM platform_businessdate').fetchone()
    return row[0].isoformat() if row else ""


def _verify(places: Places) -> dict[str, Any]:
    """Prove the laws in a process of its own, on the restored database."""
    done = subprocess.run(
        [sys.executable, "-m", "rongqiao.cli.main", "verify", "--json"],
        env={**os.environ, "RONGQIAO_VAR": str(places.var)},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        told = (done.stderr or done.stdout).strip().splitlines()
        found = {"held": False, "laws": [{"law": "verify ran", "examples": told[-1:]}]}
    return found


def _show(document: dict[str, Any], places: Places) -> None:
    last = document["last_commit_at"] or "the end of the copy"
    print(f"restored into {places.var} as of {last} in {document['restored_seconds']} s")
    print(f"  laws of the books: {'held' if document['held'] else 'BROKEN'}", end="")
    print(f"; the whole drill took {document['seconds']} s")
    for law in document["laws"]:
        for example in law.get("examples", ()):
            print(f"  {law['law']}: {example}")
    print("  `rongqiao run` starts it; back it up anew, nothing is kept yet")
