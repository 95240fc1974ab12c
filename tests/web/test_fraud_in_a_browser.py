"""The room of fraud in a real browser: cases by keys alone, a ring of fifty, in every light."""

import pytest
from django.contrib.auth import get_user_model

from rongqiao.risk.models.fraud import FraudCase, ListEntry
from rongqiao.risk.operations.fraud.gather_rings import GatherRings, gather_rings
from rongqiao.risk.queries.watching.marks import mark
from tests.makers.officers import make_officer
from tests.risk.fraud.seeing import see, subject

pytestmark = pytest.mark.browser
CARD = "6222021234567890123"


@pytest.fixture
def hire(clock):
    """Return `hire(role)`: somebody new who holds it."""
    return lambda role: get_user_model().objects.get(pk=make_officer(clock, role=role))


@pytest.fixture
def ring(call, live_db):
    """Fifty accounts on one device, some of them with cards and an address in common."""
    for number in range(50):
        shared = {"card": CARD} if number % 4 == 0 else {}
        if number % 5 == 0:
            shared["address"] = "和平路7号2单元301"
        see(call, number, device="ring", phone=f"1380013{number:04d}", **shared)
    gather_rings(GatherRings(), call(actor="system:risk"))
    return FraudCase.objects.get(about="ring")


def press(page, key, then):
    """Press a key of the desk and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_load_state()
    page.locator(then).first.wait_for()


def test_three_cases_are_worked_by_keys_alone_and_one_is_confirmed_by_another(
    site, call, open_page, hire
):
    for number in range(3):
        for _ in range(4):
            see(call, number, "applied")
    page = open_page(user=hire("risk_analyst"))
    for done in range(3):
        page.goto(site("/desk/risk/fraud/?state=open"))
        assert page.locator("[data-row]").count() == 3 - done
        page.keyboard.press("j")
        press(page, "o", "[data-key=t]")
        press(page, "t", "[data-key=p]")
        key, field = ("p", "#propose-reason") if done == 0 else ("c", "#clear-reason")
        page.keyboard.press(key)
        page.locator(f"{field}:focus").wait_for()
        page.keyboard.type("短时间内反复申请，已电话核实")
        press(page, "Control+Enter", "text=已办理。")
    assert sorted(FraudCase.objects.values_list("state", flat=True)) == [
        "cleared",
        "cleared",
        "proposed",
    ]
    page.goto(site("/desk/risk/fraud/?state=proposed"))
    page.keyboard.press("j")
    press(page, "o", "text=须由另一位复核")
    assert page.locator("[data-key=y]").count() == 0
    other = open_page(user=hire("compliance_officer"))
    other.goto(page.url)
    other.keyboard.press("y")
    other.locator("#confirm-reason:focus").wait_for()
    other.keyboard.type("属实")
    press(other, "Control+Enter", "text=已确认欺诈")
    assert FraudCase.objects.filter(state="confirmed").count() == 1


def test_a_ring_of_fifty_is_drawn_and_readable_in_every_light(
    site, call, open_page, look, hire, ring
):
    page = open_page(user=hire("risk_analyst"))
    page.goto(site(f"/desk/risk/fraud/rings/{ring.subject_id}/"))
    assert page.locator("circle.ring-spot").count() == 50
    assert page.locator("circle.ring-hub").count() == 3
    box = page.locator("svg[role=img]").bounding_box()
    assert box["width"] > 380
    for path in ("", f"cases/{ring.pk}/", f"rings/{ring.subject_id}/", "rings/"):
        page.goto(site(f"/desk/risk/fraud/{path}"))
        look(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site(f"/desk/risk/fraud/rings/{ring.subject_id}/"))
    assert page.locator("svg[role=img]").bounding_box()["width"] > 280


def test_lists_search_and_a_subject_are_readable_in_every_light(
    site, call, open_page, look, hire, ring
):
    page = open_page(user=hire("risk_analyst"))
    page.goto(site("/desk/risk/fraud/lists/"))
    look(page)
    page.keyboard.press("a")
    page.locator("#id_standing").select_option("black")
    page.locator("#id_value").fill("138 0013 8000")
    page.locator("#id_reason").fill("冒用他人身份")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("138****8000").wait_for()
    assert ListEntry.objects.get().state == "waiting"
    look(page)
    other = open_page(user=hire("compliance_officer"))
    other.goto(site("/desk/risk/fraud/lists/"))
    other.get_by_text("复核通过", exact=True).click()
    other.get_by_role("button", name="确认：复核通过").click()
    other.locator("article", has_text="生效中").wait_for()
    look(other)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(site("/desk/risk/fraud/search/"))
    page.keyboard.press("/")
    page.keyboard.type("＋86 138-0013-0000")
    page.keyboard.press("Enter")
    page.get_by_text("1 个主体用过").wait_for()
    assert "1380013" not in page.url
    assert mark("phone", "13800130000").index in page.url
    look(page)
    page.goto(site(f"/desk/risk/fraud/subjects/{subject(0)}/"))
    look(page)


def test_a_case_is_cleared_and_a_ring_seen_without_scripts(site, call, open_page, hire, ring):
    page = open_page(user=hire("risk_analyst"), scripts=False)
    page.goto(site(f"/desk/risk/fraud/cases/{ring.pk}/"))
    assert page.locator("circle.ring-spot").count() == 50
    page.get_by_role("button", name="领取").click()
    page.locator("summary", has_text="排除").click()
    page.locator("#clear-reason").fill("门店平板代客登记")
    page.get_by_role("button", name="确认：排除").click()
    page.get_by_text("已排除").first.wait_for()
    assert FraudCase.objects.get(pk=ring.pk).state == "cleared"
