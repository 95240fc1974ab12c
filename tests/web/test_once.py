"""Double click, back button, lost answer: one effect, over real HTTP, on every form of the journey.

Two clicks arrive together; "back" sends the form again after its answer; a lost answer is a
connection closed before anything was read. Each time the same form carries the same key.
"""

import re
import threading
import time
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement, CostSheet, Drawing, Milestone
from rongqiao.lending.origination.queries.limits import list_limits
from rongqiao.lending.servicing.models.amending.quotes import PayoffQuote
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.money.ledger.queries.books import available, balance
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.parties.models import SmsMessage
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.queries import get_outgoing_sms
from rongqiao.platform.models import OperationRecord
from tests.faults.installation import Browser
from tests.makers import banking, journeys
from tests.makers.loans import PayIn, pay_in

PAID_IN = Money.yuan("5000.00")


def clicked_twice(browser, path, fields):
    line, answers = threading.Barrier(2), []

    def click():
        line.wait()
        answers.append(browser.post(path, fields))

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def gone_back(browser, path, fields):
    return [browser.post(path, fields) for _ in range(2)]


def answer_lost(browser, path, fields):
    browser.open("POST", path, fields).close()
    return [browser.post(path, fields)]


WAYS = [clicked_twice, gone_back, answer_lost]


def once(way, browser, path, operation, page=None, **fields):
    """Send a form in one of the ways; where it led to. It must stand on record exactly once."""
    shown = page or browser.get(path)
    key = shown.key
    carried = {"key": key}
    if 'name="shown_for"' in shown.text:
        carried["shown_for"] = shown.hidden("shown_for")
    answers = way(browser, path, {**carried, **fields})
    assert {answer.status for answer in answers} == {302}, [one.text for one in answers]
    (where,) = {answer.location for answer in answers}
    assert OperationRecord.objects.filter(name=operation, key=key).count() == 1
    return where


def asked_for(browser, path, fields):
    """Ask with the fields; the page that confirms them, and the fields to send."""
    return {"page": browser.get(f"{path}?{urlencode(fields)}"), **fields}


def code_texted():
    """Read the last code that was texted."""
    return re.search(r"\d{6}", get_outgoing_sms(SmsMessage.objects.latest("queued_at").pk).text)[0]


def until(is_so):
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def borrower(site, call):
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    return journeys.make_borrower(call)


@pytest.fixture
def browser(site, borrower):
    user = get_user_model().objects.get(pk=borrower.user_id)
    return Browser.of(int(site.address.rpartition(":")[2]), user)


def signed(way, browser, clock, case):
    """Accept, read, confirm and sign, each in the same way; where signing led to."""
    application = reverse("application", args=[case])
    sheet = once(
        way,
        browser,
        reverse("application-accept", args=[case]),
        "origination.accept_offer",
        page=browser.get(application),
    )
    assert Milestone.objects.filter(application_id=case, state="accepted").count() == 1
    assert CostSheet.objects.filter(application_id=case).count() == 1
    return confirmed_and_signed(way, browser, clock, sheet, "origination.sign_agreement")


def confirmed_and_signed(way, browser, clock, sheet, operation):
    clock.move(timedelta(seconds=60))
    sign = once(way, browser, sheet, "origination.confirm_cost_sheet")
    return once(way, browser, sign, operation, agree="on")


def assert_laws_hold():
    assert [law for law in check_all() if law.broken] == []


@pytest.mark.parametrize("way", WAYS)
def test_every_form_of_a_loans_life_has_one_effect(
    site, browser, borrower, call, clock, way, monkeypatch
):
    banking.put_in_place(monkeypatch, clock)
    account = banking.add_card(call, (borrower.user_id, borrower.party_id), 7)
    phone = SetPhone(user_id=borrower.user_id, phone="13800138000", is_proved=True)
    set_phone(phone, call(actor="system:test"))
    case, _state = journeys.apply(call, borrower)
    signed(way, browser, clock, case)
    assert Agreement.objects.count() == 1
    until(Loan.objects.exists)
    loan = Loan.objects.get()
    wallet = f"wallet:{borrower.party_id}"
    pay_in(PayIn(party=borrower.party_id, amount=PAID_IN), call())
    clock.move(timedelta(days=31))
    catch_up(date(2026, 2, 5))

    repay = reverse("repay", args=[loan.pk])
    row = loan.instalments.get(no=1)
    due = Money(row.principal_minor + row.interest_minor + row.fee_minor)
    page = browser.get(f"{repay}?amount={due.text()}&instalment=1")
    fields = {name: page.hidden(name) for name in ("amount", "instalment", "expected")}
    before = balance(wallet)
    once(way, browser, repay, "servicing.repay", page=page, **fields)
    assert LoanEntry.objects.filter(loan=loan, kind="repayment").count() == 1
    assert before - balance(wallet) == due

    free = available(wallet)
    money = {"amount": "100.00", "account": str(account)}
    top_up = reverse("top-up")
    once(way, browser, top_up, "payments.request_top_up", **asked_for(browser, top_up, money))
    withdraw = reverse("withdraw")
    where = once(
        way, browser, withdraw, "parties.ask_step_up", **asked_for(browser, withdraw, money)
    )
    proof = {"answer": code_texted(), "by": "sms", **money}
    once(way, browser, where, "payments.request_withdrawal", **proof)
    assert PaymentOrder.objects.count() == 2
    assert free - available(wallet) == Money.yuan("100.00")

    payoff = reverse("payoff", args=[loan.pk])
    quote = once(way, browser, payoff, "servicing.quote-payoff", valid_on="2026-02-05")
    assert PayoffQuote.objects.count() == 1
    once(way, browser, quote, "servicing.pay-off")
    assert LoanEntry.objects.filter(loan=loan, kind="payoff").count() == 1
    loan.refresh_from_db()
    assert loan.state == "closed"
    until(lambda: browser.ask("GET", reverse("certificate", args=[loan.pk])).status == 200)
    assert_laws_hold()


@pytest.mark.parametrize("way", WAYS)
def test_every_form_of_a_drawing_has_one_effect(site, browser, borrower, call, clock, way):
    case, _state = journeys.apply(call, borrower, "daily-revolving")
    where = signed(way, browser, clock, case)
    (limit,) = list_limits([borrower.party_id])
    assert where == reverse("limit", args=[limit.id])
    page = browser.get(f"{where}?amount=5000&term_count=3")
    sheet = once(
        way,
        browser,
        where,
        "origination.propose_drawing",
        page=page,
        amount="5000.00",
        term_count="3",
    )
    assert Drawing.objects.count() == 1
    confirmed_and_signed(way, browser, clock, sheet, "origination.draw")
    assert Agreement.objects.filter(kind="drawing").count() == 1
    until(Loan.objects.exists)
    until(lambda: balance(f"wallet:{borrower.party_id}") == Money.yuan("5000.00"))
    assert Loan.objects.count() == 1
    assert_laws_hold()
