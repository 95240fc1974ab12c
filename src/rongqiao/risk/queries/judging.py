"""Judge a case by a credit policy, and estimate a limit for somebody who has not even logged in.

Pure: the same facts, offer and policy always give the same verdict. More income, a longer time in
work or a better history never give a worse one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months
from rongqiao.policies.credit.facts import NO_HISTORY, Facts, Offer
from rongqiao.policies.credit.policy import CreditPolicy
from rongqiao.risk.judging.affordability import affordable, burden_share, monthly_burden
from rongqiao.risk.judging.points import ScorePart, grade_of, score
from rongqiao.risk.judging.rules import Finding, after_pause, declining, referring

ENGINE = "rules-1"
# Every code a verdict can carry; the words are web's.
REASON_CODES = (
    "too-young",
    "too-old-at-end",
    "sector-excluded",
    "currently-overdue",
    "past-due-too-long",
    "too-many-loans",
    "no-regular-income",
    "too-short-in-work",
    "too-short-in-business",
    "burden-too-high",
    "amount-above-income",
    "amount-above-revenue",
    "score-too-low",
    "amount-above-means",
    "amount-needs-a-person",
    "was-past-due",
    "sector-needs-a-person",
    "score-needs-a-person",
    "burden-needs-a-person",
    "within-policy",
)


class Outcome(StrEnum):
    """What the rules say: lend, ask a person, or do not lend."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"


@dataclass(frozen=True)
class Reason:
    """Why, as a code and the facts that fill its sentence."""

    code: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Versions:
    """What decided: enough to repeat the verdict from its inputs."""

    policy: str
    points: str
    engine: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came out. `amount` is what may be lent: the amount asked, or the most that fits."""

    outcome: Outcome
    amount: Money
    grade: str
    rate_annual: Decimal
    score: int
    parts: tuple[ScorePart, ...]
    burden: Decimal
    reasons: tuple[Reason, ...]
    apply_again_on: date | None
    versions: Versions


@dataclass(frozen=True, kw_only=True)
class LimitEstimate:
    """A range, from few answers and no credit inquiry: the rest at its worst and at its best."""

    amount_low: Money
    amount_high: Money
    rate_annual_low: Decimal
    rate_annual_high: Decimal
    monthly_high: Money
    reasons: tuple[Reason, ...]
    versions: Versions


def judge(facts: Facts, policy: CreditPolicy, offer: Offer) -> Verdict:
    """Return approve, refer or decline with amount, grade, rate and every reason, gravest first."""
    points, parts = score(facts, policy)
    grade = grade_of(points, policy)
    rate = offer.rate_of(grade)
    most, bound = affordable(facts, policy.limits, rate)
    against = [*declining(facts, policy), *_by_means(facts, policy, offer, most, bound)]
    if points < policy.limits.score_min:
        against.append(_score_too_low(facts, policy, points, parts))
    amount = min(facts.amount, most, offer.amount_max)
    asking = [] if against else _for_a_person(facts, policy, points, amount, rate, bound)
    found = against or asking
    return Verdict(
        outcome=Outcome.DECLINE if against else Outcome.REFER if asking else Outcome.APPROVE,
        amount=Money(0) if against else amount,
        grade=grade,
        rate_annual=rate,
        score=points,
        parts=parts,
        burden=_percent(burden_share(facts, facts.amount, rate)),
        reasons=tuple(Reason(one.code, one.facts) for one in found)
        or (Reason("within-policy", ()),),
        apply_again_on=_again(against),
        versions=Versions(policy.version, policy.points_version, ENGINE),
    )


def estimate_limit(facts: Facts, policy: CreditPolicy, offer: Offer) -> LimitEstimate:
    """Return what `facts` would allow: no inquiry, nothing stored, nothing promised.

    Words nobody asked for (employment, housing, sector) are taken at their worst for the low end
    and at their best for the high end; the history counts as none.
    """
    bare = replace(facts, history=NO_HISTORY)
    ends = []
    for is_best in (False, True):
        guess = replace(bare, **_words(bare, policy, is_best=is_best))
        points, _ = score(guess, policy)
        rate = offer.rate_of(grade_of(points, policy))
        most, bound = affordable(guess, policy.limits, rate)
        against = [*declining(guess, policy), *_by_means(guess, policy, offer, most, bound)]
        if points < policy.limits.score_min:
            against.append(Finding("score-too-low", (), None))
        amount = Money(0) if against else min(most, offer.amount_max)
        ends.append((amount, rate, against))
    (low, dear, _), (high, cheap, against) = ends
    return LimitEstimate(
        amount_low=min(low, high),
        amount_high=high,
        rate_annual_low=min(cheap, dear),
        rate_annual_high=max(cheap, dear),
        monthly_high=monthly_burden(high, dear, facts.term_months),
        reasons=tuple(Reason(one.code, one.facts) for one in against),
        versions=Versions(policy.version, policy.points_version, ENGINE),
    )


def _by_means(
    facts: Facts, policy: CreditPolicy, offer: Offer, most: Money, bound: str
) -> list[Finding]:
    """Decline where not even the product's smallest amount fits."""
    if most >= offer.amount_min:
        return []
    shown = (("amount_most", most.text()), ("amount_min", offer.amount_min.text()))
    again = after_pause(facts, policy, bound) or add_months(facts.on, 3)
    return [Finding(bound, shown, again)]


def _score_too_low(
    facts: Facts, policy: CreditPolicy, points: int, parts: tuple[ScorePart, ...]
) -> Finding:
    weakest = sorted(parts, key=lambda part: -part.lost)[:4]
    shown = (
        ("score", str(points)),
        ("score_min", str(policy.limits.score_min)),
        ("weakest", ",".join(part.name for part in weakest if part.lost)),
    )
    return Finding("score-too-low", shown, after_pause(facts, policy, "score-too-low"))


def _for_a_person(
    facts: Facts,
    policy: CreditPolicy,
    points: int,
    amount: Money,
    rate: Decimal,
    bound: str,
) -> list[Finding]:
    limits = policy.limits
    found: list[Finding] = []
    shown: tuple[tuple[str, str], ...]
    if amount < facts.amount:
        shown = (
            ("amount_most", amount.text()),
            ("amount_asked", facts.amount.text()),
            ("bound", bound),
        )
        found.append(Finding("amount-above-means", shown, None))
    found += referring(facts, policy)
    if points < limits.score_refer_below:
        shown = (("score", str(points)), ("score_below", str(limits.score_refer_below)))
        found.append(Finding("score-needs-a-person", shown, None))
    share = burden_share(facts, amount, rate)
    if share > limits.burden_comfortable:
        shown = (
            ("burden", str(_percent(share))),
            ("burden_comfortable", str(limits.burden_comfortable)),
        )
        found.append(Finding("burden-needs-a-person", shown, None))
    return found


def _again(against: list[Finding]) -> date | None:
    """Return the day all of the reasons may have passed; None if one of them never does."""
    days = [finding.passes_on for finding in against]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _words(facts: Facts, policy: CreditPolicy, *, is_best: bool) -> dict[str, Any]:
    """Fill the words that were not asked for from the ends of the points table."""
    chosen: dict[str, Any] = {}
    for line in policy.characteristics:
        if line.words and getattr(facts, line.name) is None:
            allowed = [
                pair for pair in line.words if pair[0] not in policy.limits.employments_excluded
            ]
            ordered = sorted(allowed, key=lambda pair: pair[1])
            chosen[line.name] = ordered[-1 if is_best else 0][0]
    return chosen


def _percent(share: Decimal) -> Decimal:
    return share.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
