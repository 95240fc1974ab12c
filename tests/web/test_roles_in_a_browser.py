"""A role is taken back in a real browser: the page says what follows before it happens."""

import pytest
from django.contrib.auth import get_user_model

from rongqiao.parties.models import RoleGrant
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from tests.makers import journeys
from tests.parties.people import actor, make_user

pytestmark = pytest.mark.browser


def test_a_role_is_taken_back_after_a_second_word(site, call, open_page, look):
    staff = journeys.make_staff(call)
    user_id = make_user()
    phone = SetPhone(user_id=user_id, phone="13800001007", is_proved=True)
    set_phone(phone, call(actor=actor(user_id)))
    journeys.give_role(call, *staff.administrators, user_id, "support")
    page = open_page(user=get_user_model().objects.get(pk=staff.administrators[0]))
    page.goto(site("/desk/roles/"))
    row = page.get_by_role("row").filter(has_text="138****1007")
    row.get_by_text("收回", exact=True).click()
    row.get_by_text("立即失去「客服」角色").wait_for()
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    assert RoleGrant.objects.get(user_id=user_id).state == "confirmed"
    row.get_by_role("button", name="确认收回").click()
    page.get_by_text("已办理").first.wait_for()
    assert RoleGrant.objects.get(user_id=user_id).state == "revoked"
