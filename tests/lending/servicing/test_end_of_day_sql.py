"""The set-based end of day is the pure engine, to the fen, whatever the portfolio."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from rongqiao.cli import eod
from rongqiao.cli.eod import catch_up
from rongqiao.finance.allocation import Order
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.platform import clock as platform_clock
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of

METHODS = ("equal_instalment", "equal_principal", "interest_only", "bullet")
RATES = ("0.0001", "0.0365", "0.12", "0.18", "0.23999999")


def random_loan(draw, number, every="month"):
    return Lend(
        principal=draw.choice([draw.randrange(1, 400), draw.randrange(10**4, 10**9)]),
        party=uuid_of(number),
        product=draw.choice(["alpha", "beta"]),
        rate=Decimal(draw.choice(RATES)),
        terms=draw.randrange(1, 4),
        every=every,
        method=draw.choice(METHODS),
        day_count=draw.choice(["30/360", "act/360", "act/365f"]),
        fee_each=draw.choice([0, 0, 1, 1234]),
        grace_days=draw.choice([0, 0, 1, 3, 10]),
        is_penalty_on_interest=draw.random() < 0.5,
        wallet=10**12,
    )


def every_of(draw, paces):
    """One of the paces; where there is no choice nothing is drawn."""
    return paces[0] if len(paces) == 1 else draw.choice(paces)


def figures(life):
    return [(row.is_due, row.penalty, row.left if row.is_due else None) for row in life.rows]


@pytest.mark.parametrize(
    ("seed", "days", "paces"),
    [
        *((seed, 80, ("month",)) for seed in range(4)),
        # Long enough that interest of a quarter falls due, is late and is paid.
        (5, 125, ("month", "quarter", "quarter")),
    ],
)
def test_end_of_day_in_sql_equals_the_pure_engine_to_the_fen(
    seed, days, paces, clock, call, monkeypatch
):
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", 3)
    draw = random.Random(seed)
    lives = {}
    for day in range(days):
        on = platform_clock.business_date()
        if len(lives) < 8 and (day < 6 or draw.random() < 0.2):
            lent = lend(random_loan(draw, 1 + len(lives), every_of(draw, paces)), call())
            lives[lent.loan_id] = life_of(Loan.objects.get(pk=lent.loan_id))
        for loan_id, life in lives.items():
            owed = sum(row.left for row in life.rows if row.is_due)
            if life.state is engine.State.CLOSED or not owed or draw.random() > 0.08:
                continue
            amount = owed if draw.random() < 0.5 else draw.randrange(1, owed + 1)
            party = Loan.objects.get(pk=loan_id).party_id
            repay(Repay(loan_id=loan_id, party_id=party, amount=Money(amount)), call())
            lives[loan_id] = engine.pay(life, on, amount, Order.BY_INSTALMENT)
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
        lives = {loan_id: engine.close_day(life, on) for loan_id, life in lives.items()}
    assert_books_hold()
    dated = [row for life in lives.values() for row in life.rows if row.is_due]
    assert ("quarter" in paces) == any((row.due_on - row.from_on).days > 88 for row in dated)
    assert any(row.penalty for life in lives.values() for row in life.rows)
    for loan_id, life in lives.items():
        loan = Loan.objects.get(pk=loan_id)
        stored = life_of(loan)
        assert figures(stored) == figures(life)
        assert [row.penalty_micro for row in stored.rows] == [r.penalty_micro for r in life.rows]
        if life.state is engine.State.CLOSED:
            assert loan.state == "closed"
            continue
        assert (stored.accrued, stored.state) == (life.accrued, life.state)
        assert stored.days_past_due == life.days_past_due
        assert loan.risk_class == engine.class_of(life.days_past_due, on)
