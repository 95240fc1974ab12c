"""A borrower's pages of a loan drawn in several sums: signing for a part, drawing the next one."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.draws import FurtherDraw
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform import relay
from tests.makers import journeys

pytestmark = pytest.mark.usefixtures("static_files")
ASKED = {"amount": "50000.00", "monthly_income": "30000.00", "purpose": "home-improvement"}


@pytest.fixture
def borrower(call, clock):
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    found = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    return found


def client_of(borrower):
    client = Client()
    user = get_user_model().objects.get(pk=borrower.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def client(borrower):
    return client_of(borrower)


@pytest.fixture
def loan(call, clock, borrower):
    first = Money.yuan("20000.00")
    journeys.signed_loan(call, clock, borrower, "renovation-stages", first, **ASKED)
    relay.drain(SUBSCRIBERS)
    return Loan.objects.get()


def text_of(client, address):
    return client.get(address).content.decode()


def test_the_first_sum_is_chosen_at_the_signature(call, clock, borrower, client):
    case, state = journeys.apply(call, borrower, "renovation-stages", **ASKED)
    assert state == "approved"
    journeys.accept(call, borrower, case)
    sheet = journeys.read_sheet(call, clock, borrower, application_id=case)
    address = reverse("sign", args=[sheet])
    page = text_of(client, address)
    assert "首次放款金额" in page
    assert "分次放款：乙方可分次提取借款，最多 4 次" in page
    given = {"key": uuid4(), "agree": "on", "first": "4999.99"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert "请填 5000.00 到 50000.00 元" in refused.content.decode()
    assert client.post(address, given | {"first": "20000"}).status_code == 302
    relay.drain(SUBSCRIBERS)
    assert Loan.objects.get().principal_minor == 2_000_000


def test_the_new_plan_is_read_before_the_next_sum_is_lent(client, loan):
    catch_up(date(2026, 1, 20))
    page = text_of(client, reverse("loan", args=[loan.pk]))
    address = reverse("draw-further", args=[loan.pk])
    assert address in page
    assert "¥30,000.00" in text_of(client, address)
    for amount, told in (
        ("4999.99", "请填 5000.00 到 30000.00 元"),
        ("30000.01", "请填 5000.00 到 30000.00 元"),
        ("１００００", "半角数字"),
        ("", "提取金额"),
    ):
        refused = client.post(address, {"key": uuid4(), "amount": amount})
        assert refused.status_code == 422
        assert told in refused.content.decode()
    assert not FurtherDraw.objects.exists()
    quoted = client.post(address, {"key": uuid4(), "amount": "20000"})["Location"]
    shown = text_of(client, quoted)
    assert "确认提取" in shown
    assert "53.23" in shown
    loan.refresh_from_db()
    assert loan.principal_minor == 2_000_000
    key = uuid4()
    for _ in range(2):
        # A double click draws once.
        assert client.post(quoted, {"key": key}).status_code == 302
    loan.refresh_from_db()
    assert loan.principal_minor == 4_000_000
    page = text_of(client, reverse("loan", args=[loan.pk]))
    assert "再次放款之前的计划" in page
    assert "补充协议" in page
    assert "¥10,000.00" in page
    assert "已按这份计划放款" in text_of(client, quoted)
    paper = FurtherDraw.objects.get()
    supplement = text_of(client, reverse("supplement", args=[loan.pk, paper.pk]))
    assert "贰万元整" in supplement
    statement = text_of(client, reverse("loan-statement", args=[loan.pk]))
    assert "再次放款重排计划" in statement


def test_what_stands_in_the_way_is_said_instead_of_a_form(client, loan):
    catch_up(date(2026, 2, 9))
    address = reverse("draw-further", args=[loan.pk])
    page = text_of(client, address)
    assert "您有到期未还的款项，请先还清，再提取借款。" in page
    assert "查看新的还款计划" not in page
    refused = client.post(address, {"key": uuid4(), "amount": "5000"})
    assert refused.status_code == 422


def test_a_loan_of_somebody_else_is_not_there_to_draw_on(call, client, loan):
    quoted = client.post(
        reverse("draw-further", args=[loan.pk]), {"key": uuid4(), "amount": "5000"}
    )["Location"]
    stranger = client_of(journeys.make_borrower(call, 9))
    for address in (reverse("draw-further", args=[loan.pk]), quoted):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, {"key": uuid4(), "amount": "5000"}).status_code == 404
    loan.refresh_from_db()
    assert loan.principal_minor == 2_000_000


def test_a_product_page_says_in_how_many_sums_it_is_drawn(client, borrower):
    assert "最多 4 次" in text_of(client, reverse("product", args=["renovation-stages"]))
    assert "分次放款" not in text_of(client, reverse("product", args=["consumer-monthly"]))
