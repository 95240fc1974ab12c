"""What the newest inquiry at each source came to, for whoever decides or shows something by it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.outcomes import KNOWN, Outcome
from rongqiao.risk.models.sealed_inquiries import unseal_answer

Facts = dict[str, int | str | bool]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The newest inquiry at one source about one party; `facts` of an answer that still holds.

    `known_at` is when it was first answered, `holds_until` how long the answer may be used.
    """

    inquiry_id: UUID
    source: str
    outcome: Outcome
    asked_at: datetime
    known_at: datetime | None
    holds_until: datetime | None
    facts: Facts

    @property
    def verdict(self) -> str:
        """Return `same`, `differs`, `no-record`, or nothing where the source said none of them."""
        if self.outcome == Outcome.NO_RECORD:
            return "no-record"
        return str(self.facts.get("verdict", ""))

    def holds(self, at: datetime) -> bool:
        """Tell whether there is an answer that may be used at an instant."""
        return self.outcome in KNOWN and self.holds_until is not None and at <= self.holds_until


def standing_of(party_ids: Iterable[UUID]) -> dict[UUID, dict[str, Standing]]:
    """Return by party and source how the newest inquiry stands, in one query."""
    rows = (
        Inquiry.objects.filter(party_id__in=set(party_ids))
        .select_related("served_from")
        .order_by("party_id", "source", "-asked_at", "-id")
        .distinct("party_id", "source")
    )
    found: dict[UUID, dict[str, Standing]] = {}
    for row in rows:
        found.setdefault(row.party_id, {})[row.source] = _standing(row)
    return found


def stands(inquiry_id: UUID) -> Standing | None:
    """Return how one inquiry stands; None where there is none of that id."""
    row = Inquiry.objects.filter(pk=inquiry_id).select_related("served_from").first()
    return _standing(row) if row else None


def _standing(row: Inquiry) -> Standing:
    first = row.served_from or row
    facts: Facts = {}
    if row.outcome == Outcome.ANSWERED:
        assert first.answer_sealed is not None, "an answer that is not there"
        facts = json.loads(unseal_answer(first.answer_sealed, first.pk, first.answer_sha256))
    return Standing(
        inquiry_id=row.pk,
        source=row.source,
        outcome=Outcome(row.outcome),
        asked_at=row.asked_at,
        known_at=first.answered_at,
        holds_until=row.cached_until,
        facts=facts,
    )
