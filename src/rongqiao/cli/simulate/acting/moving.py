"""Money comes in from a card or by a bank transfer, and goes out to the card."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from rongqiao.cli.simulate.acting.proving import prove_withdrawal
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.starting.authorise_debit import (
    AuthoriseDebit,
    authorise_debit,
)
from rongqiao.money.payments.operations.mandates.give_mandate import GiveMandate, give_mandate
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.operations.orders.request_top_up import RequestTopUp, request_top_up
from rongqiao.money.payments.operations.orders.request_withdrawal import (
    RequestWithdrawal,
    request_withdrawal,
)
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    RegisterReceipt,
    register_receipt,
)
from rongqiao.money.payments.queries.orders import get_order

Then = Callable[[str], None]
# Somebody whose payment failed tries it so often, day after day.
TRIES = 3
DEBITED_AT_ONCE, DEBITED_A_DAY = Money.yuan("200000.00"), Money.yuan("500000.00")


def bring_in(town: Town, resident: Resident, amount: Money, what: str, then: Then) -> None:
    """Bring money into the wallet, then go on with `then(what)`.

    Every other resident sends a bank transfer, the others top up from their card.
    """
    if resident.profile.number % 2:
        _transfer(town, resident, amount, what)
        then(what)
    else:
        top_up(town, resident, amount, what, then)


def withdraw(town: Town, resident: Resident, amount: Money, what: str, tried: int = 1) -> None:
    """Take money out to the card; a finance officer approves what is large."""
    key = f"{resident.name}:{what}:out" + (f":{tried}" if tried > 1 else "")
    asked = town.do(
        request_withdrawal,
        RequestWithdrawal(
            party_id=resident.party_id,
            bank_account_id=resident.bank_account_id,
            amount=amount,
            step_up_id=prove_withdrawal(town, resident, amount, key),
        ),
        town.desk.user(resident.user_id, key),
    )
    if asked.needs_approval:
        town.do(
            approve_withdrawal,
            ApproveWithdrawal(order_id=asked.order_id),
            town.desk.user(town.staff["finance"], key),
        )

    def again() -> None:
        if _state(asked.order_id) == "failed" and tried < TRIES:
            town.after(1, lambda: withdraw(town, resident, amount, what, tried + 1))

    town.after(0, again)


def allow_debits(town: Town, resident: Resident, loan_id: UUID, what: str) -> None:
    """Let the platform debit the card for a loan's instalments, and the wallet before it."""
    key = f"{resident.name}:{what}:debit"
    town.do(
        authorise_debit,
        AuthoriseDebit(loan_id=loan_id, party_id=resident.party_id, is_authorised=True),
        town.desk.user(resident.user_id, key),
    )
    town.do(
        give_mandate,
        GiveMandate(
            party_id=resident.party_id,
            bank_account_id=resident.bank_account_id,
            per_debit=DEBITED_AT_ONCE,
            per_day=DEBITED_A_DAY,
        ),
        town.desk.user(resident.user_id, f"{key}:mandate"),
    )


def _transfer(town: Town, resident: Resident, amount: Money, what: str) -> None:
    """A transfer arrives at the bank; one finance officer notes it, another confirms it."""
    payer = resident.profile.firm.name if resident.profile.firm else resident.profile.person.name
    serial = f"IN-{what.replace(':', '-')}"
    town.custodian.credit(payer, amount, serial, town.desk)
    noted = town.do(
        register_receipt,
        RegisterReceipt(
            party_id=resident.party_id,
            amount=amount,
            bank_serial=serial,
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


def top_up(
    town: Town, resident: Resident, amount: Money, what: str, then: Then, tried: int = 1
) -> None:
    """Top up from the card; what failed is tried again the next day."""
    asked = town.do(
        request_top_up,
        RequestTopUp(
            party_id=resident.party_id, bank_account_id=resident.bank_account_id, amount=amount
        ),
        town.desk.user(resident.user_id, f"{what}:in:{tried}"),
    )

    def retry() -> None:
        if tried < TRIES:
            town.after(1, lambda: top_up(town, resident, amount, what, then, tried + 1))

    town.after(0, _once_in(town, asked.order_id, lambda: then(what), retry))


def _once_in(town: Town, order_id: UUID, then: Action, retry: Action) -> Action:
    """Go on once the bank has ended the order; look again the next day until it has."""

    def look() -> None:
        state = _state(order_id)
        if state == "succeeded":
            then()
        elif state == "failed":
            retry()
        else:
            town.after(1, look)

    return look


def _state(order_id: UUID) -> str:
    found = get_order(order_id)
    assert found is not None, order_id
    return found.state
