"""The room of fraud: cases by two, rings drawn, lists with days, search that keeps no value."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.parties.operations.add_bank_account import AddBankAccount, add_bank_account
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.operations.register_person import RegisterPerson, register_person
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.risk.models.fraud import FraudCase, ListEntry, Trace, TracedAccount
from rongqiao.risk.operations.fraud.gather_rings import GatherRings, gather_rings
from rongqiao.risk.queries.fraud import fraud_features
from rongqiao.risk.queries.watching.marks import mark
from tests.makers import journeys
from tests.makers.officers import make_officer
from tests.makers.proofs import prove_account
from tests.parties.people import actor, card, make_user, resident
from tests.risk.fraud.seeing import see, subject
from tests.web.finance_desk import client_of, rows_of_csv, rows_of_xlsx, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")
PHONE = "13800138000"
CARD = "6222021234567890123"


@pytest.fixture
def hire(clock):
    """Return `hire(*roles)`: a client of somebody new who holds them."""

    def make(*roles):
        user_id = make_officer(clock, role=roles[0])
        for role in roles[1:]:
            make_officer(clock, user_id=user_id, role=role)
        return client_of(user_id)

    return make


@pytest.fixture
def opened(call):
    """Two parties who used one card: a case."""
    see(call, 1, phone=PHONE, card=CARD)
    see(call, 2, card=CARD)
    return FraudCase.objects.get().pk


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return text_of(answer)


def test_a_case_says_why_and_is_confirmed_by_two(hire, opened):
    first, second = hire("risk_analyst"), hire("compliance_officer")
    queue = page(first, "fraud")
    assert reverse("fraud-case", args=[opened]) in queue
    shown = page(first, "fraud-case", opened)
    assert "多人用过同一张银行卡：2 个主体，界限 2" in shown
    assert "+50" in shown
    assert send(first, "fraud-case-act", opened, "take").status_code == 302
    wrong = send(first, "fraud-case-act", opened, "propose", reason="")
    assert (wrong.status_code, "请填写理由" in text_of(wrong)) == (422, True)
    said = send(first, "fraud-case-act", opened, "propose", reason="卡主否认借款")
    assert said.status_code == 302
    assert "须由另一位复核" in page(first, "fraud-case", opened)
    assert "确认：确认欺诈" not in page(first, "fraud-case", opened)
    assert send(first, "fraud-case-act", opened, "confirm", reason="x").status_code == 403
    assert "确认：确认欺诈" in page(second, "fraud-case", opened)
    assert send(second, "fraud-case-act", opened, "confirm", reason="属实").status_code == 302
    assert "已确认欺诈" in page(second, "fraud-case", opened)
    assert "卡主否认借款" in page(second, "fraud-case", opened)
    assert send(second, "fraud-case-act", opened, "vanish").status_code == 404
    again = send(second, "fraud-case-act", opened, "take")
    assert (again.status_code, "状态已经变化" in text_of(again)) == (422, True)


def test_open_cases_are_counted_where_work_begins_for_those_who_may_see_them(call, hire, opened):
    there = reverse("fraud")
    analyst, both = hire("risk_analyst"), hire("reviewer", "compliance_officer")
    assert "反欺诈待核查" in page(analyst, "desk")
    assert f'href="{there}?state=open"' in page(analyst, "desk")
    assert f'href="{there}">反欺诈待办 1</a>' in page(both, "queue")
    for name in ("desk", "queue"):
        assert "反欺诈待" not in page(hire("reviewer"), name)
    send(analyst, "fraud-case-act", opened, "take")
    send(analyst, "fraud-case-act", opened, "clear", reason="同一家人")
    assert FraudCase.objects.get(pk=opened).state == "cleared"
    assert f'href="{there}">反欺诈待办 0</a>' in page(both, "queue")


def test_the_auditor_reads_and_does_nothing_and_others_find_no_such_room(call, hire, opened):
    see(call, 3, phone=PHONE)
    auditor = hire("auditor")
    pages = [
        ("fraud", ()),
        ("fraud-case", (opened,)),
        ("fraud-rings", ()),
        ("fraud-lists", ()),
        ("fraud-search", ()),
        ("fraud-subject", (subject(1),)),
    ]
    for name, args in pages:
        assert "加入名单</summary>" not in page(auditor, name, *args)
        assert 'action="/desk/risk/fraud/cases' not in page(auditor, name, *args)
    assert send(auditor, "fraud-case-act", opened, "take").status_code == 404
    assert send(auditor, "fraud-lists", standing="grey").status_code == 404
    assert auditor.get(reverse("fraud-next")).status_code == 404
    for role in ("support", "reviewer", "finance", "operator"):
        other = hire(role)
        for name, args in pages:
            assert other.get(reverse(name, args=args)).status_code == 404


def test_pages_take_the_same_queries_for_few_rows_and_for_many(
    call, hire, opened, django_assert_max_num_queries
):
    analyst = hire("risk_analyst")
    for number in range(40):
        see(call, number, card=CARD, device=f"d{number % 2}")
    gather_rings(GatherRings(), call(actor="system:risk"))
    ring = FraudCase.objects.get(about="ring").subject_id
    for name, args, most in (
        ("fraud", (), 14),
        ("fraud-case", (opened,), 22),
        ("fraud-rings", (), 10),
        ("fraud-ring", (ring,), 14),
        ("fraud-subject", (subject(1),), 26),
    ):
        with django_assert_max_num_queries(most):
            page(analyst, name, *args)


def test_a_ring_of_fifty_is_drawn_and_told_in_tables(call, hire):
    for number in range(50):
        see(call, number, device="ring")
    gather_rings(GatherRings(), call(actor="system:risk"))
    analyst = hire("risk_analyst")
    ring = FraudCase.objects.get(about="ring").subject_id
    shown = page(analyst, "fraud-ring", ring)
    assert shown.count('class="ring-spot"') == 50
    assert shown.count('class="ring-line"') == 50
    assert "50 个主体。设备 A 有 50 个主体。" in shown
    assert (
        len(rows_of_csv(analyst.get(reverse("fraud-ring", args=[ring]), {"format": "csv"}))) == 50
    )
    assert "50" in page(analyst, "fraud-rings")
    case = page(analyst, "fraud-case", FraudCase.objects.get(about="ring").pk)
    assert "属于一个关系环：50 个主体，界限 8" in case


def test_a_value_is_put_on_the_black_list_by_two_and_taken_off_by_another(hire, call):
    first, second = hire("risk_analyst"), hire("compliance_officer")
    entry = {
        "standing": "black",
        "kind": "phone",
        "value": "+86 138 0013 8000",
        "until_on": "2026-12-31",
        "reason": "冒用他人身份",
    }
    assert send(first, "fraud-lists", **entry).status_code == 302
    shown = page(first, "fraud-lists")
    assert "138****8000" in shown
    assert PHONE not in shown
    assert "须由另一位复核" in shown
    twice = send(second, "fraud-lists", **entry)
    assert (twice.status_code, "已在同一名单上" in text_of(twice)) == (422, True)
    pk = ListEntry.objects.get().pk
    assert send(first, "fraud-list-act", pk, "confirm").status_code == 403
    assert send(second, "fraud-list-act", pk, "confirm").status_code == 302
    assert "生效中" in page(first, "fraud-lists", standing="black")
    unreadable = send(first, "fraud-lists", **{**entry, "value": "abc", "kind": "card"})
    assert (unreadable.status_code, "不符合所选的类型" in text_of(unreadable)) == (422, True)
    (row,) = rows_of_csv(first.get(reverse("fraud-lists"), {"format": "csv"}))
    assert (row["内容"], row["状态"]) == ("138****8000", "生效中")
    assert send(second, "fraud-list-act", pk, "end", reason="误报").status_code == 302
    assert "误报" in page(first, "fraud-lists", state="ended")
    assert "没有符合条件的名单" in page(first, "fraud-lists", state="expired")


def test_a_phone_is_found_in_any_spelling_and_never_stands_in_an_address(hire, opened):
    analyst = hire("risk_analyst")
    sent = analyst.post(reverse("fraud-search"), {"kind": "phone", "value": "0086 138-0013-8000"})
    assert sent.status_code == 302
    assert PHONE not in sent["Location"]
    found = text_of(analyst.get(sent["Location"]))
    assert reverse("fraud-subject", args=[subject(1)]) in found
    assert reverse("fraud-subject", args=[subject(2)]) not in found
    wrong = analyst.post(reverse("fraud-search"), {"kind": "phone", "value": "138"})
    assert (wrong.status_code, "不是一个完整的手机号" in text_of(wrong)) == (422, True)
    nobody = mark("phone", "13999999999").index
    assert "没有人用过" in page(analyst, "fraud-search", kind="phone", index=nobody)
    for query in ({"kind": "phone", "index": "zz"}, {"kind": "nonsense", "index": nobody}):
        assert analyst.get(reverse("fraud-search"), query).status_code == 404
    listing = page(analyst, "fraud-lists", kind="phone", index=nobody)
    assert nobody in listing


def test_a_device_seen_is_put_on_the_white_list_without_knowing_its_number(call, hire):
    for number in range(12):
        see(call, number, device="tablet")
    first, second = hire("risk_analyst"), hire("risk_analyst")
    entry = {
        "standing": "white",
        "kind": "device",
        "index": mark("device", "tablet").index,
        "until_on": "2026-06-30",
        "reason": "合作门店平板",
    }
    assert send(first, "fraud-lists", **entry).status_code == 302
    assert send(second, "fraud-list-act", ListEntry.objects.get().pk, "confirm").status_code == 302
    found = {one.name: one.value for one in fraud_features(subject(1), platform_clock.now())}
    assert found["fraud.device-accounts"] == 0
    assert found["fraud.list"] == "white"


def test_every_table_is_had_as_files(call, hire, opened):
    analyst = hire("risk_analyst")
    (row,) = rows_of_csv(analyst.get(reverse("fraud"), {"format": "csv"}))
    assert (row["分数"], row["状态"]) == ("50", "待领取")
    heads, rows = rows_of_xlsx(analyst.get(reverse("fraud"), {"format": "xlsx"}), "案件")
    assert (heads[2], len(rows)) == ("分数", 1)
    for name, args in (("fraud-case", [opened]), ("fraud-subject", [subject(1)])):
        assert rows_of_csv(analyst.get(reverse(name, args=args), {"format": "csv"}))
    index = mark("phone", PHONE).index
    query = {"kind": "phone", "index": index, "format": "csv"}
    assert len(rows_of_csv(analyst.get(reverse("fraud-search"), query))) == 1
    assert rows_of_csv(analyst.get(reverse("fraud-rings"), {"format": "csv"})) == []


def test_the_next_case_is_one_s_own_first(call, hire, opened):
    analyst = hire("risk_analyst")
    there = analyst.get(reverse("fraud-next"))
    assert there["Location"] == reverse("fraud-case", args=[opened])
    nothing = analyst.get(reverse("fraud-next"), {"besides": str(opened)})
    assert nothing["Location"] == reverse("fraud")


def test_facts_of_parties_and_cards_leave_traces_under_the_party(call, clock):
    user_id = make_user()
    who = call(actor=actor(user_id))
    set_phone(SetPhone(user_id=user_id, phone=PHONE, is_proved=True), who)
    made = register_person(
        RegisterPerson(user_id=user_id, name="王小明", resident_id=resident(1)), who
    )
    added = AddBankAccount(
        party_id=made.party_id,
        bank_name="工商银行",
        holder="王小明",
        number=card(1),
        proof=prove_account(made.party_id, "王小明", card(1)),
    )
    add_bank_account(added, who)
    relay.drain(SUBSCRIBERS)
    seen = set(Trace.objects.filter(subject_id=made.party_id).values_list("kind", "deed"))
    assert seen == {
        ("self", "identified"),
        ("resident-id", "identified"),
        ("phone", "identified"),
        ("phone-block", "identified"),
        ("self", "card-added"),
        ("card", "card-added"),
    }
    assert TracedAccount.objects.get().account_id == user_id


def test_an_application_leaves_device_and_deed(call, clock):
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    borrower = journeys.make_borrower(call)
    journeys.apply(call, borrower)
    relay.drain(SUBSCRIBERS)
    assert Trace.objects.filter(subject_id=borrower.party_id, deed="applied").count() == 1


def test_a_browser_gets_its_number_where_business_is_done_and_keeps_it(clock, client):
    public = client.get("/")
    assert settings.DEVICE_COOKIE_NAME not in public.cookies
    first = client.get(reverse("account_login"))
    cookie = first.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert len(cookie.value) == 32
    assert settings.DEVICE_COOKIE_NAME not in client.get(reverse("account_login")).cookies
    forged = Client(HTTP_COOKIE=f"{settings.DEVICE_COOKIE_NAME}=<script>")
    assert (
        len(forged.get(reverse("account_login")).cookies[settings.DEVICE_COOKIE_NAME].value) == 32
    )


def test_a_log_in_is_seen_with_its_device_and_staff_s_is_not(call, clock, client):
    user_id = make_user()
    set_phone(SetPhone(user_id=user_id, phone=PHONE, is_proved=True), call(actor=actor(user_id)))
    user = get_user_model().objects.get(pk=user_id)
    user.set_password("a-long-Passw0rd-of-ours")
    user.save()
    client.get(reverse("account_login"))
    device = client.cookies[settings.DEVICE_COOKIE_NAME].value
    given = {"login": PHONE, "password": "a-long-Passw0rd-of-ours"}
    answer = client.post(reverse("account_login"), given, HTTP_USER_AGENT="Test/1")
    assert answer.status_code == 302
    seen = Trace.objects.filter(subject_id=user_id, deed="logged-in")
    assert {one.kind for one in seen} == {"self", "device", "agent"}
    stored = seen.get(kind="device")
    assert bytes(stored.index).hex() == mark("device", device).index
    make_officer(clock, user_id=user_id)
    client.post(reverse("account_login"), given)
    assert Trace.objects.filter(subject_id=user_id, deed="logged-in").count() == 3


def test_a_key_used_twice_is_one_act(hire, opened):
    analyst, key = hire("risk_analyst"), str(uuid4())
    there = reverse("fraud-case-act", args=[opened, "take"])
    for _ in range(2):
        assert analyst.post(there, {"key": key}).status_code == 302
    assert FraudCase.objects.get().acts.count() == 2
