"""A class worsens at once and improves late: by the pure rule, by a payment, by the close."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import RiskClass, class_of
from rongqiao.lending.servicing.grading import LADDER, NON_PERFORMING, regraded
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.platform import clock as platform_clock
from tests.makers.loans import Lend, lend, uuid_of

classes = st.sampled_from(list(RiskClass))
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(classes, classes, st.none() | days, days)
def test_a_class_is_never_better_than_its_days_past_due_say(held, reached, since, on):
    after = regraded(held, reached, since, on)
    assert LADDER.index(after) >= LADDER.index(reached)
    assert after in (held, reached)


@given(classes, classes, days)
def test_while_arrears_are_left_nothing_non_performing_improves(held, reached, on):
    after = regraded(held, reached, None, on)
    if held in NON_PERFORMING:
        assert LADDER.index(after) == max(LADDER.index(held), LADDER.index(reached))
    else:
        assert after is reached


@pytest.mark.parametrize(
    ("since", "last_held", "free"),
    [
        (date(2026, 1, 15), date(2026, 7, 14), date(2026, 7, 15)),
        (date(2025, 8, 31), date(2026, 2, 27), date(2026, 2, 28)),
    ],
)
def test_six_months_are_counted_to_the_day(since, last_held, free):
    held, reached = RiskClass.SUBSTANDARD, RiskClass.PASS
    assert regraded(held, reached, since, last_held) is held
    assert regraded(held, reached, since, free) is reached


def close_to(day, clock, loan_id=None, seen=None):
    while (on := platform_clock.business_date()) < day:
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
        if seen is not None:
            loan = Loan.objects.get(pk=loan_id)
            seen.append((on, loan.risk_class, loan.days_past_due))


def test_one_payment_does_not_lift_a_substandard_loan_and_half_a_year_does(clock, call):
    terms = Lend(principal=10**6, party=uuid_of(1), terms=24, rate=Decimal("0.12"), wallet=10**9)
    loan_id = lend(terms, call()).loan_id
    fallen, seen = [], []
    close_to(date(2026, 5, 20), clock, loan_id, fallen)
    assert all(was == str(class_of(late, on + timedelta(days=1))) for on, was, late in fallen)
    loan = Loan.objects.get(pk=loan_id)
    assert (loan.risk_class, loan.state) == ("substandard", "overdue")
    rows = loan.instalments.filter(is_due=True)
    oldest = rows.order_by("no").first()
    part = Repay(loan_id=loan_id, party_id=uuid_of(1), amount=Money(oldest.left_minor))
    repay(part, call())
    loan.refresh_from_db()
    assert (loan.risk_class, loan.days_past_due < 90) == ("substandard", True)
    close_to(date(2026, 5, 21), clock)
    assert Loan.objects.get(pk=loan_id).risk_class == "substandard"
    owed = sum(row.left_minor for row in loan.instalments.filter(is_due=True))
    repay(Repay(loan_id=loan_id, party_id=uuid_of(1), amount=Money(owed)), call())
    loan.refresh_from_db()
    assert (loan.risk_class, loan.days_past_due, loan.state) == ("substandard", 0, "active")
    Loan.objects.filter(pk=loan_id).update(is_debit_authorised=True)
    close_to(date(2026, 11, 25), clock, loan_id, seen)
    cleared = date(2026, 5, 21)
    for on, was, late in seen:
        opening = on + timedelta(days=1)
        assert late == 0
        assert was == regraded(RiskClass.SUBSTANDARD, RiskClass.PASS, cleared, opening), on
    assert {was for _on, was, _late in seen} == {"substandard", "pass"}
