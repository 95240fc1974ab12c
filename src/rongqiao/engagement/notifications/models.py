"""What users were told, by which channels they want it, and the mails on their way."""

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
    """A user's choice; without a row, texts and mails are wanted, mails in Chinese."""

    user_id = models.UUIDField(primary_key=True)
    by_sms = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)
    language = models.CharField(max_length=8, default="zh-hans")
    changed_at = models.DateTimeField()


class MailState(models.TextChoices):
    """How far a mail came."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"


class MailMessage(models.Model):
    """A mail on its way; its words are erased once the provider has taken it.

    `user_id` is whom a notice is for; without one it is a code of the log-in itself.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user_id = models.UUIDField(null=True)
    address_sealed = models.BinaryField()
    address_index = models.BinaryField(max_length=32)
    words_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=MailState.choices)
    queued_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    gateway_number = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["queued_at"],
                name="mail_unsettled",
                condition=models.Q(state__in=(MailState.QUEUED, MailState.SENT)),
            ),
        ]


class StoppedAddress(models.Model):
    """An address that takes no mail: nothing is sent there until its user asks for it again."""

    address_index = models.BinaryField(max_length=32)
    since_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(lifted_at)"
        constraints = [
            models.UniqueConstraint(
                fields=["address_index"],
                condition=models.Q(lifted_at=None),
                name="mail_stop_one_standing",
            ),
        ]


class ReminderDay(models.Model):
    """A business date whose reminders have all been told."""

    on = models.DateField(primary_key=True)
    told = models.PositiveIntegerField()
    done_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
