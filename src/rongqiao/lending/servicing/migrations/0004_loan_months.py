"""Every loan as a month ended, in a table that only grows."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("servicing", "0003_collecting")]
    operations = [
        migrations.CreateModel(
            name="LoanMonth",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "on",
                        "loan_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("on", models.DateField()),
                ("loan_id", models.UUIDField()),
                ("product_code", models.CharField(max_length=40)),
                ("lent_in", models.DateField()),
                ("bucket", models.PositiveSmallIntegerField()),
                ("worst", models.PositiveSmallIntegerField()),
                ("risk_class", models.CharField(max_length=16)),
                ("lent_minor", models.BigIntegerField()),
                ("principal_minor", models.BigIntegerField()),
                ("expected_minor", models.BigIntegerField()),
            ],
            options={
                "db_table_comment": "rights: select, insert",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(bucket__lte=6), name="loan_month_bucket_known"
                    ),
                    models.CheckConstraint(condition=Q(worst__lte=2), name="loan_month_worst_known"),
                    models.CheckConstraint(
                        condition=Q(
                            risk_class__in=(
                                "pass",
                                "special-mention",
                                "substandard",
                                "doubtful",
                                "loss",
                            )
                        ),
                        name="loan_month_class_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(principal_minor__gte=0) & Q(expected_minor__gte=0),
                        name="loan_month_owes_nothing_negative",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON servicing_loanmonth "
            "FOR EACH ROW EXECUTE FUNCTION platform_refuse_change()",
            "DROP TRIGGER no_change ON servicing_loanmonth",
        ),
    ]
