"""Compliance's daily work, with what lending knows of the customers who moved money.

Risk never reads a loan; this is the place that knows both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from rongqiao.lending.collateral.queries.guarantors import guarantees_in_force
from rongqiao.lending.origination.queries.incomes import stated_incomes
from rongqiao.risk.jobs.laundering import look_after_laundering
from rongqiao.risk.queries.laundering.links import Told


def look_after(on: date) -> None:
    """Do what compliance's room does by itself once the business date `on` is open."""
    look_after_laundering(on, told_by_lending)


def told_by_lending(party_ids: Sequence[UUID]) -> Told:
    """Return guarantees and stated incomes, in four queries; in none where nobody moved money."""
    if not party_ids:
        return Told()
    stated = stated_incomes(party_ids)
    wanted = set(party_ids)
    return Told(
        guarantees=tuple(pair for pair in guarantees_in_force() if wanted & set(pair)),
        incomes=tuple(sorted((party_id, one.amount.minor) for party_id, one in stated.items())),
    )
