"""Putting a payment right on the desk: worked out first, one proposes, another decides."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.corrections import Correction
from rongqiao.lending.servicing.models.loans import Instalment, Loan
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.amending.corrections import list_payments
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.loans import PayIn, assert_books_hold, pay_in
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
    """A loan twenty days late with 100.00 paid, and money in the wallet."""
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    catch_up(date(2026, 2, 25))
    loan, amount = Loan.objects.get(), Money.yuan("100.00")
    system = {"actor": "system:test"}
    pay_in(PayIn(party=loan.party_id, amount=Money.yuan("50000.00")), call(**system))
    repay(Repay(loan_id=loan.pk, party_id=loan.party_id, amount=amount), call(**system))
    return loan


def post(client, name, loan, *rest, **fields):
    address = reverse(name, args=[loan.pk, *rest])
    return client.post(address, {"key": uuid4(), **fields}, follow=True)


def word(client, loan, name, **fields):
    return post(client, "decide-correction", loan, Correction.objects.get().pk, name, **fields)


@pytest.mark.usefixtures("static_files")
def test_a_payment_is_taken_back_by_two(call, clock, staff, hire):
    loan = overdue(call, clock)
    first, second = client_of(hire("finance")), client_of(hire("finance"))
    page = reverse("loan-corrections", args=[loan.pk])
    assert page in first.get(reverse("desk-loan", args=[loan.pk])).content.decode()
    (payment,) = list_payments(loan.pk)
    told = text_of(first.get(page, {"journal": payment.journal}))
    assert "退入钱包" in told
    assert "100.00" in told
    assert "没有这笔还款" in text_of(first.get(page, {"journal": 10**9}))
    asked = {"journal": payment.journal, "cause": "charge-back", "reason": "银行退单"}
    for wrong in ({"reason": ""}, {"cause": "whim"}, {"journal": "x"}):
        assert post(first, "reverse-payment", loan, **{**asked, **wrong}).status_code == 422
    assert "等待另一位复核" in text_of(post(first, "reverse-payment", loan, **asked))
    assert "批准更正" not in text_of(first.get(page))
    assert "批准更正" in text_of(second.get(page))
    assert word(first, loan, "approve").status_code == 403
    assert "刷新页面后再决定" in text_of(word(second, loan, "approve", shown=1))
    told = text_of(word(second, loan, "approve"))
    assert "已办理" in told
    assert "已更正" in told
    assert list_payments(loan.pk) == ()
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
def test_a_payment_counts_from_its_day_once_two_agree(call, clock, staff, hire):
    loan = overdue(call, clock)
    first, second = client_of(hire("operator")), client_of(hire("finance"))
    page = reverse("loan-corrections", args=[loan.pk])
    due_on = Instalment.objects.get(loan=loan, no=1).due_on
    asked = {"amount": "200.00", "value_on": due_on.isoformat()}
    assert "退还的息费" in text_of(first.get(page, asked))
    for wrong in (
        {"amount": "x"},
        {"value_on": "2026-02-30"},
        {"value_on": "2026-02-25"},
        {"amount": "99999.00"},
    ):
        assert first.get(page, {**asked, **wrong}).status_code == 422
    assert post(first, "backdate-payment", loan, **asked, reason="").status_code == 422
    post(first, "backdate-payment", loan, **asked, reason="到账延误")
    assert "退还的息费" in text_of(second.get(page))
    assert "已办理" in text_of(word(second, loan, "approve"))
    assert [one.value_on for one in list_payments(loan.pk)][-1] == due_on
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_nobody_else_puts_anything_right(call, clock, staff, hire, role):
    loan = overdue(call, clock)
    client = client_of(hire(role))
    page = text_of(client.get(reverse("loan-corrections", args=[loan.pk])))
    assert "试算" not in page
    assert "冲正还款" not in page
    journal = list_payments(loan.pk)[0].journal
    asked = {"journal": journal, "cause": "charge-back", "reason": "x"}
    assert post(client, "reverse-payment", loan, **asked).status_code == 404
    assert not Correction.objects.exists()


@pytest.mark.browser
def test_finance_gives_the_penalty_of_a_late_booking_back_in_a_browser(
    site, call, clock, staff, hire, open_page, look
):
    loan = overdue(call, clock)
    users = [get_user_model().objects.get(pk=hire("finance")) for _ in range(2)]
    due_on = Instalment.objects.get(loan=loan, no=1).due_on
    page = open_page(width=1440, user=users[0])
    page.goto(site(reverse("desk-loan", args=[loan.pk])))
    page.get_by_role("link", name="更正还款").click()
    page.get_by_label("还款金额").fill("200.00")
    page.get_by_label("起算日").fill(due_on.isoformat())
    look(page)
    page.get_by_role("button", name="试算").click()
    page.get_by_role("columnheader", name="更正前").wait_for()
    look(page)
    page.get_by_label("更正理由").fill("到账延误")
    page.get_by_role("button", name="提交复核").click()
    page.get_by_text("还款更正已提交").wait_for()
    other = open_page(width=390, user=users[1])
    other.goto(site(reverse("loan-corrections", args=[loan.pk])))
    look(other)
    other.get_by_role("button", name="批准更正").click()
    other.get_by_text("已更正").first.wait_for()
    look(other)
    assert Correction.objects.get().state == "approved"
    assert_books_hold()
