"""The console of finance without a browser: who may open and do what, lists, files, bad input."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.journals import Wanted, list_journals
from rongqiao.policies.roles import Role
from tests.makers import journeys
from tests.web.finance_desk import officer, rows_of_csv, rows_of_xlsx, send, text_of, user

pytestmark = pytest.mark.usefixtures("static_files")

READING = {Role.FINANCE, Role.AUDITOR}
ACTING = {Role.FINANCE}
DOORS = {
    "finance": READING,
    "orders-desk": READING,
    "money-desk": READING,
    "new-receipt": ACTING,
    "new-capital": ACTING,
    "new-transfer": ACTING,
    "reconciling": READING,
    "upload-statement": ACTING,
    "breaks": READING,
    "repair": READING,
    "books": READING,
    "journals": READING,
    "balance-sheet": READING,
    "income-statement": READING,
    "chart-of-accounts": READING,
    "propose-mapping": ACTING,
    "manual-journals": READING,
    "new-manual-journal": ACTING,
    "periods": READING,
}
SOMEBODY = "00000000-0000-7000-8000-000000000009"
# Addresses of one thing, and of what is done to it.
INNER = {
    ("order-desk", SOMEBODY): READING,
    ("break", SOMEBODY): READING,
    ("manual-journal", SOMEBODY): READING,
    ("movement", "receipt", SOMEBODY): READING,
    ("reconciling-day", "2026-01-04"): READING,
    ("period", "2026-01"): READING,
}
DEEDS = (
    ("order-act", SOMEBODY, "approve"),
    ("order-act", SOMEBODY, "approve-transfer"),
    ("break-act", SOMEBODY, "approve"),
    ("manual-act", SOMEBODY, "post"),
    ("decide-mapping", SOMEBODY, "confirm"),
    ("decide-money", "receipt", SOMEBODY, "confirm"),
    ("reconciling-act", "2026-01-04", "reconcile"),
    ("period-act", "2026-01", "propose-closing"),
    ("repair-act", "release-expired-holds"),
)


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def finance(call, staff):
    return officer(call, staff)


@pytest.mark.parametrize("role", sorted(Role))
def test_every_page_opens_to_its_roles_and_is_not_there_for_others(call, staff, role):
    client = officer(call, staff, role)
    for name, roles in DOORS.items():
        answer = client.get(reverse(name))
        assert answer.status_code == (200 if role in roles else 404), (name, role)
    for (name, *args), roles in INNER.items():
        is_there = name in ("reconciling-day", "period")
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == (200 if role in roles and is_there else 404), (name, role)
    (journal,) = list_journals(Wanted(), limit=1)
    answer = client.get(reverse("journal", args=[journal.number]))
    assert answer.status_code == (200 if role in READING else 404)


@pytest.mark.parametrize("role", sorted(set(Role) - ACTING))
def test_nobody_but_finance_does_anything(call, staff, role):
    client = officer(call, staff, role)
    for name, *args in DEEDS:
        assert send(client, name, *args).status_code == 404, (name, role)


def test_visitors_are_asked_to_log_in_and_customers_find_nothing(call, staff):
    borrower = journeys.make_borrower(call, 2)
    customer = Client()
    customer.force_login(
        user(borrower.user_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    addresses = [reverse(name) for name in DOORS]
    addresses += [reverse(name, args=args) for name, *args in INNER]
    for address in addresses:
        assert Client().get(address)["Location"].startswith(reverse("account_login")), address
        assert customer.get(address).status_code == 404, address


def test_deeds_are_posted_with_a_token_and_a_key(call, staff, finance):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        user(finance.user_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    for name, *args in DEEDS:
        address = reverse(name, args=args)
        assert finance.get(address).status_code == 405, name
        assert strict.post(address, {"key": str(uuid4())}).status_code == 403, name
        assert finance.post(address, {}).status_code in (404, 422), name
        assert finance.post(address, {"key": "1"}).status_code in (404, 422), name


def test_the_auditor_reads_every_page_and_is_offered_nothing_to_do(call, staff):
    auditor = officer(call, staff, "auditor")
    for name, roles in DOORS.items():
        if Role.AUDITOR in roles:
            page = text_of(auditor.get(reverse(name)))
            forms = re.findall(r'<form method="post"[^>]*action="(/desk/[^"]+)"', page)
            assert forms == [], name


def test_the_menu_has_the_console_for_who_may_read_it(call, staff):
    for role in ("finance", "auditor"):
        page = text_of(officer(call, staff, role).get(reverse("desk")))
        assert f'href="{reverse("finance")}"' in page
    assert f'href="{reverse("finance")}"' not in text_of(
        officer(call, staff, "operator").get(reverse("desk"))
    )


def test_the_first_page_says_whose_the_money_is(finance):
    page = text_of(finance.get(reverse("finance")))
    assert "存管户里的钱等于客户和各方的钱" in page
    assert "还没有和银行对过账" in page
    rows = {row["项目"]: row["金额"] for row in rows_of_csv(_file(finance, "finance", "csv"))}
    assert rows["存管资金"] == rows["平台自有资金"] == "100000000.00"
    assert rows["待查款项"] == "0.00"


def _file(client, name, kind, **query):
    return client.get(reverse(name), {**query, "format": kind})


@pytest.mark.parametrize("name", [name for name, roles in DOORS.items() if roles == READING])
def test_every_table_is_a_file_of_both_kinds(finance, name):
    answer = _file(finance, name, "csv")
    assert answer["Content-Type"].startswith("text/csv")
    heads = answer.content.decode("utf-8-sig").splitlines()[0].split(",")
    told, _rows = rows_of_xlsx(_file(finance, name, "xlsx"), heads[0])
    assert told == heads
    assert "filename" in answer["Content-Disposition"]


def test_a_file_runs_nothing(call, staff):
    first = officer(call, staff)
    given = {"amount": "10", "source": "=HYPERLINK(1)", "bank_serial": "CAP-9"}
    assert send(first, "new-capital", **given).status_code == 302
    legs = {"account_1": "marketing-expense", "debit_1": "1", "account_2": "operator-capital"}
    said = {"reason": "=cmd|' /C calc'!A0", "reference": "+1", "value_on": "2026-01-05"}
    assert send(first, "new-manual-journal", **legs, credit_2="1", **said).status_code == 302
    (row,) = rows_of_csv(_file(first, "manual-journals", "csv"))
    assert row["理由"].startswith("'=")
    assert row["依据"] == "'+1"
    _heads, rows = rows_of_xlsx(_file(first, "manual-journals", "xlsx"), "编号")
    assert any(str(cell).startswith("'=") for cell in rows[0])


BAD = ["%00", "a%00b", "９", "99999999999999999999999", "'; --", "-1", "1e3", "NaN", "x" * 500]


@pytest.mark.parametrize("text", BAD)
def test_no_address_breaks_a_page(finance, text):
    names = ("state", "kind", "q", "party", "amount", "since", "until", "on", "by", "from")
    for name, roles in DOORS.items():
        if Role.AUDITOR in roles:
            query = "&".join(
                f"{field}={text}" for field in (*names, "before", "account", "document")
            )
            assert finance.get(f"{reverse(name)}?{query}").status_code == 200, name
    assert finance.get(f"/desk/money/reconciling/{text.strip('/')}/").status_code == 404
    assert finance.get(f"/desk/books/documents/?number={text}").status_code == 302
    assert finance.post(f"/desk/repair/ask-bank-now/?about={text}").status_code == 404


def test_ids_that_are_nobodys_are_not_there_and_page_marks_only_page(finance):
    for name in ("order-desk", "break", "manual-journal"):
        assert finance.get(reverse(name, args=[uuid4()])).status_code == 404
    assert finance.get(reverse("movement", args=["receipt", uuid4()])).status_code == 404
    assert finance.get(reverse("movement", args=["wallet", uuid4()])).status_code == 404
    for name in ("orders-desk", "manual-journals"):
        page = text_of(finance.get(reverse(name), {"before": str(uuid4())}))
        assert "更早的" not in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"day": "2026-02-30"}, "不是日历上的日期"),
        ({"day": ""}, "请填写对账单日期"),
        ({"day": "2026-01-04"}, "请填写银行对账单文件"),
        ({"day": "2026-01-04", "extra": "1"}, "没有"),
    ],
)
def test_a_statement_needs_its_day_and_its_file(finance, given, said):
    answer = send(finance, "upload-statement", **given)
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_a_receipt_is_read_from_its_journal_and_back(call, staff):
    first, second = officer(call, staff), officer(call, staff)
    given = {"amount": "10", "source": "实缴资本", "bank_serial": "CAP-7"}
    send(first, "new-capital", **given)
    page = text_of(second.get(reverse("money-desk")))
    (confirm,) = re.findall(r'action="(/desk/money/capital/[0-9a-f-]+/confirm/)"', page)
    assert second.post(confirm, {"key": str(uuid4())}).status_code == 302
    journals = text_of(second.get(reverse("journals"), {"kind": "capital", "amount": "10"}))
    (journal,) = set(re.findall(r'href="(/desk/books/journals/\d+/)"', journals))
    (door,) = re.findall(
        r'href="(/desk/money/movements/capital/[^"]+)"', text_of(second.get(journal))
    )
    movement = text_of(second.get(door))
    assert "实缴资本" in movement
    assert journal in movement


def test_the_first_page_asks_no_more_as_the_books_grow(finance, call):
    counts = []
    for _ in range(2):
        finance.get(reverse("finance"))
        with CaptureQueriesContext(connection) as asked:
            finance.get(reverse("finance"))
        counts.append(len(asked))
        for _number in range(3):
            journeys.fund_operator(
                journeys.Fund(amount=Money.yuan("1.00")), call(actor="system:setup")
            )
    assert counts[0] == counts[1] <= 45
