"""Tables of concentration limits: what is kept from gathering in, and what counts under it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

# What lending is kept from gathering in: one borrower, one person with the firms they stand for,
# an industry, a province, a product, and all of it.
CONCENTRATIONS = ("borrower", "group", "industry", "region", "product", "whole")
_LIMIT_RIGHTS = (
    "rights: select, insert, update(state, decided_by, decided_at, declined_because);"
    " what was proposed never changes"
)


class ConcentrationLimit(models.Model):
    """The most principal that may be out on one borrower, group, industry, ...: a version of it.

    Without a key it is for each of its kind; `person` and `organization` are for each borrower of
    that sort. The latest released one of a kind and key counts, the closest key first; without an
    amount there is no limit any more. Where it is a share, the amount is `percent` of `net_assets`.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=64, default="", blank=True)
    number = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField(null=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    net_assets_minor = models.BigIntegerField(null=True)
    from_on = models.DateField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    proposed_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = _LIMIT_RIGHTS
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=CONCENTRATIONS), name="concentration_limit_kind"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | Q(state="withdrawn", decided_at__isnull=False)
                | (
                    Q(state__in=["released", "declined"], decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="concentration_limit_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__gte=0),
                name="concentration_limit_amount",
            ),
            models.CheckConstraint(
                condition=Q(percent=None, net_assets_minor=None)
                | Q(percent__gt=0, net_assets_minor__gt=0, amount_minor__isnull=False),
                name="concentration_limit_share",
            ),
            models.UniqueConstraint(
                fields=["kind", "key", "number"], name="concentration_limit_number"
            ),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state="waiting"),
                name="concentration_limit_waits_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "key", "-from_on", "-number"],
                condition=Q(state="released"),
                name="concentration_limit_in_force",
            ),
        ]


class Exposure(models.Model):
    """What is committed and not paid back of one borrower, group, industry, ..., in fen.

    It may stand above a limit that was lowered later, so no CHECK holds it under one: who signs
    does, under the lock of this row. `broader` is the sort of a borrower, as limits name it.
    """

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=64)
    broader = models.CharField(max_length=12, default="", blank=True)
    used_minor = models.BigIntegerField(default=0)
    # When what was paid back was last taken in; on the row of the whole alone.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="exposure_once"),
            models.CheckConstraint(condition=Q(used_minor__gte=0), name="exposure_not_negative"),
        ]


class Commitment(models.Model):
    """What one signed loan or drawing counts for, and where; `left_minor` still does.

    It counts in full from the signature, as its loan's principal after each close, not at all once
    it is cancelled.
    """

    agreement = models.OneToOneField(
        "origination.Agreement",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="commitment",
    )
    party_id = models.UUIDField()
    party_kind = models.CharField(max_length=12)
    # Keyed digest of the natural person behind the party: comparable, unreadable.
    group_key = models.CharField(max_length=64, db_index=True)
    industry = models.CharField(max_length=20)
    region = models.CharField(max_length=2)
    amount_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(left_minor__gte=0, left_minor__lte=F("amount_minor")),
                name="commitment_in_bounds",
            ),
        ]
