"""Room for the changes of balances: pages are cleared once in many changes, not after each."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parents[1] / "sql" / "0011" / "room.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_one_guard_a_table"),
    ]

    operations = [
        # Back: the writers as they are now need the column.
        migrations.RunSQL(FILE.read_text(), migrations.RunSQL.noop),
    ]
