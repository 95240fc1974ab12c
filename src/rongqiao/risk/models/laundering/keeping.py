"""Tables of what compliance put right about who is linked, and of what was erased in time.

All of it stands behind the wall (see `laundering`).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least


class ClearingGround(models.TextChoices):
    """Why a link does not count: there is none, or money came from a namesake of theirs."""

    NO_LINK = "no-link"
    NAMESAKE = "namesake"


class ClearedLink(models.Model):
    """An officer's word on a link between two parties; the last in number counts, none is changed.

    A word for one of them is one for the other. It is about the `reasons` that linked them then:
    another reason links them again.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    party_id = models.UUIDField()
    other_id = models.UUIDField(db_index=True)
    # Of the words on the two, whoever of them was named first.
    number = models.PositiveIntegerField()
    reasons = ArrayField(models.CharField(max_length=20))
    # Whether it is cleared, or a word before is taken back.
    is_cleared = models.BooleanField()
    ground = models.CharField(max_length=10, choices=ClearingGround.choices)
    reason_sealed = models.BinaryField()
    cleared_by = models.CharField(max_length=100)
    cleared_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=ClearingGround.values), name="cleared_link_ground_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(party_id=F("other_id")), name="cleared_link_is_of_two"
            ),
            models.UniqueConstraint(
                Least("party_id", "other_id"),
                Greatest("party_id", "other_id"),
                "number",
                name="cleared_link_in_order",
            ),
        ]
        indexes = [models.Index(fields=["party_id"], name="cleared_link_of_party")]


class LaunderingErasure(models.Model):
    """The records of a customer whose business ended ten years before a day are gone: how many.

    Written by the database's own function alone, which erases in the same breath.
    """

    id = models.BigAutoField(primary_key=True)
    party_id = models.UUIDField()
    # The customer's business ended on this day or before it.
    ended_by = models.DateField()
    screenings = models.PositiveIntegerField()
    ratings = models.PositiveIntegerField()
    alerts = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    reports = models.PositiveIntegerField()
    links = models.PositiveIntegerField()
    erased_at = models.DateTimeField()
    erased_on = models.DateField()

    class Meta:
        db_table_comment = "rights: select"
        indexes = [models.Index(fields=["party_id"], name="laundering_erasure_party")]
