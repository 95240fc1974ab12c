"""A draw on a split account holds no part of it while it waits for all of them."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parents[1] / "sql" / "0007_parts.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_loan_loss_allowance"),
    ]

    # Back: the function before gives the same answers, so nothing need be undone.
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
