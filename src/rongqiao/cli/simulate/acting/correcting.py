"""Payments taken back by two people: booked in error and put right, or a debit that is disputed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from rongqiao.cli.simulate.acting.moving import withdraw
from rongqiao.cli.simulate.acting.paying import pay_instalment
from rongqiao.cli.simulate.people.profiles import Conduct, Habit
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.lending.servicing.operations.correcting.decide_correction import (
    DecideCorrection,
    decide_correction,
)
from rongqiao.lending.servicing.operations.correcting.propose_backdating import (
    ProposeBackdating,
    propose_backdating,
)
from rongqiao.lending.servicing.operations.correcting.propose_reversal import (
    ProposeReversal,
    propose_reversal,
)
from rongqiao.lending.servicing.operations.starting.authorise_debit import (
    AuthoriseDebit,
    authorise_debit,
)
from rongqiao.lending.servicing.queries.amending.corrections import (
    PaymentView,
    list_payments,
    quote_backdating,
    quote_reversal,
)
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.platform.operations import Call

REASONS = {
    "operator-error": "操作失误：该笔还款被记入了另一笔借款。",
    "charge-back": "持卡人对该笔扣款提出异议，银行同意退回。",
}
BY_HAND = Conduct(Habit.PROMPT)
Then = Callable[[PaymentView, str], None]
# Days from one step to the next: the second person's, finding out, and paying by hand.
NEXT_DAY, FOUND_OUT_AFTER, BY_HAND_AFTER = 1, 3, 10


def misbook(town: Town, resident: Resident, loan_id: UUID, due_on: date) -> Action:
    """Return an operator's error: the payment is taken back, then booked again as of its day.

    Whatever is left of the instalment after all that is paid as any other.
    """

    def put_right(paid: PaymentView, name: str) -> None:
        town.after(FOUND_OUT_AFTER, lambda: book_again(paid, name))
        town.after(BY_HAND_AFTER, pay_instalment(town, resident, loan_id, due_on, BY_HAND))

    def book_again(paid: PaymentView, name: str) -> None:
        proposed = town.do(
            propose_backdating,
            ProposeBackdating(
                loan_id=loan_id,
                amount=paid.amount,
                value_on=paid.value_on,
                reason="冲正有误：该笔还款属于本笔借款，按原还款日补记。",
            ),
            _staff(town, "operator", f"{name}:again"),
        )
        town.after(NEXT_DAY, lambda: decide_again(proposed.correction_id, paid, name))

    def decide_again(correction_id: UUID, paid: PaymentView, name: str) -> None:
        seen = quote_backdating(loan_id, paid.amount, paid.value_on, town.desk.on)
        town.do(
            decide_correction,
            DecideCorrection(correction_id=correction_id, word="approve", shown=seen.given_back),
            _staff(town, "finance-2", f"{name}:again:decide"),
        )

    return _taken_back(town, resident, (loan_id, due_on), "operator-error", put_right)


def dispute(town: Town, resident: Resident, loan_id: UUID, due_on: date) -> Action:
    """Return a contested debit: charged back to the card, then no debits any more but by hand."""

    def end_debits(paid: PaymentView, name: str) -> None:
        town.do(
            authorise_debit,
            AuthoriseDebit(loan_id=loan_id, party_id=resident.party_id, is_authorised=False),
            town.desk.user(resident.user_id, f"{name}:no-debit"),
        )
        withdraw(town, resident, paid.amount, name.partition(":")[2])
        for row in get_loan(loan_id, town.desk.on).rows:
            if row.settled_on is None:
                day = max(row.due_on, town.desk.on + timedelta(days=BY_HAND_AFTER))
                town.on(day, pay_instalment(town, resident, loan_id, row.due_on, BY_HAND))

    return _taken_back(town, resident, (loan_id, due_on), "charge-back", end_debits)


def _taken_back(
    town: Town, resident: Resident, paid_for: tuple[UUID, date], cause: str, then: Then
) -> Action:
    """Return the taking back of what was last paid on an instalment: one proposes, one decides."""
    loan_id, due_on = paid_for

    def propose() -> None:
        if town.is_remembering:
            return
        paid = next((one for one in list_payments(loan_id) if one.booked_on >= due_on), None)
        if paid is None:
            return
        name = f"{resident.name}:{cause}:{get_loan(loan_id, town.desk.on).card.number}"
        proposed = town.do(
            propose_reversal,
            ProposeReversal(
                loan_id=loan_id, journal=paid.journal, cause=cause, reason=REASONS[cause]
            ),
            _staff(town, "operator", name),
        )
        town.after(NEXT_DAY, lambda: decide(proposed.correction_id, paid, name))

    def decide(correction_id: UUID, paid: PaymentView, name: str) -> None:
        seen = quote_reversal(loan_id, paid.journal, town.desk.on)
        town.do(
            decide_correction,
            DecideCorrection(correction_id=correction_id, word="approve", shown=seen.given_back),
            _staff(town, "finance", f"{name}:decide"),
        )
        then(paid, name)

    return propose


def _staff(town: Town, post: str, key: str) -> Call:
    return town.desk.user(town.staff[post], key)
