"""`rongqiao migrate`: bring the tables up to date as their owner, then give out the rights."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Annotated

import django
import psycopg
import typer
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from rongqiao.config.places import Places, django_database
from rongqiao.platform.postgres import rights
from rongqiao.platform.postgres.connecting import pointed_at


class OneRoleForAll(ValueError):
    """The application would own its tables, and could then write the books."""


@dataclass(frozen=True)
class Migrated:
    """How many migrations were applied, and to whom rights were given."""

    applied: int
    application_role: str


def bring_up_to_date(owner_url: str, app_url: str) -> Migrated:
    """Apply waiting migrations as the owner, then grant the application's role its rights.

    Raises OneRoleForAll if both addresses name one role, psycopg.Error if the server says no.
    """
    role = str(django_database(app_url)["USER"])
    if role == django_database(owner_url)["USER"]:
        raise OneRoleForAll(f"DATABASE_URL and DATABASE_OWNER_URL both name the role {role!r}")
    with pointed_at(django_database(owner_url)):
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        call_command("migrate", interactive=False, verbosity=0)
    with psycopg.connect(owner_url) as owner:
        rights.grant(owner, role)
    return Migrated(waiting, role)


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Bring the database up to date and give the application's role its rights."""
    django.setup()
    places = Places.of_environment()
    try:
        done = bring_up_to_date(places.database_url(owner=True), places.database_url())
    except (OneRoleForAll, rights.BadRights, psycopg.Error) as error:
        print(f"migrate: {str(error).strip()}", file=sys.stderr)
        raise typer.Exit(2) from error
    if as_json:
        print(json.dumps({"applied": done.applied, "role": done.application_role}))
    else:
        print(f"{done.applied} migrations applied; rights given to {done.application_role}")
