"""Placement plans: what a period's money is to be lent on, proposed by one, released by another.

Amounts are fen, rates yearly fractions. A plan's figures never change, and the columns' rights see
to it; another plan for the same months takes its place.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

PLAN_STATES = ("proposed", "released", "declined", "withdrawn", "superseded")


class PlacementPlan(models.Model):
    """One version of a plan for whole months, `first_on` to `last_on`, both included.

    `placed_minor` and `loss_minor` are the sums of its lines: amounts and expected loss. `source`
    says where rates of default and loss come from, and whether they were measured.
    """

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    first_on = models.DateField()
    last_on = models.DateField()
    budget_minor = models.BigIntegerField()
    loss_ceiling_minor = models.BigIntegerField()
    placed_minor = models.BigIntegerField()
    loss_minor = models.BigIntegerField()
    source = models.CharField(max_length=1000)
    state = models.CharField(max_length=12, default="proposed")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(state, decided_by, decided_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PLAN_STATES), name="placement_plan_state_known"
            ),
            models.CheckConstraint(
                condition=Q(first_on__day=1) & Q(last_on__gt=F("first_on")),
                name="placement_plan_whole_months",
            ),
            models.CheckConstraint(
                condition=Q(placed_minor__gt=0)
                & Q(placed_minor__lte=F("budget_minor"))
                & Q(loss_minor__gte=0)
                & Q(loss_minor__lte=F("loss_ceiling_minor")),
                name="placement_plan_within_its_bounds",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="placement_plan_has_a_source"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by="", decided_at=None)
                | (~Q(state="proposed") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="placement_plan_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("released", "declined", "superseded"))
                | ~Q(decided_by=F("proposed_by")),
                name="placement_plan_by_two",
            ),
            ExclusionConstraint(
                name="placement_plan_one_a_period",
                expressions=[
                    (
                        Func(F("first_on"), F("last_on"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(state="released"),
            ),
        ]


class PlacementLine(models.Model):
    """A plan's line: one product and grade, its amount and bounds, what it earns and costs."""

    plan = models.ForeignKey(PlacementPlan, models.PROTECT, related_name="lines", db_index=False)
    no = models.PositiveSmallIntegerField()
    product_code = models.CharField(max_length=32)
    grade = models.CharField(max_length=4)
    amount_minor = models.BigIntegerField()
    floor_minor = models.BigIntegerField()
    cap_minor = models.BigIntegerField()
    rate = models.DecimalField(max_digits=12, decimal_places=8)
    funds = models.DecimalField(max_digits=12, decimal_places=8)
    cost = models.DecimalField(max_digits=12, decimal_places=8)
    default_rate = models.DecimalField(max_digits=12, decimal_places=8)
    loss_given_default = models.DecimalField(max_digits=12, decimal_places=8)
    months = models.PositiveSmallIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["plan", "no"], name="placement_line_number"),
            models.UniqueConstraint(
                fields=["plan", "product_code", "grade"], name="placement_line_once"
            ),
            models.CheckConstraint(
                condition=Q(floor_minor__gte=0)
                & Q(amount_minor__gte=F("floor_minor"))
                & Q(amount_minor__lte=F("cap_minor")),
                name="placement_line_within_its_bounds",
            ),
            models.CheckConstraint(
                condition=Q(rate__range=(0, 1))
                & Q(funds__range=(0, 1))
                & Q(cost__range=(0, 1))
                & Q(default_rate__range=(0, 1))
                & Q(loss_given_default__range=(0, 1))
                & Q(months__gte=1),
                name="placement_line_fractions",
            ),
        ]
