"""The console of finance in a real browser: in every light, and a break resolved by two people."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.loans import list_loans
from rongqiao.money.ledger.queries import books as ledger
from rongqiao.money.payments.models.reconciling import Break
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.statements import DAY, BankBook, compare, make_order
from tests.parties.people import make_user
from tests.web.finance_desk import LEGS, user

pytestmark = pytest.mark.browser

CAPITAL = 100_000_000_00


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def hire(call, staff):
    """Return `hire(role)`: somebody new who holds it."""

    def make(role="finance"):
        user_id = make_user()
        journeys.give_role(call, *staff.administrators, user_id, role)
        return user(user_id)

    return make


@pytest.fixture
def loan(call, clock, staff):
    borrower = journeys.make_borrower(call, 40)
    journeys.signed_loan(call, clock, borrower)
    # The site's worker may have taken the events up first: what it is about is waited for.
    for _ in range(600):
        relay.drain(SUBSCRIBERS)
        if cards := list_loans(borrower.party_id, clock.instant.date()):
            break
        time.sleep(0.1)
    (card,) = cards
    return card


@pytest.fixture
def book(staff):
    """The bank's book, which knows of the capital paid in before."""
    made = BankBook()
    made.move(CAPITAL, day=DAY - timedelta(days=1))
    return made


LISTS = (
    "/desk/money/",
    "/desk/money/orders/",
    "/desk/money/movements/",
    "/desk/money/reconciling/",
    "/desk/money/breaks/",
    "/desk/repair/",
    "/desk/books/?since=2026-01-01",
    "/desk/books/journals/",
    "/desk/books/balance-sheet/",
    "/desk/books/income/",
    "/desk/books/chart/",
    "/desk/books/manual/",
    "/desk/books/periods/",
)
FORMS = (
    "/desk/money/receipts/new/",
    "/desk/money/capital/new/",
    "/desk/money/reconciling/new/",
    "/desk/books/chart/new/",
    "/desk/books/manual/new/",
)


@pytest.fixture
def lively(call, clock, book, loan):
    """A bank that errs: an unknown result, a credit nobody expected, a statement compared."""
    book.pay(make_order(call, book, "transfer_in", "100.00"))
    unknown = make_order(call, book, "transfer_in", "200.00", state="unknown")
    book.move(88_00, name="李四", memo="还款")
    compare(call, book)
    clock.move(timedelta(hours=2))
    return unknown


def test_every_page_of_the_console_is_readable_in_every_light(site, open_page, look, hire, lively):
    page = open_page(user=hire())
    found = Break.objects.get(kind="unknown-credit")
    inner = (
        f"/desk/money/orders/{lively.pk}/",
        f"/desk/money/breaks/{found.pk}/",
        f"/desk/money/reconciling/{DAY}/",
        "/desk/books/accounts/?code=custodian-cash",
        f"/desk/books/journals/{found_journal()}/",
        "/desk/books/periods/2026-01/?check=1",
    )
    for path in [*LISTS, *FORMS, *inner]:
        page.set_viewport_size({"width": 1440, "height": 900})
        assert page.goto(site(path)).status == 200, path
        for act in page.locator("main details > summary").all()[:3]:
            act.click()
        look(page)


def found_journal():
    return ledger.statement("suspense")[0].journal


def test_a_journal_by_hand_grows_by_rows_and_is_read_in_every_light(site, open_page, look, hire):
    page = open_page(user=hire())
    page.goto(site("/desk/books/manual/new/"))
    page.locator("[name=account_1]").select_option(LEGS["account_1"])
    page.locator("[name=debit_1]").fill(LEGS["debit_1"])
    page.get_by_role("button", name="加两行").click()
    page.locator("[name=account_4]").wait_for()
    assert page.locator("[name=debit_1]").input_value() == LEGS["debit_1"]
    page.locator("[name=account_4]").select_option(LEGS["account_2"])
    page.locator("[name=credit_4]").fill("1e3")
    page.get_by_role("button", name="登记，等待复核").click()
    page.locator(".field-error").first.wait_for()
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("[name=credit_4]").fill(LEGS["credit_2"])
    for name in ("reason", "reference"):
        page.locator(f"[name={name}]").fill(LEGS[name])
    page.get_by_role("button", name="登记，等待复核").click()
    page.wait_for_url(re.compile("/books/manual/[0-9a-f-]{36}/"))
    look(page)


def press(page, name):
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def unfold(page, name):
    page.locator("main details > summary").get_by_text(name, exact=True).click()


def says(page, text):
    page.get_by_role("status").get_by_text(text).wait_for()


def test_finance_resolves_a_planted_break_with_two_people(
    site, open_page, look, hire, clock, book, loan, tmp_path
):
    clock.move(timedelta(hours=12))
    book.move(88_00, name="李四", memo="还款")
    statement = tmp_path / "statement.csv"
    statement.write_bytes(book.file())
    first, second = open_page(user=hire()), open_page(width=390, user=hire())

    first.goto(site("/desk/money/reconciling/"))
    first.get_by_role("link", name="上传对账单").click()
    first.get_by_label("对账单日期").fill(DAY.isoformat())
    first.get_by_label(re.compile("银行对账单文件")).set_input_files(statement)
    press(first, "上传")
    says(first, "对账单已导入")
    unfold(first, "对账")
    press(first, "确认：对账")
    says(first, "已办理")
    (found,) = Break.objects.all()
    first.get_by_role("link", name=found.number).click()
    first.wait_for_url(re.compile("/breaks/"))
    before = ledger.balance(f"wallet:{loan.party_id}")

    unfold(first, "提出处理")
    first.get_by_label("处理方式").select_option("assign-to-party")
    first.get_by_label("客户手机号、借款编号或附言码").fill(loan.number)
    press(first, "确认：提出处理")
    first.locator(".field-error").get_by_text("请填写理由").wait_for()
    look(first)
    first.set_viewport_size({"width": 1440, "height": 900})
    first.get_by_label("理由").fill("客户来电并出示回单")
    press(first, "确认：提出处理")
    says(first, "已办理")
    expect(first.get_by_text("您提出的，须由另一位财务人员决定。")).to_be_visible()
    assert first.locator("main details > summary").count() == 0

    second.goto(site("/desk/money/"))
    second.get_by_role("link", name=re.compile("差错待复核")).click()
    second.get_by_role("link", name=found.number).click()
    unfold(second, "同意处理")
    press(second, "确认：同意处理")
    says(second, "已办理")
    look(second)
    assert ledger.balance(f"wallet:{loan.party_id}") - before == Money.yuan("88.00")
    assert ledger.balance("suspense") == Money(0)
    second.goto(site("/desk/money/"))
    assert "没有未处理的差错" in second.locator("main").inner_text()
    assert "并与银行对账单一致" in second.locator("main").inner_text()


def test_the_auditor_reads_and_is_offered_nothing(site, open_page, hire, lively):
    page = open_page(user=hire("auditor"))
    found = Break.objects.get(kind="unknown-credit")
    for path in (*LISTS, f"/desk/money/breaks/{found.pk}/", f"/desk/money/orders/{lively.pk}/"):
        assert page.goto(site(path)).status == 200
        assert page.locator("main form[method=post]").count() == 0, path
