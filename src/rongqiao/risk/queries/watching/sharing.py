"""Who was seen with the same device, card, phone, address or e-mail as somebody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db import connection

from rongqiao.risk.fraud.attributes import BEARINGS

_JOINING = {kind.value: bearing for kind, bearing in BEARINGS.items() if bearing.joins}
# Of each attribute of theirs, everybody who holds it, unless too few or too many do to say a thing.
_SHARING = """
WITH subjects AS (
  SELECT one AS subject_id, one AS party_id FROM unnest(%(ids)s::uuid[]) AS one
  UNION ALL
  SELECT account_id, party_id FROM risk_tracedaccount WHERE party_id = ANY(%(ids)s)),
own AS (
  SELECT DISTINCT subjects.party_id, trace.kind, trace.index
  FROM subjects JOIN risk_trace AS trace USING (subject_id) WHERE trace.kind = ANY(%(kinds)s)),
bounds AS (
  SELECT * FROM unnest(%(kinds)s::text[], %(least)s::int[], %(most)s::int[])
    AS one (kind, least, most)),
held AS (
  SELECT one.kind, one.index, seen.holder
  FROM (SELECT DISTINCT kind, index FROM own) AS one JOIN bounds USING (kind)
  CROSS JOIN LATERAL (
    SELECT DISTINCT coalesce(account.party_id, trace.subject_id) AS holder
    FROM risk_trace AS trace
    LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
    WHERE trace.kind = one.kind AND trace.index = one.index LIMIT bounds.most + 1) AS seen),
telling AS (
  SELECT held.kind, held.index FROM held JOIN bounds USING (kind)
  GROUP BY held.kind, held.index, least, most HAVING count(*) BETWEEN least AND most)
SELECT DISTINCT own.party_id, held.holder
FROM own JOIN telling USING (kind, index) JOIN held USING (kind, index)
WHERE held.holder <> own.party_id
"""


def sharers_of(party_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return by party who shares a joining attribute with it, in one query.

    What counts is what joins rings: an attribute with too few holders is everyday, one with too
    many a hub that joins strangers.
    """
    found: dict[UUID, set[UUID]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            _SHARING,
            {
                "ids": list(party_ids),
                "kinds": list(_JOINING),
                "least": [one.least for one in _JOINING.values()],
                "most": [one.most for one in _JOINING.values()],
            },
        )
        for party_id, holder in cursor.fetchall():
            found[party_id].add(holder)
    return {party_id: frozenset(others) for party_id, others in found.items()}
