"""The portfolio's months, summed up so that a page reads hundreds of rows and not millions."""

from __future__ import annotations

from django.db import models

APPEND_ONLY = "rights: select, insert"


class CohortMonth(models.Model):
    """Loans of a product and a month of lending that moved between two places in one month.

    Places and amounts are those of `lending.servicing.queries.months.Moved`.
    """

    on = models.DateField()
    product_code = models.CharField(max_length=40)
    lent_in = models.DateField()
    was = models.SmallIntegerField(null=True)
    now = models.SmallIntegerField()
    loans = models.PositiveIntegerField()
    lent_minor = models.BigIntegerField()
    before_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()
    now_minor = models.BigIntegerField()
    prepaid_minor = models.BigIntegerField()
    reached_30 = models.PositiveIntegerField()
    reached_30_lent_minor = models.BigIntegerField()
    reached_90 = models.PositiveIntegerField()
    reached_90_lent_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.UniqueConstraint(
                fields=["on", "product_code", "lent_in", "was", "now"],
                name="cohort_month_once",
                nulls_distinct=False,
            ),
        ]


class EarnedMonth(models.Model):
    """What a product's loans earned in the month that ended on `on`, as the books have it."""

    on = models.DateField()
    product_code = models.CharField(max_length=40)
    interest_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.UniqueConstraint(fields=["on", "product_code"], name="earned_month_once"),
        ]
