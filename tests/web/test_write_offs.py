"""Giving a lost loan up at the desk: quoted, proposed by one, approved by another of finance."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.write_offs import WriteOff
from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.amending.write_offs import quote_write_off, write_off_of
from rongqiao.parties.models import Membership
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.loans import PayIn, assert_books_hold, pay_in
from tests.parties.people import make_user
from tests.web.finance_desk import client_of, officer, rows_of_csv, rows_of_xlsx, send, text_of

WORDS = {"reason": "下落不明，无可供执行财产", "evidence": "（2026）京0101执1号裁定"}


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


@pytest.fixture
def lost(call, clock, staff):
    """A loan that is overdue and of class loss."""
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    catch_up(date(2026, 2, 25))
    relay.drain(SUBSCRIBERS)
    Loan.objects.update(risk_class="loss")
    return Loan.objects.get()


def proposed(client, loan):
    answer = send(client, "new-write-off", loan.pk, **WORDS)
    assert answer.status_code == 302, text_of(answer)
    return WriteOff.objects.latest("proposed_at")


def approve(client, write_off, expected=None):
    total = expected or quote_write_off(write_off.loan_id).amounts.total
    return send(client, "write-off-act", write_off.pk, "approve", expected=total.text())


@pytest.mark.usefixtures("static_files")
def test_one_proposes_and_another_of_finance_approves(call, staff, lost):
    collector, first = officer(call, staff, "collector"), officer(call, staff)
    quote = quote_write_off(lost.pk).amounts
    assert lost.number in text_of(collector.get(reverse("write-off-candidates")))
    shown = text_of(collector.get(reverse("new-write-off", args=[lost.pk])))
    for part in (quote.principal, quote.interest, quote.penalty):
        assert f"{part.minor // 100:,}." in shown
    asked = proposed(collector, lost)
    page = reverse("write-off", args=[asked.pk])
    assert "批准核销" not in text_of(collector.get(page))
    assert "批准核销" in text_of(first.get(page))
    assert approve(collector, asked).status_code == 403
    assert Loan.objects.get().state == "overdue"
    assert approve(first, asked).status_code == 302
    assert Loan.objects.get().state == "written_off"
    relay.drain(SUBSCRIBERS)
    assert CollectionCase.objects.get().closed_by_state == "written_off"
    assert "已核销" in text_of(collector.get(page))
    assert "已核销出账" in text_of(first.get(reverse("desk-loan", args=[lost.pk])))
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
def test_the_proposer_never_approves(call, staff, lost):
    both = officer(call, staff, "collector", "finance")
    asked = proposed(both, lost)
    page = reverse("write-off", args=[asked.pk])
    assert "批准核销" not in text_of(both.get(page))
    assert "须由另一位财务人员批准" in text_of(both.get(page))
    refused = approve(both, asked)
    assert refused.status_code == 403
    assert WriteOff.objects.get().state == "waiting"
    assert send(both, "write-off-act", asked.pk, "withdraw").status_code == 302
    assert WriteOff.objects.get().state == "withdrawn"


@pytest.mark.usefixtures("static_files")
def test_what_is_wrong_is_said_and_nothing_moves(call, staff, lost):
    risk, finance = officer(call, staff, "risk_analyst"), officer(call, staff)
    for wrong in ({**WORDS, "reason": ""}, {**WORDS, "evidence": " "}, {"reason": "破产"}):
        assert send(risk, "new-write-off", lost.pk, **wrong).status_code == 422
    asked = proposed(risk, lost)
    again = send(risk, "new-write-off", lost.pk, **WORDS)
    assert again.status_code == 422
    assert "等待复核" in text_of(again)
    stale = approve(finance, asked, expected=quote_write_off(lost.pk).amounts.principal)
    assert stale.status_code == 422
    assert "欠款已经变化" in text_of(stale)
    assert send(finance, "write-off-act", asked.pk, "decline", reason="").status_code == 422
    assert send(finance, "write-off-act", asked.pk, "decline", reason="证据不足").status_code == 302
    assert "证据不足" in text_of(risk.get(reverse("write-off", args=[asked.pk])))
    late = approve(finance, asked)
    assert late.status_code == 422
    assert "已经办理过" in text_of(late)
    assert Loan.objects.get().state == "overdue"


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize("role", ["reviewer", "auditor", "compliance_officer", "approver"])
def test_others_read_and_do_nothing(call, staff, lost, role):
    client = officer(call, staff, role)
    assert client.get(reverse("write-offs")).status_code == 200
    shown = client.get(reverse("new-write-off", args=[lost.pk]))
    assert shown.status_code == 200
    assert "提出核销</button>" not in text_of(shown)
    assert send(client, "new-write-off", lost.pk, **WORDS).status_code == 404
    assert not WriteOff.objects.exists()


@pytest.mark.usefixtures("static_files")
def test_the_list_narrows_and_is_had_as_files(call, staff, lost):
    finance, other = officer(call, staff), officer(call, staff)
    assert "没有符合条件的核销" in text_of(finance.get(reverse("write-offs")))
    asked = proposed(finance, lost)
    address = reverse("write-offs")
    assert lost.number in text_of(finance.get(address, {"state": "waiting"}))
    assert "没有符合条件的核销" in text_of(finance.get(address, {"state": "approved"}))
    assert "没有符合条件的核销" in text_of(finance.get(address, {"q": "nothing"}))
    assert finance.get(address, {"from": "99999999", "state": "x", "q": "\x00"}).status_code == 200
    approve(other, asked)
    given = write_off_of(lost.pk)
    (row,) = rows_of_csv(finance.get(address, {"format": "csv"}))
    assert (row["借款编号"], row["合计"]) == (lost.number, given.amounts.total.text())
    _heads, rows = rows_of_xlsx(finance.get(address, {"format": "xlsx"}), "借款编号")
    assert len(rows) == 1
    assert "没有可核销的借款" in text_of(finance.get(reverse("write-off-candidates")))
    assert finance.get(reverse("write-off", args=[uuid4()])).status_code == 404


@pytest.mark.browser
def test_finance_approves_as_second_person_in_a_browser(site, hire, lost, open_page, look):
    find = get_user_model().objects.get
    one, both = find(pk=hire("collector")), find(pk=hire("finance", "risk_analyst"))
    second = find(pk=hire("finance"))
    page = open_page(width=390, user=one)
    page.goto(site(reverse("write-offs")))
    look(page)
    page.get_by_role("link", name="可核销的借款").click()
    look(page)
    page.get_by_role("link", name=lost.number).click()
    look(page)
    page.get_by_label("理由").fill(WORDS["reason"])
    page.get_by_label("证据").fill(WORDS["evidence"])
    page.get_by_role("button", name="提出核销").click()
    page.get_by_text("核销已提交").wait_for()
    look(page)
    page.locator("summary", has_text="撤回").click()
    page.get_by_role("button", name="确认：撤回").click()
    page.get_by_text("已办理").wait_for()
    # Somebody of risk and finance proposes it again: no word to approve it is offered to them.
    same = open_page(width=1440, user=both)
    same.goto(site(reverse("new-write-off", args=[lost.pk])))
    same.get_by_label("理由").fill(WORDS["reason"])
    same.get_by_label("证据").fill(WORDS["evidence"])
    same.get_by_label("证据").press("Tab")
    same.keyboard.press("Enter")
    same.get_by_text("您提出的核销，须由另一位财务人员批准。").wait_for()
    assert same.locator("summary", has_text="批准核销").count() == 0
    asked = WriteOff.objects.get(state="waiting")
    # And were it sent by hand, it is refused.
    status = same.evaluate(
        """async ([address, expected, key]) => {
          const form = new FormData();
          const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
          form.append('csrfmiddlewaretoken', token);
          form.append('key', key); form.append('expected', expected);
          return (await fetch(address, {method: 'POST', body: form})).status;
        }""",
        [
            reverse("write-off-act", args=[asked.pk, "approve"]),
            quote_write_off(lost.pk).amounts.total.text(),
            str(uuid4()),
        ],
    )
    assert status == 403
    other = open_page(width=1440, user=second)
    other.goto(site(reverse("desk")))
    other.get_by_role("link", name="核销待复核").click()
    other.get_by_role("link", name=lost.number).first.click()
    other.locator("summary", has_text="批准核销").press("Enter")
    look(other)
    other.get_by_role("button", name="确认：批准核销").press("Enter")
    other.get_by_text("已办理").wait_for()
    look(other)
    assert Loan.objects.get().state == "written_off"
    other.goto(site(reverse("write-offs")))
    look(other)
    assert_books_hold()


@pytest.fixture
def given_up(call, staff, lost):
    """The loan, written off; its borrower has money in the wallet."""
    approve(officer(call, staff), proposed(officer(call, staff, "collector"), lost))
    pay_in(PayIn(party=lost.party_id, amount=Money.yuan("50000.00")), call())
    return Loan.objects.get()


def owner_of(loan):
    return Membership.objects.get(party_id=loan.party_id).user_id


@pytest.mark.usefixtures("static_files")
def test_the_borrower_pays_what_is_owed_against_a_receipt(call, staff, given_up):
    client = client_of(owner_of(given_up))
    owed = write_off_of(given_up.pk).left
    shown = text_of(client.get(reverse("loan", args=[given_up.pk])))
    assert "欠款并未免除" in shown
    assert "逾期会产生罚息，请尽快还款" not in shown
    assert client.get(reverse("loans")).status_code == 200
    for wrong in ("0.00", (owed + Money(1)).text(), "x"):
        assert send(client, "recover", given_up.pk, amount=wrong).status_code == 422
    answer = send(client, "recover", given_up.pk, amount="100.00")
    assert answer.status_code == 302
    receipt = text_of(client.get(answer["Location"]))
    assert "还款后仍欠" in receipt
    assert write_off_of(given_up.pk).left == owed - Money.yuan("100.00")
    stranger = client_of(journeys.make_borrower(call, 2).user_id)
    assert stranger.get(answer["Location"]).status_code == 404
    assert stranger.get(reverse("recover", args=[given_up.pk])).status_code == 404
    rest = (owed - Money.yuan("100.00")).text()
    send(client, "recover", given_up.pk, amount=rest)
    assert Loan.objects.get(pk=given_up.pk).state == "recovered"
    assert "已全部还清" in text_of(client.get(reverse("recover", args=[given_up.pk])))
    desk = officer(call, staff)
    assert "已全部收回" in text_of(desk.get(reverse("write-offs"), {"state": "recovered"}))
    assert_books_hold()


@pytest.mark.browser
def test_the_borrower_pays_in_a_browser(site, given_up, open_page, look):
    page = open_page(width=390, user=get_user_model().objects.get(pk=owner_of(given_up)))
    page.goto(site(reverse("loan", args=[given_up.pk])))
    look(page)
    page.get_by_role("link", name="偿还欠款").click()
    look(page)
    page.get_by_label("还款金额").fill("100.00")
    page.get_by_role("button", name="确认支付").click()
    page.get_by_text("收据编号").wait_for()
    look(page)
    assert write_off_of(given_up.pk).recovered.total == Money.yuan("100.00")
