"""`rongqiao doctor`: what is missing or misconfigured here, and the command that mends it."""

from __future__ import annotations

import ctypes.util
import json
import os
import shutil
import stat
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from rongqiao.config.places import Places, django_database
from rongqiao.platform.postgres import backing_up, binaries, processes, rights, unprivileged

PACKAGE = Path(__file__).parents[2]
# Append-only for the application, whatever else its rights are.
BOOKS = ("ledger_account", "ledger_journal", "ledger_leg", "ledger_hold", "ledger_key")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PANGO = ("pango-1.0", "pangoft2-1.0", "harfbuzz")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at; `mend` is the command that puts it right."""

    name: str
    ok: bool
    found: str
    mend: str = ""
    # Tests need it, the platform does not.
    for_tests_only: bool = False


def _postgresql() -> Finding:
    have = binaries.found()
    told = ", ".join(f"{one.major} ({one.folder})" for one in have)
    return Finding(
        name="PostgreSQL's programs",
        ok=bool(have) or "DATABASE_URL" in os.environ,
        found=told or "none; DATABASE_URL names a server",
        mend="make setup",
    )


def _root() -> Finding:
    try:
        words = " ".join(unprivileged.wrapper().words[:1]) or "no wrapper needed"
    except unprivileged.CannotDropRoot as error:
        return Finding(name="running it", ok=False, found=str(error), mend="su - another-user")
    return Finding(name="running it", ok=True, found=words)


def _database() -> Iterator[Finding]:
    places = Places.of_environment()
    if "DATABASE_URL" not in os.environ and not _is_listening(places):
        # An embedded server runs only while the platform does.
        yield Finding(name="database", ok=True, found="embedded; it starts with `make run`")
        return
    app_url, owner_url = places.database_url(), places.database_url(owner=True)
    role, owner_role = (str(django_database(url)["USER"]) for url in (app_url, owner_url))
    yield Finding(
        name="two roles",
        ok=role != owner_role,
        found=f"the application is {role}, the owner {owner_role}",
        mend="CREATE ROLE rongqiao LOGIN PASSWORD '…'; and name it in DATABASE_URL",
    )
    for name, url, variable in (
        ("database as the application", app_url, "DATABASE_URL"),
        ("database as the owner", owner_url, "DATABASE_OWNER_URL"),
    ):
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                told = f"{connection.info.user} on PostgreSQL {connection.info.server_version}"
                yield Finding(name=name, ok=True, found=told)
                if url == app_url:
                    yield _books(connection, role)
        except psycopg.Error as error:
            why = str(error).strip().splitlines()[0]
            yield Finding(name=name, ok=False, found=why, mend=f"export {variable}=postgresql://…")


def _backup() -> Finding:
    """Tell where the embedded server's changes are kept, and whether they arrive there."""
    places = Places.of_environment()
    kept = backing_up.kept_in(places.var / "postgres" / "data")
    told = ", ".join(map(str, kept)) or "none kept; `rongqiao backup DIR` begins one"
    if not kept or not _is_listening(places):
        return Finding(name="backup", ok=True, found=told)
    urls = json.loads((places.var / "postgres" / "urls.json").read_text())
    with psycopg.connect(urls["admin"]) as admin:
        row = admin.execute(
            """SELECT last_archived_time, coalesce(last_failed_time > last_archived_time, false)
               FROM pg_stat_archiver"""
        ).fetchone()
    assert row is not None
    return Finding(
        name="backup",
        ok=not row[1],
        found=f"{told}; last written {row[0]}" + ("; writing FAILS" if row[1] else ""),
        mend="rongqiao backup ANOTHER-DIR",
    )


def _is_listening(places: Places) -> bool:
    return processes.postmaster(places.var / "postgres" / "data") is not None


def _books(connection: psycopg.Connection, role: str) -> Finding:
    there = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relname = ANY(%s)", [list(BOOKS)]
    ).fetchone()
    if there is None or there[0] < len(BOOKS):
        return Finding(name="books", ok=False, found="tables are missing", mend="rongqiao migrate")
    writable = rights.writable_by(connection, role, list(BOOKS))
    return Finding(
        name="books",
        ok=not writable,
        found=f"{role} may write {', '.join(writable)}" if writable else "closed to direct writes",
        mend="rongqiao migrate (gives out the rights anew); the role must be no superuser"
        " and no member of the owner's",
    )


def _pdf() -> Finding:
    missing = [name for name in PANGO if ctypes.util.find_library(name) is None]
    try:
        import_module("weasyprint")
    except (ImportError, OSError) as error:
        told = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return Finding(
            name="PDF (WeasyPrint, Pango)", ok=False, found=told, mend=_apt("libpango-1.0-0",
            "libpangoft2-1.0-0", "libharfbuzz-subset0")
        )  # fmt: skip
    told = "loads" + (f"; {', '.join(missing)} not in the library cache" if missing else "")
    return Finding(name="PDF (WeasyPrint, Pango)", ok=True, found=told)


def _font() -> Finding:
    mend = _apt("fonts-noto-cjk")
    try:
        told = subprocess.run(
            ["fc-list", ":lang=zh", "family"],  # noqa: S607 - the system's own
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return Finding(
            name="Chinese font", ok=False, found="fc-list does not run", mend=_apt("fontconfig")
        )
    families = sorted({line.split(",")[0].strip() for line in told.splitlines() if line.strip()})
    return Finding(
        name="Chinese font", ok=bool(families), found=", ".join(families[:3]) or "none", mend=mend
    )


def _chromium() -> Finding:
    programs = [path for name in CHROMIUM if (path := shutil.which(name))]
    cached = Path.home() / ".cache" / "ms-playwright"
    programs += [str(path) for path in cached.glob("chromium*")][:1]
    return Finding(
        name="Chromium",
        ok=bool(programs),
        found=programs[0] if programs else "none",
        mend=_apt("chromium"),
        for_tests_only=True,
    )


def _translations() -> Finding:
    stale = [
        source
        for source in PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po")
        if not (compiled := source.with_suffix(".mo")).exists()
        or compiled.stat().st_mtime < source.stat().st_mtime - 1
    ]
    told = ", ".join(str(path.relative_to(PACKAGE)) for path in stale)
    return Finding(
        name="translations",
        ok=not stale,
        found=f"not compiled: {told}" if told else "compiled",
        mend="make assets",
    )


def _private_files() -> Finding:
    places = Places.of_environment()
    private = [places.keys, places.var / "postgres" / "urls.json", *places.var.glob("keys*.json")]
    open_ones = [
        path for path in private if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    paths = " ".join(dict.fromkeys(map(str, open_ones)))
    return Finding(
        name="key files",
        ok=not open_ones,
        found=f"readable by others: {paths}" if paths else "private",
        mend=f"chmod 600 {paths}",
    )


def _sources() -> Finding:
    """Tell whether the sources of facts answer, while the platform of this machine runs."""
    address = os.environ.get("RONGQIAO_REGISTRIES_URL", "")
    if not address and not _is_listening(Places.of_environment()):
        return Finding(name="sources of facts", ok=True, found="twins; they start with `make run`")
    port = os.environ.get("RONGQIAO_REGISTRIES_PORT", "8024")
    address = address or f"http://127.0.0.1:{port}"
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=3) as answer:  # noqa: S310
            told, ok = f"{address} answers {answer.status}", True
    except (OSError, ValueError) as error:
        told, ok = f"{address}: {type(error).__name__}", False
    return Finding(
        name="sources of facts", ok=ok, found=told, mend="rongqiao run, or RONGQIAO_REGISTRIES_URL"
    )


def _queue() -> Finding:
    there = find_spec("procrastinate") is not None
    return Finding(
        name="Python packages",
        ok=there,
        found="installed" if there else "procrastinate is missing",
        mend="make setup",
    )


SINGLE: tuple[Callable[[], Finding], ...] = (
    _queue,
    _postgresql,
    _root,
    _private_files,
    _backup,
    _sources,
    _translations,
    _pdf,
    _font,
    _chromium,
)


def examine() -> list[Finding]:
    """Look at everything; nothing is changed."""
    return [*(look() for look in SINGLE), *_database()]


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell what is missing or misconfigured and the mend; exit 1 if the platform needs it."""
    findings = examine()
    well = all(finding.ok or finding.for_tests_only for finding in findings)
    if as_json:
        shown = [asdict(finding) for finding in findings]
        print(json.dumps({"findings": shown, "well": well}, ensure_ascii=False))
    else:
        _show(findings)
    raise typer.Exit(0 if well else 1)


def _show(findings: list[Finding]) -> None:
    # Lines, not a table: a mend is there to be copied whole.
    for finding in findings:
        mark = "ok" if finding.ok else ("tests" if finding.for_tests_only else "NO")
        print(f"{mark:<6}{finding.name}: {finding.found}")
        if not finding.ok:
            print(f"      mend: {finding.mend}")


def _apt(*packages: str) -> str:
    return f"apt-get install -y {' '.join(packages)}"
