"""What moved the allowance from one booked valuation to the next."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = ("new", "transfer-in", "transfer-out", "stage", "repaid", "remeasured", "parameters", "write-off", "recovery")


class Migration(migrations.Migration):

    dependencies = [
        ('servicing', '0020_further_draws'),
    ]

    operations = [
        migrations.AddField(
            model_name='allowancerun',
            name='compared_id',
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name='AllowanceMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_code', models.CharField(max_length=40)),
                ('stage', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(max_length=16)),
                ('other', models.PositiveSmallIntegerField(default=0)),
                ('loans', models.PositiveIntegerField()),
                ('minor', models.BigIntegerField()),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='servicing.allowancerun')),
            ],
            options={
                'db_table_comment': 'rights: select, insert',
                'constraints': [
                    models.UniqueConstraint(fields=('run', 'product_code', 'stage', 'kind', 'other'), name='allowance_movement_once'),
                    models.CheckConstraint(condition=models.Q(('kind__in', KINDS), ('stage__lte', 3), ('other__lte', 3)), name='allowance_movement_known'),
                ],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON servicing_allowancemovement "
            "FOR EACH ROW EXECUTE FUNCTION platform_refuse_change()",
            "DROP TRIGGER no_change ON servicing_allowancemovement",
        ),
    ]
