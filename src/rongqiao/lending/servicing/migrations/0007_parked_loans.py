"""Loans that stand aside, when chunks began, and tables made for a day's close of a million loans.

An unpaid due instalment is rare, which the planner cannot tell from either column alone. A loan's
row is written anew every day: with half of each page free it stays on its page, and no index with
it.
"""

from django.db import migrations, models
import django.db.models.deletion

FORWARD = """
CREATE STATISTICS servicing_instalment_owed (mcv) ON is_due, settled_on FROM servicing_instalment;
ALTER TABLE servicing_loan SET (fillfactor = 50);
"""
BACKWARD = """
ALTER TABLE servicing_loan SET (fillfactor = 70);
DROP STATISTICS servicing_instalment_owed;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('servicing', '0006_plans_kept'),
    ]

    operations = [
        migrations.CreateModel(
            name='ParkedLoan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('step', models.CharField(max_length=16)),
                ('reason', models.CharField(max_length=300)),
                ('parked_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
                ('released_by', models.CharField(default='', max_length=80)),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update(released_at, released_by)',
            },
        ),
        migrations.RemoveIndex(
            model_name='loan',
            name='loan_by_next_due',
        ),
        migrations.AddField(
            model_name='endofdaystep',
            name='parked',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='endofdaystep',
            name='started_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='instalment',
            name='loan',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='servicing.loan'),
        ),
        migrations.AlterField(
            model_name='loanentry',
            name='loan',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='servicing.loan'),
        ),
        migrations.AddIndex(
            model_name='instalment',
            index=models.Index(condition=models.Q(('is_due', True), ('settled_on', None)), fields=['loan', 'due_on'], name='instalment_owed'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('state__in', ('active', 'overdue', 'restructured'))), fields=['period_due_on', 'id'], name='loan_falls_due'),
        ),
        migrations.AddField(
            model_name='parkedloan',
            name='loan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parkings', to='servicing.loan'),
        ),
        migrations.AddConstraint(
            model_name='parkedloan',
            constraint=models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('loan',), name='loan_parked_once'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
