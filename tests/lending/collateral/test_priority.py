"""An application that a free vehicle secures goes first in the queue, and says why."""

from datetime import timedelta

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.queries.reviewing.queue import QueueFilters, list_queue
from rongqiao.platform import clock, relay
from tests.makers.journeys import apply, make_borrower
from tests.makers.securing import decide_on_release, pledged, valued, wish_release


@pytest.fixture
def waiting(call, clock, products):
    """Two cases that wait for a reviewer, longest first, and their borrowers."""
    cases = []
    for number in (7, 8):
        borrower = make_borrower(call, number)
        wish = {"amount": "60000", "term_count": "24", "monthly_income": "20000"}
        application_id, state = apply(call, borrower, **wish)
        assert state == "referred"
        cases.append((application_id, borrower))
        clock.move(timedelta(minutes=1))
    return cases


def queue():
    relay.drain(SUBSCRIBERS)
    return [(one.row.id, one.goes_first_for) for one in list_queue(QueueFilters(), clock.now())]


def test_a_free_vehicle_goes_before_who_waits_longer(call, desk, waiting):
    (first, _one), (second, borrower) = waiting
    assert queue() == [(first, ""), (second, "")]
    car = valued(call, desk, borrower.party_id)
    pledge_id = pledged(call, desk, car, "50000", application_id=second)
    assert queue() == [(second, "free-vehicle"), (first, "")]
    deposit = valued(call, desk, borrower.party_id, "deposit", yuan="50000", basis="face")
    value_of_rest = "47500"
    pledged(call, desk, deposit, value_of_rest, application_id=second)
    house = valued(call, desk, borrower.party_id, "real_estate", yuan="1000000")
    pledged(call, desk, house, "60000", application_id=second)
    decide_on_release(call, desk, wish_release(call, desk, pledge_id, "surplus"))
    assert queue() == [(first, ""), (second, "")]


@pytest.mark.parametrize("prior", ["0.01", "1000"])
def test_a_vehicle_with_a_charge_of_others_waits_like_the_rest(call, desk, waiting, prior):
    (first, _one), (second, borrower) = waiting
    car = valued(call, desk, borrower.party_id, prior=prior)
    pledged(call, desk, car, "50000", application_id=second)
    assert queue() == [(first, ""), (second, "")]


def test_the_second_rank_on_a_vehicle_waits_like_the_rest(call, desk, waiting):
    (first, one), (second, _other) = waiting
    car = valued(call, desk, one.party_id, yuan="200000")
    pledged(call, desk, car, "60000", application_id=second)
    pledged(call, desk, car, "60000", application_id=first)
    assert queue() == [(second, "free-vehicle"), (first, "")]
