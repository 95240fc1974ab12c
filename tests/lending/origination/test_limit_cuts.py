"""A limit is cut by staff: at once, never below what is used, and the borrower reads why."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import OwnAffair, RoleNeeded
from rongqiao.lending.origination.conduct.limits import MoreThanAvailable
from rongqiao.lending.origination.models import CreditLimit, LimitCut
from rongqiao.lending.origination.operations.drawing.cut_limit import (
    CutLimit,
    CutOutOfBounds,
    CutReasonUnknown,
    cut_limit,
)
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.queries.limits import (
    count_limits,
    find_limits,
    get_limit,
    list_cuts,
)
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.makers import journeys
from tests.parties.people import make_user


@pytest.fixture
def limit_id(call, clock, borrower):
    _case, signed = journeys.signed_loan(call, clock, borrower, "daily-revolving", term_count="6")
    return signed.limit_id


@pytest.fixture
def analyst(call, staff):
    user_id = make_user()
    journeys.give_role(call, *staff.administrators, user_id, "risk_analyst")
    return f"user:{user_id}"


def cut(limit_id, amount, reason="risk"):
    return CutLimit(limit_id=limit_id, amount=Money.yuan(amount), reason=reason)


def used(call, clock, borrower, limit_id, amount):
    asked = ProposeDrawing(limit_id=limit_id, amount=Money.yuan(amount), term_count=3)
    drawing_id = propose_drawing(asked, call(actor=borrower.actor)).drawing_id
    sheet_id = journeys.read_sheet(call, clock, borrower, drawing_id=drawing_id)
    return Draw(drawing_id=drawing_id, sheet_id=sheet_id, days_past_due=0, session="s", ip="::1")


def test_a_cut_takes_effect_at_once_and_is_told(call, clock, borrower, limit_id, analyst):
    before = get_limit(limit_id, borrower.user_id).amount
    done = cut_limit(cut(limit_id, "5000"), call(actor=analyst))
    assert (done.was, done.amount, done.available) == (before, *[Money.yuan("5000")] * 2)
    (line,) = list_cuts(limit_id)
    assert (line.was, line.amount, line.reason) == (before, Money.yuan("5000"), "risk")
    assert OutboxEvent.objects.filter(name="origination.limit-cut-down").count() == 1
    with pytest.raises(MoreThanAvailable):
        used(call, clock, borrower, limit_id, "5000.01")


def test_the_same_cut_sent_twice_is_one(call, limit_id, analyst):
    one = call(actor=analyst)
    assert cut_limit(cut(limit_id, "5000"), one) == cut_limit(cut(limit_id, "5000"), one)
    assert LimitCut.objects.count() == 1


def test_what_is_drawn_stays_and_is_the_lowest_cut(call, clock, borrower, limit_id, analyst):
    draw(used(call, clock, borrower, limit_id, "3000"), call(actor=borrower.actor))
    with pytest.raises(CutOutOfBounds) as refused:
        cut_limit(cut(limit_id, "2999.99"), call(actor=analyst))
    assert refused.value.facts["allowed"].startswith("3000.00 - ")
    assert cut_limit(cut(limit_id, "3000"), call(actor=analyst)).available == Money(0)


def test_a_drawing_proposed_before_the_cut_finds_no_room(call, clock, borrower, limit_id, analyst):
    waiting = used(call, clock, borrower, limit_id, "3000")
    cut_limit(cut(limit_id, "0", "asked"), call(actor=analyst))
    with pytest.raises(MoreThanAvailable):
        draw(waiting, call(actor=borrower.actor))


@pytest.mark.parametrize("amount", ["20000", "20000.01"])
def test_a_limit_is_not_raised_this_way(call, limit_id, analyst, amount):
    with pytest.raises(CutOutOfBounds):
        cut_limit(cut(limit_id, amount), call(actor=analyst))


def test_who_may_cut_and_why(call, staff, borrower, limit_id, analyst):
    with pytest.raises(RoleNeeded):
        cut_limit(cut(limit_id, "1"), call(actor=borrower.actor))
    with pytest.raises(CutReasonUnknown):
        cut_limit(cut(limit_id, "1", "mood"), call(actor=analyst))
    with pytest.raises(NotFound):
        cut_limit(cut(uuid4(), "1"), call(actor=analyst))
    journeys.give_role(call, *staff.administrators, borrower.user_id, "risk_analyst")
    with pytest.raises(OwnAffair):
        cut_limit(cut(limit_id, "1"), call(actor=borrower.actor))


def test_the_database_takes_no_cut_that_raises(call, limit_id, analyst):
    cut_limit(cut(limit_id, "5000"), call(actor=analyst))
    row = LimitCut.objects.get()
    row.id, row.becomes_minor = uuid4(), row.was_minor
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_lists_tell_open_used_and_ended_limits(limit_id, django_assert_max_num_queries):
    today = platform_clock.business_date()
    with django_assert_max_num_queries(4):
        (row,) = find_limits(today, use="open", limit=10)
    assert row.id == limit_id
    assert [count_limits(today, use=one) for one in ("open", "used", "ended")] == [1, 0, 0]
    CreditLimit.objects.update(valid_until="2020-01-01")
    assert [count_limits(today, use=one) for one in ("open", "used", "ended")] == [0, 0, 1]
