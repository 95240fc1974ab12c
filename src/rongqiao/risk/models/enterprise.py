"""Tables of firms' statements, ratings, overrides, monthly watches and warning cases."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.risk.enterprise.scale import GRADES
from rongqiao.risk.enterprise.watching.warnings import LEVELS

APPEND_ONLY = "rights: select, insert"
SOURCES = ("firm", "audited", "tax")
OVERRIDE_STATES = ("proposed", "approved", "declined")
CASE_STATES = ("open", "taken", "closed")
CASE_OUTCOMES = ("unfounded", "watched", "terms-changed", "recalled", "collected")


class FinancialStatement(models.Model):
    """One period's figures of a firm as somebody stated them; a later row corrects an earlier."""

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    number = models.PositiveIntegerField()
    ends_on = models.DateField()
    months = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=8)
    # Figures in yuan by name: JSON, sealed.
    figures_sealed = models.BinaryField()
    contradictions = models.JSONField()
    recorded_by = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    recorded_on = models.DateField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.UniqueConstraint(fields=["party_id", "number"], name="statement_number"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="statement_source"),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=12), name="statement_months"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__lte=F("recorded_on")), name="statement_has_ended"
            ),
        ]
        indexes = [models.Index(fields=["party_id", "-ends_on"], name="statement_of_party")]


class FirmRating(models.Model):
    """A rating as it came out: score, probability, grade, every line, what it looked at."""

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    number = models.PositiveIntegerField()
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    probability = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    grade = models.CharField(max_length=4, default="", blank=True)
    coverage = models.DecimalField(max_digits=3, decimal_places=2)
    standards = models.CharField(max_length=32)
    rules_version = models.CharField(max_length=16)
    lines = models.JSONField()
    checks = models.JSONField()
    # Which statements, answers and conduct it looked at: JSON, sealed.
    inputs_sealed = models.BinaryField()
    rated_by = models.CharField(max_length=100)
    rated_at = models.DateTimeField()
    rated_on = models.DateField()
    review_on = models.DateField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.UniqueConstraint(fields=["party_id", "number"], name="rating_number"),
            models.CheckConstraint(condition=Q(grade__in=["", *GRADES]), name="rating_grade"),
            models.CheckConstraint(
                condition=Q(grade="", score=None, probability=None)
                | (~Q(grade="") & Q(score__gte=0, score__lte=100, probability__isnull=False)),
                name="rating_is_whole_or_none",
            ),
        ]
        indexes = [models.Index(fields=["party_id", "-number"], name="rating_of_party")]


class RatingOverride(models.Model):
    """Another grade than the reckoned one: proposed with its reason, decided by a second person."""

    id = models.UUIDField(primary_key=True)
    rating = models.ForeignKey(FirmRating, on_delete=models.PROTECT, related_name="overrides")
    grade = models.CharField(max_length=4)
    reason_sealed = models.BinaryField()
    state = models.CharField(max_length=8, default="proposed")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(state, decided_by, decided_at)"
        constraints = [
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="override_grade"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by="", decided_at=None)
                | (
                    Q(state__in=["approved", "declined"], decided_at__isnull=False)
                    & ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="override_by_two",
            ),
            models.UniqueConstraint(
                fields=["rating"],
                condition=Q(state__in=["proposed", "approved"]),
                name="one_override_of_a_rating",
            ),
        ]


class FirmWatch(models.Model):
    """What early warning saw of a firm in one month: signs, level and hazard."""

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    # The first day of the month.
    month = models.DateField()
    level = models.CharField(max_length=12)
    # The chance of failing within a month.
    hazard = models.DecimalField(max_digits=7, decimal_places=6)
    signals = models.JSONField()
    rules_version = models.CharField(max_length=16)
    watched_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.UniqueConstraint(fields=["party_id", "month"], name="one_watch_a_month"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="watch_level"),
        ]
        indexes = [models.Index(fields=["month", "level"], name="watch_by_month")]


class WarningCase(models.Model):
    """A firm that somebody must look at: opened by a watch, taken, closed with what was done."""

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    watch = models.ForeignKey(FirmWatch, on_delete=models.PROTECT, related_name="cases")
    level = models.CharField(max_length=12)
    state = models.CharField(max_length=8, default="open")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    taken_by = models.CharField(max_length=100, default="", blank=True)
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, default="", blank=True)
    note_sealed = models.BinaryField(null=True)
    closed_by = models.CharField(max_length=100, default="", blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CASE_STATES), name="warning_state"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="warning_level"),
            models.CheckConstraint(
                condition=Q(state="closed", outcome__in=CASE_OUTCOMES, closed_at__isnull=False)
                | (~Q(state="closed") & Q(outcome="", closed_at=None)),
                name="warning_closed_with_outcome",
            ),
            models.UniqueConstraint(
                fields=["party_id"], condition=~Q(state="closed"), name="one_open_warning"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="warning_queue")]
