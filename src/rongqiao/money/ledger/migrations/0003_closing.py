"""Months that close, journals by hand, accounting codes, and the chain of journals."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from rongqiao.money.ledger.accounting_codes import AT_FIRST

HERE = Path(__file__).parent
FIRST_DAY = date(2000, 1, 1)


def sql(name: str) -> str:
    return (HERE.parent / "sql" / f"0003_{name}.sql").read_text()


def give_codes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give every line of the chart its first code; officers change it from a date on."""
    mapping = apps.get_model("ledger", "CodeMapping")
    at = datetime(2000, 1, 1, tzinfo=UTC)
    mapping.objects.bulk_create(
        mapping(
            id=UUID(int=0x7000_8000_0000_0000_0000 | number),
            line=given.line,
            code=given.code,
            title=given.title,
            effective_on=FIRST_DAY,
            reason="《企业会计准则——应用指南》附录",
            state="confirmed",
            proposed_by="system:chart",
            proposed_at=at,
            decided_by="system:migration",
            decided_at=at,
        )
        for number, given in enumerate(AT_FIRST, 1)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_months_and_modes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('journal_id', models.BigIntegerField(unique=True)),
                ('hash', models.BinaryField(max_length=32)),
                ('parts', models.BinaryField()),
            ],
            options={
                'db_table_comment': 'rights: select',
            },
        ),
        migrations.CreateModel(
            name='Closed',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('through', models.DateField()),
            ],
            options={
                'db_table_comment': 'rights: select',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='ledger_closed_once')],
            },
        ),
        migrations.CreateModel(
            name='CodeMapping',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('line', models.CharField(max_length=50)),
                ('product', models.CharField(blank=True, default='', max_length=100)),
                ('code', models.CharField(max_length=12)),
                ('title', models.CharField(max_length=60)),
                ('effective_on', models.DateField()),
                ('reason', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('rejected', 'Rejected')], default='proposed', max_length=10)),
                ('proposed_by', models.CharField(max_length=100)),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.CharField(blank=True, default='', max_length=100)),
                ('decided_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update',
                'constraints': [models.CheckConstraint(condition=models.Q(('proposed_by', models.F('decided_by')), _negated=True), name='ledger_mapping_takes_two'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by', ''), ('state', 'proposed')), models.Q(models.Q(('state', 'proposed'), _negated=True), models.Q(('decided_by', ''), _negated=True)), _connector='OR'), name='ledger_mapping_decided_or_not'), models.UniqueConstraint(condition=models.Q(('state', 'rejected'), _negated=True), fields=('line', 'product', 'effective_on'), name='ledger_mapping_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Period',
            fields=[
                ('month', models.DateField(primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('closing', 'Closing'), ('closed', 'Closed'), ('reopening', 'Reopening')], default='open', max_length=10)),
                ('proposed_by', models.CharField(blank=True, default='', max_length=100)),
                ('proposed_at', models.DateTimeField(null=True)),
                ('decided_by', models.CharField(blank=True, default='', max_length=100)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update',
                'constraints': [models.CheckConstraint(condition=models.Q(('month__day', 1)), name='ledger_period_is_a_month'), models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('proposed_by', ''), _negated=True), _connector='OR'), name='ledger_period_proposed'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'closing']), ('state', 'reopening'), models.Q(('state', 'closed'), models.Q(('decided_by', ''), _negated=True), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='ledger_period_takes_two')],
            },
        ),
        migrations.CreateModel(
            name='PeriodBalance',
            fields=[
                ('pk', models.CompositePrimaryKey('month', 'account_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('account_id', models.BigIntegerField()),
                ('opening_minor', models.BigIntegerField()),
                ('debits_minor', models.BigIntegerField()),
                ('credits_minor', models.BigIntegerField()),
                ('closing_minor', models.BigIntegerField()),
            ],
            options={
                'db_table_comment': 'rights: select',
                'constraints': [models.CheckConstraint(condition=models.Q(('closing_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening_minor'), '-', models.F('debits_minor')), '+', models.F('credits_minor')))), name='ledger_periodbalance_adds_up')],
            },
        ),
        migrations.CreateModel(
            name='PeriodStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('from_state', models.CharField(max_length=10)),
                ('to_state', models.CharField(max_length=10)),
                ('by', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'db_table_comment': 'rights: select, insert',
                'indexes': [models.Index(fields=['month', 'id'], name='ledger_period_history')],
            },
        ),
        migrations.CreateModel(
            name='ManualJournal',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent-back', 'Sent Back'), ('posted', 'Posted'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=10)),
                ('legs', models.JSONField()),
                ('reason', models.CharField(max_length=200)),
                ('reference', models.CharField(max_length=100)),
                ('value_on', models.DateField()),
                ('drafted_by', models.CharField(max_length=100)),
                ('drafted_at', models.DateTimeField()),
                ('decided_by', models.CharField(blank=True, default='', max_length=100)),
                ('decided_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('journal', models.BigIntegerField(null=True, unique=True)),
                ('reverses', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='ledger.manualjournal')),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update',
                'indexes': [models.Index(fields=['state', 'drafted_at'], name='ledger_manual_queue')],
                'constraints': [models.CheckConstraint(condition=models.Q(('drafted_by', models.F('decided_by')), _negated=True), name='ledger_manual_takes_two'), models.CheckConstraint(condition=models.Q(models.Q(('journal__isnull', False), ('state', 'posted'), models.Q(('decided_by', ''), _negated=True)), models.Q(models.Q(('state', 'posted'), _negated=True), ('journal', None)), _connector='OR'), name='ledger_manual_posted_or_not'), models.UniqueConstraint(condition=models.Q(('reverses__isnull', False), models.Q(('state', 'withdrawn'), _negated=True)), fields=('reverses',), name='ledger_manual_reversed_once')],
            },
        ),
        migrations.RunSQL(sql("closing")),
        migrations.RunSQL(sql("chain")),
        migrations.RunPython(give_codes, migrations.RunPython.noop),
    ]
