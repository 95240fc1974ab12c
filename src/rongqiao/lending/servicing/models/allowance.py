"""The allowance for loan losses: what it rests on, each valuation, and what moved it in the books.

Amounts are fen. A valuation keeps a row per loan, so that any figure can be traced, and the next
valuation can say what changed.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.servicing.models.loans import CLASSES

RULE_STATES = ("proposed", "released", "declined")
RUN_STATES = ("calculated", "waiting", "approved", "declined", "withdrawn")
# A run that may still be booked, or is.
STANDING = ("calculated", "waiting", "approved")
ENTRY_KINDS = ("run", "write-off", "recovery")
# What moved an allowance from one booked valuation to the next.
MOVEMENT_KINDS = (
    "new",
    "transfer-in",
    "transfer-out",
    "stage",
    "repaid",
    "remeasured",
    "parameters",
    "write-off",
    "recovery",
)


class AllowanceRule(models.Model):
    """A version of the assumptions, in force from a day on once another person released it.

    `curves`, `scenarios` and `floors` are lines as expected_loss reads them; `source` says where
    the figures come from, and whether they were measured.
    """

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    effective_on = models.DateField()
    days_increased = models.PositiveSmallIntegerField()
    days_impaired = models.PositiveSmallIntegerField()
    is_watch_increased = models.BooleanField()
    cure_months = models.PositiveSmallIntegerField()
    curves = models.TextField()
    scenarios = models.TextField()
    floors = models.TextField()
    # What of an undrawn sum counts as drawn, in percent.
    conversion_percent = models.PositiveSmallIntegerField(default=100, db_default=100)
    policy = models.CharField(max_length=16)
    source = models.CharField(max_length=1000)
    state = models.CharField(max_length=16, default="proposed")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(state, decided_by, decided_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RULE_STATES), name="allowance_rule_state_known"
            ),
            models.CheckConstraint(
                condition=Q(policy__in=("larger", "expected")), name="allowance_rule_policy_known"
            ),
            models.CheckConstraint(
                condition=Q(conversion_percent__lte=100), name="allowance_rule_converts_at_most_all"
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="allowance_rule_by_two",
            ),
        ]


class AllowanceRun(models.Model):
    """A valuation of every live loan as of a closed date, and what became of it.

    Where it rests on another version than the valuation booked before it, the same loans stand
    valued by that older version under `compared_id`, so that the change of version can be told.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    on = models.DateField()
    rule = models.ForeignKey(AllowanceRule, models.PROTECT, related_name="runs")
    compared_id = models.UUIDField(null=True)
    state = models.CharField(max_length=16, default="calculated")
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=100, default="", blank=True)
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=200, default="", blank=True)
    journal_id = models.BigIntegerField(null=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, proposed_by, proposed_at, decided_by, "
            "decided_at, declined_because, journal_id)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RUN_STATES), name="allowance_run_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (~Q(decided_by="") & ~Q(proposed_by="") & ~Q(decided_by=F("proposed_by"))),
                name="allowance_run_by_two",
            ),
        ]
        indexes = [models.Index(fields=["-on", "-made_at"], name="allowance_run_latest")]


class AllowanceLine(models.Model):
    """Loans of a product in a stage and class: how many, what is exposed, expected loss, floor."""

    run = models.ForeignKey(AllowanceRun, models.PROTECT, related_name="lines", db_index=False)
    product_code = models.CharField(max_length=40)
    stage = models.PositiveSmallIntegerField()
    risk_class = models.CharField(max_length=16)
    loans = models.PositiveIntegerField()
    principal_minor = models.BigIntegerField()
    exposure_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()
    floor_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "product_code", "stage", "risk_class"], name="allowance_line_once"
            ),
            models.CheckConstraint(
                condition=Q(stage__range=(1, 3)) & Q(risk_class__in=CLASSES),
                name="allowance_line_known",
            ),
        ]


class AllowanceProduct(models.Model):
    """What a run asks of a product's allowance, beside what the books held as of its date."""

    run = models.ForeignKey(AllowanceRun, models.PROTECT, related_name="products", db_index=False)
    product_code = models.CharField(max_length=40)
    opening_minor = models.BigIntegerField()
    target_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["run", "product_code"], name="allowance_product_once"),
            models.CheckConstraint(
                condition=Q(target_minor__gte=0) & Q(opening_minor__gte=0),
                name="allowance_product_never_negative",
            ),
        ]

    @property
    def movement_minor(self) -> int:
        """What is booked where the run is approved."""
        return self.target_minor - self.opening_minor


class AllowanceLoan(models.Model):
    """A loan as a run valued it."""

    pk = models.CompositePrimaryKey("run_id", "loan_id")
    run_id = models.UUIDField()
    loan_id = models.UUIDField()
    product_code = models.CharField(max_length=40)
    stage = models.PositiveSmallIntegerField()
    risk_class = models.CharField(max_length=16)
    principal_minor = models.BigIntegerField()
    exposure_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__range=(1, 3)) & Q(expected_minor__gte=0),
                name="allowance_loan_in_a_stage",
            )
        ]


class CommitmentLoan(models.Model):
    """A loan that may still be drawn on, as a run valued what is agreed but undrawn."""

    pk = models.CompositePrimaryKey("run_id", "loan_id")
    run_id = models.UUIDField()
    loan_id = models.UUIDField()
    product_code = models.CharField(max_length=40)
    stage = models.PositiveSmallIntegerField()
    undrawn_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__range=(1, 3))
                & Q(undrawn_minor__gt=0)
                & Q(expected_minor__range=(0, F("undrawn_minor"))),
                name="commitment_loan_in_a_stage",
            )
        ]


class CommitmentProduct(models.Model):
    """What a run asks to be provided for a product's undrawn sums: a liability of its own (2801).

    `opening_minor` is what the run booked before it asked; nothing else moves that account.
    """

    run = models.ForeignKey(AllowanceRun, models.PROTECT, related_name="undrawn", db_index=False)
    product_code = models.CharField(max_length=40)
    loans = models.PositiveIntegerField()
    undrawn_minor = models.BigIntegerField()
    opening_minor = models.BigIntegerField()
    target_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["run", "product_code"], name="commitment_product_once"),
            models.CheckConstraint(
                condition=Q(opening_minor__gte=0)
                & Q(undrawn_minor__gte=0)
                & Q(target_minor__range=(0, F("undrawn_minor"))),
                name="commitment_product_within_undrawn",
            ),
        ]

    @property
    def movement_minor(self) -> int:
        """What is booked where the run is approved."""
        return self.target_minor - self.opening_minor


class AllowanceEntry(models.Model):
    """What moved a product's allowance in the books: plus where it grew; `cause_id` what did it."""

    product_code = models.CharField(max_length=40)
    kind = models.CharField(max_length=16)
    on = models.DateField()
    minor = models.BigIntegerField()
    cause_id = models.UUIDField()
    journal_id = models.BigIntegerField()
    booked_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ENTRY_KINDS), name="allowance_entry_kind_known"
            ),
            models.UniqueConstraint(
                fields=["product_code", "kind", "cause_id"], name="allowance_entry_once"
            ),
        ]
        indexes = [models.Index(fields=["product_code", "on"], name="allowance_entry_by_product")]


class AllowanceMovement(models.Model):
    """What a booked valuation moved since the one booked before it, by product, stage and kind.

    `stage` is where the amount stands: of a loan that changed stage the new one, but for what
    leaves the old one (`transfer-out`); `other` is the stage at the other end, 0 where there is
    none. The amounts of a product sum up to the difference of the two allowances.
    """

    run = models.ForeignKey(AllowanceRun, models.PROTECT, related_name="movements", db_index=False)
    product_code = models.CharField(max_length=40)
    stage = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16)
    other = models.PositiveSmallIntegerField(default=0)
    loans = models.PositiveIntegerField()
    minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "product_code", "stage", "kind", "other"],
                name="allowance_movement_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MOVEMENT_KINDS) & Q(stage__lte=3) & Q(other__lte=3),
                name="allowance_movement_known",
            ),
        ]
