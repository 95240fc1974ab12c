"""Which product a borrower takes: drawn apart, so that everything else of them stays as it is."""

from __future__ import annotations

import random

# Of those who do not take a credit line, so many want to pay interest alone before the end; of
# firms that borrow for half a year or more, so many then take a rate that floats.
INTEREST_FIRST, FLOATING = 0.12, 0.22
LEAST_OF_PERSONS, LEAST_OF_FIRMS, MOST_FLOATING = 5_000, 50_000, 3_000_000
MOST_MONTHS, MOST_QUARTERS = 12, 8
MONTHS_OF_A_QUARTER, LEAST_MONTHS = 3, 6


def of_person(seed: int, number: int, amount: int, months: int, *, is_line: bool) -> str:
    """Return the product of a person who asks for `amount` yuan over `months`."""
    if is_line:
        return "daily-revolving"
    fits = amount >= LEAST_OF_PERSONS and months <= MOST_MONTHS
    wants = _place(seed, number) < INTEREST_FIRST
    return "monthly-interest" if fits and wants else "consumer-monthly"


def of_firm(seed: int, number: int, amount: int, months: int, *, is_line: bool) -> tuple[str, int]:
    """Return the product of a firm that asks for `amount` yuan over `months`, and its terms."""
    if is_line:
        return "daily-revolving", months
    quarters = months // MONTHS_OF_A_QUARTER
    place, fits = _place(seed, number), amount >= LEAST_OF_FIRMS
    if fits and place < INTEREST_FIRST and 1 <= quarters <= MOST_QUARTERS:
        return "quarterly-interest", quarters
    floats = INTEREST_FIRST <= place < FLOATING and months >= LEAST_MONTHS
    if fits and floats and amount <= MOST_FLOATING:
        return "prime-linked", months
    return "working-capital", months


def _place(seed: int, number: int) -> float:
    draw = random.Random(f"{seed}/product/{number}")  # noqa: S311 - nothing is secret here
    return draw.random()
