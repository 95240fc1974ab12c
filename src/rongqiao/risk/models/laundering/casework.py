"""Tables of the work against money laundering: lists, screenings, alerts, cases, reports, ratings.

Everything here stands behind a wall: only compliance officers read it (反洗钱法 art. on secrecy;
whoever reports may not tell). Entries of lists are public data and readable; what is known of a
customer is sealed (`*_sealed`), and their names are found again by keyed digests alone.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from rongqiao.finance.money import LARGEST_MINOR

INDEX_BYTES = 32


# 反洗钱法 art. 34: kept ten years; nothing of it is deleted by the application.
NEVER_DELETED = "rights: select, insert, update"


class ListKind(models.TextChoices):
    """What being on a list means."""

    SANCTION = "sanction"
    TERRORISM = "terrorism"
    PEP = "pep"
    ADVERSE = "adverse"


class NameKind(models.TextChoices):
    """Whether an entry is of a person or of a firm."""

    PERSON = "person"
    FIRM = "firm"


class AlertState(models.TextChoices):
    """An alert is open until an officer says what it is."""

    OPEN = "open"
    FALSE = "false"
    CASE = "case"


class CaseState(models.TextChoices):
    """open -> taken -> escalated -> (reported | closed), or back to taken."""

    OPEN = "open"
    TAKEN = "taken"
    ESCALATED = "escalated"
    REPORTED = "reported"
    CLOSED = "closed"


class ReportState(models.TextChoices):
    """A report is prepared, then filed by an officer who notes the authority's receipt."""

    PREPARED = "prepared"
    FILED = "filed"


class RiskLevel(models.TextChoices):
    """The rating of a customer."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ListVersion(models.Model):
    """One file of a list, as it was taken in; the latest of a code is in force."""

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=10, choices=ListKind.choices)
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    entries = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    imported_by = models.CharField(max_length=100)
    imported_at = models.DateTimeField()
    imported_on = models.DateField()
    # When customers had been screened against what it added and changed.
    rescreened_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(rescreened_at)"
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="list_version_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ListKind.values), name="list_version_kind_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["imported_at"],
                name="list_version_to_rescreen",
                condition=Q(rescreened_at=None),
            ),
        ]


class ListedEntry(models.Model):
    """Somebody on a list, from one version of it until the version that no longer has them."""

    id = models.BigAutoField(primary_key=True)
    code = models.SlugField(max_length=40)
    reference = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=NameKind.choices)
    names = ArrayField(models.TextField())
    born = ArrayField(models.CharField(max_length=10), default=list)
    numbers = ArrayField(models.CharField(max_length=60), default=list)
    countries = ArrayField(models.CharField(max_length=60), default=list)
    programme = models.CharField(max_length=200, default="", blank=True)
    remark = models.TextField(default="", blank=True)
    # SHA-256 of all of the above: a changed entry is a new row.
    digest = models.BinaryField(max_length=INDEX_BYTES)
    # 64-bit hashes of the keys that its names and numbers are found by.
    keys = ArrayField(models.BigIntegerField(), default=list)
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(until)"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "reference"],
                condition=Q(until=None),
                name="listed_entry_once_in_force",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=NameKind.values), name="listed_entry_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="listed_entry_in_order"
            ),
        ]
        indexes = [
            GinIndex(fields=["keys"], name="listed_entry_keys", condition=Q(until=None)),
            models.Index(fields=["code", "since"], name="listed_entry_since"),
        ]


class ScreenedKey(models.Model):
    """A keyed digest of a key of a customer's name: what a changed list is held against."""

    party_id = models.UUIDField()
    # Who of the customer it is: itself, or a firm's legal representative.
    part = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=INDEX_BYTES)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "party_id", "part"], name="screened_key_once"
            ),
        ]
        indexes = [models.Index(fields=["party_id"], name="screened_key_of_party")]


class Screening(models.Model):
    """Somebody was held against the lists: when, why, how many entries had to be looked at."""

    party_id = models.UUIDField()
    part = models.CharField(max_length=20)
    # registered, list-changed, not-yet (screened before) or by-hand.
    cause = models.CharField(max_length=20)
    candidates = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        indexes = [models.Index(fields=["party_id", "-at"], name="screening_of_party")]


class LaunderingCase(models.Model):
    """What compliance looks into: taken by one, its end proposed, decided by another."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    party_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=CaseState.choices)
    opened_by = models.CharField(max_length=100)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    officer = models.CharField(max_length=100, default="", blank=True)
    # `report` or `close`, and why; sealed because it says what is suspected.
    proposed = models.CharField(max_length=10, default="", blank=True)
    proposed_by = models.CharField(max_length=100, default="", blank=True)
    proposed_at = models.DateTimeField(null=True)
    reasons_sealed = models.BinaryField(null=True)
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = NEVER_DELETED
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CaseState.values), name="laundering_case_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.ESCALATED)
                | (
                    Q(proposed__in=["report", "close"], reasons_sealed__isnull=False)
                    & ~Q(proposed_by="")
                ),
                name="laundering_case_escalated_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CaseState.REPORTED, CaseState.CLOSED])
                | (~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="laundering_case_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(proposed_by=F("decided_by")),
                name="laundering_case_takes_two",
            ),
            # One party has one case at a time: what comes meanwhile belongs to it.
            models.UniqueConstraint(
                fields=["party_id"],
                condition=~Q(state__in=[CaseState.REPORTED, CaseState.CLOSED]),
                name="laundering_case_one_open",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="laundering_case_queue")]


class LaunderingAlert(models.Model):
    """Something to look at: a name that is like a listed one, or a pattern of movements."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    party_id = models.UUIDField()
    # `name` or the code of a pattern.
    kind = models.CharField(max_length=30)
    part = models.CharField(max_length=20, default="", blank=True)
    entry = models.ForeignKey(
        ListedEntry, on_delete=models.PROTECT, related_name="alerts", null=True
    )
    score = models.DecimalField(max_digits=4, decimal_places=3)
    # JSON: parts of a score, or what a pattern rests on.
    evidence_sealed = models.BinaryField()
    # The same thing is raised once: digest of party, kind and what it rests on.
    digest = models.BinaryField(max_length=INDEX_BYTES, unique=True)
    state = models.CharField(max_length=5, choices=AlertState.choices)
    raised_at = models.DateTimeField()
    raised_on = models.DateField()
    due_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    reason_sealed = models.BinaryField(null=True)
    case = models.ForeignKey(
        LaunderingCase, on_delete=models.PROTECT, related_name="alerts", null=True
    )

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, case_id, decided_by, decided_at, reason_sealed)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(state=AlertState.OPEN, decided_by="", case=None)
                | (
                    Q(state=AlertState.FALSE, case=None, reason_sealed__isnull=False)
                    & ~Q(decided_by="")
                )
                | (Q(state=AlertState.CASE, case__isnull=False) & ~Q(decided_by="")),
                name="laundering_alert_state_has_its_fields",
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="laundering_alert_score"
            ),
            models.CheckConstraint(
                condition=~Q(kind="name") | Q(entry__isnull=False),
                name="laundering_alert_name_has_entry",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="laundering_alert_queue"),
            models.Index(fields=["party_id"], name="laundering_alert_of_party"),
            models.Index(fields=["raised_on"], name="laundering_alert_raised_on"),
        ]


class CaseNote(models.Model):
    """What was found out on a case, in the officer's words; never changed."""

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(LaunderingCase, on_delete=models.PROTECT, related_name="notes")
    # note, taken, proposed, sent-back, reported, closed, alert
    step = models.CharField(max_length=10)
    text_sealed = models.BinaryField()
    by = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        indexes = [models.Index(fields=["case", "at"], name="case_note_of_case")]


class LaunderingReport(models.Model):
    """What goes to the authority: a large-value report of a day, or of suspicion."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    # `large-value` or `suspicious`.
    kind = models.CharField(max_length=12)
    party_id = models.UUIDField()
    case = models.OneToOneField(
        LaunderingCase, on_delete=models.PROTECT, related_name="report", null=True
    )
    # Of a large-value report: the line's feature code, direction, sum and the day.
    feature = models.CharField(max_length=4, default="", blank=True)
    is_in = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField(default=0)
    movements = models.PositiveIntegerField(default=0)
    happened_on = models.DateField()
    due_on = models.DateField()
    # JSON of what the file says.
    content_sealed = models.BinaryField()
    state = models.CharField(max_length=10, choices=ReportState.choices)
    prepared_by = models.CharField(max_length=100)
    prepared_at = models.DateTimeField()
    filed_by = models.CharField(max_length=100, default="", blank=True)
    filed_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(state, receipt, filed_by, filed_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="large-value", case=None) & ~Q(feature="")
                | Q(kind="suspicious", case__isnull=False, feature=""),
                name="laundering_report_kind_has_its_fields",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, amount_minor__lte=LARGEST_MINOR),
                name="laundering_report_amount_fits",
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.PREPARED, filed_by="", filed_at=None, receipt="")
                | (
                    Q(state=ReportState.FILED, filed_at__isnull=False)
                    & ~Q(filed_by="")
                    & ~Q(receipt="")
                ),
                name="laundering_report_filed_or_not",
            ),
            models.UniqueConstraint(
                fields=["party_id", "feature", "is_in", "happened_on"],
                condition=Q(kind="large-value"),
                name="laundering_report_once_a_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="laundering_report_queue")]


class WatchedDay(models.Model):
    """A business date whose movements were held against the rule and the patterns."""

    on = models.DateField(primary_key=True)
    customers = models.PositiveIntegerField()
    movements = models.PositiveIntegerField()
    alerts = models.PositiveIntegerField()
    reports = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"


class CustomerRating(models.Model):
    """How a customer was rated, from which facts, and until when; never changed."""

    id = models.UUIDField(primary_key=True, editable=False)
    party_id = models.UUIDField()
    number = models.PositiveIntegerField()
    level = models.CharField(max_length=10, choices=RiskLevel.choices)
    points = models.PositiveIntegerField()
    # The parts as codes and points; no personal data.
    parts = models.JSONField()
    # JSON of the answers: occupation, trade, region, income a month, political exposure.
    facts_sealed = models.BinaryField()
    version = models.CharField(max_length=20)
    rated_by = models.CharField(max_length=100)
    rated_at = models.DateTimeField()
    rated_on = models.DateField()
    review_on = models.DateField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["party_id", "number"], name="rating_in_order"),
            models.CheckConstraint(
                condition=Q(level__in=RiskLevel.values), name="rating_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(review_on__gt=F("rated_on")), name="rating_review_is_ahead"
            ),
        ]
        indexes = [
            models.Index(fields=["party_id", "-number"], name="rating_latest"),
            models.Index(fields=["review_on"], name="rating_review"),
        ]
