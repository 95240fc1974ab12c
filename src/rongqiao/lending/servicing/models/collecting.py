"""Cases of overdue loans: who works them, every contact, promises, proposals, what was recovered.

All amounts are fen (`*_minor`); dates ending in `_on` are business dates, save a contact's
`local_on`, which is the day in China on which it began: the contact rules count by that.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from rongqiao.lending.servicing.models.loans import NEVER_DELETED, Loan

CASE_STATES = ("open", "assigned", "handed-over", "closed")
# Days past due, from and to, both included; the first holds whatever is younger too.
CASE_BUCKETS = {"1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "90+": (91, None)}
CHANNELS = ("call", "sms", "visit", "letter")
# What a contact came to; the debtor was spoken to in those of REACHED.
REACHED = ("promised", "asks-time", "refuses", "disputes")
OUTCOMES = (*REACHED, "no-answer", "wrong-number", "somebody-else", "sent")
PROMISE_STATES = ("open", "kept", "broken")
PROPOSAL_KINDS = ("agent", "law-firm", "settlement")
PROPOSAL_STATES = ("waiting", "approved", "declined", "withdrawn", "expired", "met")


def bucket_of(oldest_due_on: date, on: date) -> str:
    """Return the bucket of a loan whose oldest unpaid instalment fell due on that date."""
    days = (on - oldest_due_on).days
    return next(name for name, (_from, to) in CASE_BUCKETS.items() if to is None or days <= to)


class CollectionCase(models.Model):
    """One loan's time past due, from the day it was found overdue until it is in order again."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="collection_cases")
    party_id = models.UUIDField(db_index=True)
    state = models.CharField(max_length=16, default="open")
    collector_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    oldest_due_on = models.DateField()
    # By when somebody has to take the next step: the case's clock.
    next_on = models.DateField()
    promise_due_on = models.DateField(null=True)
    recovered_minor = models.BigIntegerField(default=0)
    handed_to = models.CharField(max_length=80, default="")
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    # The loan's state that ended it.
    closed_by_state = models.CharField(max_length=16, default="")

    class Meta:
        db_table_comment = NEVER_DELETED
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CASE_STATES), name="case_state_known"),
            models.UniqueConstraint(
                fields=["loan"], condition=~Q(state="closed"), name="case_one_open_per_loan"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, closed_on__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None, closed_on=None)),
                name="case_closed_when_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(collector_id__isnull=False),
                name="case_assigned_to_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_on", "id"], condition=~Q(state="closed"), name="case_by_next_step"
            ),
            models.Index(
                fields=["collector_id", "next_on", "id"],
                condition=~Q(state="closed"),
                name="case_by_collector",
            ),
            models.Index(
                fields=["oldest_due_on", "id"], condition=~Q(state="closed"), name="case_by_age"
            ),
            models.Index(
                fields=["promise_due_on", "id"],
                condition=Q(promise_due_on__isnull=False),
                name="case_by_promise",
            ),
        ]


class CollectionContact(models.Model):
    """One attempt to reach a debtor: begun within the rules, then ended with what it came to."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="attempts")
    party_id = models.UUIDField()
    collector_id = models.UUIDField()
    channel = models.CharField(max_length=16)
    bucket = models.CharField(max_length=8)
    began_at = models.DateTimeField()
    local_on = models.DateField()
    on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, default="")
    note_sealed = models.BinaryField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(ended_at, outcome, note_sealed)"
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="contact_channel_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=OUTCOMES),
                name="contact_ends_with_an_outcome",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="contact_one_under_way"
            ),
        ]
        indexes = [
            models.Index(fields=["party_id", "local_on"], name="contact_by_debtor_and_day"),
            models.Index(fields=["case", "-began_at"], name="contact_by_case"),
            models.Index(fields=["on"], name="contact_by_day"),
        ]


class ContactStop(models.Model):
    """A debtor's complaint: no collector contacts them, on any loan, until it is lifted."""

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="stops")
    since_at = models.DateTimeField()
    noted_by = models.UUIDField()
    words_sealed = models.BinaryField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)
    lift_words_sealed = models.BinaryField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(lifted_at, lifted_by, lift_words_sealed)"
        constraints = [
            models.UniqueConstraint(
                fields=["party_id"], condition=Q(lifted_at=None), name="contact_stop_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | ~Q(lifted_by=models.F("noted_by")),
                name="contact_stop_lifted_by_another",
            ),
        ]


class PaymentPromise(models.Model):
    """What a debtor promised to pay by the end of a business date, and whether it came."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="promises")
    contact = models.OneToOneField(CollectionContact, models.PROTECT, related_name="promise")
    collector_id = models.UUIDField()
    bucket = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    made_on = models.DateField()
    due_on = models.DateField()
    # What the case had recovered when the promise was made: only what comes after it counts.
    recovered_before_minor = models.BigIntegerField()
    state = models.CharField(max_length=8, default="open")
    decided_on = models.DateField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(state, decided_on)"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="promise_of_something"),
            models.CheckConstraint(
                condition=Q(state="open", decided_on=None)
                | Q(state__in=("kept", "broken"), decided_on__isnull=False),
                name="promise_decided_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("made_on")), name="promise_not_of_the_past"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="promise_one_open_per_case"
            ),
        ]
        indexes = [models.Index(fields=["made_on"], name="promise_by_day")]


class CollectionRecovery(models.Model):
    """A payment on a loan while its case was open: whose work, and in which bucket."""

    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="recoveries")
    collector_id = models.UUIDField(null=True)
    bucket = models.CharField(max_length=8)
    on = models.DateField()
    amount_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="recovery_of_something")
        ]
        indexes = [
            models.Index(fields=["on"], name="recovery_by_day"),
            models.Index(fields=["case"], name="recovery_by_case"),
        ]


class CaseProposal(models.Model):
    """What one person proposes for a case and another decides: a hand-over, or a settlement.

    A settlement says what pays the overdue part off (`pays_minor` of `owed_minor`) by `pay_by`.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=16)
    firm = models.CharField(max_length=80, default="")
    owed_minor = models.BigIntegerField(default=0)
    pays_minor = models.BigIntegerField(default=0)
    pay_by = models.DateField(null=True)
    recovered_before_minor = models.BigIntegerField(default=0)
    reason_sealed = models.BinaryField()
    state = models.CharField(max_length=16)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(state, decided_by, decided_at)"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=PROPOSAL_KINDS), name="proposal_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PROPOSAL_STATES), name="proposal_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="settlement")
                | Q(pays_minor__gt=0, pays_minor__lt=models.F("owed_minor"), pay_by__isnull=False),
                name="proposal_settles_for_less",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state="waiting") | Q(state="approved", kind="settlement"),
                name="proposal_one_standing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["proposed_at"], condition=Q(state="waiting"), name="proposal_waiting"
            ),
        ]
