"""What each transfer pays for anew: one guard a table instead of three, a hash by fewer functions."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parents[1] / "sql" / "0010"


def sql(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((FOLDER / f"{name}.sql").read_text(), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0009_one_table_of_keys"),
    ]

    # Back: one guard a table refuses what three refused, and the hash is the same.
    operations = [sql("guards"), sql("hash")]
