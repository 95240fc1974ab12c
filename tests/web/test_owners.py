"""The firm's page of its beneficial owners: declare, renew, what is refused, what is shown."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from rongqiao.parties.models import OwnerDeclaration
from rongqiao.parties.queries.owners import declarations_of
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.models import BusinessDate
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
    return send(client, "owners", **(carried | fields))


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
