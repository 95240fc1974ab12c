"""What servicing does when something was signed, or when a loan was closed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.events import AgreementSigned, LimitDrawn
from rongqiao.lending.origination.operations.signing.take_up import NotToBeLent
from rongqiao.lending.servicing.events import (
    LoanClosed,
    LoanEvent,
    LoanOverdue,
    LoanRepaid,
    LoanWrittenOff,
)
from rongqiao.lending.servicing.operations.collecting.follow_loan import (
    FollowLoan,
    follow_loan,
)
from rongqiao.lending.servicing.operations.collecting.open_case import OpenCase, open_case
from rongqiao.lending.servicing.operations.repaying.issue_certificate import (
    IssueCertificate,
    issue_certificate,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.starting.disburse import Disburse, disburse
from rongqiao.lending.servicing.queries.amending.holds import is_held
from rongqiao.lending.servicing.queries.collecting.following import open_case_of
from rongqiao.lending.servicing.queries.daily import owing_of
from rongqiao.money.payments.events import PaymentSucceeded
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal


def disburse_agreement(event: AgreementSigned, call: Call) -> None:
    """Lend what a loan agreement says; a limit agreement waits for its drawings."""
    if event.kind == "loan":
        _lend(Disburse(agreement_id=event.agreement_id), call)


def disburse_drawing(event: LimitDrawn, call: Call) -> None:
    """Lend a drawing on a credit limit."""
    _lend(Disburse(agreement_id=event.agreement_id), call)


def certify_closing(event: LoanClosed, call: Call) -> None:
    """Issue the certificate of a paid-off loan."""
    issue_certificate(IssueCertificate(loan_id=event.loan_id), call)


def open_case_of_overdue(event: LoanOverdue, call: Call) -> None:
    """Open the case of a loan found overdue, as of the business date that is open now."""
    open_case(OpenCase(loan_id=event.loan_id), replace(call, on=clock.business_date()))


def count_for_case(event: LoanRepaid, call: Call) -> None:
    """Count a payment for the loan's open case, and close it where nothing is late any more."""
    paid = event.principal + event.interest + event.penalty + event.fee
    _follow(event, paid, call)


def end_case(event: LoanClosed | LoanWrittenOff, call: Call) -> None:
    """Close the case of a loan that ended."""
    _follow(event, Money.zero(), call)


def _follow(event: LoanEvent, paid: Money, call: Call) -> None:
    case_id = open_case_of(event.loan_id)
    if case_id is not None:
        command = FollowLoan(case_id=case_id, paid=paid)
        follow_loan(command, replace(call, on=clock.business_date()))


def repay_by_debit(event: PaymentSucceeded, call: Call) -> None:
    """Repay a loan from what was collected for it; what is no longer due stays in the wallet.

    So does all of it where the borrower was put on hold meanwhile.
    """
    kind, _, loan = event.about.partition(":")
    if kind != "loan" or event.party_id is None or is_held(event.party_id):
        return
    on = clock.business_date()
    amount = min(event.amount, owing_of(UUID(loan), on))
    if amount.minor == 0:
        return
    try:
        repay(
            Repay(loan_id=UUID(loan), party_id=event.party_id, amount=amount), replace(call, on=on)
        )
    except Refusal:
        return  # paid or spent a moment ago; end of day takes what is due from the wallet


def _lend(command: Disburse, call: Call) -> None:
    """Lend on the business date that is open now: the day of signing may be closed already."""
    try:
        disburse(command, replace(call, on=clock.business_date()))
    except NotToBeLent:
        return  # withdrawn or expired between signing and now, or lent by an earlier delivery
