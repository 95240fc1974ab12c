"""The room of compliance: alerts, cases, lists, ratings, reports; and the wall around it."""

import re
from datetime import date
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from rongqiao.config.compliance import look_after, told_by_lending
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.money.ledger.queries.books import account_state
from rongqiao.parties.models import Organization
from rongqiao.parties.operations.declare_owners import (
    DeclaredOwner,
    DeclareOwners,
    declare_owners,
)
from rongqiao.parties.queries.relations import own_affairs
from rongqiao.parties.sealing import resident_index
from rongqiao.platform import relay
from rongqiao.platform.models import OperationRecord, OutboxEvent
from rongqiao.policies.roles import Role
from rongqiao.risk.jobs.laundering import watch_days
from rongqiao.risk.models.laundering.casework import (
    CaseNote,
    CustomerRating,
    LaunderingAlert,
    LaunderingCase,
    LaunderingReport,
    ListVersion,
    WatchedDay,
)
from rongqiao.risk.models.laundering.freezing import Freeze
from rongqiao.web.backoffice.risk.laundering.urls import urlpatterns
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor, make_firm, make_person, make_user, resident
from tests.web.finance_desk import client_of, rows_of_csv, rows_of_xlsx, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")
LISTS = Path(__file__).parents[2] / "src" / "rongqiao_sandboxes" / "watchlists"
ME = "编号,类型,姓名,出生日期,国籍\nT-1,个人,王小明,1990-03-07,中国\n"
REASON = "姓名、出生日期均相同"


@pytest.fixture
def hire(clock):
    def make(*roles):
        user_id = make_officer(clock, role=roles[0])
        for role in roles[1:]:
            make_officer(clock, user_id=user_id, role=role)
        return client_of(user_id)

    return make


@pytest.fixture
def officers(hire):
    return hire("compliance_officer"), hire("compliance_officer")


@pytest.fixture
def alert(officers, call):
    """A customer who is on a list of sanctions, registered after the list came in."""
    take_in(officers[0], ME)
    make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    return LaunderingAlert.objects.get()


def take_in(client, content, **more):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    fields = {"code": "notice", "kind": "sanction", "source": "test", "key": str(uuid4())}
    file = SimpleUploadedFile("list.csv", content.encode())
    return client.post(reverse("laundering-lists"), {**fields, **more, "file": file})


def act(client, name, pk, verb, **fields):
    return send(client, name, pk, verb, **fields)


def reported(officers, alert):
    """Take the alert through to a report of suspicion."""
    one, other = officers
    act(one, "laundering-alert-act", alert.pk, "pursue-listed", reason=REASON, is_frozen="on")
    case = LaunderingCase.objects.get()
    act(one, "laundering-case-act", case.pk, "take")
    act(one, "laundering-case-act", case.pk, "report", text="资金来源不明")
    act(other, "laundering-case-act", case.pk, "approve")
    return LaunderingReport.objects.get(kind="suspicious")


def test_an_alert_is_read_side_by_side_and_dismissed_with_a_reason(officers, alert):
    one, _other = officers
    queue = text_of(one.get(reverse("laundering")))
    assert alert.number in queue
    page = text_of(one.get(reverse("laundering-alert", args=[alert.pk])))
    for shown in ("王小明", "1990-03-07", "出生日期相同", "+15", "逐项对照", "notice/T-1"):
        assert shown in page
    assert "110101199003070010" not in page
    assert act(one, "laundering-alert-act", alert.pk, "dismiss", reason=" ").status_code == 422
    done = act(one, "laundering-alert-act", alert.pk, "dismiss", reason="同名同日，照片不同")
    assert done.status_code == 302
    alert.refresh_from_db()
    assert alert.state == "false"
    assert "照片不同" in text_of(one.get(reverse("laundering-alert", args=[alert.pk])))
    again = act(one, "laundering-alert-act", alert.pk, "dismiss", reason="再一次")
    assert again.status_code == 422
    assert "已经办理过了" in text_of(again)
    assert "照片不同" not in str(OperationRecord.objects.values_list("request", flat=True))


def test_a_case_takes_two_and_ends_in_a_report_file(officers, alert):
    one, other = officers
    act(one, "laundering-alert-act", alert.pk, "pursue", reason=REASON)
    case = LaunderingCase.objects.get()
    act(one, "laundering-case-act", case.pk, "take")
    act(one, "laundering-case-act", case.pk, "note", text="调取流水")
    act(one, "laundering-case-act", case.pk, "report", text="与收入不符")
    own = act(one, "laundering-case-act", case.pk, "approve")
    assert own.status_code == 422
    assert "另一位合规人员" in text_of(own)
    act(other, "laundering-case-act", case.pk, "send-back", reason="再查对手方")
    case.refresh_from_db()
    assert case.state == "taken"
    act(one, "laundering-case-act", case.pk, "report", text="与收入不符，对手方异常")
    assert act(other, "laundering-case-act", case.pk, "approve").status_code == 302
    case.refresh_from_db()
    assert case.state == "reported"
    report = LaunderingReport.objects.get()
    assert (report.kind, report.due_on) == ("suspicious", date(2026, 1, 8))
    xml = ET.fromstring(
        one.get(reverse("laundering-report", args=[report.pk]), {"format": "xml"}).content
    )
    assert xml.find("customer_name").text == "王小明"
    assert xml.find("reasons").text == "与收入不符，对手方异常"
    (row,) = rows_of_csv(one.get(reverse("laundering-report", args=[report.pk]), {"format": "csv"}))
    assert row["case"] == case.number
    act(one, "laundering-report-act", report.pk, "file", receipt="CAMLMAC-1")
    report.refresh_from_db()
    assert (report.state, report.receipt) == ("filed", "CAMLMAC-1")
    steps = list(CaseNote.objects.order_by("at", "id").values_list("step", flat=True))
    assert sorted(steps) == sorted(
        ["alert", "taken", "note", "proposed", "sent-back", "proposed", "reported"]
    )


def test_the_same_person_under_two_log_ins_is_one(officers, alert, call, clock):
    one, _other = officers
    act(one, "laundering-alert-act", alert.pk, "pursue", reason=REASON)
    case = LaunderingCase.objects.get()
    act(one, "laundering-case-act", case.pk, "take")
    act(one, "laundering-case-act", case.pk, "close", text="解释合理")
    assert act(one, "laundering-case-act", case.pk, "approve").status_code == 422
    case.refresh_from_db()
    assert case.state == "escalated"


def test_money_is_set_aside_only_when_a_listed_person_is_met_and_says_nothing(
    officers, alert, call, clock
):
    finance = make_officer(clock), make_officer(clock)
    pay_in(call, finance, alert.party_id, "300.00")
    one, _other = officers
    act(one, "laundering-alert-act", alert.pk, "pursue-listed", reason=REASON, is_frozen="on")
    state = account_state(f"wallet:{alert.party_id}")
    assert (state.held.minor, state.available.minor) == (300_00, 0)
    owner = client_of(owner_of(alert.party_id))
    wallet = text_of(owner.get(reverse("wallet")))
    for word in ("洗钱", "制裁", "名单", "可疑", "合规", "laundering"):
        assert word not in wallet


def owner_of(party_id):
    from rongqiao.parties.queries import users_of  # noqa: PLC0415

    return users_of(party_id)[0]


def test_lists_come_in_by_the_page_and_say_what_changed(officers):
    one, _other = officers
    bad = take_in(one, "名称\n有限公司\n")
    assert bad.status_code == 422
    assert take_in(one, ME).status_code == 302
    more = ME + "T-2,企业,北京黑崖贸易有限公司,,\n"
    assert take_in(one, more).status_code == 302
    version = ListVersion.objects.get(number=2)
    page = text_of(one.get(reverse("laundering-list", args=[version.pk])))
    assert "北京黑崖贸易有限公司" in page
    assert "新增" in page
    assert take_in(one, more).status_code == 422
    rows = rows_of_csv(one.get(reverse("laundering-lists"), {"format": "csv"}))
    assert [row["版本"] for row in rows] == ["2", "1"]


def test_a_customer_is_rated_from_answers_and_every_rating_stays(officers, alert):
    one, _other = officers
    page = reverse("laundering-customer", args=[alert.party_id])
    low = {
        "kind": "person",
        "occupation": "employee",
        "trade": "none",
        "region": "ordinary",
        "product": "instalment-loan",
        "channel": "online-verified",
        "exposure": "none",
        "history": "clean",
        "income": "8000.00",
    }
    assert one.post(page, {"key": str(uuid4()), **low}).status_code == 302
    high = {**low, "exposure": "foreign-official"}
    assert one.post(page, {"key": str(uuid4()), **high}).status_code == 302
    assert one.post(page, {"key": str(uuid4()), **low, "trade": "nonsense"}).status_code == 422
    levels = CustomerRating.objects.order_by("number").values_list("level", "review_on")
    assert list(levels) == [("low", date(2028, 1, 5)), ("high", date(2026, 7, 5))]
    shown = text_of(one.get(reverse("laundering-ratings")))
    assert "高风险" in shown
    code = f"RQ{str(alert.party_id)[-8:]}"
    assert one.get(reverse("laundering-ratings"), {"q": code}).status_code == 302
    assert "没有识别码" in text_of(one.get(reverse("laundering-ratings"), {"q": "RQ00000000"}))


def test_a_customers_page_shows_the_income_that_counts_and_who_is_linked(
    officers, alert, call, django_assert_max_num_queries
):
    one, _other = officers
    page = reverse("laundering-customer", args=[alert.party_id])
    shown = text_of(one.get(page))
    assert "没有提交过申请" in shown
    assert "没有发现关联方" in shown
    firm = make_firm(call, owner_of(alert.party_id), 1)
    with django_assert_max_num_queries(36):
        shown = text_of(one.get(page))
    assert reverse("laundering-customer", args=[firm]) in shown
    assert "同一法定代表人" in shown


def test_an_officer_clears_a_link_with_a_reason_that_stays(officers, alert, call):
    one, other = officers
    firm = make_firm(call, owner_of(alert.party_id), 1)
    page = reverse("laundering-customer", args=[alert.party_id])

    def send_word(client, word, reason, target=firm):
        address = reverse("laundering-link-act", args=[alert.party_id, target, word])
        return client.post(address, {"key": str(uuid4()), "reason": reason})

    refused = send_word(one, "no-link", " ")
    assert refused.status_code == 422
    assert "请填写理由" in text_of(refused)
    assert send_word(one, "namesake", "付款账户户名相同，证件不同").status_code == 302
    shown = text_of(one.get(page))
    for told in ("付款的是同名他人", "付款账户户名相同，证件不同", "恢复关联"):
        assert told in shown
    again = send_word(other, "restore", "核实后确是本人")
    assert again.status_code == 302
    assert "核实后确是本人" in text_of(one.get(page))
    late = send_word(one, "restore", "x")
    assert late.status_code == 422
    assert "已经办理过了" in text_of(late)
    assert send_word(one, "nonsense", "x").status_code == 404
    stranger = make_person(call, 8, name="赵敏")[1]
    assert send_word(one, "no-link", "x", stranger).status_code == 404


def test_who_was_reported_is_rated_anew_at_once(officers, alert):
    one, _other = officers
    page = reverse("laundering-customer", args=[alert.party_id])
    low = {
        "kind": "person",
        "occupation": "employee",
        "trade": "none",
        "region": "ordinary",
        "product": "instalment-loan",
        "channel": "online-verified",
        "exposure": "none",
        "history": "clean",
    }
    one.post(page, {"key": str(uuid4()), **low})
    reported(officers, alert)
    levels = CustomerRating.objects.order_by("number").values_list("level", flat=True)
    assert list(levels) == ["low", "high"]
    assert "报告过可疑交易" in text_of(one.get(page))


def test_one_fen_below_the_line_is_no_report(officers, call, clock):
    _user, party_id = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    finance = make_officer(clock), make_officer(clock)
    pay_in(call, finance, party_id, "499999.99", serial="SER-0001")
    watch_days(date(2026, 1, 6), told_by_lending)
    assert WatchedDay.objects.get().movements == 1
    assert not LaunderingReport.objects.exists()


def test_what_is_reached_exactly_is_reported(officers, call, clock):
    one, _other = officers
    _user, party_id = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    finance = make_officer(clock), make_officer(clock)
    pay_in(call, finance, party_id, "499999.99", serial="SER-0001")
    pay_in(call, finance, party_id, "0.01", serial="SER-0002")
    look_after(date(2026, 1, 6))
    report = LaunderingReport.objects.get()
    assert (report.feature, report.amount_minor, report.movements) == ("0503", 500_000_00, 2)
    assert report.due_on == date(2026, 1, 12)
    look_after(date(2026, 1, 6))
    assert LaunderingReport.objects.count() == 1
    xml = ET.fromstring(
        one.get(reverse("laundering-report", args=[report.pk]), {"format": "xml"}).content
    )
    assert [m.find("amount").text for m in xml.find("movements")] == ["499999.99", "0.01"]
    assert "0503" in text_of(one.get(reverse("laundering-reports")))


def test_pages_ask_a_bounded_number_of_questions(
    officers, call, clock, django_assert_max_num_queries
):
    one, _other = officers
    take_in(one, ME)
    for number in range(1, 7):
        make_person(call, number)
    relay.drain(SUBSCRIBERS)
    assert LaunderingAlert.objects.count() == 6
    for name in (
        "laundering",
        "laundering-cases",
        "laundering-freezes",
        "laundering-reports",
        "laundering-ratings",
        "laundering-lists",
        "laundering-figures",
    ):
        with django_assert_max_num_queries(20):
            assert one.get(reverse(name)).status_code == 200
    with django_assert_max_num_queries(26):
        one.get(reverse("laundering-alert", args=[LaunderingAlert.objects.first().pk]))
    _heads, rows = rows_of_xlsx(one.get(reverse("laundering"), {"format": "xlsx"}), "编号")
    assert len(rows) == 6


def addresses(alert, report):
    """Every address of the room, filled with things that are there."""
    ids = {
        "alert_id": alert.pk,
        "case_id": report.case_id,
        "report_id": report.pk,
        "party_id": alert.party_id,
        "other_id": alert.party_id,
        "version_id": ListVersion.objects.first().pk,
        "freeze_id": Freeze.objects.first().pk,
        "verb": "note",
    }
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        yield reverse(pattern.name, kwargs={name: ids[name] for name in pattern.pattern.converters})


OTHERS = [role.value for role in Role if role is not Role.COMPLIANCE_OFFICER]


def plain(answer):
    """An answer without what differs between any two requests."""
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", text_of(answer))
    return re.sub(r'name="next" value="[^"]*"', "", text)


@pytest.mark.parametrize("role", [*OTHERS, "nobody", "anonymous"])
def test_to_anybody_else_no_page_of_it_is_there(officers, alert, hire, role):
    report = reported(officers, alert)
    if role == "anonymous":
        client = Client()
    elif role == "nobody":
        client = client_of(make_user())
    else:
        client = hire(role)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    sent = {"HTTP_X_REQUEST_ID": "00000000deadbeef"}
    nothing = "/desk/risk/laundering/nothing-is-here/"
    for method in ("get", "post", "put", "delete", "head", "options"):
        expected = getattr(strict, method)(nothing, **sent)
        assert expected.status_code == 404
        for address in addresses(alert, report):
            answer = getattr(strict, method)(address, **sent)
            assert answer.status_code == 404, (method, address)
            assert plain(answer) == plain(expected), (method, address)
            assert dict(answer.headers).keys() == dict(expected.headers).keys()
    bare = strict.get("/desk/risk/laundering", **sent)
    assert bare.status_code == 404


def test_what_is_there_costs_an_outsider_as_much_as_what_is_not(officers, alert, hire):
    report = reported(officers, alert)
    client = hire("support")
    for name, pk in (("laundering-case", report.case_id), ("laundering-report", report.pk)):
        asked = []
        for wanted in (pk, uuid4()):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name, args=[wanted])).status_code == 404
            asked.append([re.sub(r"'[^']*'|\d+", "", one["sql"]) for one in queries])
        assert asked[0] == asked[1]
        assert not any("risk_" in one for one in asked[0])


@pytest.mark.parametrize("role", OTHERS)
def test_a_reported_customer_leaves_no_trace_for_others(officers, alert, hire, role):
    """Robbery 10 of security.md: menus, counts, audit, its export, the engine room, search."""
    client = hire(role)
    pages = [
        "desk",
        "audit-desk",
        "engine-room",
        "risk-desk",
        "closing-days",
        "roles-desk",
        "portfolio",
        "desk-loans",
        "collections",
        "finance",
    ]
    before = {name: plain(client.get(reverse(name))) for name in pages}
    files = [("audit-desk", "csv")]
    report = reported(officers, alert)
    needles = [
        alert.number,
        report.number,
        LaunderingCase.objects.get().number,
        str(alert.pk),
        str(report.pk),
        str(report.case_id),
        "risk.laundering.decide",
        "risk.laundering.screen",
        "反洗钱",
    ]
    for name in pages:
        after = plain(client.get(reverse(name)))
        for needle in needles:
            assert needle not in after, (name, needle)
        if name != "audit-desk":
            assert numbers(after) == numbers(before[name]), name
    for name, form in files:
        answer = client.get(reverse(name), {"format": form})
        if answer.status_code == 200:
            text = text_of(answer)
            assert not any(needle in text for needle in needles)
    for query in ({"name": "risk.laundering."}, {"actor": f"user:{officers[0].user_id}"}):
        found = text_of(client.get(reverse("audit-desk"), query))
        assert not any(needle in found for needle in needles)


def numbers(text):
    """The figures that a page shows, but for the audit chain's length and head."""
    shown = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    return re.findall(r'class="figure[^"]*">([^<]*)<', shown)


def test_an_officer_finds_nothing_about_themselves(officers, alert, clock):
    report = reported(officers, alert)
    owner = owner_of(alert.party_id)
    make_officer(clock, user_id=owner, role="compliance_officer")
    client = client_of(owner)
    for name in ("laundering", "laundering-cases", "laundering-reports", "laundering-ratings"):
        shown = text_of(client.get(reverse(name), {"state": "all"}))
        assert alert.number not in shown
        assert report.number not in shown
    for name, pk in (
        ("laundering-alert", alert.pk),
        ("laundering-case", report.case_id),
        ("laundering-report", report.pk),
        ("laundering-customer", alert.party_id),
    ):
        assert client.get(reverse(name, args=[pk])).status_code == 404
    assert act(client, "laundering-report-act", report.pk, "file", receipt="x").status_code == 404


@pytest.mark.parametrize("part", ["representative", "owner"])
def test_an_officer_finds_nothing_about_a_firm_they_are_behind(officers, call, clock, hire, part):
    take_in(officers[0], "编号,类型,姓名\nF-1,企业,融桥示范科技有限公司\n")
    user_id, _person = make_person(call, 2, "李国庆")
    firm_id = make_firm(call, user_id, 1)
    officer_id, _own = make_person(call, 3, "王建军")
    if part == "representative":
        firm = Organization.objects.filter(pk=firm_id)
        firm.update(legal_representative_index=resident_index(resident(3)))
    else:
        owner = DeclaredOwner(
            row=1,
            name="王建军",
            resident_id=resident(3),
            control="shares",
            share_bp=6_000,
            since_on=date(2020, 5, 1),
        )
        command = DeclareOwners(party_id=firm_id, after=0, owners=(owner,))
        declare_owners(command, call(actor=actor(user_id)))
    relay.drain(SUBSCRIBERS)
    alert = LaunderingAlert.objects.get(party_id=firm_id)
    assert alert.number in text_of(officers[1].get(reverse("laundering")))
    make_officer(clock, user_id=officer_id, role="compliance_officer")
    client = client_of(officer_id)
    assert client.get(reverse("laundering-alert", args=[alert.pk])).status_code == 404
    for form in ("", "csv"):
        for name in ("laundering", "laundering-ratings"):
            shown = text_of(client.get(reverse(name), {"state": "all", "format": form}))
            assert alert.number not in shown
            assert "融桥示范" not in shown
    assert own_affairs(officer_id) == {_own, firm_id}
    assert own_affairs(user_id) == {_person, firm_id}


def test_what_was_suspected_is_not_deleted(officers, alert):
    report = reported(officers, alert)
    for row in (alert, report, report.case, CaseNote.objects.first(), WatchedDay, ListVersion):
        table = row._meta.db_table
        denied = pytest.raises(ProgrammingError, match="permission denied")
        with denied, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        LaunderingAlert.objects.filter(pk=alert.pk).update(party_id=uuid4())


def test_nothing_of_it_goes_through_what_others_watch(officers, alert):
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415

    reported(officers, alert)
    look_after(date(2026, 1, 6))
    assert not any("launder" in f"{e.name}{e.payload}" for e in OutboxEvent.objects.all())
    assert not any("launder" in str(job.args) for job in ProcrastinateJob.objects.all())
    from rongqiao.engagement.notifications.models import Notice  # noqa: PLC0415

    assert Notice.objects.count() == 0


def test_the_business_goes_on_for_who_is_under_suspicion(officers, alert):
    reported(officers, alert)
    owner = client_of(owner_of(alert.party_id))
    for name in ("dashboard", "wallet", "applications", "profile"):
        assert owner.get(reverse(name)).status_code == 200


def test_the_desk_counts_what_waits_behind_the_wall_for_compliance_alone(hire, officers, alert):
    page = text_of(officers[0].get(reverse("desk")))
    door = f'href="{reverse("laundering")}"><p[^>]*>反洗钱预警待处理</p><p[^>]*>1</p>'
    assert re.search(door, page)
    for role in ("risk_analyst", "operator", "auditor", "administrator"):
        assert "反洗钱" not in text_of(hire(role).get(reverse("desk"))), role


def test_the_wall_stands_before_every_address_of_the_room():
    room = [
        pattern
        for pattern in get_resolver().reverse_dict
        if isinstance(pattern, str) and pattern.startswith("laundering")
    ]
    assert set(room) == {pattern.name for pattern in urlpatterns}
    for pattern in urlpatterns:
        assert pattern.callback.csrf_exempt, pattern.name
        assert pattern.callback.should_append_slash is False, pattern.name


def test_a_form_without_its_token_is_refused_behind_the_wall(officers, alert):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = officers[0].cookies
    address = reverse("laundering-alert-act", args=[alert.pk, "dismiss"])
    assert strict.post(address, {"reason": "x", "key": str(uuid4())}).status_code == 403
    assert actor  # the helper is shared
