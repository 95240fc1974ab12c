"""What was quoted to a borrower, so that it is charged as quoted or not at all."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongqiao.lending.servicing.models.loans import Loan


class PayoffQuote(models.Model):
    """What closes a loan on one date, to the fen; charged as quoted or not at all."""

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="payoff_quotes")
    valid_on = models.DateField()
    quoted_at = models.DateTimeField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    prepayment_fee_minor = models.BigIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(used_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0)
                & Q(interest_minor__gte=0)
                & Q(penalty_minor__gte=0)
                & Q(fee_minor__gte=0)
                & Q(prepayment_fee_minor__gte=0),
                name="payoff_quote_not_negative",
            ),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(used_at__isnull=False), name="payoff_quote_used_once"
            ),
        ]
        indexes = [models.Index(fields=["loan", "-quoted_at"], name="payoff_quote_latest")]


class PrepaymentQuote(models.Model):
    """What paying a part early costs on one date, and the plans that could follow.

    `plans` holds the new rows by choice as FormerPlan holds the old ones; `interest_ahead_minor` is
    what the plan in force would still have earned.
    """

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="prepayment_quotes")
    valid_on = models.DateField()
    quoted_at = models.DateTimeField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    interest_ahead_minor = models.BigIntegerField()
    plans = models.JSONField()
    chosen = models.CharField(max_length=16, default="", blank=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(chosen, used_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(principal_minor__gt=0) & Q(interest_minor__gte=0) & Q(fee_minor__gte=0),
                name="prepayment_quote_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, chosen="")
                | (Q(used_at__isnull=False) & ~Q(chosen="")),
                name="prepayment_quote_used_by_choice",
            ),
        ]
        indexes = [models.Index(fields=["loan", "-quoted_at"], name="prepayment_quote_latest")]
