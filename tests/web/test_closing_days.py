"""The day's close as staff see it: steps, loans put aside, and taking one back."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db.models import F
from django.urls import reverse

from rongqiao.cli import eod
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.end_of_day.plan_day import PlanDay, plan_day
from rongqiao.lending.servicing.operations.end_of_day.steps import Step
from rongqiao.lending.servicing.queries.closing_days import count_parked
from rongqiao.policies.roles import Role
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of
from tests.web.finance_desk import officer, rows_of_csv, send, text_of

OPENED = date(2026, 1, 8)


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture
def parked(clock, call):
    """A loan that three closing days could not take, beside one that they could."""
    lent = [
        lend(Lend(principal=1_000_000, party=uuid_of(900 + n)), call(actor="system:test")).loan_id
        for n in range(2)
    ]
    bad = Loan.objects.get(pk=lent[0])
    Loan.objects.filter(pk=bad.pk).update(period_due_on=F("period_from_on"))
    eod.catch_up(OPENED)
    return bad


def begin_to_close(call):
    """Plan the business date and do its first step, as a close that is under way has."""
    plan_day(PlanDay(on=OPENED), call(actor="system:test"))
    eod.run_step(Step.ACCRUE, OPENED)


@pytest.mark.usefixtures("static_files")
def test_staff_see_the_steps_and_take_a_mended_loan_back(call, staff, parked):
    client = officer(call, staff, Role.OPERATOR)
    page = text_of(client.get(reverse("closing-days")))
    assert parked.number in page
    assert "the interest period has no days" in page
    assert "data-poll" not in page
    rows = rows_of_csv(client.get(reverse("closing-days"), {"format": "csv"}))
    assert {(row["会计日"], row["步骤"]) for row in rows} >= {("2026-01-05", "计提利息")}
    assert sum(int(row["搁置"]) for row in rows) == 1
    answer = send(client, "release-loan", parked.pk)
    assert "the interest period has no days" in text_of(client.get(answer["Location"]))
    assert count_parked() == 1
    Loan.objects.filter(pk=parked.pk).update(period_due_on=parked.period_due_on)
    answer = send(client, "release-loan", parked.pk)
    assert "补算 3 天" in text_of(client.get(answer["Location"]))
    assert count_parked() == 0
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
def test_the_page_asks_again_while_a_day_is_closed_and_releases_nobody_then(call, staff, parked):
    client = officer(call, staff, Role.ADMINISTRATOR)
    begin_to_close(call)
    page = client.get(reverse("closing-days"))
    assert reverse("closing-steps") in text_of(page)
    part = client.get(reverse("closing-steps"))
    assert "X-Final" not in part
    assert ("结账中" in text_of(part), "0/1" in text_of(part)) == (True, True)
    answer = send(client, "release-loan", parked.pk)
    assert "正在日终结账" in text_of(client.get(answer["Location"]))
    assert count_parked() == 1
    eod.catch_up(date(2026, 1, 9))
    part = client.get(reverse("closing-steps"))
    assert part["X-Final"] == "1"
    assert "结账中" not in text_of(part)


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_others_do_not_find_the_page_and_release_nothing(call, staff, parked, role):
    client = officer(call, staff, role)
    assert client.get(reverse("closing-days")).status_code == 404
    assert client.get(reverse("closing-steps")).status_code == 404
    key = {"key": str(uuid4())}
    assert client.post(reverse("release-loan", args=[parked.pk]), key).status_code == 404
    assert count_parked() == 1


@pytest.mark.browser
def test_staff_take_a_loan_back_in_a_browser(site, call, staff, parked, open_page, look):
    client = officer(call, staff, Role.OPERATOR)
    begin_to_close(call)
    page = open_page(user=get_user_model().objects.get(pk=client.user_id))
    page.goto(site(reverse("closing-days")))
    look(page)
    eod.catch_up(date(2026, 1, 9))
    page.get_by_text("结账中").wait_for(state="detached")
    Loan.objects.filter(pk=parked.pk).update(period_due_on=parked.period_due_on)
    page.locator("summary", has_text="恢复").click()
    look(page)
    page.get_by_role("button", name="确认恢复").click()
    page.get_by_text("补算 4 天").wait_for()
    assert count_parked() == 0
