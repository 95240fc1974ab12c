"""What others may read of parties: masked unless a contract needs it in full."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from rongqiao.parties.models import (
    BankAccount,
    ConsentRecord,
    Membership,
    Organization,
    Party,
    Person,
    RoleGrant,
    SmsMessage,
    StepUp,
    User,
)
from rongqiao.parties.queries.owners import owner_keys
from rongqiao.parties.sealing import phone_index, resident_index, step_up_purpose, unseal
from rongqiao.parties.words import ConsentAction, GrantState, PartyKind, SmsState
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.identifiers import ResidentId, resident_id
from rongqiao.policies.masking import mask_name, mask_number, mask_phone
from rongqiao.policies.roles import Role

_PARTY_CODE = re.compile(r"rq([0-9a-f]{8})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class PartyView:
    """A party as lists show it: `王*`, `1101**********0021`; a firm's register entries whole."""

    id: UUID
    kind: str
    name: str
    number: str
    registered_at: datetime

    @property
    def is_person(self) -> bool:
        """Whether it is a natural person."""
        return self.kind == PartyKind.PERSON


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A party in full, for contracts and statements alone. A firm's is its representative's too."""

    party_id: UUID
    kind: str
    name: str
    number: str
    representative: str
    resident: ResidentId

    def age_on(self, on: date) -> int:
        """Return the completed years of the person, or of the legal representative."""
        return self.resident.age_on(on)


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """What a party is counted with: its kind, the person behind it, its province (GB/T 2260).

    `behind` is the key of the person, or of the firm's representative, as `people_behind` gives
    it. `province` is where a resident id was first issued, where a firm is registered.
    """

    kind: str
    behind: str
    province: str


@dataclass(frozen=True, kw_only=True)
class KnownIdentity:
    """A registered party by its identity number: its name in full, and who is behind it."""

    party_id: UUID
    name: str
    behind: str


@dataclass(frozen=True, kw_only=True)
class BankAccountView:
    """A bank account, masked."""

    id: UUID
    party_id: UUID
    bank_name: str
    holder: str
    number: str
    is_luhn_valid: bool
    added_at: datetime


@dataclass(frozen=True, kw_only=True)
class Payee:
    """A bank account in full, for the payment that goes there."""

    bank_account_id: UUID
    bank_name: str
    holder: str
    number: str


@dataclass(frozen=True, kw_only=True)
class ConsentView:
    """Where a user stands on one kind of consent."""

    kind: str
    version: str
    text_sha256: str
    is_given: bool
    happened_at: datetime


@dataclass(frozen=True, kw_only=True)
class GrantView:
    """A staff role on its way or in force; `proposed_by` and `decided_by` are actors."""

    id: UUID
    user_id: UUID
    role: Role
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str


@dataclass(frozen=True, kw_only=True)
class OutgoingSms:
    """A message that waits for the gateway, in clear."""

    id: UUID
    phone: str
    text: str
    queued_at: datetime


@dataclass(frozen=True, kw_only=True)
class PhoneView:
    """A user's phone number in full, and whether it was proved."""

    phone: str
    is_verified: bool


def user_of(actor: str) -> UUID | None:
    """Return the user an actor text (`user:<uuid>`) names; None for the system's own."""
    kind, _, value = actor.partition(":")
    return UUID(value) if kind == "user" else None


def get_party(party_id: UUID) -> PartyView:
    """Return the masked view of a party; raises NotFound."""
    found = get_parties([party_id])
    if not found:
        raise NotFound(what="party")
    return found[party_id]


def get_parties(party_ids: Iterable[UUID]) -> dict[UUID, PartyView]:
    """Return masked views by id, in two queries however many; unknown ids are left out."""
    wanted = set(party_ids)
    persons = Person.objects.filter(pk__in=wanted).select_related("party")
    organizations = Organization.objects.filter(pk__in=wanted).select_related("party")
    views = {person.pk: _person_view(person) for person in persons}
    return views | {firm.pk: _organization_view(firm) for firm in organizations}


def list_parties_of(user_id: UUID) -> tuple[PartyView, ...]:
    """Return the parties a user acts for, their own person first."""
    ids = list(
        Membership.objects.filter(user_id=user_id)
        .order_by("since_at", "id")
        .values_list("party_id", flat=True)
    )
    views = get_parties(ids)
    return tuple(sorted((views[i] for i in ids), key=lambda view: not view.is_person))


def person_of(user_id: UUID) -> UUID | None:
    """Return the party id of a user's own person, if they proved who they are."""
    return (
        Membership.objects.filter(user_id=user_id, party__kind=PartyKind.PERSON)
        .values_list("party_id", flat=True)
        .first()
    )


def find_party_by_code(code: str) -> UUID | None:
    """Return the party whose remark code this is (`RQ` and the last eight hex digits of its id).

    Letter case, blanks and dashes do not matter. None where no party has it, or more than one.
    """
    found = _PARTY_CODE.fullmatch(re.sub(r"[\s-]", "", code).lower())
    if found is None:
        return None
    ids = list(Party.objects.filter(pk__endswith=found[1]).values_list("pk", flat=True)[:2])
    return ids[0] if len(ids) == 1 else None


def acts_for(user_id: UUID, party_id: UUID) -> bool:
    """Tell whether a user may act for a party."""
    return Membership.objects.filter(user_id=user_id, party_id=party_id).exists()


def users_of(party_id: UUID) -> tuple[UUID, ...]:
    """Return the users who act for a party, longest first."""
    members = Membership.objects.filter(party_id=party_id).order_by("since_at", "id")
    return tuple(members.values_list("user_id", flat=True))


def people_behind(party_id: UUID) -> frozenset[str]:
    """Return keys of the people behind a party: itself, or who stands for, acts for or owns a firm.

    A key is the keyed digest of a resident id: comparable with `person_keys_of`, unreadable.
    """
    keys = _resident_keys([party_id])
    firm = Organization.objects.filter(pk=party_id).values_list("legal_representative_index")
    keys |= {bytes(index).hex() for (index,) in firm} | owner_keys(party_id)
    own = Membership.objects.filter(party__kind="person", user__memberships__party_id=party_id)
    return frozenset(keys | _resident_keys(own.values_list("party_id", flat=True)))


def person_keys_of(user_id: UUID) -> frozenset[str]:
    """Return the key of a user's own person, as `people_behind` gives it; empty if unproved."""
    own = person_of(user_id)
    return frozenset(_resident_keys([own])) if own else frozenset()


def is_own_affair(user_id: UUID, party_id: UUID) -> bool:
    """Tell whether a member of staff is behind a party, also through another of their log-ins.

    Nobody decides on their own application (domain.md, 5).
    """
    if acts_for(user_id, party_id):
        return True
    own = person_keys_of(user_id)
    return bool(own and own & people_behind(party_id))


def get_identity(party_id: UUID, on: date) -> Identity:
    """Return a party in full, for a contract dated `on`; raises NotFound."""
    person = Person.objects.filter(pk=party_id).first()
    if person is not None:
        name = unseal(person.name_sealed, "person", "name", party_id)
        number = unseal(person.resident_id_sealed, "person", "resident_id", party_id)
        return Identity(
            party_id=party_id,
            kind=PartyKind.PERSON,
            name=name,
            number=number,
            representative=name,
            resident=resident_id(number, on),
        )
    firm = Organization.objects.filter(pk=party_id).first()
    if firm is None:
        raise NotFound(what="party")
    sealed_name, sealed_id = firm.legal_representative_name_sealed, _representative_id(firm)
    return Identity(
        party_id=party_id,
        kind=PartyKind.ORGANIZATION,
        name=firm.name,
        number=firm.uscc,
        representative=unseal(sealed_name, "organization", "legal_representative_name", party_id),
        resident=resident_id(sealed_id, on),
    )


def belonging_of(party_id: UUID) -> Belonging:
    """Return what a party is counted with; raises NotFound."""
    person = Person.objects.filter(pk=party_id).first()
    if person is not None:
        number = unseal(person.resident_id_sealed, "person", "resident_id", party_id)
        behind = bytes(person.resident_id_index).hex()
        return Belonging(kind=PartyKind.PERSON, behind=behind, province=number[:2])
    firm = Organization.objects.filter(pk=party_id).first()
    if firm is None:
        raise NotFound(what="party")
    # GB 32100-2015: places 3 to 8 of the code are the region of the registering authority.
    behind = bytes(firm.legal_representative_index).hex()
    return Belonging(kind=PartyKind.ORGANIZATION, behind=behind, province=firm.uscc[2:4])


def find_identities(numbers: Iterable[str]) -> dict[str, KnownIdentity]:
    """Return who is registered under these resident ids and credit codes, in two queries."""
    wanted = set(numbers)
    indexes = {resident_index(number): number for number in wanted}
    people = Person.objects.filter(resident_id_index__in=list(indexes))
    found = {
        indexes[bytes(one.resident_id_index)]: KnownIdentity(
            party_id=one.pk,
            name=unseal(one.name_sealed, "person", "name", one.pk),
            behind=bytes(one.resident_id_index).hex(),
        )
        for one in people
    }
    for firm in Organization.objects.filter(uscc__in=list(wanted)):
        behind = bytes(firm.legal_representative_index).hex()
        found[firm.uscc] = KnownIdentity(party_id=firm.pk, name=firm.name, behind=behind)
    return found


def names_of(party_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return names in full by party, for comparing alone, in two queries."""
    wanted = set(party_ids)
    people = Person.objects.filter(pk__in=wanted)
    found = {one.pk: unseal(one.name_sealed, "person", "name", one.pk) for one in people}
    return found | dict(Organization.objects.filter(pk__in=wanted).values_list("pk", "name"))


def list_party_ids(after: UUID, limit: int) -> list[UUID]:
    """Return the ids of parties beyond `after`, in their order, which is that of time."""
    rows = Party.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def list_bank_accounts(party_id: UUID) -> tuple[BankAccountView, ...]:
    """Return a party's open bank accounts, masked, oldest first."""
    rows = BankAccount.objects.filter(party_id=party_id, closed_at=None).select_related("party")
    return tuple(_bank_account_view(row) for row in rows.order_by("added_at", "id"))


def get_bank_accounts(account_ids: Iterable[UUID]) -> dict[UUID, BankAccountView]:
    """Return masked bank accounts by id, closed ones too, in one query; unknown ids left out."""
    rows = BankAccount.objects.filter(pk__in=set(account_ids)).select_related("party")
    return {row.pk: _bank_account_view(row) for row in rows}


def get_payee(bank_account_id: UUID, party_id: UUID) -> Payee:
    """Return a party's open bank account in full; raises NotFound."""
    row = BankAccount.objects.filter(pk=bank_account_id, party_id=party_id, closed_at=None).first()
    if row is None:
        raise NotFound(what="bank_account")
    return Payee(
        bank_account_id=row.pk,
        bank_name=row.bank_name,
        holder=unseal(row.holder_sealed, "bankaccount", "holder", row.pk),
        number=unseal(row.number_sealed, "bankaccount", "number", row.pk),
    )


def consents_of(user_id: UUID) -> tuple[ConsentView, ...]:
    """Return where a user stands, one entry per kind ever asked."""
    rows = ConsentRecord.objects.filter(user_id=user_id).order_by("kind", "-id").distinct("kind")
    return tuple(
        ConsentView(
            kind=row.kind,
            version=row.version,
            text_sha256=row.text_sha256,
            is_given=row.action == ConsentAction.GIVEN,
            happened_at=row.happened_at,
        )
        for row in rows
    )


def has_consent(user_id: UUID, kind: str, version: str) -> bool:
    """Tell whether a user stands by exactly this version of a text."""
    return any(v.is_given and (v.kind, v.version) == (kind, version) for v in consents_of(user_id))


def withdrawals_of(user_ids: Iterable[UUID], at: datetime) -> dict[tuple[UUID, str], datetime]:
    """Return by user and kind when a consent was last taken back up to an instant, in one query."""
    taken = ConsentRecord.objects.filter(user_id__in=set(user_ids), action=ConsentAction.WITHDRAWN)
    rows = taken.filter(happened_at__lte=at).order_by("happened_at")
    return {(row.user_id, row.kind): row.happened_at for row in rows}


def roles_of(user_id: UUID) -> frozenset[Role]:
    """Return the staff roles in force for a user."""
    rows = RoleGrant.objects.filter(
        user_id=user_id, state=GrantState.CONFIRMED, user__is_active=True
    )
    return frozenset(Role(role) for role in rows.values_list("role", flat=True))


def list_grants(state: str | None = None, most: int = 500) -> tuple[GrantView, ...]:
    """Return at most so many role grants, newest first, all or those in one state."""
    rows = RoleGrant.objects.order_by("-proposed_at", "-id")
    if state is not None:
        rows = rows.filter(state=state)
    return tuple(
        GrantView(
            id=row.pk,
            user_id=row.user_id,
            role=Role(row.role),
            state=row.state,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            decided_by=row.decided_by,
        )
        for row in rows[:most]
    )


def phone_of(user_id: UUID) -> PhoneView | None:
    """Return a user's phone number in full, for sending a message there."""
    user = User.objects.filter(pk=user_id).first()
    if user is None or user.phone_sealed is None:
        return None
    phone = unseal(user.phone_sealed, "user", "phone", user.pk)
    return PhoneView(phone=phone, is_verified=user.phone_verified_at is not None)


def masked_phone_of(user_id: UUID) -> str:
    """Return `138****8000`, or nothing."""
    found = phone_of(user_id)
    return mask_phone(found.phone) if found else ""


def proved_email_of(user_id: UUID) -> str | None:
    """Return the e-mail address that a user proved, the chosen one first; None without one."""
    rows = EmailAddress.objects.filter(user_id=user_id, verified=True, user__is_active=True)
    found = rows.order_by("-primary", "pk").values_list("email", flat=True).first()
    return str(found).lower() if found else None


def find_user_by_phone(phone: str) -> UUID | None:
    """Return who proved this (normalised) phone number, in one indexed look-up."""
    rows = User.objects.filter(phone_index=phone_index(phone), phone_verified_at__isnull=False)
    return rows.values_list("pk", flat=True).first()


def has_stepped_up(step_up_id: UUID, user_id: UUID, purpose: str, at: datetime) -> bool:
    """Tell whether a user proved, for exactly this purpose and not over, who they are."""
    row = StepUp.objects.filter(pk=step_up_id, user_id=user_id, proved_at__isnull=False).first()
    if row is None or at >= row.expires_at:
        return False
    return hmac.compare_digest(bytes(row.purpose), step_up_purpose(purpose))


def get_outgoing_sms(message_id: UUID) -> OutgoingSms | None:
    """Return a queued message in clear; None once the gateway has it or it failed."""
    row = SmsMessage.objects.filter(pk=message_id, state=SmsState.QUEUED).first()
    if row is None or row.text_sealed is None:
        return None
    return OutgoingSms(
        id=row.pk,
        phone=unseal(row.phone_sealed, "smsmessage", "phone", row.pk),
        text=unseal(row.text_sealed, "smsmessage", "text", row.pk),
        queued_at=row.queued_at,
    )


def _person_view(person: Person) -> PartyView:
    name = unseal(person.name_sealed, "person", "name", person.pk)
    number = unseal(person.resident_id_sealed, "person", "resident_id", person.pk)
    return PartyView(
        id=person.pk,
        kind=PartyKind.PERSON,
        name=mask_name(name),
        number=mask_number(number),
        registered_at=person.party.registered_at,
    )


def _organization_view(firm: Organization) -> PartyView:
    return PartyView(
        id=firm.pk,
        kind=PartyKind.ORGANIZATION,
        name=firm.name,
        number=firm.uscc,
        registered_at=firm.party.registered_at,
    )


def _bank_account_view(row: BankAccount) -> BankAccountView:
    holder = unseal(row.holder_sealed, "bankaccount", "holder", row.pk)
    number = unseal(row.number_sealed, "bankaccount", "number", row.pk)
    is_person = row.party.kind == PartyKind.PERSON
    return BankAccountView(
        id=row.pk,
        party_id=row.party_id,
        bank_name=row.bank_name,
        holder=mask_name(holder) if is_person else holder,
        number=mask_number(number),
        is_luhn_valid=row.is_luhn_valid,
        added_at=row.added_at,
    )


def _resident_keys(party_ids: Iterable[UUID]) -> set[str]:
    rows = Person.objects.filter(pk__in=list(party_ids)).values_list("resident_id_index", flat=True)
    return {bytes(index).hex() for index in rows}


def _representative_id(firm: Organization) -> str:
    return unseal(
        firm.legal_representative_id_sealed, "organization", "legal_representative_id", firm.pk
    )
