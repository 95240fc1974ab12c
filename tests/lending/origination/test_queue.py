"""The queue: whose time is over first, then what goes first, then nearest the line."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.models.desk import Waiting
from rongqiao.lending.origination.queries.reviewing.queue import (
    PAGE,
    SORTS,
    QueueFilters,
    count_queue,
    count_queued,
    list_queue,
    next_in_queue,
    reviewer_loads,
)
from tests.makers import reviewing as desk
from tests.makers.journeys import make_borrower
from tests.makers.policies import document, put_in_force

MANY = 10_000
COPY_APPLICATIONS = """
INSERT INTO origination_application
SELECT (jsonb_populate_record(a, jsonb_build_object(
    'id', gen_random_uuid(), 'number', 'Q' || n, 'amount_minor', 1000000 + n))).*
FROM origination_application AS a, generate_series(1, %s) AS n WHERE a.id = %s
"""
ENTER = """
INSERT INTO origination_waiting
  (application_id, stage, is_asked, since_at, due_at, margin, failed, documents_due_on)
SELECT id, 'referred', amount_minor %% 17 = 0, %s::timestamptz,
  %s::timestamptz + (amount_minor %% 96 - 30) * interval '1 hour',
  amount_minor %% 80 - 40, amount_minor %% 4,
  CASE WHEN amount_minor %% 11 = 0 THEN date '2026-01-20' END
FROM origination_application WHERE number LIKE 'Q%%'
"""


def order(clock, **filters):
    return [one.row.id for one in list_queue(QueueFilters(**filters), clock.instant)]


def put(case, **changes):
    Waiting.objects.filter(pk=case).update(**changes)


@pytest.fixture
def three(call, clock, products):
    cases = []
    for number in (1, 2, 3):
        cases.append(desk.referred(call, number)[0])
        clock.move(timedelta(minutes=1))
    return cases


def test_late_first_then_what_goes_first_then_nearest_the_line(clock, three):
    first, second, third = three
    put(first, margin=30)
    put(second, margin=-5)
    put(third, margin=12)
    assert order(clock) == [second, third, first]
    put(first, is_asked=True)
    assert order(clock) == [first, second, third]
    put(third, since_at=clock.instant - timedelta(2), due_at=clock.instant - timedelta(hours=1))
    assert order(clock) == [third, first, second]
    put(first, documents_due_on=clock.instant.date())
    assert order(clock) == [third, second, first]


def test_other_orders_and_filters_by_what_they_say(call, clock, staff, three):
    first, second, third = three
    for case, points in zip(three, (30, -5, None), strict=True):
        put(case, margin=points)
    assert order(clock, sort="margin") == [first, second, third]
    Application.objects.filter(pk=third).update(amount_minor=9_000_000)
    assert order(clock, sort="amount")[0] == third
    assert order(clock, sort="age") == three
    put(second, since_at=clock.instant - timedelta(2), due_at=clock.instant - timedelta(1))
    assert order(clock, sort="due")[0] == second
    assert order(clock, time="late") == [second]
    desk.taken(call, staff.reviewer, first)
    assert order(clock, reviewer_id=staff.reviewer) == [first]
    assert set(order(clock, is_free=True)) == {second, third}
    desk.ask_documents(call, staff.reviewer, first)
    assert order(clock, documents="waiting") == [first]
    assert set(order(clock, documents="here")) == {second, third}
    counts = count_queue(clock.instant)
    assert (counts.referred, counts.free, counts.late, counts.documents) == (3, 2, 1, 1)
    assert next_in_queue(QueueFilters(is_free=True), clock.instant, second) == third
    (row,) = list_queue(QueueFilters(documents="waiting"), clock.instant)
    assert (row.wait.documents_missing, row.wait.documents_asked) == (2, 2)


def test_a_reviewers_load_is_what_they_have_in_hand(call, clock, staff, three):
    desk.taken(call, staff.reviewer, three[0])
    desk.taken(call, staff.reviewer, three[1])
    put(three[0], since_at=clock.instant - timedelta(2), due_at=clock.instant - timedelta(1))
    loads = {one.reviewer_id: (one.cases, one.late) for one in reviewer_loads(clock.instant)}
    assert loads == {staff.reviewer: (2, 1), staff.both: (0, 0)}


def test_the_margin_is_points_from_the_line_of_automatic_approval(call, clock, products):
    case, _borrower = desk.referred(call)
    (row,) = list_queue(QueueFilters(), clock.instant)
    assert row.wait.margin is not None
    assert row.wait.margin > 0
    assert row.wait.failed == 0
    poor, _other = desk.referred(call, 2, amount="40000", monthly_income="6000")
    rows = {one.row.id: one.wait for one in list_queue(QueueFilters(), clock.instant)}
    assert rows[poor].failed >= 1
    assert rows[case].margin > rows[poor].margin


def test_the_queue_asks_a_handful_of_questions_with_ten_thousand_cases(call, clock, products):
    case, _borrower = desk.referred(call)
    make_borrower(call, 2)
    with connection.cursor() as cursor:
        cursor.execute(COPY_APPLICATIONS, [MANY, case])
        cursor.execute(ENTER, [clock.instant - timedelta(days=3), clock.instant])
        cursor.execute("ANALYZE origination_application, origination_waiting")
    for sort in SORTS:
        with CaptureQueriesContext(connection) as asked:
            rows = list_queue(QueueFilters(sort=sort), clock.instant)
        assert len(rows) == PAGE
        assert len(asked) <= 9, [one["sql"][:90] for one in asked]
    with CaptureQueriesContext(connection) as asked:
        assert count_queued(QueueFilters(), clock.instant) == MANY + 1
        assert count_queue(clock.instant).referred == MANY + 1
        reviewer_loads(clock.instant)
    assert len(asked) <= 4
    late = count_queued(QueueFilters(time="late"), clock.instant)
    first = list_queue(QueueFilters(), clock.instant, start=0)
    following = list_queue(QueueFilters(), clock.instant, start=late)
    assert all(one.wait.due_at < clock.instant for one in first[: min(late, PAGE)])
    assert all(one.wait.due_at >= clock.instant for one in following)
    assert {one.row.id for one in first} & {one.row.id for one in following} == set()


def test_the_margin_follows_the_policy_that_judged_and_is_none_where_no_score_matters(
    call, clock, products, monkeypatch
):
    refer = {"outcome": "refer", "reason": "score-needs-a-person"}
    others = ("score", "for-a-person")
    tables = [one for one in document()["tables"] if one["code"] not in others]
    by_grade = {"code": "grade", "when": 'grade != "A"', **refer}
    by_age = {"code": "age", "when": "age > 18", **refer}
    for rules, has_line in (([by_grade, by_age], True), ([by_age], False)):
        table = {**document()["tables"][0], "code": "own", "rules": rules}
        put_in_force(monkeypatch, document(label="own", tables=[*tables, table]))
        case = desk.referred(call, 30 + len(rules))[0]
        row = next(one for one in list_queue(QueueFilters(), clock.instant) if one.row.id == case)
        score = Application.objects.get(pk=case).decisions.get(stage="screening").score
        assert row.wait.margin == (score - 800 if has_line else None)
