"""What officers' decisions share: the open review, the terms they may offer, the words they use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import (
    Finding,
    SecondPersonNeeded,
    Terms,
    acting_staff,
    check_state,
    checked_reason,
    officers_case,
    record_decision,
)
from rongqiao.lending.origination.conduct.pricing import highest_rate
from rongqiao.lending.origination.conduct.standing import Lending
from rongqiao.lending.origination.models import Application, Decision, Review
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import VersionView, get_version
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role
from rongqiao.risk.queries.recording import own_rates

# What an officer may tell a borrower; the words are web's.
DECLINE_CODES = (
    "facts-not-proven",
    "income-not-proven",
    "purpose-not-proven",
    "burden-too-high",
    "business-too-weak",
    "other-risk",
)
RETURN_CODES = (
    "document-unclear",
    "document-outdated",
    "document-missing",
    "facts-differ",
    "purpose-unclear",
)
OFFICER_CODES = (*DECLINE_CODES, *RETURN_CODES, "officer-recommends", "officer-offers-less")


class NotAssigned(Refusal):
    """The officer has not taken this case; fact: `allowed`."""

    kind, code = Kind.CONFLICT, "origination.not-assigned"


class OfferRefused(Refusal):
    """Terms outside the product or above what was asked; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.bad-offer"


@dataclass(frozen=True, kw_only=True)
class ReviewedCase:
    """A locked case in the hands of the officer who took it."""

    case: Application
    version: VersionView
    review: Review
    officer_id: UUID


def taken_case(application_id: UUID, call: Call) -> ReviewedCase:
    """Return the referred case the acting reviewer has taken.

    Raises RoleNeeded, NotFound, OwnAffair, StepNotDrawn, NotAssigned.
    """
    officer_id = acting_staff(call, Role.REVIEWER)
    case = officers_case(application_id, officer_id)
    check_state(case, State.REFERRED)
    review = Review.objects.filter(application=case, closed_at=None).first()
    if review is None or review.reviewer_id != officer_id:
        raise NotAssigned
    version = get_version(case.version_id).at(call.on)
    return ReviewedCase(case=case, version=version, review=review, officer_id=officer_id)


def checked_terms(
    reviewed: ReviewedCase, amount: Money, term_count: int, grade: str, on: date
) -> Terms:
    """Return the terms an officer offers, at the rate of the grade.

    Raises OfferRefused, and where the policy has rates of its own AboveCap and NoSuchSchedule.
    """
    terms, asked = reviewed.version.terms, Money(reviewed.case.amount_minor or 0)
    if not terms.amount_min <= amount <= min(asked, terms.amount_max):
        allowed = f"{terms.amount_min.text()} - {min(asked, terms.amount_max).text()}"
        raise OfferRefused(field="amount", value=amount.text(), allowed=allowed)
    if not terms.term_min <= term_count <= terms.term_max:
        allowed = f"{terms.term_min} - {terms.term_max}"
        raise OfferRefused(field="term_count", value=str(term_count), allowed=allowed)
    rates = {one.grade: one.rate_annual for one in terms.grades}
    if grade not in rates:
        raise OfferRefused(field="grade", value=grade[:8], allowed=", ".join(rates))
    offered = Terms(amount=amount, term_count=term_count, rate_annual=rates[grade], grade=grade)
    return replace(offered, rate_annual=_rate_of(reviewed, offered, on))


def _rate_of(reviewed: ReviewedCase, offered: Terms, on: date) -> Decimal:
    """Return the product's rate, or that of the policy that screened, capped for this amount."""
    screened = reviewed.case.decisions.filter(stage="screening").latest("number")
    is_floating = reviewed.version.terms.floating is not None
    own = None if is_floating else own_rates(screened.policy_sha256)
    if own is None or offered.grade not in own:
        return offered.rate_annual
    cap = highest_rate(reviewed.version, offered.amount, offered.term_count, on)
    return min(own[offered.grade], cap)


def lending_of(reviewed: ReviewedCase, terms: Terms) -> Lending:
    """Return what these terms lend, for holding against the system's word."""
    grades = tuple(one.grade for one in reviewed.version.terms.grades)
    return Lending(amount=terms.amount, grade=terms.grade, grades=grades)


def put_offer(case: Application, version: VersionView, terms: Terms, call: Call) -> None:
    """Put the offered terms and their last day on the case; the caller saves by moving it."""
    case.offered_minor = terms.amount.minor
    case.offered_term = terms.term_count
    case.offered_rate_annual = terms.rate_annual
    case.offered_grade = terms.grade
    case.offer_ends_on = call.on + timedelta(days=version.terms.offer_days)


def take_offer_back(case: Application) -> None:
    """Clear the offer: nothing stands any more; the caller saves by moving the case."""
    case.offered_minor = case.offered_term = case.offered_rate_annual = None
    case.offered_grade = ""
    case.offer_ends_on = None


def close_review(review: Review, outcome: str, call: Call) -> None:
    """Close the officer's work on the case."""
    review.closed_at, review.outcome = call.at, outcome
    review.save(update_fields=["closed_at", "outcome"])


def officers_decision(
    reviewed: ReviewedCase, outcome: str, terms: Terms | None, why: Why, call: Call
) -> UUID:
    """Record a reviewer's decision and return its id. Raises ReasonNeeded."""
    return record_decision(
        reviewed.case,
        Finding(
            stage="review",
            outcome=outcome,
            terms=terms,
            reasons=tuple((code, ()) for code in why.codes),
            versions={"product": reviewed.version.label},
            inputs={"reason": checked_reason(why.reason)},
        ),
        call,
    )


@dataclass(frozen=True)
class Why:
    """Codes the borrower is told, and the officer's own words for the file."""

    codes: tuple[str, ...]
    reason: str


def check_reviewers_authority(reviewed: ReviewedCase, amount: Money) -> None:
    """Raise SecondPersonNeeded for an amount one officer may not offer alone."""
    most = reviewed.version.terms.four_eyes_above
    if amount > most:
        raise SecondPersonNeeded(field="amount", value=amount.text(), allowed=most.text())


def last_recommendation(case: Application) -> Decision:
    """Return the recommendation that waits for a second person."""
    return case.decisions.filter(stage="review", outcome="recommend").latest("number")
