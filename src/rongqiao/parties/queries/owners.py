"""A firm's beneficial owners: as it declared them, in which version, and whether it must renew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from rongqiao.finance.months import add_months
from rongqiao.parties.models import BeneficialOwner, Organization, OwnerDeclaration
from rongqiao.parties.sealing import unseal
from rongqiao.parties.words import Declared
from rongqiao.policies.identifiers import ResidentId, resident_id
from rongqiao.policies.masking import mask_name, mask_number

# A declaration is asked for anew each year: the house's own figure. (A change is to be filed
# within 30 days of it: 受益所有人信息管理办法, recalled, not read.)
RENEWED_AFTER_MONTHS = 12
MARK_DIGITS = 12
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class OwnerView:
    """An owner as lists show them, masked; `share_bp` in hundredths of a percent.

    `mark` is the same for the same person in every version.
    """

    id: UUID
    mark: str
    name: str
    number: str
    control: str
    share_bp: int | None
    since_on: date


@dataclass(frozen=True, kw_only=True)
class DeclarationView:
    """One version; `declared_by` is an actor."""

    number: int
    declared_by: str
    declared_at: datetime
    declared_on: date
    owners: tuple[OwnerView, ...]

    @property
    def renew_on(self) -> date:
        """The day from which it is stale."""
        return add_months(self.declared_on, RENEWED_AFTER_MONTHS)

    def standing_on(self, on: date) -> str:
        """Return `declared`, or `stale` once it is asked for anew."""
        return _standing(self.declared_on, on).value


@dataclass(frozen=True, kw_only=True)
class OwnerInFull:
    """An owner in full, for screening and for compliance alone."""

    mark: str
    name: str
    resident: ResidentId
    control: str
    share_bp: int | None


def declarations_of(party_id: UUID) -> tuple[DeclarationView, ...]:
    """Return what a firm declared, masked, the version in force first; in two queries."""
    rows = OwnerDeclaration.objects.filter(organization_id=party_id).order_by("-number")
    return tuple(_declaration(row) for row in rows.prefetch_related("owners")[:PAGE])


def owners_in_force(party_id: UUID, on: date) -> tuple[OwnerInFull, ...]:
    """Return the owners of the version in force, in full; none of a person; in one query."""
    rows = in_force().filter(declaration__organization_id=party_id).order_by("line")
    return tuple(_in_full(row, on) for row in rows)


def owner_under(party_id: UUID, mark: str, on: date) -> OwnerInFull | None:
    """Return an owner by their mark as the firm last declared them, in whatever version."""
    rows = BeneficialOwner.objects.filter(declaration__organization_id=party_id)
    for row in rows.order_by("-declaration__number"):
        if _mark(row) == mark:
            return _in_full(row, on)
    return None


def standing_of(party_ids: Iterable[UUID], on: date) -> dict[UUID, Declared]:
    """Return by firm how it stands on a day; persons are left out; in one query."""
    last = OwnerDeclaration.objects.filter(organization_id=OuterRef("pk")).order_by("-number")
    rows = Organization.objects.filter(pk__in=set(party_ids)).annotate(
        declared_on=Subquery(last.values("declared_on")[:1])
    )
    return {pk: _standing(said, on) for pk, said in rows.values_list("pk", "declared_on")}


def owner_keys(party_id: UUID) -> set[str]:
    """Return the keys of a firm's owners, as `people_behind` gives them."""
    rows = in_force().filter(declaration__organization_id=party_id)
    return {bytes(index).hex() for index in rows.values_list("resident_id_index", flat=True)}


def in_force() -> QuerySet[BeneficialOwner]:
    """Return the owners of every firm's newest version."""
    last = OwnerDeclaration.objects.filter(
        organization_id=OuterRef("declaration__organization_id")
    ).order_by("-number")
    newest = BeneficialOwner.objects.annotate(newest=Subquery(last.values("number")[:1]))
    return newest.filter(declaration__number=F("newest"))


def _standing(declared_on: date | None, on: date) -> Declared:
    if declared_on is None:
        return Declared.MISSING
    is_stale = add_months(declared_on, RENEWED_AFTER_MONTHS) <= on
    return Declared.STALE if is_stale else Declared.CURRENT


def _declaration(row: OwnerDeclaration) -> DeclarationView:
    return DeclarationView(
        number=row.number,
        declared_by=row.declared_by,
        declared_at=row.declared_at,
        declared_on=row.declared_on,
        owners=tuple(_view(one) for one in sorted(row.owners.all(), key=lambda one: one.line)),
    )


def _view(row: BeneficialOwner) -> OwnerView:
    return OwnerView(
        id=row.pk,
        mark=_mark(row),
        name=mask_name(_name(row)),
        number=mask_number(_number(row)),
        control=row.control,
        share_bp=row.share_bp,
        since_on=row.since_on,
    )


def _in_full(row: BeneficialOwner, on: date) -> OwnerInFull:
    return OwnerInFull(
        mark=_mark(row),
        name=_name(row),
        resident=resident_id(_number(row), on),
        control=row.control,
        share_bp=row.share_bp,
    )


def _mark(row: BeneficialOwner) -> str:
    return bytes(row.resident_id_index).hex()[:MARK_DIGITS]


def _name(row: BeneficialOwner) -> str:
    return unseal(row.name_sealed, "beneficialowner", "name", row.pk)


def _number(row: BeneficialOwner) -> str:
    return unseal(row.resident_id_sealed, "beneficialowner", "resident_id", row.pk)
