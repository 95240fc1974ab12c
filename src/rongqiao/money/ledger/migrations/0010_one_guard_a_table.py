"""One guard a table of the books instead of two or three: a transfer copies fewer."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parents[1] / "sql" / "0010"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0009_one_table_of_keys"),
    ]

    operations = [
        # Back: one guard a table refuses what two refused.
        migrations.RunSQL((FOLDER / "guards.sql").read_text(), migrations.RunSQL.noop),
    ]
