"""The firm's page of its beneficial owners: declare, renew, what is refused, what is shown."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rongqiao.config.compliance import look_after
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.parties.models import OwnerDeclaration
from rongqiao.parties.queries.owners import declarations_of
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.platform.models import BusinessDate
from rongqiao.risk.models.laundering.casework import LaunderingAlert
from tests.makers.acting import shown_for
from tests.makers.officers import make_officer
from tests.parties.people import make_firm, make_person, resident
from tests.web.finance_desk import client_of, rows_of_csv, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")
FIRST = {
    "name-0": "李国庆",
    "resident_id-0": resident(2),
    "control-0": "shares",
    "share-0": "60",
    "since_on-0": "2020-05-01",
}
SECOND = {
    "name-1": "欧阳建国",
    "resident_id-1": resident(3),
    "control-1": "votes",
    "share-1": "33.34",
    "since_on-1": "2021-01-31",
}


@pytest.fixture
def firm(call):
    user_id, _own = make_person(call, 1)
    return user_id, make_firm(call, user_id, 1)


@pytest.fixture
def client(firm):
    client = client_of(firm[0])
    assert client.post(reverse("choose-party"), {"party": str(firm[1])}).status_code == 302
    return client


def declare(client, *, lines=2, after=0, **fields):
    carried = {"lines": lines, "after": after, "is_true": "on"}
    for line in range(lines if isinstance(lines, int) else 2):
        carried.setdefault(f"control-{line}", "shares")
    return send(client, "owners", **(carried | shown_for(client) | fields))


def test_two_owners_are_declared_and_shown_masked(client, firm):
    page = text_of(client.get(reverse("owners")))
    assert "还没有申报" in page
    assert declare(client, **FIRST, **SECOND).status_code == 302
    page = text_of(client.get(reverse("owners")))
    for shown in ("李**", "欧***", "60.00%", "33.34%", "第 1 版", "2027-01-05"):
        assert shown in page
    for hidden in ("李国庆", "欧阳建国", resident(2), resident(3)):
        assert hidden not in page
    assert [one.control for one in declarations_of(firm[1])[0].owners] == ["shares", "votes"]


def test_a_renewal_keeps_who_stays_and_lets_go_who_went(client, firm):
    declare(client, **FIRST, **SECOND)
    page = client.get(reverse("owners")).content.decode()
    assert 'name="name-0"' not in page
    kept = {"control-0": "control", "share-0": "", "since_on-0": "2020-05-01"}
    gone = {"control-1": "votes", "share-1": "33.34", "since_on-1": "2021-01-31", "gone-1": "on"}
    assert declare(client, lines=3, after=1, **kept, **gone).status_code == 302
    second, first = declarations_of(firm[1])
    assert [(one.name, one.control, one.share_bp) for one in second.owners] == [
        ("李**", "control", None)
    ]
    assert len(first.owners) == 2
    page = text_of(client.get(reverse("owners")))
    assert "第 2 版" in page
    assert "以前的版本" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"share-0": "24.99"}, "须达到 25%"),
        ({"share-0": ""}, "须达到 25%"),
        ({"share-0": "0"}, "0.01% 到 100%"),
        ({"share-0": "100.01"}, "0.01% 到 100%"),
        ({"share-0": "1e2"}, "0.01% 到 100%"),
        ({"share-0": "33.333"}, "0.01% 到 100%"),
        ({"share-0": "３０"}, "0.01% 到 100%"),
        ({"name-0": ""}, "请填写姓名"),
        ({"name-0": "1"}, "不含数字和符号"),
        ({"resident_id-0": resident(2)[:17] + "0"}, "校验码不符"),
        ({"resident_id-0": ""}, "请填写身份证号"),
        ({"since_on-0": "2026-01-06"}, "不能晚于今天"),
        ({"since_on-0": ""}, "请填写起始日期"),
        ({"since_on-0": "2026-02-30"}, "不是日历上的日期"),
        ({"control-0": "heart"}, "请从列出的选项中选择"),
        ({"is_true": ""}, "请确认"),
        ({"share-1": "40.01", "control-1": "shares"}, "超过了 100%"),
        ({"resident_id-1": resident(2)}, "填了两次"),
        ({"control-1": "manager"}, "不能与其他情形同时填写"),
        ({"lines": "99"}, "刷新页面"),
        ({"after": "5"}, "刷新页面"),
        ({"extra": "1"}, "没有「extra」这一项"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_and_what_was_typed_stays(client, wrong, said):
    answer = declare(client, **(FIRST | SECOND | wrong))
    assert answer.status_code == 422
    page = text_of(answer)
    assert said in page
    if "since_on-1" not in wrong and "lines" not in wrong:
        assert 'value="2021-01-31"' in answer.content.decode()
    assert not OwnerDeclaration.objects.exists()


def test_nobody_at_all_is_refused(client):
    answer = declare(client)
    assert answer.status_code == 422
    assert "至少填写一位" in text_of(answer)


def test_one_line_more_keeps_what_was_typed_and_declares_nothing(client):
    page = declare(client, more="1", **FIRST)
    assert page.status_code == 200
    content = page.content.decode()
    assert 'name="name-2"' in content
    assert 'value="李国庆"' in content
    assert 'role="alert"' not in content
    assert not OwnerDeclaration.objects.exists()


def test_a_version_is_a_file_without_anybodys_name(client):
    declare(client, **FIRST, **SECOND)
    first, second = rows_of_csv(client.get(reverse("owners"), {"format": "csv"}))
    assert (first["姓名"], first["比例（%）"], first["版本"]) == ("李**", "60", "1")
    assert (second["姓名"], second["起始日期"]) == ("欧***", "2021-01-31")


def test_the_firm_is_asked_at_first_and_after_a_year(client, clock):
    profile, home = reverse("profile"), reverse("dashboard")
    assert reverse("owners") in client.get(profile).content.decode()
    assert "申报受益所有人" in text_of(client.get(home))
    declare(client, **FIRST)
    assert "受益所有人" not in text_of(client.get(home))
    clock.move(timedelta(days=365))
    BusinessDate.objects.update(on=platform_clock.business_date() + timedelta(days=365))
    assert "受益所有人信息已满一年" in text_of(client.get(home))
    assert "已满一年" in text_of(client.get(reverse("owners")))


def test_a_person_has_no_such_page_nor_has_a_stranger(client, call, firm):
    own = client_of(firm[0])
    assert own.get(reverse("owners")).status_code == 404
    assert "受益所有人" not in text_of(own.get(reverse("dashboard")))
    stranger = client_of(make_person(call, 7)[0])
    assert stranger.get(reverse("owners")).status_code == 404
    assert declare(stranger, **FIRST).status_code == 404
    assert not OwnerDeclaration.objects.exists()


def test_the_page_asks_no_more_of_the_database_for_ten_than_for_one(
    client, django_assert_max_num_queries
):
    ten = {}
    for line in range(10):
        ten |= {key.replace("-0", f"-{line}"): value for key, value in FIRST.items()}
        ten |= {f"resident_id-{line}": resident(20 + line), f"share-{line}": ""}
        ten[f"control-{line}"] = "control"
    assert declare(client, lines=10, **ten).status_code == 302
    with django_assert_max_num_queries(16):
        page = client.get(reverse("owners")).content.decode()
    assert len(set(re.findall(r'name="since_on-\d"', page))) == 10


@pytest.fixture
def compliance(clock):
    return client_of(make_officer(clock, role="compliance_officer"))


LISTED = "编号,类型,姓名,出生日期,国籍\nT-1,个人,欧阳建国,1990-03-07,中国\n"


@pytest.fixture
def listed(compliance, client, firm):
    """The second of two owners is on a list of sanctions; the alert on the firm."""
    file = SimpleUploadedFile("list.csv", LISTED.encode())
    fields = {"code": "notice", "kind": "sanction", "source": "test", "file": file}
    assert send(compliance, "laundering-lists", **fields).status_code == 302
    declare(client, **FIRST, **SECOND)
    relay.drain(SUBSCRIBERS)
    return LaunderingAlert.objects.get()


def test_the_alert_names_the_owner_and_the_role(compliance, listed):
    page = text_of(compliance.get(reverse("laundering-alert", args=[listed.pk])))
    for shown in ("欧阳建国", "受益所有人", "收益权或表决权，33.34%", "出生日期相同"):
        assert shown in page
    assert resident(3) not in page
    assert "王小明" not in page


def test_an_owner_who_is_none_any_more_is_still_named_in_the_alert(compliance, listed, client):
    kept = {"control-0": "shares", "share-0": "60", "since_on-0": "2020-05-01"}
    assert declare(client, lines=2, after=1, **kept, **{"gone-1": "on"}).status_code == 302
    page = text_of(compliance.get(reverse("laundering-alert", args=[listed.pk])))
    assert "欧阳建国" in page


def test_who_represents_and_owns_the_firm_is_named_as_both(compliance, client):
    file = SimpleUploadedFile("list.csv", LISTED.replace("欧阳建国", "王小明").encode())
    fields = {"code": "notice", "kind": "sanction", "source": "test", "file": file}
    send(compliance, "laundering-lists", **fields)
    own = FIRST | {"name-0": "王小明", "resident_id-0": resident(1)}
    declare(client, **own)
    relay.drain(SUBSCRIBERS)
    alert = LaunderingAlert.objects.get(part="representative")
    page = text_of(compliance.get(reverse("laundering-alert", args=[alert.pk])))
    assert "法定代表人、受益所有人（持股，60.00%）" in page


def test_compliance_reads_the_list_beside_the_rating(compliance, client, firm):
    page = reverse("laundering-customer", args=[firm[1]])
    assert "企业还没有申报" in text_of(compliance.get(page))
    declare(client, **FIRST, **SECOND)
    relay.drain(SUBSCRIBERS)
    shown = text_of(compliance.get(page))
    for one in ("李**", "欧***", "60.00%", "第 1 版", "受益所有人 李**", "申报受益所有人时"):
        assert one in shown
    for hidden in ("李国庆", "欧阳建国", resident(2), resident(3)):
        assert hidden not in shown


def said(**more):
    """An officer's answers about a firm."""
    return {
        "kind": "firm",
        "occupation": "employee",
        "trade": "none",
        "region": "ordinary",
        "product": "instalment-loan",
        "channel": "face-to-face",
        "exposure": "none",
        "history": "clean",
    } | more


def test_the_rating_says_what_the_declaration_gave(compliance, client, firm):
    page = reverse("laundering-customer", args=[firm[1]])
    assert send(compliance, "laundering-customer", firm[1], **said()).status_code == 302
    assert "受益所有人：没有申报" in text_of(compliance.get(page))
    forged = said(owners="declared")
    assert send(compliance, "laundering-customer", firm[1], **forged).status_code == 422
    declare(client, **FIRST)
    relay.drain(SUBSCRIBERS)
    assert "受益所有人：已申报" in text_of(compliance.get(page))


def test_a_review_that_the_declaration_caused_says_so(compliance, client, firm, clock):
    declare(client, **FIRST)
    # Rated ten days later: the regular review comes after the declaration's year is over.
    clock.move(timedelta(days=10))
    BusinessDate.objects.update(on=date(2026, 1, 15))
    answers = said(trade="gambling", region="border")
    assert send(compliance, "laundering-customer", firm[1], **answers).status_code == 302
    BusinessDate.objects.update(on=date(2027, 1, 5))
    look_after(date(2027, 1, 5))
    alert = LaunderingAlert.objects.get(kind="rating-review")
    page = text_of(compliance.get(reverse("laundering-alert", args=[alert.pk])))
    assert "申报已满一年，系统改评为高风险" in page
