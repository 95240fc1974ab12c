"""Refusals that several writes of this context share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from rongqiao.parties.queries import acts_for, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.identifiers import BadIdentifier

T = TypeVar("T")


class NotYours(Refusal):
    """The actor is not this user, or does not act for this party."""

    kind, code = Kind.NOT_FOUND, "parties.not-yours"


class IdentifierRefused(Refusal):
    """An identifier is wrong; facts: `field` of the command and the masked `value`."""

    kind, code = Kind.INVALID, "parties.identifier"


class ResidentIdLength(IdentifierRefused):
    """Neither 18 nor 15 characters."""

    code = "parties.resident-id-length"


class ResidentIdCharacters(IdentifierRefused):
    """Something else than digits and a last X."""

    code = "parties.resident-id-characters"


class ResidentIdRegion(IdentifierRefused):
    """The first two digits are no province."""

    code = "parties.resident-id-region"


class ResidentIdBirthDate(IdentifierRefused):
    """The birth date does not exist or lies ahead."""

    code = "parties.resident-id-birth-date"


class ResidentIdCheckDigit(IdentifierRefused):
    """The last character does not fit the others."""

    code = "parties.resident-id-check-digit"


class CreditCodeLength(IdentifierRefused):
    """Not 18 characters."""

    code = "parties.uscc-length"


class CreditCodeCharacters(IdentifierRefused):
    """I, O, S, V or Z, or letters where the region's digits stand."""

    code = "parties.uscc-characters"


class CreditCodeCheckDigit(IdentifierRefused):
    """The last character does not fit the others."""

    code = "parties.uscc-check-digit"


class PhoneForm(IdentifierRefused):
    """No mainland mobile number."""

    code = "parties.phone-form"


class BankCardForm(IdentifierRefused):
    """Not 13 to 19 digits."""

    code = "parties.bank-card-form"


class CorporateAccountForm(IdentifierRefused):
    """Not 8 to 32 digits."""

    code = "parties.corporate-account-form"


class NameForm(IdentifierRefused):
    """No person's name."""

    code = "parties.name-form"


class OrganizationNameForm(IdentifierRefused):
    """No firm's name."""

    code = "parties.organization-name-form"


_BY_REASON: dict[tuple[str, str], type[IdentifierRefused]] = {
    ("resident_id", "length"): ResidentIdLength,
    ("resident_id", "characters"): ResidentIdCharacters,
    ("resident_id", "region"): ResidentIdRegion,
    ("resident_id", "birth-date"): ResidentIdBirthDate,
    ("resident_id", "check-digit"): ResidentIdCheckDigit,
    ("uscc", "length"): CreditCodeLength,
    ("uscc", "characters"): CreditCodeCharacters,
    ("uscc", "check-digit"): CreditCodeCheckDigit,
    ("phone", "form"): PhoneForm,
    ("bank_card", "form"): BankCardForm,
    ("bank_account", "form"): CorporateAccountForm,
    ("name", "form"): NameForm,
    ("organization_name", "form"): OrganizationNameForm,
}


def acting_as(call: Call, user_id: UUID) -> None:
    """Refuse an actor who is neither the user nor the system. Raises NotYours."""
    if not call.actor.startswith("system:") and user_of(call.actor) != user_id:
        raise NotYours


def acting_for(call: Call, party_id: UUID) -> None:
    """Refuse an actor who neither acts for the party nor is the system. Raises NotYours."""
    user_id = user_of(call.actor)
    if not call.actor.startswith("system:") and (
        user_id is None or not acts_for(user_id, party_id)
    ):
        raise NotYours


def checked(field: str, read: Callable[[], T]) -> T:
    """Return what `read` returns; a BadIdentifier is refused as the command's `field`."""
    try:
        return read()
    except BadIdentifier as error:
        refusal = _BY_REASON[error.field, error.reason]
        raise refusal(field=field, value=error.shown) from None
