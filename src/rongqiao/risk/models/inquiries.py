"""Inquiries at outside sources: what was asked about whom, on what consent, and what came back.

Columns named `*_sealed` hold AES-256-GCM ciphertext bound to table, column and row; `*_index` holds
keyed digests: equal ones are about the same person or firm, and nobody reads who.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.policies.credit.sources import BY_CODE, PURPOSES
from rongqiao.risk.models.outcomes import KNOWN, Outcome

INDEX_BYTES = 32
# What an inquiry gets once, when its end is known; a trigger lets none of them change again.
ANSWER_COLUMNS = (
    "asked_sealed, ticket, outcome, fault, tries, charged_minor, answered_at, latency_ms, "
    "cached_until, answer_sealed, answer_sha256"
)


class Inquiry(models.Model):
    """One question to one source. Its answer is set once; what was asked is erased with that."""

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    # What the purpose is about, such as an application; a plain id.
    purpose_id = models.UUIDField(null=True)
    party_id = models.UUIDField()
    subject_index = models.BinaryField(max_length=INDEX_BYTES)
    subject_shown = models.CharField(max_length=240)
    asked_index = models.BinaryField(max_length=INDEX_BYTES)
    asked_sealed = models.BinaryField(null=True)
    # The consent it rests on: the user's record of parties, and what it says.
    consent_user_id = models.UUIDField()
    consent_kind = models.CharField(max_length=40)
    consent_version = models.CharField(max_length=20)
    consent_sha256 = models.CharField(max_length=64)
    consented_at = models.DateTimeField()
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    asked_on = models.DateField()
    # What it may cost, kept back of the day's budget; what it did cost.
    cost_minor = models.PositiveIntegerField()
    charged_minor = models.PositiveIntegerField(default=0)
    # The answer of another inquiry serves this one; the failure of another is the cause of it.
    served_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    instead_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    ticket = models.CharField(max_length=64, default="", blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    fault = models.CharField(max_length=60, default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    cached_until = models.DateTimeField(null=True)
    answer_sealed = models.BinaryField(null=True)
    answer_sha256 = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        db_table_comment = f"rights: select, insert, update({ANSWER_COLUMNS})"
        indexes = [
            models.Index(fields=["party_id", "source", "-answered_at"], name="inquiry_of_party"),
            models.Index(fields=["asked_index", "-answered_at"], name="inquiry_cache"),
            models.Index(fields=["source", "-asked_at"], name="inquiry_of_source"),
            models.Index(fields=["-asked_at", "-id"], name="inquiry_newest"),
            models.Index(
                fields=["asked_at"], name="inquiry_open", condition=Q(outcome=Outcome.OPEN)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=list(BY_CODE)), name="inquiry_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=PURPOSES), name="inquiry_purpose_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="inquiry_outcome_is_known"
            ),
            # Nothing is asked before somebody agreed to it.
            models.CheckConstraint(
                condition=Q(consented_at__lte=F("asked_at")) & ~Q(consent_sha256=""),
                name="inquiry_after_consent",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.OPEN, answered_at=None)
                | (~Q(outcome=Outcome.OPEN) & Q(answered_at__gte=F("asked_at"))),
                name="inquiry_end_has_its_moment",
            ),
            # What was asked is kept only until it is answered.
            models.CheckConstraint(
                condition=Q(outcome=Outcome.OPEN, asked_sealed__isnull=False)
                | (~Q(outcome=Outcome.OPEN) & Q(asked_sealed=None)),
                name="inquiry_asked_is_erased",
            ),
            models.CheckConstraint(
                condition=Q(charged_minor__lte=F("cost_minor")), name="inquiry_charge_is_bounded"
            ),
            # An answer out of the cache costs nothing and stands where it was first given.
            models.CheckConstraint(
                condition=Q(served_from=None)
                | Q(cost_minor=0, answer_sealed=None, outcome__in=KNOWN),
                name="inquiry_served_is_free",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.ANSWERED)
                | Q(served_from__isnull=False)
                | (Q(answer_sealed__isnull=False) & ~Q(answer_sha256="")),
                name="inquiry_answer_is_there",
            ),
        ]


class InquiryDay(models.Model):
    """What inquiries at a source may still cost on a day: spent (kept back or charged) and most."""

    source = models.CharField(max_length=20)
    on = models.DateField()
    spent_minor = models.PositiveIntegerField(default=0)
    budget_minor = models.PositiveIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert, update(spent_minor)"
        constraints = [
            models.UniqueConstraint(fields=["source", "on"], name="inquiry_day_once"),
            models.CheckConstraint(
                condition=Q(spent_minor__lte=F("budget_minor")), name="inquiry_day_within_budget"
            ),
        ]


class InquiryLook(models.Model):
    """A member of staff looked at an answer in full, for a reason; never changed."""

    id = models.UUIDField(primary_key=True, editable=False)
    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="looks")
    looked_by = models.CharField(max_length=100)
    looked_at = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        db_table_comment = "rights: select, insert"
        indexes = [models.Index(fields=["inquiry", "-looked_at"], name="inquiry_look_of")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="inquiry_look_has_reason"),
        ]
