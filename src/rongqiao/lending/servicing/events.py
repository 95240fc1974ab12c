"""What servicing tells: loans lent, repaid, changed, overdue, closed, given up; holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from rongqiao.finance.money import Money
from rongqiao.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class LoanEvent(Event):
    """A fact about one loan; facts of one loan keep their order."""

    loan_id: UUID
    party_id: UUID
    agreement_id: UUID
    drawing_id: UUID | None = None

    @property
    @override
    def subject(self) -> str:
        """Facts of one loan keep their order."""
        return f"loan:{self.loan_id}"


@dataclass(frozen=True, kw_only=True)
class LoanDisbursed(LoanEvent):
    """Money was lent and stands in the borrower's wallet."""

    name: ClassVar[str] = "servicing.loan-disbursed"
    amount: Money
    number: str


@dataclass(frozen=True, kw_only=True)
class LoanDrawn(LoanEvent):
    """A further sum was lent on a running loan and a new plan is in force; `left` may be drawn."""

    name: ClassVar[str] = "servicing.loan-drawn"
    amount: Money
    left: Money
    next_due_on: date
    next_due: Money


@dataclass(frozen=True, kw_only=True)
class LoanRepaid(LoanEvent):
    """Something was paid on a loan, by bucket."""

    name: ClassVar[str] = "servicing.loan-repaid"
    principal: Money
    interest: Money
    penalty: Money
    fee: Money


@dataclass(frozen=True, kw_only=True)
class LoanPrepaid(LoanEvent):
    """A part was paid early and a new plan is in force; `choice` is `shorten` or `lower`."""

    name: ClassVar[str] = "servicing.loan-prepaid"
    choice: str
    principal: Money
    next_due_on: date
    next_due: Money
    matures_on: date


@dataclass(frozen=True, kw_only=True)
class LoanTermsChanged(LoanEvent):
    """Borrower and lender agreed on other terms and a new plan is in force; `kind` says which."""

    name: ClassVar[str] = "servicing.loan-terms-changed"
    kind: str
    next_due_on: date
    next_due: Money
    matures_on: date


@dataclass(frozen=True, kw_only=True)
class LoanRecallNoticed(LoanEvent):
    """The lender gave notice: `total` more falls due on `falls_on`; `cause` is the breach."""

    name: ClassVar[str] = "servicing.loan-recall-noticed"
    cause: str
    falls_on: date
    total: Money


@dataclass(frozen=True, kw_only=True)
class LoanRecallEnded(LoanEvent):
    """A notice stands no more: it was taken back, or the breach was mended before its day."""

    name: ClassVar[str] = "servicing.loan-recall-ended"


@dataclass(frozen=True, kw_only=True)
class LoanRecalled(LoanEvent):
    """All that was ahead fell due, with the interest earned to the day."""

    name: ClassVar[str] = "servicing.loan-recalled"
    principal: Money
    interest: Money


@dataclass(frozen=True, kw_only=True)
class LoanRateReset(LoanEvent):
    """A floating rate was reset and a new plan is in force; rates are yearly fractions."""

    name: ClassVar[str] = "servicing.loan-rate-reset"
    before: Decimal
    after: Decimal
    next_due_on: date
    next_due: Money


@dataclass(frozen=True, kw_only=True)
class LoanWaived(LoanEvent):
    """The lender gave up some of what was charged, by bucket."""

    name: ClassVar[str] = "servicing.loan-waived"
    interest: Money
    penalty: Money
    fee: Money


@dataclass(frozen=True, kw_only=True)
class LoanWrittenOff(LoanEvent):
    """The books gave the loan up, by bucket; the borrower owes it as before, without interest."""

    name: ClassVar[str] = "servicing.loan-written-off"
    number: str
    principal: Money
    interest: Money
    penalty: Money
    fee: Money


@dataclass(frozen=True, kw_only=True)
class LoanRecovered(LoanEvent):
    """Something was paid on a written-off loan, by bucket; `left` is still owed."""

    name: ClassVar[str] = "servicing.loan-recovered"
    receipt: str
    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    left: Money


@dataclass(frozen=True, kw_only=True)
class LoanPaymentReversed(LoanEvent):
    """A payment was taken back and its money is in the wallet; `cause` says why.

    `paid_on` is the day it had counted from.
    """

    name: ClassVar[str] = "servicing.loan-payment-reversed"
    cause: str
    amount: Money
    paid_on: date


@dataclass(frozen=True, kw_only=True)
class BorrowerHeld(Event):
    """A borrower was put on hold, or the hold was lifted: of all their loans."""

    name: ClassVar[str] = "servicing.borrower-held"
    party_id: UUID
    is_lifted: bool

    @property
    @override
    def subject(self) -> str:
        """Facts of one party keep their order."""
        return f"party:{self.party_id}"


@dataclass(frozen=True, kw_only=True)
class LoanOverdue(LoanEvent):
    """A loan that was in order has an instalment past its due date."""

    name: ClassVar[str] = "servicing.loan-overdue"
    oldest_due_on: date


@dataclass(frozen=True, kw_only=True)
class LoanClosed(LoanEvent):
    """Nothing is owed any more; `is_prepaid` where it was paid off before its last due date."""

    name: ClassVar[str] = "servicing.loan-closed"
    is_prepaid: bool
