"""Months of the books, and balances kept in three ways: on the row, rolled up, or in parts."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


def sql(name: str) -> migrations.RunSQL:
    path = Path(__file__).parents[1] / "sql" / "0002" / f"{name}.sql"
    return migrations.RunSQL(path.read_text())


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                sql("accounts"),
                sql("months"),
                sql("proof"),
                sql("horizon"),
                sql("writers"),
                sql("split"),
                sql("holds"),
                sql("distribute"),
            ],
            state_operations=[
                migrations.AddField('account', 'mode', models.TextField()),
                migrations.AddField('account', 'rolled_to', models.BigIntegerField()),
                migrations.AlterField('account', 'code', models.TextField()),
                migrations.AddConstraint('account', models.UniqueConstraint(fields=('code',), name='ledger_account_code_key')),
                migrations.RemoveConstraint('journal', 'ledger_journal_reversed_once'),
                migrations.AddField('posting', 'value_on', models.DateField()),
                migrations.CreateModel(
                    name='Part',
                    fields=[
                        ('pk', models.CompositePrimaryKey('account_id', 'nr', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('nr', models.SmallIntegerField()),
                        ('balance_minor', models.BigIntegerField()),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
                    ],
                    options={'db_table_comment': 'rights: select'},
                ),
                migrations.CreateModel(
                    name='Reversal',
                    fields=[
                        ('reversed_id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('journal_id', models.BigIntegerField(unique=True)),
                    ],
                    options={'db_table_comment': 'rights: select'},
                ),
                migrations.CreateModel(
                    name='Horizon',
                    fields=[
                        ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                        ('observed_id', models.BigIntegerField()),
                        ('proven_id', models.BigIntegerField()),
                    ],
                    options={'db_table_comment': 'rights: select'},
                ),
                migrations.CreateModel(
                    name='Balance',
                    fields=[
                        ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('code', models.TextField(unique=True)),
                        ('family', models.TextField()),
                        ('currency', models.CharField(max_length=3)),
                        ('mode', models.TextField()),
                        ('balance_minor', models.BigIntegerField()),
                        ('held_minor', models.BigIntegerField()),
                        ('floor_minor', models.BigIntegerField()),
                    ],
                    options={'managed': False, 'db_table': 'ledger_balance'},
                ),
            ],
        ),
    ]
