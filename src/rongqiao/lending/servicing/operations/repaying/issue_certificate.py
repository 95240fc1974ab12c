"""Issue the 结清证明 of a closed loan: its text sealed, its hash and number on file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.certificates import Certificate
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.certifying import Closing, certificate_text
from rongqiao.parties.queries import get_identity
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.ids import new_id, random_digits, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound, Refusal

# 128 bits and more: nobody finds somebody else's certificate by trying tokens.
TOKEN_DIGITS = 40


class NotClosed(Refusal):
    """The loan still owes something."""

    code = "servicing.not-closed"


@dataclass(frozen=True, kw_only=True)
class IssueCertificate:
    """The loan that was paid off."""

    loan_id: UUID


@dataclass(frozen=True, kw_only=True)
class CertificateIssued:
    """The certificate; its token is the holder's affair and not in the record."""

    certificate_id: UUID
    number: str


@operation("servicing.issue-certificate", restore=CertificateIssued)
def issue_certificate(command: IssueCertificate, call: Call) -> CertificateIssued:
    """Issue it once; a loan that has one keeps it. Raises NotFound, NotClosed."""
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=command.loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    if loan.closed_on is None:
        raise NotClosed(number=loan.number)
    before = Certificate.objects.filter(loan=loan).first()
    if before is not None:
        return CertificateIssued(certificate_id=before.pk, number=before.number)
    certificate_id, number = new_id(call.at), short_number("C", call.at)
    borrower = get_identity(loan.party_id, call.on)
    text = certificate_text(
        Closing(
            number=number,
            lender=settings.OPERATOR_NAME,
            borrower=borrower.name,
            borrower_number=borrower.number,
            loan_number=loan.number,
            principal=Money(loan.principal_minor),
            disbursed_on=loan.disbursed_on,
            closed_on=loan.closed_on,
            issued_on=call.on,
            is_prepaid=loan.is_prepaid,
        )
    )
    Certificate.objects.create(
        id=certificate_id,
        loan=loan,
        number=number,
        token=random_digits(TOKEN_DIGITS),
        issued_at=call.at,
        issued_on=call.on,
        text_sealed=encrypt(
            text, table=Certificate._meta.db_table, column="text_sealed", row=certificate_id
        ),
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    return CertificateIssued(certificate_id=certificate_id, number=number)
