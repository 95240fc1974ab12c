"""The tables of closing: months, their balances, the chain, journals by hand, accounting codes.

What the books rest on (`Closed`, `PeriodBalance`, `Link`) is written by SQL functions alone; the
rest is the paperwork of two people, and what they decided is never changed.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from typing_extensions import override

READ_ONLY = "rights: select"
TO_BE_KEPT = "rights: select, insert, update"


class Period(models.Model):
    """A month of the books; without a row it is open. `proposed_by` and `decided_by` are actors."""

    class State(models.TextChoices):
        """Between two states stands a proposal: one officer proposes, another decides."""

        OPEN = "open"
        CLOSING = "closing"
        CLOSED = "closed"
        REOPENING = "reopening"

    month = models.DateField(primary_key=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    proposed_by = models.CharField(max_length=100, default="", blank=True)
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = TO_BE_KEPT
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="ledger_period_is_a_month"),
            models.CheckConstraint(
                condition=Q(state="open") | ~Q(proposed_by=""), name="ledger_period_proposed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closing"])
                | Q(state="reopening")
                | (Q(state="closed") & ~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="ledger_period_takes_two",
            ),
        ]

    @override
    def __str__(self) -> str:
        """Return the month, as 2026-01."""
        return f"{self.month:%Y-%m}"


class PeriodStep(models.Model):
    """What was done to a month, by whom and why; append-only."""

    month = models.DateField()
    from_state = models.CharField(max_length=10)
    to_state = models.CharField(max_length=10)
    by = models.CharField(max_length=100)
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = "rights: select, insert"
        indexes = [models.Index(fields=["month", "id"], name="ledger_period_history")]

    @override
    def __str__(self) -> str:
        """Return the month and the step."""
        return f"{self.month:%Y-%m} {self.from_state} -> {self.to_state}"


class Closed(models.Model):
    """One row: no journal is valued on or before `through`."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    through = models.DateField()

    class Meta:
        db_table_comment = READ_ONLY
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ledger_closed_once")]

    @override
    def __str__(self) -> str:
        """Return the last closed day."""
        return self.through.isoformat()


class PeriodBalance(models.Model):
    """An account over a closed month, fen, credit-positive: reports start from here.

    Only accounts that moved or that hold something have a row.
    """

    pk = models.CompositePrimaryKey("month", "account_id")
    month = models.DateField()
    account_id = models.BigIntegerField()
    opening_minor = models.BigIntegerField()
    debits_minor = models.BigIntegerField()
    credits_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = READ_ONLY
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    closing_minor=F("opening_minor") - F("debits_minor") + F("credits_minor")
                ),
                name="ledger_periodbalance_adds_up",
            ),
        ]

    @override
    def __str__(self) -> str:
        """Return the month and the account's number."""
        return f"{self.month:%Y-%m} {self.account_id}"


class Link(models.Model):
    """One link of the books' chain: hash = SHA-256(previous hash, digest of the journal).

    `parts` is eight bytes of each digest that the journal's is made of (its head, then each leg):
    they prove nothing, but tell which of them changed.
    """

    position = models.BigIntegerField(primary_key=True)
    journal_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)
    parts = models.BinaryField()

    class Meta:
        db_table_comment = READ_ONLY

    @override
    def __str__(self) -> str:
        """Return the position and the journal's number."""
        return f"{self.position}: journal {self.journal_id}"


class ManualJournal(models.Model):
    """A journal that an officer wrote by hand and another one decides on.

    `legs`: a list of [account, fen as text (credit above zero), currency].
    """

    class State(models.TextChoices):
        """Waiting for the second officer; sent back to the first; posted; or given up."""

        WAITING = "waiting"
        SENT_BACK = "sent-back"
        POSTED = "posted"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    legs = models.JSONField()
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=100)
    value_on = models.DateField()
    drafted_by = models.CharField(max_length=100)
    drafted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    # Why it was sent back.
    note = models.CharField(max_length=200, default="", blank=True)
    journal = models.BigIntegerField(null=True, unique=True)
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="reversals"
    )

    class Meta:
        db_table_comment = TO_BE_KEPT
        constraints = [
            models.CheckConstraint(
                condition=~Q(drafted_by=F("decided_by")), name="ledger_manual_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(state="posted", journal__isnull=False) & ~Q(decided_by="")
                | ~Q(state="posted") & Q(journal=None),
                name="ledger_manual_posted_or_not",
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False) & ~Q(state="withdrawn"),
                name="ledger_manual_reversed_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "drafted_at"], name="ledger_manual_queue")]

    @override
    def __str__(self) -> str:
        """Return its number."""
        return self.number


class CodeMapping(models.Model):
    """Which accounting code a line of the chart is reported under, from a date on.

    `line` is a name or prefix of the chart; `product` a product's code, or nothing for all.
    """

    class State(models.TextChoices):
        """Proposed by one officer, decided by another."""

        PROPOSED = "proposed"
        CONFIRMED = "confirmed"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, editable=False)
    line = models.CharField(max_length=50)
    product = models.CharField(max_length=100, default="", blank=True)
    code = models.CharField(max_length=12)
    title = models.CharField(max_length=60)
    effective_on = models.DateField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = TO_BE_KEPT
        constraints = [
            models.CheckConstraint(
                condition=~Q(proposed_by=F("decided_by")), name="ledger_mapping_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by="")
                | ~Q(state="proposed") & ~Q(decided_by=""),
                name="ledger_mapping_decided_or_not",
            ),
            models.UniqueConstraint(
                fields=["line", "product", "effective_on"],
                condition=~Q(state="rejected"),
                name="ledger_mapping_once_a_day",
            ),
        ]

    @override
    def __str__(self) -> str:
        """Return the line and its code."""
        return f"{self.line} {self.product} -> {self.code}"
