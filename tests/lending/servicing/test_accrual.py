"""Interest is earned by the day without a loan's row being written, whatever happens meanwhile."""

import random
import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from rongqiao.cli import eod
from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.end_of_day.book_day import BookDay, book_day
from rongqiao.lending.servicing.operations.end_of_day.close_chunk import Chunk, close_chunk
from rongqiao.lending.servicing.operations.end_of_day.plan_day import PlanDay, plan_day
from rongqiao.lending.servicing.operations.end_of_day.steps import Step
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import (
    QuotePayoff,
    quote_payoff,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.repaying.settling import hold_accrual
from rongqiao.lending.servicing.queries.daily import planned_chunks
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.lending.servicing.queries.portfolio import get_portfolio
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of

FIRST = date(2026, 1, 5)


def borrow(call, number, **terms):
    asked = {"rate": Decimal("0.18"), "terms": 2, "wallet": 10**9} | terms
    return lend(Lend(principal=1_000_000 + 37 * number, party=uuid_of(number), **asked), call())


def rows_as_written():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid, xmin FROM servicing_loan ORDER BY id")
        return cursor.fetchall()


def test_a_day_that_earns_interest_alone_writes_no_loan(clock, call):
    catch_up(FIRST)
    lent = borrow(call, 1)
    before = rows_as_written()
    catch_up(FIRST + timedelta(days=10))
    assert rows_as_written() == before
    # 1,500.56 for the 31 days of the first period, ten of them used.
    shown = get_loan(lent.loan_id, FIRST + timedelta(days=10)).card.outstanding.interest
    assert shown.minor == engine.interest_to(Loan.objects.get().period_interest_minor, 10, 31) > 0
    assert get_portfolio().interest == shown
    assert_books_hold()


class Customers:
    """Borrow and pay at random moments; `lives` are those who never paid, by the engine."""

    def __init__(self, draw, call):
        self.draw, self.call, self.number, self.lives = draw, call, 0, {}

    def act(self, on):
        if self.number < 9 and self.draw.random() < 0.12:
            self.number += 1
            lent = borrow(self.call, self.number)
            self.lives[lent.loan_id] = (on, life_of(Loan.objects.get(pk=lent.loan_id)))
        for loan in Loan.objects.filter(instalments__is_due=True, state="active"):
            owed = get_loan(loan.pk, on).card.owed_now.total
            if owed and self.draw.random() < 0.1:
                amount = Money(self.draw.randrange(1, owed.minor + 1))
                pay = Repay(loan_id=loan.pk, party_id=loan.party_id, amount=amount)
                repay(pay, self.call())
                self.lives.pop(loan.pk, None)
        assert_books_hold()


def chunks_of(on, call):
    plan_day(PlanDay(on=on, loans_per_chunk=2), call())
    return [(step, chunk) for step in Step for chunk in range(planned_chunks(on))]


# The days that are closed chunk by chunk: the first ones, and those when instalments fall due.
SLOWLY = {0, 1, 31, 32, 33}


def close_slowly(on, call, customers):
    for step, chunk in chunks_of(on, call):
        close_chunk(Chunk(on=on, step=step, number=chunk), call())
        customers.act(on)
    book_day(BookDay(on=on), call())
    assert_books_hold()


@pytest.mark.parametrize("seed", range(2))
def test_the_books_hold_after_every_chunk_whatever_happens_between_two(seed, clock, call):
    customers = Customers(random.Random(seed), call)
    catch_up(FIRST)
    for day in range(34):
        on = FIRST + timedelta(days=day)
        customers.act(on)
        if day in SLOWLY:
            close_slowly(on, call, customers)
        catch_up(on + timedelta(days=1))
        assert_books_hold()
        for loan_id, (lent_on, life) in customers.lives.items():
            closed = engine.close_day(life, on)
            customers.lives[loan_id] = (lent_on, closed)
            # One lent in mid-close may get its first day with the second.
            assert lent_on == on or life_of(Loan.objects.get(pk=loan_id)) == closed
    assert customers.number > 3


@pytest.mark.parametrize("after", [False, True])
def test_a_loan_lent_while_a_day_is_closed_loses_no_interest_and_earns_none_twice(
    after, clock, call
):
    catch_up(FIRST)
    borrow(call, 1)
    plan_day(PlanDay(on=FIRST), call())
    if after:
        close_chunk(Chunk(on=FIRST, step=Step.ACCRUE, number=0), call())
    late = borrow(call, 2)
    assert_books_hold()
    catch_up(FIRST + timedelta(days=1))
    assert_books_hold()
    quoted = quote_payoff(
        QuotePayoff(loan_id=late.loan_id, party_id=uuid_of(2), valid_on=date(2026, 1, 6)), call()
    )
    assert quoted.interest.minor > 0
    pay_off(PayOff(quote_id=quoted.quote_id, party_id=uuid_of(2)), call())
    assert_books_hold()
    catch_up(FIRST + timedelta(days=3))
    assert_books_hold()


def test_a_day_is_not_begun_while_a_loans_interest_is_held(live_db, clock, call):
    catch_up(FIRST)
    lent = borrow(call, 1)
    began, planned = threading.Event(), []

    def close():
        began.set()
        try:
            eod.catch_up(FIRST + timedelta(days=1))
            planned.append(EndOfDayStep.objects.count())
        finally:
            connection.close()

    closing = threading.Thread(target=close)
    with transaction.atomic():
        assert hold_accrual(lent.loan_id) == FIRST
        closing.start()
        began.wait(10)
        closing.join(0.5)
        assert closing.is_alive()
        assert planned_chunks(FIRST) == 0
    closing.join(60)
    assert planned == [len(Step)]
    assert_books_hold()
