"""Judge a case by a credit policy and put the decision on record: a part of handing it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import Finding, Terms, record_decision
from rongqiao.lending.origination.conduct.pricing import highest_rate
from rongqiao.lending.origination.models import Application
from rongqiao.lending.products.queries import ProductTerms, VersionView
from rongqiao.platform.operations import Call, inside_operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.credit.facts import Facts
from rongqiao.risk.operations.judging.keep import keep
from rongqiao.risk.queries.judging import (
    Case,
    Feature,
    FromTheFuture,
    Outcome,
    Verdict,
    doubts_identity,
    own_features,
)
from rongqiao.risk.queries.recording import Judgement, judge_application


class FeatureTooLate(Refusal):
    """Something the decision would look at was known only after it; fact: `value`."""

    kind, code = Kind.INVALID, "origination.feature-too-late"


@dataclass(frozen=True, kw_only=True)
class Screening:
    """A locked case, what it says, what outside sources know, and the product it asks for."""

    case: Application
    facts: Facts
    features: tuple[Feature, ...]
    version: VersionView


def screen(wanted: Screening, policy: bytes, call: Call) -> tuple[UUID, Verdict]:
    """Return the id of the recorded decision and its verdict; part of the caller's transaction.

    `policy` is a document's canonical text. One query, the record, however many rules it has, and
    one more the first time a session meets the policy. Raises FeatureTooLate.
    """
    assert inside_operation(), "a part outside an operation"
    judgement = _judgement(wanted, policy, call)
    keep(judgement.documents, call.at)
    finding = _finding(wanted.facts, judgement, wanted.version)
    return record_decision(wanted.case, finding, call), judgement.verdict


def _judgement(wanted: Screening, policy: bytes, call: Call) -> Judgement:
    facts, version = wanted.facts, wanted.version
    terms = version.terms
    count = facts.term_months // terms.months_per_term
    case = Case(
        on=facts.on,
        amount=facts.amount,
        term_months=facts.term_months,
        offer=terms.offer,
        # The product's own rates were held against the cap when it was published; those of a
        # policy, or of its challenger, are held against it for the amount that they come to.
        caps=(),
        is_floating=terms.floating is not None,
        person_above=terms.four_eyes_above,
        is_identity_doubted=doubts_identity(wanted.features),
    )
    # What the platform knows by itself stands above a source that uses the same name.
    features = (*wanted.features, *own_features(facts, call.at))
    try:
        return judge_application(
            policy,
            features,
            case,
            wanted.case.pk,
            call.at,
            lambda amount: highest_rate(version, amount, count, facts.on),
        )
    except FromTheFuture as late:
        raise FeatureTooLate(value=late.name) from late


def _finding(facts: Facts, judgement: Judgement, version: VersionView) -> Finding:
    verdict = judgement.verdict
    inputs: dict[str, Any] = {
        **judgement.inputs,
        "facts": facts,
        "offer": version.terms.offer,
        "parts": verdict.parts,
        "burden": verdict.burden,
    }
    is_declined = verdict.outcome is Outcome.DECLINE
    return Finding(
        stage="screening",
        outcome=verdict.outcome.value,
        terms=None if is_declined else _terms(facts, verdict, version.terms),
        reasons=tuple((reason.code, reason.facts) for reason in verdict.reasons),
        versions={
            "policy": verdict.versions.policy,
            "points": verdict.versions.points,
            "engine": verdict.versions.engine,
            "product": version.label,
        },
        inputs=inputs,
        score=verdict.score,
        apply_again_on=verdict.apply_again_on,
        judgement=judgement,
    )


def _terms(facts: Facts, verdict: Verdict, terms: ProductTerms) -> Terms:
    return Terms(
        amount=verdict.amount,
        term_count=facts.term_months // terms.months_per_term,
        rate_annual=verdict.rate_annual,
        grade=verdict.grade,
    )
