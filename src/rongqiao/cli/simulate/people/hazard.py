"""When borrowers stop paying: how many of those still paying do so in each month of a loan's age.

Measured on 22,308 loans of the SBA's national file (US government record data, published by Li,
Mickel and Taylor, 2018; fiscal years 1997 and 2004 to 2006): of a loan that was charged off the
file's term is the month of its last payment, of any other the month until which it was at risk. The
rate rises over the first three years of age. No row of it is a Chinese borrower.
"""

from __future__ import annotations

import random

MONTHS_TOGETHER = 6
# Of 10,000 loans alive at the beginning of a month: months 1 to 6 of age, 7 to 12, and so on; what
# is older stays at the last rate.
PER_TEN_THOUSAND = (24, 22, 27, 31, 36, 37)


def rate_in(month: int) -> float:
    """Return the share of loans alive in month `month` of their age, from 1, that stop paying."""
    place = min((month - 1) // MONTHS_TOGETHER, len(PER_TEN_THOUSAND) - 1)
    return PER_TEN_THOUSAND[place] / 10_000


def stops_at(draw: random.Random, terms: int) -> int:
    """Return the first of `terms` monthly instalments that is not paid any more; 0: all are."""
    # As many draws whatever they bring, so that the draws after these stay what they are.
    met = [no for no in range(1, terms + 1) if draw.random() < rate_in(no)]
    return met[0] if met else 0
