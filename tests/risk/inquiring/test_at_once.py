"""Many at once: one question is one charge, and a day's budget is never overspent."""

import pytest

from rongqiao.platform import jobs
from rongqiao.policies.credit.sources import BY_CODE
from rongqiao.risk.jobs import inquiring
from rongqiao.risk.models.inquiries import Inquiry, InquiryDay
from rongqiao.risk.operations.inquiring.open_inquiry import OpenInquiry, open_inquiry
from rongqiao.risk.operations.inquiring.record_answer import (
    InquiryEnded,
    RecordAnswer,
    record_answer,
)
from tests.parties.people import actor, at_once, make_person
from tests.risk.inquiring.conftest import agree


@pytest.fixture(autouse=True)
def by_hand(live_db):
    with jobs.done_by_hand("risk.ask_source", "risk.fall_back"):
        yield


def opening(call, user_id, party_id, source="judicial"):
    command = OpenInquiry(source=source, party_id=party_id, user_id=user_id, purpose="application")
    made = call(actor=actor(user_id))
    return lambda: open_inquiry(command, made)


def test_eight_that_ask_the_same_are_one_question(live_db, call, registries):
    user_id, party_id = make_person(call, 1)
    agree(call, user_id)
    answers = at_once([opening(call, user_id, party_id) for _ in range(8)])
    assert len({answer.inquiry_id for answer in answers}) == 1
    (row,) = Inquiry.objects.all()
    inquiring.ask_source(str(row.pk))
    again = at_once([opening(call, user_id, party_id) for _ in range(8)])
    assert {answer.outcome for answer in again} == {"answered"}
    assert sum(one.charged_minor for one in Inquiry.objects.all()) == 100
    assert registries.counted() == {"judicial": 1}


def test_of_twelve_at_once_only_as_many_are_asked_as_the_day_can_pay(live_db, call):
    people = [make_person(call, number) for number in range(12)]
    for user_id, _party in people:
        agree(call, user_id, "public_records")
    source = BY_CODE["judicial"]
    opening(call, *people[0])()
    left = 4
    InquiryDay.objects.update(spent_minor=source.daily_budget_minor - left * source.cost_minor - 1)
    answers = at_once([opening(call, *person) for person in people[1:]])
    outcomes = [answer.outcome for answer in answers]
    assert sorted(set(outcomes)) == ["open", "refused"]
    assert outcomes.count("open") == left
    day = InquiryDay.objects.get()
    assert day.spent_minor <= day.budget_minor


def test_of_eight_answers_at_once_the_first_stands(live_db, call):
    user_id, party_id = make_person(call, 1)
    agree(call, user_id)
    opened = opening(call, user_id, party_id)()

    def answering(number):
        outcome = "no-record" if number % 2 else "failed"
        command = RecordAnswer(
            inquiry_id=opened.inquiry_id, outcome=outcome, tries=1, latency_ms=number
        )
        made = call(actor="system:risk.jobs")
        return lambda: record_answer(command, made)

    answers = at_once([answering(number) for number in range(8)])
    assert sum(isinstance(answer, InquiryEnded) for answer in answers) == 7
    first = next(one for one in answers if not isinstance(one, InquiryEnded))
    assert Inquiry.objects.get().outcome == first.outcome
