"""Tables of fraud: sightings, lists, rings, cases, referrals and rulings on pay-outs.

`index` columns hold keyed digests of an attribute's normal form (`platform.crypto.blind_index`):
the value itself is stored nowhere here. A subject is a party, or the log-in of somebody who has not
said yet who they are; `TracedAccount` tells whom a log-in turned out to be.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.risk.fraud.attributes import Kind
from rongqiao.risk.fraud.farm import Ruling
from rongqiao.risk.fraud.profile import Deed

# The mark that every deed leaves, whatever else was seen: the subject itself.
SELF = "self"
KINDS = (SELF, *(kind.value for kind in Kind))
DEEDS = tuple(deed.value for deed in Deed)
INDEX_BYTES = 32
STANDINGS = ("black", "grey", "white")
TWO_PERSON = ("black", "white")
ENTRY_STATES = ("waiting", "in-force", "declined", "ended")
OPEN = ("open", "taken", "proposed")
CASE_STATES = (*OPEN, "confirmed", "cleared")
ABOUTS = ("party", "ring")
APPEND_ONLY = "rights: select, insert"


class TracedAccount(models.Model):
    """Whom a log-in turned out to be."""

    account_id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField(db_index=True)
    since_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY


class Trace(models.Model):
    """A subject did something and was seen with an attribute; never changed, deleted in time."""

    subject_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    index = models.BinaryField(max_length=INDEX_BYTES)
    deed = models.CharField(max_length=12)
    seen_at = models.DateTimeField()

    class Meta:
        # `forget_sightings` deletes what is past its term (PIPL art. 19).
        db_table_comment = "rights: select, insert, delete"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=KINDS, deed__in=DEEDS), name="trace_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["subject_id", "kind", "seen_at"], name="trace_of_subject"),
            models.Index(fields=["kind", "index", "seen_at"], name="trace_of_attribute"),
        ]


class ListEntry(models.Model):
    """An attribute on the black, grey or white list, until a day; black and white take two."""

    id = models.UUIDField(primary_key=True)
    standing = models.CharField(max_length=6)
    kind = models.CharField(max_length=12)
    index = models.BinaryField(max_length=INDEX_BYTES)
    hint = models.CharField(max_length=60)
    reason = models.CharField(max_length=200)
    from_on = models.DateField()
    until_on = models.DateField()
    state = models.CharField(max_length=10)
    added_by = models.CharField(max_length=100)
    added_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, default="", blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, "
            "update(state, decided_by, decided_at, ended_by, ended_at, ended_because)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    standing__in=STANDINGS,
                    kind__in=KINDS,
                    state__in=ENTRY_STATES,
                    until_on__gte=F("from_on"),
                ),
                name="list_entry_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(added_by=F("decided_by")), name="list_entry_takes_two"
            ),
            models.CheckConstraint(
                condition=~Q(standing__in=TWO_PERSON, state="in-force") | ~Q(decided_by=""),
                name="list_entry_in_force_was_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | Q(ended_at__isnull=False),
                name="list_entry_ended_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["kind", "index", "standing"],
                condition=Q(state__in=["waiting", "in-force"]),
                name="list_entry_once",
            ),
        ]
        indexes = [models.Index(fields=["-added_at", "-id"], name="list_entry_newest")]


class Ring(models.Model):
    """Parties that hang together by what they share, as last gathered; ended once they do not."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    size = models.PositiveIntegerField()
    kinds = models.CharField(max_length=200)
    found_at = models.DateTimeField()
    gathered_at = models.DateTimeField()
    is_live = models.BooleanField(default=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(size, kinds, gathered_at, is_live)"
        indexes = [models.Index(fields=["-size", "id"], name="ring_largest")]


class RingMember(models.Model):
    """A subject in a ring now."""

    subject_id = models.UUIDField(primary_key=True)
    ring = models.ForeignKey(Ring, on_delete=models.PROTECT, related_name="members")
    since_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert, delete"


class RingRun(models.Model):
    """When rings were gathered, up to which sighting and list entry."""

    traces_upto = models.BigIntegerField()
    lists_upto = models.DateTimeField(null=True)
    rings = models.PositiveIntegerField()
    gathered_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY


class FraudCase(models.Model):
    """A suspicion that a person looks at: of a party or of a whole ring."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    about = models.CharField(max_length=6)
    subject_id = models.UUIDField()
    state = models.CharField(max_length=10, default="open")
    score = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    taken_by = models.CharField(max_length=100, default="", blank=True)
    proposed_by = models.CharField(max_length=100, default="", blank=True)
    closed_by = models.CharField(max_length=100, default="", blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, "
            "update(state, score, taken_by, proposed_by, closed_by, closed_at)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(about__in=ABOUTS, state__in=CASE_STATES, score__lte=100),
                name="fraud_case_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, closed_at=None)
                | Q(state__in=["confirmed", "cleared"], closed_at__isnull=False),
                name="fraud_case_closed_or_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | (~Q(proposed_by="") & ~Q(closed_by=F("proposed_by"))),
                name="fraud_case_confirmed_by_two",
            ),
            models.UniqueConstraint(
                fields=["subject_id"], condition=Q(state__in=OPEN), name="fraud_case_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["subject_id", "-opened_at"], name="fraud_case_of_subject"),
            models.Index(fields=["state", "-score", "opened_at"], name="fraud_case_queue"),
        ]


class FraudFinding(models.Model):
    """A rule that a case met: with which value, against which bound, by which version."""

    case = models.ForeignKey(FraudCase, on_delete=models.PROTECT, related_name="findings")
    code = models.CharField(max_length=40)
    figure = models.CharField(max_length=60)
    value = models.CharField(max_length=40)
    bound = models.CharField(max_length=40)
    points = models.PositiveSmallIntegerField()
    rules_version = models.CharField(max_length=20)
    found_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.UniqueConstraint(
                fields=["case", "code", "value", "rules_version"], name="fraud_finding_once"
            ),
        ]


class FraudAct(models.Model):
    """What was done on a case, by whom and why."""

    case = models.ForeignKey(FraudCase, on_delete=models.PROTECT, related_name="acts")
    verb = models.CharField(max_length=12)
    reason = models.CharField(max_length=500, default="", blank=True)
    actor = models.CharField(max_length=100)
    acted_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY


class Referral(models.Model):
    """Who brought whom; said once."""

    referee_id = models.UUIDField(primary_key=True)
    referrer_id = models.UUIDField(db_index=True)
    referred_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY


class PayoutRulingRecord(models.Model):
    """What was ruled on a pay-out for bringing somebody, and why; never changed."""

    id = models.UUIDField(primary_key=True)
    payout_id = models.UUIDField(db_index=True)
    referrer_id = models.UUIDField()
    referee_id = models.UUIDField()
    ruling = models.CharField(max_length=6)
    why = models.JSONField()
    ruled_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.CheckConstraint(
                condition=Q(ruling__in=[ruling.value for ruling in Ruling]),
                name="payout_ruling_is_known",
            ),
        ]
