"""What moved the allowance: every fen told by product, stage and cause, held to the ledger."""

import random
from datetime import date
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from rongqiao.cli.verify import check_all
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.allowance import (
    AllowanceLoan,
    AllowanceMovement,
    AllowanceRun,
)
from rongqiao.lending.servicing.models.loans import Instalment, Loan
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import (
    QuotePayoff,
    quote_payoff,
)
from rongqiao.lending.servicing.operations.provisioning.decide_allowance import (
    DecideAllowance,
    decide_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.decide_rule import DecideRule, decide_rule
from rongqiao.lending.servicing.operations.provisioning.propose_rule import (
    ProposeRule,
    propose_rule,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.writing_off.recover import Recover, recover
from rongqiao.lending.servicing.queries.provisioning.movements import (
    FLOOR_STAGE,
    months_booked,
    moves_of_month,
)
from rongqiao.lending.servicing.queries.provisioning.rules import list_rules
from rongqiao.lending.servicing.queries.provisioning.runs import get_run
from rongqiao.money.ledger.queries.books import balance
from tests.lending.servicing.test_repay import pass_days
from tests.lending.servicing.test_write_off import ask, decide
from tests.makers import journeys
from tests.makers.loans import Lend, lend, uuid_of
from tests.parties.people import actor, make_user

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
STAGES = (1, 2, 3, FLOOR_STAGE)


@pytest.fixture
def people(call):
    """A risk analyst and two finance officers."""
    staff = journeys.make_staff(call)
    found = [make_user(), make_user(), make_user()]
    for user, role in zip(found, ("risk_analyst", "finance", "finance"), strict=True):
        journeys.give_role(call, *staff.administrators, user, role)
    return [actor(user) for user in found]


def grant(number, call, product="test", principal=1_200_000):
    command = Lend(
        principal=principal,
        party=uuid_of(number),
        product=product,
        rate=Decimal("0.24"),
        terms=6,
        wallet=10**9,
    )
    return lend(command, call()).loan_id


def book(call, by):
    """Book what the close put forward."""
    run = AllowanceRun.objects.get(state="waiting")
    movement = get_run(run.pk).head.movement
    command = DecideAllowance(run_id=run.pk, word="approve", expected=movement)
    decide_allowance(command, call(actor=by))
    return run


def watch(loan):
    """Have a loan stand as one that was restructured: in stage 2."""
    Loan.objects.filter(pk=loan).update(
        state="restructured", watched_from=date(2026, 1, 5), watched_until=date(2027, 1, 1)
    )


def pay_instalment(loan, call):
    """Pay the first instalment as it falls due."""
    row = Instalment.objects.get(loan_id=loan, no=1)
    due = Money(row.principal_minor + row.interest_minor)
    party = Loan.objects.get(pk=loan).party_id
    repay(Repay(loan_id=loan, party_id=party, amount=due), call())


def moved(found, kind, product=""):
    return found.sum_of(STAGES, product).moved[kind]


def assert_whole(found):
    assert found.is_whole, [(one.product_code, one.stage, one.gap) for one in found.rows]
    total = found.sum_of(STAGES)
    assert total.moved["transfer-in"] == -total.moved["transfer-out"]
    other = [total.moved["write-off"], total.moved["recovery"]]
    assert found.charged == total.closing - total.opening - sum(other, Money.zero())
    assert [one for one in check_all() if one.broken] == []


def test_the_first_valuation_takes_every_loan_in_as_new(clock, call, people):
    assert (months_booked(), moves_of_month(JANUARY)) == ((), None)
    grant(901, call)
    grant(902, call, product="other")
    pass_days(clock, date(2026, 2, 1))
    assert moves_of_month(JANUARY) is None
    book(call, people[1])
    found = moves_of_month(JANUARY)
    assert (found.since, found.until) == (None, date(2026, 1, 31))
    assert found.sum_of(STAGES).opening == Money.zero()
    assert found.sum_of(STAGES).closing == found.books_closing == Money(24_000)
    assert found.sum_of(STAGES, "other").closing == Money(12_000)
    new, floor = moved(found, "new"), found.sum_of([FLOOR_STAGE]).moved["remeasured"]
    assert new + floor == Money(24_000)
    assert floor > Money.zero()
    assert months_booked() == (JANUARY,)
    assert_whole(found)
    with pytest.raises(ProgrammingError), transaction.atomic():
        AllowanceMovement.objects.update(minor=0)


def test_loans_that_change_stage_are_paid_and_lent_are_told_apart(clock, call, people):
    better, worse, worst, paid, shrinking = (grant(910 + n, call) for n in range(5))
    watch(better)
    pass_days(clock, date(2026, 2, 1))
    book(call, people[1])
    pass_days(clock, date(2026, 2, 5))
    for loan in (better, shrinking):
        pay_instalment(loan, call)
    party = Loan.objects.get(pk=paid).party_id
    asked = QuotePayoff(loan_id=paid, party_id=party, valid_on=date(2026, 2, 5))
    quote = quote_payoff(asked, call())
    pay_off(PayOff(quote_id=quote.quote_id, party_id=party), call())
    lent = grant(930, call)
    Loan.objects.filter(pk=better).update(
        state="active", watched_from=None, watched_until=None, risk_class="pass"
    )
    Loan.objects.filter(pk=worst).update(risk_class="substandard")
    pass_days(clock, date(2026, 3, 1))
    run = book(call, people[1])
    found = moves_of_month(FEBRUARY)
    assert (found.since, found.until) == (date(2026, 1, 31), date(2026, 2, 28))
    passages = {(one.was, one.now): one.loans for one in found.passages}
    assert passages == {(1, 2): 1, (1, 3): 1, (2, 1): 1}
    worsened = next(one for one in found.passages if one.now == 3)
    assert worsened.remeasured > worsened.carried > Money.zero()
    stood = {row.loan_id: row for row in AllowanceLoan.objects.filter(run_id=run.pk)}
    assert set(stood) == {better, worse, worst, shrinking, lent}
    assert moved(found, "new") == Money(stood[lent].expected_minor)
    assert moved(found, "repaid") < Money.zero() == moved(found, "write-off")
    assert_whole(found)


def test_a_write_off_and_what_comes_back_are_told_as_the_books_have_them(clock, call, people):
    lost, kept = grant(940, call), grant(941, call)
    pass_days(clock, date(2026, 2, 1))
    book(call, people[1])
    held = balance("loan-loss-allowance:test")
    assert (kept, held) == (kept, Money(24_000))
    pass_days(clock, date(2026, 2, 20))
    Loan.objects.filter(pk=lost).update(risk_class="loss", state="overdue")

    class Lost:
        loan_id = lost

    asked = ask(Lost, call, people[1])
    decide(asked, "approve", call, people[2], expected=asked.total)
    pass_days(clock, date(2026, 2, 21))
    party = Loan.objects.get(pk=lost).party_id
    recover(Recover(loan_id=lost, party_id=party, amount=Money(5_000)), call())
    pass_days(clock, date(2026, 3, 1))
    book(call, people[1])
    found = moves_of_month(FEBRUARY)
    assert moved(found, "write-off") == -held
    assert moved(found, "recovery") == Money(5_000)
    assert_whole(found)


def test_a_new_version_of_the_assumptions_is_told_as_such(clock, call, people):
    for number in range(3):
        grant(950 + number, call)
    pass_days(clock, date(2026, 2, 1))
    book(call, people[1])
    said = {name: getattr(list_rules()[0], name) for name in ProposeRule.__dataclass_fields__}
    said |= {"effective_on": date(2026, 2, 15), "policy": "expected"}
    said["curves"] = "* 1 60 2.00\n* 2 60 3.00\n* 3 60"
    rule = propose_rule(ProposeRule(**said), call(actor=people[0])).rule_id
    decide_rule(DecideRule(rule_id=rule, is_released=True), call(actor=people[1]))
    pass_days(clock, date(2026, 3, 1))
    run = book(call, people[1])
    assert run.compared_id is not None
    found = moves_of_month(FEBRUARY)
    assert moved(found, "parameters") > moved(found, "new") == Money.zero()
    assert_whole(found)
    pass_days(clock, date(2026, 4, 1))
    assert book(call, people[1]).compared_id is None
    assert moved(moves_of_month(MARCH), "parameters") == Money.zero()
    assert_whole(moves_of_month(MARCH))


@pytest.mark.parametrize("seed", [1, 2])
def test_random_portfolios_are_told_to_the_fen_over_three_months(clock, call, people, seed):
    draw = random.Random(seed)
    loans = []
    for month in (2, 3, 4):
        loans += [
            grant(1000 * month + n, call, draw.choice(("alpha", "beta")), draw.randrange(10**6))
            for n in range(draw.randrange(1, 6))
        ]
        for loan in draw.sample(loans, len(loans) // 2):
            if draw.random() < 0.5:
                watch(loan)
            else:
                worse = draw.choice(["substandard", "doubtful"])
                Loan.objects.filter(pk=loan).update(risk_class=worse)
        pass_days(clock, date(2026, month, 1))
        book(call, people[1])
        found = moves_of_month(date(2026, month - 1, 1))
        assert_whole(found)
