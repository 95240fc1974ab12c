"""Changes of a running loan's terms by agreement: proposed by one person, decided by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.servicing.models.loans import Loan

# Longer; months without principal; months without any payment: each by months.
BY_MONTHS = ("extension", "principal-holiday", "payment-holiday")
# Another rate for the rest of the loan; a rate that floats with the Loan Prime Rate from now on.
BY_RATE = ("fixed-rate", "floating-rate")
# More months, a lower rate or both, because the borrower is in financial difficulty.
RESTRUCTURING = "restructuring"
KINDS = (*BY_MONTHS, *BY_RATE, RESTRUCTURING)
STATES = ("waiting", "approved", "declined", "withdrawn")


class TermChange(models.Model):
    """One change: `months` more, or of holiday, or another rate; asked for under `consent`.

    `is_end_moved` lets a holiday move the last due date; `is_spread` spreads the interest put off.
    `rate_annual` is a fixed rate; one that floats has a `spread` over `reference`, and a `reset`.
    A restructuring (重组) may bring months, a fixed rate or both; `evidence` is the number of the
    paper that shows the difficulty, and `arrears` keeps number, due date and principal in fen of
    the late rows as they stood before.
    `plan` holds the rows ahead from its day on, as a former plan keeps them; its former plan and
    its line are those of that day. The paper is the supplement to the agreement.
    """

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="term_changes")
    kind = models.CharField(max_length=20)
    months = models.PositiveSmallIntegerField(default=0)
    is_end_moved = models.BooleanField(default=False)
    is_spread = models.BooleanField(default=False)
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    reference = models.CharField(max_length=8, default="", blank=True)
    spread = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    reset = models.CharField(max_length=12, default="", blank=True)
    consent = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=16, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    proposed_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    evidence = models.CharField(max_length=80, default="", blank=True)
    arrears = models.JSONField(default=list)
    plan = models.JSONField(default=list)
    number = models.CharField(max_length=24, default="", blank=True)
    text_sealed = models.BinaryField(null=True)
    text_sha256 = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, decided_by, decided_at, decided_on, plan, "
            "arrears, number, text_sealed, text_sha256)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="term_change_kind_known"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="term_change_state_known"),
            models.CheckConstraint(
                condition=Q(kind__in=BY_MONTHS, months__gt=0, rate_annual=None, spread=None)
                | Q(kind="fixed-rate", months=0, rate_annual__gt=0, spread=None)
                | Q(kind="floating-rate", months=0, rate_annual=None, spread__isnull=False)
                | Q(kind=RESTRUCTURING, spread=None) & ~Q(evidence=""),
                name="term_change_of_something",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (
                    ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                    & Q(text_sealed__isnull=False)
                ),
                name="term_change_by_two",
            ),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(state="waiting"), name="term_change_one_waits"
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="term_change_number_once"
            ),
        ]
        indexes = [models.Index(fields=["loan", "-proposed_at"], name="term_change_of_loan")]
