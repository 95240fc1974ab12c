"""What users were told, and which of them want no text messages."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    """One thing told to one user, once per `subject`; `facts` fill the sentence of its `kind`.

    Facts are amounts, dates and numbers of loans: no name, no number of a person.
    """

    user_id = models.UUIDField()
    party_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=120)
    facts = models.JSONField()
    told_at = models.DateTimeField()
    told_on = models.DateField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(read_at)"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "subject"], name="notice_told_once"),
        ]
        indexes = [
            models.Index(fields=["user_id", "-id"], name="notice_of_user"),
            models.Index(
                fields=["user_id"], condition=models.Q(read_at=None), name="notice_unread"
            ),
        ]


class Channels(models.Model):
    """A user's choice; without a row, texts are wanted."""

    user_id = models.UUIDField(primary_key=True)
    by_sms = models.BooleanField()
    changed_at = models.DateTimeField()


class ReminderDay(models.Model):
    """A business date whose reminders have all been told."""

    on = models.DateField(primary_key=True)
    told = models.PositiveIntegerField()
    done_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
