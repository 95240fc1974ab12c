"""A portfolio brought from another system: proposed by one person, approved by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

STATES = ("waiting", "approved", "done", "failed", "declined", "withdrawn")


class PortfolioImport(models.Model):
    """One import: its files (sealed in the file store), their digest, and what was checked.

    `totals` are those of `checked_on`; it is carried out on that business date or not at all.
    `approved` waits for the worker, `failed` wrote nothing and says why by a refusal's code.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    files = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    totals = models.JSONField()
    reason = models.CharField(max_length=200)
    checked_on = models.DateField()
    state = models.CharField(max_length=16, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=200, default="", blank=True)
    failed_because = models.CharField(max_length=80, default="", blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, decided_by, decided_at, declined_because, "
            "failed_because, done_at)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="import_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done", "failed", "declined"])
                | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="import_by_two",
            ),
            # What is under way or was taken over is not taken over again.
            models.UniqueConstraint(
                fields=["content_sha256"],
                condition=Q(state__in=["waiting", "approved", "done"]),
                name="import_once_per_content",
            ),
        ]
        indexes = [models.Index(fields=["-proposed_at"], name="import_latest")]
