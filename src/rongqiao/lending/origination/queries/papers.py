"""Papers: cost sheets as shown, agreements with text and signed copy, and the check of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement, CostSheet, SignedCopy
from rongqiao.lending.origination.paper.printing import Printed, print_agreement
from rongqiao.lending.origination.paper.seal import is_ours_and_whole, sign_pdf
from rongqiao.lending.origination.paper.sheet import Sheet
from rongqiao.lending.origination.paper.text import TEXTS_WITH_RECALL, TITLES, text_hash
from rongqiao.lending.origination.sealing import unseal
from rongqiao.parties.queries import acts_for, get_identity, get_party
from rongqiao.platform.operations import restored
from rongqiao.platform.refusals import NotFound

BYTES_CHECKED_MOST = 20 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class SheetView:
    """A cost sheet as it was shown; it may be confirmed from `confirm_from` on."""

    id: UUID
    application_id: UUID | None
    drawing_id: UUID | None
    sheet: Sheet
    sha256: str
    for_on: date
    shown_at: datetime
    reading_seconds: int
    confirm_from: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AgreementView:
    """A signed agreement, without its text. `kind`: loan, limit or drawing."""

    id: UUID
    number: str
    kind: str
    party_id: UUID
    application_id: UUID | None
    drawing_id: UUID | None
    product_code: str
    amount: Money
    rate_annual: Decimal
    term_count: int
    text_sha256: str
    signed_at: datetime
    signed_on: date
    is_cancelled: bool
    copy_file_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CopyCheck:
    """What an uploaded copy is: signed by us and unchanged, the one on file, and of what.

    `is_signed_by_us` without `is_intact` is a file we once signed that is not the copy on file.
    """

    is_intact: bool
    is_signed_by_us: bool = False
    number: str = ""
    title: str = ""
    borrower: str = ""
    amount: Money | None = None
    signed_on: date | None = None
    text_sha256: str = ""


def get_cost_sheet(sheet_id: UUID, user_id: UUID) -> SheetView:
    """Return a sheet for whoever it was shown to; raises NotFound."""
    row = CostSheet.objects.filter(pk=sheet_id, shown_to=user_id).first()
    if row is None:
        raise NotFound(what="cost-sheet")
    return SheetView(
        id=row.pk,
        application_id=row.application_id,
        drawing_id=row.drawing_id,
        sheet=restored(Sheet, row.content),
        sha256=row.content_sha256,
        for_on=row.for_on,
        shown_at=row.shown_at,
        reading_seconds=row.reading_seconds,
        confirm_from=row.shown_at + timedelta(seconds=row.reading_seconds),
        confirmed_at=row.confirmed_at,
    )


def list_agreements(party_ids: Iterable[UUID]) -> tuple[AgreementView, ...]:
    """Return the agreements of these parties, newest first."""
    rows = _signed_here().filter(party_id__in=list(party_ids)).select_related("copy")
    return tuple(_view(row) for row in rows.order_by("-signed_at", "-id"))


def get_agreement(agreement_id: UUID, user_id: UUID) -> AgreementView:
    """Return an agreement of a party the user acts for; raises NotFound for anybody else's."""
    row = _row(agreement_id)
    if not acts_for(user_id, row.party_id):
        raise NotFound(what="agreement")
    return _view(row)


def get_agreement_text(agreement_id: UUID) -> str:
    """Return the canonical text in full, as signed: for the borrower and for print alone."""
    row = _row(agreement_id)
    text: str = unseal(row.text_sealed, Agreement, "text_sealed", row.pk)
    assert text_hash(text) == row.text_sha256, row.number
    return text


def says_recall(agreement_id: UUID) -> bool:
    """Tell whether an agreement itself says how its loan may be called back; raises NotFound.

    Those of an older text do not, and what was taken over with a loan is not known here.
    """
    row = Agreement.objects.filter(pk=agreement_id).first()
    if row is None:
        raise NotFound(what="agreement")
    return row.text_version in TEXTS_WITH_RECALL


def get_confirmation(agreement_id: UUID) -> dict[str, Any]:
    """Return the record of the borrower's confirmation: evidence for auditors and courts."""
    row = _row(agreement_id)
    found: dict[str, Any] = unseal(
        row.confirmation_sealed, Agreement, "confirmation_sealed", row.pk
    )
    return found


def get_copy(agreement_id: UUID) -> UUID | None:
    """Return the file of the signed PDF, if it was kept already."""
    return SignedCopy.objects.filter(pk=agreement_id).values_list("file_id", flat=True).first()


def without_copy(limit: int = 100) -> tuple[UUID, ...]:
    """Return agreements whose PDF is still to be rendered, oldest first."""
    rows = _signed_here().filter(copy=None).order_by("signed_at", "id")
    return tuple(rows.values_list("pk", flat=True)[:limit])


def render_copy(agreement_id: UUID) -> bytes:
    """Return the agreement as PDF signed by the platform; `keep_copy` makes it the one that counts.

    Takes about a second of computing: not inside a transaction. Raises NotFound.
    """
    row = _row(agreement_id)
    assert row.sheet_id is not None, row.number
    sheet = CostSheet.objects.get(pk=row.sheet_id)
    assert sheet.confirmed_at is not None
    printed = Printed(
        title=TITLES[row.kind],
        number=row.number,
        text=get_agreement_text(agreement_id),
        text_sha256=row.text_sha256,
        signer=get_identity(row.party_id, row.signed_on).name,
        signed_at=row.signed_at,
        sheet_sha256=sheet.content_sha256,
        sheet_confirmed_at=sheet.confirmed_at,
    )
    signed, _ = sign_pdf(print_agreement(printed), f"{printed.title} {printed.number}")
    return signed


def verify_copy(content: bytes) -> CopyCheck:
    """Tell whether these bytes are the copy on file, whole and signed; names come masked."""
    if len(content) > BYTES_CHECKED_MOST:
        return CopyCheck(is_intact=False)
    is_ours = is_ours_and_whole(content)
    digest = hashlib.sha256(content).hexdigest()
    copy = SignedCopy.objects.select_related("agreement").filter(file_sha256=digest).first()
    if copy is None or not is_ours:
        return CopyCheck(is_intact=False, is_signed_by_us=is_ours)
    row = copy.agreement
    return CopyCheck(
        is_intact=True,
        is_signed_by_us=True,
        number=row.number,
        title=TITLES[row.kind],
        borrower=get_party(row.party_id).name,
        amount=Money(row.amount_minor),
        signed_on=row.signed_on,
        text_sha256=row.text_sha256,
    )


def numbers_of_agreements(numbers: Iterable[str]) -> frozenset[str]:
    """Return which of these numbers an agreement has, imported ones too."""
    found = Agreement.objects.filter(number__in=list(numbers))
    return frozenset(found.values_list("number", flat=True))


def _signed_here() -> QuerySet[Agreement]:
    """Leave out what was signed with another lender: its papers are kept there."""
    return Agreement.objects.exclude(kind="imported")


def _row(agreement_id: UUID) -> Agreement:
    row = _signed_here().select_related("copy").filter(pk=agreement_id).first()
    if row is None:
        raise NotFound(what="agreement")
    return row


def _view(row: Agreement) -> AgreementView:
    copy = getattr(row, "copy", None)
    return AgreementView(
        id=row.pk,
        number=row.number,
        kind=row.kind,
        party_id=row.party_id,
        application_id=row.application_id,
        drawing_id=row.drawing_id,
        product_code=row.product_code,
        amount=Money(row.amount_minor),
        rate_annual=row.rate_annual,
        term_count=row.term_count,
        text_sha256=row.text_sha256,
        signed_at=row.signed_at,
        signed_on=row.signed_on,
        is_cancelled=row.cancelled_at is not None,
        copy_file_id=copy.file_id if copy else None,
    )
