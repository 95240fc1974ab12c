"""Giving charges up on the loan's page of the desk: one proposes, another decides."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.servicing.models.amending.waivers import Waiver
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.amending.waivers import waivable_of
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.loans import assert_books_hold
from tests.parties.people import make_user
from tests.web.finance_desk import client_of, text_of


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def hire(call, staff):
    def make(*roles):
        user_id = make_user()
        for role in roles:
            journeys.give_role(call, *staff.administrators, user_id, role)
        return user_id

    return make


def overdue(call, clock):
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    catch_up(date(2026, 2, 25))
    return Loan.objects.get()


def word(client, loan, name):
    waiver = Waiver.objects.latest("proposed_at")
    address = reverse("waiver-decide", args=[loan.pk, waiver.pk, name])
    return client.post(address, {"key": uuid4()}, follow=True)


@pytest.mark.usefixtures("static_files")
def test_one_proposes_and_another_gives_it_up(call, clock, staff, hire):
    loan = overdue(call, clock)
    first, second = client_of(hire("finance")), client_of(hire("finance"))
    page = reverse("desk-loan", args=[loan.pk])
    due = waivable_of(loan.pk)
    assert due.penalty.text() in text_of(first.get(page))
    asked = {"penalty": due.penalty.text(), "interest": "0.00", "fee": "0.00"}
    propose = reverse("waiver-propose", args=[loan.pk])
    for wrong in (
        {**asked, "reason": ""},
        {**asked, "penalty": "99999.00", "reason": "系统故障"},
        {**asked, "penalty": "x", "reason": "系统故障"},
    ):
        assert first.post(propose, {"key": uuid4(), **wrong}).status_code == 422
    answer = first.post(propose, {"key": uuid4(), **asked, "reason": "系统故障"}, follow=True)
    assert "等待另一位复核" in text_of(answer)
    assert "批准减免" not in text_of(first.get(page))
    assert "批准减免" in text_of(second.get(page))
    assert word(first, loan, "approve").status_code == 403
    assert "已办理" in text_of(word(second, loan, "approve"))
    assert "已经办理过" in text_of(word(second, loan, "decline"))
    assert waivable_of(loan.pk).penalty.minor == 0
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_nobody_else_gives_anything_up(call, clock, staff, hire, role):
    loan = overdue(call, clock)
    client = client_of(hire(role))
    assert "提出减免" not in text_of(client.get(reverse("desk-loan", args=[loan.pk])))
    asked = {"key": uuid4(), "penalty": "0.01", "interest": "0", "fee": "0", "reason": "理由"}
    assert client.post(reverse("waiver-propose", args=[loan.pk]), asked).status_code == 404
    assert not Waiver.objects.exists()


@pytest.mark.browser
def test_finance_gives_a_penalty_up_in_a_browser(site, call, clock, staff, hire, open_page, look):
    loan = overdue(call, clock)
    users = [get_user_model().objects.get(pk=hire("finance")) for _ in range(2)]
    page = open_page(width=1440, user=users[0])
    page.goto(site(reverse("desk-loan", args=[loan.pk])))
    look(page)
    page.get_by_label("减免理由").fill("系统故障致延误")
    page.get_by_role("button", name="提出减免").click()
    page.get_by_text("减免已提交").wait_for()
    look(page)
    other = open_page(width=390, user=users[1])
    other.goto(site(reverse("desk-loan", args=[loan.pk])))
    look(other)
    other.get_by_role("button", name="批准减免").click()
    other.get_by_text("已减免").first.wait_for()
    look(other)
    assert waivable_of(loan.pk).penalty.minor == 0
