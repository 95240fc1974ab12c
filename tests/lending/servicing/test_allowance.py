"""The allowance in the books: by two people, for an open month, drawn by write-offs, held to it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from rongqiao.cli import eod
from rongqiao.cli.verify import check_all
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.allowance import (
    AllowanceEntry,
    AllowanceProduct,
    AllowanceRule,
    AllowanceRun,
)
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.prepaying.pay_off import DayClosing
from rongqiao.lending.servicing.operations.provisioning.calculate_allowance import (
    CalculateAllowance,
    calculate_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.decide_allowance import (
    AllowanceChanged,
    AllowanceReasonNeeded,
    DecideAllowance,
    decide_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.decide_rule import DecideRule, decide_rule
from rongqiao.lending.servicing.operations.provisioning.deciding import (
    AllowanceNotWaiting,
    AllowanceRoleNeeded,
    AllowanceSecondPersonNeeded,
    NotYourAllowance,
)
from rongqiao.lending.servicing.operations.provisioning.propose_allowance import (
    NewerAllowance,
    ProposeAllowance,
    propose_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.propose_rule import (
    ProposeRule,
    UnreadableAssumption,
    propose_rule,
)
from rongqiao.lending.servicing.operations.writing_off.recover import Recover, recover
from rongqiao.lending.servicing.queries.provisioning.rules import list_rules, rule_in_force
from rongqiao.lending.servicing.queries.provisioning.runs import allowances_on, get_run
from rongqiao.money.ledger.operations.closing.periods.propose_closing import (
    ProposeClosing,
    propose_closing,
)
from rongqiao.money.ledger.operations.refusals import PeriodClosed
from rongqiao.money.ledger.queries.books import balance
from rongqiao.money.ledger.queries.reports import balance_sheet, income_statement
from tests.lending.servicing.test_repay import pass_days
from tests.lending.servicing.test_write_off import ask, decide
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of
from tests.parties.people import actor, make_user

BORROWER, OTHER = uuid_of(77), uuid_of(78)
JANUARY = date(2026, 1, 31)


@pytest.fixture(autouse=True)
def by_hand(monkeypatch):
    """Valuations here are people's: the close of a month makes none."""
    monkeypatch.setattr(eod, "is_valued", lambda _on: True)


@pytest.fixture
def people(call):
    """A risk analyst and two finance officers."""
    staff = journeys.make_staff(call)
    found = [make_user(), make_user(), make_user()]
    for user, role in zip(found, ("risk_analyst", "finance", "finance"), strict=True):
        journeys.give_role(call, *staff.administrators, user, role)
    return [actor(user) for user in found]


@pytest.fixture
def portfolio(clock, call):
    """Two loans on the first of February, the first one late."""
    lent = [
        lend(
            Lend(principal=1_200_000, party=party, rate=Decimal("0.24"), terms=3, wallet=10**9),
            call(),
        )
        for party in (BORROWER, OTHER)
    ]
    pass_days(clock, date(2026, 2, 1))
    return lent


def calculate(call, by, on=JANUARY):
    return calculate_allowance(CalculateAllowance(on=on), call(actor=by)).run_id


def put_forward(run, call, by):
    return propose_allowance(ProposeAllowance(run_id=run), call(actor=by))


def word(run, said, call, by, expected=None, reason=""):
    command = DecideAllowance(run_id=run, word=said, expected=expected, reason=reason)
    return decide_allowance(command, call(actor=by))


def book(call, people, on=JANUARY):
    run = calculate(call, people[0], on)
    put_forward(run, call, people[0])
    movement = get_run(run).head.movement
    return word(run, "approve", call, people[1], expected=movement)


def assert_laws_hold():
    assert_books_hold()
    assert [found for found in check_all() if found.broken] == []


def test_what_two_people_approve_is_booked_and_shown_in_its_place(call, people, portfolio):
    assert len(portfolio) == 2
    run = calculate(call, people[0])
    view = get_run(run)
    # Stage 1, due within three months: the floor of 1 % is the larger.
    assert view.head.target == Money(24_000)
    assert Money.zero() < view.expected < view.floor
    assert AllowanceEntry.objects.count() == 0
    assert put_forward(run, call, people[0]).movement == view.head.movement
    done = word(run, "approve", call, people[1], expected=view.head.movement)
    assert (done.state, done.journal_id is not None) == ("approved", True)
    assert balance("loan-loss-allowance:test") == Money(24_000)
    assert balance("provision:test") == Money(-24_000)
    sheet = balance_sheet(JANUARY)
    (line,) = [one for one in sheet.assets if one.code == "1304"]
    assert line.amount == Money(-24_000)
    assert sheet.total_assets == sheet.total_claims
    spent = income_statement(date(2026, 1, 1), JANUARY).expenses
    assert [one.amount for one in spent if one.code == "670202"] == [Money(24_000)]
    assert balance_sheet(date(2026, 1, 30)).assets != sheet.assets
    assert_laws_hold()


def test_the_next_run_books_the_difference_alone_and_may_give_back(clock, call, people, portfolio):
    book(call, people)
    assert Loan.objects.filter(pk=portfolio[0].loan_id).update(risk_class="substandard")
    pass_days(clock, date(2026, 2, 2))
    second = book(call, people, date(2026, 2, 1))
    # 60 % of what is owed, weighted (60.6 %), against 1 %.
    grown = balance("loan-loss-allowance:test")
    assert grown > Money(700_000)
    Loan.objects.update(risk_class="pass", days_past_due=0)
    pass_days(clock, date(2026, 2, 3))
    third = book(call, people, date(2026, 2, 2))
    assert balance("loan-loss-allowance:test") == get_run(third.run_id).head.target < grown
    assert get_run(third.run_id).head.movement < Money.zero()
    assert get_run(second.run_id).head.opening == Money(24_000)
    assert allowances_on(JANUARY) == {"test": 24_000}
    assert_laws_hold()


def test_a_run_that_changes_nothing_posts_nothing(clock, call, people, portfolio):
    assert portfolio
    book(call, people)
    again = calculate(call, people[0])
    assert get_run(again).head.movement == Money.zero()
    put_forward(again, call, people[0])
    assert word(again, "approve", call, people[2], expected=Money.zero()).journal_id is None
    assert AllowanceEntry.objects.count() == 1


def test_nobody_books_alone_or_without_the_role(call, people, portfolio):
    assert portfolio
    with pytest.raises(AllowanceRoleNeeded):
        calculate(call, actor(make_user()))
    run = calculate(call, people[1])
    movement = get_run(run).head.movement
    with pytest.raises(AllowanceNotWaiting):
        word(run, "approve", call, people[2], expected=movement)
    put_forward(run, call, people[1])
    with pytest.raises(AllowanceSecondPersonNeeded):
        word(run, "approve", call, people[1], expected=movement)
    with pytest.raises(AllowanceRoleNeeded):
        word(run, "approve", call, people[0], expected=movement)
    with pytest.raises(NotYourAllowance):
        word(run, "withdraw", call, people[2])
    for wrong in (None, movement + Money(1)):
        with pytest.raises(AllowanceChanged):
            word(run, "approve", call, people[2], expected=wrong)
    with pytest.raises(AllowanceReasonNeeded):
        word(run, "decline", call, people[2])
    assert AllowanceEntry.objects.count() == 0
    word(run, "approve", call, people[2], expected=movement)
    with pytest.raises(AllowanceNotWaiting):
        word(run, "decline", call, people[2], reason="重复")
    with pytest.raises(AllowanceNotWaiting):
        put_forward(run, call, people[1])


def test_an_older_run_is_not_booked_beside_a_newer_one(clock, call, people, portfolio):
    assert portfolio
    old = calculate(call, people[0])
    put_forward(old, call, people[0])
    clock.move(timedelta(seconds=1))
    newer = calculate(call, people[0])
    movement = get_run(old).head.movement
    with pytest.raises(NewerAllowance):
        word(old, "approve", call, people[1], expected=movement)
    put_forward(newer, call, people[0])
    word(newer, "decline", call, people[1], reason="参数待定")
    assert word(old, "approve", call, people[1], expected=movement).state == "approved"


def test_a_withdrawn_run_moves_nothing(call, people, portfolio):
    assert portfolio
    run = calculate(call, people[0])
    put_forward(run, call, people[0])
    assert word(run, "withdraw", call, people[0]).state == "withdrawn"
    assert AllowanceEntry.objects.count() == 0


def test_nothing_is_booked_into_a_closed_month(call, people, portfolio):
    assert portfolio
    run = calculate(call, people[0])
    put_forward(run, call, people[0])
    propose_closing(ProposeClosing(month=date(2026, 1, 1)), call(actor=people[2]))
    with pytest.raises(PeriodClosed):
        word(run, "approve", call, people[1], expected=get_run(run).head.movement)
    assert AllowanceRun.objects.get().state == "waiting"


def test_the_same_key_books_once(call, people, portfolio):
    assert portfolio
    run = calculate(call, people[0])
    put_forward(run, call, people[0])
    command = DecideAllowance(run_id=run, word="approve", expected=get_run(run).head.movement)
    one = call(actor=people[1], key="once")
    assert decide_allowance(command, one) == decide_allowance(command, one)
    assert AllowanceEntry.objects.count() == 1


def lose(clock, call, people, lent, until):
    """Give the loan up; return what it owed."""
    pass_days(clock, until)
    Loan.objects.filter(pk=lent.loan_id).update(risk_class="loss")
    asked = ask(lent, call, people[1])
    decide(asked, "approve", call, people[2], expected=asked.total)
    return asked.total


def test_a_write_off_draws_the_allowance_first_and_only_the_rest_is_a_loss(
    clock, call, people, portfolio
):
    book(call, people)
    total = lose(clock, call, people, portfolio[0], date(2026, 2, 25))
    assert balance("loan-loss-allowance:test") == Money.zero()
    assert balance("write-off:test") == Money(24_000) - total
    assert_laws_hold()
    # What comes back is the allowance's, until the next valuation lets it go.
    command = Recover(loan_id=portfolio[0].loan_id, party_id=BORROWER, amount=Money(5_000))
    recover(command, call())
    assert balance("loan-loss-allowance:test") == Money(5_000)
    assert balance("write-off:test") == Money(24_000) - total
    assert_laws_hold()


def test_a_write_off_that_the_allowance_covers_costs_nothing_more(clock, call, people, portfolio):
    pass_days(clock, date(2026, 2, 24))
    Loan.objects.update(risk_class="loss")
    book(call, people, date(2026, 2, 23))
    held = balance("loan-loss-allowance:test")
    total = lose(clock, call, people, portfolio[0], date(2026, 2, 25))
    assert total < held
    assert balance("loan-loss-allowance:test") == held - total
    (kinds,) = [
        sorted(AllowanceEntry.objects.values_list("kind", flat=True)),
    ]
    assert kinds == ["run", "write-off"]
    assert_laws_hold()


def test_a_run_that_would_take_back_what_a_write_off_has_drawn_since_is_refused(
    clock, call, people, portfolio
):
    pass_days(clock, date(2026, 2, 24))
    Loan.objects.update(risk_class="loss")
    book(call, people, date(2026, 2, 23))
    pass_days(clock, date(2026, 2, 25))
    Loan.objects.update(risk_class="pass", days_past_due=0)
    run = calculate(call, people[0], date(2026, 2, 24))
    put_forward(run, call, people[0])
    movement = get_run(run).head.movement
    assert movement < Money.zero()
    Loan.objects.update(state="overdue")
    lose(clock, call, people, portfolio[0], date(2026, 2, 25))
    with pytest.raises(AllowanceChanged):
        word(run, "approve", call, people[2], expected=movement)
    assert_laws_hold()


def test_verify_finds_an_allowance_that_is_not_what_was_approved(call, people, portfolio):
    assert portfolio
    book(call, people)
    AllowanceEntry.objects.create(
        product_code="test",
        kind="recovery",
        on=JANUARY,
        minor=1,
        cause_id=uuid_of(5),
        journal_id=1,
        booked_at=call().at,
    )
    broken = [found.law for found in check_all() if found.broken]
    assert len(broken) == 2
    assert all("allowance" in one for one in broken)


def test_no_run_is_made_while_a_date_is_being_closed(call, people, portfolio):
    from rongqiao.lending.servicing.operations.end_of_day.plan_day import (  # noqa: PLC0415
        PlanDay,
        plan_day,
    )

    assert portfolio
    plan_day(PlanDay(on=date(2026, 2, 1)), call())
    with pytest.raises(DayClosing):
        calculate(call, people[0])


def proposal(**changed):
    first = AllowanceRule.objects.get(number=1)
    said = {name: getattr(first, name) for name in ProposeRule.__dataclass_fields__}
    return ProposeRule(**said | {"effective_on": date(2026, 1, 1)} | changed)


def test_assumptions_count_once_another_person_released_them(call, people, portfolio):
    assert portfolio
    made = propose_rule(
        proposal(curves="* 1 100 100\n* 2 100 100\n* 3 100", scenarios="一 100 1 1", source="试算"),
        call(actor=people[0]),
    )
    assert rule_in_force(JANUARY).number == 1
    with pytest.raises(AllowanceSecondPersonNeeded):
        decide_rule(DecideRule(rule_id=made.rule_id, is_released=True), call(actor=people[0]))
    decide_rule(DecideRule(rule_id=made.rule_id, is_released=True), call(actor=people[1]))
    with pytest.raises(AllowanceNotWaiting):
        decide_rule(DecideRule(rule_id=made.rule_id, is_released=False), call(actor=people[1]))
    assert rule_in_force(JANUARY).number == 2
    assert rule_in_force(date(2025, 12, 31)).number == 1
    view = get_run(calculate(call, people[0]))
    assert view.head.rule_number == 2
    # Whoever is certain to default next month loses all but a month's discount (24 % a year).
    owed = view.exposure.minor
    assert abs(view.expected.minor - round(owed / 1.02)) <= 1
    assert [one.number for one in list_rules()] == [2, 1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("curves", "* 1 60"),
        ("scenarios", "base 50 1 1"),
        ("floors", "pass 1"),
        ("days_increased", 90),
        ("days_impaired", 361),
        ("cure_months", 25),
        ("policy", "smaller"),
        ("source", " "),
    ],
)
def test_assumptions_out_of_bounds_are_refused_by_name(call, people, field, value):
    with pytest.raises(UnreadableAssumption) as refused:
        propose_rule(proposal(**{field: value}), call(actor=people[0]))
    assert refused.value.facts["field"] == field


def test_expected_loss_alone_is_booked_where_the_policy_says_so(call, people, portfolio):
    assert portfolio
    made = propose_rule(proposal(policy="expected"), call(actor=people[0]))
    decide_rule(DecideRule(rule_id=made.rule_id, is_released=True), call(actor=people[1]))
    view = get_run(calculate(call, people[0]))
    assert view.head.target == view.expected < view.floor
    assert AllowanceProduct.objects.get().target_minor == view.expected.minor
