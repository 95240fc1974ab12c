"""Scoring models as they were sealed, and what two people decided on them. Rows never change."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

KINDS = ("scorecard", "trained-scorecard", "challenger")
WORDS = ("released", "retired")


class ScoringModel(models.Model):
    """One sealed model file, put forward as a version of one code.

    `body` is the file byte for byte; `sha256` is the hash that it seals itself with.
    """

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64, unique=True)
    body = models.TextField()
    trained_on = models.DateField(null=True)
    auc = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    rows = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=1000)
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="scoring_model_number"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="scoring_model_kind_known"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="scoring_model_sha256"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9-]{1,39}$"), name="scoring_model_code"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="scoring_model_says_why"),
        ]


class ModelDecision(models.Model):
    """A word on a model: released from a day on by a second person, or retired from a day on.

    `proposed_by` is that of the model, so that the database itself holds that two people released.
    """

    id = models.UUIDField(primary_key=True)
    model = models.ForeignKey(ScoringModel, models.PROTECT, related_name="decisions")
    word = models.CharField(max_length=8)
    effective_on = models.DateField()
    reason = models.CharField(max_length=1000, default="", blank=True)
    proposed_by = models.CharField(max_length=100)
    decided_by = models.CharField(max_length=100)
    decided_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["model", "word"], name="model_decision_once"),
            models.CheckConstraint(condition=Q(word__in=WORDS), name="model_decision_word_known"),
            models.CheckConstraint(
                condition=~Q(word="released") | ~Q(decided_by=F("proposed_by")),
                name="model_decision_by_two",
            ),
            models.CheckConstraint(
                condition=Q(word="released") | ~Q(reason=""), name="model_decision_says_why"
            ),
        ]
