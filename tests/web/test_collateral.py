"""Collateral on the desk: registered, valued, pledged and released by two; read by its borrower."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.lending.collateral.models import Collateral, CollateralRule, Pledge, Valuation
from rongqiao.lending.servicing.operations.starting.disburse import Disburse, disburse
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.platform import clock as platform_clock
from tests.makers import journeys
from tests.makers.concentration import analysts_of
from tests.makers.demanding import demanding
from tests.makers.securing import (
    desk_of,
    particulars,
    pledged,
    propose,
    register,
    valued,
    vin,
)
from tests.web.finance_desk import client_of, officer, rows_of_csv, send, text_of, user

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def desk(staff):
    return desk_of(staff)


@pytest.fixture
def borrower(call, staff):
    return journeys.make_borrower(call)


@pytest.fixture
def lent(call, clock, borrower):
    """A loan of 20,000 yuan: its application and its id."""
    application_id, done = journeys.signed_loan(call, clock, borrower)
    made = disburse(Disburse(agreement_id=done.agreement_id), call(actor="system:test"))
    return application_id, made.loan_id


def number_of(loan_id):
    return get_loan(loan_id, platform_clock.business_date()).card.number


VALUED = {"on": "2026-01-05", "valuer": "示范评估", "basis": "market", "value": "100000",
          "prior": "0", "document": "评字 1 号"}  # fmt: skip
PLEDGED = {"amount": "20000", "registration": "登记 0001", "replaces": ""}


def test_a_vehicle_is_registered_valued_and_pledged_by_two(staff, borrower, lent):
    keeper, decider = client_of(staff.reviewer), client_of(staff.approver)
    said = dict(particulars("vehicle"), owner=number_of(lent[1]))
    done = send(keeper, "new-collateral", "vehicle", **said)
    item = Collateral.objects.get()
    assert done.url == reverse("collateral-item", args=[item.pk])
    assert "还没有估值" in text_of(keeper.get(done.url))
    assert send(keeper, "collateral-act", item.pk, "value", **VALUED).status_code == 302
    assert "100,000.00" in text_of(keeper.get(done.url))
    led = keeper.get(reverse("collateral-of-loan", args=[lent[1]]))
    assert led.url == reverse("collateral-of-application", args=[lent[0]])
    lacking = send(keeper, "collateral-of-application", lent[0], item="DY-0", **PLEDGED)
    assert lacking.status_code == 422
    assert "登记簿里没有这件押品" in text_of(lacking)
    made = send(keeper, "collateral-of-application", lent[0], item=vin(1), **PLEDGED)
    assert made.url == led.url
    pledge = Pledge.objects.get()
    mine = text_of(keeper.get(led.url))
    assert reverse("pledge-act", args=[pledge.pk, "withdraw"]) in mine
    assert reverse("pledge-act", args=[pledge.pk, "agree"]) not in mine
    assert item.number in text_of(decider.get(reverse("collateral-item", args=[item.pk])))
    assert pledge.number in text_of(decider.get(reverse("pledges-waiting")))
    assert send(decider, "pledge-act", pledge.pk, "agree").status_code == 302
    page = text_of(decider.get(led.url))
    for word in ("20.00%", "100.00%", "第 1 顺位", "登记 0001"):
        assert word in page
    early = send(keeper, "pledge-act", pledge.pk, "release", reason="settled", note="")
    assert early.status_code == 422
    assert "还不能解除：尚有债务 20000.00 元" in text_of(early)
    again = send(decider, "pledge-act", pledge.pk, "agree")
    assert again.status_code == 422
    assert "这一步已经办理过" in text_of(again)


@pytest.mark.parametrize(
    ("kind", "wrong", "sentence"),
    [
        ("vehicle", {"vin": "1M8GDM9A1KP042788"}, "车辆识别代号不对"),
        ("vehicle", {"plate": "' OR 1=1"}, "车牌号不对"),
        ("vehicle", {"owner": "RQ00000000"}, "没有找到这个客户"),
        ("real_estate", {"share": "１００１"}, "这一项没有填写，或填写得不对"),
        ("receivable", {"ends_on": "2026-02-30"}, "不是日历上的日期"),
        ("deposit", {"amount": "1e9"}, "凭证金额"),
        ("guarantee", {"guarantor_number": "x" * 18}, "保证人的证件号码不对"),
        ("guarantee", {"guarantee": "none"}, "保证方式"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_a_sentence(staff, lent, kind, wrong, sentence):
    said = dict(particulars(kind), owner=number_of(lent[1])) | wrong
    answer = send(client_of(staff.reviewer), "new-collateral", kind, **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not Collateral.objects.exists()


def test_a_valuation_that_cannot_be_stays_open_with_why(call, staff, desk, borrower):
    item = register(call, desk, borrower.party_id, "deposit")
    keeper = client_of(staff.reviewer)
    for change in ({"value": "60000"}, {"on": "2026-01-06"}, {"basis": "?"}, {"document": ""}):
        answer = send(keeper, "collateral-act", item, "value", **{**VALUED, **change})
        assert answer.status_code == 422
        assert 'role="alert"' in text_of(answer)
    assert not Valuation.objects.exists()


def test_a_report_is_kept_with_its_valuation_and_a_program_is_not(call, staff, desk, borrower):
    item = register(call, desk, borrower.party_id)
    keeper = client_of(staff.reviewer)
    program = SimpleUploadedFile("report.pdf", b"MZ\x90\x00" * 40)
    refused = send(keeper, "collateral-act", item, "value", **VALUED, file=program)
    assert refused.status_code == 422
    assert "只接受清晰的 JPG" in text_of(refused)
    picture = SimpleUploadedFile("report.jpg", journeys.picture())
    assert send(keeper, "collateral-act", item, "value", **VALUED, file=picture).status_code == 302
    address = reverse("valuation-report", args=[item, Valuation.objects.get().pk])
    assert address in text_of(keeper.get(reverse("collateral-item", args=[item])))
    given = keeper.get(address)
    assert given.content.startswith(b"\xff\xd8\xff")
    assert "attachment" in given.headers["Content-Disposition"]
    assert client_of(borrower.user_id).get(address).status_code == 404
    other = register(call, desk, borrower.party_id, number=2)
    lost = reverse("valuation-report", args=[other, Valuation.objects.get().pk])
    assert keeper.get(lost).status_code == 404


def test_an_exact_number_leads_to_the_item_and_lists_mask_it(call, staff, desk, borrower):
    item = valued(call, desk, borrower.party_id)
    reader = client_of(staff.approver)
    for text in (vin(1), vin(1).lower(), Collateral.objects.get().number):
        found = reader.get(reverse("collateral"), {"q": text})
        assert found.url == reverse("collateral-item", args=[item])
    listed = text_of(reader.get(reverse("collateral")))
    assert vin(1) not in listed
    assert vin(1)[-4:] in listed
    assert vin(1) in text_of(reader.get(reverse("collateral-item", args=[item])))


def test_the_register_is_a_file_and_asks_no_more_for_more(
    call, staff, desk, borrower, django_assert_max_num_queries
):
    for number in range(1, 31):
        register(call, desk, borrower.party_id, number=number)
    valued(call, desk, borrower.party_id, "deposit", yuan="50000", basis="face")
    reader = client_of(staff.approver)
    with django_assert_max_num_queries(24):
        assert reader.get(reverse("collateral")).status_code == 200
    rows = rows_of_csv(reader.get(reverse("collateral"), {"format": "csv", "kind": "deposit"}))
    assert [(row["价值"], row["可用余值"], row["估值过期"]) for row in rows] == [
        ("50000.00", "47500.00", "否")
    ]
    stale = rows_of_csv(reader.get(reverse("collateral"), {"format": "csv", "use": "stale"}))
    assert len(stale) == 30
    workbook = reader.get(reverse("collateral"), {"format": "xlsx"})
    assert "attachment" in workbook.headers["Content-Disposition"]


def test_what_secures_a_case_asks_no_more_for_more(
    call, staff, desk, borrower, lent, django_assert_max_num_queries
):
    for number in range(1, 9):
        item = valued(call, desk, borrower.party_id, number=number)
        pledged(call, desk, item, "1000", application_id=lent[0])
    reader = client_of(staff.approver)
    with django_assert_max_num_queries(40):
        page = text_of(reader.get(reverse("collateral-of-application", args=[lent[0]])))
    assert "40.00%" in page


def test_a_borrower_reads_their_own_and_no_more_of_others(call, staff, desk, borrower, lent):
    giver = journeys.make_borrower(call, 7)
    own = valued(call, desk, borrower.party_id)
    given = valued(call, desk, giver.party_id, number=2)
    pledged(call, desk, own, "1000", application_id=lent[0])
    pledged(call, desk, given, "2000", application_id=lent[0])
    mine = text_of(client_of(borrower.user_id).get(reverse("pledges")))
    assert vin(1)[-4:] in mine
    assert vin(1) not in mine
    assert "京A00002" not in mine
    assert "由他人提供" in mine
    theirs = text_of(client_of(giver.user_id).get(reverse("pledges")))
    assert "京A00002" in theirs
    assert "为他人的借款担保" in theirs
    case = Pledge.objects.first().application.number
    assert case in mine
    assert case not in theirs
    stranger = journeys.make_borrower(call, 8)
    assert "没有抵押物或担保" in text_of(client_of(stranger.user_id).get(reverse("pledges")))


def test_who_has_no_business_there_finds_no_page(call, staff, desk, borrower, lent):
    item = valued(call, desk, borrower.party_id)
    pledge = propose(call, desk, item, "1000", application_id=lent[0])
    pages = (
        ("collateral",),
        ("collateral-rules",),
        ("pledges-waiting",),
        ("collateral-item", item),
        ("collateral-of-loan", lent[1]),
        ("collateral-of-application", lent[0]),
    )
    auditor = officer(call, staff, "auditor")
    for name, *args in pages:
        assert auditor.get(reverse(name, args=args)).status_code in (200, 302)
        for client in (client_of(borrower.user_id), officer(call, staff, "support")):
            assert client.get(reverse(name, args=args)).status_code == 404
    assert auditor.get(reverse("new-collateral", args=["vehicle"])).status_code == 404
    assert send(auditor, "pledge-act", pledge, "agree").status_code == 404
    assert send(auditor, "collateral-of-application", lent[0]).status_code == 404
    keeper = client_of(staff.reviewer)
    assert keeper.get(reverse("new-collateral", args=["boat"])).status_code == 404
    assert keeper.get(reverse("collateral-of-application", args=[uuid4()])).status_code == 404


def test_an_analyst_proposes_a_rule_and_another_releases_it(call, staff):
    first, second = (client_of(one) for one in analysts_of(call, staff))
    begun = text_of(first.get(reverse("new-collateral-rule", args=["vehicle"])))
    assert 'value="70"' in begun
    said = {"haircut": "50", "ltv_max": "62.5", "coverage_min": "120", "stale_after_days": "90",
            "source": "风险委员会决议", "from_on": "2026-01-05"}  # fmt: skip
    wrong = send(first, "new-collateral-rule", "vehicle", **{**said, "ltv_max": "0"})
    assert wrong.status_code == 422
    done = send(first, "new-collateral-rule", "vehicle", **said)
    assert done.url == reverse("collateral-rules")
    made = CollateralRule.objects.get(state="waiting")
    assert not made.is_assumed
    assert send(second, "collateral-rule-act", made.pk, "release").status_code == 302
    page = text_of(first.get(done.url))
    assert "62.50%" in page
    assert "平台假设" in page


def test_a_product_that_demands_collateral_says_so_and_waits_for_it(
    call, clock, staff, desk, borrower
):
    demanding(call, staff)
    assert "车辆，折后覆盖不低于 120.00%" in text_of(
        client_of(borrower.user_id).get(reverse("product", args=["consumer-monthly"]))
    )
    case, _state = journeys.apply(call, borrower)
    journeys.accept(call, borrower, case)
    sheet = journeys.read_sheet(call, clock, borrower, application_id=case)
    reader = client_of(borrower.user_id)
    asked = text_of(reader.get(reverse("sign", args=[sheet])))
    assert "签署前须以车辆设立担保" in asked
    assert "担保还不够" in asked
    refused = send(reader, "sign", sheet, agree="on")
    assert refused.status_code == 422
    assert "担保折后至少覆盖 24000.00 元，现在为 0.00 元" in text_of(refused)
    pledged(call, desk, valued(call, desk, borrower.party_id), "24000", application_id=case)
    assert "担保还不够" not in text_of(reader.get(reverse("sign", args=[sheet])))
    held = text_of(client_of(staff.approver).get(reverse("collateral-of-application", args=[case])))
    assert "产品要求：以车辆担保" in held
    assert send(reader, "sign", sheet, agree="on").status_code == 302


@pytest.mark.browser
def test_the_desk_is_walked_in_a_browser(call, clock, site, open_page, look, staff, lent, desk):
    page = open_page(user=user(staff.reviewer))
    page.goto(site(reverse("new-collateral", args=["vehicle"])))
    page.get_by_label("提供人").fill(number_of(lent[1]))
    for name, text in particulars("vehicle"):
        page.locator(f"#id_{name}").fill(text)
    look(page)
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_text("录入估值", exact=True).click()
    for name, text in VALUED.items():
        field = page.locator(f"#value-{name}")
        if name == "basis":
            field.select_option(text)
        else:
            field.fill(text)
    page.get_by_role("button", name="确认：录入估值").click()
    expect(page.get_by_role("cell", name="100,000.00")).to_be_visible()
    page.get_by_text("录入估值", exact=True).click()
    for name, text in {**VALUED, "value": "90000"}.items():
        field = page.locator(f"#value-{name}")
        if name == "basis":
            field.select_option(text)
        else:
            field.fill(text)
    page.get_by_role("button", name="确认：录入估值").click()
    expect(page.get_by_role("cell", name="90,000.00")).to_be_visible()
    look(page)
    page.goto(site(reverse("collateral")))
    look(page)
    page.goto(site(reverse("desk-loan", args=[lent[1]])))
    page.get_by_role("main").get_by_role("link", name="抵押担保").click()
    page.get_by_label("押品").fill(vin(1))
    page.get_by_label("担保金额（元）").fill("20000")
    page.get_by_role("button", name="提交复核").click()
    expect(page.get_by_text("担保已提交")).to_be_visible()
    second = open_page(user=user(staff.approver))
    second.goto(site(reverse("pledges-waiting")))
    look(second)
    second.locator("tbody a").click()
    second.get_by_text("同意设立", exact=True).click()
    second.get_by_role("button", name="确认：同意设立").click()
    expect(second.get_by_text("第 1 顺位")).to_be_visible()
    look(second)
    second.goto(site(reverse("collateral-rules")))
    look(second)


@pytest.mark.browser
def test_a_borrower_reads_in_a_browser(call, site, open_page, look, staff, borrower, lent, desk):
    item = valued(call, desk, borrower.party_id)
    pledged(call, desk, item, "20000", application_id=lent[0])
    page = open_page(user=user(borrower.user_id))
    page.goto(site(reverse("loans")))
    page.get_by_role("link", name="抵押与担保").click()
    expect(page.get_by_text("20,000.00")).to_be_visible()
    look(page)
