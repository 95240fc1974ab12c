"""Expected credit loss of a loan in three stages, and the floor by five-tier class beside it. Pure.

企业会计准则第 22 号——金融工具确认和计量 (2017), on impairment: twelve months' expected loss while
credit risk has not risen significantly (stage 1), that of the whole life once it has (2), or once
the loan is credit-impaired (3); weighted over scenarios, discounted. Default is a discrete monthly
hazard: the chance to default in month k of those that have not yet. Amounts are fen, chances
millionths, multiples and weights hundredths of a percent, cumulated losses `UNIT`ths of what is
exposed.

The set-based run (operations/provisioning) looks the same curves up; a property test holds the two
equal to the fen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum

from rongqiao.lending.servicing.engine import RiskClass
from rongqiao.lending.servicing.grading import NON_PERFORMING

UNIT = 10**9
WHOLE = 10_000
MILLION = 10**6
_FINE = 10**15
FIRST_YEAR = 12
# Nothing is lent for longer; what is planned later counts as this late.
MOST_MONTHS = 480
# The curve of every product that has none of its own.
ANY_PRODUCT = "*"
_DECIMAL = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)


class Stage(IntEnum):
    """The three stages."""

    PERFORMING = 1
    INCREASED = 2
    IMPAIRED = 3


class Policy(StrEnum):
    """What is booked for a product: the larger of expected loss and floor, or the former alone."""

    LARGER = "larger"
    EXPECTED = "expected"


@dataclass(frozen=True, kw_only=True)
class Staging:
    """From when a loan is in which stage.

    More than `days_increased` days past due is a significant increase (the standard presumes 30,
    which may be rebutted), more than `days_impaired` impaired; special mention is an increase where
    `is_watch_increased`. A loan goes back to stage 1 after `cure_months` ends of months at which it
    was neither 30 days late nor non-performing.
    """

    days_increased: int
    days_impaired: int
    is_watch_increased: bool
    cure_months: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A loan as its stage is judged; `was_bad_lately` within the months of `cure_months`."""

    days_past_due: int
    risk_class: RiskClass
    is_restructured: bool = False
    was_bad_lately: bool = False


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Of a product in a stage: the chance of default month by month, the last one for all later.

    `lgd` is the share of what is exposed that a default loses. Stage 3 has no chances: it is in
    default.
    """

    lgd: int
    hazards: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What may become of the economy: its weight, and by what it multiplies hazards and losses."""

    name: str
    weight: int
    hazard: int
    lgd: int


Curves = Mapping[tuple[str, Stage], Curve]


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Everything a run rests on. `floors` are hundredths of a percent of principal, by class.

    `conversion_percent` of an undrawn sum counts as drawn at default.
    """

    staging: Staging
    curves: Curves
    scenarios: tuple[Scenario, ...]
    floors: Mapping[RiskClass, int]
    policy: Policy
    conversion_percent: int = 100

    def curve_of(self, product: str, stage: Stage) -> Curve:
        """Return the product's own curve, or that of any product."""
        return self.curves.get((product, stage)) or self.curves[ANY_PRODUCT, stage]


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Principal that falls due in a month counted from the valuation's, the first being 1."""

    month: int
    principal: int


def stage_of(loan: Standing, rules: Staging) -> Stage:
    """Return the stage a loan is in."""
    if loan.days_past_due > rules.days_impaired or loan.risk_class in NON_PERFORMING:
        return Stage.IMPAIRED
    is_watched = rules.is_watch_increased and loan.risk_class is RiskClass.SPECIAL_MENTION
    is_late = loan.days_past_due > rules.days_increased
    if is_late or is_watched or loan.is_restructured or loan.was_bad_lately:
        return Stage.INCREASED
    return Stage.PERFORMING


def months_ahead(on: date, due_on: date) -> int:
    """Return in which month from a valuation a day lies: at least 1, at most MOST_MONTHS.

    Valued as a month ended, the next calendar month is the first.
    """
    months = (due_on.year - on.year) * 12 + due_on.month - on.month
    return min(max(months, 1), MOST_MONTHS)


def horizon_of(stage: Stage, months_left: int) -> int:
    """Return over how many months losses are expected: a year, or the life, never less."""
    return max(FIRST_YEAR, months_left) if stage is Stage.INCREASED else FIRST_YEAR


def rate_step(rate_annual: Decimal) -> int:
    """Return a yearly rate in hundredths of a percent, half-up: curves are made by such steps."""
    return int((rate_annual * WHOLE).quantize(Decimal(1), ROUND_HALF_UP))


def cumulated(
    curve: Curve, stage: Stage, scenarios: Sequence[Scenario], rate: int, months: int
) -> tuple[int, ...]:
    """Return what of one fen exposed for 0, 1, ... `months` months is expected to be lost.

    In UNITths, discounted monthly at `rate` (hundredths of a percent a year) and weighted over the
    scenarios. An impaired loan loses its share whenever: it is in default now.
    """
    if stage is Stage.IMPAIRED:
        lost = sum(one.weight * _lgd(curve, one) for one in scenarios)
        return (_rounded(lost * UNIT, WHOLE**3),) * (months + 1)
    by_month = [0] * (months + 1)
    for one in scenarios:
        alive, share = _FINE, one.weight * _lgd(curve, one)
        for month in range(1, months + 1):
            hazard = curve.hazards[min(month, len(curve.hazards)) - 1]
            defaults = _rounded(alive * min(hazard * one.hazard, WHOLE * MILLION), WHOLE * MILLION)
            by_month[month] += defaults * share
            alive -= defaults
    sums, total, factor = [0], 0, _FINE
    for lost in by_month[1:]:
        factor = _rounded(factor * 12 * WHOLE, 12 * WHOLE + rate)
        total += _rounded(lost * factor, _FINE)
        sums.append(_rounded(total * UNIT, _FINE * WHOLE**3))
    return tuple(sums)


def _lgd(curve: Curve, scenario: Scenario) -> int:
    """Return the share a default loses, of WHOLE squared."""
    return min(curve.lgd * scenario.lgd, WHOLE**2)


def expected_loss(
    exposure: int, ahead: Sequence[Ahead], horizon: int, losses: Sequence[int]
) -> int:
    """Return the expected loss in fen, half-up.

    Principal ahead is exposed until the month it falls due; arrears, interest and charges owed stay
    exposed over the whole `horizon`. `losses` come from `cumulated`.
    """
    furthest = min(horizon, len(losses) - 1)
    planned = sum(one.principal for one in ahead)
    lost = sum(one.principal * losses[min(one.month, furthest)] for one in ahead)
    return _rounded(lost + (exposure - planned) * losses[furthest], UNIT)


def undrawn_loss(
    undrawn: int, percent: int, months_left: int, horizon: int, losses: Sequence[int]
) -> int:
    """Return what is expected to be lost of a sum that is agreed but undrawn, in fen, half-up.

    `percent` of it counts as drawn at once and exposed until the loan's last due date, or to the
    end of the `horizon` where that is sooner: never less than a plan of instalments would lose.
    """
    furthest = min(horizon, months_left, len(losses) - 1)
    return _rounded(undrawn * percent * losses[furthest], 100 * UNIT)


def floor_of(risk_class: RiskClass, principal: int, floors: Mapping[RiskClass, int]) -> int:
    """Return the least allowance that rules ask of principal of a class, in fen, half-up."""
    return _rounded(principal * floors[risk_class], WHOLE)


def to_book(expected: int, floor: int, policy: Policy) -> int:
    """Return what a product's allowance is to be, in fen."""
    return max(expected, floor) if policy is Policy.LARGER else expected


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


class BadLine(ValueError):
    """A line of assumptions that cannot be read; the message is the line."""


def read_curves(text: str) -> dict[tuple[str, Stage], Curve]:
    """Return the curves that lines such as `* 1 60 0.20 0.18` tell.

    Product or *, stage, loss given default in percent, chances of default month by month in percent
    (at most four decimals; none for stage 3). Raises BadLine; also where * lacks a stage.
    """
    found: dict[tuple[str, Stage], Curve] = {}
    for words in _lines(text):
        line = " ".join(words)
        if len(words) < 3 or words[1] not in {"1", "2", "3"}:
            raise BadLine(line)
        stage = Stage(int(words[1]))
        hazards = tuple(_number(word, WHOLE, MILLION, line) for word in words[3:])
        if (words[0], stage) in found or bool(hazards) == (stage is Stage.IMPAIRED):
            raise BadLine(line)
        lgd = _number(words[2], 100, WHOLE, line)
        found[words[0], stage] = Curve(lgd=lgd, hazards=hazards)
    for stage in Stage:
        if (ANY_PRODUCT, stage) not in found:
            raise BadLine(f"{ANY_PRODUCT} {stage.value}")
    return found


def read_scenarios(text: str) -> tuple[Scenario, ...]:
    """Return the scenarios that lines such as `base 60 1 1` tell.

    Name, weight in percent, what hazards and what losses are multiplied by (at most ten). Raises
    BadLine; also where the weights are not 100 in all.
    """
    found = []
    for words in _lines(text):
        line = " ".join(words)
        if len(words) != 4:
            raise BadLine(line)
        weight = _number(words[1], 100, WHOLE, line)
        hazard, lgd = (_number(word, WHOLE, 10 * WHOLE, line) for word in words[2:])
        found.append(Scenario(name=words[0], weight=weight, hazard=hazard, lgd=lgd))
    if sum(one.weight for one in found) != WHOLE:
        raise BadLine(" + ".join(one.name for one in found))
    return tuple(found)


def read_floors(text: str) -> dict[RiskClass, int]:
    """Return the floors that lines such as `special-mention 3` tell: class, percent of principal.

    Raises BadLine; also where a class lacks.
    """
    found: dict[RiskClass, int] = {}
    for words in _lines(text):
        line = " ".join(words)
        if len(words) != 2 or words[0] not in set(RiskClass) or words[0] in found:
            raise BadLine(line)
        found[RiskClass(words[0])] = _number(words[1], 100, WHOLE, line)
    for one in RiskClass:
        if one not in found:
            raise BadLine(one.value)
    return found


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


def _number(word: str, times: int, most: int, line: str) -> int:
    """Return a decimal `times` as large, which must be whole and no more than `most`."""
    if not _DECIMAL.fullmatch(word):
        raise BadLine(line)
    value = Decimal(word) * times
    if value != int(value) or value > most:
        raise BadLine(line)
    return int(value)
