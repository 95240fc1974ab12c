"""A decision as it goes on record, and the same decision made again from its record.

An application may be judged by two policies: the one in force and the one that challenges it. A
salted hash of the application's id says which of them decides; the other is judged in the shadow,
on record and never acted on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.policies.credit.facts import GradeRate, Offer
from rongqiao.risk.judging.changing.lines import line_of
from rongqiao.risk.judging.changing.rereading import (
    MET,
    NOT_MET,
    NOT_REACHED,
    UNKNOWN,
    Reread,
    RuleRead,
    TableRead,
    reread,
)
from rongqiao.risk.judging.deciding import CapNotGiven, Case, Verdict, answer_bytes, decide
from rongqiao.risk.judging.evaluation import Values
from rongqiao.risk.judging.features import Feature, Value, known_at
from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.judging.policy import ModelNamed, Policy
from rongqiao.risk.judging.schema import BadPolicy
from rongqiao.risk.queries.documents import (
    DocumentChanged,
    DocumentNotKept,
    Kept,
    digest_of,
    kept_documents,
    model_document,
    scorer_of,
    sound_documents,
)
from rongqiao.risk.queries.judging import read_text

__all__ = [
    "MET",
    "NOT_MET",
    "NOT_REACHED",
    "UNKNOWN",
    "Judgement",
    "Reread",
    "RuleRead",
    "Shadow",
    "TableRead",
    "Unrepeatable",
    "answer_bytes",
    "asked_in",
    "check_kept",
    "digest_of",
    "is_challenged",
    "judge_application",
    "latest_feature",
    "own_rates",
    "replay",
    "reread_record",
    "score_line",
    "values_in",
]

T = TypeVar("T")
# What the highest rate is that an amount may have.
CapOf = Callable[[Money], Decimal]
CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """What the policy that does not decide would have said; `answer_sha256` is of all of it."""

    policy: str
    policy_sha256: str
    model_sha256: str
    outcome: str
    amount: str
    rate_annual: str
    score: int
    grade: str
    reasons: tuple[str, ...]
    answer_sha256: str


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict with everything that a record of it holds.

    `answer` is the verdict's one text, `inputs` what it takes to make it again, and `documents` the
    policies and models that were used.
    """

    verdict: Verdict
    answer: str
    answer_sha256: str
    arm: str
    shadow: Shadow | None
    inputs: dict[str, Any]
    documents: tuple[Kept, ...]


def judge_application(
    policy: bytes,
    features: Iterable[Feature],
    case: Case,
    application_id: UUID,
    at: datetime,
    cap_of: CapOf | None = None,
) -> Judgement:
    """Judge by the policy of a canonical text, and by its challenger if it has one.

    `cap_of` is asked for the amounts that a policy with rates of its own comes to, where `caps` of
    the case leave it open. No query but the first time a challenger or a model is met. Raises
    BadPolicy, and FromTheFuture for a feature later than `at`.
    """
    seen = {feature.name: feature for feature in features}
    values = known_at(seen.values(), at)
    champion = _armed_text(policy)
    challenger = _challenger(champion.policy)
    deciding, other, arm = champion, challenger, CHAMPION
    if challenger is not None and is_challenged(champion.policy, application_id):
        deciding, other, arm = challenger, champion, CHALLENGER
    verdict, case = _decided(deciding, values, case, cap_of)
    shadow = None
    if other is not None:
        # What it asks for is on record too, else it could not be made again.
        beside, case = _decided(other, values, case, cap_of)
        shadow = _shadow(beside)
    answer = answer_bytes(verdict)
    documents = (*deciding.documents, *(other.documents if other else ()))
    return Judgement(
        verdict=verdict,
        answer=answer.decode(),
        answer_sha256=digest_of(answer),
        arm=arm,
        shadow=shadow,
        inputs={
            "application": str(application_id),
            "case": _case_out(case),
            "features": _features_out(seen.values()),
        },
        documents=tuple({one.sha256: one for one in documents}.values()),
    )


def own_rates(sha256: str) -> dict[str, Decimal] | None:
    """Return the rates by grade of a policy that decided; None where they are the product's.

    Raises DocumentNotKept, DocumentChanged.
    """
    rates = _kept_policy(sha256).policy.rates
    return None if rates is None else dict(rates)


def is_challenged(policy: Policy, application_id: UUID) -> bool:
    """Tell whether the challenger decides this application: a salted hash falls within its share.

    Nobody can choose an id that falls on the side they like without knowing the salt.
    """
    challenge = policy.challenge
    if challenge is None or not challenge.share:
        return False
    text = f"{challenge.salt}:{application_id}".encode()
    drawn = int.from_bytes(hashlib.sha256(text).digest()[:8])
    return drawn < challenge.share * 2**64


def check_kept(policy: Policy) -> None:
    """Raise BadPolicy where the model or the challenger that a policy names cannot judge.

    Without them no application could be decided: whoever releases a policy asks here first.
    """
    if model := _model_of(policy):
        try:
            scorer = scorer_of(model_document(model))
        except (DocumentNotKept, DocumentChanged, ValueError) as error:
            raise BadPolicy("score.model", "no released model has this digest") from error
        given = {use.name for use in policy.features}
        if unknown := [name for name in scorer.names if name not in given]:
            told = ", ".join(unknown[:5])
            raise BadPolicy("score.model", f"the model reads features the policy lacks: {told}")
    if policy.challenge:
        try:
            _kept_policy(policy.challenge.policy)
        except (DocumentNotKept, DocumentChanged, ValueError) as error:
            raise BadPolicy("challenge.policy", "no policy is kept under this digest") from error


class Unrepeatable(Exception):
    """A recorded decision cannot be made again; the message says why."""


def replay(inputs: Mapping[str, Any], policy: str, model: str, kept: Mapping[str, Kept]) -> bytes:
    """Return the text of the answer that these inputs give under the policy and model named.

    `kept` are the documents by digest. Raises Unrepeatable.
    """
    return answer_bytes(_again(decide, inputs, policy, model, kept))


def reread_record(inputs: Mapping[str, Any], policy: str, model: str) -> Reread:
    """Return a recorded decision with every rule and value that was looked at; one query.

    Raises Unrepeatable.
    """
    return _again(reread, inputs, policy, model, sound_documents([policy, model]))


def score_line(inputs: Mapping[str, Any], policy: str, model: str) -> int | None:
    """Return the score from which it stands against a recorded case no more; one query.

    None where no score changes anything. Raises Unrepeatable.
    """
    return _again(line_of, inputs, policy, model, sound_documents([policy, model]))


def _again(
    work: Callable[[Policy, Values, Case, Scorer | None], T],
    inputs: Mapping[str, Any],
    policy: str,
    model: str,
    kept: Mapping[str, Kept],
) -> T:
    for digest in (policy, model):
        if digest and digest not in kept:
            raise Unrepeatable(f"document {digest} is not there, or was changed")
    try:
        armed = _armed(kept[policy], kept.get(model))
        values, case = asked_in(inputs)
        return work(armed.policy, values, case, armed.scorer)
    except (LookupError, ValueError, ArithmeticError, TypeError) as error:
        raise Unrepeatable(f"it cannot be read any more: {error}") from error


def asked_in(inputs: Mapping[str, Any]) -> tuple[dict[str, Value], Case]:
    """Return the features and the case of a recorded decision, to be judged again."""
    return values_in(inputs), _case_in(inputs["case"])


def values_in(inputs: Mapping[str, Any]) -> dict[str, Value]:
    """Return the features of a recorded decision, as they were known to it."""
    return {name: _value_in(kind, text) for name, kind, text, _, _ in inputs["features"]}


def latest_feature(inputs: Mapping[str, Any]) -> datetime | None:
    """Return the latest moment that a recorded decision's features were known at."""
    moments = {moment for _, _, _, moment, _ in inputs["features"]}
    return max(map(datetime.fromisoformat, moments), default=None)


@dataclass(frozen=True)
class _Armed:
    """A policy ready to judge, with its model and the documents both were read from."""

    policy: Policy
    scorer: Scorer | None
    documents: tuple[Kept, ...]


@lru_cache(maxsize=64)
def _armed_text(body: bytes) -> _Armed:
    policy = read_text(body)
    kept = Kept(policy.sha256, "policy", body)
    model = _model_of(policy)
    armed: _Armed = _armed(kept, model_document(model) if model else None)
    return armed


@lru_cache(maxsize=256)
def _armed(policy: Kept, model: Kept | None) -> _Armed:
    read = read_text(policy.body)
    if model is None:
        return _Armed(read, None, (policy,))
    return _Armed(read, scorer_of(model), (policy, model))


def _challenger(champion: Policy) -> _Armed | None:
    return _kept_policy(champion.challenge.policy) if champion.challenge else None


@lru_cache(maxsize=64)
def _kept_policy(digest: str) -> _Armed:
    armed: _Armed = _armed_text(kept_documents([digest])[digest].body)
    return armed


def _model_of(policy: Policy) -> str:
    return policy.score.sha256 if isinstance(policy.score, ModelNamed) else ""


def _decided(
    armed: _Armed, values: Mapping[str, Value], case: Case, cap_of: CapOf | None
) -> tuple[Verdict, Case]:
    """Return the verdict, and the case with every cap that was asked for on the way."""
    while True:
        try:
            return decide(armed.policy, values, case, armed.scorer), case
        except CapNotGiven as asked:
            if cap_of is None:
                raise
            found = (asked.amount, cap_of(asked.amount))
            case = replace(case, caps=(*(case.caps or ()), found))


def _shadow(verdict: Verdict) -> Shadow:
    versions = verdict.versions
    return Shadow(
        policy=versions.policy,
        policy_sha256=versions.policy_sha256,
        model_sha256=versions.model_sha256,
        outcome=verdict.outcome.value,
        amount=verdict.amount.text(),
        rate_annual=format(verdict.rate_annual, "f"),
        score=verdict.score,
        grade=verdict.grade,
        reasons=tuple(reason.code for reason in verdict.reasons),
        answer_sha256=digest_of(answer_bytes(verdict)),
    )


def _features_out(features: Iterable[Feature]) -> list[list[str | None]]:
    """Return a line for each: name, kind, value, moment and source, for there are dozens."""
    # What one source said it said at one moment: few moments, each written once.
    moments: dict[datetime, str] = {}
    lines: list[list[str | None]] = []
    for one in features:
        moment = moments.get(one.as_of)
        if moment is None:
            moment = moments[one.as_of] = one.as_of.isoformat()
        lines.append([one.name, *_value_out(one.value), moment, one.source])
    return lines


def _value_out(value: Value) -> tuple[str, str | None]:
    """Return a value's kind and text: what stands for it, not what a policy takes it for."""
    if value is None:
        return "none", None
    if isinstance(value, Decimal):
        return "number", str(value)
    if isinstance(value, bool):
        return "flag", "true" if value else "false"
    if isinstance(value, date):
        return "date", value.isoformat()
    return "text", value


def _value_in(kind: str, text: str) -> Value:
    if kind == "number":
        return Decimal(text)
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "flag":
        return text == "true"
    return text if kind == "text" else None


def _case_out(case: Case) -> dict[str, Any]:
    caps = None if case.caps is None else [[one.text(), str(cap)] for one, cap in case.caps]
    return {
        "on": case.on.isoformat(),
        "amount": case.amount.text(),
        "term_months": case.term_months,
        "amount_min": case.offer.amount_min.text(),
        "amount_max": case.offer.amount_max.text(),
        "rates": [[one.grade, str(one.rate_annual)] for one in case.offer.grades],
        "rate_max": None if case.rate_max is None else str(case.rate_max),
        "caps": caps,
        "is_floating": case.is_floating,
        "person_above": None if case.person_above is None else case.person_above.text(),
        "is_identity_doubted": case.is_identity_doubted,
    }


def _case_in(plain: Mapping[str, Any]) -> Case:
    rates = tuple(GradeRate(grade, Decimal(rate)) for grade, rate in plain["rates"])
    most, line = plain["rate_max"], plain["person_above"]
    # Decisions before caps went by the amount have none.
    caps = plain.get("caps")
    return Case(
        on=date.fromisoformat(plain["on"]),
        amount=Money.yuan(plain["amount"]),
        term_months=plain["term_months"],
        offer=Offer(
            amount_min=Money.yuan(plain["amount_min"]),
            amount_max=Money.yuan(plain["amount_max"]),
            grades=rates,
        ),
        rate_max=None if most is None else Decimal(most),
        caps=None
        if caps is None
        else tuple((Money.yuan(amount), Decimal(cap)) for amount, cap in caps),
        is_floating=plain["is_floating"],
        person_above=None if line is None else Money.yuan(line),
        # Records of before this was looked at have no word of it.
        is_identity_doubted=plain.get("is_identity_doubted", False),
    )
