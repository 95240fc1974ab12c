"""Compliance in a real browser: an alert by keys, two people for its report, a wall around it."""

import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from rongqiao.risk.models.laundering.casework import (
    LaunderingAlert,
    LaunderingCase,
    LaunderingReport,
)
from rongqiao.risk.models.laundering.freezing import Freeze
from rongqiao.risk.operations.laundering.screening.import_list import ImportList, import_list
from tests.makers.officers import make_officer
from tests.parties.people import actor, make_firm, make_person

pytestmark = pytest.mark.browser
LISTS = Path(__file__).parents[2] / "src" / "rongqiao_sandboxes" / "watchlists"
OURS = (
    "编号,类型,姓名,别名,出生日期,国籍,依据,备注\n"
    "T-1,个人,王小明,WANG Xiaoming,1990-03-07,中国,示例公告,虚构\n"
    "T-2,企业,上海融桥示范科技有限公司,,,,示例公告,虚构\n"
)
ROOM = "/desk/risk/laundering/"


@pytest.fixture
def hire(clock):
    """Return `hire(*roles)`: somebody new who holds them."""

    def make(*roles):
        user_id = make_officer(clock, role=roles[0])
        for role in roles[1:]:
            make_officer(clock, user_id=user_id, role=role)
        return get_user_model().objects.get(pk=user_id)

    return make


@pytest.fixture
def alerts(site, call, hire):
    """A person and a firm who are like listed ones; the worker screens them."""
    first = hire("compliance_officer")
    command = ImportList(code="notice", kind="sanction", source="示例", content=OURS)
    import_list(command, call(actor=actor(first.pk)))
    user_id, _party = make_person(call, 1)
    make_firm(call, user_id, 1)
    wait_for(lambda: LaunderingAlert.objects.count() == 3)
    return first


def wait_for(is_so):
    import time  # noqa: PLC0415

    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def press(page, key, then):
    """Press a key of the desk and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_load_state()
    page.locator(then).first.wait_for()


def test_compliance_works_an_alert_that_support_cannot_see(site, alerts, open_page, hire):
    page = open_page(user=alerts)
    page.goto(site("/desk/risk/"))
    page.get_by_role("link", name="反洗钱", exact=True).click()
    page.wait_for_url(f"**{ROOM}")
    assert page.locator("[data-row]").count() == 3
    press(page, "n", "text=逐项对照")
    page.keyboard.press("x")
    page.locator("#dismiss-reason:focus, #dismiss-reason").first.wait_for()
    page.locator("#dismiss-reason").fill("照片和籍贯不同")
    press(page, "Control+Enter", "text=逐项对照")
    assert LaunderingAlert.objects.filter(state="false").count() == 1
    page.keyboard.press("p")
    page.locator("#pursue-listed-reason").fill("名称、出生日期相同")
    page.locator("#pursue-listed-is_frozen").check()
    page.locator("#pursue-listed-reason").focus()
    press(page, "Control+Enter", "text=经过")
    case = LaunderingCase.objects.get()
    page.locator("summary", has_text="领取").click()
    page.get_by_role("button", name="确认：领取").click()
    page.locator("summary", has_text="提议报告").click()
    page.locator("#report-text").fill("资金来源与身份不符")
    page.get_by_role("button", name="确认：提议报告").click()
    page.get_by_text("须由另一位合规人员决定").wait_for()
    other = open_page(user=hire("compliance_officer"))
    other.goto(site(f"{ROOM}cases/{case.pk}/"))
    other.locator("summary", has_text="批准").click()
    other.get_by_role("button", name="确认：批准").click()
    other.get_by_role("link", name="打开报告").click()
    other.wait_for_url(re.compile("reports/"))
    with other.expect_download() as got:
        other.get_by_role("link", name="XML").click()
    assert got.value.suggested_filename.endswith(".xml")
    report = LaunderingReport.objects.get()
    freeze = Freeze.objects.get()
    page.goto(site(f"{ROOM}freezes/{freeze.pk}/"))
    page.locator("summary", has_text="提议解除").click()
    page.locator("#propose-reason").fill("主管部门书面通知解除")
    page.get_by_role("button", name="确认：提议解除").click()
    page.get_by_text("须由另一位合规人员决定").wait_for()
    other.goto(site(f"{ROOM}freezes/{freeze.pk}/"))
    other.locator("summary", has_text="批准解除").click()
    other.get_by_role("button", name="确认：批准解除").click()
    other.get_by_text("已解除").first.wait_for()
    for role in ("support", "reviewer", "auditor", "risk_analyst"):
        outsider = open_page(user=hire(role))
        for path in ("", f"cases/{case.pk}/", f"reports/{report.pk}/", "figures/", "freezes/"):
            assert outsider.goto(site(ROOM + path)).status == 404
        outsider.goto(site("/desk/"))
        assert outsider.locator("text=反洗钱").count() == 0
        assert report.number not in outsider.content()


def test_the_rooms_pages_are_readable_in_every_light(site, alerts, open_page, look, hire):
    page = open_page(user=alerts)
    alert = LaunderingAlert.objects.filter(part="self").first()
    page.goto(site(f"{ROOM}alerts/{alert.pk}/"))
    page.locator("summary", has_text="立案").click()
    page.locator("#pursue-listed-reason").fill("名称、出生日期相同")
    page.locator("#pursue-listed-is_frozen").check()
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="确认：立案").click()
    page.get_by_text("经过").wait_for()
    case = LaunderingCase.objects.get()
    freeze = Freeze.objects.get()
    for path in (
        "",
        "freezes/",
        f"freezes/{freeze.pk}/",
        "ratings/?waiting=1",
        f"cases/{case.pk}/",
        "cases/",
        "reports/",
        "ratings/",
        "lists/",
        "figures/",
        f"customers/{alert.party_id}/",
    ):
        assert page.goto(site(ROOM + path)).status == 200
        look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(site(f"{ROOM}lists/"))
    page.locator("#id_code").fill("exposed")
    page.locator("#id_kind").select_option("pep")
    page.locator("#id_source").fill("示例")
    page.locator("#id_file").set_input_files(LISTS / "exposed.csv")
    page.get_by_role("button", name="检查并导入").click()
    page.get_by_text("司马启航").first.wait_for()
    look(page)
