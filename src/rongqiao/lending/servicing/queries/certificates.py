"""Certificates: the whole for their holder, a masked few facts for whoever checks a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from uuid import UUID

import segno

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.signed_paper import signed_paper
from rongqiao.lending.servicing.models.certificates import Certificate
from rongqiao.parties.queries import get_party
from rongqiao.platform.crypto import decrypt
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.masking import mask_number

TITLE = "贷款结清证明"


@dataclass(frozen=True, kw_only=True)
class CertificateView:
    """A certificate for its holder: the text to print, the token its QR code carries."""

    id: UUID
    number: str
    token: str
    issued_on: date
    text: str
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class CertificateProof:
    """What a checker sees: enough to compare with the paper, nobody's name or number in full."""

    number: str
    issued_on: date
    borrower: str
    loan_number: str
    principal: Money
    closed_on: date | None
    text_sha256: str


def get_certificate(loan_id: UUID, party_id: UUID) -> CertificateView:
    """Return the certificate of one of the party's loans. Raises NotFound."""
    row = Certificate.objects.filter(loan_id=loan_id, loan__party_id=party_id).first()
    if row is None:
        raise NotFound(what="certificate")
    return CertificateView(
        id=row.pk,
        number=row.number,
        token=row.token,
        issued_on=row.issued_on,
        text=decrypt(
            row.text_sealed, table=Certificate._meta.db_table, column="text_sealed", row=row.pk
        ),
        text_sha256=row.text_sha256,
    )


def render_certificate(loan_id: UUID, party_id: UUID, address: str) -> bytes:
    """Return the certificate as PDF signed by the platform, made anew whenever it is opened.

    Its QR code leads to `address` followed by the token, where anybody may check it. Takes about
    a second of computing. Raises NotFound.
    """
    found = get_certificate(loan_id, party_id)
    checked_at = f"{address}{found.token}"
    code = segno.make(checked_at, error="m").svg_inline(scale=3, border=2)
    below = (
        f'<div class="record">{code}<p>扫码核验：{escape(checked_at)}</p>'
        f'<p>正文摘要（SHA-256）：<span class="hash">{found.text_sha256}</span></p></div>'
    )
    return signed_paper(title=TITLE, number=found.number, text=found.text, below=below)


def verify_certificate(token: str) -> CertificateProof | None:
    """Return what the certificate of `token` proves, or None where no certificate has it."""
    row = Certificate.objects.select_related("loan").filter(token=token).first()
    if row is None:
        return None
    party = get_party(row.loan.party_id)
    return CertificateProof(
        number=row.number,
        issued_on=row.issued_on,
        borrower=party.name if party.is_person else mask_number(party.name),
        loan_number=mask_number(row.loan.number),
        principal=Money(row.loan.principal_minor),
        closed_on=row.loan.closed_on,
        text_sha256=row.text_sha256,
    )
