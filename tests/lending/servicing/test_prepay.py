"""Paying a part early: the price, the new plan, the old one kept, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.quotes import PrepaymentQuote
from rongqiao.lending.servicing.models.loans import FormerPlan, Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.prepaying.new_plan import (
    NoPartPrepayment,
    PayDueFirst,
    PrepaymentOutOfRange,
)
from rongqiao.lending.servicing.operations.prepaying.pay_off import (
    PayOff,
    QuoteChanged,
    QuoteNotForToday,
    pay_off,
)
from rongqiao.lending.servicing.operations.prepaying.prepay import (
    ChoiceNotOffered,
    Prepay,
    QuoteUsed,
    prepay,
)
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.prepaying.quote_prepayment import (
    QuotePrepayment,
    quote_prepayment,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.amending.prepayments import (
    get_prepayment_quote,
    list_former_plans,
)
from rongqiao.lending.servicing.queries.loans import RowState, get_loan
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.lending.servicing.test_repay import pass_days
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of

BORROWER = uuid_of(77)
RICH = 10**9


@pytest.fixture
def year(call):
    """120,000.00 over a year at 12 %: twelve instalments of 10,661.85."""
    return lend(Lend(principal=12_000_000, party=BORROWER, terms=12, wallet=RICH), call())


def ask(lent, yuan, call):
    command = QuotePrepayment(loan_id=lent.loan_id, party_id=BORROWER, principal=Money.yuan(yuan))
    return quote_prepayment(command, call())


def take(quoted, choice, call, **options):
    command = Prepay(quote_id=quoted.quote_id, party_id=BORROWER, choice=choice)
    return prepay(command, call(**options))


def pay_due(lent, on, call):
    owed = get_loan(lent.loan_id, on).card.owed_now.total
    repay(Repay(loan_id=lent.loan_id, party_id=BORROWER, amount=owed), call())


def test_the_days_used_are_charged_and_the_rest_is_planned_anew(clock, call, year):
    pass_days(clock, date(2026, 1, 15))
    before = balance(f"wallet:{BORROWER}")
    quoted = ask(year, "60000.00", call)
    # 1,200.00 for the 31 days of the first period, ten of them used.
    assert (quoted.interest.text(), quoted.fee.text()) == ("387.10", "0.00")
    assert quoted.choices == ("shorten", "lower")
    done = take(quoted, "lower", call)
    assert before - balance(f"wallet:{BORROWER}") == quoted.total == done.total
    loan = Loan.objects.get()
    rows = list(loan.instalments.order_by("no"))
    assert len(rows) == 13
    assert (rows[0].due_on, rows[0].principal_minor) == (date(2026, 1, 15), 6_000_000)
    assert rows[1].from_on == date(2026, 1, 15)
    # 60,000.00 at 1 % x 21/31.
    assert rows[1].interest_minor == 40_645
    assert len({row.principal_minor + row.interest_minor for row in rows[1:-1]}) == 1
    assert loan.principal_outstanding_minor == 6_000_000
    assert (loan.period_no, loan.period_accrued_minor) == (2, 0)
    assert loan.matures_on == date(2027, 1, 5)
    assert_books_hold()


def test_shortened_keeps_the_instalment_and_ends_sooner(clock, call, year):
    pass_days(clock, date(2026, 1, 15))
    done = take(ask(year, "60000.00", call), "shorten", call)
    rows = list(Instalment.objects.filter(is_due=False).order_by("no"))
    paid = {row.principal_minor + row.interest_minor for row in rows[:-1]}
    assert paid == {1_066_185}
    assert done.instalments_left == len(rows) == 6
    assert done.matures_on == Loan.objects.get().matures_on == rows[-1].due_on
    assert_books_hold()


def test_a_new_plan_is_lived_to_its_end(clock, call, year):
    pass_days(clock, date(2026, 1, 15))
    take(ask(year, "100000.00", call), "shorten", call)
    pass_days(clock, date(2026, 1, 20))
    take(ask(year, "2000.00", call), "lower", call)
    pass_days(clock, date(2026, 2, 5))
    pay_due(year, date(2026, 2, 5), call)
    take(ask(year, "1000.00", call), "lower", call)
    assert_books_hold()
    pass_days(clock, date(2026, 3, 5))
    pay_due(year, date(2026, 3, 5), call)
    loan = Loan.objects.get()
    assert (loan.state, loan.closed_on, loan.is_prepaid) == ("closed", date(2026, 3, 5), False)
    entries = LoanEntry.objects.all()
    assert -sum(e.principal_minor for e in entries if e.principal_minor < 0) == 12_000_000
    assert FormerPlan.objects.count() == 3
    assert_books_hold()


def test_what_is_left_can_be_paid_off_after_a_part(clock, call, year):
    pass_days(clock, date(2026, 1, 15))
    take(ask(year, "60000.00", call), "lower", call)
    pass_days(clock, date(2026, 1, 25))
    command = QuotePayoff(loan_id=year.loan_id, party_id=BORROWER, valid_on=date(2026, 1, 25))
    quoted = quote_payoff(command, call())
    assert quoted.principal.text() == "60000.00"
    # 406.45 for 21 days, ten of them used.
    assert quoted.interest.text() == "193.55"
    pay_off(PayOff(quote_id=quoted.quote_id, party_id=BORROWER), call())
    assert Loan.objects.get().state == "closed"
    assert_books_hold()


def test_the_fee_is_the_products_and_taken_beside_the_plan(clock, call):
    lent = lend(
        Lend(
            principal=12_000_000,
            party=BORROWER,
            terms=12,
            wallet=RICH,
            prepayment_fee_rate=Decimal("0.01"),
            prepayment_fee_free_after=1,
        ),
        call(),
    )
    first = ask(lent, "10000.00", call)
    assert (first.interest.text(), first.fee.text()) == ("0.00", "100.00")
    take(first, "lower", call)
    # A prepayment is no instalment: the fee is still asked for.
    assert ask(lent, "10000.00", call).fee.text() == "100.00"
    pass_days(clock, date(2026, 2, 5))
    pay_due(lent, date(2026, 2, 5), call)
    assert ask(lent, "10000.00", call).fee.text() == "0.00"
    detail = get_loan(lent.loan_id, date(2026, 2, 5))
    assert detail.prepayment_fee_paid.text() == "100.00"
    assert [row.state for row in detail.rows[:3]] == [
        RowState.PREPAID,
        RowState.PAID,
        RowState.AHEAD,
    ]
    assert (detail.card.instalments, detail.card.instalments_paid) == (12, 1)
    assert_books_hold()


def test_the_old_plan_is_kept_as_it_stood(clock, call, year):
    pass_days(clock, date(2026, 1, 15))
    asked = [
        (row.no, row.due_on, row.principal_minor, row.interest_minor)
        for row in Instalment.objects.order_by("no")
    ]
    take(ask(year, "60000.00", call), "shorten", call)
    (kept,) = list_former_plans(year.loan_id)
    assert kept.replaced_on == date(2026, 1, 15)
    assert [(r.no, r.due_on, r.principal.minor, r.interest.minor) for r in kept.rows] == asked


def test_a_quote_shows_both_plans_side_by_side(call, year):
    quoted = ask(year, "60000.00", call)
    view = get_prepayment_quote(quoted.quote_id, BORROWER)
    shorten, lower = view.options
    assert (shorten.choice, lower.choice) == ("shorten", "lower")
    assert shorten.next_due > lower.next_due
    assert shorten.matures_on < lower.matures_on == date(2027, 1, 5)
    assert shorten.interest_saved > lower.interest_saved > Money.zero()
    with pytest.raises(NotFound):
        get_prepayment_quote(quoted.quote_id, uuid_of(78))


def test_it_is_charged_as_quoted_or_not_at_all(clock, call, year):
    pass_days(clock, date(2026, 1, 15))
    early = ask(year, "60000.00", call)
    pass_days(clock, date(2026, 1, 16))
    with pytest.raises(QuoteNotForToday):
        take(early, "lower", call)
    one, other = ask(year, "50000.00", call), ask(year, "50000.00", call)
    with pytest.raises(ChoiceNotOffered):
        take(one, "both", call)
    take(one, "lower", call)
    with pytest.raises(QuoteChanged):
        take(other, "shorten", call)
    with pytest.raises(QuoteUsed):
        take(one, "lower", call)
    assert PrepaymentQuote.objects.filter(used_at__isnull=False).count() == 1
    assert_books_hold()


def test_one_key_pays_once(clock, call, year):
    quoted = ask(year, "60000.00", call)
    one = call()
    command = Prepay(quote_id=quoted.quote_id, party_id=BORROWER, choice="lower")
    assert prepay(command, one) == prepay(command, one)
    assert LoanEntry.objects.filter(kind="prepayment").count() == 1


def test_what_is_due_comes_first(clock, call, year):
    pass_days(clock, date(2026, 2, 5))
    with pytest.raises(PayDueFirst) as refused:
        ask(year, "60000.00", call)
    assert refused.value.facts["owed"] == "10661.85"


def test_a_part_is_more_than_nothing_and_less_than_all(call, year):
    for yuan in ("0.00", "-1.00", "120000.00", "120000.01"):
        with pytest.raises(PrepaymentOutOfRange):
            ask(year, yuan, call)
    ask(year, "0.01", call)
    ask(year, "119999.99", call)


@pytest.mark.parametrize(("rule", "offered"), [("shorten", ("shorten",)), ("lower", ("lower",))])
def test_a_product_may_leave_one_choice(call, rule, offered):
    lent = lend(Lend(principal=12_000_000, party=BORROWER, terms=12, prepayment=rule), call())
    assert ask(lent, "60000.00", call).choices == offered


@pytest.mark.parametrize("rule", ["payoff", "none"])
def test_a_product_may_take_no_part(call, rule):
    lent = lend(Lend(principal=12_000_000, party=BORROWER, terms=12, prepayment=rule), call())
    with pytest.raises(NoPartPrepayment):
        ask(lent, "60000.00", call)
    assert not get_loan(lent.loan_id, date(2026, 1, 5)).is_prepayable_in_part


def test_a_wallet_that_lacks_a_fen_pays_nothing_and_leaves_no_trace(clock, call):
    poor = lend(Lend(principal=12_000_000, party=BORROWER, terms=12), call())
    pass_days(clock, date(2026, 1, 15))
    quoted = ask(poor, "119612.91", call)
    assert quoted.total.text() == "120000.01"
    with pytest.raises(InsufficientFunds):
        take(quoted, "lower", call)
    assert not FormerPlan.objects.exists()
    assert not LoanEntry.objects.filter(kind="prepayment").exists()
    assert Instalment.objects.count() == 12
    take(ask(poor, "119612.90", call), "lower", call)
    assert balance(f"wallet:{BORROWER}") == Money.zero()
    assert_books_hold()


def test_a_loan_is_prepaid_by_its_own_party_only(call, year):
    quoted = ask(year, "60000.00", call)
    with pytest.raises(NotFound):
        prepay(Prepay(quote_id=quoted.quote_id, party_id=uuid_of(78), choice="lower"), call())


def test_it_is_told_with_the_new_plan(call, year):
    done = take(ask(year, "60000.00", call), "lower", call)
    told = OutboxEvent.objects.get(name="servicing.loan-prepaid").payload
    assert told["choice"] == "lower"
    assert told["matures_on"] == done.matures_on.isoformat()
    assert OutboxEvent.objects.filter(name="servicing.loan-repaid").count() == 1


def test_rows_that_were_charged_cannot_be_taken_away(clock, call, year):
    pass_days(clock, date(2026, 2, 5))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM servicing_instalment WHERE is_due")
