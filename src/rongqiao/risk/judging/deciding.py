"""Judge a case by a policy: score, price, means and tables in one pass, with a trace of it.

Pure and deterministic: the same policy, model, features and case give the same verdict and the same
bytes of it, on any machine and in any year; `ENGINE` changes where that would not hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from typing import Any

from rongqiao.finance.money import Money
from rongqiao.policies.credit.facts import Offer
from rongqiao.risk.judging.affordability import Means, affordable, burden_share
from rongqiao.risk.judging.evaluation import EXACT, Expression, Values, known
from rongqiao.risk.judging.expressions import Number, plain
from rongqiao.risk.judging.features import Value
from rongqiao.risk.judging.points import ScorePart, Scorer, score, weakest
from rongqiao.risk.judging.policy import PointsTable, Policy, ReasonText, Rule, Table

ENGINE = "tables-1"
_MEANS = ("monthly-income", "monthly-debt-service", "outstanding")


class ModelNotGiven(LookupError):
    """The policy names a model, and another one or none was given."""


class CapNotGiven(LookupError):
    """What an amount may cost has to be known, and the case does not say it."""

    def __init__(self, amount: Money) -> None:
        super().__init__(amount.text())
        self.amount = amount


class Outcome(StrEnum):
    """What the policy says: lend, ask a person, or do not lend."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"


@dataclass(frozen=True)
class Reason:
    """Why, as a code and the facts that fill its sentence.

    A reason of the policy's own brings its sentences among the facts: `zh`, `en`, `help_zh`,
    `help_en`.
    """

    code: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Versions:
    """What decided: enough to repeat the verdict from its inputs. `points` has no model's table."""

    policy: str
    policy_sha256: str
    points: str
    model_sha256: str
    engine: str


@dataclass(frozen=True)
class Fired:
    """A rule whose condition was met, or could not be told, with the values it saw."""

    table: str
    rule: str
    told: str
    saw: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is asked for, and of which product.

    `rate_max` caps the annual rate of a policy whatever the amount. `caps`, where there are any,
    even none yet, say it by the amount: fees and caps weigh otherwise on another one. Where the
    product's rate `is_floating`, a policy's own rates do not apply. Above `person_above`, the
    product's own line, a person has to agree, and so where the names on file are not those of the
    numbers on file (`is_identity_doubted`).
    """

    on: date
    amount: Money
    term_months: int
    offer: Offer
    rate_max: Decimal | None = None
    caps: tuple[tuple[Money, Decimal], ...] | None = None
    is_floating: bool = False
    person_above: Money | None = None
    is_identity_doubted: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came out. `amount` is what may be lent: the amount asked, or the most that fits.

    `margin` is what a year leaves of the amount after funds, cost and expected loss; None where
    the policy does not reckon it. `missing` names features that were not known.
    """

    outcome: Outcome
    amount: Money
    grade: str
    rate_annual: Decimal
    is_rate_capped: bool
    score: int
    parts: tuple[ScorePart, ...]
    burden: Decimal
    margin: Decimal | None
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    trace: tuple[Fired, ...]
    apply_again_on: date | None
    versions: Versions


@dataclass(frozen=True)
class Finding:
    """A rule that a case met: its code, the facts of it, and when it may have passed."""

    code: str
    facts: tuple[tuple[str, str], ...]
    passes_on: date | None


def decide(policy: Policy, features: Values, case: Case, scorer: Scorer | None = None) -> Verdict:
    """Return the verdict; features may be any values at all.

    Raises ModelNotGiven unless `scorer` is the model the policy names, and CapNotGiven for an
    amount that the case's `caps` do not have.
    """
    with localcontext(EXACT):
        return _Judging(policy, features, case, scorer).verdict()


def weighed(policy: Policy, features: Values, case: Case, scorer: Scorer | None = None) -> Values:
    """Return every value that a rule of the policy sees: features, and what the engine reckons.

    Raises ModelNotGiven.
    """
    with localcontext(EXACT):
        return _Judging(policy, features, case, scorer).values


def answer_of(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain JSON values."""
    versions, again = verdict.versions, verdict.apply_again_on
    return {
        "outcome": verdict.outcome.value,
        "amount": verdict.amount.text(),
        "grade": verdict.grade,
        "rate_annual": format(verdict.rate_annual, "f"),
        "is_rate_capped": verdict.is_rate_capped,
        "score": verdict.score,
        "parts": [[part.name, part.points, part.best] for part in verdict.parts],
        "burden": format(verdict.burden, "f"),
        "margin": None if verdict.margin is None else format(verdict.margin, "f"),
        "reasons": [{"code": one.code, "facts": dict(one.facts)} for one in verdict.reasons],
        "missing": list(verdict.missing),
        "trace": [
            {"table": one.table, "rule": one.rule, "told": one.told, "saw": dict(one.saw)}
            for one in verdict.trace
        ],
        "apply_again_on": None if again is None else again.isoformat(),
        "versions": {
            "policy": versions.policy,
            "policy_sha256": versions.policy_sha256,
            "points": versions.points,
            "model_sha256": versions.model_sha256,
            "engine": versions.engine,
        },
    }


def answer_bytes(verdict: Verdict) -> bytes:
    """Return the one text of a verdict, which a replay must give again byte for byte."""
    text = json.dumps(answer_of(verdict), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


class _Judging:
    """One case under way: what is known, what was reckoned, what was found."""

    def __init__(self, policy: Policy, features: Values, case: Case, scorer: Scorer | None) -> None:
        self.policy, self.case = policy, case
        self.declining: list[Finding] = []
        self.referring: list[Finding] = []
        self.trace: list[Fired] = []
        self.values: dict[str, Value] = {}
        self.missing: list[str] = []
        self._take_in(features)
        self._score(scorer)
        self._price(case.amount)
        self._weigh_means()
        self._reckon_margin()

    def verdict(self) -> Verdict:
        texts = {text.code: text for text in self.policy.reasons}
        for table in self.policy.tables:
            self._apply(table)
        self._check_margin()
        self._check_identity()
        self._check_line()
        against, asking = self.declining, self.referring
        found = against or asking
        return Verdict(
            outcome=Outcome.DECLINE if against else Outcome.REFER if asking else Outcome.APPROVE,
            amount=Money(0) if against else self.amount,
            grade=self.grade,
            rate_annual=self.rate,
            is_rate_capped=self.is_rate_capped,
            score=self.points,
            parts=self.parts,
            burden=percent(self.burden_asked),
            margin=self.margin,
            reasons=tuple(_said(one, texts) for one in found) or (Reason("within-policy", ()),),
            missing=tuple(self.missing),
            trace=tuple(self.trace),
            apply_again_on=_again(against),
            versions=self.versions,
        )

    def _take_in(self, features: Values) -> None:
        asked = []
        for use in self.policy.features:
            value = known(features.get(use.name), use.kind)
            if value is None:
                self.missing.append(use.name)
                value = use.instead
                if use.missing == "refer":
                    asked.append(use.name)
            self.values[use.name] = value
        if asked:
            self._ask_for(asked)

    def _score(self, scorer: Scorer | None) -> None:
        method = self.policy.score
        if isinstance(method, PointsTable):
            self.points, self.parts = score(method, self.values)
            self.versions = self._versions(method.version, "")
        elif scorer is None or scorer.sha256 != method.sha256:
            raise ModelNotGiven(method.sha256)
        else:
            self.points, self.parts = scorer.score(self.values)
            self.versions = self._versions("", scorer.sha256)
        self.grade = self.policy.grade_of(self.points)

    def _versions(self, points: str, model: str) -> Versions:
        return Versions(self.policy.label, self.policy.sha256, points, model, ENGINE)

    def _price(self, amount: Money) -> None:
        """Set the rate that this amount is lent at."""
        own = None if self.case.is_floating else self.policy.rates
        cap = self.case.rate_max
        if own is not None and self.case.caps is not None:
            cap = dict(self.case.caps).get(amount)
            if cap is None:
                raise CapNotGiven(amount)
        rate = self.case.offer.rate_of(self.grade) if own is None else dict(own)[self.grade]
        self.is_rate_capped = cap is not None and rate > cap
        self.rate = cap if cap is not None and rate > cap else rate

    def _weigh_means(self) -> None:
        """Reckon the largest amount that fits and the burden of what is asked and offered."""
        case, means = self.case, self._means()
        self.burden_asked = burden = Decimal(0)
        if means is not None:
            self.burden_asked = burden_share(means, case.amount, self.rate, case.term_months)
        most, bound = self._fit(means)
        if means is not None:
            burden = burden_share(means, self.amount, self.rate, case.term_months)
        self.values |= {
            "decided-on": case.on,
            "amount": _yuan(case.amount),
            "term-months": Decimal(case.term_months),
            "product.amount-min": _yuan(case.offer.amount_min),
            "product.amount-max": _yuan(case.offer.amount_max),
            "score": Decimal(self.points),
            "grade": self.grade,
            "weakest": ",".join(weakest(self.parts)),
            "rate": self.rate,
            "amount-most": _yuan(most),
            "amount-offered": _yuan(self.amount),
            "bound": bound,
            "burden": None if means is None else burden,
            "burden-asked": None if means is None else self.burden_asked,
        }

    def _fit(self, means: Means | None) -> tuple[Money, str]:
        """Set the amount offered with the rate that it may have; return the most and its bound.

        A cheaper rate leaves the amount as it is; a dearer one may lower it, and is asked again.
        """
        case = self.case
        priced = case.amount
        most, bound = self._most(means)
        self.amount = min(priced, most, case.offer.amount_max)
        while case.offer.amount_min <= self.amount != priced:
            priced, before = self.amount, self.rate
            self._price(priced)
            if self.rate > before:
                most, bound = self._most(means)
                self.amount = min(priced, most)
        return most, bound

    def _most(self, means: Means | None) -> tuple[Money, str]:
        limits = self.policy.affordability
        if limits is None or means is None:
            return self.case.offer.amount_max, ""
        return affordable(means, limits, self.rate, self.case.term_months)

    def _means(self) -> Means | None:
        """Return income and debts in fen; asks a person where the policy needs and lacks them."""
        income, debt, outstanding = (self.values.get(name) for name in _MEANS)
        if (
            isinstance(income, Decimal)
            and isinstance(debt, Decimal)
            and isinstance(outstanding, Decimal)
        ):
            revenue = self.values.get("revenue-annual")
            return Means(
                income=income * 100,
                debt_service=debt * 100,
                outstanding=outstanding * 100,
                revenue=revenue * 100 if isinstance(revenue, Decimal) else None,
            )
        if self.policy.affordability is not None:
            self._ask_for([name for name in _MEANS if self.values.get(name) is None])
        return None

    def _reckon_margin(self) -> None:
        profit = self.policy.profit
        self.margin: Decimal | None = None
        if profit is not None:
            default = dict(profit.default_rates)[self.grade]
            lost = default * profit.loss_given_default
            self.margin = self.rate - profit.funds - profit.cost - lost
        self.values["margin"] = self.margin

    def _check_margin(self) -> None:
        """A loan that leaves less than the floor is not made by the machine."""
        profit = self.policy.profit
        if profit is None or self.margin is None or self.margin >= profit.floor:
            return
        shown = (
            ("margin", format(percent(self.margin), "f")),
            ("margin_min", format(profit.floor, "f")),
        )
        self.trace.append(Fired("profit", "floor", "true", shown))
        to = self.declining if profit.below == "decline" else self.referring
        to.append(Finding("margin-too-thin", shown, None))

    def _check_identity(self) -> None:
        """No policy approves by itself whoever may be somebody else."""
        if self.case.is_identity_doubted:
            self.trace.append(Fired("identity", "identity-differs", "true", ()))
            self.referring.append(Finding("identity-differs", (), None))

    def _check_line(self) -> None:
        """The product's own line may be lower than the policy's."""
        line = self.case.person_above
        if line is None or self.case.amount <= line or self.declining or self.referring:
            return
        shown = (("amount_max", line.text()),)
        self.trace.append(Fired("product", "person-above", "true", shown))
        self.referring.append(Finding("amount-needs-a-person", shown, None))

    def _apply(self, table: Table) -> None:
        values = self.values
        for rule in table.rules:
            told = rule.when.meaning(values)
            if told is False or (told is None and table.unknown == "skip"):
                continue
            self._note(table, rule, is_true=told is True)
            if told is None:
                self._ask_for([name for name in rule.when.names if values.get(name) is None])
                continue
            if rule.outcome == "decline":
                self.declining.append(self._found(rule))
            elif rule.outcome == "refer":
                self.referring.append(self._found(rule))
            if table.hit == "first":
                return

    def _note(self, table: Table, rule: Rule, *, is_true: bool) -> None:
        saw = tuple((name, plain(self.values.get(name))) for name in rule.when.names)
        self.trace.append(Fired(table.code, rule.code, "true" if is_true else "unknown", saw))

    def _found(self, rule: Rule) -> Finding:
        facts = tuple((name, shown(seen, unit, self.values)) for name, seen, unit in rule.facts)
        return Finding(rule.reason, facts, self._passes_on(rule))

    def _passes_on(self, rule: Rule) -> date | None:
        again = rule.again
        if again.days is not None:
            return self.case.on + timedelta(days=again.days)
        day = again.on.of(self.values) if again.on is not None else None
        return day if isinstance(day, date) else None

    def _ask_for(self, names: Iterable[str]) -> None:
        told = ",".join(names)
        finding = Finding("fact-missing", (("facts_missing", told),), None)
        if finding not in self.referring:
            self.referring.append(finding)


def shown(seen: Expression, unit: str, values: Values) -> str:
    """Return a fact's text: yuan with two decimals, a share with four, a number as written."""
    value = seen.of(values)
    if not isinstance(value, Decimal):
        return value if isinstance(value, str) else plain(value)
    if unit == "yuan":
        return format(value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), "f")
    if unit == "share":
        return format(percent(value), "f")
    if isinstance(seen.tree, Number):
        return format(value, "f")
    if value == value.to_integral_value():
        return format(value.to_integral_value(), "f")
    return format(value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP).normalize(), "f")


def percent(share: Decimal) -> Decimal:
    """Return a share with four decimals."""
    return share.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


def _said(finding: Finding, texts: dict[str, ReasonText]) -> Reason:
    text = texts.get(finding.code)
    if text is None:
        return Reason(finding.code, finding.facts)
    facts = dict(finding.facts)
    sentences = {
        "zh": text.why.zh,
        "en": text.why.en,
        "help_zh": text.helps.zh,
        "help_en": text.helps.en,
    }
    said = tuple((name, sentence.format_map(facts)) for name, sentence in sentences.items())
    return Reason(finding.code, (*finding.facts, *said))


def _again(against: list[Finding]) -> date | None:
    """Return the day all of the reasons may have passed; None if one of them never does."""
    days = [finding.passes_on for finding in against]
    known_days = [day for day in days if day is not None]
    return max(known_days) if known_days and len(known_days) == len(days) else None


def _yuan(money: Money) -> Decimal:
    return Decimal(money.minor) / 100
