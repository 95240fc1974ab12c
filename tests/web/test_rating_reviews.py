"""Ratings looked at again on their day: by the worker, and by an officer where they are high."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from rongqiao.platform.models import BusinessDate, OperationRecord
from rongqiao.platform.operations import operation
from rongqiao.risk.jobs.laundering import review_ratings
from rongqiao.risk.models.laundering.casework import CustomerRating, LaunderingAlert
from rongqiao.risk.operations.laundering.raising import Raise, raise_alerts
from rongqiao.risk.operations.laundering.ratings.rate_customer import RateCustomer, rate_customer
from rongqiao.risk.operations.laundering.ratings.review_rating import ReviewRating, review_rating
from tests.makers.officers import make_officer
from tests.parties.people import actor, make_person
from tests.risk.laundering.test_patterns import answers
from tests.web.finance_desk import client_of, rows_of_csv, send, text_of

DUE = date(2028, 1, 5)


@pytest.fixture
def officer(clock):
    return make_officer(clock, role="compliance_officer")


@pytest.fixture
def rate_as(call, officer):
    """Rate a new customer by these answers; return the party."""

    def run(number=1, **more):
        _user, party_id = make_person(call, number)
        said = tuple(f"{factor}={word}" for factor, word in answers(**more).items())
        command = RateCustomer(party_id=party_id, answers=said, income_minor=8_000_00)
        rate_customer(command, call(actor=actor(officer)))
        return party_id

    return run


@operation("test.raise_one", restore=None)
def raise_one(command, call):
    raise_alerts(
        [Raise(party_id=command.party_id, kind="fan-in", score=0.75, evidence={}, basis="x")], call
    )


def levels(party_id):
    rows = CustomerRating.objects.filter(party_id=party_id).order_by("number")
    return list(rows.values_list("level", "rated_by", "review_on"))


def open_day(on):
    BusinessDate.objects.update(on=on)
    return review_ratings(on)


def test_nothing_happens_before_the_day_and_once_on_it(rate_as, officer):
    party_id = rate_as()
    assert open_day(DUE - timedelta(days=1)) == 0
    assert open_day(DUE) == 1
    assert open_day(DUE) == 0
    assert levels(party_id) == [
        ("low", actor(officer), DUE),
        ("low", "system:risk.jobs", date(2030, 1, 5)),
    ]
    assert not LaunderingAlert.objects.exists()
    record = OperationRecord.objects.get(name="risk.laundering.review_rating")
    assert "low" not in str(record.result)


@pytest.mark.usefixtures("static_files")
def test_what_happened_since_gives_another_class(rate_as, officer, call):
    """18 points are low; an alert that was dismissed meanwhile makes 22 and medium."""
    party_id = rate_as(trade="import-export", channel="agent")
    assert levels(party_id)[0][0] == "low"
    raise_one(ReviewRating(party_id=party_id), call(actor="system:test"))
    alert = LaunderingAlert.objects.get()
    client = client_of(officer)
    send(client, "laundering-alert-act", alert.pk, "dismiss", reason="商户收款")
    assert open_day(DUE) == 1
    assert levels(party_id)[-1] == ("medium", "system:risk.jobs", date(2029, 1, 5))
    assert LaunderingAlert.objects.count() == 1


@pytest.mark.usefixtures("static_files")
def test_a_high_level_raises_an_alert_and_stands_in_the_queue_until_an_officer_rates(
    rate_as, officer, call
):
    client = client_of(officer)
    party_id = rate_as(exposure="foreign-official")
    other = rate_as(2)
    page = reverse("laundering-ratings")
    assert "没有待审核的评级" in text_of(client.get(page, {"waiting": "1"}))
    assert open_day(date(2026, 7, 5)) == 1
    alert = LaunderingAlert.objects.get()
    assert (alert.kind, alert.party_id) == ("rating-review", party_id)
    assert "系统按现有事实评为高风险" in text_of(
        client.get(reverse("laundering-alert", args=[alert.pk]))
    )
    (row,) = rows_of_csv(client.get(page, {"waiting": "1", "format": "csv"}))
    assert row["等级"] == "高风险"
    said = {**answers(exposure="foreign-official"), "income": "8000.00", "key": str(uuid4())}
    del said["owners"]
    assert client.post(reverse("laundering-customer", args=[party_id]), said).status_code == 302
    assert "没有待审核的评级" in text_of(client.get(page, {"waiting": "1"}))
    send(client, "laundering-alert-act", alert.pk, "dismiss", reason="已重评")
    assert open_day(date(2027, 1, 5)) == 1
    last = CustomerRating.objects.filter(party_id=party_id).order_by("-number").first()
    assert dict(map(tuple, last.parts))["history"] == 0
    assert levels(other) == [("low", actor(officer), DUE)]


def test_a_review_that_was_missed_stands_in_the_queue(rate_as, officer):
    from rongqiao.risk.queries.laundering.ratings import count_waiting  # noqa: PLC0415

    rate_as()
    assert count_waiting(DUE) == 0
    assert count_waiting(DUE + timedelta(days=1)) == 1


def test_who_was_never_rated_is_left_alone(call):
    _user, party_id = make_person(call, 1)
    done = review_rating(ReviewRating(party_id=party_id), call(actor="system:test"))
    assert not done.was_due
    assert not CustomerRating.objects.exists()
