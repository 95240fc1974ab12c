"""An e-mail address added, changed and removed: by its owner alone, proved where it is read."""

import re
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from rongqiao.parties.models import EmailClaim, StepUp
from rongqiao.parties.queries import proved_email_of
from tests.parties.people import make_user
from tests.web import test_account
from tests.web.finance_desk import client_of, text_of, user
from tests.web.test_account import PASSWORD, PHONE, code_in, log_in, register, texts

pytestmark = pytest.mark.usefixtures("static_files")
ready = test_account.ready
MINE, NEW = "wang@example.cn", "wang@example.com"


def send(client, name, **fields):
    return client.post(reverse(name), {"key": str(uuid4()), **fields}, follow=True)


def answer_text(client, **fields):
    """Answer the proof with the code that was texted."""
    return send(client, "prove-email", answer=code_in(texts(PHONE)[-1]), **fields)


def mailed_to(address):
    return [one.body for one in mail.outbox if one.to == [address]]


def add(client, address=MINE):
    send(client, "email", email=address)
    answer_text(client)
    return send(client, "confirm-email", answer=code_in(mailed_to(address)[-1]))


def owner():
    return StepUp.objects.latest("asked_at").user_id


def test_who_registered_by_phone_adds_an_address_and_logs_in_by_it(clock):
    client = register()
    assert "未添加" in text_of(client.get("/account/"))
    asked = send(client, "email", email=" Wang@Example.cn ")
    assert "w***@example.cn" in text_of(asked)
    assert MINE not in asked.request["PATH_INFO"] + asked.request["QUERY_STRING"]
    assert mail.outbox == [], "nothing is mailed before it is known who asks"
    told = answer_text(client)
    assert "验证码已发往 w***@example.cn" in text_of(told)
    assert proved_email_of(owner()) is None
    done = send(client, "confirm-email", answer=code_in(mailed_to(MINE)[-1]))
    assert "邮箱已生效" in text_of(done)
    assert "w***@example.cn" in text_of(done)
    assert MINE not in text_of(done)
    assert proved_email_of(owner()) == MINE
    assert MINE.encode() not in bytes(EmailClaim.objects.get().address_sealed)
    assert log_in(Client(), MINE, PASSWORD).status_code == 302


def test_a_change_takes_the_place_of_the_old_and_tells_it(clock):
    client = register()
    add(client)
    mail.outbox.clear()
    add(client, NEW)
    assert proved_email_of(owner()) == NEW
    assert EmailAddress.objects.count() == 1
    (told,) = mailed_to(MINE)
    assert "已更换为 w***@example.com" in told


def test_a_removal_is_proved_and_tells_the_address(clock):
    client = register()
    add(client)
    mail.outbox.clear()
    send(client, "remove-email")
    assert proved_email_of(owner()) == MINE
    assert "邮箱已移除" in text_of(answer_text(client))
    assert proved_email_of(owner()) is None
    assert len(mailed_to(MINE)) == 1


def test_the_only_way_in_is_not_removed_but_changed_by_password(clock):
    user_id = make_user()
    someone = user(user_id)
    someone.set_password(PASSWORD)
    someone.save()
    EmailAddress.objects.create(user_id=user_id, email=MINE, verified=True, primary=True)
    client = client_of(user_id)
    assert "移除邮箱" not in text_of(client.get(reverse("email")))
    send(client, "remove-email")
    assert "唯一的登录方式" in text_of(send(client, "prove-email", answer=PASSWORD))
    send(client, "email", email=NEW)
    assert "登录密码不对" in text_of(send(client, "prove-email", answer="wrong"))
    send(client, "prove-email", answer=PASSWORD)
    send(client, "confirm-email", answer=code_in(mailed_to(NEW)[-1]))
    assert proved_email_of(user_id) == NEW


def test_anothers_address_is_not_told_apart_and_its_owner_hears_of_it(clock):
    EmailAddress.objects.create(user_id=make_user(), email=MINE, verified=True, primary=True)
    client = register()
    send(client, "email", email=MINE)
    told = answer_text(client)
    assert "验证码已发往 w***@example.cn" in text_of(told)
    (said,) = mailed_to(MINE)
    assert re.search(r"\b\d{6}\b", said) is None
    for left in (4, 3, 2, 1):
        wrong = send(client, "confirm-email", answer="000000")
        assert f"还可以试 {left} 次" in text_of(wrong)
    assert "验证已失效" in text_of(send(client, "confirm-email", answer="000000"))
    assert proved_email_of(owner()) is None


def test_of_two_who_claim_one_address_the_first_to_prove_it_has_it(clock):
    first, second = register(), register("13900139000")
    send(first, "email", email=MINE)
    answer_text(first)
    send(second, "email", email=MINE)
    send(second, "prove-email", answer=code_in(texts("13900139000")[-1]))
    codes = [code_in(text) for text in mailed_to(MINE)]
    assert "邮箱已生效" in text_of(send(second, "confirm-email", answer=codes[1]))
    assert "这个邮箱不能使用" in text_of(send(first, "confirm-email", answer=codes[0]))
    assert EmailAddress.objects.count() == 1


def test_a_wrong_proof_mails_nothing_and_no_step_is_skipped(clock):
    client = register()
    assert "添加邮箱" in text_of(send(client, "confirm-email", answer="123456"))
    assert "添加邮箱" in text_of(send(client, "prove-email", answer="123456"))
    for wrong in ("wang", "wang@", "x" * 250 + "@example.cn", ""):
        assert send(client, "email", email=wrong).status_code == 422
    send(client, "email", email=MINE)
    code = code_in(texts(PHONE)[-1])
    wrong = "000000" if code != "000000" else "111111"
    assert "验证码不对" in text_of(send(client, "prove-email", answer=wrong))
    assert mail.outbox == []
    assert not EmailClaim.objects.exists()
    assert Client().get(reverse("email")).status_code == 302


@pytest.mark.browser
def test_an_address_is_added_in_a_browser(site, clock, open_page, look):
    client = register()
    page = open_page(width=390, user=user(client.session["_auth_user_id"]))
    page.goto(site("/account/"))
    page.get_by_role("link", name="添加邮箱").click()
    page.get_by_label("邮箱").fill(MINE)
    look(page)
    page.get_by_role("button", name="添加邮箱").click()
    page.get_by_text("将把邮箱设为 w***@example.cn").wait_for()
    look(page)
    code = code_in(texts(PHONE)[-1])
    page.get_by_label("验证码").fill(code)
    page.get_by_role("button", name="确认").click()
    page.get_by_text("验证码已发往 w***@example.cn").wait_for()
    look(page)
    page.get_by_label("验证码").fill(code_in(mailed_to(MINE)[-1]))
    page.get_by_role("button", name="确认").click()
    page.get_by_text("邮箱已生效").wait_for()
    look(page)
