"""Concentration on the desk: how full each place is, a limit by two people, a polite refusal."""

from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models.concentration import ConcentrationLimit
from tests.makers import journeys
from tests.makers.concentration import analysts_of, limited
from tests.web.finance_desk import client_of, officer, rows_of_csv, send, text_of, user

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
def analysts(call, staff):
    return analysts_of(call, staff)


def asked(**changes):
    return {"limit_key": "", "amount": "", "percent": "", "net_assets": "", "reason": "偏好",
            "from_on": "2026-01-05", **changes}  # fmt: skip


def test_an_analyst_proposes_and_another_releases(analysts):
    first, second = (client_of(one) for one in analysts)
    page = first.get(reverse("new-concentration", args=["borrower"]), {"percent": "10"})
    shown = text_of(page)
    assert "金规〔2024〕26号" in shown
    assert "¥10,000,000.00" in shown
    assert "第 17 条" in shown
    assert "他处引用，未见原文" in shown
    assert "published" not in shown
    done = send(first, "new-concentration", "borrower", **asked(percent="10", net_assets="1000000"))
    assert done.url == reverse("concentration-limits")
    made = ConcentrationLimit.objects.get()
    assert Money(made.amount_minor) == Money.yuan("100000")
    listed = text_of(first.get(done.url))
    assert "100,000.00" in listed
    assert reverse("concentration-act", args=[made.pk, "release"]) not in listed
    assert send(first, "concentration-act", made.pk, "release").status_code == 403
    mute = send(second, "concentration-act", made.pk, "decline", reason="")
    assert mute.status_code == 422
    assert send(second, "concentration-act", made.pk, "release").status_code == 302
    made.refresh_from_db()
    assert made.state == "released"
    again = send(second, "concentration-act", made.pk, "release")
    assert "这项限额变更已经办理过了。" in text_of(again)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "1e3"},
        {"percent": "10"},
        {"percent": "１０", "net_assets": "100"},
        {"percent": "0", "net_assets": "100"},
        {"percent": "100.01", "net_assets": "100"},
        {"amount": "5", "percent": "10", "net_assets": "100"},
        {"from_on": "2026-01-04"},
        {"from_on": "soon"},
        {"reason": ""},
        {"limit_key": "elsewhere' OR 1=1"},
    ],
)
def test_what_cannot_be_a_limit_is_refused_with_a_sentence(analysts, wrong):
    answer = send(client_of(analysts[0]), "new-concentration", "borrower", **asked(**wrong))
    assert answer.status_code == 422
    assert 'role="alert"' in text_of(answer)
    assert not ConcentrationLimit.objects.exists()


def test_the_fullest_is_first_and_the_list_is_a_file(
    call, clock, borrower, analysts, django_assert_max_num_queries
):
    limited(call, analysts, "borrower", str(borrower.party_id), "21000")
    limited(call, analysts, "region", "11", "200000")
    journeys.signed_loan(call, clock, borrower)
    desk = client_of(analysts[0])
    with django_assert_max_num_queries(24):
        page = text_of(desk.get(reverse("concentration")))
    assert page.index("95.2%") < page.index("10.0%") < page.index("未设")
    for word in ("北京", "个人消费与周转", "王*", "全部借款"):
        assert word in page
    rows = rows_of_csv(desk.get(reverse("concentration"), {"format": "csv", "kind": "borrower"}))
    assert [(row["在用"], row["限额"], row["余量"]) for row in rows] == [
        ("20000.00", "21000.00", "1000.00")
    ]
    workbook = desk.get(reverse("concentration"), {"format": "xlsx"})
    assert "attachment" in workbook.headers["Content-Disposition"]


def test_who_has_no_business_there_finds_no_page(call, staff, borrower):
    reader = officer(call, staff, "auditor")
    assert reader.get(reverse("concentration")).status_code == 200
    assert reader.get(reverse("new-concentration", args=["whole"])).status_code == 404
    for client in (client_of(borrower.user_id), officer(call, staff, "support")):
        for name in ("concentration", "concentration-limits"):
            assert client.get(reverse(name)).status_code == 404
    made = ConcentrationLimit(pk=uuid4())
    assert send(reader, "concentration-act", made.pk, "release").status_code == 404


def test_no_page_is_for_a_kind_there_is_not(analysts):
    desk = client_of(analysts[0])
    assert desk.get(reverse("new-concentration", args=["planet"])).status_code == 404
    for query in ({"kind": "planet"}, {"from": "x"}, {"state": "'"}):
        for name in ("concentration", "concentration-limits"):
            assert desk.get(reverse(name), query).status_code == 200


def test_a_borrower_over_the_limit_reads_why_and_no_figure(call, clock, borrower, analysts):
    limited(call, analysts, "whole", "", "19999.99")
    case, _state = journeys.apply(call, borrower)
    journeys.accept(call, borrower, case)
    sheet = journeys.read_sheet(call, clock, borrower, application_id=case)
    client = client_of(borrower.user_id)
    page = client.get(reverse("sign", args=[sheet]))
    assert page.status_code == 200
    answer = send(client, "sign", sheet, agree="on")
    said = text_of(answer)
    assert "放款总额设有上限" in said
    assert "19999.99" not in said


@pytest.mark.browser
def test_risk_puts_a_limit_in_force_by_two_people_in_a_browser(
    site, call, clock, open_page, look, borrower, analysts
):
    journeys.signed_loan(call, clock, borrower)
    first, second = (open_page(user=user(one)) for one in analysts)
    first.goto(site(reverse("new-concentration", args=["borrower"])))
    look(first)
    first.set_viewport_size({"width": 1440, "height": 900})
    first.get_by_role("link", name="microloan.online_consumer").click()
    expect(first.get_by_label("限额（元）", exact=True)).to_have_value("200000")
    first.get_by_label("理由").fill("单户上限")
    first.get_by_role("button", name="提交复核").click()
    expect(first.get_by_text("限额已提交，等待另一位复核。")).to_be_visible()
    second.goto(site(reverse("concentration-limits")))
    second.get_by_text("复核通过", exact=True).click()
    look(second)
    second.set_viewport_size({"width": 1440, "height": 900})
    second.get_by_role("button", name="确认：复核通过").click()
    expect(second.get_by_role("region", name="每个个人 已生效")).to_be_visible()
    second.goto(site(reverse("concentration")))
    expect(second.get_by_text("10.0%")).to_be_visible()
    look(second)
