"""Firms at the desk: stated, rated, given another grade by two; warned of, taken, closed."""

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.queries.limits import limit_use
from rongqiao.lending.servicing import jobs as servicing_jobs
from rongqiao.lending.servicing.jobs import watch_firms
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.money.payments.queries.orders import failed_debits
from rongqiao.platform import relay
from rongqiao.risk.models.enterprise import FirmRating, FirmWatch, WarningCase
from rongqiao.risk.operations.enterprise.watch_firm import WatchFirm, watch_firm
from rongqiao.risk.queries.enterprise import asked_of_people, latest_rating, statements_of
from tests.makers import journeys
from tests.makers.acting import shown_for
from tests.parties.people import make_firm, make_person
from tests.risk.enterprise.test_rating import SOUND
from tests.web.finance_desk import client_of, officer, rows_of_csv, send, text_of
from tests.web.test_models_in_a_browser import crowded_cells

STATED = {"ends_on": "2024-12-31", "months": "12", "source": "audited", **SOUND}
ANSWERED = {"standards": "industry-medium-2006", **dict.fromkeys(asked_of_people(), "b")}


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture
def firm(call):
    user_id, _person = make_person(call, 1)
    return user_id, make_firm(call, user_id, 1)


@pytest.fixture
def analyst(call, staff):
    return officer(call, staff, "risk_analyst")


def rate(client, party_id):
    send(client, "firm-state", party_id, **STATED)
    send(client, "firm-state", party_id, **(STATED | {"ends_on": "2023-12-31"}))
    return send(client, "firm-rate", party_id, **ANSWERED)


def test_a_firm_is_stated_rated_and_shown_line_by_line(call, staff, firm, analyst):
    _user, party_id = firm
    address = reverse("firm-rating", args=[party_id])
    assert "还没有报表" in text_of(analyst.get(address))
    assert rate(analyst, party_id).status_code == 302
    page = text_of(analyst.get(address))
    for word in ("净资产收益率", "已获利息倍数", "审计报告", "Altman", "12,000,000.00", "主标尺"):
        assert (word in page) == (word != "主标尺"), word
    listed = text_of(analyst.get(reverse("ratings")))
    assert "融桥示范科技有限公司" in listed
    assert "主标尺" in listed
    assert rows_of_csv(analyst.get(reverse("ratings"), {"format": "csv"}))[0]["等级"]
    years = rows_of_csv(analyst.get(address, {"format": "csv"}))
    assert years[0]["2024-12-31"] == "12000000.00"


def test_bad_figures_are_told_beside_their_field_and_nothing_is_kept(call, staff, firm, analyst):
    _user, party_id = firm
    answer = send(analyst, "firm-state", party_id, **(STATED | {"revenue": "一千万"}))
    assert answer.status_code == 422
    assert "营业收入「一千万」不对" in text_of(answer)
    answer = send(analyst, "firm-state", party_id, **(STATED | {"ends_on": "2030-12-31"}))
    assert answer.status_code == 422
    assert "截止日" in text_of(answer)
    assert send(analyst, "firm-rate", party_id, **ANSWERED).status_code == 422


def test_another_grade_is_proposed_by_one_and_given_by_another(call, staff, firm, analyst):
    _user, party_id = firm
    rate(analyst, party_id)
    rating = latest_rating(party_id)
    said = {"grade": "C", "reason": "厂房停产，老板失联"}
    assert send(analyst, "rating-act", party_id, rating.id, "propose", **said).status_code == 302
    waiting = latest_rating(party_id).overrides[0]
    page = text_of(analyst.get(reverse("firm-rating", args=[party_id])))
    assert "批准调整" not in page
    assert send(analyst, "rating-act", party_id, waiting.id, "approve").status_code == 403
    second = officer(call, staff, "approver")
    assert "批准调整" in text_of(second.get(reverse("firm-rating", args=[party_id])))
    assert send(second, "rating-act", party_id, waiting.id, "approve").status_code == 302
    assert latest_rating(party_id).grade_that_counts == "C"


def test_a_firm_states_its_own_years_and_no_auditor_for_them(call, staff, firm, analyst):
    user_id, party_id = firm
    owner = client_of(user_id)
    owner.post(reverse("choose-party"), {"party": str(party_id)})
    page = text_of(owner.get(reverse("statements")))
    assert "还没有报表" in page
    assert "s-source" not in page
    assert reverse("statements") in text_of(owner.get(reverse("profile")))
    told = STATED | {"ends_on": "2024-12-31"}
    told.pop("source")
    told |= shown_for(owner)
    assert send(owner, "statements", **told).status_code == 302
    forged = send(owner, "statements", **(told | {"source": "audited"}))
    assert forged.status_code == 422
    assert [one.source for one in statements_of(party_id)] == ["firm"]
    assert "企业自报" in text_of(owner.get(reverse("statements")))
    years = rows_of_csv(owner.get(reverse("statements"), {"format": "csv"}))
    assert years[0]["2024-12-31"] == "12000000.00"
    assert send(analyst, "firm-rate", party_id, **ANSWERED).status_code == 302


def test_a_person_has_no_statements(call, staff, firm):
    assert client_of(firm[0]).get(reverse("statements")).status_code == 404


@pytest.mark.parametrize("role", ["support", "finance", "collector", "content_editor"])
def test_others_find_no_such_room(call, staff, firm, role):
    other = officer(call, staff, role)
    for name, args in (("ratings", []), ("firm-rating", [firm[1]]), ("warnings", [])):
        assert other.get(reverse(name, args=args)).status_code == 404
    assert firm[1]
    assert client_of(firm[0]).get(reverse("ratings")).status_code == 404


def test_the_list_asks_the_same_number_of_questions_however_many_firms(call, staff, firm, analyst):
    def count():
        with CaptureQueriesContext(connection) as seen:
            assert analyst.get(reverse("ratings")).status_code == 200
        return len(seen)

    rate(analyst, firm[1])
    few = count()
    row = FirmRating.objects.get()
    for number in range(2, 8):
        user_id, _person = make_person(call, number, name="李四")
        other = make_firm(call, user_id, number, name=f"东风{number}号贸易有限公司")
        FirmRating.objects.create(
            **{field.name: getattr(row, field.name) for field in FirmRating._meta.fields}
            | {"id": other, "party_id": other}
        )
    assert count() == few


def test_a_firm_that_owes_is_watched_once_a_month_and_people_are_not(call, clock, staff):
    journeys.publish_first_products(call, staff)
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    assert watch_firms(date(2026, 2, 1)) == 0
    person = Loan.objects.get()
    user_id, _person = make_person(call, 41, name="赵六")
    firm_id = make_firm(call, user_id, 41)
    Loan.objects.filter(pk=person.pk).update(party_id=firm_id)
    assert [watch_firms(day) for day in (date(2026, 2, 1), date(2026, 2, 20))] == [1, 0]
    assert watch_firms(date(2026, 3, 1)) == 1
    assert FirmWatch.objects.count() == 2


def case_of(call, party_id, days="40"):
    counts = (("days-past-due", days), ("enforcements-12m", "1"))
    return watch_firm(WatchFirm(party_id=party_id, counts=counts), call(actor="system:x")).case_id


def test_the_desk_counts_warnings_for_those_who_work_them_alone(call, staff, firm, analyst):
    case_of(call, firm[1])
    door = reverse("warnings") + "?state=open"
    assert re.search(
        rf'href="{re.escape(door)}"><p[^>]*>预警待处理</p><p[^>]*>1</p>', home(analyst)
    )
    for role in ("reviewer", "compliance_officer"):
        assert door not in home(officer(call, staff, role)), role


def home(client):
    return text_of(client.get(reverse("desk")))


def test_a_warning_is_seen_taken_and_closed(call, staff, firm, analyst):
    case_id = case_of(call, firm[1], "412")
    seen = analyst.get(reverse("warnings"))
    queue = text_of(seen)
    assert seen.context["levels"] == ["正常", "关注", "较重", "严重"]
    assert [row["firms"] for row in seen.context["counts"]] == [[0, 0, 0, 1]]
    assert seen.context["chart"].content["plain"], "firms are counted, not paid"
    signs = analyst.get(reverse("warning", args=[case_id])).context["signs"]
    late = next(sign for sign in signs if sign["label"] == "本平台借款逾期")
    assert (late["value"], late["threshold"]) == ("412", "29")
    assert "被强制执行" in queue
    assert "严重" in queue
    assert rows_of_csv(analyst.get(reverse("warnings"), {"format": "csv"}))[0]["级别"] == "严重"
    assert send(analyst, "warning-act", case_id, "take").status_code == 302
    refused = send(analyst, "warning-act", case_id, "close", outcome="watched", reason="好")
    assert refused.status_code == 422
    assert WarningCase.objects.get().state == "taken"
    said = {"outcome": "recalled", "reason": "已上门核实，提前收回"}
    assert send(analyst, "warning-act", case_id, "close", **said).status_code == 302
    page = text_of(analyst.get(reverse("warning", args=[case_id])))
    assert "已上门核实，提前收回" in page
    assert "没有待处理的预警" in text_of(analyst.get(reverse("warnings")))
    assert "已提前收回" in text_of(
        analyst.get(reverse("warnings"), {"state": "closed", "format": "csv"})
    )


@pytest.mark.browser
def test_a_firm_is_rated_overridden_and_warned_of_in_a_browser(
    site, call, staff, firm, open_page, look
):
    """Also with RONGQIAO_SHOTS set: pictures of the pages, for people to look at."""
    _user, party_id = firm
    first, second = (officer(call, staff, role).user_id for role in ("risk_analyst", "approver"))
    find = get_user_model().objects.get
    page = open_page(width=1440, user=find(pk=first))
    page.goto(site(reverse("ratings")))
    expect(page.get_by_text("还没有评级")).to_be_visible()
    look(page)
    page.goto(site(reverse("firm-rating", args=[party_id])))
    for year, factor in (("2023", "0.8"), ("2024", "1")):
        if year == "2024":
            page.get_by_text("录入报表").click()
        page.get_by_label("截止日").fill(f"{year}-12-31")
        page.locator("#s-source").select_option("audited")
        for name, value in SOUND.items():
            page.locator(f"#s-{name}").fill(str(int(int(value) * float(factor))))
        page.get_by_role("button", name="保存报表").click()
        expect(page.get_by_text("报表已录入。")).to_be_visible()
    page.locator("summary", has_text="评级").click()
    for question in asked_of_people():
        page.locator(f"#r-{question}").select_option("b")
    page.get_by_role("button", name="评级").click()
    expect(page.get_by_text("评级已完成。")).to_be_visible()
    look(page)
    snap(page, "rating")
    page.locator("summary", has_text="调整等级").click()
    page.locator("#propose-grade").fill("C")
    page.locator("#propose-reason").fill("厂房停产，老板失联")
    page.get_by_role("button", name="确认：调整等级").click()
    expect(page.get_by_text("厂房停产，老板失联")).to_be_visible()
    other = open_page(width=390, user=find(pk=second))
    other.goto(site(reverse("firm-rating", args=[party_id])))
    look(other)
    snap(other, "rating-phone")
    other.locator("summary", has_text="批准调整").click()
    other.get_by_role("button", name="确认：批准调整").click()
    expect(other.get_by_text("已生效")).to_be_visible()
    for month in (11, 12):
        watch_in(call, party_id, date(2025, month, 3), ())
    late = make_firm(call, make_person(call, 2, name="钱七")[0], 2)
    watch_in(call, late, date(2025, 11, 3), (("days-past-due", "16"), ("tax-arrears-yuan", "1")))
    case_id = case_of(call, party_id)
    page.goto(site(reverse("warnings")))
    expect(page.get_by_text("已过期").first).to_be_visible()
    look(page)
    assert crowded_cells(page) == []
    snap(page, "warnings")
    page.goto(site(reverse("warning", args=[case_id])))
    expect(page.locator("[data-chart=hazard]")).to_be_visible()
    look(page)
    assert crowded_cells(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("summary", has_text="由我处理").click()
    page.get_by_role("button", name="确认：由我处理").click()
    expect(page.locator("summary", has_text="结案")).to_be_visible()
    snap(page, "warning")


def watch_in(call, party_id, on, counts):
    """Watch the firm as it was on a day of another month."""
    at = datetime(on.year, on.month, on.day, tzinfo=UTC)
    then = replace(call(actor="system:x"), on=on, at=at)
    return watch_firm(WatchFirm(party_id=party_id, counts=counts), then)


def snap(page, name):
    folder = os.environ.get("RONGQIAO_SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_debits_that_failed_and_limits_drawn_out_reach_early_warning(
    call, clock, staff, monkeypatch
):
    journeys.publish_first_products(call, staff)
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    user_id, _person = make_person(call, 41, name="赵六")
    firm_id = make_firm(call, user_id, 41)
    Loan.objects.update(party_id=firm_id)
    asked = []
    monkeypatch.setattr(
        servicing_jobs,
        "failed_debits",
        lambda firms, since: asked.append(since) or dict.fromkeys(firms, 5),
    )
    monkeypatch.setattr(
        servicing_jobs, "limit_use", lambda firms, _on: dict.fromkeys(firms, Decimal("0.99"))
    )
    assert watch_firms(date(2026, 4, 1)) == 1
    met = {one["code"]: one["severity"] for one in FirmWatch.objects.get().signals}
    assert (met["debits-fail"], met["limit-drawn-out"]) == (3, 2)
    assert asked == [date(2026, 1, 1)]


def test_parties_without_debits_or_limits_have_none_of_either(call, firm):
    assert failed_debits([firm[1]], date(2026, 1, 1)) == {}
    assert limit_use([firm[1]], date(2026, 1, 1)) == {}
