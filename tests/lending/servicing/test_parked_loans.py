"""A loan that a closing day cannot take stands aside with its reason; the others are closed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import F

from rongqiao.cli.eod import catch_up
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.end_of_day.release_loan import (
    CloseUnderWay,
    NotParked,
    ReleaseLoan,
    StillBroken,
    release_loan,
)
from rongqiao.lending.servicing.queries.closing_days import count_parked, list_parked
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.platform import clock as platform_clock
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of

FIRST = date(2026, 1, 5)
ENDS_WHEN_IT_BEGINS = {"period_due_on": F("period_from_on")}
NO_SUCH_INSTALMENT = {"period_no": 99}


def lent(call, count=9):
    ids = [
        lend(
            Lend(
                principal=1_000_000 + 37 * number,
                party=uuid_of(100 + number),
                rate=Decimal("0.18"),
                terms=2,
                grace_days=1,
            ),
            call(),
        ).loan_id
        for number in range(count)
    ]
    return {loan_id: life_of(Loan.objects.get(pk=loan_id)) for loan_id in ids}


def assert_as_the_engine_says(lives, to):
    for loan_id, begun in lives.items():
        life, day = begun, FIRST
        while day < to:
            life, day = engine.close_day(life, day), day + timedelta(days=1)
        assert life_of(Loan.objects.get(pk=loan_id)) == life


@pytest.mark.parametrize(
    ("damage", "to", "step", "reason"),
    [
        (ENDS_WHEN_IT_BEGINS, date(2026, 1, 9), "accrue", "has no days"),
        (NO_SUCH_INSTALMENT, date(2026, 2, 20), "fall-due", "no instalment"),
    ],
)
def test_a_bad_loan_stands_aside_and_comes_back_as_if_no_day_had_been_missed(
    damage, to, step, reason, clock, call
):
    lives = lent(call)
    bad = Loan.objects.get(pk=list(lives)[4])
    Loan.objects.filter(pk=bad.pk).update(**damage)
    catch_up(to)
    (parked,) = list_parked(10)
    assert (parked.loan_id, parked.step) == (bad.pk, step)
    assert reason in parked.reason
    assert_books_hold()
    assert sum(EndOfDayStep.objects.values_list("parked", flat=True)) == 1
    assert_as_the_engine_says({key: lives[key] for key in lives if key != bad.pk}, to)

    with pytest.raises(StillBroken):
        release_loan(ReleaseLoan(loan_id=bad.pk), call())
    assert count_parked() == 1
    Loan.objects.filter(pk=bad.pk).update(period_due_on=bad.period_due_on, period_no=bad.period_no)
    done = release_loan(ReleaseLoan(loan_id=bad.pk), call())
    assert done.days == (to - parked.on).days
    assert count_parked() == 0
    assert_as_the_engine_says(lives, to)
    assert_books_hold()
    catch_up(to + timedelta(days=2))
    assert_as_the_engine_says(lives, to + timedelta(days=2))
    assert_books_hold()


def test_a_loan_is_released_once_and_not_while_a_day_is_closed(clock, call):
    lives = lent(call, 1)
    (loan_id,) = lives
    with pytest.raises(NotParked):
        release_loan(ReleaseLoan(loan_id=loan_id), call())
    ParkedLoan.objects.create(
        loan_id=loan_id, on=FIRST, step="age", reason="seen", parked_at=platform_clock.now()
    )
    EndOfDayStep.objects.create(on=FIRST, step="accrue", chunk=0, first_loan=loan_id)
    with pytest.raises(CloseUnderWay):
        release_loan(ReleaseLoan(loan_id=loan_id), call())
