import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('servicing', '0004_loan_months'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormerPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('no', models.PositiveIntegerField()),
                ('cause', models.CharField(max_length=16)),
                ('replaced_on', models.DateField()),
                ('replaced_at', models.DateTimeField()),
                ('rows', models.JSONField()),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_plans', to='servicing.loan')),
            ],
            options={
                'db_table_comment': 'rights: select, insert',
                'constraints': [models.UniqueConstraint(fields=('loan', 'no'), name='former_plan_once')],
            },
        ),
        migrations.CreateModel(
            name='PrepaymentQuote',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('valid_on', models.DateField()),
                ('quoted_at', models.DateTimeField()),
                ('principal_minor', models.BigIntegerField()),
                ('interest_minor', models.BigIntegerField()),
                ('fee_minor', models.BigIntegerField()),
                ('interest_ahead_minor', models.BigIntegerField()),
                ('plans', models.JSONField()),
                ('chosen', models.CharField(blank=True, default='', max_length=16)),
                ('used_at', models.DateTimeField(null=True)),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prepayment_quotes', to='servicing.loan')),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update(chosen, used_at)',
                'indexes': [models.Index(fields=['loan', '-quoted_at'], name='prepayment_quote_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('principal_minor__gt', 0), ('interest_minor__gte', 0), ('fee_minor__gte', 0)), name='prepayment_quote_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('chosen', ''), ('used_at__isnull', True)), models.Q(('used_at__isnull', False), models.Q(('chosen', ''), _negated=True)), _connector='OR'), name='prepayment_quote_used_by_choice')],
            },
        ),
        migrations.AlterModelTableComment(
            name='instalment',
            table_comment='rights: select, insert, update, delete',
        ),
        migrations.RemoveConstraint(
            model_name='instalment',
            name='instalment_due_after_start',
        ),
        migrations.RemoveConstraint(
            model_name='loanentry',
            name='entry_kind_known',
        ),
        migrations.AddField(
            model_name='instalment',
            name='is_prepayment',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='loan',
            name='day_count',
            field=models.CharField(db_default='30/360', default='30/360', max_length=16),
        ),
        migrations.AddField(
            model_name='loan',
            name='prepayment',
            field=models.CharField(db_default='any', default='any', max_length=16),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('from_on')), models.Q(('due_on__gte', models.F('from_on')), ('is_prepayment', True)), _connector='OR'), name='instalment_due_after_start'),
        ),
        migrations.AddConstraint(
            model_name='loanentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('disbursement', 'fall-due', 'penalty', 'repayment', 'settlement', 'payoff', 'prepayment'))), name='entry_kind_known'),
        ),
    ]
