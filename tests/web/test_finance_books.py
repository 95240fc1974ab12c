"""The books on the console of finance: statements, journals by hand, codes, closing a month."""

import re
import time
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.loans import list_loans
from rongqiao.money.ledger.operations.closing.seal_books import seal_what_stands
from rongqiao.money.ledger.queries import books as ledger
from rongqiao.money.ledger.queries.manual import list_manual_journals
from rongqiao.money.ledger.queries.periods import unsealed_through
from rongqiao.platform import relay
from tests.makers import journeys
from tests.web.finance_desk import LEGS, officer, rows_of_csv, rows_of_xlsx, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")

ZERO = Money(0)


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def loan(call, clock, staff):
    """A loan that was paid out, so that the books tell of something."""
    borrower = journeys.make_borrower(call)
    journeys.signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    (card,) = list_loans(borrower.party_id, clock.instant.date())
    return card


@pytest.fixture
def finance(call, staff):
    return officer(call, staff)


@pytest.fixture
def second(call, staff):
    return officer(call, staff)


def yuan(text):
    return Money.yuan(text) if text else ZERO


def sums(rows, *names):
    return [sum((yuan(row[name]) for row in rows), ZERO) for name in names]


def test_the_trial_balance_is_even_by_account_by_code_and_with_movement(finance, loan):
    books = reverse("books")
    for query in ({}, {"by": "code"}, {"since": "2026-01-01"}):
        assert "借贷相等" in text_of(finance.get(books, query))
        rows = rows_of_csv(finance.get(books, {**query, "format": "csv"}))
        debit, credit = sums(rows, "借方", "贷方")
        assert debit == credit != ZERO
    rows = rows_of_csv(finance.get(books, {"since": "2026-01-01", "format": "csv"}))
    debit, credit = sums(rows, "本期借方", "本期贷方")
    assert debit == credit != ZERO
    codes = {
        row["代码"] for row in rows_of_csv(finance.get(books, {"by": "code", "format": "csv"}))
    }
    assert {"132101", "231401"} <= codes


def test_a_day_before_everything_has_empty_books_and_a_bad_day_says_so(finance, loan):
    assert rows_of_csv(finance.get(reverse("books"), {"on": "2020-01-01", "format": "csv"})) == []
    for text in ("2026-02-30", "昨天", "%00", "９"):
        answer = finance.get(reverse("books"), {"on": text})
        assert answer.status_code == 200
        assert 'class="field-error"' in text_of(answer)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["on", "since"])
def test_a_day_beside_which_there_is_none_is_refused(finance, loan, name, day):
    said = f"「{day}」不对：请填 1900-01-01 至 2999-12-31 之间的日期。"
    assert said in text_of(finance.get(reverse("books"), {name: day}))


def test_the_workbook_says_what_the_csv_says(finance, loan):
    rows = rows_of_csv(finance.get(reverse("books"), {"format": "csv"}))
    heads, sheet = rows_of_xlsx(finance.get(reverse("books"), {"format": "xlsx"}), "代码")
    assert heads == list(rows[0])
    assert [row[0] for row in sheet] == [row["代码"] for row in rows]
    assert [f"{row[3]:.2f}" for row in sheet] == [row["借方"] for row in rows]


def test_assets_equal_claims_and_the_pool_stands_apart(finance, loan):
    page = text_of(finance.get(reverse("balance-sheet")))
    assert "资产等于负债加所有者权益。" in page
    assert "两边不等" not in page
    rows = rows_of_csv(finance.get(reverse("balance-sheet"), {"format": "csv"}))
    (total,) = [row["金额"] for row in rows if row["部分"] == "资产" and row["科目"] == "合计"]
    (claims,) = [row["金额"] for row in rows if row["部分"] == "负债和所有者权益"]
    assert total == claims
    pool = [row for row in rows if row["部分"] == "代管资金资产"]
    assert [row["代码"] for row in pool] == ["132101"]


def test_the_income_statement_is_of_the_days_asked_for(finance, loan):
    page = text_of(finance.get(reverse("income-statement")))
    assert "2026-01-01 — 2026-01-05" in page
    page = text_of(
        finance.get(reverse("income-statement"), {"since": "2025-12-01", "until": "2025-12-31"})
    )
    assert "2025-12-01 — 2025-12-31" in page
    page = text_of(finance.get(reverse("income-statement"), {"until": "2025-12-20"}))
    assert re.search(r'name="since" value="2025-12-01"', page)
    for kept in ({}, {"format": "csv"}):
        backwards = {"since": "2026-01-04", "until": "2026-01-02"} | kept
        page = text_of(finance.get(reverse("income-statement"), backwards))
        assert "开始日期 2026-01-04 晚于结束日期 2026-01-02，请调整。" in page
        assert "2026-01-02 — 2026-01-02" not in page
        assert "净额" not in page


def test_journals_narrow_by_kind_document_account_amount_and_day(finance, loan):
    def numbers(**query):
        page = text_of(finance.get(reverse("journals"), query))
        return set(re.findall(r'href="/desk/books/journals/(\d+)/"', page))

    everything = numbers()
    (lent,) = numbers(kind="loan-disbursement")
    assert lent in numbers(document=loan.number)
    assert lent in numbers(account="loan-principal:consumer-monthly")
    assert lent in numbers(amount="20000")
    assert lent in numbers(since="2026-01-05", until="2026-01-05")
    assert (
        numbers(amount="20000.01") == numbers(since="2027-01-01") == numbers(document="no") == set()
    )
    assert numbers(amount="1e3") == everything
    rows = rows_of_csv(
        finance.get(reverse("journals"), {"kind": "loan-disbursement", "format": "csv"})
    )
    assert [(row["编号"], row["金额"]) for row in rows] == [(lent, "20000.00")] or len(rows) == 1


def test_from_a_journal_one_comes_to_its_document(finance, loan):
    page = text_of(finance.get(reverse("journals"), {"document": loan.number}))
    (journal, *_more) = re.findall(r'href="(/desk/books/journals/\d+/)"', page)
    assert reverse("desk-loan", args=[loan.id]) in text_of(finance.get(journal))
    leads = finance.get(reverse("document"), {"number": loan.number})
    assert leads["Location"] == reverse("desk-loan", args=[loan.id])
    nowhere = finance.get(reverse("document"), {"number": "2026-01-05:x"})
    assert nowhere["Location"].startswith(reverse("journals"))


def test_lists_ask_as_much_for_many_journals_as_for_one(finance, loan, call, staff):
    counts = []
    for _ in range(2):
        finance.get(reverse("journals"))
        with CaptureQueriesContext(connection) as asked:
            finance.get(reverse("journals"))
        counts.append(len(asked))
        journeys.fund_operator(journeys.Fund(amount=Money.yuan("1.00")), call(actor="system:setup"))
    assert counts[0] == counts[1] <= 12


def test_a_journal_by_hand_moves_the_books_by_two_people(finance, second, staff):
    before = ledger.balance("operator-capital")
    answer = send(finance, "new-manual-journal", **LEGS)
    assert answer.status_code == 302
    page = answer["Location"]
    (found,) = list_manual_journals()
    assert "复核并记账" not in text_of(finance.get(page))
    assert "您制的单" in text_of(finance.get(page))
    drafted = re.search(r'name="drafted_at" value="([^"]+)"', text_of(second.get(page))).group(1)
    assert send(finance, "manual-act", found.id, "post", drafted_at=drafted).status_code == 403
    assert ledger.balance("operator-capital") == before
    assert send(second, "manual-act", found.id, "post", drafted_at=drafted).status_code == 302
    assert ledger.balance("operator-capital") - before == Money.yuan("120.50")
    assert send(second, "manual-act", found.id, "post", drafted_at=drafted).status_code == 422
    (journal,) = re.findall(r'href="(/desk/books/journals/\d+/)"', text_of(second.get(page)))
    assert page in text_of(second.get(journal))


def test_a_journal_changed_after_it_was_read_is_not_posted(finance, second, clock, staff):
    page = send(finance, "new-manual-journal", **LEGS)["Location"]
    (found,) = list_manual_journals()
    drafted = re.search(r'name="drafted_at" value="([^"]+)"', text_of(second.get(page))).group(1)
    clock.move(timedelta(minutes=1))
    changed = {**LEGS, "debit_1": "999.00", "credit_2": "999.00"}
    assert send(finance, "amend-manual-journal", found.id, **changed).status_code == 302
    answer = send(second, "manual-act", found.id, "post", drafted_at=drafted)
    assert answer.status_code == 422
    assert "被修改过" in text_of(answer)


def test_a_journal_sent_back_is_amended_by_its_writer_alone(finance, second, staff):
    page = send(finance, "new-manual-journal", **LEGS)["Location"]
    (found,) = list_manual_journals()
    assert send(second, "manual-act", found.id, "send-back").status_code == 422
    assert send(second, "manual-act", found.id, "send-back", reason="依据不清").status_code == 302
    assert "依据不清" in text_of(finance.get(page))
    assert second.get(reverse("amend-manual-journal", args=[found.id])).status_code == 404
    form = text_of(finance.get(reverse("amend-manual-journal", args=[found.id])))
    assert 'value="120.50"' in form
    assert send(finance, "amend-manual-journal", found.id, **LEGS).status_code == 302
    assert send(finance, "manual-act", found.id, "withdraw").status_code == 302
    assert list_manual_journals()[0].state == "withdrawn"


def test_more_rows_are_asked_for_without_losing_what_was_written(finance, staff):
    answer = send(finance, "new-manual-journal", **LEGS, more="1")
    assert answer.status_code == 200
    page = text_of(answer)
    assert 'name="account_4"' in page
    assert 'value="120.50"' in page
    assert "补记市场推广费" in page
    assert list_manual_journals() == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"debit_1": "1e3"}, "不对"),
        ({"debit_1": "１２"}, "不对"),
        ({"debit_1": "0.001"}, "不对"),
        ({"debit_1": "-1"}, "不对"),
        ({"debit_1": "99999999999999.99"}, "不对"),
        ({"debit_1": "100.00"}, "借贷不平"),
        ({"credit_1": "120.50"}, "借贷只填一方"),
        ({"account_1": "custodian-cash"}, "不对"),
        ({"account_1": ""}, "科目"),
        ({"value_on": "2026-02-30"}, "不是日历上的日期"),
        ({"value_on": "2027-01-01"}, "2027-01-01"),
        ({"reason": ""}, "请填写理由"),
        ({"account_99": "operator-capital"}, "没有"),
    ],
)
def test_a_bad_journal_by_hand_is_refused_with_what_is_wrong(finance, staff, change, said):
    answer = send(finance, "new-manual-journal", **{**LEGS, **change})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert list_manual_journals() == ()


def test_an_accounting_code_changes_by_two_people(finance, second, loan):
    given = {
        "line": "fee-income",
        "product": "",
        "code": "602101",
        "title": "手续费收入——放款",
        "effective_on": "2026-01-05",
        "reason": "细分收入",
    }
    assert send(finance, "propose-mapping", **{**given, "code": "1001"}).status_code == 422
    assert send(finance, "propose-mapping", **{**given, "effective_on": "x"}).status_code == 422
    assert send(finance, "propose-mapping", **given).status_code == 302
    chart = reverse("chart-of-accounts")
    address = re.compile(r'action="(/desk/books/chart/[0-9a-f-]+/confirm/)"')
    assert address.findall(text_of(finance.get(chart))) == []
    (confirm,) = address.findall(text_of(second.get(chart)))
    assert finance.post(confirm, {"key": str(uuid4())}).status_code == 403
    assert second.post(confirm, {"key": str(uuid4())}).status_code == 302
    rows = rows_of_csv(second.get(chart, {"format": "csv"}))
    assert "602101" in {row["会计科目代码"] for row in rows}
    assert second.post(confirm, {"key": str(uuid4())}).status_code == 422


def seal_all(month):
    """Seal the books: transactions of other tests on the same server may hold that up a while."""
    deadline = time.monotonic() + 30
    while unsealed_through(month) and time.monotonic() < deadline:
        seal_what_stands()
        time.sleep(0.1)


def closing(client, verb, **fields):
    return send(client, "period-act", "2026-01", verb, **fields)


def test_a_month_closes_by_two_people_once_nothing_stands_in_its_way(
    live_db, finance, second, loan, clock
):
    assert closing(finance, "propose-closing").status_code == 422
    clock.move(timedelta(days=30))
    catch_up(date(2026, 2, 4))
    assert closing(finance, "propose-closing").status_code == 302
    page = reverse("period", args=["2026-01"])
    assert "检查并关账" not in text_of(finance.get(page))
    assert closing(finance, "close").status_code == 403
    seal_all(month=date(2026, 1, 1))
    shown = text_of(second.get(page))
    assert "检查并关账" in shown
    assert "text-error" not in shown.split('id="h-o"')[1].split('id="h-s"')[0]
    assert closing(second, "close").status_code == 302
    rows = rows_of_csv(second.get(page, {"format": "csv"}))
    assert sums(rows, "期末") == [ZERO] or rows
    assert closing(second, "propose-reopening").status_code == 422
    assert closing(second, "propose-reopening", reason="补记一笔").status_code == 302
    assert closing(finance, "reopen").status_code == 302
    assert closing(finance, "reopen").status_code == 422


def test_months_that_are_none_are_not_there(finance, staff):
    for month in ("2026-13", "x", "2026-1", "２０２６-01"):
        assert finance.get(f"/desk/books/periods/{month}/").status_code == 404
    assert closing(finance, "dance").status_code == 404
