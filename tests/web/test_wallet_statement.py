"""The statement: its filters, its pages, and three files that say exactly what the page says."""

import csv
import html
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform import relay
from rongqiao.web.borrower.wallet.statement import MOST_ROWS
from tests.makers import journeys
from tests.money.ledger.conftest import act

pytestmark = pytest.mark.usefixtures("static_files")
FIRST = date(2026, 1, 5)
KINDS = ("receipt", "withdrawal", "loan-repayment", "top-up")
WORDS = {"receipt": "转账充值", "withdrawal": "提现", "loan-repayment": "还款", "top-up": "充值"}


@pytest.fixture
def borrower(call):
    made = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    return made


@pytest.fixture
def client(borrower):
    client = Client()
    user = get_user_model().objects.get(pk=borrower.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def moved(call, borrower):
    """Return `moved(count)`: so many movements, four a day; (date, kind, document, fen) each."""

    def move(count):
        wallet, told, journals = f"wallet:{borrower.party_id}", [], []
        for number in range(count):
            kind = KINDS[number % 4]
            is_in, on = kind in ("receipt", "top-up"), FIRST + timedelta(days=number // 4)
            amount = (100_000 if is_in else 50_000) + number
            sides = ("custodian-cash", wallet) if is_in else (wallet, "custodian-cash")
            legs = (debit(sides[0], Money(amount)), credit(sides[1], Money(amount)))
            document = f"=PO{number:04d}" if number == 5 else f"PO{number:04d}"
            journals.append(Journal(kind, document, on, legs))
            told.append((on, kind, document, amount if is_in else -amount))
        act(lambda c: open_accounts(["custodian-cash"], c), call())
        act(lambda c: post(journals, c), call())
        return told

    return move


def read(client, **asked):
    answer = client.get(reverse("wallet-statement"), asked)
    assert answer.status_code == 200, answer.content.decode()
    return answer


def lines_of(page):
    """Return (date, word, document, fen, fen) of every line, as the page shows them."""
    found = re.findall(
        r'<td data-label="日期"[^>]*>([^<]*)</td><td data-label="事项">([^<]*)</td>'
        r'<td data-label="凭据"[^>]*>([^<]*)</td><td data-label="收支"[^>]*>([^<]*)</td>'
        r'<td data-label="余额"[^>]*>([^<]*)</td>',
        page,
    )
    return [
        (date.fromisoformat(on), word, document, fen(amount), fen(balance))
        for on, word, document, amount, balance in found
    ]


def tiles_of(page):
    labels = ("期初余额", "收入合计", "支出合计", "期末余额")
    found = [re.search(rf'{label}</p><p class="figure mt-1">¥([^<]*)', page)[1] for label in labels]
    return [fen(one) for one in found]


def fen(text):
    return int(Decimal(text.strip().lstrip("+").replace(",", "")) * 100)


def in_csv(answer):
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    return [
        (date.fromisoformat(on), word, document.removeprefix("'"), fen(amount), fen(balance))
        for on, _at, word, document, amount, balance in rows[1:]
    ]


def in_workbook(answer):
    """Return lines and heading; every cell is of its own kind, and none is a formula."""
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows())
    start = next(at for at, row in enumerate(rows) if row[0].value == "业务日期")
    lines = []
    for on, at, word, document, amount, balance in rows[start + 1 :]:
        assert on.is_date
        assert at.is_date
        assert (amount.data_type, balance.data_type) == ("n", "n")
        assert document.data_type == "s"
        assert not document.value.startswith("=")
        minor = [round(Decimal(str(one.value)) * 100) for one in (amount, balance)]
        lines.append((on.value.date(), word.value, document.value.removeprefix("'"), *minor))
    return lines, {row[0].value: row[1].value for row in rows[:start] if len(row) > 1}


def on_paper(answer):
    """Return lines and the whole text of the PDF."""
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    found = re.findall(
        r"(\d{4}-\d\d-\d\d)\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+(\S+)\s+(\S+)\s+(-?[\d,]+\.\d\d)\s+"
        r"(-?[\d,]+\.\d\d)",
        text,
    )
    lines = [
        (date.fromisoformat(on), word, document.removeprefix("'"), fen(amount), fen(balance))
        for on, word, document, amount, balance in found
    ]
    return lines, text


FILTERS = [
    {},
    {"from": "2026-01-06", "to": "2026-01-08"},
    {"way": "in"},
    {"way": "out", "from": "2026-01-07"},
    {"kind": "loan-repayment"},
    {"q": "po000"},
    {"q": "提现"},
    {"from": "2026-01-06", "way": "in", "kind": "top-up", "q": "PO00"},
]


@pytest.mark.parametrize("asked", FILTERS, ids=str)
def test_page_workbook_csv_and_paper_say_the_same(client, moved, borrower, asked):
    moved(40)
    page = read(client, **asked).content.decode()
    lines = lines_of(page)
    assert lines
    assert in_csv(read(client, **asked, format="csv")) == lines[::-1]
    rows, heading = in_workbook(read(client, **asked, format="xlsx"))
    assert rows == lines[::-1]
    printed, text = on_paper(read(client, **asked, format="pdf"))
    assert printed == lines[::-1]
    opening, came, went, closing = tiles_of(page)
    assert [
        round(Decimal(str(heading[label])) * 100)
        for label in ("期初余额", "收入合计", "支出合计", "期末余额")
    ] == [opening, came, went, closing]
    for minor in (opening, came, went, closing):
        assert f"{minor / 100:,.2f}" in text
    assert (heading["户名"], heading["行数"]) == ("王**", len(lines))
    assert "王小明" not in text
    assert came == sum(line[3] for line in lines if line[3] > 0)
    assert went == -sum(line[3] for line in lines if line[3] < 0)
    if set(asked) <= {"from", "to"}:
        assert opening + came - went == closing
        assert lines[0][4] == closing
        assert lines[-1][4] - lines[-1][3] == opening


def test_the_lines_are_those_that_were_booked(client, moved):
    told, balance = moved(12), 0
    expected = []
    for on, kind, document, minor in told:
        balance += minor
        expected.append((on, WORDS[kind], document, minor, balance))
    assert lines_of(read(client).content.decode()) == expected[::-1]


def test_pages_laid_together_are_the_whole_and_a_forged_page_is_not_there(client, moved):
    moved(130)
    pages, asked = [], {"way": "out"}
    while True:
        page = read(client, **asked).content.decode()
        pages.append(lines_of(page))
        found = re.search(r'href="\?([^"]*page=[^"]*)">更早的流水', page)
        if not found:
            break
        asked = dict(parse_qsl(html.unescape(found[1])))
    assert [len(one) for one in pages] == [50, 15]
    whole = in_csv(read(client, way="out", format="csv"))
    assert [line for page in pages for line in page] == whole[::-1]
    assert client.get(reverse("wallet-statement"), {"page": "17"}).status_code == 404


def test_a_file_that_would_not_hold_all_is_not_given_half(client, moved, monkeypatch):
    moved(8)
    monkeypatch.setitem(MOST_ROWS, "pdf", 7)
    answer = client.get(reverse("wallet-statement"), {"format": "pdf", "q": "PO"}, follow=True)
    assert "共 8 行，超过 PDF 一次最多 7 行" in answer.content.decode()
    assert answer.redirect_chain == [(f"{reverse('wallet-statement')}?q=PO", 302)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": "2026-02-30"}, "开始日期「2026-02-30」不是日历上的日期"),
        ({"to": "２０２６-01-05"}, "结束日期「２０２６-01-05」不是日历上的日期"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "晚于结束日期"),
        ({"way": "both"}, "收支「both」不对"),
        ({"kind": "capital"}, "事项「capital」不对"),
        ({"q": "x" * 41}, "凭据或事项太长"),
        ({"q": "\x00"}, "不能保存的字符"),
        ({"format": "exe"}, "表单不完整"),
        ({"other": "1"}, "表单里没有「other」这一项"),
    ],
)
def test_a_bad_filter_is_one_sentence(client, moved, asked, said):
    moved(4)
    answer = client.get(reverse("wallet-statement"), asked)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert page.count('role="alert"') == 1
    assert not lines_of(page)


def test_more_lines_ask_the_database_no_more(client, moved):
    def asked(name, **query):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name), query).status_code == 200
        return len(queries)

    def all_asked():
        formats = [asked("wallet-statement", format=kind) for kind in ("csv", "xlsx", "pdf")]
        return [asked("wallet"), asked("wallet-statement"), *formats]

    moved(4)
    all_asked()
    before = all_asked()
    moved(44)
    assert all_asked() == before
    assert max(before) <= 22


def test_nobody_reads_anybody_elses(client, moved, call):
    moved(4)
    stranger = journeys.make_borrower(call, 9)
    relay.drain(SUBSCRIBERS)
    other = Client()
    other.force_login(
        get_user_model().objects.get(pk=stranger.user_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    page = other.get(reverse("wallet-statement")).content.decode()
    assert lines_of(page) == []
    assert "还没有流水" in page
