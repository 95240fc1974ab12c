"""The close of a month values the portfolio and puts the allowance forward; a person books it."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from rongqiao.cli import eod
from rongqiao.cli.verify import check_all
from rongqiao.lending.servicing.models.allowance import (
    AllowanceEntry,
    AllowanceLoan,
    AllowanceRun,
)
from rongqiao.lending.servicing.operations.provisioning import valuing
from rongqiao.lending.servicing.operations.provisioning.calculate_allowance import (
    CalculateAllowance,
    calculate_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.decide_allowance import (
    DecideAllowance,
    decide_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.deciding import NotYourAllowance
from rongqiao.lending.servicing.operations.provisioning.prepare_allowance import (
    PrepareAllowance,
    prepare_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.valuing import AllowanceTooEarly
from rongqiao.lending.servicing.queries.provisioning.runs import (
    count_waiting,
    get_run,
    unvalued_month,
    waiting_run,
)
from rongqiao.money.ledger.models import Journal
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.models import BusinessDate, OperationRecord
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of
from tests.parties.people import actor, make_user

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)


@pytest.fixture
def finance(call):
    """Somebody of finance."""
    staff, user = journeys.make_staff(call), make_user()
    journeys.give_role(call, *staff.administrators, user, "finance")
    return actor(user)


@pytest.fixture
def portfolio(call):
    """Two loans of January."""
    return [
        lend(Lend(principal=1_200_000, party=uuid_of(party), rate=Decimal("0.24")), call())
        for party in (77, 78)
    ]


def word(run, said, call, by, reason=""):
    command = DecideAllowance(
        run_id=run.pk, word=said, expected=get_run(run.pk).head.movement, reason=reason
    )
    return decide_allowance(command, call(actor=by))


def test_the_close_of_a_month_puts_its_allowance_forward_and_a_person_books_it(
    clock, call, finance, portfolio
):
    pass_days(clock, date(2026, 1, 31))
    assert not AllowanceRun.objects.exists()
    pass_days(clock, date(2026, 2, 1))
    run = AllowanceRun.objects.get()
    assert (run.on, run.state, run.proposed_by) == (JANUARY, "waiting", eod.ACTOR)
    assert AllowanceLoan.objects.filter(run_id=run.pk).count() == len(portfolio)
    assert (count_waiting(), waiting_run().id) == (1, run.pk)
    assert not AllowanceEntry.objects.exists()
    with pytest.raises(NotYourAllowance):
        word(run, "withdraw", call, finance)
    assert word(run, "approve", call, finance).state == "approved"
    assert balance("loan-loss-allowance:test").minor == 24_000
    assert_books_hold()
    assert [found for found in check_all() if found.broken] == []


def test_a_month_closed_before_is_valued_no_second_time(clock, portfolio):
    pass_days(clock, date(2026, 2, 1))
    counts = [one.objects.count() for one in (AllowanceRun, OperationRecord, Journal)]
    again = eod.catch_up(date(2026, 2, 1))
    assert (again.days, again.changed) == (0, {})
    assert [one.objects.count() for one in (AllowanceRun, OperationRecord, Journal)] == counts
    pass_days(clock, date(2026, 2, 2))
    assert AllowanceRun.objects.count() == counts[0] == 1
    assert AllowanceLoan.objects.count() == len(portfolio)


def test_a_close_killed_before_the_valuation_makes_it_the_next_time(clock, monkeypatch, portfolio):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(eod, "prepare_allowance", killed)
        with pytest.raises(Killed):
            pass_days(clock, date(2026, 2, 1))
    assert BusinessDate.objects.get().on == date(2026, 2, 1)
    assert (AllowanceRun.objects.count(), unvalued_month(date(2026, 2, 1))) == (0, JANUARY)
    eod.catch_up(date(2026, 2, 3))
    run = AllowanceRun.objects.get()
    assert (run.on, run.state) == (JANUARY, "waiting")
    assert AllowanceLoan.objects.filter(run_id=run.pk).count() == len(portfolio)
    assert unvalued_month(date(2026, 2, 3)) is None


def test_the_next_month_takes_back_what_nobody_decided(clock, call, finance, portfolio):
    assert portfolio
    pass_days(clock, date(2026, 2, 1))
    pass_days(clock, date(2026, 3, 1))
    states = AllowanceRun.objects.order_by("on").values_list("on", "state")
    assert list(states) == [(JANUARY, "withdrawn"), (FEBRUARY, "waiting")]
    word(AllowanceRun.objects.get(on=FEBRUARY), "approve", call, finance)
    pass_days(clock, date(2026, 4, 1))
    states = AllowanceRun.objects.order_by("on").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "approved", "waiting"]


def test_what_a_person_valued_is_left_to_that_person(clock, call, monkeypatch, finance, portfolio):
    assert portfolio
    with monkeypatch.context() as patch:
        patch.setattr(eod, "is_valued", lambda _on: True)
        pass_days(clock, date(2026, 2, 1))
    calculate_allowance(CalculateAllowance(on=JANUARY), call(actor=finance))
    eod.catch_up(date(2026, 2, 1))
    assert AllowanceRun.objects.get().state == "calculated"
    done = prepare_allowance(PrepareAllowance(on=JANUARY), call(actor=eod.ACTOR))
    assert done.run_id is None


def test_without_loans_or_a_rule_nothing_waits_and_the_close_goes_on(clock, call, monkeypatch):
    pass_days(clock, date(2026, 2, 1))
    assert not AllowanceRun.objects.exists()
    lend(Lend(principal=1_200_000, party=uuid_of(77)), call())
    with monkeypatch.context() as patch:
        patch.setattr(valuing, "rule_in_force", lambda _on: None)
        pass_days(clock, date(2026, 3, 1))
    assert not AllowanceRun.objects.exists()
    assert unvalued_month(date(2026, 3, 1)) == FEBRUARY
    eod.catch_up(date(2026, 3, 1))
    assert AllowanceRun.objects.get().on == FEBRUARY


def test_only_the_last_day_of_a_month_that_closed_last_is_prepared(clock, call, portfolio):
    assert portfolio
    pass_days(clock, date(2026, 1, 20))
    with pytest.raises(ValueError, match="not the last day"):
        prepare_allowance(PrepareAllowance(on=date(2026, 1, 19)), call())
    with pytest.raises(AllowanceTooEarly):
        prepare_allowance(PrepareAllowance(on=JANUARY), call())


def test_two_closes_at_once_value_a_month_once(live_db, clock, call, portfolio):
    failures = []

    def close():
        try:
            eod.catch_up(date(2026, 2, 2))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    pass_days(clock, date(2026, 1, 30))
    threads = [threading.Thread(target=close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    run = AllowanceRun.objects.get()
    assert (run.on, run.state) == (JANUARY, "waiting")
    assert AllowanceLoan.objects.count() == len(portfolio)
    assert_books_hold()
