"""The platform and the custodian bank as two processes: days of business, compared to the fen."""

from datetime import timedelta

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import balance
from rongqiao.money.payments import jobs
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.money.payments.models.reconciling import Break, StatementFile
from rongqiao.money.payments.operations.orders.request_top_up import request_top_up
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.custody import cash_position, check_custody
from rongqiao.money.payments.queries.reconciling import statement_days_due
from rongqiao.platform.clock import CHINA
from rongqiao.platform.models import BusinessDate
from tests.makers import banking
from tests.makers.statements import DAY
from tests.parties.people import actor
from tests.parties.people import card as card_number

DAYS = timedelta(days=1)


class Town:
    """A customer of the bank, a clock for both sides, and what they do in a day."""

    def __init__(self, call, clock, bank, customer):
        self.call, self.clock, self.bank, self.customer = call, clock, bank, customer
        bank.card(card_number(1), "王小明")
        self.card = banking.add_card(call, customer)
        self.move(CARD_HOLD)

    def move(self, step):
        self.clock.move(step)
        self.bank.clock(self.clock.now())
        BusinessDate.objects.update(on=self.today)

    @property
    def today(self):
        return self.clock.now().astimezone(CHINA).date()

    def top_up(self, yuan):
        wish = banking.top_up(self.customer, self.card, yuan)
        return self._go(request_top_up(wish, self.call(actor=actor(self.customer[0]))))

    def withdraw(self, yuan):
        wish = banking.withdrawal(self.customer, self.card, yuan)
        return self._go(request_withdrawal(wish, self.call(actor=actor(self.customer[0]))))

    def _go(self, requested):
        jobs.send_order(str(requested.order_id))
        return requested.order_id

    def ask(self, order_id):
        """The bank settles; the platform asks."""
        self.move(timedelta(minutes=5))
        self.bank.settle()
        jobs.ask_bank(str(order_id))

    def next_day(self):
        """Close the day at the bank; return how many days were compared."""
        self.bank.settle()
        yesterday = self.today
        self.move(DAYS)
        return jobs.fetch_statements(yesterday)


@pytest.fixture
def town(call, clock, bank, customer):
    return Town(call, clock, bank, customer)


def holds():
    return check_custody().examples == ()


def test_a_day_of_business_agrees_to_the_fen(town):
    paid_in = town.top_up("1000.00")
    town.ask(paid_in)
    town.ask(town.withdraw("250.00"))
    assert town.next_day() == 1
    assert not Break.objects.exists()
    position = cash_position()
    assert (position.closing, position.cash) == (Money(75_000), Money(75_000))
    assert position.unexplained == Money(0)
    assert holds()


def test_an_order_nobody_told_of_is_settled_by_the_statement(town):
    order_id = town.top_up("1000.00")
    town.move(timedelta(minutes=5))
    town.bank.settle()
    # A first order that ended is what the days begin with.
    town.ask(town.top_up("5.00"))
    assert PaymentOrder.objects.get(pk=order_id).state == "sent"
    town.next_day()
    assert PaymentOrder.objects.get(pk=order_id).state == "succeeded"
    assert balance(f"wallet:{town.customer[1]}") == Money(100_500)
    assert not Break.objects.exists()
    assert holds()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("cut", "statement-damaged"),
        ("duplicate", "duplicate-line"),
        ("yesterday", "wrong-day"),
        ("wrong_amount", "amount-differs"),
        ("missing", "missing-at-bank"),
        ("extra", "unknown-order"),
        ("fee", "bank-fee"),
    ],
)
def test_each_mistake_of_the_banks_file_is_one_case_of_its_kind(town, fault, kind):
    for yuan in ("1000.00", "200.00", "30.00"):
        town.ask(town.top_up(yuan))
    day = town.today
    town.bank.statement_fault(day, fault)
    town.next_day()
    assert list(Break.objects.values_list("kind", flat=True)) == [kind]
    assert balance(f"wallet:{town.customer[1]}") == Money(123_000)
    assert holds()
    town.ask(town.top_up("4.00"))
    town.next_day()
    assert Break.objects.count() == 1
    assert holds()


def test_a_damaged_day_is_fetched_again_later_and_made_up_for(town):
    town.ask(town.top_up("1000.00"))
    town.bank.credit("不明汇款人", "12.34")
    day = town.today
    town.bank.statement_fault(day, "cut")
    town.next_day()
    assert statement_days_due(day, town.clock.now()) == ()
    town.bank.statement_fault(day, "none")
    town.move(timedelta(hours=2))
    assert jobs.fetch_statements(day) == 1
    assert sorted(StatementFile.objects.values_list("state", flat=True)) == ["imported", "refused"]
    kinds = sorted(Break.objects.values_list("kind", flat=True))
    assert kinds == ["statement-damaged", "unknown-credit"]
    assert balance("suspense") == Money(1_234)
    assert holds()


def test_an_unknown_credit_goes_back_to_its_sender_through_the_bank(town, mended):
    town.ask(town.top_up("1000.00"))
    town.bank.credit("不明汇款人", "88.00")
    town.next_day()
    case = Break.objects.get()
    number = mended(case, "return-to-sender").order_number
    refund = PaymentOrder.objects.get(number=number)
    jobs.send_order(str(refund.pk))
    town.ask(refund.pk)
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert balance("suspense") == Money(0)
    town.next_day()
    assert Break.objects.count() == 1
    assert cash_position().closing == Money(100_000)
    assert holds()


def test_a_day_the_bank_has_not_closed_is_asked_for_again(town):
    town.ask(town.top_up("1000.00"))
    assert jobs.fetch_statements(town.today) == 0
    assert not StatementFile.objects.exists()
    assert town.next_day() == 1
    assert jobs.fetch_statements(DAY + DAYS) == 0
