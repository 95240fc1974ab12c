"""The review desk's pages: what they ask, what they show, what they refuse, and to whom."""

import hashlib
import io
import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.conduct.cases import Finding, record_decision
from rongqiao.lending.origination.models import Application, Decision
from rongqiao.lending.origination.models.desk import Override, Waiting
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform import relay
from rongqiao.web.frame.reasons import MOST_TOLD, REASONS, SECRET, UNSAID, tell
from tests.makers import journeys
from tests.makers import reviewing as desk
from tests.makers.outside import put_in_force
from tests.parties.people import make_user

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def hire(call, staff):
    """Return `hire(*roles)`: a client of somebody new who holds them."""

    def make(*roles):
        user_id = make_user()
        for role in roles:
            journeys.give_role(call, *staff.administrators, user_id, role)
        return client_of(user_id)

    return make


def client_of(user_id):
    client = Client()
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.user_id = user_id
    return client


def text_of(answer):
    return answer.content.decode()


def act(client, case, verb, **fields):
    return client.post(reverse("case-act", args=[case, verb]), {"key": str(uuid4()), **fields})


def page_of(client, case):
    return text_of(client.get(reverse("case", args=[case])))


def test_declining_what_met_every_criterion_asks_why_beside_the_field(call, hire):
    case, reviewer = desk.referred(call)[0], hire("reviewer")
    act(reviewer, case, "take")
    said = {"codes": ["purpose-not-proven"], "reason": "用途说不清。"}
    answer = act(reviewer, case, "decline", **said)
    assert answer.status_code == 422
    assert 'id="decline_override_error">这个决定与系统意见不同，请选择理由。' in text_of(answer)
    done = act(reviewer, case, "decline", **said, override="purpose-doubtful")
    assert done.status_code == 302
    page = page_of(reviewer, case)
    assert "各项达标，人工拒绝" in page
    assert "用途存疑" in page


def test_documents_are_asked_for_brought_and_seen(call, hire):
    (case, borrower), reviewer = desk.referred(call), hire("reviewer")
    act(reviewer, case, "take")
    wrong = act(reviewer, case, "ask-documents", due_on="2026-01-12", words="请补充流水。")
    assert "请填写需要的材料" in text_of(wrong)
    asked = {"kinds": ["bank-statement"], "due_on": "2026-01-12", "words": "请补充流水。"}
    assert act(reviewer, case, "ask-documents", **asked).status_code == 302
    assert "等 1 份材料" in page_of(reviewer, case)
    assert "缺 1 份" in text_of(reviewer.get(reverse("queue"), {"documents": "waiting"}))
    customer = client_of(borrower.user_id)
    own = text_of(customer.get(reverse("application", args=[case])))
    assert "请补充流水。" in own
    where = reverse("application-supply", args=[case])
    page = text_of(customer.get(where))
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page).group(1)
    bad = SimpleUploadedFile("a.gif", b"GIF89a")
    refused = customer.post(where, {"key": key, "kind": "bank-statement", "file": bad})
    assert refused.status_code == 422
    assert "不接受这种文件" in text_of(refused)
    good = SimpleUploadedFile("流水.pdf", desk.pdf(3))
    done = customer.post(where, {"key": str(uuid4()), "kind": "bank-statement", "file": good})
    assert done["Location"] == reverse("application", args=[case])
    assert customer.get(where)["Location"] == reverse("application", args=[case])
    assert "已到齐" in page_of(reviewer, case)
    stranger = client_of(journeys.make_borrower(call, 8).user_id)
    assert stranger.get(where).status_code == 404


def test_a_paper_is_shown_page_by_page_framed_by_this_site_alone(call, hire):
    (case, borrower), reviewer = desk.referred(call), hire("reviewer")
    desk.taken(call, reviewer.user_id, case)
    desk.ask_documents(call, reviewer.user_id, case, "bank-statement")
    desk.supply(call, borrower, case, "bank-statement", content=desk.pdf(3), name="a.pdf")
    part = reverse("case-papers", args=[case])
    page = text_of(reviewer.get(part))
    (paper,) = re.findall(r"\?file=([0-9a-f-]{36})[^>]*>银行流水", page)
    shown = text_of(reviewer.get(part, {"file": paper, "page": "2", "zoom": "150"}))
    assert "第 2 / 3 页" in shown
    assert 'class="paper-150"' in shown
    assert "第 3 / 3 页" in text_of(reviewer.get(part, {"file": paper, "page": "99"}))
    for nonsense in ({"file": "x"}, {"page": "-1"}, {"zoom": "7"}, {"page": "９"}):
        assert reviewer.get(part, nonsense).status_code == 200
    one = reviewer.get(reverse("case-page", args=[case, paper, 2]))
    assert len(PdfReader(io.BytesIO(one.content)).pages) == 1
    assert "frame-ancestors 'self'" in one["Content-Security-Policy"]
    assert "default-src 'none'" in one["Content-Security-Policy"]
    assert (one["X-Frame-Options"], one["X-Content-Type-Options"]) == ("SAMEORIGIN", "nosniff")
    assert "no-store" in one["Cache-Control"]
    assert reviewer.get(reverse("case-page", args=[case, paper, 4])).status_code == 404
    assert reviewer.get(reverse("case-page", args=[case, uuid4(), 1])).status_code == 404
    for stranger in (hire("finance"), client_of(borrower.user_id)):
        assert stranger.get(part).status_code == 404
        assert stranger.get(reverse("case-page", args=[case, paper, 1])).status_code == 404


def test_a_case_is_passed_on_to_whoever_has_least_in_hand(call, hire):
    first, second = hire("reviewer"), hire("reviewer")
    case = desk.referred(call)[0]
    act(first, case, "take")
    page = page_of(first, case)
    assert f"…{str(first.user_id)[-6:]} · 手上 1 件，超时 0 件" in page
    given = {"reviewer": str(second.user_id), "code": "absence", "reason": "明天起休假。"}
    assert act(first, case, "reassign", **given).status_code == 302
    assert "明天起休假。" in page_of(second, case)
    approver = hire("approver")
    back = {**given, "reviewer": str(first.user_id), "code": "workload"}
    assert act(approver, case, "reassign", **back).status_code == 302
    assert act(second, case, "release").status_code == 422


def test_what_was_said_last_time_stands_beside_what_is_said_now(call, clock, hire):
    borrower, reviewer = journeys.make_borrower(call, 1), hire("reviewer")
    wish = {"amount": "60000", "term_count": "24"}
    case, _state = journeys.apply(call, borrower, monthly_income="7000.00", **wish)
    assert "还没有查得的信息可以比较" in page_of(reviewer, case)
    clock.move(timedelta(days=40))
    again, _state = journeys.apply(call, borrower, amount="60000", monthly_income="20000.00")
    page = page_of(reviewer, again)
    table = page.split('id="h-cmp"')[1].split("</section>")[0]
    assert "7,000" in table
    assert "20,000" in table
    assert "不一致" in table
    assert "+186%" in table


def test_the_next_case_is_ones_own_then_a_free_one_then_none(call, hire):
    reviewer, approver = hire("reviewer"), hire("approver")
    first, second = desk.referred(call, 1)[0], desk.referred(call, 2)[0]
    where = reverse("queue-next")
    act(reviewer, second, "take")
    assert reviewer.get(where)["Location"] == reverse("case", args=[second])
    besides = reviewer.get(where, {"besides": str(second)})
    assert besides["Location"] == reverse("case", args=[first])
    assert approver.get(where)["Location"] == reverse("queue")
    desk.recommended(call, reviewer.user_id, second)
    assert approver.get(where)["Location"] == reverse("case", args=[second])


def test_a_case_asks_as_much_with_many_decisions_as_with_few(call, hire):
    reviewer = hire("reviewer")
    case, borrower = desk.referred(call)
    desk.taken(call, reviewer.user_id, case)
    address = reverse("case", args=[case])
    reviewer.get(address)

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert reviewer.get(address).status_code == 200
        return len(found)

    before = asked()
    for _round in range(3):
        desk.ask_documents(call, reviewer.user_id, case, "bank-statement", "credit-report")
        desk.supply(call, borrower, case, "bank-statement")
        desk.supply(call, borrower, case, "credit-report")
    # A request's documents are one question each: a case has a handful of requests.
    assert asked() <= before + 3
    assert before <= 40


# Overrides


@pytest.fixture
def overridden(call, staff, hire):
    """Two overrides by one reviewer: one declined against the system, one lent against it."""
    reviewer = hire("reviewer")
    clean = desk.referred(call, 1)[0]
    desk.taken(call, reviewer.user_id, clean)
    desk.turned_down(call, reviewer.user_id, clean, override="facts-doubtful")
    bad, borrower = desk.declined(call, 2)
    desk.ask_person(call, borrower, bad)
    desk.taken(call, reviewer.user_id, bad)
    desk.recommended(call, reviewer.user_id, bad, "20000", term_count=12, override="known-customer")
    along = desk.referred(call, 3)[0]
    desk.taken(call, reviewer.user_id, along)
    desk.recommended(call, reviewer.user_id, along)
    return reviewer, bad, borrower


def test_overrides_are_counted_both_ways_by_month_and_officer(hire, overridden):
    reviewer, _bad, _borrower = overridden
    page = text_of(hire("risk_analyst").get(reverse("overrides")))
    row = page.split('data-label="月份" class="whitespace-nowrap">2026-01')[1].split("</tr>")[0]
    cells = re.findall(r'class="r">([^<]*)<', row)
    assert cells == ["2", "1", "50.00%", "1", "1", "100.00%"]
    assert f"…{str(reviewer.user_id)[-6:]}" in page.split('id="h-officers"')[1]
    assert "老客户，履约良好" in page
    rows = text_of(hire("auditor").get(reverse("overrides"), {"format": "csv"})).splitlines()
    assert len(rows) == 3
    (down,) = text_of(
        hire("auditor").get(reverse("overrides"), {"format": "csv", "way": "down"})
    ).splitlines()[1:]
    assert "各项达标，人工拒绝" in down


def test_an_override_links_to_its_case_only_for_who_may_open_it(hire, overridden):
    _reviewer, bad, _borrower = overridden
    address = reverse("case", args=[bad])
    assert address in text_of(hire("approver").get(reverse("overrides")))
    assert address not in text_of(hire("risk_analyst").get(reverse("overrides")))


def test_what_was_lent_against_the_system_is_followed_to_its_default(call, clock, hire, overridden):
    _reviewer, bad, borrower = overridden
    journeys.accept(call, borrower, bad)
    sheet = journeys.read_sheet(call, clock, borrower, application_id=bad)
    journeys.sign(call, borrower, bad, sheet)
    journeys.signed_loan(call, clock, journeys.make_borrower(call, 30))
    relay.drain(SUBSCRIBERS)

    def figures():
        page = text_of(hire("risk_analyst").get(reverse("overrides")))
        table = page.split('id="h-after"')[1].split("</table>")[0]
        return [re.findall(r'class="r">([^<]*)<', row) for row in table.split("<tr>")[2:]]

    assert figures() == [
        ["1", "0", "0", "0.00%"],
        ["0", "0", "0", "—"],
        ["1", "0", "0", "0.00%"],
    ]
    Loan.objects.filter(party_id=borrower.party_id).update(days_past_due_worst=90)
    assert figures()[2] == ["1", "1", "1", "100.00%"]


def test_the_overrides_page_asks_as_much_for_many_as_for_few(call, staff, hire, overridden):
    reader = hire("risk_analyst")
    reader.get(reverse("overrides"))

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert reader.get(reverse("overrides")).status_code == 200
        return len(found)

    before = asked()
    for number in (11, 12, 13):
        case = desk.referred(call, number)[0]
        desk.taken(call, staff.reviewer, case)
        desk.turned_down(call, staff.reviewer, case, override="other")
    assert asked() == before
    assert Override.objects.count() == 5


# The declined borrower


def test_a_declined_borrower_reads_why_what_helps_when_again_and_asks_for_a_person(call, hire):
    (case, borrower), reviewer = desk.declined(call), hire("reviewer")
    customer = client_of(borrower.user_id)
    page = text_of(customer.get(reverse("application", args=[case])))
    assert "现职工作时间为 1 个月，本产品要求至少" in page
    assert "工作时间满足要求后可以再次申请。" in page
    day = Application.objects.get(pk=case).apply_again_on
    assert f"{day:%Y-%m-%d} 起可以再次申请。" in page
    where = reverse("application-ask-for-review", args=[case])
    assert where in page
    assert customer.get(where).status_code == 200
    key = str(uuid4())
    for _click in range(2):
        answer = customer.post(where, {"key": key, "words": "工作时间填错了。"})
        assert answer["Location"] == reverse("application", args=[case])
    page = text_of(customer.get(reverse("application", args=[case])))
    assert "应您的要求，由人重新审核这笔申请，2026-01-07 前答复。" in page
    assert where not in page
    assert customer.get(where).status_code == 302
    queue = text_of(reviewer.get(reverse("queue"), {"asked": "1"}))
    assert reverse("case", args=[case]) in queue
    assert "工作时间填错了。" in page_of(reviewer, case)
    english = customer.get(reverse("application", args=[case]), headers={"accept-language": "en"})
    assert "a person reviews this application anew" in text_of(english)


def test_a_person_who_declined_is_named_as_one_and_not_asked_again(call, hire):
    (case, borrower), reviewer = desk.referred(call), hire("reviewer")
    desk.taken(call, reviewer.user_id, case)
    desk.turned_down(call, reviewer.user_id, case, override="other")
    customer = client_of(borrower.user_id)
    page = text_of(customer.get(reverse("application", args=[case])))
    assert "这是人工审核的结论" in page
    where = reverse("application-ask-for-review", args=[case])
    assert where not in page
    answer = customer.post(where, {"key": str(uuid4()), "words": ""})
    assert answer.status_code == 422
    assert "已经由人审核" in text_of(answer)


SECRETS = ("fraud-ring", "aml-hit", "sanctions-match", "list-black", "watchlist", "no-such-words")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_borrower_ever_reads_of_fraud_or_laundering(call, staff, language):
    """Whatever code stands on the decision, the page reads like any other assessment."""
    row, borrower = desk.declined(call)
    customer, case = client_of(borrower.user_id), Application.objects.get(pk=row)

    def reasons(code):
        finding = Finding(
            stage="screening",
            outcome="decline",
            terms=None,
            reasons=((code, (("list", "OFAC"), ("ring", "R-17"))),),
            versions={},
            inputs={},
        )
        record_decision(case, finding, call())
        page = text_of(
            customer.get(reverse("application", args=[row]), headers={"accept-language": language})
        )
        assert "OFAC" not in page
        assert "R-17" not in page
        assert code == UNSAID or code not in page
        return page.split('id="h-why"')[1].split("</section>")[0]

    ordinary = reasons(UNSAID)
    assert {reasons(code) for code in SECRETS} == {ordinary}


def test_at_most_four_reasons_are_told_each_once():
    codes = [(code, {}) for code in list(REASONS)[1:8]]
    assert len(tell(codes)) == MOST_TOLD
    assert len(tell([("fraud-a", {}), ("aml-b", {}), ("other-risk", {})])) == 1
    assert not any(code.startswith(SECRET) for code in REASONS)


def test_the_queue_file_tells_what_the_page_tells(call, hire):
    case, _borrower = desk.referred(call)
    Waiting.objects.filter(pk=case).update(margin=-3, failed=2)
    reviewer = hire("reviewer")
    page = text_of(reviewer.get(reverse("queue")))
    assert "−3" in page
    rows = text_of(reviewer.get(reverse("queue"), {"format": "csv"})).splitlines()
    assert ",-3,2," in rows[1]
    assert reviewer.get(reverse("queue"), {"format": "xlsx"}).status_code == 200


def test_home_and_contact_are_shown_masked(call, hire):
    borrower = journeys.make_borrower(call, 1)
    wish = {"amount": "60000", "term_count": "24", "monthly_income": "20000"}
    case = journeys.fill_in(call, borrower, "consumer-monthly", **wish)
    told = {
        "home_address": "杭州市西湖区文三路 12 号 3 幢 501 室",
        "contact_name": "王小明",
        "contact_phone": "13800139999",
    }
    household = {**journeys.PERSON_ANSWERS["household"], **told}
    journeys.save(call, borrower, case, "household", **household)
    assert journeys.hand_in(call, borrower, case).state == "referred"
    shown = page_of(hire("reviewer"), case)
    for masked, clear in (
        ("杭州市西湖区***", "文三路"),
        ("王**", "王小明"),
        ("138****9999", "13800139999"),
    ):
        assert masked in shown
        assert clear not in shown


def decision_page(client, case, number=1, **query):
    return client.get(reverse("case-decision", args=[case, number]), query)


def test_the_whole_of_a_decision_is_read_on_a_page_of_its_own(call, hire):
    case, _borrower = desk.referred(call)
    reviewer = hire("reviewer")
    assert reverse("case-decision", args=[case, 1]) in page_of(reviewer, case)
    shown = text_of(decision_page(reviewer, case))
    assert "按记录重新计算，结论与当时逐字相同" in shown
    # What fired with what it saw, what could not be told, and every other rule too.
    assert "amount &gt; 50000.00" in shown
    assert "¥60,000.00" in shown
    assert '历史逾期</span> <span class="font-medium">未知' in shown
    assert shown.count('<code class="block text-sm mt-1 break-words">') == 15
    assert "age &lt; 18" in shown
    # Points with what each lost, the price, the limit.
    assert "失分多的在前" in shown
    assert "可承受的最大金额" in shown
    assert "年利率" in shown


def test_outside_facts_and_a_policys_own_reasons_are_named_in_words(call, clock, hire):
    put_in_force(call, clock)
    case, _borrower = desk.referred(call)
    shown = text_of(decision_page(hire("reviewer"), case))
    assert "司法记录·失信被执行人" in shown
    assert "外部信用评分·评分" in shown
    assert "法院公开信息显示，您目前在失信被执行人名单上。" in shown
    assert "法院公开信息显示有 … 件执行案件，需要人工审核。" in shown


def test_who_reads_a_decision_sees_no_birthday_and_only_an_auditor_the_record(call, hire):
    case, _borrower = desk.referred(call)
    born = re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d{2}")
    for role in ("reviewer", "approver", "risk_analyst"):
        reader = hire(role)
        answer = decision_page(reader, case)
        assert re.search(r"\d{4}-\*\*-\*\*", text_of(answer))
        record = Decision.objects.get(application=case)
        inputs = unseal(record.inputs_sealed, Decision, "inputs_sealed", record.pk)
        birthday = next(line[2] for line in inputs["features"] if line[0] == "born-on")
        assert born.fullmatch(birthday)
        assert birthday not in text_of(answer)
        rows = decision_page(reader, case, format="csv").content.decode("utf-8-sig")
        assert birthday not in rows
        assert "amount > 50000.00" in rows
        assert reader.get(reverse("case-decision-record", args=[case, 1])).status_code == 404
    auditor = hire("auditor")
    assert decision_page(auditor, case).status_code == 200
    told = auditor.get(reverse("case-decision-record", args=[case, 1]))
    assert "no-store" in told["Cache-Control"]
    sealed = json.loads(told.content)
    assert hashlib.sha256(sealed["answer"].encode()).hexdigest() == record.answer_sha256
    assert sealed["inputs"] == inputs
    for role in ("finance", "support", "operator"):
        assert decision_page(hire(role), case).status_code == 404
    assert decision_page(auditor, case, number=9).status_code == 404


def test_a_decision_takes_the_same_queries_for_any_rules(call, hire, django_assert_max_num_queries):
    case, _borrower = desk.referred(call)
    reviewer = hire("reviewer")
    with django_assert_max_num_queries(8):
        assert decision_page(reviewer, case).status_code == 200
