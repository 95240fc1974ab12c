"""The room of inquiries: listed masked, counted, looked at in full for a reason only."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rongqiao.parties.operations.consents.give_consent import GiveConsent, give_consent
from rongqiao.policies.consents import TEXTS
from rongqiao.risk.models.inquiries import Inquiry, InquiryLook
from rongqiao.risk.operations.inquiring.open_inquiry import OpenInquiry, open_inquiry
from rongqiao.web.account.checks.words import fact_words, fault_words
from tests.makers import journeys
from tests.parties.people import actor, make_person, resident
from tests.web.finance_desk import client_of, officer, rows_of_csv, rows_of_xlsx, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture
def analyst(call, staff):
    return officer(call, staff, "risk_analyst")


@pytest.fixture
def person(call):
    user_id, party_id = make_person(call, 1)
    for text in TEXTS:
        given = GiveConsent(user_id=user_id, kind=text.kind, version=text.version)
        give_consent(given, call(actor=actor(user_id)))
    return user_id, party_id


@pytest.fixture
def ask(call, person, sources):
    def go(*codes, about=person):
        user_id, party_id = about
        for code in codes:
            wanted = OpenInquiry(
                source=code, party_id=party_id, user_id=user_id, purpose="application"
            )
            open_inquiry(wanted, call(actor=actor(user_id)))
            sources.work()

    return go


def test_inquiries_are_listed_masked_and_narrowed(analyst, ask, sources, clock):
    empty = text_of(analyst.get(reverse("inquiries")))
    assert "还没有查询" in empty
    ask("bureau", "identity")
    sources.faults(fail=-1, only="judicial")
    ask("judicial")
    shown = text_of(analyst.get(reverse("inquiries")))
    assert f"王** {resident(1)[:4]}**********{resident(1)[-4:]}" in shown
    assert resident(1) not in shown
    assert "王小明" not in shown
    failed = text_of(analyst.get(reverse("inquiries"), {"outcome": "failed"}))
    assert failed.count("data-row") == 1
    assert "来源出错（503）" in failed
    one = text_of(analyst.get(reverse("inquiries"), {"source": "bureau", "month": "2026-01"}))
    assert one.count("data-row") == 1
    none = text_of(analyst.get(reverse("inquiries"), {"month": "2025-12"}))
    assert "没有符合的查询" in none
    strange = analyst.get(
        reverse("inquiries"), {"month": "x", "before": "x", "source": "x", "party": "'"}
    )
    assert strange.status_code == 200


def test_the_list_pages_on_with_no_query_a_row(
    call, analyst, ask, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr("rongqiao.web.backoffice.risk.inquiries.listing.PAGE", 2)
    ask("bureau", "identity", "judicial")
    page = text_of(analyst.get(reverse("inquiries")))
    assert page.count("data-row") == 2
    older = Inquiry.objects.order_by("-pk")[1].pk
    assert f"before={older}" in page
    assert text_of(analyst.get(reverse("inquiries"), {"before": older})).count("data-row") == 1
    with django_assert_max_num_queries(14):
        analyst.get(reverse("inquiries"))
    with django_assert_max_num_queries(16):
        analyst.get(reverse("inquiry-sources"))
    with django_assert_max_num_queries(14):
        analyst.get(reverse("inquiry-costs"))


def test_the_room_has_files(analyst, ask):
    ask("bureau", "identity")
    rows = rows_of_csv(analyst.get(reverse("inquiries"), {"format": "csv"}))
    assert {row["来源"] for row in rows} == {"征信报告", "实名核验"}
    assert {row["费用"] for row in rows} == {"2.00", "0.30"}
    assert resident(1) not in str(rows)
    assert len(rows_of_xlsx(analyst.get(reverse("inquiries"), {"format": "xlsx"}), "时间")[1]) == 2
    months = rows_of_csv(analyst.get(reverse("inquiry-costs"), {"format": "csv"}))
    assert [(row["月份"], row["来源"], row["费用"]) for row in months] == [
        ("2026-01", "征信报告", "2.00"),
        ("2026-01", "实名核验", "0.30"),
    ]
    sources = rows_of_csv(analyst.get(reverse("inquiry-sources"), {"format": "csv"}))
    assert len(sources) == 9
    assert next(row for row in sources if row["来源"] == "征信报告")["查询"] == "1"


def test_costs_count_what_was_charged_and_what_the_cache_saved(analyst, ask, clock):
    assert "还没有费用" in text_of(analyst.get(reverse("inquiry-costs")))
    ask("bureau")
    clock.move(timedelta(days=1))
    ask("bureau")
    shown = text_of(analyst.get(reverse("inquiry-costs")))
    assert shown.count("2.00") >= 3
    assert "各月查询费用" in shown


def test_a_source_that_fails_is_seen_to_be_left_alone(call, analyst, sources, ask):
    sources.faults(fail=-1, only="judicial")
    for number in range(20, 25):
        someone = make_person(call, number)
        consent = GiveConsent(user_id=someone[0], kind="public_records", version="2026-01")
        give_consent(consent, call(actor=actor(someone[0])))
        ask("judicial", about=someone)
    shown = text_of(analyst.get(reverse("inquiry-sources")))
    assert "暂停查询" in shown
    assert "100" in shown


def test_an_answer_is_looked_at_for_a_reason_on_record(call, staff, analyst, sources, ask):
    sources.say("bureau", resident(1), inquiries_6m=37)
    ask("bureau")
    row = Inquiry.objects.get()
    page = text_of(analyst.get(reverse("inquiry", args=[row.pk])))
    assert "近 6 个月被查询次数" not in page
    assert row.answer_sha256 in page
    assert send(analyst, "inquiry-look", row.pk, reason="").status_code == 422
    assert "请写明查看完整内容的理由" in text_of(send(analyst, "inquiry-look", row.pk, reason="看"))
    assert not InquiryLook.objects.exists()
    full = send(analyst, "inquiry-look", row.pk, reason="复核申请人的征信异议")
    assert "近 6 个月被查询次数" in text_of(full)
    assert "37" in text_of(full)
    assert "no-store" in full["Cache-Control"]
    auditor = officer(call, staff, "auditor")
    seen = text_of(auditor.get(reverse("inquiry", args=[row.pk])))
    assert "复核申请人的征信异议" in seen
    assert "查看完整内容" not in seen
    assert send(auditor, "inquiry-look", row.pk, reason="审计抽查内容").status_code == 404
    assert InquiryLook.objects.count() == 1


def test_nobody_looks_at_their_own_by_office(call, staff, person, ask):
    user_id, _party = person
    journeys.give_role(call, *staff.administrators, user_id, "reviewer")
    ask("bureau")
    row = Inquiry.objects.get()
    answer = send(client_of(user_id), "inquiry-look", row.pk, reason="看看自己的报告")
    assert answer.status_code == 403
    assert not InquiryLook.objects.exists()


@pytest.mark.parametrize("role", ["support", "finance", "collector", "compliance_officer"])
def test_for_others_the_room_is_not_there(call, staff, ask, role):
    ask("bureau")
    client = officer(call, staff, role)
    for name in ("inquiries", "inquiry-sources", "inquiry-costs"):
        assert client.get(reverse(name)).status_code == 404
    row = Inquiry.objects.get()
    assert client.get(reverse("inquiry", args=[row.pk])).status_code == 404
    assert send(client, "inquiry-look", row.pk, reason="没有权限的人").status_code == 404


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("timeout", "没有按时答复"),
        ("budget-spent", "今日费用已用完"),
        ("malformed:owed", "答复格式不对"),
        ("ConnectError", "来源出错（ConnectError）"),
        ("", ""),
    ],
)
def test_why_a_source_did_not_answer_is_said_in_words(code, said):
    assert fault_words(code) == said


def test_an_inquiry_names_the_consent_it_rests_on_by_its_title(analyst, ask):
    ask("bureau")
    text = next(one for one in TEXTS if one.kind == "credit_inquiry")
    page = text_of(analyst.get(reverse("inquiry", args=[Inquiry.objects.get().pk])))
    assert f"{text.title} {text.version}" in page
    assert f"{text.kind} {text.version}" not in page
    (row,) = rows_of_csv(analyst.get(reverse("inquiries"), {"format": "csv"}))
    assert row["授权"] == f"{text.title} {text.version}"


def test_a_fact_from_outside_has_a_name_and_what_is_none_has_not():
    assert fact_words("judicial.is-dishonest-debtor") == "司法记录·失信被执行人"
    assert fact_words("score.score") == "外部信用评分·评分"
    assert fact_words("judicial.weather") == fact_words("amount") == fact_words("") == ""
