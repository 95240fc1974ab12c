"""Put an item into the register: what it is, checked by its kind, sealed; known only once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from rongqiao.lending.collateral.kinds import KINDS, BadParticular, checked, end_of, face_of
from rongqiao.lending.collateral.models import Collateral
from rongqiao.lending.collateral.operations.acting import KEEPERS, acting, check_not_own
from rongqiao.lending.collateral.sealing import index_of, seal
from rongqiao.parties.queries import get_party
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, sensitive, undone_if_it_fails
from rongqiao.platform.refusals import Kind, Refusal


class BadCollateral(Refusal):
    """A particular is missing or not of its form; facts: `field`, `reason`, `allowed`."""

    kind, code = Kind.INVALID, "collateral.bad-particular"


class BadVehicleNumber(BadCollateral):
    """The vehicle identification number is not one; `reason`: length, characters, check-digit."""

    code = "collateral.vin"


class BadPlate(BadCollateral):
    """The number plate is not one."""

    code = "collateral.plate"


class BadGuarantorNumber(BadCollateral):
    """The guarantor's number is neither a resident id nor a credit code."""

    code = "collateral.guarantor-number"


_BY_FIELD = {
    "vin": BadVehicleNumber,
    "plate": BadPlate,
    "guarantor_number": BadGuarantorNumber,
}


class CollateralKnown(Refusal):
    """The item is in the register: a further pledge takes the next rank on it; fact: `number`."""

    code = "collateral.known"


@dataclass(frozen=True, kw_only=True)
class RegisterCollateral:
    """The kind, the party that gives it (or for whom it is guaranteed), and what is said of it."""

    collateral_kind: str
    party_id: UUID
    particulars: tuple[tuple[str, str], ...] = sensitive()


@dataclass(frozen=True, kw_only=True)
class Registered:
    """The item in the register."""

    collateral_id: UUID
    number: str


@operation("collateral.register", restore=Registered)
def register_collateral(command: RegisterCollateral, call: Call) -> Registered:
    """Register it. Raises NotFound, CollateralRoleNeeded, CollateralOwnAffair, BadCollateral,
    CollateralKnown.
    """
    user_id = acting(call, *KEEPERS)
    party = get_party(command.party_id)
    check_not_own(user_id, party.id)
    kind = command.collateral_kind
    if kind not in KINDS:
        raise BadCollateral(field="collateral_kind", reason="form", allowed=", ".join(KINDS))
    try:
        particulars = checked(kind, dict(command.particulars), call.on)
    except BadParticular as wrong:
        refusal = _BY_FIELD.get(wrong.field, BadCollateral)
        raise refusal(field=wrong.field, reason=wrong.reason, allowed=wrong.allowed) from wrong
    index, face, row_id = index_of(kind, particulars), face_of(particulars), new_id(call.at)
    row = Collateral(
        id=row_id,
        number=short_number("DY", call.at),
        kind=kind,
        party_id=party.id,
        particulars_sealed=seal(particulars, row_id),
        identity_index=index,
        face_minor=None if face is None else face.minor,
        ends_on=end_of(particulars),
        registered_by=call.actor,
        registered_at=call.at,
        registered_on=call.on,
    )
    known = Collateral.objects.filter(kind=kind, identity_index=index, retired_at=None)
    try:
        with undone_if_it_fails():
            row.save(force_insert=True)
    except IntegrityError:
        raise CollateralKnown(number=known.values_list("number", flat=True)[0]) from None
    return Registered(collateral_id=row.pk, number=row.number)
