"""What must hold across the tables of collateral, for `rongqiao verify`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

EXAMPLES = 5


@dataclass(frozen=True, kw_only=True)
class CollateralChecked:
    """How many items and pledges were looked at, how many are wrong, and the first of them."""

    checked: int
    broken: int
    examples: tuple[str, ...]


# An item secures what its standing pledges say, and is worth what its latest valuation says.
_ITEMS = """
SELECT item.number FROM collateral_collateral AS item
LEFT JOIN (SELECT collateral_id, sum(amount_minor) AS minor FROM collateral_pledge
           WHERE state = 'agreed' GROUP BY collateral_id) AS secured
  ON secured.collateral_id = item.id
LEFT JOIN (SELECT DISTINCT ON (collateral_id) collateral_id, value_minor, prior_minor, "on"
           FROM collateral_valuation ORDER BY collateral_id, number DESC) AS latest
  ON latest.collateral_id = item.id
WHERE item.secured_minor <> coalesce(secured.minor, 0)
   OR item.value_minor <> coalesce(latest.value_minor, 0)
   OR item.prior_minor <> coalesce(latest.prior_minor, 0)
   OR item.valued_on IS DISTINCT FROM latest."on"
ORDER BY item.number
"""
# A pledge was within what was free when it was agreed, or both said so; ranks go up; a released one
# has its release by two people, any other has none; earlier pledges were counted in what was free.
_PLEDGES = """
SELECT pledge.number FROM collateral_pledge AS pledge
WHERE pledge.state IN ('agreed', 'released') AND (
  (pledge.amount_minor > pledge.free_minor AND NOT pledge.is_beyond)
  OR pledge.free_minor > greatest(0, pledge.value_minor - pledge.prior_minor - (
    SELECT coalesce(sum(earlier.amount_minor), 0) FROM collateral_pledge AS earlier
    WHERE earlier.collateral_id = pledge.collateral_id AND earlier.id <> pledge.id
      AND earlier.state IN ('agreed', 'released') AND earlier.decided_at < pledge.decided_at
      AND (earlier.released_at IS NULL OR earlier.released_at > pledge.decided_at)))
  OR (pledge.state = 'released') <> EXISTS (
    SELECT FROM collateral_pledgerelease AS release
    WHERE release.pledge_id = pledge.id AND release.state = 'released'
      AND release.decided_by <> release.proposed_by))
ORDER BY pledge.number
"""
_COUNT = """
SELECT (SELECT count(*) FROM collateral_collateral) + (SELECT count(*) FROM collateral_pledge)
"""


def check_collateral() -> CollateralChecked:
    """Check every item against its pledges and valuations, and every pledge against its word."""
    wrong: list[str] = []
    with connection.cursor() as cursor:
        for what, statement in (("item", _ITEMS), ("pledge", _PLEDGES)):
            cursor.execute(statement)
            wrong += [f"{what} {number}" for (number,) in cursor.fetchall()]
        cursor.execute(_COUNT)
        (checked,) = cursor.fetchone()
    return CollateralChecked(checked=checked, broken=len(wrong), examples=tuple(wrong[:EXAMPLES]))
