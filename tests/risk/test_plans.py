"""Placement plans: proposed by one, released by another, one a period, figures held in the rows."""

from copy import copy
from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from rongqiao.finance.money import Money
from rongqiao.platform.ids import new_id
from rongqiao.risk.models.plans import PlacementLine, PlacementPlan
from rongqiao.risk.operations.planning import deciding
from rongqiao.risk.operations.planning.decide_plan import (
    DecidePlan,
    PlanMonthsTaken,
    decide_plan,
)
from rongqiao.risk.operations.planning.deciding import (
    NotYourPlan,
    PlanNotWaiting,
    PlanRoleNeeded,
    PlanSecondPersonNeeded,
)
from rongqiao.risk.operations.planning.propose_plan import (
    PlanOver,
    PlanOverBound,
    PlanUnreadable,
    ProposePlan,
    propose_plan,
)
from rongqiao.risk.queries.policies.plans import get_plan, list_plans
from tests.makers.officers import make_officer
from tests.makers.policy_versions import make_analysts
from tests.parties.people import actor, at_once

PLAN = ProposePlan(
    first_on=date(2026, 2, 1),
    months=2,
    budget=Money.yuan("3000000.00"),
    loss_ceiling=Money.yuan("40000.00"),
    lines=(
        "consumer-monthly A 2000000 500000 2000000 8 2.5 1.5 1 60 12\n"
        "consumer-monthly B 1000000 0 1500000 12 2.5 1.5 3 60 12"
    ),
    source="内部测试假设",
)


@pytest.fixture
def analysts(clock):
    return make_analysts(clock)


def put(call, who, plan=PLAN):
    return propose_plan(plan, call(actor=actor(who))).plan_id


def decide(call, who, plan_id, word="release"):
    return decide_plan(DecidePlan(plan_id=plan_id, word=word), call(actor=actor(who)))


def test_one_proposes_and_each_kind_of_second_person_may_release(call, clock, analysts):
    first, second = analysts
    others = (second, make_officer(clock, role="finance"), make_officer(clock, role="approver"))
    for number, other in enumerate(others, start=1):
        plan_id = put(call, first)
        assert decide(call, other, plan_id).state == "released"
        view = get_plan(plan_id)
        assert view.head.number == number
        assert (view.head.first_on, view.head.last_on) == (date(2026, 2, 1), date(2026, 3, 31))
        assert (view.head.placed, view.head.loss) == (view.total.amount, view.total.loss)
        assert view.total.loss == Money.yuan("30000.00")
        assert view.total.profit == Money.yuan("130000.00")
        with pytest.raises(PlanNotWaiting):
            decide(call, other, plan_id)
    assert [one.state for one in list_plans()] == ["released", "superseded", "superseded"]


def test_who_proposed_does_not_release_under_any_name(call, clock, analysts, monkeypatch):
    first, second = analysts
    plan_id = put(call, first)
    with pytest.raises(PlanSecondPersonNeeded):
        decide(call, first, plan_id)
    monkeypatch.setattr(deciding, "person_keys_of", lambda _user: frozenset({"one body"}))
    for word in ("release", "decline"):
        with pytest.raises(PlanSecondPersonNeeded):
            decide(call, second, plan_id, word)
    monkeypatch.undo()
    for role in ("auditor", "reviewer", "operator"):
        with pytest.raises(PlanRoleNeeded):
            decide(call, make_officer(clock, role=role), plan_id)
    with pytest.raises(IntegrityError, match="placement_plan_by_two"), transaction.atomic():
        PlacementPlan.objects.filter(pk=plan_id).update(
            state="released", decided_by=actor(first), decided_at=clock.now()
        )
    with pytest.raises(NotYourPlan):
        decide(call, second, plan_id, "withdraw")
    assert decide(call, first, plan_id, "withdraw").state == "withdrawn"
    with pytest.raises(PlanRoleNeeded):
        put(call, make_officer(clock, role="finance"))


def test_released_plans_never_overlap(call, clock, analysts):
    first, second = analysts
    decide(call, second, put(call, first))
    overlapping = put(call, first, replace(PLAN, first_on=date(2026, 3, 1)))
    with pytest.raises(PlanMonthsTaken) as taken:
        decide(call, second, overlapping)
    assert taken.value.facts == {"number": "1", "first": "2026-02", "last": "2026-03"}
    with pytest.raises(IntegrityError, match="one_a_period"), transaction.atomic():
        PlacementPlan.objects.filter(pk=overlapping).update(
            state="released", decided_by=actor(second), decided_at=clock.now()
        )
    after = put(call, first, replace(PLAN, first_on=date(2026, 4, 1)))
    assert decide(call, second, after).state == "released"


def test_two_releases_at_once_leave_one_plan_released(live_db, call, analysts):
    first, second = analysts
    plans = [put(call, first), put(call, first)]
    answers = at_once([lambda one=one: decide(call, second, one).state for one in plans])
    assert answers == ["released", "released"]
    assert sorted(one.state for one in list_plans()) == ["released", "superseded"]


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"budget": Money.yuan("2999999.99")}, PlanOverBound, "budget"),
        ({"loss_ceiling": Money.yuan("29999.99")}, PlanOverBound, "loss_ceiling"),
        ({"lines": "consumer-monthly A 3 0 2 8 2.5 1.5 1 60 12"}, PlanOverBound, "lines"),
        ({"lines": "consumer-monthly A 1 2 3 8 2.5 1.5 1 60 12"}, PlanOverBound, "lines"),
        ({"lines": "consumer-monthly A 0 0 3 8 2.5 1.5 1 60 12"}, PlanUnreadable, "lines"),
        ({"lines": "consumer-monthly A ? 0 3 8 2.5 1.5 1 60 12"}, PlanUnreadable, "lines"),
        ({"source": " \n"}, PlanUnreadable, "source"),
        ({"months": 13}, PlanUnreadable, "months"),
        ({"first_on": date(2026, 2, 2)}, PlanUnreadable, "first_month"),
        ({"first_on": date(9999, 12, 1)}, PlanUnreadable, "first_month"),
        ({"first_on": date(2025, 11, 1)}, PlanOver, "first_month"),
    ],
)
def test_a_plan_out_of_bounds_is_refused_with_its_field(call, analysts, change, refusal, field):
    with pytest.raises(refusal) as refused:
        put(call, analysts[0], replace(PLAN, **change))
    assert refused.value.facts["field"] == field
    assert not PlacementPlan.objects.exists()


def test_the_database_holds_the_figures(call, clock, analysts):
    plan = PlacementPlan.objects.get(pk=put(call, analysts[0]))
    line = plan.lines.get(no=1)
    with pytest.raises(ProgrammingError), transaction.atomic():
        PlacementLine.objects.filter(pk=line.pk).update(amount_minor=line.cap_minor)
    with pytest.raises(ProgrammingError), transaction.atomic():
        PlacementPlan.objects.filter(pk=plan.pk).update(source="gemessen")
    line.pk, line.no, line.grade = None, 3, "C"
    for change in ({"amount_minor": 1}, {"rate": 2}, {"months": 0}, {"grade": "A"}, {"no": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            copied(line, change).save(force_insert=True)
    plan.pk, plan.number = new_id(clock.now()), 9
    for change in (
        {"placed_minor": plan.budget_minor + 1},
        {"loss_minor": plan.loss_ceiling_minor + 1},
        {"source": ""},
        {"first_on": date(2026, 2, 2)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            copied(plan, change).save(force_insert=True)
    plan.save(force_insert=True)


def copied(row, change):
    found = copy(row)
    for name, value in change.items():
        setattr(found, name, value)
    return found
