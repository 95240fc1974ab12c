"""A reviewer recommends lending; up to the product's line that is enough, above it two look."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import Decided, move, tell_decided
from rongqiao.lending.origination.conduct.overriding import checked_lending, put_on_record
from rongqiao.lending.origination.conduct.reviewing import (
    Why,
    checked_terms,
    close_review,
    lending_of,
    officers_decision,
    put_offer,
    taken_case,
)
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation, sensitive


@dataclass(frozen=True, kw_only=True)
class Recommend:
    """The terms to offer, and why; `override` is why against the system's word, where it is so."""

    application_id: UUID
    amount: Money
    term_count: int
    grade: str
    reason: str = sensitive()
    override: str = ""


@operation("origination.recommend", restore=Decided)
def recommend(command: Recommend, call: Call) -> Decided:
    """Bring the case to recommended, and on to approved where no second person is needed.

    Raises NotAssigned, OfferRefused, OverrideReasonNeeded, ReasonNeeded, OwnAffair, ...
    """
    reviewed = taken_case(command.application_id, call)
    terms = checked_terms(reviewed, command.amount, command.term_count, command.grade, call.on)
    against = checked_lending(reviewed.case, lending_of(reviewed, terms), command.override)
    why = Why(("officer-recommends",), command.reason)
    decision_id = officers_decision(reviewed, "recommend", terms, why, call)
    put_on_record(reviewed.case, decision_id, against, reviewed.officer_id, call)
    close_review(reviewed.review, "recommend", call)
    put_offer(reviewed.case, reviewed.version, terms, call)
    move(reviewed.case, State.RECOMMENDED, call)
    if command.amount <= reviewed.version.terms.four_eyes_above:
        move(reviewed.case, State.APPROVED, call)
    return tell_decided(reviewed.case, decision_id, call)
