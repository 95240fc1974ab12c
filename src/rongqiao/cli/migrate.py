"""`rongqiao migrate`: bring the tables up to date as their owner, then give out the rights.

A change of a table waits for everybody who uses it, and everybody who comes later waits behind it.
So it waits for less than a second at a time, lets the others pass, and tries again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import django
import psycopg
import typer
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from rongqiao.config.places import Places, django_database
from rongqiao.platform.postgres import rights
from rongqiao.platform.postgres.connecting import pointed_at

T = TypeVar("T")
# Shorter than deadlock_timeout (1 s): it is always the migration that gives way.
LOCK_MILLISECONDS = 800
ATTEMPTS, PAUSE_SECONDS = 60, 1.0
# PostgreSQL's lock_not_available and deadlock_detected.
GIVES_WAY = {"55P03", "40P01"}


class OneRoleForAll(ValueError):
    """The application would own its tables, and could then write the books."""


class TablesInUse(RuntimeError):
    """A table was never free long enough to be changed; what was changed before stays."""


@dataclass(frozen=True)
class Migrated:
    """How many migrations were applied, and to whom rights were given."""

    applied: int
    application_role: str


def bring_up_to_date(owner_url: str, app_url: str, only: str = "") -> Migrated:
    """Apply waiting migrations as the owner, then grant the application's role its rights.

    `only` names one app: its tables, and those that they need.

    Others go on working meanwhile; none waits longer than a lock may be waited for. Raises
    OneRoleForAll if both addresses name one role, TablesInUse, and psycopg.Error or django.db.Error
    if the server says no: the migration that failed is then rolled back whole.
    """
    role = str(django_database(app_url)["USER"])
    if role == django_database(owner_url)["USER"]:
        raise OneRoleForAll(f"DATABASE_URL and DATABASE_OWNER_URL both name the role {role!r}")
    with pointed_at(_impatient(django_database(owner_url))):
        waiting = _insist(lambda: _count_waiting(only))
        wanted = [only] if only else []
        _insist(lambda: call_command("migrate", *wanted, interactive=False, verbosity=0))
    _insist(lambda: _give_rights(owner_url, role))
    return Migrated(waiting, role)


def _count_waiting(only: str) -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes(only or None)))


def _give_rights(owner_url: str, role: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}")
        rights.grant(owner, role)


def _impatient(database: dict[str, Any]) -> dict[str, Any]:
    """Return a database's entry whose sessions wait for a lock no longer than is borne."""
    options = database["OPTIONS"]
    said = f"{options.get('options', '')} -c lock_timeout={LOCK_MILLISECONDS}".strip()
    return {**database, "OPTIONS": {**options, "options": said}}


def _insist(step: Callable[[], T]) -> T:
    """Do a step, again and again while it has to give way. Raises TablesInUse in the end."""
    for _ in range(ATTEMPTS):
        try:
            return step()
        except (Error, psycopg.Error) as error:
            cause = error if isinstance(error, psycopg.Error) else error.__cause__
            if getattr(cause, "sqlstate", None) not in GIVES_WAY:
                raise
            time.sleep(PAUSE_SECONDS)
    raise TablesInUse("a table is in use by a transaction that does not end (pg_stat_activity)")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Bring the database up to date and give the application's role its rights."""
    django.setup()
    places = Places.of_environment()
    try:
        done = bring_up_to_date(places.database_url(owner=True), places.database_url())
    except (OneRoleForAll, TablesInUse, rights.BadRights, Error, psycopg.Error) as error:
        print(f"migrate: {str(error).strip()}", file=sys.stderr)
        raise typer.Exit(2) from error
    if as_json:
        print(json.dumps({"applied": done.applied, "role": done.application_role}))
    else:
        print(f"{done.applied} migrations applied; rights given to {done.application_role}")
