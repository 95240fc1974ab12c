"""The register of collateral: items found and listed, one item's valuations and pledges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.kinds import KINDS, identity_of
from rongqiao.lending.collateral.models import Collateral, Valuation
from rongqiao.lending.collateral.queries.rules import yardsticks
from rongqiao.lending.collateral.sealing import index_of_text, unseal
from rongqiao.lending.collateral.valuing import Yardstick, free_value
from rongqiao.platform.refusals import NotFound

PAGE = 50
# What is said of each kind, by name, in its order.
PARTICULARS = {kind: tuple(one.name for one in asked) for kind, asked in KINDS.items()}


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """An item: what is said of it in full, its latest value, what it secures and may yet.

    `particulars` are name and text, in the order of their kind; `identity` tells it from others.
    """

    id: UUID
    number: str
    kind: str
    party_id: UUID
    particulars: tuple[tuple[str, str], ...]
    identity: str
    face: Money | None
    ends_on: date | None
    value: Money
    prior: Money
    valued_on: date | None
    secured: Money
    free: Money
    is_stale: bool
    is_ended: bool
    registered_by: str
    registered_at: datetime
    retired_at: datetime | None
    retired_because: str


@dataclass(frozen=True, kw_only=True)
class ValuationView:
    """One line of an item's history."""

    id: UUID
    number: int
    on: date
    valuer: str
    basis: str
    value: Money
    prior: Money
    document: str
    file_id: UUID | None
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What narrows the register: a kind; `use` is secured, free, stale, ended or retired; a text is
    an item's number or begins it.
    """

    kind: str = ""
    use: str = ""
    text: str = ""
    party_id: UUID | None = None


def list_items(
    wanted: Wanted, on: date, *, offset: int = 0, limit: int = PAGE
) -> tuple[ItemView, ...]:
    """Return items, newest first, the longest valued ago first where stale ones are asked for.

    Two queries, however many.
    """
    judged = yardsticks(on)
    rows = _found(wanted, judged, on)
    order = (F("valued_on").asc(nulls_first=True), "id") if wanted.use == "stale" else _NEWEST
    return tuple(_view(row, judged, on) for row in rows.order_by(*order)[offset : offset + limit])


def count_items(wanted: Wanted, on: date) -> int:
    """Return how many `list_items` would go through."""
    return _found(wanted, yardsticks(on), on).count()


def get_item(collateral_id: UUID, on: date) -> ItemView:
    """Return one item; raises NotFound."""
    row = Collateral.objects.filter(pk=collateral_id).first()
    if row is None:
        raise NotFound(what="collateral")
    return _view(row, yardsticks(on), on)


def get_items(collateral_ids: Iterable[UUID], on: date) -> dict[UUID, ItemView]:
    """Return items by id, in two queries; unknown ids left out."""
    judged = yardsticks(on)
    rows = Collateral.objects.filter(pk__in=set(collateral_ids))
    return {row.pk: _view(row, judged, on) for row in rows}


def find_item(text: str, on: date) -> UUID | None:
    """Return the item whose number, vehicle number, certificate or account a text is."""
    rows = Collateral.objects.filter(retired_at=None)
    found = rows.filter(number__iexact=text.strip()).values_list("pk", flat=True).first()
    if found is not None:
        return found
    told = Q(pk__in=[])
    for kind in KINDS:
        index = index_of_text(kind, text, on)
        if index is not None:
            told |= Q(kind=kind, identity_index=index)
    return rows.filter(told).values_list("pk", flat=True).first()


def list_valuations(collateral_id: UUID) -> tuple[ValuationView, ...]:
    """Return what an item was worth, the latest first."""
    rows = Valuation.objects.filter(collateral=collateral_id).order_by("-number")
    return tuple(
        ValuationView(
            id=row.pk,
            number=row.number,
            on=row.on,
            valuer=row.valuer,
            basis=row.basis,
            value=Money(row.value_minor),
            prior=Money(row.prior_minor),
            document=row.document,
            file_id=row.file_id,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )


def get_report(collateral_id: UUID, valuation_id: UUID) -> UUID:
    """Return the file of a valuation's report; raises NotFound where there is none."""
    rows = Valuation.objects.filter(pk=valuation_id, collateral=collateral_id)
    found = rows.values_list("file_id", flat=True).first()
    if found is None:
        raise NotFound(what="report")
    return found


_NEWEST = ("-registered_at", "-id")


def _found(wanted: Wanted, judged: dict[str, Yardstick], on: date) -> QuerySet[Collateral]:
    rows = Collateral.objects.filter(retired_at__isnull=wanted.use != "retired")
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.party_id is not None:
        rows = rows.filter(party_id=wanted.party_id)
    if wanted.text:
        rows = rows.filter(number__istartswith=wanted.text)
    if wanted.use == "secured":
        rows = rows.filter(secured_minor__gt=0)
    elif wanted.use == "free":
        rows = rows.filter(secured_minor=0)
    elif wanted.use == "ended":
        rows = rows.filter(ends_on__lt=on)
    elif wanted.use == "stale":
        rows = rows.filter(_stale(judged, on))
    return rows


def _stale(judged: dict[str, Yardstick], on: date) -> Q:
    found = Q(valued_on=None)
    for kind, one in judged.items():
        found |= Q(kind=kind, valued_on__lt=on - timedelta(days=one.stale_after_days))
    return found


def _view(row: Collateral, judged: dict[str, Yardstick], on: date) -> ItemView:
    said, yardstick = unseal(row), judged[row.kind]
    is_ended = row.ends_on is not None and row.ends_on < on
    free = 0 if is_ended else free_value(row.worth, yardstick, row.secured_minor)
    return ItemView(
        id=row.pk,
        number=row.number,
        kind=row.kind,
        party_id=row.party_id,
        particulars=tuple((one.name, said[one.name]) for one in KINDS[row.kind]),
        identity=identity_of(row.kind, said).replace("\x1f", " "),
        face=None if row.face_minor is None else Money(row.face_minor),
        ends_on=row.ends_on,
        value=Money(row.value_minor),
        prior=Money(row.prior_minor),
        valued_on=row.valued_on,
        secured=Money(row.secured_minor),
        free=Money(free),
        is_stale=yardstick.is_stale(row.valued_on, on),
        is_ended=is_ended,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        retired_at=row.retired_at,
        retired_because=row.retired_because,
    )
