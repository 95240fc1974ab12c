"""Credit limits on the desk: the list and its files, and a cut that the borrower reads."""

from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import CreditLimit
from tests.makers import journeys
from tests.parties.people import make_user
from tests.web.finance_desk import client_of, text_of

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def borrower(call, staff):
    return journeys.make_borrower(call)


@pytest.fixture
def limit(call, clock, borrower):
    _case, signed = journeys.signed_loan(call, clock, borrower, "daily-revolving")
    return CreditLimit.objects.get(pk=signed.limit_id)


@pytest.fixture
def analyst(call, staff):
    user_id = make_user()
    journeys.give_role(call, *staff.administrators, user_id, "risk_analyst")
    return user_id


def test_the_analyst_cuts_and_the_borrower_reads_why(limit, borrower, analyst):
    desk, address = client_of(analyst), reverse("desk-limit", args=[limit.pk])
    listed = desk.get(reverse("desk-limits"))
    assert address in listed.content.decode()
    asked = {"key": uuid4(), "amount": "5000", "reason": "risk"}
    done = desk.post(address, asked, follow=True)
    assert "额度已由 20000.00 元调减为 5000.00 元。" in text_of(done)
    limit.refresh_from_db()
    assert Money(limit.amount_minor) == Money.yuan("5000")
    page = text_of(client_of(borrower.user_id).get(reverse("limit", args=[limit.pk])))
    assert "贷后风险评估" in page
    assert "5,000.00" in page


@pytest.mark.parametrize("amount", ["-1", "0.001", "1e3", "NaN", "20000", "９"])
def test_an_amount_that_does_not_fit_is_refused_with_a_sentence(limit, analyst, amount):
    desk, address = client_of(analyst), reverse("desk-limit", args=[limit.pk])
    answer = desk.post(address, {"key": uuid4(), "amount": amount, "reason": "risk"})
    assert answer.status_code == 422
    limit.refresh_from_db()
    assert Money(limit.amount_minor) == Money.yuan("20000")


def test_who_has_no_business_there_finds_no_page(limit, borrower):
    for address in (reverse("desk-limits"), reverse("desk-limit", args=[limit.pk])):
        assert client_of(borrower.user_id).get(address).status_code == 404


def test_the_list_is_a_file_too_and_narrows(limit, analyst, django_assert_max_num_queries):
    desk = client_of(analyst)
    with django_assert_max_num_queries(14):
        assert desk.get(reverse("desk-limits")).status_code == 200
    for form in ("csv", "xlsx"):
        file = desk.get(reverse("desk-limits"), {"format": form, "use": "open"})
        assert "attachment" in file.headers["Content-Disposition"]
    lines = desk.get(reverse("desk-limits"), {"format": "csv"}).content.decode().splitlines()
    assert len(lines) == 2
    assert "20000.00" in lines[1]
    none = text_of(desk.get(reverse("desk-limits"), {"use": "ended"}))
    assert "没有符合条件的额度" in none


@pytest.mark.browser
def test_the_pages_are_readable_in_every_light(call, clock, site, open_page, look):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    borrower, user_id = journeys.make_borrower(call), make_user()
    journeys.give_role(call, *made.administrators, user_id, "risk_analyst")
    _case, signed = journeys.signed_loan(call, clock, borrower, "daily-revolving")
    page = open_page(user=get_user_model().objects.get(pk=user_id))
    page.goto(site(reverse("desk-limits")))
    look(page)
    page.locator("a[data-open]").first.click()
    look(page)
    page.locator("[name=amount]").fill("5000")
    page.get_by_role("button", name="调减").click()
    page.get_by_text("调减为 5000.00 元").wait_for()
    look(page)
    page = open_page(user=get_user_model().objects.get(pk=borrower.user_id), width=390)
    page.goto(site(reverse("limit", args=[signed.limit_id])))
    page.get_by_text("贷后风险评估").wait_for()
    look(page)
