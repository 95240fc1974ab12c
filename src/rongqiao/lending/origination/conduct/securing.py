"""Nothing is signed before the collateral stands that the product demands.

Collateral stands above: what its pledges cover comes in with the command, from whoever has it
signed. It does not shrink meanwhile, as collateral lets nothing go that the product demands.
"""

from __future__ import annotations

from collections.abc import Iterable

from rongqiao.finance.money import Money
from rongqiao.lending.products.queries import Cover, ProductTerms
from rongqiao.platform.refusals import Kind, Refusal


class SecurityLacking(Refusal):
    """The product demands collateral that does not stand; facts: `needed`, `standing` in yuan."""

    kind, code = Kind.CONFLICT, "origination.security-lacking"


def check_secured(terms: ProductTerms, amount: Money, cover: Iterable[Cover]) -> None:
    """Raise SecurityLacking where pledges of the demanded kinds cover too little of an amount."""
    demand = terms.security
    if demand is None:
        return
    standing, needed = demand.counted(cover), demand.needed_for(amount)
    if standing < needed:
        raise SecurityLacking(needed=needed.text(), standing=standing.text())
