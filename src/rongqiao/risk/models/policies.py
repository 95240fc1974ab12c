"""Versions of credit policies, the drafts they come from, and what they would have decided.

A draft is edited by its revision. A version is what somebody proposed: its document, its label and
the day it was meant for never change, and the columns' rights see to it. Somebody else releases it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

VERSION_STATES = ("proposed", "released", "refused", "withdrawn")
DRAFT_STATES = ("open", "proposed", "dropped")
ORIGINS = ("draft", "rollback", "shipped")
BACKTEST_STATES = ("waiting", "running", "done", "failed")
SOURCES = ("platform", "german-1994")


class PolicyVersion(models.Model):
    """One proposed version of one policy, in force from `effective_on` once it is released.

    `body` is the document as canonical JSON text and `sha256` its digest. `proposed_for` is the
    day the proposer meant; whoever releases it later than that says a later `effective_on`.
    """

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=80)
    origin = models.CharField(max_length=8, default="draft")
    # The version that this one was made from: edited, or brought back.
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    body = models.TextField()
    reason = models.CharField(max_length=1000)
    proposed_for = models.DateField()
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, default="proposed")
    effective_on = models.DateField(null=True)
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    decided_because = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, effective_on, decided_by, decided_at, "
            "decided_on, decided_because)"
        )
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="policy_version_number"),
            models.UniqueConstraint(
                fields=["code", "effective_on"],
                condition=Q(state="released"),
                name="policy_version_one_a_day",
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="proposed"), name="policy_version_one_waits"
            ),
            models.CheckConstraint(
                condition=Q(state__in=VERSION_STATES) & Q(origin__in=ORIGINS),
                name="policy_version_known",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="policy_version_sha256"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by="", decided_at=None, decided_on=None)
                | (~Q(state="proposed") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="policy_version_decided",
            ),
            # What comes with the house has no two people; it can come once only, as number 1.
            models.CheckConstraint(
                condition=~Q(state__in=("released", "refused"))
                | Q(origin="shipped", number=1)
                | ~Q(decided_by=F("proposed_by")),
                name="policy_version_by_two",
            ),
            models.CheckConstraint(
                condition=(~Q(state="released") & Q(effective_on=None))
                | Q(state="released", origin="shipped", effective_on__isnull=False)
                | Q(
                    state="released",
                    effective_on__gte=F("proposed_for"),
                    decided_on__lte=F("effective_on"),
                ),
                name="policy_version_not_backdated",
            ),
        ]


class PolicyDraft(models.Model):
    """A version in the making; whoever saves says which revision they read."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=40)
    based_on = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="drafts")
    body = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, default="open")
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=100)
    changed_at = models.DateTimeField()
    version = models.OneToOneField(PolicyVersion, models.PROTECT, null=True, related_name="draft")

    class Meta:
        db_table_comment = (
            "rights: select, insert, "
            "update(body, revision, state, changed_by, changed_at, version_id)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DRAFT_STATES) & Q(revision__gte=1), name="policy_draft_known"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", version__isnull=False)
                | (~Q(state="proposed") & Q(version=None)),
                name="policy_draft_became_a_version",
            ),
        ]
        indexes = [models.Index(fields=["code", "state"], name="policy_draft_open")]


class PolicyBacktest(models.Model):
    """What a document would have decided of past cases, beside the version in force.

    `asked` says over which cases and under which assumptions, `result` what came out; neither holds
    a personal fact: cases go by their application's number.
    """

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=40)
    current = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    draft = models.ForeignKey(PolicyDraft, models.PROTECT, null=True, related_name="backtests")
    version = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="backtests")
    candidate_sha256 = models.CharField(max_length=64)
    candidate_body = models.TextField()
    asked = models.JSONField()
    state = models.CharField(max_length=8, default="waiting")
    done = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(null=True)
    failure = models.CharField(max_length=300, default="", blank=True)
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, done, result, failure, finished_at)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BACKTEST_STATES) & Q(done__lte=100),
                name="policy_backtest_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(done=100, result__isnull=False, finished_at__isnull=False),
                name="policy_backtest_done",
            ),
        ]
        indexes = [models.Index(fields=["code", "-asked_at"], name="policy_backtest_latest")]
