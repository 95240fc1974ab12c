"""Judge many past cases by one policy at once: the verdicts of `decide`, a column at a time.

Where float64 might tell otherwise than Decimal, and where a rule looks at what is only reckoned
case by case, the rows are judged by `decide` itself; so every verdict here is decide's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rongqiao.policies.credit.facts import Offer
from rongqiao.risk.judging.affordability import BURDEN_MOST, STEP_MINOR
from rongqiao.risk.judging.changing.backtesting.cases import (
    APPROVE,
    DECLINE,
    REFER,
    VERDICTS,
    Flags,
    Judged,
    Real,
    Whole,
    Words,
)
from rongqiao.risk.judging.changing.backtesting.columns import (
    NEAR,
    Column,
    Sheet,
    column_of,
    days_of,
    evaluate,
    numbers,
    texts,
)
from rongqiao.risk.judging.deciding import Case, ModelNotGiven, decide
from rongqiao.risk.judging.evaluation import known
from rongqiao.risk.judging.expressions import Node
from rongqiao.risk.judging.features import Value
from rongqiao.risk.judging.points import Scorer, scores_of
from rongqiao.risk.judging.policy import Affordability, Line, PointsTable, Policy, Rule, Table

Asked = tuple[Mapping[str, Value], Case]
_MEANS = ("monthly-income", "monthly-debt-service", "outstanding")
_BOUNDS = ("", "amount-above-income", "amount-above-revenue", "burden-too-high")
# More than this is judged one by one only where a rule needs it.
_ROW_BY_ROW = frozenset({"weakest"})


@dataclass
class Replay:
    """A policy's columns over the cases; rules can be asked again with another condition."""

    policy: Policy
    rows: Sequence[Asked]
    scorer: Scorer | None = None
    sheet: Sheet = field(init=False)
    judged: Judged = field(init=False)

    def __post_init__(self) -> None:
        """Reckon every column, every rule, and judge the rows in doubt one by one."""
        count = len(self.rows)
        self._columns: dict[str, Column] = {}
        self.sheet = Sheet(count, self._columns)
        self._asks: Flags = np.zeros(count, np.bool_)
        self._take_in()
        self._score()
        self._price()
        self._weigh_means()
        self._reckon_margin()
        self._fired = {
            (table.code, rule.code): self._met(rule.when.tree, rule.when.names)
            for table in self.policy.tables
            for rule in table.rules
        }
        verdict, reason = self._verdicts({})
        self.judged = Judged(
            verdict=verdict,
            score=self._points,
            grade=self._grade_names[self._grade],
            rate=self._rate,
            amount=self._amount.astype(np.int64),
            reason=reason,
        )
        self._settle_doubts()

    def verdict_with(self, table: str, rule: str, when: Node) -> Whole:
        """Return the verdicts were this one rule's condition another; names as in the old one.

        Rows in doubt are taken as reckoned: what is asked here is a curve, not a decision.
        """
        found, _reason = self._verdicts({(table, rule): self._met(when, ())})
        return found

    def _take_in(self) -> None:
        for use in self.policy.features:
            column = column_of([given.get(use.name) for given, _ in self.rows], use.kind)
            if use.missing == "refer":
                self._asks |= ~column.known
            if use.missing == "use":
                values = [
                    given.get(use.name) if known else use.instead
                    for (given, _), known in zip(self.rows, column.known, strict=True)
                ]
                column = column_of(values, use.kind)
            self._columns[use.name] = column

    def _score(self) -> None:
        method = self.policy.score
        if isinstance(method, PointsTable):
            total = np.full(len(self.rows), float(method.start))
            for line in method.lines:
                total += _line_points(self.sheet, self._columns[line.name], line)
        else:
            scorer = self.scorer
            if scorer is None or scorer.sha256 != method.sha256:
                raise ModelNotGiven(method.sha256)
            total = np.array(scores_of(scorer, self._row_by_row()), np.float64)
        self._points = total
        lowest = np.array([step.score_min for step in self.policy.grades][::-1], np.float64)
        place = np.searchsorted(lowest, total, side="right")
        self._grade = np.maximum(len(lowest) - place, 0).clip(max=len(lowest) - 1)
        self._grade_names = _words(step.grade for step in self.policy.grades)

    def _row_by_row(self) -> list[dict[str, Value]]:
        """Return the features of each case as decide takes them in."""
        found = []
        for given, _ in self.rows:
            seen = {one.name: known(given.get(one.name), one.kind) for one in self.policy.features}
            for one in self.policy.features:
                if seen[one.name] is None:
                    seen[one.name] = one.instead
            found.append(seen)
        return found

    def _price(self) -> None:
        offers: dict[Offer, int] = {}
        place = np.fromiter(
            (offers.setdefault(case.offer, len(offers)) for _, case in self.rows),
            np.int64,
            len(self.rows),
        )
        steps = self.policy.grades
        by_offer = [[offer.rate_of(step.grade) for step in steps] for offer in offers]
        offered = np.array([[float(rate) for rate in row] for row in by_offer])[place, self._grade]
        own = self.policy.rates
        if own is not None:
            is_floating = np.array([case.is_floating for _, case in self.rows], np.bool_)
            mine = np.array([float(dict(own)[step.grade]) for step in steps])[self._grade]
            offered = np.where(is_floating, offered, mine)
        caps = np.array(
            [np.inf if case.rate_max is None else float(case.rate_max) for _, case in self.rows]
        )
        self._rate = np.minimum(offered, caps)
        self._least, self._most_offered = (
            np.array([getattr(offer, name).minor for offer in offers], np.float64)[place]
            for name in ("amount_min", "amount_max")
        )

    def _weigh_means(self) -> None:
        asked = np.array([case.amount.minor for _, case in self.rows], np.float64)
        terms = np.array([case.term_months for _, case in self.rows], np.float64)
        found = [self._columns.get(name) for name in _MEANS]
        lines = [one.person_above for _, one in self.rows]
        self._above_line = asked > np.array(
            [np.inf if one is None else float(one.minor) for one in lines]
        )
        self._doubted = np.array([one.is_identity_doubted for _, one in self.rows], np.bool_)
        has_means = _everywhere([None if one is None else one.known for one in found], len(asked))
        income, debt, outstanding = (
            np.zeros(len(asked)) if one is None else self._in_fen(one) for one in found
        )
        limits = self.policy.affordability
        most, bound = self._most_offered.copy(), np.zeros(len(asked), np.int64)
        if limits is not None:
            self._asks |= ~has_means
            fits, why = self._affordable(limits, income, debt, outstanding, terms)
            most, bound = np.where(has_means, fits, most), np.where(has_means, why, bound)
        self._amount = np.minimum(np.minimum(asked, most), self._most_offered)
        burden, slack = _burden(income, debt, self._amount, self._rate, terms)
        burden_asked, slack_asked = _burden(income, debt, asked, self._rate, terms)
        unknown = np.where(has_means, 0.0, np.nan)
        self._columns |= {
            "decided-on": days_of([case.on for _, case in self.rows]),
            "amount": numbers(asked / 100),
            "term-months": numbers(terms),
            "product.amount-min": numbers(self._least / 100),
            "product.amount-max": numbers(self._most_offered / 100),
            "score": numbers(self._points),
            "grade": texts(self._grade, [step.grade for step in self.policy.grades]),
            "rate": numbers(self._rate),
            "amount-most": numbers(most / 100),
            "amount-offered": numbers(self._amount / 100),
            "bound": texts(bound, _BOUNDS),
            "burden": numbers(burden + unknown, slack),
            "burden-asked": numbers(burden_asked + unknown, slack_asked),
        }

    def _affordable(
        self, limits: Affordability, income: Real, debt: Real, outstanding: Real, terms: Real
    ) -> tuple[Real, Whole]:
        """Return the largest amount in fen and the place in _BOUNDS of what bounds it.

        What is not exact in float64 and near a step of a hundred yuan comes into doubt.
        """
        room = income * float(limits.burden_max) - debt
        bounds = [
            (1, income * limits.income_months_max - outstanding),
            (3, room / (1 / terms + self._rate / 12)),
        ]
        revenue = self._columns.get("revenue-annual")
        if limits.revenue_share_max is not None and revenue is not None:
            top, bottom = limits.revenue_share_max.as_integer_ratio()
            fen = self._in_fen(revenue)
            bounds.insert(1, (2, np.where(revenue.known, fen * top / bottom - outstanding, np.inf)))
        stacked = np.stack([values for _, values in bounds])
        tightest = np.argmin(stacked, axis=0)
        least = np.min(stacked, axis=0)
        why = np.array([place for place, _ in bounds])[tightest]
        self._doubt_bounds(stacked, least, why == 3)
        steps = np.floor(np.trunc(least) / STEP_MINOR)
        return np.maximum(steps * STEP_MINOR, 0.0), why

    def _in_fen(self, column: Column) -> Real:
        """Return yuan as fen; a part of a fen puts the row in doubt."""
        fen = column.values * 100
        whole = np.rint(fen)
        self.sheet.doubt |= column.known & (np.abs(fen - whole) > NEAR * np.maximum(1.0, whole))
        return np.asarray(whole, np.float64)

    def _doubt_bounds(self, stacked: Real, least: Real, by_burden: Flags) -> None:
        size = np.maximum(1.0, np.abs(least))
        is_shared = (stacked - least <= NEAR * size).sum(axis=0) > 1
        steps = least / STEP_MINOR
        near_step = np.abs(steps - np.rint(steps)) <= NEAR * np.maximum(1.0, np.abs(steps))
        self.sheet.doubt |= is_shared | (near_step & by_burden)

    def _reckon_margin(self) -> None:
        profit = self.policy.profit
        if profit is None:
            self._thin: Flags = np.zeros(len(self.rows), np.bool_)
            self._columns["margin"] = numbers(np.full(len(self.rows), np.nan))
            return
        lost = np.array(
            [float(rate * profit.loss_given_default) for _, rate in profit.default_rates]
        )
        margin = self._rate - float(profit.funds) - float(profit.cost) - lost[self._grade]
        column = numbers(margin, 0.0)
        self._columns["margin"] = column
        floor = numbers(np.full(len(self.rows), float(profit.floor)))
        self.sheet.near(column, floor)
        self._thin = np.asarray(margin < float(profit.floor), np.bool_)

    def _met(self, when: Node, names: Iterable[str]) -> tuple[Flags, Flags]:
        """Return where a condition is met and where it cannot be told."""
        if _ROW_BY_ROW & set(names):
            self.sheet.doubt |= True
            nowhere = np.zeros(len(self.rows), np.bool_)
            return nowhere, nowhere
        column = evaluate(when, self.sheet)
        return np.asarray(column.known & (column.values > 0), np.bool_), ~column.known

    def _verdicts(
        self, instead: Mapping[tuple[str, str], tuple[Flags, Flags]]
    ) -> tuple[Whole, Words]:
        """Return verdicts and first reasons, with other results for the rules named `instead`."""
        found = _Findings(len(self.rows))
        found.refer(self._asks, "fact-missing")
        for table in self.policy.tables:
            self._apply(table, found, {**self._fired, **instead})
        profit = self.policy.profit
        if profit is not None:
            (found.decline if profit.below == "decline" else found.refer)(
                self._thin, "margin-too-thin"
            )
        found.refer(self._doubted, "identity-differs")
        found.refer(self._above_line & found.undisputed(), "amount-needs-a-person")
        return found.verdict(), found.reason()

    @staticmethod
    def _apply(
        table: Table, found: _Findings, fired: Mapping[tuple[str, str], tuple[Flags, Flags]]
    ) -> None:
        is_open = np.ones(found.count, np.bool_)
        for rule in table.rules:
            met, untold = fired[table.code, rule.code]
            if table.unknown == "refer":
                found.refer(is_open & untold, "fact-missing")
            found.note(rule, is_open & met)
            if table.hit == "first":
                is_open &= ~met

    def _settle_doubts(self) -> None:
        judged = self.judged
        for i in np.flatnonzero(self.sheet.doubt).tolist():
            given, case = self.rows[i]
            verdict = decide(self.policy, given, case, self.scorer)
            judged.verdict[i] = VERDICTS.index(verdict.outcome.value)
            judged.reason[i] = verdict.reasons[0].code
            if verdict.amount.minor:
                judged.amount[i] = verdict.amount.minor


class _Findings:
    """What was found against each case, and the first word of it."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._declined = np.zeros(count, np.bool_)
        self._referred = np.zeros(count, np.bool_)
        self._codes: list[str] = ["within-policy"]
        self._against = np.zeros(count, np.int64)
        self._asking = np.zeros(count, np.int64)

    def note(self, rule: Rule, met: Flags) -> None:
        if rule.outcome == "decline":
            self.decline(met, rule.reason)
        elif rule.outcome == "refer":
            self.refer(met, rule.reason)

    def decline(self, met: Flags, code: str) -> None:
        self._first(met & ~self._declined, code, self._against)
        self._declined |= met

    def refer(self, met: Flags, code: str) -> None:
        self._first(met & ~self._referred, code, self._asking)
        self._referred |= met

    def _first(self, fresh: Flags, code: str, places: Whole) -> None:
        self._codes.append(code)
        places[fresh] = len(self._codes) - 1

    def verdict(self) -> Whole:
        return np.where(self._declined, DECLINE, np.where(self._referred, REFER, APPROVE))

    def undisputed(self) -> Flags:
        return ~self._declined & ~self._referred

    def reason(self) -> Words:
        places = np.where(self._declined, self._against, self._asking)
        return _words(self._codes)[places]


def _line_points(sheet: Sheet, column: Column, line: Line) -> Real:
    words, missing = dict(line.words), float(line.missing)
    if words:
        table = np.array([*(words.get(one, missing) for one in column.words), missing], np.float64)
        return np.asarray(table[column.values.astype(np.int64)], np.float64)
    edges = np.array([float(bound) for bound, _ in line.bounds])
    points = np.array([missing, *(float(given) for _, given in line.bounds)])
    for edge in edges if column.slack is not None else ():
        sheet.near(column, numbers(np.full(sheet.rows, edge)))
    place = np.searchsorted(edges, column.values, side="right")
    return np.where(column.known, points[place], missing)


def _burden(income: Real, debt: Real, amount: Real, rate: Real, terms: Real) -> tuple[Real, Real]:
    """Return the share of income a month takes, at most 9.99, and by how much it may be off.

    A month's burden is rounded up to the fen: by one fen the two kinds of number may differ.
    """
    most = float(BURDEN_MOST)
    monthly = np.ceil(amount / terms + amount * rate / 12)
    there = income > 0
    share = np.divide(debt + monthly, income, out=np.full_like(income, most), where=there)
    slack = np.divide(1.0, income, out=np.zeros_like(income), where=there)
    return np.minimum(share, most), slack


def _everywhere(masks: list[Flags | None], count: int) -> Flags:
    found = np.ones(count, np.bool_)
    for mask in masks:
        found &= np.zeros(count, np.bool_) if mask is None else mask
    return found


def _words(words: Iterable[str]) -> Words:
    """Return words as an array that keeps each as it is, however long."""
    return np.array([*words], dtype=object)
