"""Tables of collateral: items, what they were valued at, what they secure, how they are judged.

All amounts are fen (`*_minor`). What an item is lies sealed. Valuations are only ever added; a
released pledge never changes again.
"""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.collateral.kinds import KINDS
from rongqiao.lending.collateral.valuing import Worth, Yardstick

NAMES = tuple(KINDS)
BASES = ("market", "income", "cost", "guide", "face")
PLEDGES = ("proposed", "agreed", "declined", "withdrawn", "released")
RELEASES = ("waiting", "released", "declined", "withdrawn")
REASONS = ("settled", "surplus", "substituted")
RULES = ("waiting", "released", "declined", "withdrawn")
APPEND_ONLY = "rights: select, insert"


class CollateralRule(models.Model):
    """How one kind is judged, as a version: the latest released one that has begun counts.

    Fractions, not percentages. `is_assumed` marks what the operator assumes; `source` says whence.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    haircut = models.DecimalField(max_digits=5, decimal_places=4)
    ltv_max = models.DecimalField(max_digits=5, decimal_places=4)
    coverage_min = models.DecimalField(max_digits=5, decimal_places=4)
    stale_after_days = models.PositiveIntegerField()
    is_assumed = models.BooleanField()
    source = models.CharField(max_length=300)
    from_on = models.DateField()
    state = models.CharField(max_length=10, default="waiting")
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, decided_by, decided_at, declined_because)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NAMES, state__in=RULES), name="collateral_rule_known"
            ),
            models.CheckConstraint(
                condition=Q(haircut__gte=0, haircut__lte=1)
                & Q(ltv_max__gt=0, ltv_max__lte=1)
                & Q(coverage_min__gte=0, stale_after_days__gt=0)
                & ~Q(source=""),
                name="collateral_rule_in_bounds",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["released", "declined"])
                | (Q(decided_at__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="collateral_rule_by_two",
            ),
            models.UniqueConstraint(fields=["kind", "number"], name="collateral_rule_number"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(state="waiting"), name="collateral_rule_waits_once"
            ),
        ]

    @property
    def yardstick(self) -> Yardstick:
        """The figures as the pure rules take them."""
        return Yardstick(
            haircut=self.haircut,
            ltv_max=self.ltv_max,
            coverage_min=self.coverage_min,
            stale_after_days=self.stale_after_days,
        )


class Collateral(models.Model):
    """One vehicle, property, claim, deposit or guarantee, given by a party or for it.

    Its value, the charges of others before ours and the day are those of its latest valuation;
    `secured_minor` is the sum of its standing pledges: a trigger holds the two to each other.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12)
    party_id = models.UUIDField()
    particulars_sealed = models.BinaryField()
    identity_index = models.BinaryField()
    face_minor = models.BigIntegerField(null=True)
    ends_on = models.DateField(null=True)
    value_minor = models.BigIntegerField(default=0)
    prior_minor = models.BigIntegerField(default=0)
    valued_on = models.DateField(null=True)
    secured_minor = models.BigIntegerField(default=0)
    registered_by = models.CharField(max_length=100)
    registered_at = models.DateTimeField()
    registered_on = models.DateField()
    retired_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=100, default="", blank=True)
    retired_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(value_minor, prior_minor, valued_on, secured_minor, "
            "retired_at, retired_by, retired_because)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NAMES), name="collateral_kind_known"),
            models.CheckConstraint(
                condition=Q(value_minor__gte=0, prior_minor__gte=0, secured_minor__gte=0),
                name="collateral_amounts",
            ),
            models.CheckConstraint(
                condition=Q(face_minor=None) | Q(value_minor__lte=F("face_minor")),
                name="collateral_worth_its_paper_at_most",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None)
                | (Q(secured_minor=0) & ~Q(retired_by="") & ~Q(retired_because="")),
                name="collateral_retired_secures_nothing",
            ),
            models.UniqueConstraint(
                fields=["kind", "identity_index"],
                condition=Q(retired_at=None),
                name="collateral_registered_once",
            ),
        ]
        indexes = [
            models.Index(fields=["party_id"], name="collateral_of_party"),
            models.Index(fields=["-registered_at", "-id"], name="collateral_latest"),
            models.Index(
                fields=["kind", "valued_on"],
                condition=Q(retired_at=None),
                name="collateral_by_age",
            ),
        ]

    @property
    def worth(self) -> Worth:
        """Value and charges of others as the pure rules take them."""
        return Worth(value_minor=self.value_minor, prior_minor=self.prior_minor)


class Valuation(models.Model):
    """What an item was worth on a day, by whom and on what basis, and who had charges before us."""

    id = models.UUIDField(primary_key=True)
    collateral = models.ForeignKey(Collateral, models.PROTECT, related_name="valuations")
    number = models.PositiveIntegerField()
    on = models.DateField()
    valuer = models.CharField(max_length=120)
    basis = models.CharField(max_length=8)
    value_minor = models.BigIntegerField()
    prior_minor = models.BigIntegerField(default=0)
    # The number of the report; the file where it was kept.
    document = models.CharField(max_length=80)
    file_id = models.UUIDField(null=True)
    recorded_by = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table_comment = APPEND_ONLY
        constraints = [
            models.CheckConstraint(
                condition=Q(value_minor__gte=0, prior_minor__gte=0, basis__in=BASES)
                & ~Q(valuer="")
                & ~Q(document=""),
                name="valuation_says_something",
            ),
            models.UniqueConstraint(fields=["collateral", "number"], name="valuation_number"),
        ]


class PledgeSet(models.QuerySet["Pledge"]):
    """Filters over pledges."""

    def of_case(self, application_id: UUID | None, agreement_id: UUID | None) -> PledgeSet:
        """Pledges for a case: an application's, or else a taken-over agreement's."""
        if application_id is not None:
            return self.filter(application_id=application_id)
        assert agreement_id is not None, "a case is an application or an agreement"
        return self.filter(agreement_id=agreement_id)


class Pledge(models.Model):
    """What an item secures, for what: an application and all that comes of it, or an agreement.

    `rank` and what was found at the time (`value_minor`, `prior_minor`, `free_minor`) are set by
    the second person's word. `is_beyond`: both knew that it goes beyond the item's free value.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    collateral = models.ForeignKey(Collateral, models.PROTECT, related_name="pledges")
    application = models.ForeignKey(
        "origination.Application", models.PROTECT, null=True, related_name="+"
    )
    agreement = models.ForeignKey(
        "origination.Agreement", models.PROTECT, null=True, related_name="+"
    )
    party_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    registration = models.CharField(max_length=80, default="", blank=True)
    is_beyond = models.BooleanField(default=False)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    state = models.CharField(max_length=10, default="proposed")
    rank = models.PositiveIntegerField(null=True)
    value_minor = models.BigIntegerField(null=True)
    prior_minor = models.BigIntegerField(null=True)
    free_minor = models.BigIntegerField(null=True)
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    proposed_on = models.DateField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    declined_because = models.CharField(max_length=200, default="", blank=True)
    released_at = models.DateTimeField(null=True)
    released_on = models.DateField(null=True)

    objects = PledgeSet.as_manager()

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, rank, value_minor, prior_minor, free_minor, "
            "decided_by, decided_at, decided_on, declined_because, released_at, released_on)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PLEDGES), name="pledge_state_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="pledge_of_something"),
            models.CheckConstraint(
                condition=Q(application=None, agreement__isnull=False)
                | Q(application__isnull=False, agreement=None),
                name="pledge_for_one_case",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "released"])
                | (
                    Q(rank__gt=0, value_minor__gt=0, prior_minor__gte=0, free_minor__gte=0)
                    & Q(decided_at__isnull=False)
                    & ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="pledge_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "released"])
                | Q(is_beyond=True)
                | Q(amount_minor__lte=F("free_minor")),
                name="pledge_within_free_value_or_said",
            ),
            models.CheckConstraint(
                condition=Q(state="released", released_at__isnull=False)
                | (~Q(state="released") & Q(released_at=None)),
                name="pledge_released_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["collateral", "rank"],
                condition=Q(state="agreed"),
                name="pledge_one_of_a_rank",
            ),
            models.UniqueConstraint(
                fields=["collateral", "application"],
                condition=Q(state__in=["proposed", "agreed"]),
                name="pledge_once_for_an_application",
            ),
            models.UniqueConstraint(
                fields=["collateral", "agreement"],
                condition=Q(state__in=["proposed", "agreed"]),
                name="pledge_once_for_an_agreement",
            ),
        ]
        indexes = [
            models.Index(fields=["party_id", "-proposed_at"], name="pledge_of_party"),
            models.Index(
                fields=["proposed_at"], condition=Q(state="proposed"), name="pledge_waiting"
            ),
        ]


class PledgeRelease(models.Model):
    """A wish to let a pledge go, and the second person's word; with what was owed and left then."""

    id = models.UUIDField(primary_key=True)
    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="releases")
    reason = models.CharField(max_length=12)
    note = models.CharField(max_length=200, default="", blank=True)
    state = models.CharField(max_length=10, default="waiting")
    debt_minor = models.BigIntegerField(null=True)
    cover_left_minor = models.BigIntegerField(null=True)
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(state, debt_minor, cover_left_minor, decided_by, "
            "decided_at, declined_because)"
        )
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RELEASES, reason__in=REASONS), name="pledge_release_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | (
                    Q(decided_at__isnull=False, debt_minor__gte=0, cover_left_minor__gte=0)
                    & ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="pledge_release_by_two",
            ),
            models.UniqueConstraint(
                fields=["pledge"],
                condition=Q(state__in=["waiting", "released"]),
                name="pledge_release_once",
            ),
        ]
