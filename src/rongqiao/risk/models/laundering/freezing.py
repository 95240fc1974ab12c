"""Tables of money set aside because its owner is on a list: since when, what, and how it ended.

A freeze is in force until two officers end it; what comes into the wallet meanwhile joins it. All
of it stands behind the wall (see `laundering`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.finance.money import LARGEST_MINOR
from rongqiao.risk.models.laundering.casework import LaunderingCase


class FreezeState(models.TextChoices):
    """in-force -> ending (proposed) -> ended, or back to in-force."""

    IN_FORCE = "in-force"
    ENDING = "ending"
    ENDED = "ended"


class Freeze(models.Model):
    """A customer's money may not move: for which case, since when, and who ended it and why."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    case = models.ForeignKey(LaunderingCase, on_delete=models.PROTECT, related_name="freezes")
    party_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=FreezeState.choices)
    placed_by = models.CharField(max_length=100)
    placed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=100, default="", blank=True)
    proposed_at = models.DateTimeField(null=True)
    reason_sealed = models.BinaryField(null=True)
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, "
            "update(state, proposed_by, proposed_at, reason_sealed, decided_by, decided_at)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=FreezeState.IN_FORCE,
                    proposed_by="",
                    proposed_at=None,
                    reason_sealed=None,
                    decided_by="",
                    decided_at=None,
                )
                | (
                    Q(
                        state=FreezeState.ENDING,
                        proposed_at__isnull=False,
                        reason_sealed__isnull=False,
                        decided_by="",
                        decided_at=None,
                    )
                    & ~Q(proposed_by="")
                )
                | (
                    Q(
                        state=FreezeState.ENDED,
                        proposed_at__isnull=False,
                        reason_sealed__isnull=False,
                        decided_at__isnull=False,
                    )
                    & ~Q(proposed_by="")
                    & ~Q(decided_by="")
                ),
                name="freeze_state_has_its_fields",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(proposed_by=F("decided_by")),
                name="freeze_end_takes_two",
            ),
            models.UniqueConstraint(
                fields=["party_id"],
                condition=~Q(state=FreezeState.ENDED),
                name="freeze_one_in_force",
            ),
        ]
        indexes = [models.Index(fields=["state", "-placed_at"], name="freeze_queue")]


class FrozenSum(models.Model):
    """One sum that a freeze keeps: the ledger's hold, under a number that says nothing."""

    id = models.UUIDField(primary_key=True, editable=False)
    freeze = models.ForeignKey(Freeze, on_delete=models.PROTECT, related_name="sums")
    hold_id = models.BigIntegerField(unique=True)
    number = models.CharField(max_length=20, unique=True)
    amount_minor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=LARGEST_MINOR),
                name="frozen_sum_amount",
            ),
        ]
