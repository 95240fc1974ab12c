"""Applications as they were scored and what became of each, for those who watch the scoring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from rongqiao.lending.origination.models import Agreement, Decision
from rongqiao.lending.origination.models.desk import OVERRIDES_UP
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.origination.states import State
from rongqiao.risk.queries.judging import Value
from rongqiao.risk.queries.recording import values_in

# The bins that a model, by its sha256, puts a case's values into.
PlaceBy = Callable[[str, Mapping[str, Value]], dict[str, str]]
_CHUNK = 2000
# An offer that was made counts as approved, whether or not it was taken.
_APPROVED = frozenset({State.APPROVED, State.ACCEPTED, State.SIGNED, State.FUNDED, State.EXPIRED})
# Decisions of officers that stand: a case sent back is decided again.
_STANDING = ("recommend", "counter", "approve", "decline")


@dataclass(frozen=True, kw_only=True)
class ScreenedCase:
    """The last screening of an application, without anything that tells who it was.

    `scored_by` is the sha256 of the model that scored it (`is_by_model`), or the points table.
    `parts` are the points of each characteristic; `places` the bins that a model of its own puts
    the case into, by number, none for a points table; `absent` names the facts nobody gave.
    `outcome`: approved, declined or open. `override` is that of the last officer's decision that
    stands, as the review desk kept it with its reason: `up` for lending against the system's word,
    `down` for declining against it, else empty.
    """

    scored_by: str
    is_by_model: bool
    score: int
    parts: dict[str, int]
    places: dict[str, str]
    absent: frozenset[str]
    outcome: str
    by_person: bool
    override: str
    agreement_id: UUID | None


def is_any_screened(first: date, last: date) -> bool:
    """Return whether an application was scored between two days."""
    return Decision.objects.filter(
        stage="screening", decided_on__range=(first, last), score__isnull=False
    ).exists()


def screened_in(first: date, last: date, place_by: PlaceBy) -> Iterator[ScreenedCase]:
    """Yield the applications screened last between two days; three queries for two thousand.

    `place_by` is shown what a decision looked at, so that the values themselves stay here.
    """
    later = Decision.objects.filter(
        application=OuterRef("application"), stage="screening", number__gt=OuterRef("number")
    )
    rows = (
        Decision.objects.filter(
            stage="screening", decided_on__range=(first, last), score__isnull=False
        )
        .exclude(Exists(later))
        .select_related("application")
        .order_by("decided_at", "pk")
    )
    for chunk in _chunks(rows.iterator(chunk_size=_CHUNK)):
        ids = [row.application_id for row in chunk]
        by_hand = _by_hand(ids)
        signed = dict(
            Agreement.objects.filter(application__in=ids).values_list("application", "pk")
        )
        for row in chunk:
            officer = by_hand.get(row.application_id)
            # What officers said before the case was screened anew was about another word.
            kind = officer.kind if officer is not None and officer.number > row.number else None
            inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
            places = place_by(row.model_sha256, values_in(inputs)) if row.model_sha256 else {}
            yield _case(row, inputs, places, kind, signed.get(row.application_id))


@dataclass(frozen=True)
class _ByHand:
    """The last officer's decision on a case; `kind` is empty where it went along."""

    number: int
    kind: str


def _by_hand(ids: list[UUID]) -> dict[UUID, _ByHand]:
    """Return each case's last decision of an officer that stands, in one query."""
    rows = (
        Decision.objects.filter(application__in=ids, outcome__in=_STANDING)
        .exclude(stage="screening")
        .order_by("number")
        .values_list("application", "number", "override__kind")
    )
    return {case: _ByHand(number, kind or "") for case, number, kind in rows}


def _case(
    row: Decision,
    inputs: dict[str, Any],
    places: dict[str, str],
    kind: str | None,
    agreement_id: UUID | None,
) -> ScreenedCase:
    state = row.application.state
    outcome = (
        "approved" if state in _APPROVED else "declined" if state == State.DECLINED else "open"
    )
    assert row.score is not None
    return ScreenedCase(
        scored_by=row.model_sha256 or row.versions.get("points") or row.versions.get("policy", "?"),
        is_by_model=bool(row.model_sha256),
        score=row.score,
        parts={one["name"]: one["points"] for one in inputs.get("parts", [])},
        places=places,
        absent=frozenset(name for name, value in inputs.get("facts", {}).items() if value is None),
        outcome=outcome,
        by_person=kind is not None,
        override="" if not kind else "up" if kind in OVERRIDES_UP else "down",
        agreement_id=agreement_id,
    )


def _chunks(rows: Iterable[Decision]) -> Iterator[list[Decision]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk
