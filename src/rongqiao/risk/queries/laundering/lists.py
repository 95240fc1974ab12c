"""The lists in force, their versions, and what a version changed; public data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.laundering.names.matching import Listed
from rongqiao.risk.models.laundering.casework import ListedEntry, ListVersion, Screening
from rongqiao.risk.queries.laundering.candidates import listed_of

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """A version of a list, and whether customers were screened against its news."""

    id: UUID
    code: str
    kind: str
    number: int
    source: str
    sha256: str
    entries: int
    added: int
    changed: int
    removed: int
    imported_by: str
    imported_at: datetime
    rescreened_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ChangedEntry:
    """An entry that a version brought (`added`), changed or took away (`removed`)."""

    what: str
    listed: Listed


@dataclass(frozen=True, kw_only=True)
class ScreeningView:
    """One screening of a party: which part, why, how many were compared, how many alike."""

    part: str
    cause: str
    candidates: int
    hits: int
    at: datetime


def list_versions(code: str = "") -> tuple[VersionView, ...]:
    """Return versions, newest first."""
    rows = ListVersion.objects.order_by("-imported_at", "-number")
    return tuple(_version(row) for row in (rows.filter(code=code) if code else rows)[:PAGE])


def get_version(version_id: UUID) -> tuple[VersionView, tuple[ChangedEntry, ...]]:
    """Return a version and what it changed, up to `PAGE` entries; raises NotFound."""
    row = ListVersion.objects.filter(pk=version_id).first()
    if row is None:
        raise NotFound
    rows = list(
        ListedEntry.objects.filter(code=row.code)
        .filter(Q(since=row.number) | Q(until=row.number))
        .order_by("reference", "since")[: 2 * PAGE]
    )
    gone = {one.reference for one in rows if one.until == row.number}
    came = {one.reference for one in rows if one.since == row.number}
    changed = []
    for one in rows:
        is_new = one.since == row.number
        if is_new:
            changed.append(
                ChangedEntry(
                    what="changed" if one.reference in gone else "added", listed=listed_of(one)
                )
            )
        elif one.reference not in came:
            changed.append(ChangedEntry(what="removed", listed=listed_of(one)))
    return _version(row), tuple(changed[:PAGE])


def screenings_of(party_id: UUID) -> tuple[ScreeningView, ...]:
    """Return a party's screenings, newest first."""
    rows = Screening.objects.filter(party_id=party_id).order_by("-at", "-id")[:PAGE]
    return tuple(
        ScreeningView(
            part=row.part, cause=row.cause, candidates=row.candidates, hits=row.hits, at=row.at
        )
        for row in rows
    )


def _version(row: ListVersion) -> VersionView:
    return VersionView(
        id=row.pk,
        code=row.code,
        kind=row.kind,
        number=row.number,
        source=row.source,
        sha256=row.sha256,
        entries=row.entries,
        added=row.added,
        changed=row.changed,
        removed=row.removed,
        imported_by=row.imported_by,
        imported_at=row.imported_at,
        rescreened_at=row.rescreened_at,
    )
