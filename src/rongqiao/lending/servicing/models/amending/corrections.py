"""Payments put right: taken back, or counted from an earlier day; by two people."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.servicing.models.loans import Loan

# A payment is taken back because somebody erred or because the bank took its money back, or one is
# counted from an earlier day than the one it is booked on.
TAKEN_BACK = ("operator-error", "charge-back")
BACK_DATED = "back-dating"
KINDS = (*TAKEN_BACK, BACK_DATED)
STATES = ("waiting", "approved", "declined", "withdrawn")


class Correction(models.Model):
    """One payment to put right, and what that did once it was agreed; amounts in fen.

    `payment_journal` is the journal of the payment taken back, `booked_journal` the one that takes
    it back or that books a payment of an earlier day. `effect` holds the loan's figures before and
    after.
    """

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=16)
    payment_journal = models.BigIntegerField(null=True)
    value_on = models.DateField()
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=16, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    proposed_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    booked_journal = models.BigIntegerField(null=True)
    effect = models.JSONField(default=dict)

    class Meta:
        db_table_comment = (
            "rights: select, insert, "
            "update(state, decided_by, decided_at, decided_on, booked_journal, effect)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="correction_state_known"),
            models.CheckConstraint(
                condition=Q(kind__in=TAKEN_BACK, payment_journal__isnull=False)
                | Q(kind=BACK_DATED, payment_journal=None),
                name="correction_names_its_payment",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="correction_of_something"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (
                    ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                    & Q(booked_journal__isnull=False)
                ),
                name="correction_by_two",
            ),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(state="waiting"), name="correction_one_waits"
            ),
            models.UniqueConstraint(
                fields=["payment_journal"],
                condition=Q(state="approved"),
                name="correction_takes_back_once",
            ),
        ]
        indexes = [models.Index(fields=["loan", "-proposed_at"], name="correction_of_loan")]
