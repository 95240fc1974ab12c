"""Imports at the desk: templates, faults shown and filed, two people, the borrower's page."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.lending.servicing.jobs import carry_out
from rongqiao.lending.servicing.models.imports import PortfolioImport
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.parties.models import Membership
from rongqiao.platform.ids import new_id
from tests.makers import journeys
from tests.makers.brought import Brought
from tests.parties.people import make_user
from tests.web.finance_desk import client_of, officer, rows_of_csv, send, text_of, user

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


def portfolio():
    made = Brought()
    made.add("JK1", made.person(1))
    made.add("JK2", made.person(2), unpaid=2, penalty=500)
    return made


def upload(client, made, goal="propose", **changed):
    files = {
        name: SimpleUploadedFile(f"{name}.csv", content) for name, content in made.files().items()
    }
    said = {"key": str(uuid4()), "reason": "旧系统", "goal": goal}
    return client.post(reverse("new-import"), {**said, **files, **changed})


def test_a_template_downloads_and_is_a_good_file(call, staff):
    desk = client_of(staff.operator)
    listed = text_of(desk.get(reverse("imports")))
    assert reverse("import-template", args=["instalments"]) in listed
    rows = rows_of_csv(desk.get(reverse("import-template", args=["loans"])))
    assert rows[0]["借款编号"] == "JK0001"
    english = client_of(staff.operator)
    english.cookies["django_language"] = "en"
    assert english.get(reverse("import-template", args=["nothing"])).status_code == 404


def test_faults_are_shown_by_line_and_nothing_is_kept(call, staff):
    desk = client_of(staff.operator)
    spoilt = portfolio().set("loans", 2, "principal", "1,0").set("borrowers", 3, "phone", "<b>1")
    answer = upload(desk, spoilt)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "发现 2 处问题" in page
    assert "import.cell-amount" in page
    assert "<b>1" not in page
    filed = rows_of_csv(upload(desk, spoilt, goal="file"))
    assert {(row["file"], row["line"], row["code"]) for row in filed} == {
        ("borrowers", "3", "import.identity-phone-form"),
        ("loans", "2", "import.cell-amount"),
    }
    assert "Not an amount" in next(row["fault"] for row in filed if row["file"] == "loans")
    assert not PortfolioImport.objects.exists()


def test_a_check_shows_the_totals_and_keeps_nothing(call, staff):
    answer = upload(client_of(staff.operator), portfolio(), goal="check")
    assert answer.status_code == 200
    assert "没有发现问题" in text_of(answer)
    assert "18,000.00" in text_of(answer)
    assert not PortfolioImport.objects.exists()


def test_one_proposes_another_approves_and_the_borrower_reads_the_loan(call, clock, staff):
    operator, finance = client_of(staff.operator), officer(call, staff)
    assert upload(operator, portfolio()).status_code == 302
    row = PortfolioImport.objects.get()
    own = text_of(operator.get(reverse("import", args=[row.pk])))
    assert "撤回" in own
    assert "批准转入" not in own
    assert "批准转入" in text_of(finance.get(reverse("import", args=[row.pk])))
    assert send(finance, "import-act", row.pk, "approve", shown="1.00").status_code == 422
    assert send(finance, "import-act", row.pk, "approve", shown="18000.00").status_code == 302
    carry_out(str(row.pk))
    assert "已转入" in text_of(finance.get(reverse("imports")))
    loan = Loan.objects.get(number="JK2")
    borrower = make_user()
    Membership.objects.create(
        id=new_id(clock.now()),
        user_id=borrower,
        party_id=loan.party_id,
        standing="self",
        since_at=clock.now(),
    )
    reader = client_of(borrower)
    for name, args in (
        ("home", []),
        ("loans", []),
        ("loan-statement", [loan.pk]),
        ("loan", [loan.pk]),
    ):
        page = reader.get(reverse(name, args=args))
        assert page.status_code == 200, name
    assert "合同由原贷款人保管" in text_of(page)
    assert reader.get(reverse("agreement", args=[loan.agreement_id])).status_code == 404
    assert operator.get(reverse("desk-loan", args=[loan.pk])).status_code == 200
    assert operator.get(reverse("loan-changes", args=[loan.pk])).status_code == 200
    assert operator.get(reverse("loan-corrections", args=[loan.pk])).status_code == 200


def test_who_has_no_business_there_finds_no_page(call, staff):
    outsider = client_of(make_user())
    for address in (reverse("imports"), reverse("new-import")):
        assert outsider.get(address).status_code == 404
    assert officer(call, staff, "risk_analyst").get(reverse("new-import")).status_code == 404


def test_the_pages_are_read_by_everybody(live_db, call, staff, site, open_page, look):
    upload(client_of(staff.operator), portfolio())
    row = PortfolioImport.objects.get()
    page = open_page(user=user(staff.operator))
    for address, title in (
        (reverse("imports"), "转入存量借款"),
        (reverse("import", args=[row.pk]), row.number),
        (reverse("new-import"), "检查并提出"),
    ):
        page.goto(site(address))
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        look(page)
    page.get_by_label("来源").fill("旧系统")
    spoilt = portfolio().set("loans", 2, "principal", "1.00")
    for name, content in spoilt.files().items():
        given = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": content}
        page.locator(f"input[name={name}]").set_input_files([given])
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="检查", exact=True).click()
    expect(page.get_by_role("cell", name="import.principal-sum")).to_be_visible()
    look(page)
