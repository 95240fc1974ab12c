"""Operations on record, their chain of seals, the outbox, the business date, keys and files."""

from __future__ import annotations

from django.db import models


class OperationRecord(models.Model):
    """Idempotency and audit in one append-only table: who asked what, when, and the answer."""

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    actor = models.CharField(max_length=100)
    happened_at = models.DateTimeField()
    business_date = models.DateField()
    request = models.JSONField()
    request_hash = models.BinaryField(max_length=32)
    result = models.JSONField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(result)"
        constraints = [
            models.UniqueConstraint(fields=["actor", "name", "key"], name="operation_key_once"),
        ]
        indexes = [models.Index(fields=["actor", "-id"], name="operation_by_actor")]


class Unsealed(models.Model):
    """Records the sealer has yet to chain."""

    record_id = models.BigIntegerField(primary_key=True)


class Seal(models.Model):
    """One link of the audit chain: hash = SHA-256(previous hash, canonical record)."""

    position = models.BigIntegerField(primary_key=True)
    record_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table_comment = "rights: select, insert"


class OutboxEvent(models.Model):
    """A fact told in the transaction that made it true; the relay brings it to its handlers."""

    name = models.CharField(max_length=100)
    subject = models.CharField(max_length=100)
    payload = models.JSONField()
    published_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="", blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["subject", "id"],
                name="outbox_waiting",
                condition=models.Q(delivered_at=None, parked_at=None),
            ),
            models.Index(
                fields=["-id"], name="outbox_parked", condition=models.Q(parked_at__isnull=False)
            ),
        ]


class BusinessDate(models.Model):
    """The platform's own day: one row, moved by end of day alone."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    on = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_business_date")]


class StoredFile(models.Model):
    """A private file: encrypted on disk under a random name, found by its id only."""

    id = models.UUIDField(primary_key=True)
    owner = models.CharField(max_length=100, db_index=True)
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_at = models.DateTimeField()
