"""Placement plans at the desk: tried, edited, put forward, released by another, held to facts."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.cli import eod
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.models import Application
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.portfolio import interest_owed, lent_between
from rongqiao.platform import relay
from rongqiao.risk.models.plans import PlacementPlan
from tests.makers import journeys
from tests.parties.people import make_user
from tests.web.finance_desk import officer, rows_of_csv, rows_of_xlsx, send, text_of

LINES = (
    "consumer-monthly A ? 500000 2000000 8 ? ? 1 60 12\n"
    "consumer-monthly B ? 0 ? 12 ? ? 3 60 12\n"
    "consumer-monthly C ? 0 2000000 18 ? ? 12 60 12"
)
PLAN = {
    "first_month": "2026-01",
    "months": "2",
    "budget": "3000000.00",
    "loss_ceiling": "60000.00",
    "funds": "2.5",
    "cost": "1.5",
    "lines": LINES,
    "source": "测试假设，未经实测",
}


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


def proposed(client, **changes):
    answer = send(client, "plan-new", **PLAN | {"lines": FIXED} | changes)
    assert answer.status_code == 302, text_of(answer)
    return PlacementPlan.objects.latest("number")


FIXED = (
    "consumer-monthly A 2000000 500000 2000000 8 2.5 1.5 1 60 12\n"
    "consumer-monthly B 1000000 0 3000000 12 2.5 1.5 3 60 12"
)


@pytest.mark.usefixtures("static_files")
def test_the_best_split_is_tried_edited_and_put_forward_and_another_releases(call, staff):
    risk, finance = officer(call, staff, "risk_analyst"), officer(call, staff)
    assert "还没有投放方案" in text_of(risk.get(reverse("plans")))
    begun = text_of(risk.get(reverse("plan-new")))
    assert "2026-02" in begun
    assert "consumer-monthly A ? 0 ? " in begun
    assert "损失准备参数第 1 版" in begun
    tried = send(risk, "plan-new", **PLAN, step="try")
    assert tried.status_code == 200
    # B earns .062 a yuan, C .068 and A .034; C loses .072, B .018, A .006: the ceiling of 60,000
    # is met with A at its floor, and B and C sharing what is left.
    filled = tried.context["form"].initial["lines"].splitlines()
    amounts = [line.split()[2] for line in filled]
    assert amounts == ["500000.00", "2277777.77", "222222.22"]
    assert not PlacementPlan.objects.exists()
    edited = "\n".join(filled).replace("2277777.77", "2000000.00")
    assert send(risk, "plan-new", **PLAN | {"lines": edited}).status_code == 302
    plan = PlacementPlan.objects.get()
    assert plan.placed_minor == 272_222_222
    assert send(risk, "plan-act", plan.pk, "release").status_code == 403
    page = reverse("plan", args=[plan.pk])
    assert "须由另一位放行" in text_of(risk.get(page))
    assert "放行" in text_of(finance.get(page))
    assert send(finance, "plan-act", plan.pk, "release").status_code == 302
    assert "已放行" in text_of(finance.get(page))
    assert send(finance, "plan-act", plan.pk, "vanish").status_code == 404


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"loss_ceiling": "10.00"}, "各行下限的预期损失已超过上限"),
        ({"budget": "100.00", "lines": FIXED}, "各行下限合计已超过预算"),
        ({"lines": "consumer-monthly A ?"}, "读不懂"),
        ({"funds": ""}, "读不懂"),
        ({"first_month": "2026-13"}, "首月"),
        ({"months": "13"}, "月数"),
    ],
)
def test_what_cannot_be_split_or_read_says_why(call, staff, change, words):
    risk = officer(call, staff, "risk_analyst")
    answer = send(risk, "plan-new", **PLAN | change, step="try")
    assert answer.status_code == 422
    assert words in text_of(answer)


@pytest.mark.usefixtures("static_files")
def test_a_plan_over_its_bounds_is_not_put_forward(call, staff):
    risk = officer(call, staff, "risk_analyst")
    answer = send(risk, "plan-new", **PLAN | {"lines": FIXED, "loss_ceiling": "100.00"})
    assert answer.status_code == 422
    assert "方案超出界限" in text_of(answer)
    past = send(risk, "plan-new", **PLAN | {"lines": FIXED, "first_month": "2025-01"})
    assert past.status_code == 422
    assert "已经过去" in text_of(past)


@pytest.fixture
def lent(call, clock, staff):
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    eod.catch_up(date(2026, 2, 10))
    relay.drain(SUBSCRIBERS)
    return Loan.objects.get()


@pytest.mark.usefixtures("static_files")
def test_what_was_lent_stands_beside_the_plan_to_the_fen(
    call, staff, lent, django_assert_max_num_queries
):
    grade = Application.objects.get().offered_grade
    (line,) = lent_between(date(2026, 1, 1), date(2026, 1, 31))
    assert (line.product_code, line.grade, line.loans) == (lent.product_code, grade, 1)
    assert line.lent.minor == lent.principal_minor
    assert line.interest.minor == interest_owed()[lent.product_code] > 0
    assert lent_between(date(2026, 2, 1), date(2026, 2, 28)) == ()
    risk, auditor = officer(call, staff, "risk_analyst"), officer(call, staff, "auditor")
    other = "Z" if grade != "Z" else "Y"
    plan = proposed(risk, lines=f"{lent.product_code} {other} 10000 0 20000 12 2 1 3 60 12")
    page = reverse("plan", args=[plan.pk])
    with django_assert_max_num_queries(20):
        shown = text_of(auditor.get(page))
    assert "计划外" in shown
    rows = rows_of_csv(auditor.get(page, {"format": "csv"}))
    assert [row["计划投放"] for row in rows] == ["10000.00", "0.00"]
    assert [row["实际投放"] for row in rows] == ["0.00", line.lent.text()]
    assert rows[1]["已得利息"] == line.interest.text()
    assert rows[0]["预期利润"] == "720.00"  # 12 - 2 - 1 - 3 x 60 % of 10,000 for a year
    _heads, sheet = rows_of_xlsx(auditor.get(page, {"format": "xlsx"}), "产品")
    assert len(sheet) == 2


@pytest.mark.usefixtures("static_files")
def test_the_list_is_had_as_a_file_and_read_in_few_queries(
    call, staff, django_assert_max_num_queries
):
    risk = officer(call, staff, "risk_analyst")
    for _each in range(3):
        proposed(risk)
    with django_assert_max_num_queries(12):
        risk.get(reverse("plans"))
    rows = rows_of_csv(risk.get(reverse("plans"), {"format": "csv"}))
    assert [row["方案"] for row in rows] == ["3", "2", "1"]
    assert {row["状态"] for row in rows} == {"待放行"}


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(
    ("role", "status"),
    [("finance", 200), ("approver", 200), ("auditor", 200), ("reviewer", 404), ("support", 404)],
)
def test_others_read_and_do_not_propose(call, staff, role, status):
    client = officer(call, staff, role)
    assert client.get(reverse("plans")).status_code == status
    assert client.get(reverse("plan-new")).status_code == 404
    assert send(client, "plan-new", **PLAN).status_code == 404


@pytest.mark.browser
def test_two_people_bring_a_plan_about_in_a_browser(site, call, staff, lent, open_page, look):
    assert lent
    find = get_user_model().objects.get
    people = []
    for role in ("risk_analyst", "finance"):
        user_id = make_user()
        journeys.give_role(call, *staff.administrators, user_id, role)
        people.append(find(pk=user_id))
    page = open_page(width=390, user=people[0])
    page.goto(site(reverse("plans")))
    look(page)
    page.get_by_role("link", name="提出方案").click()
    for name, value in PLAN.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_text("预算剩余")).to_be_visible()
    look(page)
    page.get_by_role("button", name="提交放行").click()
    expect(page.get_by_text("您提出的方案")).to_be_visible()
    second = open_page(width=1440, user=people[1])
    second.goto(site(reverse("plans")))
    second.get_by_role("link", name="1", exact=True).click()
    second.locator("summary", has_text="放行").click()
    look(second)
    second.get_by_role("button", name="确认：放行").click()
    expect(second.get_by_text("已放行").first).to_be_visible()
    look(second)
