"""Saying who one is, on pages: nothing lost from a form, two clicks one effect, all masked."""

import hashlib
import hmac
import json
import time
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client

from rongqiao.parties import queries
from rongqiao.parties.models import SmsMessage
from rongqiao.parties.operations.phones.queue_sms import QueueSms, queue_sms
from rongqiao.policies.consents import CREDIT_INQUIRY
from rongqiao.web.frame.sentences.table import SENTENCES
from tests.makers.acting import shown_for
from tests.parties.people import card, credit_code, make_person, make_user, resident

pytestmark = pytest.mark.usefixtures("static_files")

SECRET = "shared secret of a test"


def signed_in(user_id):
    client = Client()
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def user_id(clock):
    return make_user()


@pytest.fixture
def client(user_id):
    return signed_in(user_id)


def say(client, number=1, key=None, **changes):
    form = {"key": str(key or uuid4()), "name": "王小明", "resident_id": resident(number)}
    return client.post("/account/identity/", form | changes)


def test_a_person_says_who_they_are_and_sees_it_masked(client, user_id):
    answer = say(client, next="/account/bank-account/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/bank-account/")
    page = client.get("/account/").content.decode()
    assert "王**" in page
    assert f"1101**********{resident(1)[-4:]}" in page
    assert resident(1) not in page
    assert "王小明" not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"resident_id": "110105194912310021"}, "1101**********0021」的最后一位校验码不符"),
        ({"resident_id": "110105194902310026"}, "出生日期不存在"),
        ({"resident_id": "160105194912310029"}, "不是任何省份的代码"),
        ({"resident_id": "１２３"}, "位数不对：应为 18 位"),
        ({"resident_id": "11010119900307A021"}, "只能是数字"),
        ({"resident_id": ""}, "请填写身份证号。"),
        ({"name": ""}, "请填写姓名。"),
        ({"name": "<script>"}, "请填写 2 至 50 个字的姓名"),
        ({"role": "administrator"}, "表单里没有「role」这一项"),
        ({"resident_id": resident(9, "20100101")}, "年满 18 周岁才能登记"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_lost_or_stored(
    client, user_id, changes, sentence
):
    answer = say(client, **changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert page.count('role="alert"') == 1
    assert 'value="王小明"' in page or "name" in changes
    assert f'value="{resident(1)}"' in page or "resident_id" in changes
    assert "<script>" not in page.replace("<script src", "").replace('<script type="module"', "")
    assert queries.person_of(user_id) is None


def test_two_clicks_are_one_person(client, user_id):
    key = uuid4()
    answers = [say(client, key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(queries.list_parties_of(user_id)) == 1


def test_somebody_elses_id_is_refused_without_a_word_about_them(client, call):
    make_person(call, 1, name="李小龙")
    page = say(client).content.decode()
    assert "这个身份证号不能登记" in page
    assert "李" not in page


def test_a_representative_brings_their_firm_and_acts_for_it(client, user_id):
    answer = client.get("/account/bank-account/")
    assert answer["Location"] == "/account/identity/?next=/account/bank-account/"
    answer = client.get("/account/organization/")
    assert answer["Location"].startswith("/account/identity/")
    say(client)
    form = {"key": str(uuid4()), "name": "融桥（北京）示范有限公司", "uscc": credit_code(5)}
    wrong = client.post("/account/organization/", form | {"uscc": "91350100M000100Y44"})
    assert "校验码不符" in wrong.content.decode()
    assert client.post("/account/organization/", form).status_code == 302
    assert "融桥(北京)示范有限公司" in client.get("/account/").content.decode()


def test_a_bank_account_is_added_shown_masked_and_removed(client, user_id, sources):
    say(client)
    form = {"key": str(uuid4()), "bank_name": "中国银行", "holder": "王小明", "number": card(7)}
    form |= shown_for(client)
    assert "请先阅读并同意授权书" in client.post("/account/bank-account/", form).content.decode()
    form["agree"] = "on"
    other = client.post("/account/bank-account/", form | {"holder": "王晓明"})
    assert "户名与登记的名称不一致" in other.content.decode()
    assert client.post("/account/bank-account/", form).status_code == 302
    page = client.get("/account/").content.decode()
    assert f"6222***********{card(7)[-4:]}" in page
    assert card(7) not in page
    (view,) = queries.list_bank_accounts(queries.person_of(user_id))
    client.post(f"/account/bank-account/{view.id}/close/", {"key": str(uuid4())})
    assert queries.list_bank_accounts(queries.person_of(user_id)) == ()


def test_a_card_that_fails_its_check_digit_is_taken_with_a_warning(client, sources):
    say(client)
    number = "6221558812340000"
    form = {"key": str(uuid4()), "bank_name": "银联", "holder": "王小明", "number": number}
    form |= {"agree": "on", **shown_for(client)}
    answer = client.post("/account/bank-account/", form, follow=False)
    assert answer.status_code == 302
    assert "请再核对一次" in client.get("/account/").content.decode()


def test_nobody_removes_somebody_elses_account(client, call, sources):
    other, party_id = make_person(call, 3)
    say(client)
    theirs = signed_in(other)
    form = {"key": str(uuid4()), "bank_name": "中国银行", "holder": "王小明", "number": card(8)}
    theirs.post("/account/bank-account/", form | {"agree": "on", **shown_for(theirs)})
    (view,) = queries.list_bank_accounts(party_id)
    answer = client.post(f"/account/bank-account/{view.id}/close/", {"key": str(uuid4())})
    assert answer.status_code == 404
    assert len(queries.list_bank_accounts(party_id)) == 1


def test_a_consent_is_given_and_taken_back_on_a_page(client, user_id):
    at = f"/account/consents/{CREDIT_INQUIRY}"
    client.post(f"{at}/give/", {"key": str(uuid4())})
    assert queries.has_consent(user_id, CREDIT_INQUIRY, "2026-01")
    assert "已同意版本 2026-01" in client.get("/account/consents/").content.decode()
    client.post(f"{at}/withdraw/", {"key": str(uuid4())})
    assert not queries.has_consent(user_id, CREDIT_INQUIRY, "2026-01")


def test_the_texts_are_there_for_anybody(clock):
    for kind in ("terms", "privacy", "credit_inquiry"):
        assert "SHA-256" in Client().get(f"/account/texts/{kind}/").content.decode()
    assert Client().get("/account/texts/nothing/").status_code == 404


def test_what_waits_for_a_code_is_unreadable_at_rest(clock):
    phone = "13700137000"
    client = Client()
    client.post(
        "/account/signup/", {"phone": phone, "password1": "correct horse 47", "agree": "on"}
    )
    client.post("/account/login/", {"login": phone, "password": "wrong password 1"})
    rows = [row.session_data for row in Session.objects.all()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key || value FROM shared_cache")
        kept = [row[0] for row in cursor.fetchall()]
    assert rows
    assert kept
    hashed = hashlib.sha256(phone.encode()).hexdigest()
    for text in rows + kept:
        assert phone not in text
        assert hashed not in text
    assert cache.get("never set") is None


def told(message_id, secret=SECRET, at=None, state="delivered", path="/hooks/sms"):
    said = {"id": str(message_id), "number": "S1", "state": state}
    return sent(json.dumps(said).encode(), secret, at, path)


def sent(content, secret=SECRET, at=None, path="/hooks/sms", to="/hooks/sms"):
    timestamp = str(int(at if at is not None else time.time()))
    signed = f"{timestamp}\n{path}\n".encode() + content
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return Client().post(
        to,
        content,
        content_type="application/json",
        headers={"x-timestamp": timestamp, "x-signature": signature},
    )


def test_a_delivery_is_believed_only_when_it_is_signed_and_fresh(call, settings):
    settings.SMS_GATEWAY_SECRET = SECRET
    message_id = queue_sms(QueueSms(phone="13800138000", text="hello"), call()).message_id
    assert told(message_id, secret="another").status_code == 401
    assert told(message_id, at=time.time() - 301).status_code == 401
    assert told(message_id, path="/hooks/other").status_code == 401
    assert SmsMessage.objects.get().state == "queued"
    assert told(message_id).status_code == 200
    assert told(message_id).status_code == 200
    assert SmsMessage.objects.get().state == "delivered"
    assert told(message_id, state="unheard of").status_code == 422
    assert told(uuid4()).status_code == 404


@pytest.mark.parametrize("to", ["/hooks/sms", "/hooks/mail"])
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 4_000,
        b"\xff",
        b"[]",
        b'{"id": 9}',
        b'{"id": "x", "state": "delivered"}',
        json.dumps({"id": str(uuid4()), "state": ["delivered"]}).encode(),
        json.dumps({"id": str(uuid4()), "state": "delivered", "number": "\x00"}).encode(),
        json.dumps({"id": str(uuid4()), "state": "delivered", "number": "\ud800"}).encode(),
    ],
    ids=range(8),
)
def test_a_signed_call_that_says_nothing_is_told_so(db, clock, settings, to, content):
    settings.SMS_GATEWAY_SECRET = settings.MAIL_GATEWAY_SECRET = SECRET
    assert sent(content, path=to, to=to).status_code == 422


def test_no_sentence_about_people_quotes_more_than_its_refusal_gives():
    for code, text in SENTENCES.items():
        if code.startswith(("parties.", "payments.")):
            assert "—" not in str(text)
            assert "%(name)s" not in str(text)
