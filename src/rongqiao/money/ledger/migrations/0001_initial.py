"""The books: tables, then the guards and the only writers, which are SQL (folder `sql`)."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


def sql(name: str) -> str:
    return (Path(__file__).parents[1] / "sql" / f"0001_{name}.sql").read_text()


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('code', models.TextField(unique=True)),
                ('family', models.TextField()),
                ('currency', models.CharField(max_length=3)),
                ('balance_minor', models.BigIntegerField(default=0)),
                ('held_minor', models.BigIntegerField(default=0)),
                ('floor_minor', models.BigIntegerField(default=0)),
                ('opened_at', models.DateTimeField()),
            ],
            options={
                'db_table_comment': 'rights: select',
                'constraints': [models.CheckConstraint(condition=models.Q(('balance_minor__gte', django.db.models.expressions.CombinedExpression(models.F('floor_minor'), '+', models.F('held_minor')))), name='ledger_account_floor')],
            },
        ),
        migrations.CreateModel(
            name='Journal',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('document', models.TextField()),
                ('value_on', models.DateField()),
                ('booked_at', models.DateTimeField()),
                ('actor', models.TextField()),
                ('reverses', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='ledger.journal')),
            ],
            options={
                'db_table_comment': 'rights: select',
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('pk', models.CompositePrimaryKey('journal_id', 'leg', blank=True, editable=False, primary_key=True, serialize=False)),
                ('leg', models.IntegerField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
                ('journal', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.journal')),
            ],
            options={
                'db_table_comment': 'rights: select',
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('amount_minor', models.BigIntegerField()),
                ('document', models.TextField()),
                ('state', models.TextField(default='open')),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
            ],
            options={
                'db_table_comment': 'rights: select',
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['account'], name='ledger_hold_open'), models.Index(condition=models.Q(('expires_at__isnull', False), ('state', 'open')), fields=['expires_at'], name='ledger_hold_expiring')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__range', (1, 1000000000000000))), name='ledger_hold_amount'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'released', 'captured', 'expired'])), name='ledger_hold_state')],
            },
        ),
        migrations.AddConstraint(
            model_name='journal',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='ledger_journal_reversed_once'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(fields=['account', 'journal'], name='ledger_posting_statement'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(sql("keys"))],
            state_operations=[
                migrations.CreateModel(
                    name='Key',
                    fields=[
                        ('key', models.TextField(primary_key=True, serialize=False)),
                        ('request_hash', models.BinaryField(max_length=32)),
                        ('about', models.TextField()),
                        ('answer', models.BigIntegerField()),
                    ],
                    options={
                        'db_table_comment': 'rights: select',
                    },
                ),
            ],
        ),
        migrations.RunSQL(sql("guards")),
        migrations.RunSQL(sql("writers")),
        migrations.RunSQL(sql("holds")),
    ]
