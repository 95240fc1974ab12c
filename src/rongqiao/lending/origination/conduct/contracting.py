"""What signing a loan, a limit and a drawing share: the confirmed sheet, the text, the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings

from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months
from rongqiao.lending.origination.conduct.pricing import (
    priced_drawing,
    priced_offer,
    priced_sheet,
)
from rongqiao.lending.origination.models import Agreement, Application, CostSheet, Drawing
from rongqiao.lending.origination.paper.sheet import Priced, Sheet
from rongqiao.lending.origination.paper.text import (
    TEXT_VERSION,
    Borrower,
    Contract,
    agreement_text,
    text_hash,
)
from rongqiao.lending.origination.sealing import seal, unseal
from rongqiao.lending.products.queries import VersionView, get_version
from rongqiao.parties.queries import get_identity
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal

STATEMENT_VERSION = "zh-1"


class SheetNotConfirmed(Refusal):
    """The cost sheet was not confirmed: signing comes after reading."""

    kind, code = Kind.FORBIDDEN, "origination.sheet-not-confirmed"


class SheetOutdated(Refusal):
    """The sheet is of another day or of other terms: open today's; fact: `value`."""

    kind, code = Kind.CONFLICT, "origination.sheet-outdated"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Who signs, from where: session and address are kept sealed beside the text.

    `first` is what the borrower wants of the loan at once, where that is not all of it.
    """

    user_id: UUID
    session: str
    ip: str
    first: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What is signed: for an application (a loan or a limit) or for a drawing."""

    kind: str
    party_id: UUID
    purpose: str
    version: VersionView
    priced: Priced
    application: Application | None = None
    drawing: Drawing | None = None
    under: str = ""
    valid_until: date | None = None


def cause_of_case(case: Application, on: date) -> Cause:
    """Return what signing the accepted offer of a case on a date comes to: a loan or a limit."""
    version = get_version(case.version_id).at(on)
    is_limit = version.terms.is_revolving
    return Cause(
        kind="limit" if is_limit else "loan",
        party_id=case.party_id,
        purpose=_purpose(case),
        version=version,
        priced=priced_offer(case, version),
        application=case,
        valid_until=add_months(on, version.terms.limit_months) if is_limit else None,
    )


def cause_of_drawing(drawing: Drawing) -> Cause:
    """Return what signing a drawing comes to; its limit is expected to be fetched along."""
    limit = drawing.limit
    version = get_version(limit.version_id)
    under = Agreement.objects.select_related("application").get(pk=limit.agreement_id)
    assert under.application is not None
    return Cause(
        kind="drawing",
        party_id=limit.party_id,
        purpose=_purpose(under.application),
        version=version,
        priced=priced_drawing(drawing, version),
        drawing=drawing,
        under=under.number,
    )


def _purpose(case: Application) -> str:
    answers = unseal(case.answers_sealed, Application, "answers_sealed", case.pk)
    purpose: str = answers["loan"]["purpose"]
    return purpose


def confirmed_sheet(
    sheet_id: UUID, cause: Cause, user_id: UUID, call: Call
) -> tuple[CostSheet, Sheet]:
    """Return the sheet the user confirmed, equal to what the terms come to today.

    Raises NotFound, SheetNotConfirmed, SheetOutdated, AboveCap.
    """
    row = CostSheet.objects.filter(
        pk=sheet_id, application=cause.application, drawing=cause.drawing
    ).first()
    if row is None:
        raise NotFound(what="cost-sheet")
    if row.confirmed_at is None or row.confirmed_by != user_id:
        raise SheetNotConfirmed
    sheet = priced_sheet(cause.priced, call.on)
    if row.for_on != call.on or row.content_sha256 != sheet.sha256:
        raise SheetOutdated(value=row.for_on.isoformat())
    return row, sheet


def make_agreement(
    cause: Cause, row: CostSheet, sheet: Sheet, evidence: Evidence, call: Call
) -> Agreement:
    """Write the agreement: its text sealed, its hash, and the borrower's confirmation."""
    agreement_id, number = new_id(call.at), short_number("C", call.at)
    text = agreement_text(contract_of(cause, number, sheet, call.on))
    digest = text_hash(text)
    confirmation = {
        "statement": STATEMENT_VERSION,
        "user": evidence.user_id,
        "at": call.at,
        "session": evidence.session[:200],
        "ip": evidence.ip[:64],
        "sheet": row.pk,
        "sheet_sha256": row.content_sha256,
        "sheet_shown_at": row.shown_at,
        "sheet_confirmed_at": row.confirmed_at,
        "text_sha256": digest,
    } | ({"first": evidence.first.text()} if evidence.first else {})
    return Agreement.objects.create(
        id=agreement_id,
        number=number,
        kind=cause.kind,
        party_id=cause.party_id,
        application=cause.application,
        drawing=cause.drawing,
        version_id=cause.version.id,
        product_code=cause.version.code,
        amount_minor=cause.priced.amount.minor,
        rate_annual=cause.priced.rate_annual,
        term_count=cause.priced.term_count,
        first_minor=evidence.first.minor if evidence.first else None,
        sheet=row,
        text_sealed=seal(text, Agreement, "text_sealed", agreement_id),
        text_sha256=digest,
        text_version=TEXT_VERSION,
        confirmation_sealed=seal(confirmation, Agreement, "confirmation_sealed", agreement_id),
        signed_by=evidence.user_id,
        signed_at=call.at,
        signed_on=call.on,
        taken_up_at=call.at if cause.kind == "limit" else None,
    )


def contract_of(cause: Cause, number: str, sheet: Sheet, on: date) -> Contract:
    """Return what the agreement's text is written from."""
    identity = get_identity(cause.party_id, on)
    return Contract(
        kind=cause.kind,
        number=number,
        signed_on=on,
        lender=settings.OPERATOR_NAME,
        borrower=Borrower(
            kind=identity.kind,
            name=identity.name,
            number=identity.number,
            representative=identity.representative,
        ),
        product_name=cause.version.terms.name_zh,
        purpose=cause.purpose,
        terms=cause.version.terms,
        sheet=sheet,
        under=cause.under,
        valid_until=cause.valid_until,
    )
