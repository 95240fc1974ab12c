"""Money in and out: two people for every movement, and never a fen more than there is."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.money.ledger.queries.books import balance, trial_balance
from rongqiao.money.payments.models.movements import Receipt
from rongqiao.money.payments.operations.capital.confirm_capital import (
    ConfirmCapital,
    confirm_capital,
)
from rongqiao.money.payments.operations.capital.inject_capital import InjectCapital, inject_capital
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    NotYetReceived,
    RegisterReceipt,
    register_receipt,
)
from rongqiao.money.payments.operations.receipts.reject_receipt import RejectReceipt, reject_receipt
from rongqiao.money.payments.operations.two_people import (
    AmountRefused,
    AnotherPersonNeeded,
    FinanceOfficerNeeded,
    NotOpen,
    OwnAffair,
    ReasonNeeded,
    SerialRefused,
    SerialUsed,
)
from rongqiao.money.payments.queries import wallets as queries
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor, at_once, make_person

ON = date(2026, 1, 5)


def receipt(party_id, amount="1000.00", serial="ICBC20260105-1", **changes):
    values = {"payer": "王小明", "received_on": ON} | changes
    return RegisterReceipt(
        party_id=party_id, amount=Money.yuan(amount), bank_serial=serial, **values
    )


def test_whoever_becomes_a_party_gets_an_empty_wallet(customer):
    wallet = queries.wallet_of(customer[1])
    assert (wallet.balance, wallet.held, wallet.available) == (Money(0),) * 3
    assert balance(f"wallet:{customer[1]}") == Money(0)


def test_a_receipt_moves_money_only_when_a_second_officer_confirms_it(call, officers, customer):
    first, second = officers
    _, party_id = customer
    noted = register_receipt(receipt(party_id), call(actor=actor(first)))
    assert queries.wallet_of(party_id).balance == Money(0)
    with pytest.raises(AnotherPersonNeeded):
        confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), call(actor=actor(first)))
    confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), call(actor=actor(second)))
    assert queries.wallet_of(party_id).available == Money.yuan("1000.00")
    assert balance("custodian-cash") == -Money.yuan("1000.00")
    (line,) = queries.statement(party_id)
    assert (line.kind, line.document, line.balance) == (
        "receipt",
        noted.number,
        Money.yuan("1000.00"),
    )
    with pytest.raises(NotOpen):
        confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), call(actor=actor(second)))


def test_the_database_itself_wants_two_people(call, officers, customer):
    noted = register_receipt(receipt(customer[1]), call(actor=actor(officers[0])))
    row = Receipt.objects.filter(pk=noted.receipt_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(state="confirmed", decided_by=actor(officers[0]), decided_at="2026-01-05T04:00Z")


def test_one_bank_transfer_is_noted_once(call, officers, customer):
    pay_in(call, officers, customer[1])
    with pytest.raises(SerialUsed):
        register_receipt(receipt(customer[1], "5.00"), call(actor=actor(officers[0])))


def test_who_is_no_finance_officer_notes_nothing(call, customer):
    with pytest.raises(FinanceOfficerNeeded):
        register_receipt(receipt(customer[1]), call(actor=actor(customer[0])))
    with pytest.raises(FinanceOfficerNeeded):
        register_receipt(receipt(customer[1]), call(actor="system:anything"))


def test_an_officer_keeps_hands_off_their_own_money(call, clock, officers, customer):
    user_id, party_id = customer
    make_officer(clock, user_id)
    with pytest.raises(OwnAffair):
        register_receipt(receipt(party_id), call(actor=actor(user_id)))
    noted = register_receipt(receipt(party_id), call(actor=actor(officers[0])))
    with pytest.raises(OwnAffair):
        confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), call(actor=actor(user_id)))


@pytest.mark.parametrize("minor", [0, -1, LARGEST_MINOR + 1])
def test_an_amount_is_above_nothing_and_below_what_an_account_counts(
    call, officers, customer, minor
):
    command = RegisterReceipt(
        party_id=customer[1],
        amount=Money(minor),
        bank_serial="ICBC-1",
        payer="王小明",
        received_on=ON,
    )
    with pytest.raises(AmountRefused):
        register_receipt(command, call(actor=actor(officers[0])))


@pytest.mark.parametrize("serial", ["", "ab", "a" * 65, "12 34 56", "12345;--", "流水号12345"])
def test_a_bank_serial_has_its_form(call, officers, customer, serial):
    with pytest.raises(SerialRefused):
        register_receipt(receipt(customer[1], serial=serial), call(actor=actor(officers[0])))


def test_tomorrows_money_is_not_here_today(call, officers, customer):
    with pytest.raises(NotYetReceived):
        register_receipt(
            receipt(customer[1], received_on=date(2026, 1, 6)), call(actor=actor(officers[0]))
        )


def test_a_rejected_receipt_says_why_and_books_nothing(call, officers, customer):
    first, second = officers
    noted = register_receipt(receipt(customer[1]), call(actor=actor(first)))
    with pytest.raises(ReasonNeeded):
        reject_receipt(
            RejectReceipt(receipt_id=noted.receipt_id, reason=" "), call(actor=actor(second))
        )
    reject_receipt(
        RejectReceipt(receipt_id=noted.receipt_id, reason="非本人账户"), call(actor=actor(second))
    )
    (view,) = queries.list_receipts("rejected")
    assert (view.reject_reason, view.payer) == ("非本人账户", "王**")
    assert queries.wallet_of(customer[1]).balance == Money(0)


def test_capital_takes_two_officers_and_stands_in_the_books(call, officers):
    first, second = officers
    command = InjectCapital(
        amount=Money.yuan("5000000.00"), source="股东增资", bank_serial="CAP-2026-1"
    )
    noted = inject_capital(command, call(actor=actor(first)))
    with pytest.raises(AnotherPersonNeeded):
        confirm_capital(ConfirmCapital(injection_id=noted.injection_id), call(actor=actor(first)))
    confirm_capital(ConfirmCapital(injection_id=noted.injection_id), call(actor=actor(second)))
    lines = {line.code: (line.debit.text(), line.credit.text()) for line in trial_balance()}
    assert lines == {
        "custodian-cash": ("5000000.00", "0.00"),
        "operator-funds": ("0.00", "5000000.00"),
        "funds-at-custodian": ("5000000.00", "0.00"),
        "operator-capital": ("0.00", "5000000.00"),
    }


def test_of_eight_confirmations_of_one_receipt_one_moves_money(live_db, call, clock):
    officers = [make_officer(clock) for _ in range(9)]
    _, party_id = make_person(call, 1)
    noted = register_receipt(receipt(party_id), call(actor=actor(officers[0])))

    def confirming(officer):
        made = call(actor=actor(officer))
        return lambda: confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), made)

    answers = at_once([confirming(officer) for officer in officers[1:]])
    assert sum(isinstance(answer, NotOpen) for answer in answers) == 7
    assert queries.wallet_of(party_id).balance == Money.yuan("1000.00")
