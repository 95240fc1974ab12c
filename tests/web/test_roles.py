"""The page of roles: as many queries however long, files with masked phones, a word before."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.web.backoffice.running import roles
from tests.makers import journeys
from tests.parties.people import actor, make_user
from tests.web.finance_desk import client_of, rows_of_csv, rows_of_xlsx, text_of

# A person's cell, not the sentence beside it.
ROW = r'data-label="员工"[^>]*>138\*{4}10'
pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


def _supporter(call, staff, number):
    user_id = make_user()
    phone = SetPhone(user_id=user_id, phone=f"138000010{number:02d}", is_proved=True)
    set_phone(phone, call(actor=actor(user_id)))
    journeys.give_role(call, *staff.administrators, user_id, "support")


def _asked(desk):
    with CaptureQueriesContext(connection) as asked:
        page = text_of(desk.get(reverse("roles-desk")))
    return len(asked), page


def test_thirty_people_ask_no_more_queries_than_three(call, staff):
    desk = client_of(staff.administrators[0])
    for number in range(3):
        _supporter(call, staff, number)
    desk.get(reverse("roles-desk"))
    few, page = _asked(desk)
    assert len(re.findall(ROW, page)) == 3
    for number in range(3, 30):
        _supporter(call, staff, number)
    many, page = _asked(desk)
    assert len(re.findall(ROW, page)) == 30
    assert many == few


def test_the_table_is_a_file_too_with_masked_phones(call, staff):
    _supporter(call, staff, 7)
    desk = client_of(staff.administrators[0])
    file = desk.get(reverse("roles-desk"), {"format": "csv"})
    told = [(row["员工"], row["角色"], row["状态"]) for row in rows_of_csv(file)]
    assert told.count(("138****1007", "客服", "有效")) == 1
    assert "13800001007" not in text_of(file)
    book = desk.get(reverse("roles-desk"), {"format": "xlsx"})
    _heads, rows = rows_of_xlsx(book, "员工")
    told = [(row[0], row[1], row[3]) for row in rows]
    assert told.count(("138****1007", "客服", "有效")) == 1


def test_a_list_too_long_for_a_file_is_told_and_not_cut(call, staff, monkeypatch):
    monkeypatch.setattr(roles, "MOST_ROWS", 2)
    monkeypatch.setattr("rongqiao.web.frame.exports.MOST_ROWS", 2)
    desk = client_of(staff.administrators[0])
    answer = desk.get(reverse("roles-desk"), {"format": "csv"})
    assert answer.status_code == 302


def test_taking_a_role_back_is_confirmed_first(call, staff):
    _supporter(call, staff, 7)
    page = text_of(client_of(staff.administrators[0]).get(reverse("roles-desk")))
    acts = re.findall(r"/desk/roles/[0-9a-f-]+/revoke/", page)
    asked = re.findall(
        r"<details><summary[^>]*>收回</summary>(?:(?!</details>).)*/revoke/\"(?:(?!</details>).)*"
        r"确认收回</button></form></details>",
        page,
        re.DOTALL,
    )
    assert len(acts) == len(asked) > 0
    assert "138****1007 立即失去「客服」角色" in page
