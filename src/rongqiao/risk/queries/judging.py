"""Judge a case by a credit policy, and estimate a limit for somebody who has not even logged in.

Pure but for the documents in force: the same facts, offer and policy always give the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from rongqiao.finance.money import Money
from rongqiao.policies.credit.facts import NO_HISTORY, Facts, Offer
from rongqiao.policies.credit.policy import document_on
from rongqiao.risk.judging.affordability import monthly_burden
from rongqiao.risk.judging.deciding import Case, Outcome, Reason, Verdict, Versions, decide
from rongqiao.risk.judging.document import canonical, from_bytes, read_policy
from rongqiao.risk.judging.features import (
    Feature,
    FromTheFuture,
    Value,
    doubts_identity,
    features_from,
    values_of,
)
from rongqiao.risk.judging.policy import REASON_CODES, ModelNamed, PointsTable, Policy
from rongqiao.risk.queries.documents import model_document, scorer_of

# What other contexts hold in their hands of what is judged here.
__all__ = [
    "REASON_CODES",
    "Case",
    "Feature",
    "FromTheFuture",
    "LimitEstimate",
    "Outcome",
    "Policy",
    "Reason",
    "Value",
    "Verdict",
    "doubts_identity",
    "estimate_limit",
    "judge",
    "own_features",
    "policy_on",
    "policy_text",
    "read_text",
]


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


def policy_text(code: str, on: date) -> bytes:
    """Return the canonical text of the policy `code` in force on a date; raises NoPolicy."""
    return _canonical(document_on(code, on))


def policy_on(code: str, on: date) -> Policy:
    """Return the policy `code` in force on a date; raises NoPolicy."""
    return read_text(policy_text(code, on))


@lru_cache(maxsize=256)
def read_text(body: bytes) -> Policy:
    """Return the policy of a document's text; raises BadPolicy."""
    return read_policy(from_bytes(body))


def own_features(facts: Facts, at: datetime) -> tuple[Feature, ...]:
    """Return what an application and the party's history here give by themselves, known at `at`."""
    return features_from(values_of(facts), at)


def judge(facts: Facts, policy: Policy, offer: Offer) -> Verdict:
    """Return approve, refer or decline with amount, grade, rate and every reason, gravest first."""
    case = Case(on=facts.on, amount=facts.amount, term_months=facts.term_months, offer=offer)
    model = policy.score
    scorer = scorer_of(model_document(model.sha256)) if isinstance(model, ModelNamed) else None
    return decide(policy, values_of(facts), case, scorer)


def estimate_limit(facts: Facts, policy: Policy, offer: Offer) -> LimitEstimate:
    """Return what `facts` would allow: no inquiry, nothing stored, nothing promised.

    Words nobody asked for (employment, housing, sector) are taken at their worst for the low end
    and at their best for the high end; the history counts as none.
    """
    bare = replace(facts, history=NO_HISTORY, amount=offer.amount_max)
    low, high = (
        judge(replace(bare, **_words(bare, policy, is_best=is_best)), policy, offer)
        for is_best in (False, True)
    )
    dear, cheap = low.rate_annual, high.rate_annual
    against = high.reasons if high.outcome is Outcome.DECLINE else ()
    return LimitEstimate(
        amount_low=min(low.amount, high.amount),
        amount_high=high.amount,
        rate_annual_low=min(cheap, dear),
        rate_annual_high=max(cheap, dear),
        monthly_high=monthly_burden(high.amount, dear, facts.term_months),
        # A score from guessed words is no figure to tell anybody.
        reasons=tuple(
            Reason(one.code, ()) if one.code == "score-too-low" else one for one in against
        ),
        versions=high.versions,
    )


@lru_cache(maxsize=64)
def _canonical(body: bytes) -> bytes:
    return canonical(from_bytes(body))


def _words(facts: Facts, policy: Policy, *, is_best: bool) -> dict[str, Any]:
    """Fill the words that were not asked for from the ends of the points table."""
    if not isinstance(policy.score, PointsTable):
        return {}
    chosen: dict[str, Any] = {}
    for line in policy.score.lines:
        if line.words and getattr(facts, line.name, "") is None:
            allowed = [pair for pair in line.words if not _rules_out(policy, line.name, pair[0])]
            ordered = sorted(allowed, key=lambda pair: pair[1])
            chosen[line.name] = ordered[-1 if is_best else 0][0] if ordered else None
    return chosen


def _rules_out(policy: Policy, name: str, word: str) -> bool:
    """Tell whether this word alone, whatever else is true, is declined."""
    alone: dict[str, Value] = {name: word}
    return any(
        rule.outcome == "decline" and rule.when.of(alone) is True
        for table in policy.tables
        for rule in table.rules
    )
