"""The custodian bank of a simulated town: every card fits its holder, every order is paid at once.

No bank is called: what it would have answered is noted by the operations that note its answers.
"""

from __future__ import annotations

from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.finance.money import Money
from rongqiao.money.payments.operations.cards.note_bound_card import (
    NoteBoundCard,
    note_bound_card,
)
from rongqiao.money.payments.operations.cards.note_custody_account import (
    NoteCustodyAccount,
    note_custody_account,
)
from rongqiao.money.payments.operations.cards.submit_card import SubmitCard, submit_card
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.operations.orders.note_sent import NoteSent, note_sent
from rongqiao.money.payments.operations.orders.request_withdrawal import (
    RequestWithdrawal,
    request_withdrawal,
)
from rongqiao.money.payments.operations.orders.settle_order import SettleOrder, settle_order


def bind_card(town: Town, resident: Resident, number: str) -> None:
    """Have the bank open the resident's account and bind the card of this number."""
    party_id, account_id = resident.party_id, resident.bank_account_id
    town.do(
        submit_card,
        SubmitCard(party_id=party_id, bank_account_id=account_id),
        town.desk.system(f"{resident.name}:card"),
    )
    town.do(
        note_custody_account,
        NoteCustodyAccount(party_id=party_id, account_no=f"TC{party_id.int % 10**16:016d}"),
        town.desk.system(f"{resident.name}:custody"),
    )
    town.do(
        note_bound_card,
        NoteBoundCard(
            bank_account_id=account_id, last4=number[-4:], card_token=f"town-{account_id}"
        ),
        town.desk.system(f"{resident.name}:bound"),
    )


def withdraw(town: Town, resident: Resident, amount: Money, what: str, serial: str) -> None:
    """Take money out; a finance officer approves what is large, the bank pays under `serial`."""
    asked = town.do(
        request_withdrawal,
        RequestWithdrawal(
            party_id=resident.party_id, bank_account_id=resident.bank_account_id, amount=amount
        ),
        town.desk.user(resident.user_id, f"{resident.name}:{what}:out"),
    )
    if asked.needs_approval:
        town.do(
            approve_withdrawal,
            ApproveWithdrawal(order_id=asked.order_id),
            town.desk.user(town.staff["finance"], f"{resident.name}:{what}:out"),
        )
    town.do(
        note_sent,
        NoteSent(order_id=asked.order_id),
        town.desk.system(f"{resident.name}:{what}:out:sent"),
    )
    town.do(
        settle_order,
        SettleOrder(
            order_no=asked.number,
            state="succeeded",
            amount=amount.text(),
            bank_serial=serial,
            settled_on=town.desk.on,
        ),
        town.desk.system(f"{resident.name}:{what}:out:paid"),
    )
