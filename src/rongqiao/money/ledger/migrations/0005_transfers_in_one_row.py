"""A journal from one account to another holds its legs itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def sql(name: str) -> migrations.RunSQL:
    path = Path(__file__).parents[1] / "sql" / "0005" / f"{name}.sql"
    return migrations.RunSQL(path.read_text())


def leg_of(model: str) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to=f"ledger.{model}")


def fields() -> list[tuple[str, models.Field[Any, Any]]]:
    return [
        ("pk", models.CompositePrimaryKey("journal_id", "leg", blank=True, editable=False, primary_key=True, serialize=False)),
        ("leg", models.IntegerField()),
        ("amount_minor", models.BigIntegerField()),
        ("value_on", models.DateField()),
        ("currency", models.CharField(max_length=3)),
        ("account", leg_of("account")),
        ("journal", leg_of("journal")),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_transfers_underway"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[sql("legs"), sql("writers")],
            state_operations=[
                migrations.AddField("journal", "source_id", models.BigIntegerField()),
                migrations.AddField("journal", "target_id", models.BigIntegerField()),
                migrations.AddField("journal", "amount_minor", models.BigIntegerField()),
                migrations.AddField("journal", "currency", models.CharField(max_length=3)),
                migrations.DeleteModel("posting"),
                migrations.CreateModel(
                    name="Posting",
                    fields=fields(),
                    options={"db_table": "ledger_posting", "managed": False},
                ),
                migrations.CreateModel(
                    name="JournalLeg",
                    fields=fields(),
                    options={
                        "db_table": "ledger_leg",
                        "db_table_comment": "rights: select",
                        "indexes": [models.Index(fields=["account", "journal"], name="ledger_leg_statement")],
                    },
                ),
                migrations.AddIndex("journal", models.Index(fields=["source_id", "id"], name="ledger_journal_source")),
                migrations.AddIndex("journal", models.Index(fields=["target_id", "id"], name="ledger_journal_target")),
            ],
        ),
    ]
