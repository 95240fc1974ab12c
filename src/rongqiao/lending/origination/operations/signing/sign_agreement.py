"""The borrower signs: once, after reading, within the cap; a limit is granted on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import (
    acting_borrower,
    check_state,
    move,
    own_case,
)
from rongqiao.lending.origination.conduct.concentration import reserve
from rongqiao.lending.origination.conduct.contracting import (
    Cause,
    Evidence,
    cause_of_case,
    confirmed_sheet,
    make_agreement,
)
from rongqiao.lending.origination.conduct.securing import check_secured
from rongqiao.lending.origination.events import AgreementSigned
from rongqiao.lending.origination.models import Agreement, Application, CreditLimit
from rongqiao.lending.origination.operations.signing.accept_offer import check_offer
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import Cover
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal


class FirstDrawOutOfRange(Refusal):
    """That much cannot be lent first of the loan; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.first-draw-out-of-range"


@dataclass(frozen=True, kw_only=True)
class SignAgreement:
    """Which application, under which confirmed sheet, from which session and address.

    `first` is what is wanted at once of a loan that may be drawn in several sums; None is all.
    `cover` is what pledges cover, as collateral tells the caller.
    """

    application_id: UUID
    sheet_id: UUID
    first: Money | None = None
    session: str = sensitive(circumstance=True)
    ip: str = sensitive(circumstance=True)
    cover: tuple[Cover, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The agreement, its number and the hash of its text; a limit's id where one was granted."""

    agreement_id: UUID
    number: str
    kind: str
    text_sha256: str
    limit_id: UUID | None


@operation("origination.sign_agreement", restore=Signed)
def sign_agreement(command: SignAgreement, call: Call) -> Signed:
    """Sign the accepted offer; tell AgreementSigned.

    Raises NotFound, StepNotDrawn, OfferEnded, SecurityLacking, SheetNotConfirmed, SheetOutdated,
    AboveCap, FirstDrawOutOfRange, ConcentrationReached. A limit granted lends nothing yet: its
    drawings are counted.
    """
    case = own_case(command.application_id, call)
    user_id = acting_borrower(call, case.party_id)
    check_state(case, State.ACCEPTED)
    check_offer(case, call)
    cause = cause_of_case(case, call.on)
    check_secured(cause.version.terms, cause.priced.amount, command.cover)
    row, sheet = confirmed_sheet(command.sheet_id, cause, user_id, call)
    evidence = Evidence(
        user_id=user_id,
        session=command.session,
        ip=command.ip,
        first=_first(command, cause),
    )
    agreement = make_agreement(cause, row, sheet, evidence, call)
    move(case, State.SIGNED, call)
    limit = _grant(agreement, cause, call) if cause.kind == "limit" else None
    if limit is not None:
        move(case, State.FUNDED, call)
    else:
        reserve(agreement, call)
    _tell(agreement, case, call)
    return Signed(
        agreement_id=agreement.pk,
        number=agreement.number,
        kind=agreement.kind,
        text_sha256=agreement.text_sha256,
        limit_id=limit.pk if limit else None,
    )


def _first(command: SignAgreement, cause: Cause) -> Money | None:
    """Return what is lent first, None for all of it. Raises FirstDrawOutOfRange."""
    first, whole, draws = command.first, cause.priced.amount, cause.version.terms.draws
    if first is None or first == whole:
        return None
    if draws is None or not draws.least <= first <= whole:
        allowed = f"{draws.least.text()} - {whole.text()}" if draws else whole.text()
        raise FirstDrawOutOfRange(field="first", value=first.text(), allowed=allowed)
    return first


def _grant(agreement: Agreement, cause: Cause, call: Call) -> CreditLimit:
    assert cause.valid_until is not None
    return CreditLimit.objects.create(
        id=new_id(call.at),
        agreement=agreement,
        party_id=cause.party_id,
        version_id=cause.version.id,
        amount_minor=cause.priced.amount.minor,
        rate_annual=cause.priced.rate_annual,
        granted_on=call.on,
        valid_until=cause.valid_until,
    )


def _tell(agreement: Agreement, case: Application, call: Call) -> None:
    publish(
        AgreementSigned(
            agreement_id=agreement.pk,
            application_id=case.pk,
            party_id=case.party_id,
            product_code=agreement.product_code,
            kind=agreement.kind,
            amount=Money(agreement.amount_minor),
            rate_annual=agreement.rate_annual,
            term_count=agreement.term_count,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
