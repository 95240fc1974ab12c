"""Compliance's daily work, with what lending knows of the customers who moved money.

Risk never reads a loan; this is the place that knows both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from rongqiao.lending.collateral.queries.guarantors import guarantees_in_force
from rongqiao.lending.origination.queries.applications import list_applications
from rongqiao.lending.origination.queries.incomes import stated_incomes
from rongqiao.lending.origination.queries.limits import list_limits
from rongqiao.lending.servicing.queries.exposures import debtors
from rongqiao.lending.servicing.queries.loans import list_loans
from rongqiao.money.ledger.queries.books import balances
from rongqiao.money.payments.queries.movements import list_wallet_movements
from rongqiao.parties.queries.relations import present_since
from rongqiao.platform import clock
from rongqiao.platform.clock import CHINA
from rongqiao.risk.jobs.laundering import look_after_laundering
from rongqiao.risk.queries.laundering.links import Told


def look_after(on: date) -> None:
    """Do what compliance's room does by itself once the business date `on` is open."""
    look_after_laundering(on, told_by_lending, business_ended)


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


def business_ended(party_ids: Sequence[UUID], by: date) -> frozenset[UUID]:
    """Return those with whom nothing was open or moved after a day: no longer customers by then.

    Nothing open: no loan with anything to pay or given up, no limit, no guarantee, nothing in the
    wallet. Nothing since: no money in or out, no application, no log-in. In twelve queries, and one
    more for each party that is left by then, of whom a loan may have been given up.
    """
    left = set(party_ids)
    if not left:
        return frozenset()
    after = datetime.combine(by + timedelta(days=1), time.min, CHINA)
    today = clock.business_date()
    left -= present_since(left, after)
    left -= set(debtors())
    left -= {party_id for pair in guarantees_in_force() for party_id in pair}
    wallets = balances([f"wallet:{party_id}" for party_id in left])
    left -= {UUID(code.removeprefix("wallet:")) for code, one in wallets.items() if one.minor}
    moved = list_wallet_movements(sorted(left), by + timedelta(days=1), today)
    left -= {one.party_id for one in moved}
    left -= {one.party_id for one in list_applications(sorted(left)) if one.changed_at >= after}
    left -= {one.party_id for one in list_limits(left) if one.valid_until > by}
    return frozenset(party_id for party_id in left if _has_settled(party_id, by, today))


def _has_settled(party_id: UUID, by: date, today: date) -> bool:
    """Tell whether every loan of a party was closed by a day; what was given up is not."""
    return all(
        loan.closed_on is not None and loan.closed_on <= by for loan in list_loans(party_id, today)
    )
