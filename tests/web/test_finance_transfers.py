"""Own money in and out of the pool on the console of finance."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.money.payments.queries.custody import cash_position, check_custody
from tests.makers import journeys
from tests.web.finance_desk import officer, rows_of_csv, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")

WISH = {"direction": "out", "amount": "400.00", "reason": "归还股东借款"}


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def finance(call, staff):
    return officer(call, staff)


@pytest.fixture
def second(call, staff):
    return officer(call, staff)


def ask(client, **changes):
    """Ask for a transfer, read it once more and confirm it as the page offers; the answer."""
    page = send(client, "new-transfer", **(WISH | changes))
    assert page.status_code == 200
    assert not PaymentOrder.objects.filter(kind__startswith="transfer").exists()
    shown = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text_of(page)))
    shown.pop("csrfmiddlewaretoken", None)
    assert shown["is_confirmed"] == "1"
    return client.post(reverse("new-transfer"), shown)


@pytest.mark.parametrize("direction", ["in", "out"])
def test_a_transfer_is_read_once_more_and_waits_for_another_officer(finance, second, direction):
    answer = ask(finance, direction=direction)
    order = PaymentOrder.objects.get(kind=f"transfer_{direction}")
    assert answer["Location"] == reverse("order-desk", args=[order.pk])
    own = text_of(finance.get(answer["Location"]))
    assert "须由另一位财务人员批准" in own
    assert "批准转账" not in own
    waiting = text_of(second.get(reverse("orders-desk"), {"state": "waiting"}))
    assert order.number in waiting
    page = text_of(second.get(answer["Location"]))
    assert "¥400.00" in page
    assert "归还股东借款" in page
    assert "own:" not in page
    assert "批准提现" not in page
    assert send(finance, "order-act", order.pk, "approve-transfer").status_code == 403
    assert send(second, "order-act", order.pk, "approve").status_code == 404
    assert send(second, "order-act", order.pk, "approve-transfer").status_code == 302
    order.refresh_from_db()
    assert order.approved_by == f"user:{second.user_id}"
    assert send(second, "order-act", order.pk, "refuse-transfer", reason="晚了").status_code == 422


def test_a_refused_transfer_says_why_and_frees_the_money(finance, second):
    before = cash_position().operator
    ask(finance)
    order = PaymentOrder.objects.get(kind="transfer_out")
    answer = send(second, "order-act", order.pk, "refuse-transfer")
    assert answer.status_code == 422
    assert "请填写理由" in text_of(answer)
    answer = send(second, "order-act", order.pk, "refuse-transfer", reason="金额有误")
    assert answer.status_code == 302
    page = text_of(second.get(reverse("order-desk", args=[order.pk])))
    assert "已取消" in page
    assert "金额有误" in page
    assert cash_position().operator == before == Money.yuan("100000000.00")
    assert check_custody().examples == ()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount", "", "请填写金额"),
        ("amount", "0", "金额（元）「0」不对"),
        ("amount", "-5", "金额（元）「-5」不对"),
        ("amount", "1.005", "金额（元）「1.005」不对"),
        ("amount", "１００", "金额（元）「１００」不对"),
        ("amount", "1e3", "金额（元）「1e3」不对"),
        ("amount", "99999999999999999999", "不对"),
        ("direction", "", "请填写方向"),
        ("direction", "sideways", "方向「sideways」不对"),
        ("reason", " ", "请填写转账事由"),
        ("reason", "长" * 91, "转账事由太长"),
        ("is_party", "1", "表单里没有「is_party」这一项"),
    ],
)
def test_what_is_filled_in_wrong_is_named_and_nothing_is_made(finance, field, value, said):
    for more in ({}, {"is_confirmed": "1"}):
        answer = send(finance, "new-transfer", **(WISH | more | {field: value}))
        assert answer.status_code == 422
        assert said in text_of(answer)
    assert not PaymentOrder.objects.exists()


def test_more_than_own_funds_is_refused_with_what_there_is(finance):
    answer = send(finance, "new-transfer", **WISH | {"amount": "100000000.01", "is_confirmed": "1"})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "可转出的自有资金是 100000000.00 元" in page
    assert 'value="100000000.01"' in page
    assert not PaymentOrder.objects.exists()


def test_a_double_click_is_one_transfer(finance):
    form = WISH | {"key": str(uuid4()), "is_confirmed": "1"}
    first, again = (finance.post(reverse("new-transfer"), form) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert PaymentOrder.objects.count() == 1


def test_a_reason_cannot_write_into_the_page(finance, second):
    reason = '"><script>alert(1)</script>'
    answer = send(finance, "new-transfer", **WISH | {"reason": reason})
    assert "<script>alert" not in text_of(answer)
    made = send(finance, "new-transfer", **WISH | {"reason": reason, "is_confirmed": "1"})
    assert "<script>alert" not in text_of(second.get(made["Location"]))


def test_the_list_finds_a_transfer_by_why_it_was_made(call, staff, finance):
    ask(finance)
    found = rows_of_csv(finance.get(reverse("orders-desk"), {"q": WISH["reason"], "format": "csv"}))
    assert [(row["类型"], row["事由"]) for row in found] == [("平台转出", WISH["reason"])]
    door = f'href="{reverse("new-transfer")}"'
    assert door in text_of(finance.get(reverse("orders-desk")))
    assert door not in text_of(officer(call, staff, "auditor").get(reverse("orders-desk")))
