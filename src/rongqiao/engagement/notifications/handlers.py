"""What parties are told when something happened to a loan, a limit or what secures them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rongqiao.engagement.notifications.operations.tell import Tell, tell
from rongqiao.finance.money import Money
from rongqiao.lending.collateral.events import SecurityChanged
from rongqiao.lending.origination.events import (
    ApplicationDecided,
    DocumentsAsked,
    LimitCutDown,
    ReviewAsked,
)
from rongqiao.lending.origination.queries.applications import number_of_application
from rongqiao.lending.servicing.events import (
    BorrowerHeld,
    LoanClosed,
    LoanDisbursed,
    LoanDrawn,
    LoanEvent,
    LoanPaymentReversed,
    LoanPrepaid,
    LoanRateReset,
    LoanRecalled,
    LoanRecallEnded,
    LoanRecallNoticed,
    LoanRecovered,
    LoanTermsChanged,
    LoanWaived,
    LoanWrittenOff,
)
from rongqiao.lending.servicing.queries.daily import number_of
from rongqiao.platform.operations import Call


def tell_of_disbursement(event: LoanDisbursed, call: Call) -> None:
    """Money was lent."""
    _tell(event, "disbursed", call, amount=event.amount.text())


def tell_of_draw(event: LoanDrawn, call: Call) -> None:
    """A further sum was lent."""
    _tell(
        event,
        "drawn",
        call,
        amount=event.amount.text(),
        left=event.left.text(),
        due_on=event.next_due_on.isoformat(),
        next_due=event.next_due.text(),
    )


def tell_of_prepayment(event: LoanPrepaid, call: Call) -> None:
    """A new plan is in force."""
    _tell(
        event,
        "prepaid",
        call,
        amount=event.principal.text(),
        due_on=event.next_due_on.isoformat(),
        next_due=event.next_due.text(),
    )


def tell_of_changed_terms(event: LoanTermsChanged, call: Call) -> None:
    """Other terms were agreed on and a new plan is in force."""
    _tell(
        event,
        "restructured" if event.kind == "restructuring" else "terms-changed",
        call,
        due_on=event.next_due_on.isoformat(),
        next_due=event.next_due.text(),
        matures_on=event.matures_on.isoformat(),
    )


def tell_of_recall_notice(event: LoanRecallNoticed, call: Call) -> None:
    """The lender gave notice that all falls due."""
    kind = f"recall-notice-{event.cause}"
    _tell(event, kind, call, falls_on=event.falls_on.isoformat(), amount=event.total.text())


def tell_of_ended_recall(event: LoanRecallEnded, call: Call) -> None:
    """A notice stands no more."""
    _tell(event, "recall-ended", call)


def tell_of_recall(event: LoanRecalled, call: Call) -> None:
    """All that was ahead fell due."""
    on, amount = event.happened_on.isoformat(), event.principal + event.interest
    _tell(event, "recalled", call, due_on=on, amount=amount.text())


def tell_of_rate_reset(event: LoanRateReset, call: Call) -> None:
    """A floating rate was reset."""
    _tell(
        event,
        "rate-reset",
        call,
        was=percent_of(event.before),
        rate=percent_of(event.after),
        due_on=event.next_due_on.isoformat(),
        next_due=event.next_due.text(),
        from_on=event.happened_on.isoformat(),
    )


def tell_of_waiver(event: LoanWaived, call: Call) -> None:
    """Charges were given up."""
    _tell(event, "waived", call, amount=(event.interest + event.penalty + event.fee).text())


def tell_of_closing(event: LoanClosed, call: Call) -> None:
    """Nothing is owed any more."""
    _tell(event, "closed", call)


def tell_of_write_off(event: LoanWrittenOff, call: Call) -> None:
    """The books gave it up; it is owed as before."""
    _tell(event, "written-off", call, amount=_total(event).text())


def tell_of_recovery(event: LoanRecovered, call: Call) -> None:
    """Something was paid on a written-off loan."""
    _tell(event, "recovered", call, amount=_total(event).text(), left=event.left.text())


def tell_of_reversal(event: LoanPaymentReversed, call: Call) -> None:
    """A payment was taken back."""
    facts = {"amount": event.amount.text(), "paid_on": event.paid_on.isoformat()}
    _tell(event, "payment-reversed", call, **facts)


def tell_of_hold(event: BorrowerHeld, call: Call) -> None:
    """Penalty, collecting and debits stopped, or go on."""
    kind = "hold-lifted" if event.is_lifted else "held"
    facts = {"from_on": event.happened_on.isoformat()}
    tell(Tell(party_id=event.party_id, kind=kind, subject=f"{kind}:{call.key}", facts=facts), call)


def tell_of_limit_cut(event: LimitCutDown, call: Call) -> None:
    """A limit was lowered."""
    facts = {
        "was": event.was.text(),
        "amount": event.amount.text(),
        "limit_id": str(event.limit_id),
    }
    subject = f"limit-cut:{call.key}"
    tell(Tell(party_id=event.party_id, kind="limit-cut", subject=subject, facts=facts), call)


def tell_of_documents(event: DocumentsAsked, call: Call) -> None:
    """A reviewer waits for documents of the borrower."""
    facts = {"count": str(event.count), "due_on": event.due_on.isoformat()}
    _tell_applicant(event, "documents-asked", event.number, call, **facts)


def tell_of_review(event: ReviewAsked, call: Call) -> None:
    """A person will look at what was declined."""
    due_on = event.due_on.isoformat()
    _tell_applicant(event, "review-asked", event.number, call, due_on=due_on)


def tell_of_decision(event: ApplicationDecided, call: Call) -> None:
    """An officer decided; whoever was judged at once has read it on the page already."""
    if event.is_by_person and event.state in ("approved", "countered", "returned", "declined"):
        number = number_of_application(event.application_id)
        _tell_applicant(event, f"decided-{event.state}", number, call)


def tell_of_security(event: SecurityChanged, call: Call) -> None:
    """A pledge was made or released: its borrower is told, and who gave it for another's debt.

    A giver reads nothing of the borrower.
    """
    facts = {"number": event.pledge_number, "amount": event.amount.text()}
    kind = "pledge-released" if event.is_released else "pledge-made"
    about = {**facts, "case": event.case_number}
    subject = f"{kind}:{event.pledge_id}"
    tell(Tell(party_id=event.party_id, kind=kind, subject=subject, facts=about), call)
    if event.given_by is not None and event.given_by != event.party_id:
        what = "guarantee" if event.collateral_kind == "guarantee" else "pledge"
        given = f"{what}-given-released" if event.is_released else f"{what}-given"
        subject = f"{given}:{event.pledge_id}"
        told = Tell(party_id=event.given_by, kind=given, subject=subject, facts=facts)
        tell(told, replace(call, key=f"{call.key}:giver"))


def percent_of(rate: Decimal) -> str:
    """Return a yearly fraction in percent, two places at least and as many as it has."""
    percent = rate * 100
    stated = percent.quantize(Decimal("0.01"))
    return f"{stated if stated == percent else percent.normalize():f}"


def _total(event: LoanWrittenOff | LoanRecovered) -> Money:
    return event.principal + event.interest + event.penalty + event.fee


def _tell(event: LoanEvent, kind: str, call: Call, **facts: str) -> None:
    about = {"number": number_of(event.loan_id), "loan_id": str(event.loan_id)}
    subject = f"{kind}:{call.key}"
    tell(Tell(party_id=event.party_id, kind=kind, subject=subject, facts=about | facts), call)


def _tell_applicant(
    event: ApplicationDecided | DocumentsAsked | ReviewAsked,
    kind: str,
    number: str,
    call: Call,
    **facts: str,
) -> None:
    about = {"number": number, "application_id": str(event.application_id), **facts}
    subject = f"{kind}:{call.key}"
    tell(Tell(party_id=event.party_id, kind=kind, subject=subject, facts=about), call)
