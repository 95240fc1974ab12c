"""The form asks for home, employer and contact without need, and fills in what was said before."""

from uuid import uuid4

import pytest
from django.urls import reverse

from tests.makers import journeys
from tests.web.finance_desk import client_of, text_of

pytestmark = pytest.mark.usefixtures("static_files")
TOLD = {
    "home_address": "杭州市西湖区文三路 12 号 3 幢 501 室",
    "contact_name": "王小明",
    "contact_relation": "friend",
    "contact_phone": "+86 138-0013-9999",
}


@pytest.fixture
def borrower(call):
    journeys.publish_first_products(call, journeys.make_staff(call))
    return journeys.make_borrower(call, 1)


def send(client, case, **fields):
    where = reverse("application-step", args=[case, "household"])
    given = {"key": str(uuid4()), "housing": "own", "monthly_debt_service": "0", **fields}
    return client.post(where, given)


def test_what_is_wrong_is_said_beside_its_field_and_nothing_of_it_is_needed(call, borrower):
    client = client_of(borrower.user_id)
    case = journeys.start(call, borrower, "consumer-monthly")
    wrong = send(client, case, **TOLD | {"contact_phone": "12345"})
    assert wrong.status_code == 422
    assert "紧急联系人手机号不对：请填 11 位手机号。" in text_of(wrong)
    assert '<details class="border border-base-300 rounded p-4" open>' in text_of(wrong)
    assert send(client, case).status_code == 302


def test_the_next_application_is_filled_in_from_the_last_for_the_borrower_to_check(call, borrower):
    client = client_of(borrower.user_id)
    case = journeys.fill_in(call, borrower, "consumer-monthly")
    assert send(client, case, **TOLD).status_code == 302
    journeys.hand_in(call, borrower, case)
    fresh = journeys.start(call, borrower, "consumer-monthly")
    shown = text_of(client.get(reverse("application-step", args=[fresh, "household"])))
    assert "已按上次申请填好，请核对后保存。" in shown
    assert "13800139999" in shown
    other = client_of(journeys.make_borrower(call, 2).user_id)
    assert other.get(reverse("application-step", args=[fresh, "household"])).status_code == 404
