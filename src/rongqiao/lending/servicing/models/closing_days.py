"""A closing business date: its chunks of work, and the portfolio as it closed."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Q

from rongqiao.lending.servicing.models.loans import CLASSES, NEVER_DELETED, Loan


class EndOfDayStep(models.Model):
    """One chunk of one step of one closing day: to do, then done, with what it changed.

    `totals` holds what the chunk added to the sub-ledger by product and bucket; the books follow
    in one journal per product and day, and `booked_at` says when.
    """

    on = models.DateField()
    step = models.CharField(max_length=16)
    chunk = models.PositiveIntegerField()
    # Loans with first_loan <= id < before_loan; the last chunk is open-ended.
    first_loan = models.UUIDField()
    before_loan = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    changed = models.PositiveIntegerField(default=0)
    parked = models.PositiveIntegerField(default=0)
    totals = models.JSONField(default=dict)
    booked_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = NEVER_DELETED
        constraints = [
            models.UniqueConstraint(fields=["on", "step", "chunk"], name="eod_step_once"),
            models.CheckConstraint(
                condition=Q(booked_at=None) | Q(done_at__isnull=False),
                name="eod_step_done_before_booked",
            ),
        ]
        indexes = [
            models.Index(fields=["on"], condition=Q(booked_at=None), name="eod_step_unbooked"),
        ]


class ParkedLoan(models.Model):
    """A loan that a step of a closing day could not take: no later day touches it until released.

    `on` is the first business date that it missed.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="parkings")
    on = models.DateField()
    step = models.CharField(max_length=16)
    reason = models.CharField(max_length=300)
    parked_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=80, default="")

    class Meta:
        db_table_comment = "rights: select, insert, update(released_at, released_by)"
        constraints = [
            models.UniqueConstraint(
                fields=["loan"], condition=Q(released_at=None), name="loan_parked_once"
            ),
        ]

    @property
    def booked_to(self) -> date:
        """The first day whose interest no closing day has booked."""
        return self.on if self.step == "accrue" else self.on + timedelta(days=1)


class PortfolioDay(models.Model):
    """The portfolio as a business date closed, by product and five-tier class."""

    on = models.DateField()
    product_code = models.CharField(max_length=40)
    risk_class = models.CharField(max_length=16)
    loans = models.PositiveIntegerField()
    loans_overdue = models.PositiveIntegerField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(
                fields=["on", "product_code", "risk_class"], name="portfolio_day_once"
            ),
            models.CheckConstraint(
                condition=Q(risk_class__in=CLASSES), name="portfolio_day_class_known"
            ),
        ]
