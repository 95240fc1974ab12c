"""Sums agreed but undrawn in expected loss: by hand, by product, in an account of their own."""

from datetime import date

import pytest

from rongqiao.cli import eod
from rongqiao.cli.verify import check_all
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.allowance import (
    AllowanceRule,
    CommitmentLoan,
    CommitmentProduct,
)
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.provisioning.decide_rule import DecideRule, decide_rule
from rongqiao.lending.servicing.operations.provisioning.propose_rule import (
    ProposeRule,
    UnreadableAssumption,
    propose_rule,
)
from rongqiao.lending.servicing.queries.provisioning.expected_loss import (
    MOST_MONTHS,
    Scenario,
    Stage,
    cumulated,
    horizon_of,
    months_ahead,
    rate_step,
    read_curves,
    undrawn_loss,
)
from rongqiao.lending.servicing.queries.provisioning.movements import (
    UNDRAWN_STAGE,
    moves_of_month,
)
from rongqiao.lending.servicing.queries.provisioning.rules import assumptions_of
from rongqiao.lending.servicing.queries.provisioning.runs import get_run, undrawn_held
from rongqiao.money.ledger.queries.books import balance
from rongqiao.money.ledger.queries.reports import balance_sheet, income_statement
from tests.lending.servicing.test_allowance import calculate, put_forward, word
from tests.lending.servicing.test_further_draws import draw, lent, live_to
from tests.makers.journeys import (
    give_role,
    make_borrower,
    make_staff,
    publish_first_products,
)
from tests.parties.people import actor, make_user

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
ACCOUNT = "commitment-provision:renovation-stages"


@pytest.fixture(autouse=True)
def by_hand(monkeypatch):
    """Valuations here are people's: the close of a month makes none."""
    monkeypatch.setattr(eod, "is_valued", lambda _on: True)


@pytest.fixture
def people(call):
    """A risk analyst and a finance officer; the first products are published."""
    staff = make_staff(call)
    publish_first_products(call, staff)
    found = [make_user(), make_user()]
    for user, role in zip(found, ("risk_analyst", "finance"), strict=True):
        give_role(call, *staff.administrators, user, role)
    return [actor(user) for user in found]


@pytest.fixture
def card(clock, call, people):
    """20,000 yuan of 50,000 drawn in January."""
    assert people
    borrower = make_borrower(call)
    return borrower, lent(call, clock, borrower)


def book(call, people, on):
    run = calculate(call, people[0], on)
    put_forward(run, call, people[0])
    word(run, "approve", call, people[1], expected=get_run(run).head.movement)
    return get_run(run)


def plainly(card, on, **standing):
    """What the undrawn sum loses by the pure sum."""
    loan = Loan.objects.get(pk=card.id)
    assumptions = assumptions_of(AllowanceRule.objects.get(number=1))
    stage = standing.get("stage", Stage.PERFORMING)
    months = months_ahead(on, loan.matures_on)
    losses = cumulated(
        assumptions.curve_of(loan.product_code, stage),
        stage,
        assumptions.scenarios,
        rate_step(loan.rate_annual),
        MOST_MONTHS,
    )
    undrawn = 5_000_000 - loan.principal_minor
    return undrawn_loss(undrawn, 100, months, horizon_of(stage, months), losses)


@pytest.mark.parametrize(
    ("percent", "months", "horizon", "lost"),
    [
        # 50 % of 1 - 0.99^12 = 0.0568075642... and of 1 - 0.99^3 = 0.01485050, of 30,000.00.
        (100, 12, 12, 170_423),
        (100, 3, 12, 44_552),
        (40, 12, 12, 68_169),
        (100, 24, 12, 170_423),
        (0, 12, 12, 0),
    ],
)
def test_an_undrawn_sum_loses_what_a_table_says(percent, months, horizon, lost):
    curve = read_curves("* 1 50 1\n* 2 50 1\n* 3 50")["*", Stage.PERFORMING]
    certain = (Scenario(name="base", weight=10_000, hazard=10_000, lgd=10_000),)
    losses = cumulated(curve, Stage.PERFORMING, certain, 0, 24)
    assert undrawn_loss(3_000_000, percent, months, horizon, losses) == lost


def test_what_is_undrawn_is_provided_for_in_a_liability_of_its_own(clock, call, people, card):
    borrower, lent_card = card
    live_to(clock, date(2026, 2, 1))
    view = book(call, people, JANUARY)
    (row,) = view.undrawn
    assert (row.loans, row.undrawn) == (1, Money(3_000_000))
    assert row.target == Money(plainly(lent_card, JANUARY)) > Money.zero()
    assert balance(ACCOUNT) == row.target
    assert view.head.movement == view.head.target + row.target
    sheet = balance_sheet(JANUARY)
    assert [one.amount for one in sheet.liabilities if one.code == "280101"] == [row.target]
    spent = income_statement(date(2026, 1, 1), JANUARY).expenses
    assert [one.amount for one in spent if one.code == "670202"] == [view.head.movement]
    # Once drawn it is a loan like any other, and nothing is provided for it twice.
    draw(call, borrower, lent_card, "10000.00")
    live_to(clock, date(2026, 3, 1))
    later = book(call, people, FEBRUARY)
    (left,) = later.undrawn
    assert (left.undrawn, left.opening) == (Money(2_000_000), row.target)
    # Its instalment of February was not paid: special mention, stage 2.
    assert left.target == Money(plainly(lent_card, FEBRUARY, stage=Stage.INCREASED))
    assert balance(ACCOUNT) == left.target
    found = moves_of_month(date(2026, 2, 1))
    (line,) = [one for one in found.rows if one.stage == UNDRAWN_STAGE]
    assert (line.opening, line.closing) == (row.target, left.target)
    assert found.is_whole
    assert [one for one in check_all() if one.broken] == []


def test_what_can_no_longer_be_drawn_needs_nothing(clock, call, people, card):
    _borrower, lent_card = card
    live_to(clock, date(2026, 2, 1))
    book(call, people, JANUARY)
    assert undrawn_held()
    Loan.objects.filter(pk=lent_card.id).update(days_past_due=91, state="overdue")
    late = get_run(calculate(call, people[0], JANUARY))
    assert [(one.loans, one.target) for one in late.undrawn] == [(0, Money.zero())]
    Loan.objects.filter(pk=lent_card.id).update(days_past_due=31)
    run = calculate(call, people[0], JANUARY)
    kept = CommitmentLoan.objects.get(run_id=run)
    assert (kept.stage, kept.expected_minor) == (2, plainly(lent_card, JANUARY, stage=Stage(2)))


def test_a_released_share_of_it_counts(clock, call, people, card):
    assert card
    live_to(clock, date(2026, 2, 1))
    whole = get_run(calculate(call, people[0], JANUARY)).undrawn[0].target
    first = AllowanceRule.objects.get(number=1)
    said = {name: getattr(first, name) for name in ProposeRule.__dataclass_fields__}
    said |= {"effective_on": date(2026, 1, 1), "conversion_percent": 40}
    with pytest.raises(UnreadableAssumption):
        propose_rule(ProposeRule(**said | {"conversion_percent": 101}), call(actor=people[0]))
    made = propose_rule(ProposeRule(**said), call(actor=people[0]))
    decide_rule(DecideRule(rule_id=made.rule_id, is_released=True), call(actor=people[1]))
    calculate(call, people[0], JANUARY)
    part = CommitmentProduct.objects.exclude(target_minor=whole.minor).get()
    assert abs(part.target_minor * 100 - whole.minor * 40) <= 100
    assert part.undrawn_minor == 3_000_000
