"""The borrower lets the platform debit due instalments from the wallet, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.operations.repaying.settling import locked_loan
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class AuthoriseDebit:
    """Which loan, and whether end of day may debit what is due on it."""

    loan_id: UUID
    party_id: UUID
    is_authorised: bool


@dataclass(frozen=True, kw_only=True)
class DebitAuthorised:
    """What stands from now on."""

    loan_id: UUID
    is_authorised: bool


@operation("servicing.authorise-debit", restore=DebitAuthorised)
def authorise_debit(command: AuthoriseDebit, call: Call) -> DebitAuthorised:
    """Put the borrower's word on record. Raises NotFound, AlreadyPaid."""
    loan = locked_loan(command.loan_id, command.party_id, call)
    loan.is_debit_authorised = command.is_authorised
    loan.save(update_fields=["is_debit_authorised"])
    return DebitAuthorised(loan_id=loan.pk, is_authorised=loan.is_debit_authorised)
