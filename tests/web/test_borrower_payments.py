"""Money on the borrower's pages: shown first, taken once, refused in one sentence."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.platform import relay
from tests.makers import banking, journeys

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def borrower(call, clock):
    """Somebody with a loan of 20,000 yuan in the wallet, first due on 2026-02-05."""
    journeys.publish_first_products(call, journeys.make_staff(call))
    relay.drain(SUBSCRIBERS)
    found = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    journeys.signed_loan(call, clock, found)
    relay.drain(SUBSCRIBERS)
    return found


@pytest.fixture
def client(borrower):
    client = Client()
    user = get_user_model().objects.get(pk=borrower.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def overdue(borrower):
    """The loan, two instalments late."""
    catch_up(date(2026, 3, 15))
    loan = Loan.objects.get()
    assert loan.state == "overdue"
    return loan


def fields_of(page):
    """Return what the confirmation's form would send."""
    text = page.content.decode()
    names = ("key", "amount", "instalment", "expected", "account")
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', text) for name in names}
    return {name: one.group(1) for name, one in found.items() if one}


def shown_lines(page):
    """Return bucket and amount of every line of the allocation shown."""
    cells = re.findall(
        r'<td data-label="期数">(\d+)</td><td data-label="用于">([^<]+)</td>'
        r'<td data-label="金额" class="r">([\d,.]+)</td>',
        page.content.decode(),
    )
    return [(int(no), bucket, amount.replace(",", "")) for no, bucket, amount in cells]


def test_the_allocation_shown_is_the_allocation_taken(client, overdue):
    address = reverse("repay", args=[overdue.pk])
    page = client.get(address, {"amount": "2000"})
    lines = shown_lines(page)
    assert sum(Money.yuan(amount).minor for _no, _bucket, amount in lines) == 200_000
    assert client.post(address, fields_of(page)).status_code == 302
    entries = LoanEntry.objects.filter(kind="repayment").order_by("instalment_no")
    names = {"费用": "fee", "罚息": "penalty", "利息": "interest", "本金": "principal"}
    for no, bucket, amount in lines:
        entry = next(one for one in entries if one.instalment_no == no)
        assert getattr(entry, f"{names[bucket]}_minor") == -Money.yuan(amount).minor
    assert wallet_of(overdue.party_id).balance == Money.yuan("18000.00")


def test_one_instalment_may_be_paid_alone(client, overdue):
    address = reverse("repay", args=[overdue.pk])
    row = overdue.instalments.get(no=2)
    page = client.get(address, {"amount": Money(row.left_minor).text(), "instalment": "2"})
    assert {no for no, _bucket, _amount in shown_lines(page)} == {2}
    assert client.post(address, fields_of(page)).status_code == 302
    row.refresh_from_db()
    assert row.settled_on == date(2026, 3, 15)
    assert overdue.instalments.get(no=1).settled_on is None


def test_a_double_click_pays_once_and_a_second_form_is_told_of_the_change(client, overdue):
    address = reverse("repay", args=[overdue.pk])
    first = fields_of(client.get(address, {"amount": "100"}))
    second = fields_of(client.get(address, {"amount": "100"}))
    assert [client.post(address, first).status_code for _ in range(2)] == [302, 302]
    assert wallet_of(overdue.party_id).balance == Money.yuan("19900.00")
    late = client.post(address, second)
    assert late.status_code == 422
    assert "应还金额已经变化" in late.content.decode()
    assert wallet_of(overdue.party_id).balance == Money.yuan("19900.00")


@pytest.mark.parametrize(
    "amount", ["", "0", "-1", "1.234", "１００", "1e3", "NaN", "99999999999999999", "3700"]
)
def test_a_wrong_amount_is_one_sentence_and_stays_in_the_form(client, overdue, amount):
    answer = client.get(reverse("repay", args=[overdue.pk]), {"amount": amount})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("还款金额「" in page) or ("请填写还款金额" in page)
    assert f'value="{amount}"' in page or not amount
    assert LoanEntry.objects.filter(kind="repayment").count() == 0


def test_an_empty_wallet_is_told_and_nothing_is_taken(
    client, overdue, borrower, call, clock, monkeypatch
):
    banking.put_in_place(monkeypatch, clock)
    owner = (borrower.user_id, borrower.party_id)
    account = banking.add_card(call, owner)
    clock.move(CARD_HOLD)
    wish = banking.withdrawal(owner, account, "20000")
    request_withdrawal(wish, call(actor=borrower.actor))
    repay = reverse("repay", args=[overdue.pk])
    answer = client.post(repay, fields_of(client.get(repay, {"amount": "100"})))
    assert answer.status_code == 422
    assert "账户可用余额 0.00 元" in answer.content.decode()
    assert LoanEntry.objects.filter(kind="repayment").count() == 0


def test_a_quote_of_another_day_is_not_paid_today(client, borrower):
    loan = Loan.objects.get()
    address = reverse("payoff", args=[loan.pk])
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', client.get(address).content.decode())
    quoted = client.post(address, {"key": key.group(1), "valid_on": "2026-01-10"})["Location"]
    page = client.get(quoted).content.decode()
    assert "请在 2026-01-10 当天回到这里支付" in page
    answer = client.post(quoted, {"key": uuid4()})
    assert answer.status_code == 422
    assert "这份报价只在 2026-01-10 当天有效" in answer.content.decode()
