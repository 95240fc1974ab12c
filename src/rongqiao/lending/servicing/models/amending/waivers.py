"""What the lender gives up of a loan's charges: proposed by one person, decided by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.servicing.models.loans import Loan

STATES = ("waiting", "approved", "declined", "withdrawn")


class Waiver(models.Model):
    """Interest, penalty interest and fees that are due and shall not be asked for; in fen."""

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="waivers")
    interest_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=16, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    proposed_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, decided_by, decided_at, decided_on)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="waiver_state_known"),
            models.CheckConstraint(
                condition=Q(interest_minor__gte=0)
                & Q(penalty_minor__gte=0)
                & Q(fee_minor__gte=0)
                & Q(interest_minor__gt=-F("penalty_minor") - F("fee_minor")),
                name="waiver_gives_something_up",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="waiver_by_two",
            ),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(state="waiting"), name="waiver_one_waits"
            ),
        ]
        indexes = [models.Index(fields=["loan", "-proposed_at"], name="waiver_of_loan")]

    @property
    def total_minor(self) -> int:
        """All that is given up, in fen."""
        return self.interest_minor + self.penalty_minor + self.fee_minor
