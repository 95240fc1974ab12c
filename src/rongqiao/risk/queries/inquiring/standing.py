"""What the newest inquiry at each source came to, for whoever decides or shows something by it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.outcomes import KNOWN, Outcome
from rongqiao.risk.models.sealed_inquiries import unseal_answer
from rongqiao.risk.queries.inquiring.consenting import taken_back

Facts = dict[str, int | str | bool]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The newest inquiry at one source about one party; `facts` of an answer that still holds.

    `known_at` is when it was first answered, `holds_until` how long the answer may be used,
    `is_taken_back` whether its consent was taken back since, so that it may not be used at all.
    """

    inquiry_id: UUID
    source: str
    outcome: Outcome
    asked_at: datetime
    known_at: datetime | None
    holds_until: datetime | None
    facts: Facts
    is_taken_back: bool = False

    @property
    def verdict(self) -> str:
        """Return `same`, `differs`, `no-record`, or nothing where the source said none of them."""
        if self.outcome == Outcome.NO_RECORD:
            return "no-record"
        return str(self.facts.get("verdict", ""))

    def holds(self, at: datetime) -> bool:
        """Tell whether there is an answer that may be used at an instant."""
        if self.outcome not in KNOWN or self.holds_until is None or self.is_taken_back:
            return False
        return at <= self.holds_until


def standing_of(party_ids: Iterable[UUID], at: datetime) -> dict[UUID, dict[str, Standing]]:
    """Return by party and source how the newest inquiry stands at an instant, in two queries."""
    rows = (
        Inquiry.objects.filter(party_id__in=set(party_ids))
        .select_related("served_from")
        .order_by("party_id", "source", "-asked_at", "-id")
        .distinct("party_id", "source")
    )
    found: dict[UUID, dict[str, Standing]] = {}
    ended = taken_back(rows, at)
    for row in rows:
        standing = replace(_standing(row), is_taken_back=row.pk in ended)
        found.setdefault(row.party_id, {})[row.source] = standing
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
