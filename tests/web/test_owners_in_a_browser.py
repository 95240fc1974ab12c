"""A firm declares its owners in a real browser; compliance gets an alert, support sees nothing."""

import time

import pytest
from django.contrib.auth import get_user_model

from rongqiao.risk.models.laundering.casework import LaunderingAlert
from rongqiao.risk.operations.laundering.screening.import_list import ImportList, import_list
from tests.makers.officers import make_officer
from tests.parties.people import actor, make_firm, make_person, resident

pytestmark = pytest.mark.browser
LISTED = "编号,类型,姓名,出生日期,国籍\nT-1,个人,欧阳建国,1990-03-07,中国\n"
ROOM = "/desk/risk/laundering/"


def somebody(user_id):
    return get_user_model().objects.get(pk=user_id)


def fill(page, line, name, number, share, control="shares"):
    page.locator(f"#id_name-{line}").fill(name)
    page.locator(f"#id_resident_id-{line}").fill(resident(number))
    page.locator(f"#id_control-{line}").select_option(control)
    page.locator(f"#id_share-{line}").fill(share)
    page.locator(f"#id_since_on-{line}").fill("2020-05-01")


def test_two_owners_one_on_a_list_is_an_alert_that_support_cannot_see(
    site, call, clock, open_page, look
):
    compliance = make_officer(clock, role="compliance_officer")
    command = ImportList(code="notice", kind="sanction", source="示例", content=LISTED)
    import_list(command, call(actor=actor(compliance)))
    user_id, _own = make_person(call, 1)
    firm = make_firm(call, user_id, 1)

    page = open_page(user=somebody(user_id))
    page.goto(site("/account/"))
    page.get_by_role("button", name="切换到此身份").click()
    page.get_by_role("link", name="受益所有人", exact=True).click()
    page.get_by_text("还没有申报").first.wait_for()
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    fill(page, 0, "李国庆", 2, "60")
    page.get_by_role("button", name="再加一位").click()
    page.locator("#id_name-2").wait_for()
    assert page.locator("#id_name-0").input_value() == "李国庆"
    fill(page, 1, "欧阳建国", 3, "45")
    page.locator("#id_is_true").check()
    page.get_by_role("button", name="申报", exact=True).click()
    page.get_by_text("超过了 100%").wait_for()
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    fill(page, 1, "欧阳建国", 3, "33.34", "votes")
    page.get_by_role("button", name="申报", exact=True).click()
    page.get_by_text("已申报为第 1 版").wait_for()
    content = page.content()
    assert "欧***" in content
    assert "欧阳建国" not in content
    assert resident(3) not in content
    look(page)

    end = time.monotonic() + 30
    while not LaunderingAlert.objects.exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    alert = LaunderingAlert.objects.get()
    officer = open_page(user=somebody(compliance))
    officer.goto(site(ROOM))
    officer.locator("[data-row]").get_by_role("link").first.click()
    officer.get_by_text("受益所有人（收益权或表决权，33.34%）").wait_for()
    officer.get_by_text("欧阳建国").first.wait_for()
    look(officer)
    officer.set_viewport_size({"width": 1440, "height": 900})
    officer.get_by_role("link", name="评级与筛查记录").click()
    officer.get_by_role("heading", name="受益所有人").wait_for()
    look(officer)

    support = open_page(user=somebody(make_officer(clock, role="support")))
    for path in ("", f"alerts/{alert.pk}/", f"customers/{firm}/"):
        assert support.goto(site(ROOM + path)).status == 404
    support.goto(site("/desk/"))
    for told in (alert.number, "欧阳建国", "反洗钱"):
        assert told not in support.content()
    page.goto(site("/my/owners/"))
    for word in ("洗钱", "名单", "筛查", "预警"):
        assert word not in page.locator("main").inner_text()
