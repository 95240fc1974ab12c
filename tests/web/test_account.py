"""Registering, logging in and out: one way in, no way to learn who is there."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import Client

from rongqiao.parties import queries
from rongqiao.parties.models import SmsMessage
from rongqiao.parties.queries import get_outgoing_sms
from rongqiao.policies.consents import PRIVACY, TERMS
from rongqiao.web.frame.devices import browser_name

pytestmark = pytest.mark.usefixtures("static_files")

PHONE, OTHER = "13800138000", "13900139000"
PASSWORD = "correct horse 47"


@pytest.fixture(autouse=True)
def ready(clock, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def texts(phone):
    waiting = [get_outgoing_sms(row) for row in SmsMessage.objects.values_list("pk", flat=True)]
    return [message.text for message in waiting if message.phone == phone]


def code_in(text):
    return re.search(r"\b(\d{6})\b", text).group(1)


def fill_in(client, phone=PHONE, **changes):
    form = {"phone": phone, "password1": PASSWORD, "agree": "on"} | changes
    return client.post("/account/signup/", form)


def register(phone=PHONE):
    client = Client()
    fill_in(client, phone)
    client.post("/account/phone/verify/", {"action": "verify", "code": code_in(texts(phone)[-1])})
    return client


def is_in(client):
    return client.get("/account/").status_code == 200


def log_in(client, login=PHONE, password=PASSWORD, **request):
    return client.post("/account/login/", {"login": login, "password": password}, **request)


def test_a_phone_number_and_its_code_make_an_account(clock):
    client = Client()
    answer = fill_in(client, "+86 138-0013-8000")
    assert (answer.status_code, answer["Location"]) == (302, "/account/phone/verify/")
    assert not is_in(client)
    (text,) = texts(PHONE)
    answer = client.post("/account/phone/verify/", {"action": "verify", "code": code_in(text)})
    assert (answer.status_code, answer["Location"]) == (302, "/home/")
    assert is_in(client)
    user_id = queries.find_user_by_phone(PHONE)
    assert {view.kind for view in queries.consents_of(user_id)} == {TERMS, PRIVACY}
    assert queries.masked_phone_of(user_id) == "138****8000"


def test_a_number_that_is_taken_gets_the_same_answer_and_no_code():
    register()
    cache.clear()
    known, unknown = Client(), Client()
    answers = [fill_in(known, PHONE), fill_in(unknown, OTHER)]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    pages = [client.get("/account/phone/verify/") for client in (known, unknown)]
    tokenless = {re.sub(r'value="\w{64}"', "", page.content.decode()) for page in pages}
    assert len(tokenless) == 1
    assert "已有账户" in texts(PHONE)[-1]
    assert not re.search(r"\d{6}", texts(PHONE)[-1])
    for guess in ("", "000000"):
        known.post("/account/phone/verify/", {"action": "verify", "code": guess})
        assert not is_in(known)


def test_an_unproved_number_keeps_its_owner_out_of_nothing():
    fill_in(Client(), PHONE, password1="somebody else 47")
    SmsMessage.objects.all().delete()
    owner = Client()
    with_limit = fill_in(owner, PHONE)
    assert with_limit.status_code == 429  # One code in half a minute, whoever asks.


def test_the_code_is_neither_on_the_page_nor_in_the_log(caplog):
    client = Client()
    answer = fill_in(client)
    page = client.get("/account/phone/verify/")
    code = code_in(texts(PHONE)[-1])
    assert code not in page.content.decode() + str(answer.headers) + caplog.text


def test_a_code_of_another_session_is_worth_nothing():
    one, other = Client(), Client()
    fill_in(one)
    fill_in(other, OTHER)
    other.post("/account/phone/verify/", {"action": "verify", "code": code_in(texts(PHONE)[-1])})
    assert not is_in(other)


def test_five_wrong_codes_end_the_attempt():
    client = Client()
    fill_in(client)
    right = code_in(texts(PHONE)[-1])
    wrong = "111111" if right != "111111" else "222222"
    for _ in range(5):
        client.post("/account/phone/verify/", {"action": "verify", "code": wrong})
    client.post("/account/phone/verify/", {"action": "verify", "code": right})
    assert not is_in(client)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phone": "12345"}, "请填写 11 位中国大陆手机号"),
        ({"phone": ""}, "请填写手机号。"),
        ({"password1": ""}, "请填写密码。"),
        ({"agree": ""}, "请先阅读并同意协议，再注册。"),
    ],
)
def test_a_mistake_is_named_in_one_sentence_and_the_rest_is_kept(changes, sentence):
    page = fill_in(Client(), **changes).content.decode()
    assert sentence in page
    assert ('value="13800138000"' in page) == ("phone" not in changes)
    assert PASSWORD not in page
    assert not SmsMessage.objects.exists()


@pytest.mark.parametrize(
    "password", ["12345678", "rongqiao1", "融桥融桥融桥2026", "password1", "abc 47!", "98765432109"]
)
def test_a_password_that_is_easily_guessed_is_refused(password):
    answer = fill_in(Client(), password1=password)
    assert answer.status_code == 200
    assert "密码" in answer.content.decode()
    assert not SmsMessage.objects.exists()


def test_a_password_of_64_characters_counts_to_its_last_one():
    long = "".join(chr(33 + (7 * n) % 90) for n in range(64))
    client = Client()
    fill_in(client, password1=long)
    client.post("/account/phone/verify/", {"action": "verify", "code": code_in(texts(PHONE)[-1])})
    assert log_in(Client(), password=long).status_code == 302
    assert log_in(Client(), password=long[:-1]).status_code == 200


def test_an_e_mail_address_and_its_code_make_an_account():
    client = Client()
    form = {"email": "Zhang@Example.com", "password1": PASSWORD, "agree": "on"}
    answer = client.post("/account/signup/email/", form)
    assert answer["Location"] == "/account/email/verify/"
    (message,) = mail.outbox
    assert message.to == ["zhang@example.com"]
    client.post("/account/email/verify/", {"action": "verify", "code": code_in(message.body)})
    assert is_in(client)
    assert log_in(Client(), "ZHANG@example.com").status_code == 302


def test_an_address_that_is_taken_gets_the_same_answer():
    for _ in range(2):
        client = Client()
        form = {"email": "zhang@example.com", "password1": PASSWORD, "agree": "on"}
        answer = client.post("/account/signup/email/", form)
        assert (answer.status_code, answer["Location"]) == (302, "/account/email/verify/")
        code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)
        if code:
            client.post("/account/email/verify/", {"action": "verify", "code": code.group()})
        mail.outbox.clear()
        cache.clear()
    assert code is None


def test_the_session_has_a_new_id_after_logging_in_and_none_after_logging_out():
    register()
    client = Client()
    client.get("/account/login/")
    client.cookies["session"] = "fixedbyanattackerfixedbyanattacke"
    log_in(client)
    first = client.cookies["session"].value
    assert first != "fixedbyanattackerfixedbyanattacke"
    client.post("/account/logout/")
    stale = Client()
    stale.cookies["session"] = first
    assert not is_in(stale)


def test_known_and_unknown_names_get_the_same_no():
    register()
    pages = [
        log_in(Client(), login, "wrong password 1").content.decode() for login in (PHONE, OTHER)
    ]
    known, unknown = (re.sub(r'value="[^"]*"', "", page) for page in pages)
    assert known == unknown
    assert "账号或密码不正确" in known


def test_five_wrong_passwords_from_anywhere_close_the_password_door_and_not_the_other():
    register()
    for turn in range(5):
        log_in(Client(), PHONE, f"wrong {turn}", REMOTE_ADDR=f"10.0.0.{turn}")
    answer = log_in(Client(), "+86 138 0013 8000", PASSWORD, REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    owner = come_by_code(Client())
    assert is_in(owner)


def test_one_address_does_not_try_a_password_on_everybody():
    statuses = [
        log_in(Client(), f"138{number:08d}", "Spring2026!").content.decode() for number in range(25)
    ]
    assert "尝试次数过多" in statuses[-1]


def come_by_code(client, login=PHONE, after=None):
    cache.clear()
    query = f"?next={after}" if after else ""
    answer = client.post(f"/account/login/code/{query}", {"login": login})
    code = code_in(texts(login)[-1])
    client.post(answer["Location"], {"action": "verify", "code": code})
    return client


def test_a_forgotten_password_is_replaced_after_a_code_and_every_other_session_ends():
    elsewhere = register()
    answer = Client().get("/account/password/forgotten/")
    assert answer["Location"].startswith("/account/login/code/?next=/account/password/new/")
    client = come_by_code(Client(), after="/account/password/new/")
    before = client.cookies["session"].value
    page = client.get("/account/password/new/").content.decode()
    assert 'name="old"' not in page
    client.post("/account/password/new/", {"new": "another horse 48"})
    assert is_in(client)
    assert client.cookies["session"].value != before
    assert not is_in(elsewhere)
    assert log_in(Client(), password="another horse 48").status_code == 302


def test_a_signed_in_stranger_at_the_keyboard_cannot_change_the_password():
    register()
    client = Client()
    log_in(client)
    answer = client.post("/account/password/new/", {"old": "wrong", "new": "another horse 48"})
    assert "当前密码不正确" in answer.content.decode()
    assert log_in(Client(), password="another horse 48").status_code == 200


def test_a_stranger_at_the_keyboard_guesses_the_old_password_five_times():
    register()
    client = Client()
    log_in(client)
    for guess in range(5):
        wrong = {"old": f"guess number {guess}", "new": "another horse 48"}
        assert client.post("/account/password/new/", wrong).status_code == 200
    right = {"old": PASSWORD, "new": "another horse 48"}
    closed = client.post("/account/password/new/", right)
    assert (closed.status_code, closed["Retry-After"]) == (429, "900")
    assert "密码没有改动" in closed.content.decode()
    assert 'href="/account/"' in closed.content.decode()
    assert client.get("/account/password/new/").status_code == 200
    assert log_in(Client()).status_code == 302
    # A code opens it all the same.
    by_code = come_by_code(Client(), after="/account/password/new/")
    by_code.post("/account/password/new/", {"new": "another horse 48"})
    assert log_in(Client(), password="another horse 48").status_code == 302


def test_a_code_for_a_number_nobody_has_looks_like_any_other():
    register()
    cache.clear()
    answers = [Client().post("/account/login/code/", {"login": login}) for login in (PHONE, OTHER)]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert "还没有注册" in texts(OTHER)[-1]


def test_other_sessions_are_listed_and_closed():
    register()
    here, there = Client(), Client()
    log_in(here, HTTP_USER_AGENT="Here/1.0")
    log_in(there, HTTP_USER_AGENT="There/2.0")
    page = here.get("/account/sessions/").content.decode()
    assert "Here/1.0" in page
    assert "There/2.0" in page
    here.post("/account/sessions/", {"session": "others"})
    assert is_in(here)
    assert not is_in(there)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130 Safari/537.36",
            "Chrome · Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Mobile MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605", "Safari · Mac"),
        ("curl/8.0", "curl/8.0"),
    ],
)
def test_a_browser_is_named_as_people_name_it(said, shown):
    assert browser_name(said) == shown


def test_the_password_is_kept_as_argon2id():
    register()
    user = get_user_model().objects.get(pk=queries.find_user_by_phone(PHONE))
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_signed_out_visitor_is_led_to_the_log_in():
    for path in ("", "identity/", "organization/", "bank-account/", "consents/", "sessions/"):
        answer = Client().get(f"/account/{path}")
        assert answer["Location"].startswith("/account/login/?next=/account/")


@pytest.mark.parametrize(
    "wanted",
    ["desk", "profile", "12", "a:b", "https://evil.example/", "//evil.example", "\\\\evil"],
)
def test_a_form_leads_on_to_an_address_of_ours_or_none(wanted):
    client = register()
    fields = {"key": str(uuid4()), "next": wanted}
    answer = client.post("/account/consents/credit_inquiry/give/", fields)
    assert (answer.status_code, answer["Location"]) == (302, "/account/consents/")


def test_a_next_address_elsewhere_is_not_followed():
    register()
    client = Client()
    answer = client.post(
        "/account/login/",
        {"login": PHONE, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/home/"
