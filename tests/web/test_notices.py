"""The bell and the page behind it: what was told, reading it, and turning texts off."""

from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.engagement.notifications.operations.tell import Tell, tell
from rongqiao.engagement.notifications.queries import count_unread, wants_sms
from tests.parties.people import make_person
from tests.web.finance_desk import client_of, text_of


def told(call, party, number, **facts):
    about = {"number": f"L{number}", "amount": "1000.00", **facts}
    return tell(Tell(party_id=party, kind="disbursed", subject=f"s{number}", facts=about), call())


@pytest.fixture
def person(db, call):
    return make_person(call, 1)


@pytest.mark.usefixtures("static_files")
def test_what_was_told_is_listed_counted_and_read(call, person):
    user, party = person
    page, address = client_of(user), reverse("notices")
    assert "还没有消息" in text_of(page.get(address))
    for number in range(3):
        told(call, party, number)
    shown = page.get(address)
    assert "借款 L2 已放款 1000.00 元" in text_of(shown)
    assert shown.context["shell"]["unread"] == 3
    assert "条未读" in text_of(shown)
    up_to = shown.context["read_form"].initial["up_to"]
    told(call, party, 9)
    page.post(reverse("notices-read"), {"key": uuid4(), "up_to": up_to})
    assert count_unread(user) == 1


@pytest.mark.usefixtures("static_files")
def test_texts_are_turned_off_and_on(person):
    user, _party = person
    page, address = client_of(user), reverse("notice-channels")
    off = page.post(address, {"key": uuid4(), "channel": "sms"}, follow=True)
    assert "以后不再发短信提醒" in text_of(off)
    assert not wants_sms(user)
    page.post(address, {"key": uuid4(), "channel": "sms", "is_wanted": "true"})
    assert wants_sms(user)


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1"])
def test_any_page_number_is_answered(person, before):
    answer = client_of(person[0]).get(reverse("notices"), {"before": before})
    assert answer.status_code == 200


@pytest.mark.usefixtures("static_files")
def test_the_list_asks_the_database_no_more_for_more(call, person, django_assert_max_num_queries):
    user, party = person
    page = client_of(user)
    for number in range(60):
        told(call, party, number)
    with django_assert_max_num_queries(10):
        shown = page.get(reverse("notices"))
    older = shown.context["older"]
    assert len(page.get(reverse("notices"), {"before": older}).context["rows"]) == 10
    file = page.get(reverse("notices"), {"format": "csv"}).content.decode()
    assert len(file.splitlines()) == 61


def test_somebody_elses_notices_stay_theirs(call, person, static_files):
    told(call, person[1], 1)
    other, _party = make_person(call, 2)
    assert "L1" not in text_of(client_of(other).get(reverse("notices")))


@pytest.mark.browser
def test_the_bell_leads_to_the_notices_in_every_light(call, site, open_page, look):
    user, party = make_person(call, 3)
    told(call, party, 1)
    page = open_page(user=get_user_model().objects.get(pk=user), width=390)
    page.goto(site(reverse("dashboard")))
    page.get_by_role("link", name="消息").click()
    page.get_by_text("借款 L1 已放款").wait_for()
    look(page)
    page.get_by_role("button", name="全部标为已读").click()
    page.get_by_role("button", name="关闭短信提醒").click()
    page.get_by_text("以后不再发短信提醒").wait_for()
    look(page)
