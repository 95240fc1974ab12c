"""What servicing does when something was signed, or when a loan was closed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from rongqiao.lending.origination.events import AgreementSigned, LimitDrawn
from rongqiao.lending.origination.operations.signing.take_up import NotToBeLent
from rongqiao.lending.servicing.events import LoanClosed
from rongqiao.lending.servicing.operations.disburse import Disburse, disburse
from rongqiao.lending.servicing.operations.issue_certificate import (
    IssueCertificate,
    issue_certificate,
)
from rongqiao.lending.servicing.operations.repay import Repay, repay
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


def repay_by_debit(event: PaymentSucceeded, call: Call) -> None:
    """Repay a loan from what was collected for it; what is no longer due stays in the wallet."""
    kind, _, loan = event.about.partition(":")
    if kind != "loan" or event.party_id is None:
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
