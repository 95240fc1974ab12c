"""Users, parties, memberships, bank accounts, consents, staff roles and text messages.

Columns named `*_sealed` hold AES-256-GCM ciphertext bound to table, column and row; `*_index`
holds the keyed digest that exact look-ups and uniqueness go by (security.md, 23 to 25).
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from typing_extensions import override

from rongqiao.parties.words import (
    ConsentAction,
    Control,
    GrantState,
    PartyKind,
    SmsState,
    Standing,
    StepUpMethod,
)
from rongqiao.policies.roles import Role

INDEX_BYTES = 32
# Shares of a firm in hundredths of a percent: all of it, and what makes a beneficial owner
# (受益所有人信息管理办法 art. 6).
WHOLE_BP, QUARTER_BP = 10_000, 2_500


class Users(BaseUserManager["User"]):
    """Django's own; log-in names are allauth's affair."""


class User(AbstractBaseUser):
    """Somebody who can log in. No name and no readable number: those are the person's."""

    id = models.UUIDField(primary_key=True, editable=False)
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(max_length=INDEX_BYTES, null=True)
    phone_verified_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[Users] = Users()

    class Meta:
        constraints = [
            # An unproved number keeps nobody out: only its owner can prove it.
            models.UniqueConstraint(
                fields=["phone_index"],
                condition=Q(phone_verified_at__isnull=False),
                name="user_phone_once",
            ),
            models.CheckConstraint(
                condition=Q(phone_verified_at=None) | Q(phone_index__isnull=False),
                name="user_verified_phone_is_there",
            ),
        ]

    @override
    def __str__(self) -> str:
        return str(self.pk)


class Party(models.Model):
    """A legal subject: a person or an organization."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=20, choices=PartyKind.choices)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=PartyKind.values), name="party_kind_is_known"
            ),
        ]


class Person(models.Model):
    """The identity of a natural person; one resident id, one person, whoever asks."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True)
    name_sealed = models.BinaryField()
    resident_id_sealed = models.BinaryField()
    resident_id_index = models.BinaryField(max_length=INDEX_BYTES)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resident_id_index"], name="person_resident_id_once"),
        ]


class Organization(models.Model):
    """An enterprise. Its name and credit code stand in the public register, so stay readable."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True)
    name = models.CharField(max_length=200)
    uscc = models.CharField(max_length=18)
    legal_representative_name_sealed = models.BinaryField()
    legal_representative_id_sealed = models.BinaryField()
    # The same column key as Person.resident_id_index, so that the two can be compared.
    legal_representative_index = models.BinaryField(max_length=INDEX_BYTES, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uscc"], name="organization_uscc_once"),
        ]


class OwnerDeclaration(models.Model):
    """What a firm declared of its beneficial owners; the one with the highest number is in force.

    `shares_bp` and `votes_bp` are the sums of its owners' shares, in hundredths of a percent.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="declarations"
    )
    number = models.PositiveIntegerField()
    shares_bp = models.PositiveIntegerField()
    votes_bp = models.PositiveIntegerField()
    declared_by = models.CharField(max_length=100)
    declared_at = models.DateTimeField()
    declared_on = models.DateField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="owner_declaration_in_order"
            ),
            models.CheckConstraint(
                condition=Q(shares_bp__lte=WHOLE_BP, votes_bp__lte=WHOLE_BP),
                name="owner_declaration_within_the_whole",
            ),
        ]


class BeneficialOwner(models.Model):
    """A natural person whom a declaration names, why, with which share and since when."""

    id = models.UUIDField(primary_key=True, editable=False)
    declaration = models.ForeignKey(
        OwnerDeclaration, on_delete=models.PROTECT, related_name="owners"
    )
    # The order in which they were declared.
    line = models.PositiveSmallIntegerField()
    name_sealed = models.BinaryField()
    resident_id_sealed = models.BinaryField()
    # The same column key as Person.resident_id_index, so that the two can be compared.
    resident_id_index = models.BinaryField(max_length=INDEX_BYTES, db_index=True)
    control = models.CharField(max_length=11, choices=Control.choices)
    share_bp = models.PositiveIntegerField(null=True)
    since_on = models.DateField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "resident_id_index"], name="beneficial_owner_once"
            ),
            models.UniqueConstraint(
                fields=["declaration", "line"], name="beneficial_owner_in_order"
            ),
            models.CheckConstraint(
                condition=Q(control__in=Control.values), name="beneficial_owner_control_is_known"
            ),
            models.CheckConstraint(
                condition=Q(share_bp=None) | Q(share_bp__gte=1, share_bp__lte=WHOLE_BP),
                name="beneficial_owner_share_fits",
            ),
            models.CheckConstraint(
                condition=~Q(control__in=[Control.SHARES, Control.VOTES])
                | Q(share_bp__isnull=False, share_bp__gte=QUARTER_BP),
                name="beneficial_owner_has_a_quarter",
            ),
        ]


class Awaited(models.Model):
    """A party brought from another system, whom nobody has logged in for yet.

    Who registers with the same identity and has proved this phone number takes it up.
    """

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True)
    phone_sealed = models.BinaryField()
    phone_index = models.BinaryField(max_length=INDEX_BYTES)
    taken_up_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "rights: select, insert, update(taken_up_at)"


class Membership(models.Model):
    """A user acts for a party."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="memberships")
    standing = models.CharField(max_length=30, choices=Standing.choices)
    since_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "party"], name="membership_once"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(standing=Standing.SELF),
                name="membership_one_self_per_user",
            ),
        ]


class BankAccount(models.Model):
    """A bank account in the party's own name."""

    id = models.UUIDField(primary_key=True, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="bank_accounts")
    bank_name = models.CharField(max_length=60)
    holder_sealed = models.BinaryField()
    number_sealed = models.BinaryField()
    number_index = models.BinaryField(max_length=INDEX_BYTES)
    # A failed Luhn check is a warning: published genuine cards fail it (bank_card_luhn.json).
    is_luhn_valid = models.BooleanField()
    added_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_index"],
                condition=Q(closed_at=None),
                name="bank_account_number_once",
            ),
        ]
        indexes = [models.Index(fields=["party", "added_at"], name="bank_account_of_party")]


class ConsentRecord(models.Model):
    """A user gave or withdrew consent to one version of one text; never changed."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    action = models.CharField(max_length=10, choices=ConsentAction.choices)
    happened_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        indexes = [models.Index(fields=["user", "kind", "-id"], name="consent_latest")]


class RoleGrant(models.Model):
    """A staff role: proposed by one administrator, in force once another has confirmed it."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=30, choices=[(role.value, role.value) for role in Role])
    state = models.CharField(max_length=10, choices=GrantState.choices)
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=100, default="", blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(state__in=[GrantState.PROPOSED, GrantState.CONFIRMED]),
                name="role_grant_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="role_grant_role_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("decided_by")), name="role_grant_takes_two"
            ),
        ]


class SmsMessage(models.Model):
    """A text message on its way; its words are erased once the gateway has taken it."""

    id = models.UUIDField(primary_key=True, editable=False)
    phone_sealed = models.BinaryField()
    text_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=SmsState.choices)
    queued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    gateway_number = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["queued_at"],
                name="sms_message_queued",
                condition=Q(state=SmsState.QUEUED),
            ),
        ]


class StepUp(models.Model):
    """A user proves, for one purpose, to be whom the session says: by a texted code or password.

    `purpose` is a digest of everything that is confirmed, so that a proof fits nothing else.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.BinaryField(max_length=INDEX_BYTES)
    method = models.CharField(max_length=10, choices=StepUpMethod.choices)
    code_digest = models.BinaryField(max_length=INDEX_BYTES, null=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.PositiveSmallIntegerField()
    proved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-asked_at"], name="step_up_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(method=StepUpMethod.PASSWORD) | Q(code_digest__isnull=False),
                name="step_up_code_is_there",
            ),
        ]


class EmailClaim(models.Model):
    """An address that a user says is theirs, until the code that was mailed there comes back.

    Without a digest no code fits: the address is somebody else's. Proved, it is a row of allauth's.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    address_sealed = models.BinaryField()
    code_digest = models.BinaryField(max_length=INDEX_BYTES, null=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.PositiveSmallIntegerField()
    proved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-asked_at"], name="email_claim_of_user")]
