"""The bank on the console of finance: orders, statements, breaks mended by two, the repair desk."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import rongqiao
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.loans import list_loans
from rongqiao.money.ledger.chart import NAMED, PREFIXED, Family
from rongqiao.money.ledger.queries import books as ledger
from rongqiao.money.payments.models.orders import By, OrderKind, OrderState, PaymentOrder
from rongqiao.money.payments.models.reconciling import (
    Break,
    BreakKind,
    BreakState,
    FileState,
    Mend,
    Standing,
)
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.postings import KINDS
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.orders import get_order
from rongqiao.money.payments.queries.repair import (
    ASK,
    BIND,
    CLOSE,
    FETCH,
    JUDGE,
    RELEASE,
    RUN,
    SEND,
    UNPARK,
)
from rongqiao.platform import relay
from rongqiao.web.backoffice.finance.bank.repair import VERBS
from rongqiao.web.backoffice.finance.bank.words import (
    BREAK_KINDS,
    BREAK_STATES,
    BY,
    FILE_STATES,
    MENDS,
    ORDER_KINDS,
    ORDER_STATES,
    STANDINGS,
)
from rongqiao.web.backoffice.finance.words import ACCOUNTS, FAMILIES, JOURNALS
from tests.makers import banking, journeys, officers
from tests.makers.statements import DAY, BankBook, compare, make_order
from tests.parties.people import actor
from tests.web.finance_desk import client_of, officer, rows_of_csv, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")

CAPITAL = 100_000_000_00


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


@pytest.fixture
def customer(call, staff):
    """Somebody with a wallet."""
    borrower = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    return borrower


@pytest.fixture
def book(staff):
    """The bank's book, which knows of the capital paid in before."""
    made = BankBook()
    made.move(CAPITAL, day=DAY - timedelta(days=1))
    return made


@pytest.fixture
def large(call, clock, monkeypatch, customer):
    """A withdrawal of 60,000.00 yuan, which waits for an officer."""
    banking.put_in_place(monkeypatch, clock)
    owner = (customer.user_id, customer.party_id)
    card = banking.add_card(call, owner)
    pair = officers.make_officer(clock), officers.make_officer(clock)
    officers.pay_in(call, pair, customer.party_id, "80000.00")
    clock.move(CARD_HOLD)
    wish = banking.withdrawal(owner, card, "60000.00")
    return request_withdrawal(wish, call(actor=actor(customer.user_id))).order_id


def remark(party_id):
    return f"RQ{str(party_id)[-8:].upper()}"


def test_a_large_withdrawal_shows_where_it_goes_and_leaves_by_an_officer(finance, large, customer):
    assert text_of(finance.get(reverse("desk"))).count('href="/desk/money/orders/?state=waiting"')
    waiting = text_of(finance.get(reverse("orders-desk"), {"state": "waiting"}))
    assert str(large) in waiting
    page = text_of(finance.get(reverse("order-desk", args=[large])))
    assert "¥60,000.00" in page
    assert "中国工商银行" in page
    assert "王小明" not in page.split("<main")[1].split("收款账户")[1]
    assert send(finance, "order-act", large, "approve").status_code == 302
    assert get_order(large).approved_by == f"user:{finance.user_id}"
    again = send(finance, "order-act", large, "approve")
    assert again.status_code == 422
    assert "已经处理过" in text_of(again)


def test_a_large_withdrawal_is_refused_with_a_reason_and_frees_the_money(finance, large, customer):
    answer = send(finance, "order-act", large, "refuse")
    assert answer.status_code == 422
    assert "请填写理由" in text_of(answer)
    assert send(finance, "order-act", large, "refuse", reason="账户存疑").status_code == 302
    page = text_of(finance.get(reverse("order-desk", args=[large])))
    assert "已取消" in page
    wallet = ledger.account_state(f"wallet:{customer.party_id}")
    assert wallet.available == Money.yuan("80000.00")


def test_nobody_approves_a_withdrawal_of_their_own(call, staff, large, customer):
    journeys.give_role(call, *staff.administrators, customer.user_id, "finance")
    own = client_of(customer.user_id)
    page = text_of(own.get(reverse("order-desk", args=[large])))
    assert "批准提现" not in page
    assert "须由另一位财务人员批准" in page
    assert send(own, "order-act", large, "approve").status_code == 403


def test_orders_narrow_by_state_kind_party_amount_text_and_day(finance, call, book, customer):
    first = make_order(call, book, "transfer_in", "100.00")
    other = make_order(call, book, "transfer_in", "200.00", state="unknown")

    def shown(**query):
        page = text_of(finance.get(reverse("orders-desk"), query))
        return {one for one in (first, other) if one.number in page}

    assert shown() == {first, other}
    assert shown(state="succeeded") == {first}
    assert shown(state="unknown") == {other}
    assert shown(kind="withdrawal") == set()
    assert shown(amount="200") == {other}
    assert shown(q=first.number.lower()) == {first}
    assert shown(q=first.bank_serial) == {first}
    assert shown(since="2026-01-06") == set()
    assert shown(party=remark(customer.party_id)) == set()
    assert shown(party="nobody") == {first, other}
    rows = rows_of_csv(finance.get(reverse("orders-desk"), {"amount": "100", "format": "csv"}))
    assert [(row["编号"], row["状态"], row["金额"]) for row in rows] == [
        (first.number, "成功", "100.00")
    ]


def test_an_order_tells_its_steps_what_the_bank_said_and_its_journal(finance, call, book):
    order = make_order(call, book, "transfer_in", "100.00")
    page = text_of(finance.get(reverse("order-desk", args=[order.pk])))
    assert "已发送银行" in page
    assert "已据此入账" in page
    (journal,) = set(re.findall(r'href="(/desk/books/journals/\d+/)"', page))
    assert reverse("order-desk", args=[order.pk]) in text_of(finance.get(journal))


def test_an_order_tells_whose_account_pays_and_what_it_is_for(
    finance, call, clock, customer, monkeypatch
):
    journeys.signed_loan(call, clock, customer)
    relay.drain(SUBSCRIBERS)
    (loan,) = list_loans(customer.party_id, clock.instant.date())
    banking.put_in_place(monkeypatch, clock)
    card = banking.add_card(call, (customer.user_id, customer.party_id))
    owner = {"party_id": customer.party_id, "account_id": card}
    given = {"state": "sent", "subject": f"loan:{loan.id}", **owner}
    debit = make_order(call, BankBook(), "direct_debit", "10.00", **given)
    page = text_of(finance.get(reverse("order-desk", args=[debit.pk])))
    assert "付款账户" in page
    assert "收款账户" not in page
    assert f'href="{reverse("desk-loan", args=[loan.id])}">借款 {loan.number} 的还款' in page
    given = {"state": "sent", "subject": "credit:S0000009"}
    refund = make_order(call, BankBook(), "refund", "10.00", **given)
    page = text_of(finance.get(reverse("order-desk", args=[refund.pk])))
    assert "退回银行流水号 S0000009 的来款" in page


def test_a_list_of_orders_asks_as_much_for_five_as_for_two(finance, call, book):
    counts = []
    for many in (2, 3):
        for _ in range(many):
            make_order(call, book, "transfer_in", "100.00")
        finance.get(reverse("orders-desk"))
        with CaptureQueriesContext(connection) as asked:
            finance.get(reverse("orders-desk"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


@pytest.fixture
def day_over(clock):
    """The day of the book's statement has ended: it is the next one, one o'clock in the night."""
    clock.move(timedelta(hours=13))


def upload(client, content, day=DAY):
    return client.post(
        reverse("upload-statement"),
        {
            "key": str(uuid4()),
            "day": day.isoformat(),
            "file": SimpleUploadedFile("statement.csv", content, "text/csv"),
        },
    )


def test_a_statement_is_handed_in_compared_and_shown_line_by_line(day_over, finance, call, book):
    order = make_order(call, book, "transfer_in", "100.00")
    line = book.pay(order)
    assert "还没有" in text_of(finance.get(reverse("reconciling")))
    assert upload(finance, book.file()).status_code == 302
    page = reverse("reconciling-day", args=[DAY.isoformat()])
    assert line.serial in text_of(finance.get(page))
    answer = send(finance, "reconciling-act", DAY.isoformat(), "reconcile")
    assert answer.status_code == 302
    shown = text_of(finance.get(page))
    assert "已对账" in shown
    assert "没有差错。" in shown
    listed = text_of(finance.get(reverse("reconciling")))
    assert "¥100,000,100.00" in shown
    assert "100,000,100.00" in listed
    (row,) = rows_of_csv(finance.get(reverse("reconciling"), {"format": "csv"}))
    assert (row["银行余额"], row["未解释"]) == ("100000100.00", "0.00")
    assert "并与银行对账单一致" in text_of(finance.get(reverse("finance")))


@pytest.mark.parametrize(
    "bend",
    [lambda text: text[:-40], lambda text: text.replace(b"CNY", b"USD"), lambda _text: b"x"],
)
def test_a_damaged_statement_is_refused_with_the_reason_and_becomes_a_case(
    day_over, finance, book, bend
):
    book.move(10_00)
    answer = upload(finance, bend(book.file()))
    assert answer.status_code == 302
    shown = text_of(finance.get(answer["Location"]))
    assert "对账单已拒收" in shown
    assert "对账单损坏" in shown
    assert upload(finance, book.file()).status_code == 302
    assert "已导入" in text_of(finance.get(answer["Location"]))


def test_an_empty_file_is_no_statement(day_over, finance, book):
    assert upload(finance, b"").status_code == 422


def test_a_day_that_is_not_over_has_no_statement_yet(finance, book, clock):
    book.move(10_00)
    answer = upload(finance, book.file())
    assert answer.status_code == 422
    assert "2026-01-05 还没有结束" in text_of(answer)
    page = reverse("reconciling-day", args=[DAY.isoformat()])
    assert "向银行取对账单" not in text_of(finance.get(page))
    answer = send(finance, "reconciling-act", DAY.isoformat(), "fetch", reason="等不及")
    assert answer.status_code == 422
    assert "还没有结束" in text_of(answer)
    clock.move(timedelta(hours=11, minutes=59))
    assert upload(finance, book.file()).status_code == 422
    clock.move(timedelta(minutes=1))
    assert "向银行取对账单" in text_of(finance.get(page))
    assert upload(finance, book.file()).status_code == 302


@pytest.fixture
def planted(call, book, customer):
    """A credit nobody expected, found by comparing the day."""
    book.move(88_00, name="李四", memo="还款")
    compare(call, book)
    return Break.objects.get(kind="unknown-credit")


def test_the_first_page_agrees_with_the_bank_only_without_open_breaks(finance, planted):
    page = text_of(finance.get(reverse("finance")))
    assert "并与银行对账单一致" not in page
    assert "还有 1 笔差错未处理，它们解释与银行对账单相差的 ¥0.00" in page
    assert f'href="{reverse("breaks")}">查看未处理的差错' in page


@pytest.mark.parametrize("suggested", ["assign-to-party", "settle-as-bank-says"])
def test_only_a_mend_that_is_offered_is_suggested(finance, planted, suggested):
    Break.objects.filter(pk=planted.pk).update(suggested=suggested)
    page = text_of(finance.get(reverse("break", args=[planted.pk])))
    assert ("系统建议" in page) == (suggested == "assign-to-party")


def propose(client, planted, customer, **changes):
    given = {
        "mend": "assign-to-party",
        "party": remark(customer.party_id),
        "reason": "客户来电确认",
    }
    return send(client, "break-act", planted.pk, "propose", **{**given, **changes})


def test_a_break_is_mended_by_two_people(finance, second, planted, customer):
    page = reverse("break", args=[planted.pk])
    shown = text_of(finance.get(page))
    assert "不明来款" in shown
    assert "李*" in shown
    assert "李四" not in shown
    assert "在待查款项中" in shown
    credit = text_of(finance.get(reverse("journals"), {"account": "suspense"}))
    (number,) = set(re.findall(r"/desk/books/documents/\?number=([^\"]+)\"", credit))
    leads = finance.get(f"{reverse('document')}?number={number}")
    assert leads["Location"] == reverse("reconciling-day", args=[DAY.isoformat()])
    assert propose(finance, planted, customer).status_code == 302
    assert "同意处理" not in text_of(finance.get(page))
    assert send(finance, "break-act", planted.pk, "approve").status_code == 403
    assert ledger.balance(f"wallet:{customer.party_id}") == Money(0)
    assert "同意处理" in text_of(second.get(page))
    assert send(second, "break-act", planted.pk, "approve").status_code == 302
    assert ledger.balance(f"wallet:{customer.party_id}") == Money.yuan("88.00")
    assert ledger.balance("suspense") == Money(0)
    assert send(second, "break-act", planted.pk, "approve").status_code == 422
    assert planted.number not in text_of(finance.get(reverse("breaks")))
    assert planted.number in text_of(finance.get(reverse("breaks"), {"state": "resolved"}))


def test_a_mend_is_sent_back_with_a_reason_and_the_books_stay(finance, second, planted, customer):
    propose(finance, planted, customer)
    assert send(second, "break-act", planted.pk, "send-back").status_code == 422
    answer = send(second, "break-act", planted.pk, "send-back", reason="附凭证")
    assert answer.status_code == 302
    assert "附凭证" in text_of(finance.get(reverse("break", args=[planted.pk])))
    assert ledger.balance("suspense") == Money.yuan("88.00")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"party": ""}, "请"),
        ({"party": "13900000000"}, "没有找到唯一的客户"),
        ({"mend": "book-bank-fee"}, ""),
        ({"mend": "forgive"}, "请从列出的选项中选择"),
        ({"reason": ""}, "请填写理由"),
        ({"journal": "1e3"}, "整数"),
        ({"more": "1"}, "没有"),
    ],
)
def test_a_bad_mend_is_refused_and_stays_open_on_the_page(finance, planted, customer, change, said):
    answer = propose(finance, planted, customer, **change)
    assert answer.status_code == 422
    page = text_of(answer)
    assert said in page
    assert re.search(r"<details[^>]* open>", page)
    planted.refresh_from_db()
    assert planted.state == "open"


def test_breaks_narrow_and_are_handed_on(finance, second, planted):
    def is_shown(client, **query):
        return planted.number in text_of(client.get(reverse("breaks"), query))

    assert is_shown(finance)
    assert is_shown(finance, kind="unknown-credit", since=DAY.isoformat(), q=planted.number)
    assert not is_shown(finance, kind="bank-fee")
    assert not is_shown(finance, state="mine")
    assert send(finance, "break-act", planted.pk, "take").status_code == 302
    assert is_shown(finance, state="mine")
    assert not is_shown(second, state="mine")
    given = {"user_id": str(second.user_id)}
    assert send(finance, "break-act", planted.pk, "assign", **given).status_code == 302
    assert is_shown(second, state="mine")
    stranger = {"user_id": str(uuid4())}
    assert send(finance, "break-act", planted.pk, "assign", **stranger).status_code == 422


def test_a_mend_that_was_wrong_is_taken_back_by_two(finance, second, planted, customer):
    propose(finance, planted, customer)
    send(second, "break-act", planted.pk, "approve")
    assert (
        send(finance, "break-act", planted.pk, "propose-undo", reason="认错人").status_code == 302
    )
    assert "同意撤销" not in text_of(finance.get(reverse("break", args=[planted.pk])))
    assert send(second, "break-act", planted.pk, "approve-undo").status_code in (302, 422)


def test_what_is_half_known_has_its_guided_steps(finance, call, clock, book):
    order = make_order(call, book, "transfer_in", "100.00", state="unknown")
    assert "没有悬着的事" in text_of(finance.get(reverse("repair")))
    clock.move(timedelta(hours=2))
    page = text_of(finance.get(reverse("repair")))
    assert "指令结果未知" in page
    assert "2 小时" in page
    address = f"{reverse('repair-act', args=['ask-bank-now'])}?about={order.pk}"
    assert address in page
    assert finance.post(address, {"key": str(uuid4())}).status_code == 422
    given = {"key": str(uuid4()), "reason": "客户催问"}
    assert finance.post(address, given).status_code == 302
    wrong = f"{reverse('repair-act', args=['send-again'])}?about={order.pk}"
    assert finance.post(wrong, given).status_code == 404
    (row,) = rows_of_csv(finance.get(reverse("repair"), {"format": "csv"}))
    assert row["编号"] == order.number
    state = PaymentOrder.objects.get(pk=order.pk).state
    assert state == "unknown"


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (BreakKind, BREAK_KINDS),
        (BreakState, BREAK_STATES),
        (Mend, MENDS),
        (OrderKind, ORDER_KINDS),
        (OrderState, ORDER_STATES),
        (By, BY),
        (Standing, STANDINGS),
        (FileState, FILE_STATES),
        (KINDS.values(), JOURNALS),
        ({*NAMED, *PREFIXED}, ACCOUNTS),
        (Family, FAMILIES),
        ((ASK, SEND, CLOSE, JUDGE, UNPARK, RUN, BIND, FETCH, RELEASE), VERBS),
    ],
)
def test_every_code_has_its_word(codes, words):
    assert {str(code) for code in codes} - set(words) == set()


# Where the kind of a journal stands among the arguments of what makes one.
MAKERS = {"Journal": 0, "journal": 0, "pool_move": 0, "out_of_suspense": 0, "_move": 1}
SOURCE = Path(rongqiao.__file__).parent


def journal_kinds():
    """Return the kinds of journals as the source says them; those of orders follow from KINDS."""
    found = {"reversal", *KINDS.values(), *(f"{kind}-returned" for kind in KINDS.values())}
    for path in SOURCE.glob("*/**/*.py"):
        if "bench" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
                named = [one.value for one in node.keywords if one.arg == "kind"]
                (kind,) = named or [node.args[MAKERS[node.func.id]]]
                if isinstance(kind, ast.Constant):
                    found.add(kind.value)
                else:
                    assert ast.unparse(kind) in DERIVED, (path, kind.lineno)
    return found


# A kind handed through, that of another journal, and those of orders.
DERIVED = {"kind", "fresh.kind", "KINDS[kind]", "f'{KINDS[kind]}-returned'"}


def test_every_kind_of_journal_that_is_posted_has_its_word():
    kinds = journal_kinds()
    assert {"unknown-credit", "bank-fee", "loan-charges", "manual", "capital"} <= kinds
    assert kinds - set(JOURNALS) == set()
