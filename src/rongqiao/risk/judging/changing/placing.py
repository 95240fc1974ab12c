"""What a period's money is to be lent on, line by line, and what that is expected to bring.

A line earns its rate and costs funds, handling and losses, each a fraction of the amount a year, as
a policy's profit floor reckons them (judging.deciding), for the months that the money stays out.
The best split under floors, caps, a budget and a ceiling on expected loss is a linear programme;
with two sums that bind all lines it is solved exactly, in whole fractions, by the price of loss
(Dantzig, "Discrete-Variable Extremum Problems", Operations Research 5, 1957, for the greedy order;
Everett, "Generalized Lagrange Multiplier Method", Operations Research 11, 1963, for the price).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from rongqiao.finance.money import BadAmount, Money

MOST_LINES = 60
MOST_MONTHS = 360
WORDS_A_LINE = 11
_PRODUCT = re.compile(r"[a-z][a-z0-9-]{1,30}", re.ASCII)
_GRADE = re.compile(r"[A-Z][A-Z0-9+-]{0,3}", re.ASCII)
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,6})?", re.ASCII)
_MONTHS = re.compile(r"\d{1,3}", re.ASCII)


class BadPlanLine(ValueError):
    """A line cannot be read; the message quotes it with its number."""


class NoSplit(ValueError):
    """No split keeps every bound; `what` is floors-over-budget or floors-over-loss."""

    def __init__(self, what: str) -> None:
        """Say which bound the floors alone already break."""
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, kw_only=True)
class Line:
    """One product and grade: the amount, its bounds, and yearly fractions of the amount.

    `months` is how long a yuan of it stays out on average. `default_rate` is of a year.
    """

    product_code: str
    grade: str
    amount: Money
    floor: Money
    cap: Money
    rate: Decimal
    funds: Decimal
    cost: Decimal
    default_rate: Decimal
    loss_given_default: Decimal
    months: int

    @property
    def years(self) -> Fraction:
        """Return how long a yuan stays out."""
        return Fraction(self.months, 12)

    @property
    def loss_each(self) -> Fraction:
        """Return what is expected to be lost of a yuan over its time."""
        return Fraction(self.default_rate * self.loss_given_default) * self.years

    @property
    def profit_each(self) -> Fraction:
        """Return what is expected to be left of a yuan over its time; below zero is a loss."""
        return Fraction(self.rate - self.funds - self.cost) * self.years - self.loss_each


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What amounts are expected to bring; `lent_years_minor` is fen times years out."""

    amount: Money
    interest: Money
    funds: Money
    cost: Money
    loss: Money
    lent_years_minor: Fraction

    @property
    def profit(self) -> Money:
        """Return interest less funds, cost and loss."""
        return self.interest - self.funds - self.cost - self.loss

    @property
    def yearly_return(self) -> Fraction | None:
        """Return profit a year of a yuan that is out; None where nothing is."""
        if not self.lent_years_minor:
            return None
        return Fraction(self.profit.minor) / self.lent_years_minor


def expected_of(line: Line) -> Expected:
    """Return what a line is expected to bring, each figure to the nearest fen, halves up."""
    out = line.amount.minor * line.years

    def of(fraction: Decimal) -> Money:
        return _nearest(out * Fraction(fraction))

    return Expected(
        amount=line.amount,
        interest=of(line.rate),
        funds=of(line.funds),
        cost=of(line.cost),
        loss=of(line.default_rate * line.loss_given_default),
        lent_years_minor=out,
    )


def total_of(parts: Iterable[Expected]) -> Expected:
    """Return the sum of what lines are expected to bring."""
    found = list(parts)
    return Expected(
        amount=_sum(one.amount for one in found),
        interest=_sum(one.interest for one in found),
        funds=_sum(one.funds for one in found),
        cost=_sum(one.cost for one in found),
        loss=_sum(one.loss for one in found),
        lent_years_minor=sum((one.lent_years_minor for one in found), Fraction(0)),
    )


def split(lines: Sequence[Line], budget: Money, loss_ceiling: Money) -> tuple[Line, ...]:
    """Return the lines with the amounts of the largest expected profit, in whole fen, cut down.

    What earns nothing stays at its floor, so that budget may be left. Raises NoSplit.
    """
    amounts = best_amounts(lines, Fraction(budget.minor), Fraction(loss_ceiling.minor))
    return tuple(
        replace(line, amount=Money(int(amount)))
        for line, amount in zip(lines, amounts, strict=True)
    )


def best_amounts(
    lines: Sequence[Line], budget: Fraction, loss_ceiling: Fraction
) -> tuple[Fraction, ...]:
    """Return the exact optimum in fen, as fractions; raises NoSplit.

    For a price of loss p, filling lines by profit_each - p * loss_each is best. The least price at
    which some best filling keeps the ceiling is found among the prices where the order changes; at
    it, the filling that loses most and the one that loses least are mixed to the ceiling.
    """
    losses = [line.loss_each for line in lines]
    if sum(line.floor.minor for line in lines) > budget:
        raise NoSplit("floors-over-budget")
    if _dot(losses, [Fraction(line.floor.minor) for line in lines]) > loss_ceiling:
        raise NoSplit("floors-over-loss")

    def filled(price: Fraction, tie: int) -> tuple[Fraction, ...]:
        return _filled(lines, budget, lambda one: (_worth(one, price), tie * one.loss_each))

    def keeps(price: Fraction) -> bool:
        return _dot(losses, filled(price, -1)) <= loss_ceiling

    price = _least(_prices(lines), keeps)
    least, most = filled(price, -1), filled(price, 1)
    low, high = _dot(losses, least), _dot(losses, most)
    if not price or high <= loss_ceiling:
        return least if high > loss_ceiling else most
    share = (loss_ceiling - low) / (high - low)
    return tuple(a + share * (b - a) for a, b in zip(least, most, strict=True))


def read_lines(text: str) -> tuple[Line, ...]:
    """Return the lines of a text, one each: product, grade, amount, floor, cap in yuan; rate,
    funds, cost, default and loss given default in percent a year; months. Raises BadPlanLine.
    """
    found: list[Line] = []
    for number, said in enumerate(text.splitlines(), start=1):
        if not said.strip():
            continue
        line = _read_line(said)
        if line is None or any(
            (one.product_code, one.grade) == (line.product_code, line.grade) for one in found
        ):
            raise BadPlanLine(f"{number}: {said.strip()[:80]}")
        found.append(line)
    if not 0 < len(found) <= MOST_LINES:
        raise BadPlanLine(f"{len(found)} (1 - {MOST_LINES})")
    return tuple(found)


def written(lines: Iterable[Line]) -> str:
    """Return lines as read_lines reads them."""
    return "\n".join(
        " ".join(
            (
                one.product_code,
                one.grade,
                *(money.text() for money in (one.amount, one.floor, one.cap)),
                *(
                    f"{(100 * part).normalize():f}"
                    for part in (
                        one.rate,
                        one.funds,
                        one.cost,
                        one.default_rate,
                        one.loss_given_default,
                    )
                ),
                str(one.months),
            )
        )
        for one in lines
    )


def _read_line(said: str) -> Line | None:
    words = said.split()
    if len(words) != WORDS_A_LINE:
        return None
    product, grade, *amounts = words[:5]
    shares, months = words[5:10], words[10]
    if not (_PRODUCT.fullmatch(product) and _GRADE.fullmatch(grade) and _MONTHS.fullmatch(months)):
        return None
    try:
        amount, floor, cap = (Money.yuan(one) for one in amounts)
    except BadAmount:
        return None
    if not all(_PERCENT.fullmatch(one) and Decimal(one) <= 100 for one in shares):
        return None
    if (
        not (0 <= floor.minor <= cap.minor and amount.minor >= 0)
        or not 0 < int(months) <= MOST_MONTHS
    ):
        return None
    rate, funds, cost, default, lost = (Decimal(one) / 100 for one in shares)
    return Line(
        product_code=product,
        grade=grade,
        amount=amount,
        floor=floor,
        cap=cap,
        rate=rate,
        funds=funds,
        cost=cost,
        default_rate=default,
        loss_given_default=lost,
        months=int(months),
    )


def _worth(line: Line, price: Fraction) -> Fraction:
    return line.profit_each - price * line.loss_each


def _filled(
    lines: Sequence[Line], budget: Fraction, order: Callable[[Line], tuple[Fraction, Fraction]]
) -> tuple[Fraction, ...]:
    """Fill lines from their floors to their caps, dearest first, while one is worth anything.

    Of a worth of exactly nothing, the second part of the order tells whether it is filled.
    """
    amounts = [Fraction(line.floor.minor) for line in lines]
    left = budget - sum(amounts)
    ranked = sorted(range(len(lines)), key=lambda at: order(lines[at]), reverse=True)
    for at in ranked:
        worth, tie = order(lines[at])
        if worth < 0 or (worth == 0 and tie <= 0):
            break
        more = min(left, lines[at].cap.minor - amounts[at])
        amounts[at] += more
        left -= more
    return tuple(amounts)


def _prices(lines: Sequence[Line]) -> list[Fraction]:
    """Return the prices of loss at which a line's worth vanishes or two lines change places."""
    prices = {Fraction(0)}
    lossy = [line for line in lines if line.loss_each]
    prices.update(line.profit_each / line.loss_each for line in lossy)
    for one, other in combinations(lines, 2):
        if apart := one.loss_each - other.loss_each:
            prices.add((one.profit_each - other.profit_each) / apart)
    return sorted(price for price in prices if price >= 0)


def _least(prices: Sequence[Fraction], keeps: Callable[[Fraction], bool]) -> Fraction:
    """Return the least price that keeps the ceiling; the highest one leaves only the floors."""
    low, high = 0, len(prices) - 1
    while low < high:
        middle = (low + high) // 2
        if keeps(prices[middle]):
            high = middle
        else:
            low = middle + 1
    return prices[low]


def _dot(each: Sequence[Fraction], amounts: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(each, amounts, strict=True)), Fraction(0))


def _nearest(minor: Fraction) -> Money:
    return Money(int((minor + Fraction(1, 2)) // 1))


def _sum(amounts: Iterable[Money]) -> Money:
    return sum(amounts, Money.zero())
