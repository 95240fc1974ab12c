"""Receipts from customers' banks, and the operator's own capital.

Each takes two people: one notes it, another confirms it; only then the books move.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.finance.money import LARGEST_MINOR


class State(models.TextChoices):
    """Registered by one, then confirmed or rejected by another."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class TwoPersonMovement(models.Model):
    """What every movement has: an amount, a first person, a second person."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    registered_by = models.CharField(max_length=100)
    registered_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    reject_reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=LARGEST_MINOR),
                name="%(class)s_amount_fits",
            ),
            models.CheckConstraint(
                condition=~Q(registered_by=F("decided_by")), name="%(class)s_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(state=State.REGISTERED, decided_at=None)
                | (~Q(state=State.REGISTERED) & Q(decided_at__isnull=False)),
                name="%(class)s_decided_or_not",
            ),
        ]


class Receipt(TwoPersonMovement):
    """A customer's transfer that arrived at the operator's bank."""

    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    payer_sealed = models.BinaryField()
    # The bank's own number of the transfer: noting one twice would make money.
    bank_serial = models.CharField(max_length=64, unique=True)
    received_on = models.DateField()

    class Meta(TwoPersonMovement.Meta):
        indexes = [
            models.Index(fields=["state", "registered_at"], name="receipt_queue"),
            models.Index(fields=["party", "-registered_at"], name="receipt_of_party"),
        ]


class CapitalInjection(TwoPersonMovement):
    """Own funds the operator pays in to lend."""

    source = models.CharField(max_length=200)
    bank_serial = models.CharField(max_length=64, unique=True)

    class Meta(TwoPersonMovement.Meta):
        indexes = [models.Index(fields=["state", "registered_at"], name="capital_queue")]
