"""A custodian bank in memory, for tests of what the platform does with its answers."""

import itertools
from dataclasses import dataclass, field

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.money.payments import jobs
from rongqiao.money.payments.gateways.bank import (
    AccountOpened,
    CardBound,
    OrderAccepted,
    OrderState,
    OrderToSend,
    Rejected,
    Unreachable,
)
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.money.payments.operations.orders.request_top_up import RequestTopUp
from rongqiao.money.payments.operations.orders.request_withdrawal import RequestWithdrawal
from rongqiao.money.payments.operations.orders.take_callback import TakeCallback, take_callback
from rongqiao.parties.operations.add_bank_account import AddBankAccount, add_bank_account
from rongqiao.platform import relay
from rongqiao.platform.clock import CHINA
from rongqiao.platform.operations import Call
from tests.makers.proofs import prove_account, prove_withdrawal
from tests.parties.people import actor, card


@dataclass
class Kept:
    """One order as this bank knows it."""

    order: OrderToSend
    serial: str
    state: str = "processing"
    reason: str = ""


@dataclass
class BankInMemory:
    """Takes orders and answers as it is told: `is_away` gives no answer, `loses_answers` takes the
    order and gives none, `refusals` says no to an order kind or a card number.
    """

    clock: object
    orders: dict = field(default_factory=dict)
    sent: list = field(default_factory=list)
    bound: list = field(default_factory=list)
    refusals: dict = field(default_factory=dict)
    holders: dict = field(default_factory=dict)
    is_away: bool = False
    loses_answers: bool = False
    serials: itertools.count = field(default_factory=lambda: itertools.count(1))

    def open_account(self, customer_no, name, kind):
        self._answer()
        return AccountOpened(account_no=f"A{customer_no}")

    def bind_card(self, account_no, card_no, holder_name):
        self._answer()
        if card_no in self.refusals:
            raise Rejected(self.refusals[card_no])
        if self.holders.get(card_no, holder_name) != holder_name:
            raise Rejected("name-mismatch")
        self.bound.append(card_no)
        return CardBound(card_token=f"token-{card_no}-{len(self.bound)}", last4=card_no[-4:])

    def send_order(self, order):
        if self.is_away:
            raise Unreachable("ConnectError")
        self.sent.append(order)
        if order.kind in self.refusals:
            raise Rejected(self.refusals[order.kind])
        serial = f"B{next(self.serials):06d}"
        kept = self.orders.setdefault(order.order_no, Kept(order, serial))
        if kept.order != order:
            raise Unreachable("409")
        if kept.state == "closed":
            raise Rejected("order-closed")
        if self.loses_answers:
            raise Unreachable("ReadTimeout")
        return OrderAccepted(bank_serial=kept.serial, state="accepted")

    def find_order(self, order_no):
        self._answer()
        kept = self.orders.get(order_no)
        return self._state(order_no, kept) if kept else None

    def close_order(self, order_no):
        self._answer()
        kept = self.orders.get(order_no)
        if kept is None:
            return OrderState(
                order_no=order_no,
                state="closed",
                amount=None,
                bank_serial="",
                reason="",
                settled_on=None,
                returned_on=None,
                return_serial="",
            )
        return self._state(order_no, kept)

    def end(self, number, state="succeeded", reason=""):
        """Let an order end at the bank; nobody is told."""
        kept = self.orders[number]
        kept.state, kept.reason = state, reason

    def callback(self, number, state="succeeded", event_id="", **changes):
        """Return the command of a callback that tells an order's end as the bank knows it."""
        kept, on = self.orders[number], self.clock.now().astimezone(CHINA).date()
        is_return = state == "returned"
        values = {
            "event_id": event_id or f"E-{number}-{state}",
            "order_no": number,
            "state": state,
            "amount": kept.order.amount.text(),
            "currency": kept.order.amount.currency,
            "bank_serial": kept.serial,
            "reason": kept.reason or ("" if state == "succeeded" else "told-so"),
            "settled_on": on,
            "returned_on": on if is_return else None,
            "return_serial": f"R{kept.serial}" if is_return else "",
        }
        return TakeCallback(**(values | changes))

    def tell(self, number, state="succeeded", **changes):
        """Let an order end and have the platform told; return the verdict."""
        self.end(number, state)
        command = self.callback(number, state, **changes)
        return take_callback(command, hook_call(self.clock, command.event_id)).verdict

    def _state(self, number, kept):
        on = self.clock.now().astimezone(CHINA).date()
        is_over, is_return = kept.state in ("succeeded", "returned"), kept.state == "returned"
        return OrderState(
            order_no=number,
            state=kept.state,
            amount=kept.order.amount,
            bank_serial=kept.serial,
            reason=kept.reason,
            settled_on=on if is_over else None,
            returned_on=on if is_return else None,
            return_serial=f"R{kept.serial}" if is_return else "",
        )

    def _answer(self):
        if self.is_away:
            raise Unreachable("ConnectError")


def hook_call(clock, event_id):
    """The call under which the hook takes a callback."""
    return Call(
        actor="system:web.hooks",
        key=f"bank:{event_id}",
        at=clock.now(),
        on=clock.now().astimezone(CHINA).date(),
    )


def put_in_place(monkeypatch, clock):
    """Put a bank in memory in the place of the installation's; return it."""
    made = BankInMemory(clock)
    monkeypatch.setattr(jobs, "bank", lambda: made)
    return made


def add_card(call, owner, number=1, holder="王小明"):
    """Name a bank account and have the bank bind it; return the account's id."""
    user_id, party_id = owner
    command = AddBankAccount(
        party_id=party_id,
        bank_name="中国工商银行",
        holder=holder,
        number=card(number),
        proof=prove_account(party_id, holder, card(number)),
    )
    added = add_bank_account(command, call(actor=actor(user_id)))
    relay.drain(SUBSCRIBERS)
    jobs.bind_card(str(added.bank_account_id))
    return added.bank_account_id


def withdrawal(owner, account_id, amount):
    """The wish of an owner who proved anew, for just this, who they are."""
    user_id, party_id = owner
    wanted = Money.yuan(amount)
    return RequestWithdrawal(
        party_id=party_id,
        bank_account_id=account_id,
        amount=wanted,
        step_up_id=prove_withdrawal(user_id, party_id, account_id, wanted),
    )


def top_up(owner, account_id, amount):
    """The wish to bring money in."""
    return RequestTopUp(party_id=owner[1], bank_account_id=account_id, amount=Money.yuan(amount))


def send(order_id):
    """Send one order and return its row."""
    jobs.send_order(str(order_id))
    return PaymentOrder.objects.get(pk=order_id)
