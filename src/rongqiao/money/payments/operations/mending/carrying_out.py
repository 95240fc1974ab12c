"""Carry out a mend inside the approving operation: by a new posting or order, never an edit."""

from __future__ import annotations

from rongqiao.finance.bookkeeping import Journal
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.queries.books import get_journal
from rongqiao.money.payments import postings
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt
from rongqiao.money.payments.models.orders import (
    AT_THE_BANK,
    By,
    OrderKind,
    OrderState,
    PaymentOrder,
)
from rongqiao.money.payments.models.reconciling import Break, BreakState, LineMatch, Mend
from rongqiao.money.payments.operations.mending.pool_moves import (
    Owner,
    out_of_suspense,
    pool_move,
)
from rongqiao.money.payments.operations.mending.refusals import MendFailed, MendJournal
from rongqiao.money.payments.operations.orders.placing import Wish, place
from rongqiao.money.payments.operations.orders.settling import RETURNED, SETTLED, Said, settle
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.queries.mending import MendFacts, credits_for
from rongqiao.platform.operations import Call

AMOUNT_DIFFERS = "amount-differs"
# A case whose journal belongs to another thing too is not undone alone.
_BOOKED_ELSEWHERE = ("receipt:", "capital:", "break:")


def mend(case: Break, facts: MendFacts, call: Call) -> None:
    """Do what the case's mend says and set its journal, or the order that carries it on.

    Raises MendJournal, MendFailed, and of the ledger InsufficientFunds.
    """
    match case.mend:
        case Mend.ASSIGN_TO_PARTY:
            assert case.mend_party is not None, case.number
            case.journal = _assign(case, facts, postings.wallet(case.mend_party), call)
        case Mend.RETURN_TO_SENDER:
            _return(case, facts, call)
        case Mend.SETTLE_AS_BANK_SAYS:
            _follow_bank(case, facts, call)
        case Mend.OFFSET_BY_CREDIT:
            _offset(case, facts, call)
        case Mend.BOOK_BANK_FEE:
            owner = Owner(postings.OPERATOR_FUNDS, "bank-charges")
            case.journal = _move(case, "bank-fee", facts.explains, owner, call)
        case Mend.ACCEPT_DIFFERENCE:
            owner = Owner(postings.OPERATOR_FUNDS, "reconciliation-differences")
            case.journal = _move(case, "difference-accepted", facts.explains, owner, call)
        case Mend.CORRECT_BY_REVERSAL:
            case.journal = reverse(_journal_of(case), case.number, call)
        case _:
            assert case.mend == Mend.CLOSE_EXPLAINED, case.mend


def posted(journal: Journal, call: Call) -> int:
    """Post one journal, opening the accounts it needs; return its number."""
    open_accounts([leg.account for leg in journal.legs], call)
    (number,) = post([journal], call)
    return number


def _move(case: Break, kind: str, minor: int, owner: Owner, call: Call) -> int:
    return posted(pool_move(kind, case.number, call.on, minor, owner), call)


def _assign(case: Break, facts: MendFacts, account: str, call: Call) -> int:
    if not case.suspense_minor:
        return _move(case, "credit-assigned", facts.bank, Owner(account), call)
    amount = Money(case.suspense_minor)
    move = out_of_suspense("credit-assigned", case.number, call.on, amount, Owner(account))
    return posted(move, call)


def _return(case: Break, facts: MendFacts, call: Call) -> None:
    assert case.line is not None, case.number
    if not case.suspense_minor:
        case.journal = _move(case, "unknown-credit", facts.bank, Owner(postings.SUSPENSE), call)
        case.suspense_minor = facts.bank
    wish = Wish(
        kind=OrderKind.REFUND,
        amount=Money(case.suspense_minor),
        subject=f"credit:{case.line.serial}",
    )
    case.mend_order = place(wish, call)


def _offset(case: Break, facts: MendFacts, call: Call) -> None:
    """Let what went out by itself and the credit that made it good cancel out; end both cases."""
    credit_id = case.counterpart.removeprefix("break:")
    credit = credits_for(case).select_for_update().filter(pk=credit_id).first()
    if credit is None:
        raise MendFailed(value=case.counterpart)
    case.journal = _move(case, "credit-offset", facts.bank, Owner(postings.SUSPENSE), call)
    before, credit.state = credit.state, BreakState.RESOLVED
    credit.mend, credit.counterpart, credit.journal = case.mend, f"break:{case.pk}", case.journal
    credit.maker, credit.proposed_at, credit.reason = case.maker, case.proposed_at, case.number
    credit.checker, credit.resolved_at = call.actor, call.at
    credit.save()
    note_step(credit, before, call, note=case.number)


def _follow_bank(case: Break, facts: MendFacts, call: Call) -> None:
    assert case.line is not None, case.number
    subject = LineMatch.objects.get(line=case.line_id).subject
    if case.order_id is None:
        case.journal = _move(case, "credit-corrected", facts.explains, _noted(subject), call)
        return
    order = PaymentOrder.objects.select_for_update().get(pk=case.order_id)
    is_return = subject.startswith("return:")
    if case.line.amount_minor == order.amount_minor and _is_open_for(order, is_return=is_return):
        case.journal = _settled(case, order, is_return=is_return, call=call)
        return
    if order.state in AT_THE_BANK:
        _end_unpaid(case, order, call)
    case.journal = _move(case, "bank-followed", facts.explains, _owner(order), call)


def _is_open_for(order: PaymentOrder, *, is_return: bool) -> bool:
    if is_return:
        return order.state == OrderState.SUCCEEDED and not order.is_returned
    return order.state in AT_THE_BANK


def _settled(case: Break, order: PaymentOrder, *, is_return: bool, call: Call) -> int:
    line = case.line
    assert line is not None, case.number
    said = Said(
        order_no=order.number,
        state=RETURNED if is_return else OrderState.SUCCEEDED,
        amount=Money(order.amount_minor).text(),
        currency=order.currency,
        bank_serial=order.bank_serial if is_return else line.serial,
        settled_on=order.settled_on if is_return else line.value_on,
        returned_on=line.value_on if is_return else None,
        return_serial=line.serial if is_return else "",
        by=By.REPAIR,
    )
    verdict = settle(said, f"mend:{case.number}:{call.at.isoformat()}", call).verdict
    if verdict != SETTLED:
        raise MendFailed(value=verdict)
    order.refresh_from_db()
    journal = order.returned_journal if is_return else order.journal
    assert journal is not None, order.number
    return journal


def _end_unpaid(case: Break, order: PaymentOrder, call: Call) -> None:
    """End an order that was carried out with another amount: what was moved is booked by itself."""
    said = Said(
        order_no=order.number,
        state=OrderState.FAILED,
        amount=Money(order.amount_minor).text(),
        currency=order.currency,
        bank_serial=order.bank_serial,
        reason=AMOUNT_DIFFERS,
        by=By.REPAIR,
    )
    verdict = settle(said, f"mend:{case.number}:end:{call.at.isoformat()}", call).verdict
    if verdict != SETTLED:
        raise MendFailed(value=verdict)


def _owner(order: PaymentOrder) -> Owner:
    if order.party_id is not None:
        return Owner(postings.wallet(order.party_id))
    if order.kind == OrderKind.REFUND:
        return Owner(postings.SUSPENSE)
    return Owner(postings.OPERATOR_FUNDS, postings.OPERATOR_CAPITAL)


def _noted(subject: str) -> Owner:
    """Return whose money a receipt or the operator's capital is."""
    what, _, row_id = subject.partition(":")
    if what == "receipt":
        return Owner(postings.wallet(Receipt.objects.get(pk=row_id).party_id))
    return Owner(postings.OPERATOR_FUNDS, postings.OPERATOR_CAPITAL)


def _journal_of(case: Break) -> int:
    """Return the journal of a movement the bank does not have. Raises MendJournal."""
    what, _, row_id = case.subject.partition(":")
    if case.order is not None:
        number = case.order.returned_journal if what == "return" else case.order.journal
        assert number is not None, case.number
        return number
    table = Receipt if what == "receipt" else CapitalInjection
    named = get_journal(case.mend_journal) if case.mend_journal else None
    document = table.objects.get(pk=row_id).number
    if named is None or named.document != document or named.reversed_by or named.reverses:
        raise MendJournal(field="journal", value=str(case.mend_journal or ""))
    return named.number


def is_own_posting(case: Break) -> bool:
    """Tell whether the case's journal is its own, not an order's, receipt's or a reversal."""
    if case.journal is None or case.mend_order_id or case.counterpart.startswith(_BOOKED_ELSEWHERE):
        return False
    orders = PaymentOrder.objects.filter(journal=case.journal) | PaymentOrder.objects.filter(
        returned_journal=case.journal
    )
    return case.mend != Mend.CORRECT_BY_REVERSAL and not orders.exists()
