"""End of day from the command line: killed anywhere it resumes, twice it changes nothing."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from rongqiao.cli.eod import catch_up
from rongqiao.config.places import Places
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.allowance import AllowanceLoan, AllowanceRun
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, PortfolioDay
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.end_of_day.book_day import DayUnfinished
from rongqiao.lending.servicing.operations.end_of_day.close_day import CloseDay, close_day
from rongqiao.lending.servicing.operations.end_of_day.plan_day import (
    NotTheBusinessDate,
    PlanDay,
    plan_day,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.money.ledger.models import Journal
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of

COMMAND = [sys.executable, "-m", "rongqiao.cli.main", "eod"]


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    """A state directory for commands, so that heads of test databases lie apart."""
    shutil.copy(Places.of_environment().keys, tmp_path)
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    return Places(tmp_path)


def a_portfolio(call, count=6):
    for number in range(count):
        command = Lend(
            principal=1_000_000 + 37 * number,
            party=uuid_of(100 + number),
            product="alpha" if number % 2 else "beta",
            rate=Decimal("0.18"),
            terms=2,
        )
        lend(command, call())


def fingerprint():
    """Everything the day's end writes on loans, in order."""
    columns = ("principal", "interest", "penalty", "fee")
    names = [f"{column}_outstanding_minor" for column in columns]
    rows = Loan.objects.order_by("number").values_list(
        *names, "state", "days_past_due", "risk_class", "period_no", "period_accrued_minor"
    )
    return list(rows)


def run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


def test_a_day_closed_before_changes_no_row_the_second_time(clock, call):
    a_portfolio(call)
    catch_up(date(2026, 2, 10))
    before, journals = fingerprint(), Journal.objects.count()
    again = catch_up(date(2026, 2, 10))
    past = catch_up(date(2026, 1, 20))
    assert (again.days, past.days) == (0, 0)
    assert (fingerprint(), Journal.objects.count()) == (before, journals)
    with pytest.raises(NotTheBusinessDate):
        plan_day(PlanDay(on=date(2026, 1, 20)), call())
    with pytest.raises(NotTheBusinessDate):
        close_day(CloseDay(on=date(2026, 1, 20)), call())


def test_the_business_date_does_not_move_before_the_work_is_done(clock, call):
    a_portfolio(call, 1)
    with pytest.raises(DayUnfinished):
        close_day(CloseDay(on=platform_clock.business_date()), call())
    plan_day(PlanDay(on=platform_clock.business_date()), call())
    with pytest.raises(DayUnfinished):
        close_day(CloseDay(on=platform_clock.business_date()), call())


def test_the_books_get_one_journal_per_product_and_day(clock, call):
    a_portfolio(call)
    before = Journal.objects.count()
    catch_up(date(2026, 1, 8))
    assert Journal.objects.count() - before == 2 * 3
    assert PortfolioDay.objects.filter(on=date(2026, 1, 7)).count() == 2


def test_a_day_takes_as_many_queries_for_forty_loans_as_for_four(clock, call):
    def queries_of_a_day():
        on = platform_clock.business_date()
        with CaptureQueriesContext(connection) as captured:
            catch_up(on + timedelta(days=1))
        return len(captured)

    a_portfolio(call, 4)
    catch_up(date(2026, 2, 4))
    falling_due = queries_of_a_day()
    catch_up(date(2026, 2, 20))
    overdue = queries_of_a_day()
    a_portfolio(call, 36)
    assert queries_of_a_day() == overdue
    catch_up(date(2026, 3, 19))
    # The second instalment of four and the first of thirty-six fall due together.
    # A few more than before: now there are late loans too.
    assert abs(queries_of_a_day() - falling_due) <= 4


def test_two_ends_of_day_at_once_close_each_day_once(live_db, clock, call):
    a_portfolio(call)
    days, failures = [], []

    def one():
        try:
            days.append(catch_up(date(2026, 1, 25)).days)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert BusinessDate.objects.get().on == date(2026, 1, 25)
    assert EndOfDayStep.objects.filter(step="accrue").count() == 20
    assert_books_hold()


def test_repayments_go_on_while_the_day_is_closed(live_db, clock, call):
    numbers = range(6)
    for number in numbers:
        command = Lend(principal=1_000_000, party=uuid_of(300 + number), terms=2, wallet=10**9)
        lend(command, call())
    catch_up(date(2026, 2, 5))
    at, failures = platform_clock.now(), []

    def payer(number):
        loan = Loan.objects.get(party_id=uuid_of(300 + number))
        try:
            for turn in range(12):
                on = BusinessDate.objects.get().on
                command = Repay(loan_id=loan.pk, party_id=loan.party_id, amount=Money(1 + turn))
                repay(command, Call(actor="system:test", key=f"{number}-{turn}", at=at, on=on))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=payer, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    catch_up(date(2026, 2, 9))
    for thread in threads:
        thread.join()
    assert failures == []
    paid = Loan.objects.filter(entries__kind="repayment").aggregate(
        paid=Sum("entries__interest_minor") + Sum("entries__penalty_minor")
    )
    assert paid["paid"] == -6 * sum(range(1, 13))
    assert_books_hold()


@pytest.mark.faults
def test_an_end_of_day_killed_three_times_ends_as_if_it_had_never_been(live_db, clock, call):
    a_portfolio(call)
    target, draw = date(2026, 2, 20), random.Random(3)
    lives = {loan.pk: life_of(loan) for loan in Loan.objects.all()}
    kills = 0
    while kills < 3:
        process = subprocess.Popen(
            [*COMMAND, "--to", target.isoformat()],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ},
        )
        standing = BusinessDate.objects.get().on + timedelta(days=3)
        deadline = time.monotonic() + 60
        while BusinessDate.objects.get().on < standing and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(draw.random() * 0.2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
        assert_books_hold()
    done = run("--to", target.isoformat(), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["business_date"] == "2026-02-20"
    assert_books_hold()
    for loan in Loan.objects.all():
        life, day = lives[loan.pk], date(2026, 1, 5)
        while day < target:
            life, day = engine.close_day(life, day), day + timedelta(days=1)
        stored = life_of(loan)
        assert (stored.accrued, stored.days_past_due) == (life.accrued, life.days_past_due)
        assert [row.penalty_micro for row in stored.rows] == [r.penalty_micro for r in life.rows]
        assert loan.penalty_outstanding_minor == sum(row.penalty for row in life.rows) > 0
    (valued,) = AllowanceRun.objects.all()
    assert (valued.on, valued.state) == (date(2026, 1, 31), "waiting")
    assert AllowanceLoan.objects.filter(run_id=valued.pk).count() == len(lives)


def test_a_date_that_does_not_exist_is_refused_in_one_line(live_db, clock):
    for given in ("2026-02-30", "tomorrow", "20260101x"):
        done = run("--to", given)
        assert done.returncode == 2
        assert given in done.stderr
        assert done.stderr.count("\n") == 1
    assert BusinessDate.objects.get().on == date(2026, 1, 5)
