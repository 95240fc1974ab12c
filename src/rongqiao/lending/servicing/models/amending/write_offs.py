"""Loans given up as lost in the books: proposed by one person, decided by another, still owed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.servicing.models.loans import BUCKETS, Loan

STATES = ("waiting", "approved", "declined", "withdrawn")


class WriteOff(models.Model):
    """What a loan owed when the books gave it up, and what of it came in since; amounts in fen.

    While it waits, the four amounts are the quote the proposer saw (`quoted_minor` together); the
    approval sets them to what leaves the books that day. The claim itself stands (账销案存).
    """

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="write_offs")
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    quoted_minor = models.BigIntegerField()
    principal_recovered_minor = models.BigIntegerField(default=0)
    interest_recovered_minor = models.BigIntegerField(default=0)
    penalty_recovered_minor = models.BigIntegerField(default=0)
    fee_recovered_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=200)
    evidence = models.CharField(max_length=1000)
    state = models.CharField(max_length=16, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    proposed_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    declined_because = models.CharField(max_length=200, default="", blank=True)
    journal_id = models.BigIntegerField(null=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(principal_minor, interest_minor, penalty_minor, "
            "fee_minor, principal_recovered_minor, interest_recovered_minor, "
            "penalty_recovered_minor, fee_recovered_minor, state, decided_by, decided_at, "
            "decided_on, declined_because, journal_id)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="write_off_state_known"),
            models.CheckConstraint(
                condition=Q(principal_recovered_minor__gte=0)
                & Q(principal_recovered_minor__lte=F("principal_minor"))
                & Q(interest_recovered_minor__gte=0)
                & Q(interest_recovered_minor__lte=F("interest_minor"))
                & Q(penalty_recovered_minor__gte=0)
                & Q(penalty_recovered_minor__lte=F("penalty_minor"))
                & Q(fee_recovered_minor__gte=0)
                & Q(fee_recovered_minor__lte=F("fee_minor")),
                name="write_off_recovers_no_more_than_owed",
            ),
            models.CheckConstraint(
                condition=Q(state="approved")
                | Q(
                    principal_recovered_minor=0,
                    interest_recovered_minor=0,
                    penalty_recovered_minor=0,
                    fee_recovered_minor=0,
                ),
                name="write_off_recovers_when_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (
                    ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                    & Q(journal_id__isnull=False)
                ),
                name="write_off_by_two",
            ),
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(state__in=("waiting", "approved")),
                name="write_off_once",
            ),
        ]
        indexes = [models.Index(fields=["-proposed_at", "-id"], name="write_off_latest")]

    def left(self, bucket: str) -> int:
        """What of `bucket` is still owed, in fen."""
        given: int = getattr(self, f"{bucket}_minor")
        came: int = getattr(self, f"{bucket}_recovered_minor")
        return given - came

    @property
    def total_minor(self) -> int:
        """All that is written off, in fen."""
        return self.principal_minor + self.interest_minor + self.penalty_minor + self.fee_minor

    @property
    def left_minor(self) -> int:
        """All that is still owed, in fen."""
        return sum(self.left(bucket) for bucket in BUCKETS)


class LoanRecovery(models.Model):
    """A payment on a written-off loan, by bucket; its number is the receipt's. Amounts in fen."""

    id = models.UUIDField(primary_key=True)
    write_off = models.ForeignKey(WriteOff, models.PROTECT, related_name="recoveries")
    number = models.CharField(max_length=24, unique=True)
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField()
    on = models.DateField()
    paid_at = models.DateTimeField()
    paid_by = models.CharField(max_length=100)
    journal_id = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0)
                & Q(interest_minor__gte=0)
                & Q(penalty_minor__gte=0)
                & Q(fee_minor__gte=0)
                & Q(left_minor__gte=0)
                & Q(principal_minor__gt=-F("interest_minor") - F("penalty_minor") - F("fee_minor")),
                name="loan_recovery_of_something",
            )
        ]
