"""What a borrower's pages say once the matter is done: signed, lent, paid off."""

import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement, Application, CostSheet
from rongqiao.lending.servicing.models.amending.quotes import PayoffQuote
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    RegisterReceipt,
    register_receipt,
)
from rongqiao.platform import clock as time
from rongqiao.platform import relay
from rongqiao.web.borrower.loans import plan_chart, plan_totals
from tests.makers import journeys
from tests.parties.people import actor, make_user

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def borrower(call, clock):
    """Somebody with 2,000 yuan who signed for 20,000 more; nothing is paid out yet."""
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    relay.drain(SUBSCRIBERS)
    found = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    pay_in(call, staff, found)
    journeys.signed_loan(call, clock, found)
    return found


def pay_in(call, staff, borrower):
    officers = [make_user(), make_user()]
    for officer in officers:
        journeys.give_role(call, *staff.administrators, officer, "finance")
    receipt = RegisterReceipt(
        party_id=borrower.party_id,
        amount=Money.yuan("2000"),
        bank_serial="B20260105",
        received_on=date(2026, 1, 5),
        payer="王小明",
    )
    noted = register_receipt(receipt, call(actor=actor(officers[0])))
    confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), call(actor=actor(officers[1])))


@pytest.fixture
def client(borrower):
    client = Client()
    user = get_user_model().objects.get(pk=borrower.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def loan(borrower):
    relay.drain(SUBSCRIBERS)
    return Loan.objects.get()


def pay_off(client, loan, on):
    address = reverse("payoff", args=[loan.pk])
    quoted = client.post(address, {"key": uuid4(), "valid_on": on})["Location"]
    assert client.post(quoted, {"key": uuid4()}).status_code == 302
    loan.refresh_from_db()
    assert loan.state == "closed"


def test_what_is_signed_is_not_offered_for_signing_again(client):
    sheet, agreement = CostSheet.objects.get(), Agreement.objects.get()
    signed = reverse("agreement", args=[agreement.pk])
    answer = client.get(reverse("sign", args=[sheet.pk]))
    assert (answer.status_code, answer["Location"]) == (302, signed)
    page = client.get(reverse("cost-sheet", args=[sheet.pk])).content.decode()
    assert signed in page
    assert reverse("sign", args=[sheet.pk]) not in page


def test_nobody_is_asked_to_withdraw_what_is_signed_or_lent(client):
    case = Application.objects.get()
    page, address = (reverse(f"application{part}", args=[case.pk]) for part in ("", "-withdraw"))
    assert address not in client.get(page).content.decode()
    answer = client.get(address, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "合同已签署，正在放款，不能撤回。" in answer.content.decode()
    relay.drain(SUBSCRIBERS)
    assert "款项已经发放或额度已经生效" in client.get(address, follow=True).content.decode()


def test_a_plan_ended_by_its_payoff_adds_up_to_what_was_paid(client, loan):
    catch_up(date(2026, 1, 20))
    pay_off(client, loan, time.business_date().isoformat())
    paid = -sum(
        entry.principal_minor + entry.interest_minor + entry.fee_minor + entry.penalty_minor
        for entry in LoanEntry.objects.filter(kind="payoff")
    )
    quote = PayoffQuote.objects.get()
    detail = get_loan(loan.pk, time.business_date())
    assert detail.prepayment_fee_paid == Money(quote.prepayment_fee_minor)
    assert plan_totals(detail.rows)["payment"] + detail.prepayment_fee_paid == Money(paid)
    page = client.get(reverse("loan", args=[loan.pk])).content.decode()
    rows = Instalment.objects.count()
    assert f"已还 0 / {rows} 期 · {rows} 期已提前结清" in page
    assert page.count("已提前结清</span>") == rows
    total = re.search(r'<tfoot>.*?class="r pay">([\d,.]+)<', page).group(1)
    assert Money.yuan(total.replace(",", "")) + detail.prepayment_fee_paid == Money(paid)


def test_a_certificate_on_its_way_is_told_as_such(client, loan):
    pay_off(client, loan, time.business_date().isoformat())
    address = reverse("certificate", args=[loan.pk])
    coming = "结清证明正在开具，稍后刷新。"
    assert coming in client.get(reverse("loan", args=[loan.pk])).content.decode()
    answer = client.get(address)
    assert answer.status_code == 200
    assert coming in answer.content.decode()
    assert client.get(reverse("certificate-pdf", args=[loan.pk]))["Location"] == address
    relay.drain(SUBSCRIBERS)
    assert coming not in client.get(reverse("loan", args=[loan.pk])).content.decode()
    assert "贷款结清证明" in client.get(address).content.decode()


def test_a_loan_that_is_not_closed_has_no_certificate_on_its_way(client, loan):
    assert client.get(reverse("certificate", args=[loan.pk])).status_code == 404


def test_one_repayment_is_drawn_without_a_line(loan):
    many = get_loan(loan.pk, time.business_date())
    assert plan_chart(many).line
    chart = plan_chart(replace(many, chart=many.chart[:1]))
    assert not chart.line
    assert [one["kind"] for one in chart.content["series"]] == ["bar", "bar"]


def test_both_ways_to_prepay_stand_side_by_side_and_the_chosen_one_is_the_plan(client, loan):
    catch_up(date(2026, 1, 20))
    page = client.get(reverse("loan", args=[loan.pk])).content.decode()
    address = reverse("prepay", args=[loan.pk])
    assert address in page
    for wrong in ("0", "abc", "20000", "20000.01", ""):
        answer = client.post(address, {"key": uuid4(), "principal": wrong})
        assert answer.status_code == 422, wrong
    quoted = client.post(address, {"key": uuid4(), "principal": "10000"})["Location"]
    page = client.get(quoted).content.decode()
    assert page.count("下期应还") == page.count("节省利息") == 2
    answer = client.post(quoted, {"key": uuid4(), "choice": "neither"})
    assert answer.status_code == 422
    answer = client.post(quoted, {"key": uuid4(), "choice": "shorten"}, follow=True)
    page = answer.content.decode()
    assert "新的还款计划已生效" in page
    assert "已提前还本" in page
    assert "2026-01-20 提前还款之前的计划" in page
    used = client.get(quoted).content.decode()
    assert "已按这份报价提前还款" in used
    assert "确认支付" not in used
    detail = get_loan(loan.pk, time.business_date())
    assert detail.card.matures_on < date(2027, 1, 5)
    assert plan_totals(detail.rows)["principal"] == detail.card.principal


def test_nothing_is_prepaid_before_what_is_due(client, loan):
    catch_up(date(2026, 2, 5))
    page = client.get(reverse("prepay", args=[loan.pk])).content.decode()
    assert "请先还清今天应还的" in page
    assert "比较还法" not in page


def test_of_several_overdue_instalments_the_borrower_pays_the_one_that_is_chosen(client, loan):
    catch_up(date(2026, 3, 10))
    address = reverse("repay", args=[loan.pk])
    offered = re.findall(r'href="\?amount=([\d.]+)&amp;instalment=(\d+)"', text(client, address))
    assert [no for _amount, no in offered] == ["1", "2"]
    amount, no = offered[1]
    asked = {"amount": amount, "instalment": no}
    assert "这笔还款将这样分配" in client.get(address, asked).content.decode()
    answer = client.post(address, {"key": uuid4(), "expected": amount, **asked})
    assert answer.status_code == 302
    settled = Instalment.objects.exclude(settled_on=None).values_list("no", flat=True)
    assert list(settled) == [2]
    assert text(client, address).count("还这一期") == 0


def text(client, address):
    return client.get(address).content.decode()
