"""Rates that float with the Loan Prime Rate, and every rate a loan had, with what it followed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.policies.lpr import REFERENCES, RESETS

CAUSES = ("signing", "agreement", "reset")


class FloatingRate(models.Model):
    """How a loan's rate floats: `spread` over a reference, reset on `next_on` and yearly after.

    Without `next_on` it floats no more. `tried_on` and `problem` say when and why a reset was put
    off last. `spread` is a yearly fraction, below zero too.
    """

    loan = models.OneToOneField(
        Loan, models.PROTECT, related_name="floating_rate", primary_key=True
    )
    reference = models.CharField(max_length=8)
    spread = models.DecimalField(max_digits=9, decimal_places=8)
    reset = models.CharField(max_length=12)
    agreed_on = models.DateField()
    next_on = models.DateField(null=True)
    tried_on = models.DateField(null=True)
    problem = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        db_table_comment = "rights: select, insert, update"
        constraints = [
            models.CheckConstraint(
                condition=Q(reference__in=REFERENCES), name="floating_rate_reference_known"
            ),
            models.CheckConstraint(condition=Q(reset__in=RESETS), name="floating_rate_reset_known"),
        ]
        indexes = [
            models.Index(
                fields=["next_on", "loan"],
                condition=Q(next_on__isnull=False),
                name="floating_rate_resets",
            )
        ]


class RateStep(models.Model):
    """A loan's rate from `on`: what it was, what it is, and the quote it follows if it floats.

    One that floats from the signing on has a first step that changes nothing: `signing`. Rates are
    yearly fractions. `is_capped` where the reference alone would have made it another.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="rate_steps")
    no = models.PositiveIntegerField()
    on = models.DateField()
    at = models.DateTimeField()
    cause = models.CharField(max_length=12)
    change = models.OneToOneField(TermChange, models.PROTECT, null=True, related_name="rate_step")
    rate_before = models.DecimalField(max_digits=12, decimal_places=8)
    rate_after = models.DecimalField(max_digits=12, decimal_places=8)
    penalty_before = models.DecimalField(max_digits=12, decimal_places=8)
    penalty_after = models.DecimalField(max_digits=12, decimal_places=8)
    reference = models.CharField(max_length=8, default="", blank=True)
    quoted = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    quoted_on = models.DateField(null=True)
    is_capped = models.BooleanField(default=False)

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="rate_step_cause_known"),
            models.CheckConstraint(
                condition=Q(cause="agreement", change__isnull=False)
                | Q(cause__in=["signing", "reset"], change__isnull=True, quoted_on__isnull=False),
                name="rate_step_has_its_ground",
            ),
            models.CheckConstraint(
                condition=Q(rate_after__gt=0, rate_before__gt=0), name="rate_step_above_nothing"
            ),
            models.UniqueConstraint(fields=["loan", "no"], name="rate_step_once"),
        ]
