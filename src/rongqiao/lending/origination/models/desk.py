"""Tables of the review desk: who waits since when, what was asked of whom, who went against what.

What the officer and the borrower wrote is personal: it lies sealed.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

# What a borrower may be asked for beside what the product asks of everybody.
DOCUMENT_KINDS = (
    "id-front",
    "id-back",
    "income-proof",
    "bank-statement",
    "employment-proof",
    "residence-proof",
    "property-proof",
    "purchase-contract",
    "credit-report",
    "debt-settled-proof",
    "business-licence",
    "financial-statement",
    "tax-return",
)
# Lent against the system's word, or not lent against it.
OVERRIDES_UP = ("despite-decline", "more-than-system", "better-grade")
OVERRIDES_DOWN = ("despite-criteria-met",)
OVERRIDE_CODES = (
    "income-proven-otherwise",
    "security-given",
    "known-customer",
    "data-wrong",
    "temporary-cause",
    "adverse-information",
    "facts-doubtful",
    "purpose-doubtful",
    "other",
)
REASSIGN_CODES = ("workload", "absence", "conflict", "expertise", "other")
_REQUEST_ENDS = ("", "arrived", "withdrawn", "ended")
_ANSWERS = ("", "upheld", "changed", "returned", "withdrawn")


class Waiting(models.Model):
    """A case that waits for an officer: since when, until when, how far from the line.

    `margin` is points above (below: negative) the score from which the policy decides by itself;
    `failed` counts the criteria that were not met. There is a row while the case waits.
    """

    application = models.OneToOneField(
        "origination.Application", on_delete=models.PROTECT, primary_key=True, related_name="wait"
    )
    stage = models.CharField(max_length=12)
    is_asked = models.BooleanField(default=False)
    since_at = models.DateTimeField()
    due_at = models.DateTimeField()
    margin = models.SmallIntegerField(null=True)
    failed = models.PositiveSmallIntegerField(default=0)
    # Until when documents are waited for, while a request for them is open.
    documents_due_on = models.DateField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update, delete"
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=["referred", "recommended"]), name="waiting_stage"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("since_at")), name="waiting_due_later"),
        ]
        indexes = [models.Index(fields=["stage", "due_at"], name="waiting_queue")]


class DocumentRequest(models.Model):
    """Documents a reviewer asked the borrower for, and until when; one open per case."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(
        "origination.Application", on_delete=models.PROTECT, related_name="document_requests"
    )
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    asked_on = models.DateField()
    due_on = models.DateField()
    # What the officer wrote for the borrower: sealed.
    words_sealed = models.BinaryField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, default="", blank=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(ended_at, end)"
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(ended_at=None), name="one_open_document_request"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("asked_on")), name="document_request_due_later"
            ),
            models.CheckConstraint(
                condition=Q(end__in=_REQUEST_ENDS)
                & (Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end=""))),
                name="document_request_end",
            ),
        ]


class AskedDocument(models.Model):
    """One document of a request, and the file that came for it."""

    request = models.ForeignKey(DocumentRequest, on_delete=models.PROTECT, related_name="asked")
    kind = models.CharField(max_length=32)
    document = models.OneToOneField(
        "origination.Document", on_delete=models.PROTECT, null=True, related_name="asked_by_request"
    )
    arrived_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(document_id, arrived_at)"
        constraints = [
            models.UniqueConstraint(fields=["request", "kind"], name="document_asked_once"),
            models.CheckConstraint(
                condition=Q(kind__in=DOCUMENT_KINDS), name="asked_document_kind"
            ),
            models.CheckConstraint(
                condition=Q(document=None, arrived_at=None)
                | Q(document__isnull=False, arrived_at__isnull=False),
                name="asked_document_arrived",
            ),
        ]


class Reassignment(models.Model):
    """A case that passed from one reviewer to another, by whom and why."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(
        "origination.Application", on_delete=models.PROTECT, related_name="reassignments"
    )
    was_with = models.UUIDField()
    goes_to = models.UUIDField()
    code = models.CharField(max_length=12)
    words_sealed = models.BinaryField()
    moved_by = models.UUIDField()
    moved_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=~Q(was_with=F("goes_to")), name="reassignment_goes_to_another"
            ),
            models.CheckConstraint(condition=Q(code__in=REASSIGN_CODES), name="reassignment_code"),
        ]


class Override(models.Model):
    """An officer's decision against the system's word; its own words lie with the decision."""

    decision = models.OneToOneField(
        "origination.Decision", on_delete=models.PROTECT, primary_key=True, related_name="override"
    )
    application = models.ForeignKey(
        "origination.Application", on_delete=models.PROTECT, related_name="overrides"
    )
    kind = models.CharField(max_length=24)
    code = models.CharField(max_length=24)
    officer_id = models.UUIDField()
    made_at = models.DateTimeField()
    made_on = models.DateField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[*OVERRIDES_UP, *OVERRIDES_DOWN]), name="override_kind"
            ),
            models.CheckConstraint(condition=Q(code__in=OVERRIDE_CODES), name="override_code"),
        ]
        indexes = [models.Index(fields=["made_on"], name="override_of_month")]


class ReviewRequest(models.Model):
    """A declined borrower asked for a person (个人信息保护法 art. 24): once per decision."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(
        "origination.Application", on_delete=models.PROTECT, related_name="review_requests"
    )
    decision = models.OneToOneField(
        "origination.Decision", on_delete=models.PROTECT, related_name="review_request"
    )
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # What the borrower wrote: sealed.
    words_sealed = models.BinaryField()
    answer = models.CharField(max_length=10, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=100, default="", blank=True)
    answer_decision = models.OneToOneField(
        "origination.Decision", on_delete=models.PROTECT, null=True, related_name="answers_request"
    )

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(answer, answered_at, answered_by, answer_decision_id)"
        )
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(answered_at=None),
                name="one_open_review_request",
            ),
            models.CheckConstraint(
                condition=Q(answer__in=_ANSWERS)
                & (Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False))),
                name="review_request_answer",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("asked_at")), name="review_request_due_later"
            ),
        ]
