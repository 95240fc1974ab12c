"""Repaying and paying off: what is taken, in which order, and what is refused."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.prepaying.pay_off import (
    PayOff,
    QuoteChanged,
    QuoteNotForToday,
    pay_off,
)
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import (
    NoEarlyPayoff,
    QuoteDateOutOfRange,
    QuotePayoff,
    quote_payoff,
)
from rongqiao.lending.servicing.operations.repaying.repay import (
    AmountNotPositive,
    DueChanged,
    MoreThanOwed,
    NotYetDue,
    Repay,
    repay,
)
from rongqiao.lending.servicing.operations.repaying.settling import AlreadyPaid
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound, Refusal
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of

BORROWER = uuid_of(77)
RICH = 10**9


def pass_days(clock, until):
    clock.move(timedelta(days=(until - platform_clock.business_date()).days))
    catch_up(until)


def loan_of(lent):
    return Loan.objects.get(pk=lent.loan_id)


def pay(lent, yuan, call, **options):
    return repay(
        Repay(loan_id=lent.loan_id, party_id=BORROWER, amount=Money.yuan(yuan), **options), call()
    )


@pytest.fixture
def level(call):
    """12,000.00 over three months at 12 %: instalments of 4,080.27, 4,080.27, 4,080.26."""
    return lend(Lend(principal=1_200_000, party=BORROWER, wallet=RICH), call())


def test_an_instalment_is_paid_interest_before_principal(clock, call, level):
    pass_days(clock, date(2026, 2, 5))
    first = pay(level, "100.00", call)
    assert (first.interest.text(), first.principal.text()) == ("100.00", "0.00")
    second = pay(level, "100.00", call)
    assert (second.interest.text(), second.principal.text()) == ("20.00", "80.00")
    assert_books_hold()


def test_nothing_is_taken_before_it_is_due(clock, call, level):
    pass_days(clock, date(2026, 2, 4))
    with pytest.raises(AlreadyPaid):
        pay(level, "1.00", call)
    with pytest.raises(NotYetDue):
        pay(level, "1.00", call, instalment_no=1)
    assert LoanEntry.objects.filter(kind="repayment").count() == 0


def test_more_than_owed_is_refused_with_the_figure_owed(clock, call, level):
    pass_days(clock, date(2026, 2, 5))
    with pytest.raises(MoreThanOwed) as refused:
        pay(level, "4080.28", call)
    assert refused.value.facts["owed"] == "4080.27"
    with pytest.raises(DueChanged):
        pay(level, "4080.27", call, instalment_no=1, expected=Money.yuan("4080.26"))
    for amount in ("0.00", "-1.00"):
        with pytest.raises(AmountNotPositive):
            pay(level, amount, call)


def test_a_loan_is_seen_and_paid_by_its_own_party_only(clock, call, level):
    pass_days(clock, date(2026, 2, 5))
    with pytest.raises(NotFound):
        repay(Repay(loan_id=level.loan_id, party_id=uuid_of(78), amount=Money.yuan("1.00")), call())


def test_an_empty_wallet_pays_nothing_and_leaves_no_trace(clock, call):
    poor = lend(Lend(principal=1_200_000, party=BORROWER, method="bullet", terms=1), call())
    pass_days(clock, date(2026, 2, 5))
    before = balance(f"wallet:{BORROWER}")
    with pytest.raises(InsufficientFunds):
        pay(poor, "12120.00", call)
    assert balance(f"wallet:{BORROWER}") == before
    assert not LoanEntry.objects.filter(kind="repayment").exists()


def test_the_last_instalment_closes_the_loan(clock, call, level):
    for due, amount in (
        (date(2026, 2, 5), "4080.27"),
        (date(2026, 3, 5), "4080.27"),
        (date(2026, 4, 5), "4080.25"),
    ):
        pass_days(clock, due)
        done = pay(level, amount, call)
    assert done.state == "active"
    done = pay(level, "0.01", call)
    assert (done.state, done.left.minor) == ("closed", 0)
    loan = loan_of(level)
    assert (loan.closed_on, loan.is_prepaid) == (date(2026, 4, 5), False)
    with pytest.raises(AlreadyPaid):
        pay(level, "0.01", call)
    assert_books_hold()


def test_paying_the_arrears_puts_an_overdue_loan_in_order(clock, call, level):
    pass_days(clock, date(2026, 2, 8))
    loan = loan_of(level)
    assert (loan.state, loan.days_past_due, loan.risk_class) == ("overdue", 3, "special-mention")
    # 3 days on 3,960.27 at 18 % / 360, in micro-fen: 3 x 198,013,500 = 594.0405 fen.
    assert loan.penalty_outstanding_minor == 594
    done = pay(level, "4086.21", call)
    assert (done.penalty.text(), done.interest.text()) == ("5.94", "120.00")
    loan = loan_of(level)
    assert (loan.state, loan.days_past_due, loan.risk_class) == ("active", 0, "pass")
    assert loan.days_past_due_worst == 3
    assert_books_hold()


def test_days_of_grace_cost_nothing_and_are_counted_as_past_due(clock, call):
    lent = lend(Lend(principal=1_200_000, party=BORROWER, grace_days=3, wallet=RICH), call())
    pass_days(clock, date(2026, 2, 8))
    loan = loan_of(lent)
    assert (loan.days_past_due, loan.penalty_outstanding_minor) == (3, 0)
    pass_days(clock, date(2026, 2, 9))
    assert loan_of(lent).penalty_outstanding_minor == 198


def test_a_payoff_costs_interest_for_the_days_used_and_no_more(clock, call, level):
    pass_days(clock, date(2026, 1, 15))
    quoted = quote_payoff(
        QuotePayoff(loan_id=level.loan_id, party_id=BORROWER, valid_on=date(2026, 1, 15)), call()
    )
    # 120.00 of interest for the 31 days of the period, ten of them used: 38.709... -> 38.71.
    assert (quoted.principal.text(), quoted.interest.text()) == ("12000.00", "38.71")
    before = balance(f"wallet:{BORROWER}")
    done = pay_off(PayOff(quote_id=quoted.quote_id, party_id=BORROWER), call())
    assert done.total.text() == "12038.71"
    assert before - balance(f"wallet:{BORROWER}") == done.total
    loan = loan_of(level)
    assert (loan.state, loan.is_prepaid, loan.owed_minor) == ("closed", True, 0)
    assert Instalment.objects.filter(loan=loan, settled_on=None).count() == 0
    assert_books_hold()


def test_a_quote_for_a_later_day_is_charged_to_the_fen_on_that_day(clock, call):
    lent = lend(
        Lend(
            principal=1_200_000,
            party=BORROWER,
            prepayment_fee_rate=Decimal("0.01"),
            fee_each=500,
            wallet=RICH,
        ),
        call(),
    )
    pass_days(clock, date(2026, 1, 20))
    asked = QuotePayoff(loan_id=lent.loan_id, party_id=BORROWER, valid_on=date(2026, 2, 20))
    quoted = quote_payoff(asked, call())
    with pytest.raises(QuoteNotForToday):
        pay_off(PayOff(quote_id=quoted.quote_id, party_id=BORROWER), call())
    pass_days(clock, date(2026, 2, 20))
    # The first instalment is 15 days late by then: 15 x 198,013,500 micro-fen.
    assert quoted.penalty.text() == "29.70"
    assert quoted.fee.text() == "5.00"
    assert quoted.prepayment_fee.text() == "80.40"
    done = pay_off(PayOff(quote_id=quoted.quote_id, party_id=BORROWER), call())
    assert done.total == quoted.total
    assert_books_hold()


def test_a_quote_is_void_once_something_was_paid(clock, call, level):
    pass_days(clock, date(2026, 2, 5))
    asked = QuotePayoff(loan_id=level.loan_id, party_id=BORROWER, valid_on=date(2026, 2, 5))
    quoted = quote_payoff(asked, call())
    pay(level, "1.00", call)
    with pytest.raises(QuoteChanged):
        pay_off(PayOff(quote_id=quoted.quote_id, party_id=BORROWER), call())
    assert loan_of(level).state == "active"


def test_quotes_are_for_today_or_the_month_ahead(clock, call, level):
    for day in (date(2026, 1, 4), date(2026, 2, 6), date(9999, 12, 31)):
        with pytest.raises(QuoteDateOutOfRange):
            quote_payoff(
                QuotePayoff(loan_id=level.loan_id, party_id=BORROWER, valid_on=day), call()
            )
    fixed = lend(Lend(principal=100, party=BORROWER, prepayment="none"), call())
    with pytest.raises(NoEarlyPayoff):
        quote_payoff(
            QuotePayoff(loan_id=fixed.loan_id, party_id=BORROWER, valid_on=date(2026, 1, 5)), call()
        )


def in_threads(work, count=16):
    """Run `work(number)` in threads at once; return the outcomes: a result or a refusal's code."""
    barrier, outcomes = threading.Barrier(count), []

    def one(number):
        barrier.wait()
        try:
            outcomes.append(work(number))
        except Refusal as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_sixteen_repayments_of_one_instalment_take_it_once(live_db, clock, call, level):
    pass_days(clock, date(2026, 2, 5))
    at, on = platform_clock.now(), platform_clock.business_date()
    command = Repay(
        loan_id=level.loan_id,
        party_id=BORROWER,
        amount=Money.yuan("4080.27"),
        instalment_no=1,
        expected=Money.yuan("4080.27"),
    )
    before = balance(f"wallet:{BORROWER}")
    outcomes = in_threads(
        lambda number: repay(command, Call(actor="system:test", key=f"once-{number}", at=at, on=on))
    )
    assert sorted(map(str, outcomes)).count("servicing.already-paid") == 15
    assert (before - balance(f"wallet:{BORROWER}")).text() == "4080.27"
    assert_books_hold()


def test_sixteen_payoffs_of_one_loan_close_it_once(live_db, clock, call, level):
    at, on = platform_clock.now(), platform_clock.business_date()
    quoted = quote_payoff(
        QuotePayoff(loan_id=level.loan_id, party_id=BORROWER, valid_on=on), call()
    )
    command = PayOff(quote_id=quoted.quote_id, party_id=BORROWER)
    outcomes = in_threads(
        lambda number: pay_off(
            command, Call(actor="system:test", key=f"once-{number}", at=at, on=on)
        )
    )
    assert outcomes.count("servicing.already-paid") == 15
    assert LoanEntry.objects.filter(kind="payoff").count() == 1
    assert_books_hold()
