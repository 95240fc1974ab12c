"""Borrowers who died or are bankrupt: no penalty, no collecting and no debit while it stands."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

KINDS = ("death", "bankruptcy")


class BorrowerHold(models.Model):
    """One hold on all loans of a party, from `from_on` until `lifted_on`, that day left out.

    `document` is the number of the paper that shows it, `lift_document` of the one that ends it.
    """

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    document = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    from_on = models.DateField()
    put_by = models.CharField(max_length=100)
    put_at = models.DateTimeField()
    lifted_on = models.DateField(null=True)
    lifted_by = models.CharField(max_length=100, default="", blank=True)
    lifted_at = models.DateTimeField(null=True)
    lift_document = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(lifted_on, lifted_by, lifted_at, lift_document)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="hold_kind_known"),
            models.CheckConstraint(condition=~Q(document=""), name="hold_by_document"),
            models.CheckConstraint(
                condition=Q(lifted_on=None, lifted_by="", lift_document="")
                | (
                    Q(lifted_on__gte=F("from_on"), lifted_at__isnull=False)
                    & ~Q(lifted_by="")
                    & ~Q(lift_document="")
                ),
                name="hold_lifted_by_document",
            ),
            models.UniqueConstraint(
                fields=["party_id"], condition=Q(lifted_on=None), name="hold_one_stands"
            ),
        ]
        indexes = [models.Index(fields=["party_id", "-from_on"], name="hold_of_party")]
