"""A candidate policy beside the current one on the same cases: figures, swap set, what-if."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from rongqiao.finance.money import Money
from rongqiao.risk.judging.changing.backtesting.cases import (
    BAD,
    GOOD,
    VERDICTS,
    Assumptions,
    Cases,
    Flags,
    lets_in,
)
from rongqiao.risk.judging.changing.backtesting.dividing import Divided
from rongqiao.risk.judging.changing.backtesting.figures import (
    Figures,
    Reckoned,
    figures_of,
    reckon,
    share,
)
from rongqiao.risk.judging.changing.backtesting.replay import Replay
from rongqiao.risk.judging.changing.cutoffs import Cutoff, changed, cutoffs_of
from rongqiao.risk.judging.expressions import parse, printed

# A policy over the cases, alone or divided with its challenger.
Judging = Replay | Divided
CURVE_POINTS, MOST_CURVES = 21, 8
_ORDERED = ("<", "<=", ">", ">=", "from", "to")
_TOLD = ("key", "table", "rule", "outcome", "subject", "sign", "value")
OUTCOMES = {GOOD: "good", BAD: "bad"}
# A result is stored whole: so many changed cases are listed, the weightiest first; all are counted.
MOST_LISTED = 2000


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One slice of the cases under both policies; `name` is a month, a grade, or what changed."""

    name: str
    current: Figures
    candidate: Figures


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A case that changed sides: from one verdict, grade and score to another, and what became."""

    reference: str
    month: str
    amount: Money
    was: str
    now: str
    was_grade: str
    now_grade: str
    was_score: Decimal | None
    now_score: Decimal | None
    reason: str
    outcome: str
    profit: Money | None


@dataclass(frozen=True, kw_only=True)
class SwapSet:
    """Who is let in by one policy only; `both` and `neither` are who does not change sides."""

    swapped_in: Figures
    swapped_out: Figures
    both: Figures
    neither: int
    listed_in: tuple[Changed, ...]
    listed_out: tuple[Changed, ...]


@dataclass(frozen=True, kw_only=True)
class Point:
    """What the candidate would make of the cases with another value of one cut-off."""

    value: Decimal
    accepted: int
    accept_rate: Decimal | None
    known: int
    bad_rate: Decimal | None
    loss: Money
    profit: Money
    loss_high: Money
    profit_low: Money


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One cut-off of the candidate over the values that the cases themselves have, rising."""

    key: str
    table: str
    rule: str
    outcome: str
    subject: str
    sign: str
    value: Decimal
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A back-test: everything it found, and what it rests on."""

    cases: int
    first_month: str
    last_month: str
    known: int
    assumptions: Assumptions
    whole: Pair
    by_month: tuple[Pair, ...]
    by_grade: tuple[Pair, ...]
    swaps: SwapSet
    curves: tuple[Curve, ...]


class NoCases(ValueError):
    """There is no case to test on."""


def compare(
    cases: Cases, current: Judging, candidate: Judging, given: Assumptions | None = None
) -> Comparison:
    """Return what the candidate would have done beside the current policy. Raises NoCases."""
    if not len(cases):
        raise NoCases("no case lies in this period")
    given = given or Assumptions()
    was = reckon(cases, current.judged, given)
    now = reckon(cases, candidate.judged, given)
    everything = np.ones(len(cases), np.bool_)
    months = np.unique(cases.months)
    return Comparison(
        cases=len(cases),
        first_month=month_text(int(months[0])),
        last_month=month_text(int(months[-1])),
        known=int(was.known.sum()),
        assumptions=given,
        whole=_pair("", was, now, (everything, everything)),
        by_month=tuple(
            _pair(month_text(int(one)), was, now, (cases.months == one, cases.months == one))
            for one in months
        ),
        by_grade=_by_grade(was, now),
        swaps=_swaps(was, now),
        curves=tuple(_curve(candidate, now, one) for one in _asked_about(candidate)),
    )


def plain(value: Any) -> Any:
    """Return a result as JSON values: amounts as yuan text, shares as decimal text."""
    if is_dataclass(value) and not isinstance(value, (type, Money)):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    if isinstance(value, Money):
        return value.text()
    return str(value) if isinstance(value, Decimal) else value


def month_text(month: int) -> str:
    """Return year*12 + month-1 as `2026-01`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _pair(name: str, was: Reckoned, now: Reckoned, within: tuple[Flags, Flags]) -> Pair:
    return Pair(name=name, current=figures_of(was, within[0]), candidate=figures_of(now, within[1]))


def _by_grade(was: Reckoned, now: Reckoned) -> tuple[Pair, ...]:
    """Return the figures of each grade, by the grade that either policy itself gives."""
    names = sorted({*was.judged.grade.tolist(), *now.judged.grade.tolist()} - {""})
    return tuple(
        _pair(name, was, now, (was.judged.grade == name, now.judged.grade == name))
        for name in names
    )


def _swaps(was: Reckoned, now: Reckoned) -> SwapSet:
    entered = now.accepted & ~was.accepted
    left = was.accepted & ~now.accepted
    return SwapSet(
        swapped_in=figures_of(now, entered),
        # What they brought under the policy that lets them in.
        swapped_out=figures_of(was, left),
        both=figures_of(now, now.accepted & was.accepted),
        neither=int((~now.accepted & ~was.accepted).sum()),
        listed_in=_listed(was, now, entered, now),
        listed_out=_listed(was, now, left, was),
    )


def _listed(was: Reckoned, now: Reckoned, which: Flags, lending: Reckoned) -> tuple[Changed, ...]:
    places = np.flatnonzero(which)
    order = np.argsort(-lending.judged.amount[places], kind="stable")
    return tuple(_changed(was, now, int(i), lending) for i in places[order][:MOST_LISTED])


def _changed(was: Reckoned, now: Reckoned, i: int, lending: Reckoned) -> Changed:
    cases, old, new = was.cases, was.judged, now.judged
    profit = float(lending.actual.profit[i])
    return Changed(
        reference=cases.references[i],
        month=month_text(int(cases.months[i])),
        amount=Money(int(lending.judged.amount[i])),
        was=VERDICTS[int(old.verdict[i])],
        now=VERDICTS[int(new.verdict[i])],
        was_grade=str(old.grade[i]),
        now_grade=str(new.grade[i]),
        was_score=_score(float(old.score[i])),
        now_score=_score(float(new.score[i])),
        reason=str((new if lending is was else old).reason[i]),
        outcome=OUTCOMES.get(int(cases.outcome[i]), "unknown"),
        profit=Money(round(profit)) if was.known[i] else None,
    )


def _asked_about(candidate: Judging) -> tuple[Cutoff, ...]:
    """Return the cut-offs worth a curve: of a number held against an order, the score's first."""
    found = [
        one
        for one in cutoffs_of(candidate.policy)
        if one.sign in _ORDERED and one.subject in candidate.sheet.columns
    ]
    found.sort(key=lambda one: (one.subject != "score", one.outcome != "decline"))
    return tuple(found[:MOST_CURVES])


def _curve(candidate: Judging, now: Reckoned, cutoff: Cutoff) -> Curve:
    table = next(one for one in candidate.policy.tables if one.code == cutoff.table)
    rule = next(one for one in table.rules if one.code == cutoff.rule)
    when = printed(rule.when.tree)
    points = []
    for value in _values(candidate, cutoff):
        accepted = now.accepted
        if value != cutoff.value:
            other = parse(changed(when, {cutoff.index: value}))
            verdict = candidate.verdict_with(table.code, rule.code, other)
            accepted = lets_in(verdict, now.cases)
        points.append(_point(now, value, accepted))
    told = {name: getattr(cutoff, name) for name in _TOLD}
    return Curve(**told, points=tuple(points))


def _values(candidate: Judging, cutoff: Cutoff) -> tuple[Decimal, ...]:
    """Return CURVE_POINTS quantiles of what the cases have, each once, with the policy's own."""
    column = candidate.sheet.columns[cutoff.subject]
    known = column.values[column.known]
    if not len(known):
        return (cutoff.value,)
    steps = np.linspace(0, 1, CURVE_POINTS)
    found = sorted({_number(one) for one in np.quantile(known, steps, method="inverted_cdf")})
    nearest = min(range(len(found)), key=lambda i: abs(found[i] - cutoff.value))
    found[nearest] = cutoff.value
    return tuple(sorted({*found}))


def _point(now: Reckoned, value: Decimal, accepted: Flags) -> Point:
    made = figures_of(now, np.ones(len(now.cases), np.bool_), accepted)
    return Point(
        value=value,
        accepted=made.accepted,
        accept_rate=share(made.accepted, made.cases),
        known=made.known,
        bad_rate=made.bad_rate,
        loss=made.loss,
        profit=made.profit,
        loss_high=made.band.loss_high,
        profit_low=made.band.profit_low,
    )


def _score(value: float) -> Decimal | None:
    return None if np.isnan(value) else _number(value)


def _number(value: float) -> Decimal:
    """Return a figure with up to four decimals and no noughts behind them."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return Decimal("0" if text == "-0" else text)
