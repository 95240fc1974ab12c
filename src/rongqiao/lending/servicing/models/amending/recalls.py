"""Loans called back before their time for a breach: proposed by one person, noticed by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.servicing.models.loans import Loan

CAUSES = ("overdue", "misuse")
# `noticed` until the day; then `made`, or `lapsed` where the breach was mended or the loan ended.
STATES = ("waiting", "declined", "withdrawn", "noticed", "revoked", "lapsed", "made")
STANDING = ("waiting", "noticed")


class Recall(models.Model):
    """One recall: `grace_days` after its notice all that is ahead falls due, on `falls_on`.

    `evidence` is the number of the paper that shows the breach. `principal_minor` and
    `interest_minor` are what fell due by it, in fen; `problem` says why it was put off last.
    """

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="recalls")
    cause = models.CharField(max_length=12)
    evidence = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    grace_days = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    proposed_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    falls_on = models.DateField(null=True)
    ended_by = models.CharField(max_length=100, default="", blank=True)
    ended_on = models.DateField(null=True)
    ended_because = models.CharField(max_length=200, default="", blank=True)
    tried_on = models.DateField(null=True)
    problem = models.CharField(max_length=300, default="", blank=True)
    principal_minor = models.BigIntegerField(default=0)
    interest_minor = models.BigIntegerField(default=0)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, decided_by, decided_at, decided_on, falls_on, "
            "ended_by, ended_on, ended_because, tried_on, problem, principal_minor, "
            "interest_minor)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="recall_cause_known"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="recall_state_known"),
            models.CheckConstraint(
                condition=~Q(evidence="") & Q(grace_days__gt=0), name="recall_by_evidence_and_grace"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "declined", "withdrawn"), falls_on=None)
                | (
                    Q(state__in=("noticed", "revoked", "lapsed", "made"))
                    & Q(falls_on__gt=F("decided_on"))
                    & ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="recall_by_two_after_notice",
            ),
            models.CheckConstraint(
                condition=~Q(state="made") | Q(ended_on__gte=F("falls_on")),
                name="recall_never_before_its_day",
            ),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(state__in=STANDING), name="recall_one_stands"
            ),
        ]
        indexes = [
            models.Index(fields=["loan", "-proposed_at"], name="recall_of_loan"),
            models.Index(
                fields=["falls_on", "loan"], condition=Q(state="noticed"), name="recall_comes"
            ),
        ]
