"""The allowance at the desk: valued by one, put forward, booked by another of finance."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.cli import eod
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.servicing.models.allowance import AllowanceRule, AllowanceRun
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.loans import assert_books_hold
from tests.parties.people import make_user
from tests.web.finance_desk import officer, rows_of_csv, rows_of_xlsx, send, text_of

RULE = {
    "effective_on": "2026-01-01",
    "days_increased": "30",
    "days_impaired": "90",
    "is_watch_increased": "on",
    "cure_months": "3",
    "curves": "* 1 60 0.5\n* 2 60 3\n* 3 60",
    "scenarios": "基准 100 1 1",
    "floors": "pass 1.5\nspecial-mention 3\nsubstandard 30\ndoubtful 60\nloss 100",
    "conversion_percent": "100",
    "policy": "larger",
    "source": "财金〔2012〕20 号，未见原文",
}


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
def lent(call, clock, staff, monkeypatch):
    """A loan, the morning after January was closed; it is to be valued by hand."""
    monkeypatch.setattr(eod, "is_valued", lambda _on: True)
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    eod.catch_up(date(2026, 2, 1))
    relay.drain(SUBSCRIBERS)
    return Loan.objects.get()


def valued(client):
    answer = send(client, "allowance-calculate")
    assert answer.status_code == 302, text_of(answer)
    return AllowanceRun.objects.latest("made_at")


@pytest.mark.usefixtures("static_files")
def test_one_values_and_puts_forward_and_another_of_finance_books(call, staff, lent):
    risk, finance = officer(call, staff, "risk_analyst"), officer(call, staff)
    empty = text_of(risk.get(reverse("allowance")))
    assert "还没有测算" in empty
    assert "按 2026-01-31 测算" in empty
    run = valued(risk)
    page = reverse("allowance-run", args=[run.pk])
    shown = text_of(risk.get(page))
    assert "提交复核" in shown
    assert "第一阶段" in shown
    assert send(risk, "allowance-act", run.pk, "submit").status_code == 302
    assert "批准入账" not in text_of(risk.get(page))
    assert "须由另一位财务人员批准" in text_of(risk.get(page))
    movement = sum(one.movement_minor for one in run.products.all())
    yuan = f"{movement // 100}.{movement % 100:02d}"
    assert yuan in text_of(finance.get(page))
    wrong = send(finance, "allowance-act", run.pk, "approve", expected="0.01")
    assert wrong.status_code == 422
    assert "与您看到的不符" in text_of(wrong)
    assert send(finance, "allowance-act", run.pk, "approve", expected=yuan).status_code == 302
    assert balance(f"loan-loss-allowance:{lent.product_code}").minor == movement > 0
    assert "已入账" in text_of(finance.get(reverse("allowance")))
    sheet = text_of(finance.get(reverse("balance-sheet"), {"on": "2026-01-31"}))
    assert "贷款损失准备" in sheet
    assert f"-{movement // 100:,}.{movement % 100:02d}" in sheet
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
def test_who_proposed_does_not_book_and_who_declines_says_why(call, staff, lent):
    assert lent
    both, other = officer(call, staff, "finance", "risk_analyst"), officer(call, staff)
    run = valued(both)
    send(both, "allowance-act", run.pk, "submit")
    assert send(both, "allowance-act", run.pk, "approve", expected="1.00").status_code == 403
    assert send(other, "allowance-act", run.pk, "decline", reason="").status_code == 422
    assert send(other, "allowance-act", run.pk, "decline", reason="参数待定").status_code == 302
    shown = text_of(both.get(reverse("allowance-run", args=[run.pk])))
    assert "参数待定" in shown
    assert AllowanceRun.objects.get().state == "declined"
    assert send(other, "allowance-act", run.pk, "vanish").status_code == 404


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize("role", ["reviewer", "auditor", "operator", "approver"])
def test_others_read_and_do_nothing(call, staff, lent, role):
    assert lent
    client = officer(call, staff, role)
    assert client.get(reverse("allowance")).status_code == 200
    assert client.get(reverse("allowance-rules")).status_code == 200
    assert send(client, "allowance-calculate").status_code in {403, 404}
    assert send(client, "allowance-rules", **RULE).status_code == 404
    assert not AllowanceRun.objects.exists()


@pytest.mark.usefixtures("static_files")
def test_a_valuation_is_had_as_files_and_read_in_a_bounded_number_of_queries(
    call, staff, lent, django_assert_max_num_queries
):
    risk = officer(call, staff, "risk_analyst")
    run = valued(risk)
    page = reverse("allowance-run", args=[run.pk])
    (row,) = rows_of_csv(risk.get(page, {"format": "csv"}))
    assert (row["阶段"], row["五级分类"], row["笔数"]) == ("第一阶段", "正常", "1")
    assert row["本金"] == f"{lent.principal_minor // 100}.00"
    _heads, rows = rows_of_xlsx(risk.get(page, {"format": "xlsx"}), "产品")
    assert len(rows) == 1
    with django_assert_max_num_queries(40):
        risk.get(page)
    assert risk.get(reverse("allowance-run", args=[uuid4()])).status_code == 404


@pytest.mark.usefixtures("static_files")
def test_what_the_close_put_forward_is_told_where_it_waits(call, staff, lent, monkeypatch):
    operator, finance = officer(call, staff, "operator"), officer(call, staff)
    assert "2026-01-31 月末尚未测算" in text_of(operator.get(reverse("closing-days")))
    monkeypatch.undo()
    eod.catch_up(date(2026, 2, 1))
    run = AllowanceRun.objects.get()
    told = text_of(operator.get(reverse("closing-days")))
    assert f"按 2026-01-31 测算的 {run.number}" in told
    assert reverse("allowance-run", args=[run.pk]) in told
    assert "尚未测算" not in told
    assert "月末结账时由系统测算并提出" in text_of(finance.get(reverse("allowance")))
    movement = sum(one.movement_minor for one in run.products.all())
    yuan = f"{movement // 100}.{movement % 100:02d}"
    assert send(finance, "allowance-act", run.pk, "approve", expected=yuan).status_code == 302
    assert "测算的" not in text_of(operator.get(reverse("closing-days")))
    assert balance(f"loan-loss-allowance:{lent.product_code}").minor == movement


def booked_by_close(call, staff, monkeypatch):
    """Let the close put January forward, and finance book it; return finance's client."""
    monkeypatch.undo()
    eod.catch_up(date(2026, 2, 1))
    run, finance = AllowanceRun.objects.get(), officer(call, staff)
    movement = sum(one.movement_minor for one in run.products.all())
    yuan = f"{movement // 100}.{movement % 100:02d}"
    assert send(finance, "allowance-act", run.pk, "approve", expected=yuan).status_code == 302
    return finance, yuan


@pytest.mark.usefixtures("static_files")
def test_what_moved_is_told_by_month_with_files_in_few_queries(
    call, staff, lent, monkeypatch, django_assert_max_num_queries
):
    assert lent
    reader, newest = officer(call, staff, "auditor"), reverse("allowance-movements")
    assert "本月没有入账的测算" in text_of(reader.get(newest))
    finance, yuan = booked_by_close(call, staff, monkeypatch)
    page = reverse("allowance-month", args=["2026-01"])
    assert reader.get(newest)["Location"] == page
    told = text_of(reader.get(page))
    for words in ("与总账一致，分毫不差", "新增借款", "下限补足", "此前没有入账的测算", yuan):
        assert words in told
    rows = rows_of_csv(reader.get(page, {"format": "csv"}))
    assert [row["阶段"] for row in rows][-1] == "合计"
    assert rows[-1]["期末准备"] == yuan
    assert {row["期初准备"] for row in rows} == {"0.00"}
    _heads, lines = rows_of_xlsx(finance.get(page, {"format": "xlsx"}), "产品")
    assert len(lines) == len(rows)
    with django_assert_max_num_queries(40):
        reader.get(page)
    empty = text_of(reader.get(reverse("allowance-month", args=["2025-11"])))
    assert "本月没有入账的测算" in empty
    assert page in empty
    for wrong in ("2026-13", "2026-1", "x"):
        assert reader.get(reverse("allowance-month", args=[wrong])).status_code == 404


@pytest.mark.browser
def test_the_movements_are_read_in_a_browser(site, call, staff, lent, monkeypatch, open_page, look):
    assert lent
    booked_by_close(call, staff, monkeypatch)
    find = get_user_model().objects.get
    user_id = make_user()
    journeys.give_role(call, *staff.administrators, user_id, "risk_analyst")
    for width in (390, 1440):
        page = open_page(width=width, user=find(pk=user_id))
        page.goto(site(reverse("allowance-movements")))
        expect(page.get_by_role("heading", name="损失准备变动")).to_be_visible()
        expect(page.get_by_text("与总账一致，分毫不差")).to_be_visible()
        look(page)


@pytest.mark.usefixtures("static_files")
def test_assumptions_are_released_by_another_person(call, staff):
    risk, finance = officer(call, staff, "risk_analyst"), officer(call, staff)
    told = text_of(risk.get(reverse("allowance-rules")))
    assert "未经实测" in told
    for words in ("全部产品", "第 1 月起 3.00%、3.00%", "悲观", "此后不变", ">26%<", ">次级<"):
        assert words in told
    wrong = send(risk, "allowance-rules", **RULE | {"curves": "* 1 60 0.5"})
    assert wrong.status_code == 422
    assert "违约曲线" in text_of(wrong)
    assert send(risk, "allowance-rules", **RULE | {"days_impaired": "x"}).status_code == 422
    assert send(risk, "allowance-rules", **RULE).status_code == 302
    rule = AllowanceRule.objects.get(number=2)
    assert send(risk, "allowance-rule-act", rule.pk, "release").status_code == 403
    assert "您提出的参数" in text_of(risk.get(reverse("allowance-rules")))
    assert send(finance, "allowance-rule-act", rule.pk, "release").status_code == 302
    rule.refresh_from_db()
    assert rule.state == "released"


@pytest.mark.browser
def test_finance_books_an_allowance_in_a_browser(site, hire, lent, open_page, look):
    assert lent
    find = get_user_model().objects.get
    risk, finance = find(pk=hire("risk_analyst")), find(pk=hire("finance"))
    page = open_page(width=390, user=risk)
    page.goto(site(reverse("allowance")))
    look(page)
    page.get_by_role("button", name="按 2026-01-31 测算").click()
    page.get_by_text("已测算 1 笔借款").wait_for()
    look(page)
    page.locator("summary", has_text="提交复核").click()
    page.get_by_role("button", name="确认：提交复核").click()
    expect(page.get_by_text("您提出的计提")).to_be_visible()
    page.goto(site(reverse("allowance-rules")))
    page.locator("summary", has_text="提出新版").click()
    look(page)
    second = open_page(width=1440, user=finance)
    second.goto(site(reverse("allowance")))
    second.locator("summary", has_text="批准入账").click()
    look(second)
    second.get_by_role("button", name="确认：批准入账").click()
    expect(second.get_by_text("已入账").first).to_be_visible()
    look(second)
