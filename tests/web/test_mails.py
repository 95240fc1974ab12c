"""Mails and the site: what the provider calls back, the link in a mail, the page of channels."""

import json
import time
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rongqiao.engagement.notifications.gateways.mail import signature
from rongqiao.engagement.notifications.models import MailMessage
from rongqiao.engagement.notifications.operations.mails.record_mail import RecordMail, record_mail
from rongqiao.engagement.notifications.operations.tell import Tell, tell
from rongqiao.engagement.notifications.queries import (
    channel_standing_of,
    channels_of,
    unsubscribe_token,
)
from tests.engagement.notifications import mailing
from tests.engagement.notifications.mailing import ADDRESS, SECRET, make_reader
from tests.web.finance_desk import client_of, text_of

HOOK = "/hooks/mail"


@pytest.fixture(autouse=True)
def shared_secret(settings, static_files):
    settings.MAIL_GATEWAY_SECRET = SECRET


def mail_to(call, party, subject="s1"):
    facts = {"number": "RQ260105000123", "amount": "888.66"}
    before = list(MailMessage.objects.values_list("pk", flat=True))
    tell(Tell(party_id=party, kind="disbursed", subject=subject, facts=facts), call())
    return MailMessage.objects.exclude(pk__in=before).get()


def called(told, secret=SECRET, at=None, path=HOOK):
    content = json.dumps(told).encode()
    timestamp = str(int(time.time() if at is None else at))
    headers = {"x-timestamp": timestamp, "x-signature": signature(secret, timestamp, path, content)}
    return Client().post(HOOK, content, content_type="application/json", headers=headers)


def test_a_hard_bounce_that_is_called_back_stops_the_address(call):
    user, party = make_reader(call, 1)
    mail = mail_to(call, party)
    told = {"id": str(mail.pk), "number": "M1", "state": "bounced", "kind": "hard"}
    for _time in range(2):
        assert called(told).json() == {"state": "bounced"}
    assert channel_standing_of(user).is_stopped


@pytest.mark.parametrize(
    ("told", "state"),
    [({"state": "delivered"}, "delivered"), ({"state": "bounced", "kind": "soft"}, "failed")],
)
def test_what_passes_stops_nothing(call, told, state):
    user, party = make_reader(call, 1)
    mail = mail_to(call, party)
    assert called({"id": str(mail.pk), **told}).json() == {"state": state}
    assert not channel_standing_of(user).is_stopped


def test_a_call_not_signed_by_the_provider_changes_nothing(call):
    _user, party = make_reader(call, 1)
    mail = mail_to(call, party)
    told = {"id": str(mail.pk), "state": "delivered"}
    assert called(told, secret="another").status_code == 401
    assert called(told, at=time.time() - 301).status_code == 401
    assert called(told, path="/hooks/sms").status_code == 401
    for stamp, signed in (("9" * 400, "0" * 64), (str(int(time.time())), "\u00e9")):
        odd = {"x-timestamp": stamp, "x-signature": signed}
        answer = Client().post(HOOK, b"{}", content_type="application/json", headers=odd)
        assert answer.status_code == 401
    mail.refresh_from_db()
    assert mail.state == "queued"


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"id": "x", "state": "delivered"}, 422),
        ({"id": str(uuid4()), "state": "opened"}, 422),
        ({"id": str(uuid4()), "state": ["bounced"]}, 422),
        ([], 422),
        ({"id": str(uuid4()), "state": "delivered"}, 404),
    ],
)
def test_a_call_that_says_nothing_known_is_refused(db, clock, told, status):
    assert called(told).status_code == status


def test_the_link_asks_first_and_ends_the_mails_by_post_without_a_log_in(call):
    user, _party = make_reader(call, 1)
    address = reverse("unsubscribe", args=[unsubscribe_token(user, ADDRESS)])
    anybody = Client(enforce_csrf_checks=True)
    asked = anybody.get(address)
    assert "确认退订" in text_of(asked)
    assert ADDRESS not in asked.content.decode()
    assert channels_of(user).by_mail
    # As mail programs do it by themselves (RFC 8058): no cookie, no form of ours.
    done = anybody.post(address, {"List-Unsubscribe": "One-Click"})
    assert "已退订" in text_of(done)
    assert not channels_of(user).by_mail
    assert channels_of(user).by_sms


@pytest.mark.parametrize("token", ["x", "0" * 32 + ".x", "é"])
def test_a_link_that_fits_nobody_is_not_found(db, clock, token):
    address = reverse("unsubscribe", args=[token])
    assert Client().get(address).status_code == 404
    assert Client().post(address).status_code == 404


def test_the_page_turns_mails_off_and_on_in_its_own_language(call):
    user, _party = make_reader(call, 1)
    page, address = client_of(user), reverse("notice-channels")
    assert "w***@example.cn" in text_of(page.get(reverse("notices")))
    off = page.post(address, {"key": uuid4(), "channel": "mail"}, follow=True)
    assert "以后不再发邮件提醒" in text_of(off)
    english = {"accept-language": "en"}
    wanted = {"key": uuid4(), "channel": "mail", "is_wanted": "true"}
    page.post(address, wanted, headers=english)
    chosen = channels_of(user)
    assert (chosen.by_mail, chosen.by_sms, chosen.language) == (True, True, "en")


@pytest.mark.parametrize("channel", ["", "post", "x" * 300])
def test_an_unknown_channel_is_refused(call, channel):
    user, _party = make_reader(call, 1)
    given = {"key": uuid4(), "channel": channel}
    page = client_of(user).post(reverse("notice-channels"), given, follow=True)
    assert page.status_code == 200
    assert channels_of(user).by_mail


@pytest.mark.parametrize("is_development", [True, False])
def test_a_development_installation_alone_shows_its_mail_inbox(db, clock, settings, is_development):
    settings.DEVELOPMENT, settings.MAIL_GATEWAY_URL = is_development, "http://127.0.0.1:8023"
    form = {"email": "new@example.cn", "password1": "Moon-over-7-hills", "agree": "on"}
    page = Client().post("/account/signup/email/", form, follow=True)
    assert "验证码已发往您填写的邮箱" in text_of(page)
    assert ("http://127.0.0.1:8023" in page.content.decode()) == is_development


def test_without_a_proved_address_the_page_offers_no_mails(call):
    user, _party = make_reader(call, 1, proved=False)
    shown = text_of(client_of(user).get(reverse("notices")))
    assert "您还没有验证过的邮箱" in shown
    assert "邮件提醒" in shown
    assert "关闭邮件提醒" not in shown


def until(mail, state):
    end = time.monotonic() + 60
    while mail.state != state:
        assert time.monotonic() < end, mail.state
        time.sleep(0.05)
        mail.refresh_from_db()


def test_the_provider_calls_the_site_back_once_twice_or_never(
    call, site, tmp_path, settings, live_db
):
    with mailing.provider(tmp_path, settings, callback=site(HOOK)) as twin:
        user, party = make_reader(call, 1)
        twin.turn(double_callbacks=1, bounce_next=1)
        mail = mail_to(call, party)
        until(mail, "bounced")
        assert channel_standing_of(user).is_stopped
        other, theirs = make_reader(call, 2, "li@example.cn")
        twin.turn(lose_callbacks=1, settle_ms=0)
        silent = mail_to(call, theirs)
        twin.until("已投递", "li@example.cn")
        until(silent, "sent")
        assert not channel_standing_of(other).is_stopped


@pytest.mark.browser
def test_a_bounce_is_told_on_the_page_and_mails_go_on_when_asked_for(call, site, open_page, look):
    user, party = make_reader(call, 3)
    mail = mail_to(call, party)
    record_mail(RecordMail(mail_id=mail.pk, state="bounced"), call())
    page = open_page(user=get_user_model().objects.get(pk=user), width=390)
    page.goto(site(reverse("notices")))
    page.get_by_text("的邮件被退回，已停止发送").wait_for()
    look(page)
    page.get_by_role("button", name="开启邮件提醒").click()
    page.get_by_text("以后重要消息也会发邮件给您。").wait_for()
    look(page)
    page.goto(site(reverse("unsubscribe", args=[unsubscribe_token(user, ADDRESS)])))
    look(page)
    page.get_by_role("button", name="确认退订").click()
    page.get_by_role("heading", name="已退订").wait_for()
    look(page)
