"""Limits hold for many at once, and for those who lie about where they come from."""

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.test import Client, RequestFactory

from tests.parties.people import at_once

pytestmark = pytest.mark.usefixtures("static_files")


def test_of_thirty_requests_at_once_no_more_than_the_limit_pass(live_db, clock):
    request = RequestFactory().post("/account/signup/")

    def trying():
        return ratelimit.consume(request, action="request_login_code", key="13800138000")

    passed = sum(answer is True for _ in range(3) for answer in at_once([trying] * 10))
    assert 1 <= passed <= 6


def test_a_forged_forwarded_address_counts_as_the_real_one(clock):
    request = RequestFactory().post("/", headers={"x-forwarded-for": "203.0.113.9"})
    assert get_adapter(request).get_client_ip(request) == "127.0.0.1"


def test_a_limit_answers_429_and_says_when_to_come_back(clock):
    answers = [
        Client().post("/account/login/", {}, headers={"x-forwarded-for": f"203.0.113.{n}"})
        for n in range(31)
    ]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
