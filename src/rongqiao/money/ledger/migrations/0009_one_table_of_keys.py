"""Keys in one table, and closed months that refuse by themselves: a transfer costs less."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parents[1] / "sql" / "0009"


def sql(name: str) -> migrations.RunSQL:
    # Back: the tables and functions as they are now answer the code before alike.
    return migrations.RunSQL((FOLDER / f"{name}.sql").read_text(), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0008_portfolio_taken_over"),
    ]

    operations = [sql("keys"), sql("months"), sql("transfer")]
