"""A reviewer makes a smaller or shorter offer to the borrower, within their own authority."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import Decided, move, tell_decided
from rongqiao.lending.origination.conduct.overriding import checked_lending, put_on_record
from rongqiao.lending.origination.conduct.reviewing import (
    Why,
    check_reviewers_authority,
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
class Counter:
    """The terms to offer instead, and why; `override` is why against the system's word."""

    application_id: UUID
    amount: Money
    term_count: int
    grade: str
    reason: str = sensitive()
    override: str = ""


@operation("origination.counter", restore=Decided)
def counter(command: Counter, call: Call) -> Decided:
    """Bring the case to countered: the borrower takes the offer or withdraws.

    Raises NotAssigned, OfferRefused, OverrideReasonNeeded, SecondPersonNeeded, ReasonNeeded, ...
    """
    reviewed = taken_case(command.application_id, call)
    terms = checked_terms(reviewed, command.amount, command.term_count, command.grade, call.on)
    check_reviewers_authority(reviewed, command.amount)
    against = checked_lending(reviewed.case, lending_of(reviewed, terms), command.override)
    why = Why(("officer-offers-less",), command.reason)
    decision_id = officers_decision(reviewed, "counter", terms, why, call)
    put_on_record(reviewed.case, decision_id, against, reviewed.officer_id, call)
    close_review(reviewed.review, "counter", call)
    put_offer(reviewed.case, reviewed.version, terms, call)
    move(reviewed.case, State.COUNTERED, call)
    return tell_decided(reviewed.case, decision_id, call)
