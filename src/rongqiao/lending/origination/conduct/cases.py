"""What the writes of a case share: who may act, the locked row, a step of its life, a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.queueing import keep_queue, settle_review_request
from rongqiao.lending.origination.events import ApplicationDecided
from rongqiao.lending.origination.models import Application, Decision, Milestone
from rongqiao.lending.origination.sealing import seal, seal_text
from rongqiao.lending.origination.states import State, may_follow
from rongqiao.parties.queries import acts_for, is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, canonical
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role
from rongqiao.risk.queries.recording import Judgement

REASON_SHORTEST, REASON_LONGEST = 4, 1000


class StepNotDrawn(Refusal):
    """The application is in a state from which this cannot follow; facts: `value`, `allowed`."""

    kind, code = Kind.CONFLICT, "origination.step-not-drawn"


class RoleNeeded(Refusal):
    """The actor does not hold a role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "origination.role-needed"


class OwnAffair(Refusal):
    """Nobody decides on their own application, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "origination.own-affair"


class SecondPersonNeeded(Refusal):
    """Whoever recommended may not approve; a reviewer alone may not offer that much."""

    kind, code = Kind.FORBIDDEN, "origination.second-person-needed"


class ReasonNeeded(Refusal):
    """A reason must be given; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "origination.reason-needed"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A state an application came to, and the decision on record."""

    application_id: UUID
    state: str
    decision_id: UUID


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A state an application came to."""

    application_id: UUID
    state: str


def acting_borrower(call: Call, party_id: UUID) -> UUID:
    """Return the acting user, who acts for the party; raises NotFound for anybody else."""
    user_id = user_of(call.actor)
    if user_id is None or not acts_for(user_id, party_id):
        raise NotFound(what="application")
    return user_id


def acting_staff(call: Call, *roles: Role) -> UUID:
    """Return the acting user, who holds one of `roles`; raises RoleNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & set(roles):
        raise RoleNeeded(allowed=", ".join(role.value for role in roles))
    return user_id


def own_case(application_id: UUID, call: Call) -> Application:
    """Return the locked application of a party the actor acts for; raises NotFound."""
    case = Application.objects.select_for_update().filter(pk=application_id).first()
    if case is None:
        raise NotFound(what="application")
    acting_borrower(call, case.party_id)
    return case


def officers_case(application_id: UUID, user_id: UUID) -> Application:
    """Return the locked application for an officer whose affair it is not.

    Raises NotFound, OwnAffair.
    """
    case = Application.objects.select_for_update().filter(pk=application_id).first()
    if case is None or case.state == State.DRAFT:
        raise NotFound(what="application")
    if is_own_affair(user_id, case.party_id):
        raise OwnAffair
    return case


def are_one_person(one: UUID, other: UUID) -> bool:
    """Tell whether two log-ins are the same user or the same natural person."""
    return one == other or bool(person_keys_of(one) & person_keys_of(other))


def move(case: Application, state: State, call: Call) -> None:
    """Bring the locked case to `state`, with its milestone; raises StepNotDrawn."""
    now = State(case.state)
    if not may_follow(now, state):
        raise StepNotDrawn(value=now.value, allowed=state.value)
    case.state, case.changed_at = state.value, call.at
    if state in (State.APPROVED, State.COUNTERED):
        # Whoever is offered a loan waits for no day any more.
        case.apply_again_on = None
    case.save()
    Milestone.objects.create(
        application=case, state=state.value, at=call.at, on=call.on, actor=call.actor
    )
    keep_queue(case, state, call)


def check_state(case: Application, *allowed: State) -> None:
    """Raise StepNotDrawn unless the case is in one of `allowed`."""
    if State(case.state) not in allowed:
        raise StepNotDrawn(value=case.state, allowed=", ".join(state.value for state in allowed))


def checked_reason(text: str) -> str:
    """Return an officer's reason, trimmed; raises ReasonNeeded for none, or one nobody can read."""
    reason = text.strip()
    is_readable = all(mark.isprintable() or mark in "\r\n\t" for mark in reason)
    if not REASON_SHORTEST <= len(reason) <= REASON_LONGEST or not is_readable:
        raise ReasonNeeded(field="reason", allowed=f"{REASON_SHORTEST} - {REASON_LONGEST}")
    return reason


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a decision offers."""

    amount: Money
    term_count: int
    rate_annual: Decimal
    grade: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a decision says: stage and outcome, the terms it offers, why, and what it looked at."""

    stage: str
    outcome: str
    terms: Terms | None
    reasons: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    versions: dict[str, str]
    inputs: dict[str, Any]
    score: int | None = None
    apply_again_on: date | None = None
    judgement: Judgement | None = None


_NO_ANSWER: dict[str, Any] = {
    "answer_sealed": None,
    "answer_sha256": "",
    "policy_sha256": "",
    "model_sha256": "",
    "arm": "",
    "shadow": None,
}
_COLUMNS = tuple(
    str(column.column) for column in Decision._meta.concrete_fields if column.column != "number"
)
# One statement, built once: a decision is measured in parts of a millisecond.
_INSERT = f"""
    INSERT INTO origination_decision ({", ".join(_COLUMNS)}, number)
    SELECT {", ".join(["%s"] * len(_COLUMNS))}, 1 + count(*)
      FROM origination_decision WHERE application_id = %s
"""  # noqa: S608 - the table's own columns


def record_decision(case: Application, finding: Finding, call: Call) -> UUID:
    """Add a decision to the case and return its id; inputs are sealed to its row."""
    decision_id = new_id(call.at)
    terms, judgement = finding.terms, finding.judgement
    _insert(
        {
            "id": decision_id,
            "application_id": case.pk,
            "stage": finding.stage,
            "outcome": finding.outcome,
            "amount_minor": terms.amount.minor if terms else None,
            "term_count": terms.term_count if terms else None,
            "rate_annual": terms.rate_annual if terms else None,
            "grade": terms.grade if terms else "",
            "score": finding.score,
            "reasons": canonical(
                [{"code": code, "facts": dict(facts)} for code, facts in finding.reasons]
            ),
            "versions": canonical(finding.versions),
            "inputs_sealed": seal(finding.inputs, Decision, "inputs_sealed", decision_id),
            **(_answer(judgement, decision_id) if judgement else _NO_ANSWER),
            "apply_again_on": finding.apply_again_on,
            "decided_by": call.actor,
            "decided_at": call.at,
            "decided_on": call.on,
        },
        case.pk,
    )
    return decision_id


def _insert(row: dict[str, Any], case_id: UUID) -> None:
    """Add the row under the next number of its case, which is locked: nobody else counts now."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*(row[name] for name in _COLUMNS), case_id])


def _answer(judgement: Judgement, decision_id: UUID) -> dict[str, Any]:
    versions, shadow = judgement.verdict.versions, judgement.shadow
    return {
        "answer_sealed": seal_text(judgement.answer, Decision, "answer_sealed", decision_id),
        "answer_sha256": judgement.answer_sha256,
        "policy_sha256": versions.policy_sha256,
        "model_sha256": versions.model_sha256,
        "arm": judgement.arm,
        "shadow": None if shadow is None else canonical(shadow),
    }


def tell_decided(case: Application, decision_id: UUID, call: Call) -> Decided:
    """Tell ApplicationDecided and return the operation's result.

    A person's decision is the answer to a borrower who asked for one.
    """
    decision = Decision.objects.get(pk=decision_id)
    is_by_person = decision.stage != "screening"
    if is_by_person:
        settle_review_request(case, decision, call)
    publish(
        ApplicationDecided(
            application_id=case.pk,
            party_id=case.party_id,
            state=case.state,
            decision_id=decision_id,
            is_by_person=is_by_person,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return Decided(application_id=case.pk, state=case.state, decision_id=decision_id)


def checked_codes(codes: Iterable[str], allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return reason codes an officer chose; raises ReasonNeeded for none or an unknown one."""
    chosen = tuple(dict.fromkeys(codes))
    if not chosen or set(chosen) - set(allowed):
        raise ReasonNeeded(field="codes", allowed=", ".join(allowed))
    return chosen
