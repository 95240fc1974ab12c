"""What sources are asked about oneself: agreed to, told in plain words, all of it to see."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rongqiao.parties import queries
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.operations.inquiring.open_inquiry import OpenInquiry, open_inquiry
from tests.makers.acting import shown_for
from tests.parties.people import (
    actor,
    card,
    credit_code,
    make_firm,
    make_person,
    make_user,
    resident,
)
from tests.web.finance_desk import rows_of_csv, rows_of_xlsx, text_of

pytestmark = pytest.mark.usefixtures("static_files")
IDENTITY, ACCOUNT = "/account/identity/", "/account/bank-account/"


def signed_in(user_id):
    client = Client()
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def user_id(call):
    made = make_user()
    phone = SetPhone(user_id=made, phone="13800138000", is_proved=True)
    set_phone(phone, call(actor=actor(made)))
    return made


@pytest.fixture
def client(user_id):
    return signed_in(user_id)


def plain(answer):
    """The words of a page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split())


def post(client, at, **given):
    return client.post(at, {"key": str(uuid4()), **shown_for(client), **given})


def register(client, number=1, name="王小明", **more):
    return post(client, IDENTITY, name=name, resident_id=resident(number), **more)


def add_card(client, number=1, holder="王小明"):
    return post(
        client, ACCOUNT, bank_name="中国银行", holder=holder, number=card(number), agree="on"
    )


def agree(client, *kinds):
    for kind in kinds:
        post(client, f"/account/consents/{kind}/give/")


def test_who_agrees_is_checked_when_they_register(client, sources):
    register(client, agree="on")
    assert "查询中" in text_of(client.get("/account/"))
    sources.work()
    shown = text_of(client.get("/account/"))
    assert shown.count("一致") == 2
    assert set(Inquiry.objects.values_list("source", flat=True)) == {"identity", "phone"}


def test_who_does_not_agree_registers_all_the_same_and_nobody_is_asked(client, sources):
    assert register(client).status_code == 302
    assert text_of(client.get("/account/")).count("尚未核验") == 2
    assert not Inquiry.objects.exists()


def test_who_took_another_name_reads_so(client, sources):
    sources.bind("name", resident(1), "王晓明")
    register(client, agree="on")
    sources.work()
    assert "不一致" in text_of(client.get("/account/"))


def test_a_firm_is_looked_up_in_the_register(client, sources):
    register(client)
    form = {"name": "融桥示范科技有限公司", "uscc": credit_code(5), "agree": "on"}
    assert post(client, "/account/organization/", **form).status_code == 302
    sources.work()
    row = Inquiry.objects.get()
    assert (row.source, row.outcome, row.purpose) == ("registry", "answered", "identity-check")
    assert "工商登记与执照 一致" in plain(client.get("/account/"))


@pytest.mark.parametrize("true_holder", ["張偉", "张玮", "章伟", "张伟伟", "李四"])
def test_a_card_of_almost_the_same_name_is_not_added(call, sources, true_holder):
    """Traditional form, homophones, one character different (security.md, robbery 8)."""
    user_id, party_id = make_person(call, 1, name="张伟")
    sources.hold(card(1), true_holder, resident(1))
    client = signed_in(user_id)
    answer = add_card(client, holder="张伟")
    assert answer.status_code == 422
    assert "账号与登记的姓名、证号不一致" in text_of(answer)
    assert queries.list_bank_accounts(party_id) == ()
    assert Inquiry.objects.get().outcome == "answered"


def test_a_card_of_ones_own_is_added_with_one_inquiry_for_two_clicks(client, user_id, sources):
    register(client)
    form = {"bank_name": "中国银行", "holder": "王小明", "number": card(1), "agree": "on"}
    form |= {"key": str(uuid4()), **shown_for(client)}
    assert [client.post(ACCOUNT, form).status_code for _ in range(2)] == [302, 302]
    assert len(queries.list_bank_accounts(queries.person_of(user_id))) == 1
    assert sources.counted() == {"card": 1}


def test_a_wrong_form_costs_no_inquiry(client, sources):
    register(client)
    assert "户名与登记的名称不一致" in text_of(add_card(client, holder="王晓明"))
    assert not Inquiry.objects.exists()


def test_a_card_waits_while_the_service_is_away(client, user_id, sources):
    register(client)
    sources.faults(fail=-1, only="card")
    answer = add_card(client)
    assert "银行卡核验服务暂时没有答复" in text_of(answer)
    assert f'value="{card(1)}"' in answer.content.decode()
    sources.calm()
    assert add_card(client).status_code == 302
    assert len(queries.list_bank_accounts(queries.person_of(user_id))) == 1


def test_a_card_whose_answer_is_late_is_asked_for_once(client, sources, settings, monkeypatch):
    settings.INQUIRY_WAIT_SECONDS = 0.0
    register(client)
    assert "不会重复核验" in text_of(add_card(client))
    assert "不会重复核验" in text_of(add_card(client))
    sources.work()
    assert add_card(client).status_code == 302
    assert sources.counted() == {"card": 1}


def test_sources_are_asked_once_they_are_agreed_to(client, sources, clock, needs_all):
    register(client)
    shown = text_of(client.get(reverse("my-inquiries")))
    assert "未授权" in shown
    assert ">现在查询<" not in shown
    assert "个人信息保护法 第二十三条" in shown
    agree(client, "credit_inquiry", "public_records", "identity_check", "score_inquiry")
    assert ">现在查询<" in text_of(client.get(reverse("my-inquiries")))
    answer = post(client, reverse("my-inquiries-begin"), next="/my/")
    assert answer["Location"] == "/account/inquiries/?next=%2Fmy%2F"
    part = client.get(reverse("my-inquiries-progress")).content.decode()
    assert "every 1s" in part
    sources.work()
    part = client.get(reverse("my-inquiries-progress")).content.decode()
    assert "every 1s" not in part
    assert part.count("已答复") == 5
    # What is known and holds is not asked again.
    post(client, reverse("my-inquiries-begin"))
    assert Inquiry.objects.count() == 5
    clock.move(timedelta(days=16))
    post(client, reverse("my-inquiries-begin"))
    assert Inquiry.objects.count() == 6


def test_a_source_that_fails_is_said_politely_and_the_case_goes_on(client, sources, needs_all):
    register(client)
    agree(client, "public_records")
    sources.faults(fail=-1)
    post(client, reverse("my-inquiries-begin"))
    sources.work()
    assert "不影响您继续申请" in text_of(client.get(reverse("my-inquiries")))


def test_a_face_is_shown_in_development_after_a_consent_of_its_own(client, sources, settings):
    register(client)
    face = reverse("my-inquiries-face")
    settings.DEVELOPMENT = True
    assert "提交活体检测结果" not in text_of(client.get(reverse("my-inquiries")))
    refused = post(client, face, recording="recorded:live:0.97")
    assert refused.status_code == 302
    assert not Inquiry.objects.exists()
    agree(client, "face_check")
    assert "提交活体检测结果" in text_of(client.get(reverse("my-inquiries")))
    post(client, face, recording="recorded:live:0.97")
    sources.work()
    assert "活体 真人" in plain(client.get(reverse("my-inquiries")))
    assert post(client, face, recording="recorded:live:1.5").status_code == 400
    settings.DEVELOPMENT = False
    assert post(client, face, recording="recorded:live:0.97").status_code == 400


def test_everything_asked_about_me_is_mine_to_take_along(
    client, call, sources, needs_all, django_assert_max_num_queries
):
    register(client)
    agree(client, "credit_inquiry", "public_records")
    post(client, reverse("my-inquiries-begin"))
    sources.work()
    other, _ = make_person(call, 7)
    page = reverse("my-inquiries")
    mine = rows_of_csv(client.get(page, {"format": "csv"}))
    assert len(mine) == 2
    assert rows_of_csv(signed_in(other).get(page, {"format": "csv"})) == []
    rests_on = {one["来源"]: one["依据的授权"] for one in mine}
    assert rests_on["征信报告"] == "征信查询与报送授权书 2026-01"
    assert "王小明" not in str(mine)
    assert resident(1) not in str(mine)
    assert len(rows_of_xlsx(client.get(page, {"format": "xlsx"}), "时间")) == 2
    with django_assert_max_num_queries(20):
        client.get(page)


def test_a_consent_taken_back_ends_the_asking(client, sources, needs_all):
    register(client, agree="on")
    sources.work()
    before = Inquiry.objects.count()
    post(client, "/account/consents/identity_check/withdraw/")
    answer = post(client, ACCOUNT, bank_name="中国银行", holder="王小明", number=card(1))
    assert "请先阅读并同意授权书" in text_of(answer)
    post(client, reverse("my-inquiries-begin"))
    assert Inquiry.objects.count() == before


def notice(process, ticket, *, secret=None, at=None, path="/hooks/registries"):
    body = json.dumps({"ticket": ticket, "reference": "x", "state": "ready"}).encode()
    stamp = str(int(at if at is not None else CLOCK))
    key = (secret or process.callback_secret).encode()
    signature = hmac.new(key, f"{stamp}\n{path}\n".encode() + body, hashlib.sha256).hexdigest()
    return Client().post(
        "/hooks/registries",
        body,
        content_type="application/json",
        headers={"x-timestamp": stamp, "x-signature": signature},
    )


# Noon in China on the day of the tests' clock, by which a notice is fresh.
CLOCK = datetime(2026, 1, 5, 4, 0, tzinfo=UTC).timestamp()


def test_a_notice_has_its_answer_fetched_if_it_is_signed_fresh_and_awaited(call, sources):
    registries = sources
    user_id, _party = make_person(call, 1)
    agree(signed_in(user_id), "tax_invoice")
    wanted = OpenInquiry(
        source="tax",
        party_id=make_firm(call, user_id, 1),
        user_id=user_id,
        purpose="application",
    )
    open_inquiry(wanted, call(actor=actor(user_id)))
    sources.work()
    row = Inquiry.objects.get()
    assert row.outcome == "open"
    assert notice(registries, row.ticket, secret="another").status_code == 401
    assert notice(registries, row.ticket, at=CLOCK - 301).status_code == 401
    assert notice(registries, row.ticket, path="/hooks/bank").status_code == 401
    assert notice(registries, "no ticket!").status_code == 422
    assert notice(registries, "T0").json() == {"is_awaited": False}
    assert sources.waiting == []
    assert notice(registries, row.ticket).json() == {"is_awaited": True}
    sources.work()
    row.refresh_from_db()
    assert row.outcome == "answered"
    again = notice(registries, row.ticket, at=CLOCK + 1)
    assert again.json() == {"is_awaited": False}
