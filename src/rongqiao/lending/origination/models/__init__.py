"""Tables of origination: applications and what decided them, agreements, limits and drawings.

Answers, inputs of a decision and agreement texts are personal: they lie sealed. Decisions,
milestones, agreements and signed copies are only ever added.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

import rongqiao.lending.origination.models.concentration
import rongqiao.lending.origination.models.desk  # noqa: F401 - registers its tables
from rongqiao.lending.origination.states import State

APPEND_ONLY = "rights: select, insert"
# A vehicle free of other charges stands for it.
PRIORITIES = ("free-vehicle",)
CUT_REASONS = ("risk", "asked", "rules")
# Which policy decided: the one in force, or the one that is tried beside it.
ARMS = ("champion", "challenger")
_SHA256 = r"^[0-9a-f]{64}$"
_STATES = [state.value for state in State]


class Application(models.Model):
    """A request for one product by one party: a saved draft, then a case, then an agreement."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    party_id = models.UUIDField()
    started_by = models.UUIDField()
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(
        "products.ProductVersion", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=12, default=State.DRAFT)
    # What the borrower filled in so far, step by step: JSON, sealed.
    answers_sealed = models.BinaryField()
    revision = models.PositiveIntegerField(default=0)
    amount_minor = models.BigIntegerField(null=True)
    term_count = models.PositiveSmallIntegerField(null=True)
    # The offer that stands: set by a decision, cleared when the case goes back to draft.
    offered_minor = models.BigIntegerField(null=True)
    offered_term = models.PositiveSmallIntegerField(null=True)
    offered_rate_annual = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    offered_grade = models.CharField(max_length=4, default="", blank=True)
    offer_ends_on = models.DateField(null=True)
    apply_again_on = models.DateField(null=True)
    # Why it goes first in the reviewers' queue: a code, nothing for the ordinary ones.
    goes_first_for = models.CharField(max_length=16, default="", db_default="", blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=_STATES), name="application_state"),
            models.CheckConstraint(
                condition=Q(goes_first_for__in=["", *PRIORITIES]), name="application_priority"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "accepted", "signed", "funded", "countered"])
                | Q(
                    offered_minor__gt=0,
                    offered_term__gt=0,
                    offered_rate_annual__gt=0,
                    offer_ends_on__isnull=False,
                ),
                name="application_offer",
            ),
        ]
        indexes = [
            models.Index(fields=["party_id", "-created_at"], name="application_of_party"),
            models.Index(fields=["state", "submitted_at"], name="application_queue"),
            models.Index(
                fields=["offer_ends_on"],
                name="application_offers_open",
                condition=Q(state__in=["approved", "accepted", "signed"]),
            ),
        ]


class Milestone(models.Model):
    """One state an application reached: the tracker's line. `note` is a code, never a text."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="milestones"
    )
    state = models.CharField(max_length=12)
    at = models.DateTimeField()
    on = models.DateField()
    actor = models.CharField(max_length=100)

    class Meta:
        db_table_comment = APPEND_ONLY


class Document(models.Model):
    """A file beside an application, checked and stored; a newer one of its kind replaces it."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=32)
    file_id = models.UUIDField(unique=True)
    media_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField()
    uploaded_by = models.CharField(max_length=100)
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(removed_at)"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(removed_at=None),
                name="one_document_of_a_kind",
            ),
        ]


class Review(models.Model):
    """One officer's work on a referred application: taken, then closed with an outcome."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    reviewer_id = models.UUIDField()
    assigned_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(closed_at=None), name="one_open_review"
            ),
        ]


class Decision(models.Model):
    """What was decided, by whom, from which inputs and under which versions. Never changed."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=12)  # screening, review, approval
    outcome = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField(null=True)
    term_count = models.PositiveSmallIntegerField(null=True)
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    grade = models.CharField(max_length=4, default="", blank=True)
    score = models.IntegerField(null=True)
    # Codes with their facts, gravest first.
    reasons = models.JSONField()
    # Of the credit policy, its points table, the judging engine and the product.
    versions = models.JSONField()
    inputs_sealed = models.BinaryField()
    # What the judge answered, word for word with its trace; empty where a person decided. The
    # digests name the answer, the policy and the model: with the inputs they give it again.
    answer_sealed = models.BinaryField(null=True)
    answer_sha256 = models.CharField(max_length=64, default="", db_default="", blank=True)
    policy_sha256 = models.CharField(max_length=64, default="", db_default="", blank=True)
    model_sha256 = models.CharField(max_length=64, default="", db_default="", blank=True)
    # Which of two policies decided, and what the other would have said: never acted on.
    arm = models.CharField(max_length=10, default="", db_default="", blank=True)
    shadow = models.JSONField(null=True)
    apply_again_on = models.DateField(null=True)
    decided_by = models.CharField(max_length=100)
    decided_at = models.DateTimeField()
    decided_on = models.DateField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="decision_number"),
            models.CheckConstraint(
                condition=Q(answer_sealed=None, answer_sha256="", policy_sha256="", arm="")
                & Q(model_sha256="", shadow=None)
                | Q(
                    answer_sealed__isnull=False,
                    answer_sha256__regex=_SHA256,
                    policy_sha256__regex=_SHA256,
                    arm__in=ARMS,
                ),
                name="decision_answer_whole",
            ),
        ]


class CreditLimit(models.Model):
    """What a party may draw in all under one signed limit agreement, and how much it uses."""

    id = models.UUIDField(primary_key=True)
    agreement = models.OneToOneField(
        "origination.Agreement", on_delete=models.PROTECT, related_name="limit"
    )
    party_id = models.UUIDField()
    version = models.ForeignKey(
        "products.ProductVersion", on_delete=models.PROTECT, related_name="+"
    )
    amount_minor = models.BigIntegerField()
    reserved_minor = models.BigIntegerField(default=0)
    drawn_minor = models.BigIntegerField(default=0)
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8)
    granted_on = models.DateField()
    valid_until = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, reserved_minor__gte=0, drawn_minor__gte=0)
                & Q(amount_minor__gte=F("reserved_minor") + F("drawn_minor")),
                name="limit_is_never_passed",
            ),
        ]
        indexes = [models.Index(fields=["party_id"], name="limit_of_party")]


class LimitCut(models.Model):
    """A lowering of a credit limit by the lender, in fen; `reason` is what the borrower reads."""

    id = models.UUIDField(primary_key=True)
    limit = models.ForeignKey(CreditLimit, on_delete=models.PROTECT, related_name="cuts")
    was_minor = models.BigIntegerField()
    becomes_minor = models.BigIntegerField()
    reason = models.CharField(max_length=16)
    cut_by = models.UUIDField()
    cut_at = models.DateTimeField()
    cut_on = models.DateField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.CheckConstraint(
                condition=Q(becomes_minor__gte=0, becomes_minor__lt=F("was_minor")),
                name="limit_cut_lowers",
            ),
            models.CheckConstraint(condition=Q(reason__in=CUT_REASONS), name="limit_cut_reason"),
        ]


class Drawing(models.Model):
    """One use of a credit limit: asked with its cost shown, signed, disbursed, repaid."""

    id = models.UUIDField(primary_key=True)
    limit = models.ForeignKey(CreditLimit, on_delete=models.PROTECT, related_name="drawings")
    amount_minor = models.BigIntegerField()
    term_count = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12)  # proposed, reserved, drawn, released, repaid
    repaid_minor = models.BigIntegerField(default=0)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, repaid_minor__gte=0)
                & Q(amount_minor__gte=F("repaid_minor")),
                name="drawing_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "reserved", "drawn", "released", "repaid"]),
                name="drawing_state",
            ),
        ]


class CostSheet(models.Model):
    """综合融资成本明示表 as it was shown: for an application's offer or for a drawing."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="cost_sheets"
    )
    drawing = models.ForeignKey(
        Drawing, on_delete=models.PROTECT, null=True, related_name="cost_sheets"
    )
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    for_on = models.DateField()
    reading_seconds = models.PositiveSmallIntegerField()
    shown_to = models.UUIDField()
    shown_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(confirmed_by, confirmed_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(application=None, drawing__isnull=False)
                | Q(application__isnull=False, drawing=None),
                name="cost_sheet_has_one_cause",
            ),
        ]


class Agreement(models.Model):
    """A signed contract and its evidence: the canonical text sealed, its hash in the open.

    One that was `imported` was signed with another lender and is kept there: it has no cause and no
    cost sheet here, and its text says where it is.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=8)  # loan, limit, drawing, imported
    party_id = models.UUIDField()
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, null=True, related_name="agreement"
    )
    drawing = models.OneToOneField(
        Drawing, on_delete=models.PROTECT, null=True, related_name="agreement"
    )
    version = models.ForeignKey(
        "products.ProductVersion", on_delete=models.PROTECT, related_name="+"
    )
    product_code = models.CharField(max_length=32)
    amount_minor = models.BigIntegerField()
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8)
    term_count = models.PositiveSmallIntegerField()
    # What is lent first of a loan that is drawn in several sums; None where it is lent whole.
    first_minor = models.BigIntegerField(null=True)
    sheet = models.OneToOneField(
        CostSheet, on_delete=models.PROTECT, null=True, related_name="agreement"
    )
    text_sealed = models.BinaryField()
    text_sha256 = models.CharField(max_length=64, db_index=True)
    text_version = models.CharField(max_length=16)
    # Who confirmed, from where, under which statement: JSON, sealed.
    confirmation_sealed = models.BinaryField()
    signed_by = models.UUIDField()
    signed_at = models.DateTimeField()
    signed_on = models.DateField()
    # Servicing takes an agreement up in the transaction that makes its loan; only one side wins.
    taken_up_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(taken_up_at, cancelled_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["loan", "limit"], application__isnull=False, drawing=None)
                | Q(kind="drawing", application=None, drawing__isnull=False)
                | Q(kind="imported", application=None, drawing=None),
                name="agreement_has_one_cause",
            ),
            models.CheckConstraint(
                condition=Q(kind="imported", sheet=None)
                | (~Q(kind="imported") & Q(sheet__isnull=False)),
                name="agreement_shows_its_cost",
            ),
            models.CheckConstraint(
                condition=Q(taken_up_at=None) | Q(cancelled_at=None),
                name="agreement_taken_up_or_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(first_minor=None)
                | Q(kind="loan", first_minor__gt=0, first_minor__lt=F("amount_minor")),
                name="agreement_lends_a_part_first",
            ),
        ]
        indexes = [models.Index(fields=["party_id", "-signed_at"], name="agreement_of_party")]


class SignedCopy(models.Model):
    """The PDF of an agreement, signed by the platform: rendered once, kept for ever."""

    agreement = models.OneToOneField(
        Agreement, on_delete=models.PROTECT, primary_key=True, related_name="copy"
    )
    file_id = models.UUIDField(unique=True)
    file_sha256 = models.CharField(max_length=64, unique=True)
    signed_with = models.CharField(max_length=64)
    kept_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY
