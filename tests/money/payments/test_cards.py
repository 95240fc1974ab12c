"""Cards: bound after the bank's same-name check, held for a day, frozen in the order."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

import rongqiao.money.payments.operations as payments_operations
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.money.payments import jobs
from rongqiao.money.payments.gateways.bank import Unreachable
from rongqiao.money.payments.models.orders import BoundCard, CustodyAccount, PaymentOrder
from rongqiao.money.payments.operations.cards.note_bound_card import (
    NoteBoundCard,
    note_bound_card,
)
from rongqiao.money.payments.operations.cards.usable import (
    CardNotBound,
    CardSwapped,
    CardTooNew,
)
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.queries.cards import bound_cards_of, find_card
from rongqiao.money.payments.queries.orders import order_for_bank, payee_of
from rongqiao.parties.models import BankAccount
from rongqiao.parties.operations.close_bank_account import CloseBankAccount, close_bank_account
from rongqiao.platform import relay
from rongqiao.platform.refusals import NotFound
from tests.makers.banking import add_card, send
from tests.makers.officers import pay_in
from tests.money.payments.test_orders import top_up, wallet_reads, withdraw
from tests.parties.people import actor
from tests.parties.people import card as card_number

DAY = timedelta(hours=24)


def take_off(call, customer, account_id):
    command = CloseBankAccount(party_id=customer[1], bank_account_id=account_id)
    close_bank_account(command, call(actor=actor(customer[0])))
    relay.drain(SUBSCRIBERS)


def test_a_new_bank_account_is_bound_at_the_bank(customer, new_card, gateway, clock):
    (card,) = bound_cards_of(customer[1])
    assert (card.state, card.last4) == ("bound", card_number(1)[-4:])
    assert card.opens_at == clock.now() + DAY
    assert CustodyAccount.objects.get(party_id=customer[1]).account_no == f"A{customer[1]}"
    assert gateway.bound == [card_number(1)]
    assert card_number(1).encode() not in bytes(BoundCard.objects.get().card_token_sealed)


def test_a_card_of_another_name_is_refused_and_the_reason_is_shown(call, customer, gateway):
    gateway.holders[card_number(1)] = "王小朋"
    account = add_card(call, customer)
    (card,) = bound_cards_of(customer[1])
    assert (card.state, card.reason, card.opens_at) == ("refused", "name-mismatch", None)
    with pytest.raises(CardNotBound) as refused:
        top_up(call, customer, account)
    assert refused.value.facts == {"state": "refused", "reason": "name-mismatch"}


def test_a_bank_that_is_away_is_asked_again_later(call, customer, gateway, clock):
    gateway.is_away = True
    with pytest.raises(Unreachable):
        add_card(call, customer)
    account = BankAccount.objects.get().pk
    assert find_card(account).state == "pending"
    with pytest.raises(CardNotBound):
        top_up(call, customer, account)
    clock.move(timedelta(minutes=20))
    assert jobs.bind_cards_left_behind() == 0
    gateway.is_away = False
    assert jobs.bind_cards_left_behind() == 1
    assert find_card(account).state == "bound"
    assert jobs.bind_cards_left_behind() == 0


def test_a_card_is_bound_once_whatever_the_bank_answers_later(call, new_card):
    command = NoteBoundCard(bank_account_id=new_card, last4="9999", card_token="another")
    assert note_bound_card(command, call(actor="system:x")).state == "bound"
    assert find_card(new_card).last4 != "9999"


def test_nothing_is_paid_out_to_a_card_for_24_hours(call, clock, officers, customer, new_card):
    pay_in(call, officers, customer[1])
    opens = (clock.now() + DAY).isoformat()
    clock.move(DAY - timedelta(seconds=1))
    with pytest.raises(CardTooNew) as refused:
        withdraw(call, customer, new_card)
    assert refused.value.facts == {"from": opens}
    assert wallet_reads(customer[1])[1] == "0.00"
    clock.move(timedelta(seconds=1))
    withdraw(call, customer, new_card)


def test_money_may_come_in_from_a_new_card_at_once(call, customer, new_card):
    top_up(call, customer, new_card)


def test_after_a_swap_nothing_goes_out_for_24_hours_even_to_an_old_card(
    call, clock, officers, customer, card, gateway
):
    pay_in(call, officers, customer[1])
    other = add_card(call, customer, 2)
    clock.move(DAY)
    take_off(call, customer, other)
    with pytest.raises(CardSwapped) as refused:
        withdraw(call, customer, card)
    assert refused.value.facts == {"from": (clock.now() + DAY).isoformat()}
    clock.move(DAY)
    withdraw(call, customer, card)


def test_the_same_card_put_back_counts_as_new(call, clock, officers, customer, card, gateway):
    pay_in(call, officers, customer[1])
    take_off(call, customer, card)
    clock.move(DAY)
    again = add_card(call, customer)
    with pytest.raises(CardTooNew):
        withdraw(call, customer, again)


def test_a_card_taken_off_takes_part_in_nothing(call, customer, card):
    take_off(call, customer, card)
    assert bound_cards_of(customer[1]) == ()
    with pytest.raises(NotFound):
        withdraw(call, customer, card)
    with pytest.raises(NotFound):
        top_up(call, customer, card)


def test_the_payee_is_frozen_in_the_order_and_sealed(call, officers, customer, card, gateway):
    pay_in(call, officers, customer[1])
    order = withdraw(call, customer, card)
    row = PaymentOrder.objects.get(pk=order.order_id)
    assert payee_of(row) == {
        "bank_name": "中国工商银行",
        "holder": "王小明",
        "number": card_number(1),
    }
    for sealed in (row.payee_sealed, row.card_token_sealed):
        assert card_number(1).encode() not in bytes(sealed)
        assert "王小明".encode() not in bytes(sealed)
    assert order_for_bank(row.pk).card_token == f"token-{card_number(1)}-1"


def test_a_card_swapped_between_approval_and_payout_stops_the_payout(
    call, clock, officers, customer, card, gateway
):
    pay_in(call, officers, customer[1], "60000.00")
    order = withdraw(call, customer, card, "50000.00")
    approve_withdrawal(ApproveWithdrawal(order_id=order.order_id), call(actor=actor(officers[0])))
    take_off(call, customer, card)
    add_card(call, customer, 2)
    row = send(order.order_id)
    assert (row.state, row.reason) == ("cancelled", "card-closed")
    assert gateway.sent == []
    assert wallet_reads(customer[1]) == ("60000.00", "0.00", "60000.00")


def test_a_bank_account_edited_behind_the_platforms_back_is_not_paid(
    call, officers, customer, card, gateway
):
    """Somebody with a database client puts another card behind the same row."""
    pay_in(call, officers, customer[1])
    order = withdraw(call, customer, card)
    BoundCard.objects.filter(pk=card).update(state="pending", card_token_sealed=None, bound_at=None)
    note_bound_card(
        NoteBoundCard(bank_account_id=card, last4="6666", card_token="a thief's"),
        call(actor="system:x"),
    )
    assert send(order.order_id).state == "cancelled"
    assert gateway.sent == []
    assert wallet_reads(customer[1])[1] == "0.00"


def test_no_operation_lets_staff_edit_a_card():
    """Whoever changes where money goes names an account anew: no command takes another number."""
    folder = Path(payments_operations.__file__).parent
    about_cards = {path.stem for path in folder.glob("cards/*.py")} - {"__init__", "usable"}
    assert about_cards == {
        "close_card",
        "note_bound_card",
        "note_custody_account",
        "submit_card",
    }
    parties = Path(payments_operations.__file__).parents[3] / "parties" / "operations"
    about_accounts = {path.stem for path in parties.glob("**/*bank_account*.py")}
    assert about_accounts == {"add_bank_account", "close_bank_account"}
    assert {one.name for one in fields(NoteBoundCard)} == {
        "bank_account_id",
        "last4",
        "reason",
        "card_token",
    }
