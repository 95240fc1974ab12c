"""From the due day to the loan repaid: a debit end of day asks for and the bank carries out."""

from datetime import date, timedelta

import pytest

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import COLLECT_BY_DEBIT, SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.starting.authorise_debit import (
    AuthoriseDebit,
    authorise_debit,
)
from rongqiao.lending.servicing.queries.daily import owing_of
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.money.payments.operations.mandates.give_mandate import GiveMandate, give_mandate
from rongqiao.money.payments.operations.mandates.withdraw_mandate import (
    WithdrawMandate,
    withdraw_mandate,
)
from rongqiao.money.payments.queries.orders import debits_of
from rongqiao.platform import relay
from tests.lending.servicing.test_debits import SetAside, set_aside
from tests.makers.banking import add_card, put_in_place, send
from tests.makers.loans import Lend, assert_books_hold, lend
from tests.parties.people import actor, make_person

DUE_ON = date(2026, 2, 5)
DUE = Money.yuan("3400.22")  # 10,000.00 at 12 % a year in three level instalments


@pytest.fixture
def gateway(monkeypatch, clock):
    return put_in_place(monkeypatch, clock)


@pytest.fixture
def borrower(call, gateway):
    return make_person(call, 1)


def due_loan(call, clock, borrower, per_debit="5000.00"):
    """A loan by mandate whose first instalment is due today, the lent money not in the wallet."""
    user_id, party_id = borrower
    loan_id = lend(Lend(principal=1_000_000, party=party_id), call()).loan_id
    withdraw_all(call, party_id)
    card = add_card(call, borrower)
    given = give_mandate(
        GiveMandate(
            party_id=party_id,
            bank_account_id=card,
            per_debit=Money.yuan(per_debit),
            per_day=Money.yuan(per_debit),
        ),
        call(actor=actor(user_id)),
    )
    authorise_debit(
        AuthoriseDebit(loan_id=loan_id, party_id=party_id, is_authorised=True),
        call(actor=actor(user_id)),
    )
    close_days(clock, DUE_ON)
    return loan_id, given.mandate_id


def withdraw_all(call, party_id):
    set_aside(SetAside(amount=Money(1_000_000), party=party_id), call())


def close_days(clock, to):
    clock.instant = clock.instant.replace(month=to.month, day=to.day)
    catch_up(to)


def orders_of(loan_id):
    return debits_of(f"loan:{loan_id}")


def test_a_due_instalment_is_debited_from_the_card_and_repaid(call, clock, borrower, gateway):
    loan_id, _ = due_loan(call, clock, borrower)
    (asked,) = orders_of(loan_id)
    assert (asked.amount, asked.state) == (DUE, "created")
    assert COLLECT_BY_DEBIT(DUE_ON) == 0
    send(asked.id)
    assert gateway.tell(asked.number) == "settled"
    relay.drain(SUBSCRIBERS)
    assert owing_of(loan_id, DUE_ON) == Money.zero()
    assert_books_hold()


def test_a_failed_debit_is_tried_a_day_later_and_not_twice_a_day(call, clock, borrower, gateway):
    loan_id, _ = due_loan(call, clock, borrower)
    gateway.refusals["direct_debit"] = "insufficient-card-balance"
    send(orders_of(loan_id)[0].id)
    assert orders_of(loan_id)[0].state == "failed"
    assert COLLECT_BY_DEBIT(DUE_ON) == 0
    close_days(clock, DUE_ON + timedelta(days=1))
    assert [one.state for one in orders_of(loan_id)] == ["failed", "created"]


def test_a_withdrawn_mandate_ends_the_debits(call, clock, borrower, gateway):
    loan_id, mandate_id = due_loan(call, clock, borrower)
    gateway.refusals["direct_debit"] = "insufficient-card-balance"
    send(orders_of(loan_id)[0].id)
    command = WithdrawMandate(party_id=borrower[1], mandate_id=mandate_id)
    withdraw_mandate(command, call(actor=actor(borrower[0])))
    close_days(clock, DUE_ON + timedelta(days=1))
    assert PaymentOrder.objects.count() == 1


def test_no_more_is_debited_at_once_than_the_mandate_allows(call, clock, borrower, gateway):
    loan_id, _ = due_loan(call, clock, borrower, per_debit="1000.00")
    assert [one.amount for one in orders_of(loan_id)] == [Money.yuan("1000.00")]
