"""Every live loan as a month ended: what rates of rolling, defaulting and prepaying come from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongqiao.lending.servicing.models.loans import CLASSES

# Where a loan stands at a month's end, by days past due (0, 1-29, 30-59, 60-89, 90 and more), or
# how it left the portfolio in that month.
CURRENT, LATE_1, LATE_30, LATE_60, LATE_90, PAID, LOST = range(7)


class LoanMonth(models.Model):
    """One loan as a month ended; the last row of a loan tells how it left.

    `lent_in` is the first day of the month it was lent in; `worst` is 1 where it ever was 30 days
    past due, 2 where it ever was 90, else 0. `expected_minor` is the principal that falls due by
    the end of the next month, arrears included: what is repaid beyond it is prepaid.
    """

    pk = models.CompositePrimaryKey("on", "loan_id")
    on = models.DateField()
    loan_id = models.UUIDField()
    product_code = models.CharField(max_length=40)
    lent_in = models.DateField()
    bucket = models.PositiveSmallIntegerField()
    worst = models.PositiveSmallIntegerField()
    risk_class = models.CharField(max_length=16)
    lent_minor = models.BigIntegerField()
    principal_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(condition=Q(bucket__lte=LOST), name="loan_month_bucket_known"),
            models.CheckConstraint(condition=Q(worst__lte=2), name="loan_month_worst_known"),
            models.CheckConstraint(
                condition=Q(risk_class__in=CLASSES), name="loan_month_class_known"
            ),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0) & Q(expected_minor__gte=0),
                name="loan_month_owes_nothing_negative",
            ),
        ]
