"""Pledges as pages show them: of an item, of a case, of a party, and those that wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.models import Pledge, PledgeRelease
from rongqiao.lending.origination.queries.securing import Case, numbers_of_cases
from rongqiao.platform.refusals import NotFound

MOST_WAITING = 200


@dataclass(frozen=True, kw_only=True)
class ReleaseView:
    """The latest wish to let a pledge go."""

    id: UUID
    reason: str
    note: str
    state: str
    proposed_by: str
    decided_by: str
    declined_because: str


@dataclass(frozen=True, kw_only=True)
class PledgeView:
    """A pledge; `case_number` is that of the application or agreement it is for."""

    id: UUID
    number: str
    collateral_id: UUID
    collateral_number: str
    kind: str
    application_id: UUID | None
    agreement_id: UUID | None
    case_number: str
    party_id: UUID
    amount: Money
    registration: str
    is_beyond: bool
    replaces: UUID | None
    state: str
    rank: int | None
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    declined_because: str
    released_on: date | None
    release: ReleaseView | None


def get_pledge(pledge_id: UUID) -> PledgeView:
    """Return one pledge; raises NotFound."""
    found = _views(Pledge.objects.filter(pk=pledge_id))
    if not found:
        raise NotFound(what="pledge")
    return found[0]


def get_pledge_of_release(release_id: UUID) -> PledgeView:
    """Return the pledge a release is of; raises NotFound."""
    found = _views(Pledge.objects.filter(releases=release_id))
    if not found:
        raise NotFound(what="release")
    return found[0]


def pledges_on(collateral_id: UUID) -> tuple[PledgeView, ...]:
    """Return every pledge of an item, the latest first."""
    return _views(Pledge.objects.filter(collateral=collateral_id))


def pledges_for(case: Case) -> tuple[PledgeView, ...]:
    """Return every pledge for a case, the latest first."""
    return _views(Pledge.objects.of_case(case.application_id, case.agreement_id))


def pledges_of_parties(party_ids: Iterable[UUID]) -> tuple[PledgeView, ...]:
    """Return agreed and released pledges for what parties owe, or of what they gave."""
    ids = set(party_ids)
    rows = Pledge.objects.filter(Q(party_id__in=ids) | Q(collateral__party_id__in=ids))
    return _views(rows.filter(state__in=["agreed", "released"]))


def list_waiting() -> tuple[PledgeView, ...]:
    """Return pledges that wait for a second person, or whose release does; oldest first."""
    rows = Pledge.objects.filter(Q(state="proposed") | Q(releases__state="waiting"))
    return _views(rows)[::-1][:MOST_WAITING]


def count_waiting() -> int:
    """Return how many pledges and releases wait for a second person."""
    proposed = Pledge.objects.filter(state="proposed").count()
    return proposed + PledgeRelease.objects.filter(state="waiting").count()


def _views(rows: QuerySet[Pledge]) -> tuple[PledgeView, ...]:
    releases = PledgeRelease.objects.order_by("-proposed_at", "-id")
    found = list(
        rows.select_related("collateral")
        .prefetch_related(Prefetch("releases", releases, to_attr="latest"))
        .order_by("-proposed_at", "-id")
    )
    numbers = numbers_of_cases(
        (row.application_id for row in found if row.application_id),
        (row.agreement_id for row in found if row.agreement_id),
    )
    return tuple(_view(row, numbers) for row in found)


def _view(row: Pledge, numbers: dict[UUID, str]) -> PledgeView:
    case_id = row.application_id or row.agreement_id
    assert case_id is not None
    latest: list[PledgeRelease] = row.latest  # type: ignore[attr-defined]
    return PledgeView(
        id=row.pk,
        number=row.number,
        collateral_id=row.collateral_id,
        collateral_number=row.collateral.number,
        kind=row.collateral.kind,
        application_id=row.application_id,
        agreement_id=row.agreement_id,
        case_number=numbers[case_id],
        party_id=row.party_id,
        amount=Money(row.amount_minor),
        registration=row.registration,
        is_beyond=row.is_beyond,
        replaces=row.replaces_id,
        state=row.state,
        rank=row.rank,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        declined_because=row.declined_because,
        released_on=row.released_on,
        release=_release(latest[0]) if latest else None,
    )


def _release(row: PledgeRelease) -> ReleaseView:
    return ReleaseView(
        id=row.pk,
        reason=row.reason,
        note=row.note,
        state=row.state,
        proposed_by=row.proposed_by,
        decided_by=row.decided_by,
        declined_because=row.declined_because,
    )
