"""Concentration limits and what counts under them: for staff, and to hold against the loans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models.concentration import (
    CONCENTRATIONS,
    Commitment,
    ConcentrationLimit,
    Exposure,
)
from rongqiao.platform.refusals import NotFound

KINDS = CONCENTRATIONS
EXAMPLES = 5
# What each agreement counts for, in fen, by `agreement_id`: for set-based reading by the contexts
# above, whose loans are made of agreements. Nothing is counted of one from before limits. No more
# than the key is read of an agreement: its rows are wide, and its index is not.
COMMITTED = """(
  SELECT agreement.id AS agreement_id, coalesce(commitment.left_minor, 0) AS left_minor
  FROM origination_agreement AS agreement
  LEFT JOIN origination_commitment AS commitment ON commitment.agreement_id = agreement.id)"""


@dataclass(frozen=True, kw_only=True)
class ExposureView:
    """What is out in one place and may be: `limit` is None where there is none."""

    kind: str
    key: str
    used: Money
    limit: Money | None

    @property
    def permille(self) -> int | None:
        """Return how much of the limit is used, in thousandths rounded down; None without one."""
        if self.limit is None:
            return None
        return self.used.minor * 1000 // max(self.limit.minor, 1)


@dataclass(frozen=True, kw_only=True)
class ConcentrationView:
    """A version of a limit: what it says, who proposed it, what became of it."""

    id: UUID
    kind: str
    key: str
    amount: Money | None
    percent: Decimal | None
    net_assets: Money | None
    from_on: date
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    declined_because: str


@dataclass(frozen=True, kw_only=True)
class ExposuresChecked:
    """How many exposures were added up, how many are wrong, and the first of them."""

    checked: int
    broken: int
    examples: tuple[str, ...]


_USED = """
WITH in_force AS (
  SELECT DISTINCT ON (kind, key) kind, key, amount_minor FROM origination_concentrationlimit
  WHERE state = 'released' AND from_on <= %(on)s
  ORDER BY kind, key, from_on DESC, number DESC
)
SELECT exposure.kind, exposure.key, exposure.used_minor, closest.amount_minor
FROM origination_exposure AS exposure
LEFT JOIN LATERAL (
  SELECT amount_minor FROM in_force
  WHERE in_force.kind = exposure.kind
    AND in_force.key IN (exposure.key, exposure.broader, '')
  ORDER BY in_force.key = exposure.key DESC, in_force.key = '' LIMIT 1
) AS closest ON true
WHERE %(kind)s IN ('', exposure.kind) AND exposure.used_minor > 0
ORDER BY exposure.used_minor::numeric / CASE WHEN closest.amount_minor IS NOT NULL
    THEN greatest(closest.amount_minor, 1) END DESC NULLS LAST,
  exposure.used_minor DESC, exposure.kind, exposure.key
OFFSET %(offset)s LIMIT %(limit)s
"""


def list_exposures(
    on: date, *, kind: str = "", offset: int = 0, limit: int
) -> tuple[ExposureView, ...]:
    """Return where principal is out, the fullest limits first, what has none last."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"on": on, "kind": kind, "offset": offset, "limit": limit})
        found = cursor.fetchall()
    return tuple(
        ExposureView(
            kind=kind,
            key=key,
            used=Money(used),
            limit=None if most is None else Money(most),
        )
        for kind, key, used, most in found
    )


def count_exposures(kind: str = "") -> int:
    """Return how many `list_exposures` would go through."""
    rows = Exposure.objects.filter(used_minor__gt=0)
    return (rows.filter(kind=kind) if kind else rows).count()


def parties_in_groups(keys: Iterable[str], most: int) -> dict[str, tuple[UUID, ...]]:
    """Return at most so many of the borrowers of each group, by its key."""
    found: dict[str, list[UUID]] = {}
    rows = Commitment.objects.filter(group_key__in=set(keys)).order_by("group_key", "party_id")
    for key, party_id in rows.values_list("group_key", "party_id").distinct():
        members = found.setdefault(key, [])
        if len(members) < most:
            members.append(party_id)
    return {key: tuple(members) for key, members in found.items()}


def list_concentrations(
    *, kind: str = "", state: str = "", offset: int = 0, limit: int
) -> tuple[ConcentrationView, ...]:
    """Return versions of limits, those that wait first, then the latest."""
    rows = _chosen(kind, state).order_by("-proposed_at", "-id")
    waiting = list(rows.filter(state="waiting"))
    rest = list(rows.exclude(state="waiting")[offset : offset + limit])
    return tuple(_view(row) for row in ([*waiting, *rest] if not offset else rest))


def get_concentration(limit_id: UUID) -> ConcentrationView:
    """Return one version; raises NotFound."""
    row = ConcentrationLimit.objects.filter(pk=limit_id).first()
    if row is None:
        raise NotFound(what="concentration-limit")
    return _view(row)


def count_waiting_concentrations() -> int:
    """Return how many versions wait for their second person."""
    return ConcentrationLimit.objects.filter(state="waiting").count()


# Each place's row against the commitments that count there, and the other way round.
_WRONG = """
WITH counted AS (
  SELECT place.kind, place.key, sum(left_minor)::bigint AS minor
  FROM origination_commitment AS commitment
  JOIN origination_agreement AS agreement ON agreement.id = commitment.agreement_id,
  LATERAL (VALUES ('borrower', commitment.party_id::text), ('group', group_key),
    ('industry', industry), ('product', product_code), ('region', region),
    ('whole', 'all')) AS place (kind, key)
  GROUP BY 1, 2
)
SELECT kind || ' ' || left(key, 12),
  coalesce(exposure.used_minor, 0), coalesce(counted.minor, 0)
FROM origination_exposure AS exposure FULL JOIN counted USING (kind, key)
WHERE coalesce(exposure.used_minor, 0) <> coalesce(counted.minor, 0)
ORDER BY 1
"""


def check_exposures() -> ExposuresChecked:
    """Check that each exposure is the sum of the commitments that count there."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        wrong = [f"{place}: {used}, commitments {sum_}" for place, used, sum_ in cursor.fetchall()]
    return ExposuresChecked(
        checked=Exposure.objects.count(), broken=len(wrong), examples=tuple(wrong[:EXAMPLES])
    )


def settled_at() -> datetime | None:
    """Return when what was paid back was last taken in; None before the first time."""
    return Exposure.objects.filter(kind="whole").values_list("settled_at", flat=True).first()


def _chosen(kind: str, state: str) -> QuerySet[ConcentrationLimit]:
    rows = ConcentrationLimit.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(state=state) if state else rows


def _view(row: ConcentrationLimit) -> ConcentrationView:
    return ConcentrationView(
        id=row.pk,
        kind=row.kind,
        key=row.key,
        amount=None if row.amount_minor is None else Money(row.amount_minor),
        percent=row.percent,
        net_assets=None if row.net_assets_minor is None else Money(row.net_assets_minor),
        from_on=row.from_on,
        reason=row.reason,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        declined_because=row.declined_because,
    )
