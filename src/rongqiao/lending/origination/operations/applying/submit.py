"""Hand an application in: complete or refused, then screened at once by the dated credit policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import (
    Decided,
    check_state,
    move,
    own_case,
    tell_decided,
)
from rongqiao.lending.origination.events import ApplicationSubmitted
from rongqiao.lending.origination.intake.steps import missing, steps_for
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.operations.applying.screen import Screening, screen
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import ProductTerms, VersionView, get_version
from rongqiao.parties.queries import Identity, get_identity, get_party
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, circumstance, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.credit.facts import Facts, PlatformHistory
from rongqiao.risk.queries.judging import Feature, Outcome, Verdict
from rongqiao.risk.queries.policies.versions import policy_text
from rongqiao.risk.queries.watching.marks import home_marks, mark

_COMES_TO = {
    Outcome.APPROVE: State.APPROVED,
    Outcome.REFER: State.REFERRED,
    Outcome.DECLINE: State.DECLINED,
}


class NotComplete(Refusal):
    """Fields or documents are missing; fact: `missing`, comma-separated."""

    kind, code = Kind.INVALID, "origination.not-complete"


class ProductWithdrawn(Refusal):
    """The product was taken off offer since the draft was started."""

    kind, code = Kind.CONFLICT, "origination.product-withdrawn"


class TooSoonAgain(Refusal):
    """A decline named the earliest day for another application; fact: `allowed`."""

    kind, code = Kind.CONFLICT, "origination.too-soon-again"


@dataclass(frozen=True, kw_only=True)
class Submit:
    """Which draft, how the party paid here so far, and what outside sources know of it.

    Servicing knows the history and risk the features; the caller asks them. A feature that a policy
    looks at and that is not there is missing, and the policy says what comes of that.
    """

    application_id: UUID
    history: PlatformHistory = circumstance()  # noqa: RUF009 - a field, not a value
    features: tuple[Feature, ...] = sensitive(circumstance=True, default=())


@operation("origination.submit", restore=Decided)
def submit(command: Submit, call: Call) -> Decided:
    """Judge a complete draft; tell ApplicationSubmitted and ApplicationDecided.

    Raises NotFound, StepNotDrawn, NotComplete, ProductWithdrawn, TooSoonAgain, FeatureTooLate.
    """
    case = own_case(command.application_id, call)
    check_state(case, State.DRAFT)
    version = get_version(case.version_id).at(call.on)
    if version.withdrawn_on is not None and version.withdrawn_on <= call.on:
        raise ProductWithdrawn(value=version.code)
    _check_pause(case, call)
    answers = unseal(case.answers_sealed, Application, "answers_sealed", case.pk)
    kind = get_party(case.party_id).kind
    _check_complete(case, answers, kind, version.terms)
    facts = _facts(answers, get_identity(case.party_id, call.on), command.history, version, call)
    case.submitted_at, case.submitted_on = call.at, call.on
    move(case, State.SUBMITTED, call)
    _tell_submitted(case, version.code, _marks(answers), call)
    move(case, State.SCREENING, call)
    asked = version.terms.borrower(kind)
    assert asked is not None, kind
    policy = policy_text(asked.policy, call.on)
    wanted = Screening(case=case, facts=facts, features=command.features, version=version)
    decision_id, verdict = screen(wanted, policy, call)
    _take_over(case, facts, verdict, version.terms, call)
    move(case, _COMES_TO[verdict.outcome], call)
    return tell_decided(case, decision_id, call)


def _marks(answers: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """Return what the answers tell of home, employer and contact, as keyed digests."""
    given = {name: value for step in answers.values() for name, value in step.items() if value}
    found = home_marks(given.get("home_address") or given.get("operating_address") or "")
    for kind, field in (("employer", "employer_name"), ("contact", "contact_phone")):
        if field in given:
            found = (*found, mark(kind, given[field]))
    return tuple(f"{one.kind}:{one.index}" for one in found)


def _tell_submitted(
    case: Application, product_code: str, marks: tuple[str, ...], call: Call
) -> None:
    publish(
        ApplicationSubmitted(
            application_id=case.pk,
            party_id=case.party_id,
            product_code=product_code,
            marks=marks,
            happened_at=call.at,
            happened_on=call.on,
        )
    )


def _check_pause(case: Application, call: Call) -> None:
    """A pause holds for every product alike: the means it waits for are the party's.

    It holds while a person looks again too, and whoever takes the application back meanwhile still
    waits: only an offer ends it.
    """
    until = (
        Application.objects.filter(party_id=case.party_id, apply_again_on__gt=call.on)
        .exclude(pk=case.pk)
        .order_by("-apply_again_on")
        .values_list("apply_again_on", flat=True)
        .first()
    )
    if until is not None:
        raise TooSoonAgain(allowed=until.isoformat())


def _check_complete(
    case: Application, answers: dict[str, dict[str, str]], kind: str, terms: ProductTerms
) -> None:
    asked = terms.borrower(kind)
    there = set(case.documents.filter(removed_at=None).values_list("kind", flat=True))
    gaps = list(missing(steps_for(kind, terms), answers))
    gaps += [f"documents.{one}" for one in (asked.documents if asked else ()) if one not in there]
    if gaps:
        raise NotComplete(missing=",".join(gaps))


def _facts(
    answers: dict[str, dict[str, str]],
    identity: Identity,
    history: PlatformHistory,
    version: VersionView,
    call: Call,
) -> Facts:
    given = {name: value for step in answers.values() for name, value in step.items()}
    is_person = identity.kind == "person"
    return Facts(
        on=call.on,
        party_kind=identity.kind,
        amount=Money.yuan(given["amount"]),
        term_months=int(given["term_count"]) * version.terms.months_per_term,
        monthly_income=Money.yuan(given["monthly_income"]),
        monthly_debt_service=Money.yuan(given["monthly_debt_service"]),
        months_established=int(given["months_established"]),
        history=history,
        born_on=identity.resident.birth_on if is_person else None,
        employment=given.get("employment"),
        housing=given.get("housing"),
        sector=given.get("sector"),
        revenue_annual=(Money.yuan(given["revenue_annual"]) if "revenue_annual" in given else None),
    )


def _take_over(
    case: Application, facts: Facts, verdict: Verdict, terms: ProductTerms, call: Call
) -> None:
    """Put on the case what the verdict offers, or from when it may come again."""
    case.apply_again_on = verdict.apply_again_on
    case.offered_minor = verdict.amount.minor or None
    case.offered_term = facts.term_months // terms.months_per_term
    case.offered_rate_annual = verdict.rate_annual.quantize(Decimal("0.00000001"))
    case.offered_grade = verdict.grade
    if verdict.outcome is Outcome.APPROVE:
        case.offer_ends_on = call.on + timedelta(days=terms.offer_days)
