"""What is due is collected from what a wallet can spend; a debit brings what it lacks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.handlers import repay_by_debit
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.starting.authorise_debit import (
    AuthoriseDebit,
    authorise_debit,
)
from rongqiao.lending.servicing.queries.daily import list_collectable, list_short, owing_of
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.queries.books import available
from rongqiao.money.payments.events import PaymentSucceeded
from rongqiao.platform import clock
from rongqiao.platform.operations import operation
from tests.makers.loans import Lend, PaidIn, PayIn, assert_books_hold, lend, pay_in, uuid_of

PARTY = uuid_of(11)
DUE_ON = date(2026, 2, 5)
DUE = Money.yuan("3400.22")  # 10,000.00 at 12 % in three level instalments


@dataclass(frozen=True, kw_only=True)
class SetAside:
    amount: Money
    party: UUID = PARTY


@operation("tests.set-aside", restore=PaidIn)
def set_aside(command: SetAside, call) -> PaidIn:
    return PaidIn(journal=hold(f"wallet:{command.party}", command.amount, "test", call))


def a_willing_borrower(call):
    """A loan whose first instalment is due today, the lent money gone from the wallet."""
    lent = lend(Lend(principal=1_000_000, party=PARTY, rate=Decimal("0.12")), call())
    command = AuthoriseDebit(loan_id=lent.loan_id, party_id=PARTY, is_authorised=True)
    authorise_debit(command, call(actor=f"party:{PARTY}"))
    set_aside(SetAside(amount=Money(1_000_000)), call())
    catch_up(DUE_ON)
    return lent.loan_id


def collected(loan_id, amount):
    return PaymentSucceeded(
        order_id=UUID(int=1),
        number="PO1",
        kind="direct_debit",
        about=f"loan:{loan_id}",
        party_id=PARTY,
        amount=amount,
        happened_at=clock.now(),
        happened_on=DUE_ON,
    )


def test_held_money_is_not_collected_and_what_is_free_is(call):
    loan_id = a_willing_borrower(call)
    assert owing_of(loan_id, DUE_ON) == DUE
    assert list_collectable(DUE_ON) == ()
    (short,) = list_short(DUE_ON)
    assert (short.loan_id, short.amount, short.oldest_due_on) == (loan_id, DUE, DUE_ON)
    pay_in(PayIn(party=PARTY, amount=Money.yuan("1000.00")), call())
    (one,) = list_collectable(DUE_ON)
    assert one.amount == Money.yuan("1000.00")
    (short,) = list_short(DUE_ON)
    assert short.amount == Money.yuan("2400.22")


def test_what_a_debit_brought_repays_the_loan_and_no_more_than_is_due(call):
    loan_id = a_willing_borrower(call)
    pay_in(PayIn(party=PARTY, amount=Money.yuan("4000.00")), call())
    repay_by_debit(collected(loan_id, Money.yuan("4000.00")), call(actor="system:test"))
    assert owing_of(loan_id, DUE_ON) == Money.zero()
    assert available(f"wallet:{PARTY}") == Money.yuan("599.78")
    assert_books_hold()
    repay_by_debit(collected(loan_id, Money.yuan("599.78")), call(actor="system:test"))
    assert available(f"wallet:{PARTY}") == Money.yuan("599.78")


def test_a_debit_spent_before_it_arrives_leaves_the_loan_as_it_was(call):
    loan_id = a_willing_borrower(call)
    repay_by_debit(collected(loan_id, DUE), call(actor="system:test"))
    assert owing_of(loan_id, DUE_ON) == DUE
    assert Loan.objects.get(pk=loan_id).state == "active"


def test_the_same_delivery_twice_repays_once(call):
    loan_id = a_willing_borrower(call)
    pay_in(PayIn(party=PARTY, amount=Money.yuan("1000.00")), call())
    once = call(actor="system:test", key="event:1")
    repay_by_debit(collected(loan_id, Money.yuan("500.00")), once)
    repay_by_debit(collected(loan_id, Money.yuan("500.00")), once)
    assert owing_of(loan_id, DUE_ON) == DUE - Money.yuan("500.00")
