"""The borrower's pages, asked without a browser: from the draft to the certificate."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.models import Agreement, Application, CostSheet, Drawing
from rongqiao.lending.origination.queries.applications import list_applications
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.platform import relay
from rongqiao.platform.models import BusinessDate
from rongqiao.web.borrower import words
from rongqiao.web.templatetags.figures import lasting, unit_of_term
from tests.makers import journeys
from tests.makers.acting import shown_for

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
def client(borrower):
    return client_of(borrower)


def client_of(borrower):
    client = Client()
    user = get_user_model().objects.get(pk=borrower.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def deliver():
    relay.drain(SUBSCRIBERS)


def key_in(page):
    """The key of the form that writes."""
    return re.search(r'name="key" value="([0-9a-f-]{36})"', page.content.decode()).group(1)


def post(client, address, page=None, **fields):
    """Fill in the form of the page (by default the page at the address itself) and send it."""
    key = key_in(page or client.get(address))
    return client.post(address, {"key": key, **shown_for(client), **fields})


def start(client, product="consumer-monthly"):
    new = reverse("application-new")
    answer = post(client, new, product=product)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"].split("/")[3]


def fill_in(client, product="consumer-monthly", **changes):
    case = start(client, product)
    for step, values in journeys.PERSON_ANSWERS.items():
        given = {name: changes.get(name, value) for name, value in values.items()}
        answer = post(client, reverse("application-step", args=[case, step]), **given)
        assert answer.status_code == 302, answer.content.decode()
    for kind in journeys.DOCUMENTS[product]:
        assert upload(client, case, kind).status_code == 302
    return case


def upload(client, case, kind, content=None, name="scan.jpg"):
    address = reverse("application-documents", args=[case])
    content = journeys.picture() if content is None else content
    file = SimpleUploadedFile(name, content, "image/jpeg")
    return client.post(address, {"key": uuid4(), "kind": kind, "file": file})


def submit(client, case):
    return post(client, reverse("application-review", args=[case]), agree="on")


def apply(client, product="consumer-monthly", **changes):
    case = fill_in(client, product, **changes)
    answer = submit(client, case)
    assert answer.status_code == 302, answer.content.decode()
    return case


def accept(client, case):
    """Accept the offer; return the address of the cost sheet."""
    page = client.get(reverse("application", args=[case]))
    answer = post(client, reverse("application-accept", args=[case]), page)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def read_and_sign(client, clock, sheet):
    clock.move(timedelta(seconds=60))
    answer = post(client, sheet)
    assert answer.status_code == 302, answer.content.decode()
    return post(client, answer["Location"], agree="on")


def take_loan(client, clock, product="consumer-monthly"):
    case = apply(client, product)
    assert read_and_sign(client, clock, accept(client, case)).status_code == 302
    deliver()
    return case


def state_of(case):
    return Application.objects.get(pk=case).state


def test_an_application_goes_from_draft_to_money_by_pages_alone(client, clock):
    case = apply(client)
    assert state_of(case) == "approved"
    sheet = accept(client, case)
    assert state_of(case) == "accepted"
    signed = read_and_sign(client, clock, sheet)
    assert signed["Location"] == reverse("application", args=[case])
    assert state_of(case) == "signed"
    deliver()
    assert state_of(case) == "funded"
    loan = Loan.objects.get()
    page = client.get(reverse("application", args=[case])).content.decode()
    assert reverse("loan", args=[loan.pk]) in page


def test_what_was_filled_in_is_there_after_logging_in_again(client, borrower):
    case = start(client)
    step = reverse("application-step", args=[case, "loan"])
    answer = post(client, step, amount="12345.60", term_count="", purpose="", save="draft")
    assert answer.status_code == 302
    page = client_of(borrower).get(step).content.decode()
    assert 'value="12345.60"' in page


def test_a_wrong_value_says_what_is_allowed_and_nothing_typed_is_lost(client):
    case = start(client)
    step = reverse("application-step", args=[case, "loan"])
    answer = post(client, step, amount="１２３", term_count="12", purpose="education")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "借款金额「１２３」不对" in page
    assert 'value="１２３"' in page
    assert 'value="12"' in page


def test_a_field_nobody_asked_for_is_refused(client):
    case = start(client)
    step = reverse("application-step", args=[case, "loan"])
    assert post(client, step, amount="20000", extra="1").status_code == 422


def test_an_empty_field_is_asked_for_but_the_rest_is_kept(client):
    case = start(client)
    step = reverse("application-step", args=[case, "loan"])
    answer = post(client, step, amount="20000", term_count="12", purpose="")
    assert answer.status_code == 422
    assert "请填写借款用途。" in answer.content.decode()
    assert 'value="20000.00"' in client.get(step).content.decode()
    again = post(client, step, answer, amount="30000", term_count="12", purpose="education")
    assert again.status_code == 302


def test_the_quote_follows_amount_and_term(client):
    case = start(client)
    address = reverse("application-quote", args=[case])
    page = client.get(address, {"amount": "20000", "term_count": "12"}).content.decode()
    assert "综合年化成本（单利）" in page
    nothing = client.get(address, {"amount": "x", "term_count": "12"}).content.decode()
    assert "综合年化成本（单利）" not in nothing


def test_a_wrong_document_says_why_and_a_good_one_ticks(client):
    case = start(client)
    bad = upload(client, case, "id-front", b"hello", "scan.jpg")
    assert bad.status_code == 422
    assert "文件内容与扩展名不符" in bad.content.decode()
    assert upload(client, case, "id-front").status_code == 302
    page = client.get(reverse("application-documents", args=[case])).content.decode()
    assert "已上传" in page


def test_a_document_comes_back_as_a_private_file(client, borrower, call):
    case = fill_in(client)
    page = client.get(reverse("application-documents", args=[case])).content.decode()
    address = re.search(rf'"(/my/applications/{case}/documents/[0-9a-f-]{{36}}/)"', page).group(1)
    answer = client.get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_an_incomplete_application_lists_what_is_missing(client):
    case = start(client)
    answer = submit(client, case)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "还差这些内容" in page
    assert state_of(case) == "draft"


def test_a_double_click_submits_once(client):
    case = fill_in(client)
    review = reverse("application-review", args=[case])
    form = {"key": key_in(client.get(review)), "agree": "on"}
    answers = [client.post(review, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Application.objects.get(pk=case).decisions.count() == 1


def test_a_declined_case_says_why_and_when_to_come_again(client):
    case = apply(client, monthly_income="3000.00", monthly_debt_service="2900.00")
    assert state_of(case) == "declined"
    page = client.get(reverse("application", args=[case])).content.decode()
    assert "没有通过的原因" in page
    assert "起可以再次申请" in page


def test_the_tracker_shows_what_staff_did_and_then_stops_asking(client, call, staff):
    case = apply(client, amount="60000.00", monthly_income="30000.00")
    assert state_of(case) == "referred"
    page = client.get(reverse("application", args=[case])).content.decode()
    address = reverse("application-tracker", args=[case])
    assert f'data-poll="{address}"' in page
    before = client.get(address)
    assert "X-Final" not in before
    assert "人工审核中" in before.content.decode()
    assert before.content == client.get(address).content
    post(client, reverse("application-withdraw", args=[case]))
    after = client.get(address)
    assert after["X-Final"] == "1"
    assert "已撤回" in after.content.decode()


def test_signing_cannot_be_reached_before_the_sheet_is_read(client, clock):
    case = apply(client)
    sheet = accept(client, case)
    assert client.get(f"{sheet}sign/").status_code == 403
    assert client.post(f"{sheet}sign/", {"key": uuid4(), "agree": "on"}).status_code == 403
    early = post(client, sheet)
    assert early.status_code == 409
    assert "还需" in early.content.decode()
    assert not CostSheet.objects.filter(confirmed_at__isnull=False).exists()
    clock.move(timedelta(seconds=60))
    assert post(client, sheet).status_code == 302
    page = client.get(f"{sheet}sign/").content.decode()
    assert "签署时生成" in page
    unticked = post(client, f"{sheet}sign/")
    assert unticked.status_code == 422
    assert Agreement.objects.count() == 0


def test_two_signatures_of_one_form_make_one_agreement(client, clock):
    case = apply(client)
    sheet = accept(client, case)
    clock.move(timedelta(seconds=60))
    sign = post(client, sheet)["Location"]
    form = {"key": key_in(client.get(sign)), "agree": "on"}
    assert [client.post(sign, form).status_code for _ in range(2)] == [302, 302]
    assert Agreement.objects.count() == 1
    other = client.post(sign, {"key": uuid4(), "agree": "on"})
    assert other.status_code == 422
    assert Agreement.objects.count() == 1


def test_nobody_sees_anybody_elses(client, clock, call, staff):
    case = take_loan(client, clock)
    loan, agreement = Loan.objects.get(), Agreement.objects.get()
    sheet = CostSheet.objects.get()
    stranger = client_of(journeys.make_borrower(call, 2))
    names = [
        ("application", case),
        ("application-tracker", case),
        ("application-review", case),
        ("application-documents", case),
        ("application-withdraw", case),
        ("cost-sheet", sheet.pk),
        ("sign", sheet.pk),
        ("agreement", agreement.pk),
        ("agreement-pdf", agreement.pk),
        ("loan", loan.pk),
        ("loan-statement", loan.pk),
        ("calendar", loan.pk),
        ("repay", loan.pk),
        ("payoff", loan.pk),
        ("certificate", loan.pk),
        ("certificate-pdf", loan.pk),
    ]
    found = {name: stranger.get(reverse(name, args=[one])).status_code for name, one in names}
    assert set(found.values()) == {404}, found


def test_a_form_of_one_party_is_not_taken_while_another_is_acted_for(client, borrower, call):
    case = start(client)
    firm = journeys.make_firm(call, borrower.user_id, 3)
    address = reverse("application-step", args=[case, "loan"])
    page = client.get(address)
    assert page.status_code == 200
    changed = client.post(reverse("choose-party"), {"party": firm})
    assert changed.status_code == 302
    assert post(client, address, page).status_code == 404
    part = reverse("application-tracker", args=[case])
    assert client.get(part, headers={"X-Part": "1"}).status_code == 404
    assert client.session["acting_party"] == str(firm)
    assert client.post(reverse("choose-party"), {"party": uuid4()}).status_code == 404
    assert client.post(reverse("choose-party"), {"party": "x"}).status_code == 404


def test_a_floating_rate_is_told_from_the_application_to_the_loan(client, clock, call):
    firm = journeys.make_firm_borrower(call, 2)
    client = client_of(firm)
    client.post(reverse("choose-party"), {"party": firm.party_id})
    case, state = journeys.apply(call, firm, "prime-linked")
    assert state == "approved"
    page = client.get(reverse("application", args=[case])).content.decode()
    assert "签订时按当日适用的 LPR 重新确定" in page
    draft = journeys.start(call, firm, "prime-linked")
    typed = {"amount": "100000", "term_count": "12"}
    quote = client.get(reverse("application-quote", args=[draft]), typed).content.decode()
    assert "+1120 个基点" in quote
    address = accept(client, case)
    sheet = client.get(address).content.decode()
    assert "利率会变：以 1年期LPR（2025-12-22 公布，3.00%）+280 个基点确定" in sheet
    assert "若年利率自始高 1 个百分点，利息合计多 ¥" in sheet
    assert read_and_sign(client, clock, address).status_code == 302
    deliver()
    loan = client.get(reverse("loan", args=[Loan.objects.get().pk])).content.decode()
    assert "浮动利率：1年期LPR +280 个基点，每年1月1日重定价；下次 2027-01-01" in loan
    assert "合同约定 · 1年期LPR 3.00%" in loan


def test_the_signed_agreement_comes_as_a_private_file(client, clock):
    take_loan(client, clock)
    address = reverse("agreement-pdf", args=[Agreement.objects.get().pk])
    first, second = client.get(address), client.get(address)
    assert first.content == second.content
    assert first.content.startswith(b"%PDF-")
    assert first["Content-Type"] == "application/pdf"
    assert first["Content-Disposition"].startswith("attachment")
    assert first["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in first["Cache-Control"]


def test_a_new_borrower_is_told_what_comes_next(client):
    for name in ("dashboard", "applications", "loans"):
        page = client.get(reverse(name)).content.decode()
        assert reverse("application-new") in page, name
    page = client.get(reverse("wallet")).content.decode()
    assert f'href="{reverse("wallet-cards")}">绑定银行卡' in page


def test_a_withdrawn_application_can_no_longer_be_filled_in(client):
    case = start(client)
    assert post(client, reverse("application-withdraw", args=[case])).status_code == 302
    assert state_of(case) == "withdrawn"
    assert client.get(reverse("application-step", args=[case, "loan"])).status_code == 404


def test_a_limit_is_granted_drawn_and_lent_by_pages_alone(client, clock):
    take_loan(client, clock, "daily-revolving")
    dashboard = client.get(reverse("dashboard")).content.decode()
    address = re.search(r'"(/my/limits/[0-9a-f-]{36}/)"', dashboard).group(1)
    preview = client.get(address, {"amount": "5000", "term_count": "3"})
    assert "到期应还" in preview.content.decode()
    assert Drawing.objects.count() == 0
    proposed = post(client, address, preview, amount="5000", term_count="3")
    assert proposed.status_code == 302, proposed.content.decode()
    signed = read_and_sign(client, clock, proposed["Location"])
    assert signed["Location"] == address
    deliver()
    assert Loan.objects.get().principal_minor == 500_000
    assert reverse("loan", args=[Loan.objects.get().pk]) in client.get(address).content.decode()


def test_the_page_of_a_limit_draws_what_was_used_and_free(client, clock):
    take_loan(client, clock, "daily-revolving")
    dashboard = client.get(reverse("dashboard")).content.decode()
    address = re.search(r'"(/my/limits/[0-9a-f-]{36}/)"', dashboard).group(1)
    assert client.get(address).context["chart"] is None
    for amount in ("5000", "3000"):
        preview = client.get(address, {"amount": amount, "term_count": "3"})
        proposed = post(client, address, preview, amount=amount, term_count="3")
        assert read_and_sign(client, clock, proposed["Location"]).status_code == 302
        deliver()
    page = client.get(address)
    (now,) = page.context["uses"]
    assert (now.used.text(), now.free.text()) == ("8000.00", "12000.00")
    assert "额度使用情况" in page.content.decode()
    assert page.content.decode().count("查看借款") == 2
    BusinessDate.objects.update(on=date(2026, 3, 10))
    uses = client.get(address).context["uses"]
    assert [one.on.isoformat() for one in uses] == ["2026-01-31", "2026-02-28", "2026-03-10"]
    assert {one.used.text() for one in uses} == {"8000.00"}


def test_an_application_asks_for_terms_in_the_unit_of_its_product(client):
    case = start(client)
    step = client.get(reverse("application-step", args=[case, "loan"])).content.decode()
    assert "3 个月 至 36 个月" in step
    page = client.get(reverse("application-new")).content.decode()
    assert "2 个月 — 12 个月" in page
    quarters = next(one.terms for one in first_products() if one.terms.every_unit == "quarter")
    assert (lasting(quarters, 8), unit_of_term(quarters)) == ("8 个季度", "个季度")
    assert words.field_unit("term_count", quarters) == "个季度"


def test_more_than_the_limit_is_refused_by_the_form(client, clock):
    take_loan(client, clock, "daily-revolving")
    dashboard = client.get(reverse("dashboard")).content.decode()
    address = re.search(r'"(/my/limits/[0-9a-f-]{36}/)"', dashboard).group(1)
    answer = client.get(address, {"amount": "99999999", "term_count": "3"})
    assert answer.status_code == 422
    assert "提款金额「99999999」不对" in answer.content.decode()


def test_a_loan_is_paid_off_at_its_quote_and_certified(client, clock):
    take_loan(client, clock)
    loan = Loan.objects.get()
    quoted = post(client, reverse("payoff", args=[loan.pk]), valid_on="2026-01-05")
    assert quoted.status_code == 302
    page = client.get(quoted["Location"])
    form = {"key": key_in(page)}
    assert [client.post(quoted["Location"], form).status_code for _ in range(2)] == [302, 302]
    deliver()
    loan.refresh_from_db()
    assert loan.state == "closed"
    assert LoanEntry.objects.filter(kind="payoff").count() == 1
    certificate = client.get(reverse("certificate", args=[loan.pk])).content.decode()
    assert "贷款结清证明" in certificate
    assert "<svg" in certificate
    assert "style=" not in certificate
    pdf = client.get(reverse("certificate-pdf", args=[loan.pk]))
    assert pdf.content.startswith(b"%PDF-")
    address = re.search(r'href="http://testserver(/verify/certificate/[^"]+)"', certificate)
    assert Client().get(address.group(1)).status_code == 200
    assert "这份文件由本平台签发且未被改动" in checked(pdf.content)
    for place in (9, len(pdf.content) // 2, len(pdf.content) - 700):
        changed = bytearray(pdf.content)
        changed[place] ^= 1
        assert "不是这里签发的原件" in checked(bytes(changed))


def checked(content):
    """What the public page says of a file."""
    file = SimpleUploadedFile("paper.pdf", content, "application/pdf")
    return Client().post(reverse("verify"), {"copy": file}).content.decode()


def test_a_payoff_date_out_of_range_is_one_sentence(client, clock):
    take_loan(client, clock)
    address = reverse("payoff", args=[Loan.objects.get().pk])
    for given, said in [
        ("2025-01-01", "结清日期「2025-01-01」不对"),
        ("2026-02-30", "结清日期「2026-02-30」不是日历上的日期"),
        ("", "请填写结清日期。"),
    ]:
        answer = post(client, address, valid_on=given)
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_nothing_due_leads_to_the_payoff(client, clock):
    take_loan(client, clock)
    address = reverse("repay", args=[Loan.objects.get().pk])
    page = client.get(address).content.decode()
    assert "现在没有要还的" in page
    assert reverse("payoff", args=[Loan.objects.get().pk]) in page
    assert client.get(address, {"amount": "100"}).status_code == 422


def test_the_calendar_has_one_event_for_each_open_instalment(client, clock):
    take_loan(client, clock)
    answer = client.get(reverse("calendar", args=[Loan.objects.get().pk]))
    text = answer.content.decode()
    assert text.count("BEGIN:VEVENT") == 12
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert re.findall(r"DTSTART;VALUE=DATE:(\d{8})", text)[0] == "20260205"


@pytest.mark.parametrize("name", ["applications", "loans", "wallet-statement"])
def test_every_list_can_be_taken_away_as_a_table(client, clock, name):
    take_loan(client, clock)
    answer = client.get(reverse(name), {"format": "csv"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert len(lines) == 2


def test_a_loans_plan_and_statement_can_be_taken_away(client, clock):
    take_loan(client, clock)
    loan = Loan.objects.get()
    plan = client.get(reverse("loan", args=[loan.pk]), {"format": "csv"})
    assert len(plan.content.decode("utf-8-sig").splitlines()) == 13
    lines = client.get(reverse("loan-statement", args=[loan.pk]), {"format": "csv"})
    assert "放款" in lines.content.decode("utf-8-sig")


def test_automatic_debit_is_switched_on_and_off(client, clock):
    take_loan(client, clock)
    loan = Loan.objects.get()
    page = client.get(reverse("loan", args=[loan.pk]))
    address = reverse("loan-debit", args=[loan.pk])
    post(client, address, page, is_authorised="True")
    loan.refresh_from_db()
    assert loan.is_debit_authorised
    post(client, address, client.get(reverse("loan", args=[loan.pk])), is_authorised="False")
    loan.refresh_from_db()
    assert not loan.is_debit_authorised


def test_a_list_asks_no_more_for_more_rows(client, clock, borrower):
    counts = []
    for _ in range(2):
        start(client)
        client.get(reverse("applications"))
        counts.append(asked(client, reverse("applications")))
    assert counts[0] == counts[1]
    assert len(list_applications([borrower.party_id])) == 2


def asked(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_first_page_and_the_loan_ask_no_more_for_more_loans(client, clock):
    take_loan(client, clock)
    names = [reverse(name) for name in ("dashboard", "loans", "wallet")]
    for address in names:
        client.get(address)
    before = [asked(client, address) for address in names]
    take_loan(client, clock)
    after = [asked(client, address) for address in names]
    assert before == after
    assert max(after) <= 26


def test_somebody_not_logged_in_is_led_to_the_door(clock):
    for name in ("dashboard", "applications", "loans", "wallet"):
        answer = Client().get(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")
