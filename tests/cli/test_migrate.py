"""`rongqiao migrate` keeps nobody waiting: it gives way, and says so if it never got through."""

import time

import psycopg
import pytest

from rongqiao.cli import migrate


def test_a_table_that_is_never_free_is_left_alone_and_named_as_the_reason(
    fresh_database, django_db_blocker, monkeypatch
):
    database = fresh_database()
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0)
    with psycopg.connect(database.owner_url) as holding, django_db_blocker.unblock():
        holding.execute("LOCK TABLE django_migrations")
        begun = time.monotonic()
        with pytest.raises(migrate.TablesInUse, match="in use"):
            migrate.bring_up_to_date(database.owner_url, database.app_url)
        # Two waits of less than a second; the rest is for a busy machine.
        assert time.monotonic() - begun < 30
    with django_db_blocker.unblock():
        assert migrate.bring_up_to_date(database.owner_url, database.app_url).applied == 0
