"""A payment the platform takes is the pure engine's, whatever is owed and in any order."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongqiao.cli.eod import catch_up
from rongqiao.finance.allocation import Order
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.platform import clock as platform_clock
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of

IN_ARREARS = date(2026, 3, 20)
KINDS = (
    {"method": "equal_instalment", "fee_each": 1234},
    {"method": "equal_principal", "is_penalty_on_interest": True, "grace_days": 3},
    {"method": "interest_only", "terms": 2, "fee_each": 1},
    {"method": "bullet", "terms": 1, "rate": Decimal("0.23999999")},
    {"method": "equal_instalment", "terms": 2, "principal": 7},
)


@pytest.fixture
def loans(clock, call):
    """Loans of every kind, one to three instalments of each unpaid since February."""
    lent = [
        lend(Lend(**{"principal": 1_200_001, "party": uuid_of(n), "wallet": 10**9} | kind), call())
        for n, kind in enumerate(KINDS, 1)
    ]
    clock.move(timedelta(days=(IN_ARREARS - platform_clock.business_date()).days))
    catch_up(IN_ARREARS)
    return [one.loan_id for one in lent]


# Parts of what is owed, in thousandths: every payment on a loan leaves something less to pay.
payment = st.tuples(st.integers(0, len(KINDS) - 1), st.integers(1, 1000))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(payment, min_size=1, max_size=10), st.sampled_from(Order))
def test_a_payment_settles_what_the_engine_says_to_the_fen(loans, call, paid, order):
    point = transaction.savepoint()
    Loan.objects.update(allocation_order=order.value)
    for place, thousandths in paid:
        loan = Loan.objects.get(pk=loans[place])
        before = life_of(loan)
        owed = sum(row.left for row in before.rows if row.is_due)
        if not owed:
            continue
        amount = max(1, owed * thousandths // 1000)
        told = repay(
            Repay(loan_id=loan.pk, party_id=loan.party_id, amount=Money(amount)), call("system:t")
        )
        expected = engine.pay(before, IN_ARREARS, amount, order)
        after = life_of(Loan.objects.get(pk=loan.pk))
        assert after == expected
        for bucket in ("principal", "interest", "penalty", "fee"):
            gone = sum(getattr(row, f"{bucket}_paid") for row in expected.rows)
            gone -= sum(getattr(row, f"{bucket}_paid") for row in before.rows)
            assert getattr(told, bucket).minor == gone
    assert_books_hold()
    transaction.savepoint_rollback(point)
