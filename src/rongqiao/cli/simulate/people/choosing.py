"""Which product a borrower takes: drawn apart, so that everything else of them stays as it is."""

from __future__ import annotations

import random

# Of those who do not take a credit line, so many want to pay interest alone before the end.
INTEREST_FIRST = 0.12
LEAST_OF_PERSONS, LEAST_OF_FIRMS = 5_000, 50_000
MOST_MONTHS, MOST_QUARTERS = 12, 8
MONTHS_OF_A_QUARTER = 3


def of_person(seed: int, number: int, amount: int, months: int, *, is_line: bool) -> str:
    """Return the product of a person who asks for `amount` yuan over `months`."""
    if is_line:
        return "daily-revolving"
    fits = amount >= LEAST_OF_PERSONS and months <= MOST_MONTHS
    return "monthly-interest" if fits and _wants_it(seed, number) else "consumer-monthly"


def of_firm(seed: int, number: int, amount: int, months: int, *, is_line: bool) -> tuple[str, int]:
    """Return the product of a firm that asks for `amount` yuan over `months`, and its terms."""
    if is_line:
        return "daily-revolving", months
    quarters = months // MONTHS_OF_A_QUARTER
    fits = amount >= LEAST_OF_FIRMS and 1 <= quarters <= MOST_QUARTERS
    if fits and _wants_it(seed, number):
        return "quarterly-interest", quarters
    return "working-capital", months


def _wants_it(seed: int, number: int) -> bool:
    draw = random.Random(f"{seed}/product/{number}")  # noqa: S311 - nothing is secret here
    return draw.random() < INTEREST_FIRST
