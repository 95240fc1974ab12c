"""A transfer arrives at the bank, two finance officers book it, and the borrower pays from it."""

from __future__ import annotations

from uuid import UUID

from rongqiao.cli.simulate.people.profiles import Conduct, Habit
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.repay import Repay, repay
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    RegisterReceipt,
    register_receipt,
)


def pay_instalment(
    town: Town, resident: Resident, loan_id: UUID, no: int, conduct: Conduct
) -> Action:
    """Return the payment of one instalment: whatever is left of it on that day."""

    def act() -> None:
        if town.is_remembering:
            return
        loan = get_loan(loan_id, town.desk.on)
        left = loan.rows[no - 1].left
        if not left:
            return
        what = f"{resident.name}:{loan.card.number}:{no}"
        top_up(town, resident, left, what)
        if conduct.habit is Habit.DEBIT:
            return
        town.do(
            repay,
            Repay(
                loan_id=loan_id,
                party_id=resident.party_id,
                amount=left,
                instalment_no=no,
                expected=left,
            ),
            town.desk.user(resident.user_id, f"{what}:pay"),
        )

    return act


def pay_off_loan(town: Town, resident: Resident, loan_id: UUID) -> Action:
    """Return the payoff of a loan at a quote of the same day."""

    def act() -> None:
        if town.is_remembering:
            return
        card = get_loan(loan_id, town.desk.on).card
        what = f"{resident.name}:{card.number}:off"
        quoted = town.do(
            quote_payoff,
            QuotePayoff(loan_id=loan_id, party_id=resident.party_id, valid_on=town.desk.on),
            town.desk.user(resident.user_id, f"{what}:quote"),
        )
        top_up(town, resident, quoted.total, what)
        town.do(
            pay_off,
            PayOff(quote_id=quoted.quote_id, party_id=resident.party_id),
            town.desk.user(resident.user_id, f"{what}:pay"),
        )

    return act


def top_up(town: Town, resident: Resident, amount: Money, what: str) -> None:
    """Bring money into the wallet: noted by one finance officer, confirmed by another."""
    payer = resident.profile.firm.name if resident.profile.firm else resident.profile.person.name
    noted = town.do(
        register_receipt,
        RegisterReceipt(
            party_id=resident.party_id,
            amount=amount,
            bank_serial=f"IN-{what.replace(':', '-')}",
            received_on=town.desk.on,
            payer=payer,
        ),
        town.desk.user(town.staff["finance"], f"{what}:in"),
    )
    town.do(
        confirm_receipt,
        ConfirmReceipt(receipt_id=noted.receipt_id),
        town.desk.user(town.staff["finance-2"], f"{what}:in"),
    )
