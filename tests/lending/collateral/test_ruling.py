"""How a kind is judged is a version: proposed by an analyst, released by another person."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.utils import IntegrityError

from rongqiao.lending.collateral.models import CollateralRule
from rongqiao.lending.collateral.operations.acting import (
    CollateralDecided,
    CollateralRoleNeeded,
    CollateralSecondPersonNeeded,
    CollateralWordsNeeded,
)
from rongqiao.lending.collateral.operations.ruling.decide_rule import DecideRule, decide_rule
from rongqiao.lending.collateral.operations.ruling.propose_rule import (
    ProposeRule,
    RuleWaits,
    propose_rule,
)
from rongqiao.lending.collateral.queries.register import get_item
from rongqiao.lending.collateral.queries.rules import KINDS, list_rules, yardsticks
from tests.makers.concentration import analysts_of
from tests.makers.securing import valued
from tests.parties.people import actor

TODAY = date(2026, 1, 5)


@pytest.fixture
def analysts(call, staff):
    return analysts_of(call, staff)


def wish(**changes):
    """A stricter rule for vehicles."""
    said = {
        "collateral_kind": "vehicle",
        "haircut": Decimal("0.5"),
        "ltv_max": Decimal("0.6"),
        "coverage_min": Decimal("1.2"),
        "stale_after_days": 90,
        "is_assumed": True,
        "source": "风险委员会 2026-01 决议",
        "from_on": TODAY,
    }
    return ProposeRule(**{**said, **changes})


def test_every_kind_has_a_rule_with_its_source_from_the_start(call):
    rules = list_rules(TODAY)
    assert {one.kind for one in rules if one.is_in_force} == set(KINDS)
    assert all(one.source and one.is_assumed for one in rules)


def test_a_version_counts_from_its_first_day_once_another_released_it(
    call, borrower, desk, analysts
):
    item = valued(call, desk, borrower.party_id)
    first, second = analysts
    tomorrow = TODAY + timedelta(days=1)
    made = propose_rule(wish(from_on=tomorrow), call(actor=actor(first)))
    with pytest.raises(RuleWaits):
        propose_rule(wish(), call(actor=actor(second)))
    release = DecideRule(rule_id=made.rule_id, word="release")
    with pytest.raises(CollateralSecondPersonNeeded):
        decide_rule(release, call(actor=actor(first)))
    assert decide_rule(release, call(actor=actor(second))).state == "released"
    assert get_item(item, TODAY).free.text() == "70000.00"
    assert get_item(item, tomorrow).free.text() == "60000.00"
    with pytest.raises(CollateralDecided):
        decide_rule(release, call(actor=actor(second)))
    with pytest.raises(IntegrityError):
        CollateralRule.objects.filter(pk=made.rule_id).update(state="waiting")


def test_a_version_that_was_taken_back_or_declined_counts_for_nothing(call, analysts):
    first, second = analysts
    made = propose_rule(wish(), call(actor=actor(first)))
    back = DecideRule(rule_id=made.rule_id, word="withdraw")
    with pytest.raises(CollateralSecondPersonNeeded):
        decide_rule(back, call(actor=actor(second)))
    decide_rule(back, call(actor=actor(first)))
    made = propose_rule(wish(), call(actor=actor(first)))
    with pytest.raises(CollateralWordsNeeded):
        decide_rule(DecideRule(rule_id=made.rule_id, word="decline"), call(actor=actor(second)))
    no = DecideRule(rule_id=made.rule_id, word="decline", reason="依据不足")
    decide_rule(no, call(actor=actor(second)))
    assert yardsticks(TODAY)["vehicle"].haircut == Decimal("0.4")


@pytest.mark.parametrize(
    "change",
    [
        {"collateral_kind": "boat"},
        {"haircut": Decimal("1.01")},
        {"ltv_max": Decimal(0)},
        {"ltv_max": Decimal("0.12345")},
        {"coverage_min": Decimal("NaN")},
        {"stale_after_days": 0},
        {"source": " "},
        {"from_on": TODAY - timedelta(days=1)},
    ],
)
def test_what_cannot_be_a_rule_is_refused(call, analysts, change):
    with pytest.raises(CollateralWordsNeeded):
        propose_rule(wish(**change), call(actor=actor(analysts[0])))


def test_only_analysts_propose(call, staff):
    with pytest.raises(CollateralRoleNeeded):
        propose_rule(wish(), call(actor=actor(staff.reviewer)))
