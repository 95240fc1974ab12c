"""The staff's desk, asked without a browser: who may open what, and what needs two people."""

import csv
import io
import re
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import draft_version
from rongqiao.lending.servicing.queries.loans import list_loans
from rongqiao.money.ledger.queries import books as ledger
from rongqiao.money.payments.queries import wallets as payments
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import relay
from rongqiao.platform.models import OperationRecord
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.reviewing.forms import VERBS
from rongqiao.web.frame import exports
from tests.makers import journeys
from tests.parties.people import actor, make_user

pytestmark = pytest.mark.usefixtures("static_files")

LENDING = {Role.REVIEWER, Role.APPROVER}
READERS = LENDING | {Role.FINANCE, Role.OPERATOR, Role.AUDITOR}
PORTFOLIO = (
    "portfolio",
    "overdue",
    "vintages",
    "roll-rates",
    "delinquency",
    "prepayment",
    "yield",
    "provision",
)
DOORS = {
    "desk": set(Role),
    "queue": LENDING,
    "overrides": {Role.APPROVER, Role.RISK_ANALYST, Role.AUDITOR},
    **dict.fromkeys(PORTFOLIO, READERS | {Role.RISK_ANALYST}),
    "desk-loans": READERS,
    "money-desk": {Role.FINANCE, Role.AUDITOR},
    "new-receipt": {Role.FINANCE},
    "new-capital": {Role.FINANCE},
    "books": {Role.FINANCE, Role.AUDITOR},
    "product-desk": {Role.OPERATOR},
    "roles-desk": {Role.ADMINISTRATOR},
    "audit-desk": {Role.AUDITOR},
    "engine-room": {Role.OPERATOR, Role.ADMINISTRATOR},
}


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


@pytest.fixture
def referred(call, staff):
    """Return `referred(n)`: the id of the n-th person's case that waits for an officer."""

    def make(number=1):
        borrower = journeys.make_borrower(call, number)
        case, state = journeys.apply(call, borrower, amount="60000.00")
        assert state == "referred"
        return case

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
    address = reverse("case-act", args=[case, verb])
    return client.post(address, {"key": str(uuid4()), **fields})


def recommend(client, case):
    terms = {"amount": "60000", "term_count": "12", "grade": "B"}
    return act(client, case, "recommend", reason="流水与申请一致。", **terms)


def table_of(answer):
    """The rows of a CSV answer, as dictionaries."""
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("role", sorted(Role))
def test_every_page_opens_to_its_roles_and_is_not_there_for_others(hire, role):
    client = hire(role)
    for name, roles in DOORS.items():
        answer = client.get(reverse(name))
        assert answer.status_code == (200 if role in roles else 404), (name, role)


def test_visitors_are_asked_to_log_in_and_customers_find_nothing(call, staff, referred):
    case = referred()
    customer = client_of(journeys.make_borrower(call, 2).user_id)
    addresses = [*(reverse(name) for name in DOORS), reverse("case", args=[case])]
    for address in addresses:
        assert Client().get(address)["Location"].startswith(reverse("account_login"))
        assert customer.get(address).status_code == 404, address
    assert act(customer, case, "take").status_code == 404


def test_navigation_shows_the_doors_of_ones_roles_alone(hire):
    page = text_of(hire("finance").get(reverse("desk")))
    shown = {name for name in DOORS if f'href="{reverse(name)}"' in page}
    assert shown == {"desk", "portfolio", "desk-loans", "money-desk", "books"}


def test_a_case_in_hand_is_nobody_elses(hire, referred):
    case, first, second = referred(), hire("reviewer"), hire("reviewer")
    assert act(first, case, "take").status_code == 302
    answer = act(second, case, "take")
    assert answer.status_code == 422
    assert 'role="alert"' in text_of(answer)
    assert act(first, case, "release").status_code == 302
    assert act(second, case, "take").status_code == 302


def test_who_reviewed_a_case_does_not_approve_it(staff, referred, hire):
    case, both = referred(), client_of(staff.both)
    act(both, case, "take")
    assert recommend(both, case).status_code == 302
    assert act(both, case, "approve", reason="同意。").status_code in (403, 422)
    assert act(hire("approver"), case, "approve", reason="同意初审意见。").status_code == 302
    assert "审批通过" in text_of(both.get(reverse("case", args=[case])))


def test_a_verb_said_twice_with_one_key_is_done_once(hire, referred):
    case, reviewer = referred(), hire("reviewer")
    address, key = reverse("case-act", args=[case, "take"]), str(uuid4())
    for _ in range(2):
        assert reviewer.post(address, {"key": key}).status_code == 302
    page = text_of(reviewer.get(reverse("case", args=[case])))
    assert "建议通过" in page


def test_declining_asks_for_reasons_and_keeps_what_was_written(hire, referred):
    case, reviewer = referred(), hire("reviewer")
    act(reviewer, case, "take")
    answer = act(reviewer, case, "decline", reason="收入证明与流水不符。")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "请填写告知申请人的原因" in page
    assert "收入证明与流水不符。" in page
    assert "…" not in page.split('name="codes"')[1]


def test_reasons_name_amounts_and_shares_as_people_read_them(hire, referred):
    page = text_of(hire("reviewer").get(reverse("case", args=[referred()])))
    assert "自动审批上限 50,000 元" in page
    assert "53.00%" in page
    assert "id-front" not in page


def test_verbs_that_are_none_and_cases_that_are_not_there_are_not_found(hire, referred):
    case, reviewer = referred(), hire("reviewer")
    assert act(reviewer, case, "forgive").status_code == 404
    assert reviewer.get(reverse("case-act", args=[case, "take"])).status_code == 405
    for verb in VERBS:
        assert reviewer.post(reverse("case-act", args=[uuid4(), verb])).status_code == 404
    assert reviewer.get(reverse("case", args=[uuid4()])).status_code == 404


def test_documents_of_a_case_are_downloads_for_officers(call, hire, referred):
    case, reviewer = referred(), hire("reviewer")
    page = text_of(reviewer.get(reverse("case", args=[case])))
    (path, *_more) = re.findall(rf'href="(/desk/cases/{case}/files/[^"]+)"', page)
    answer = reviewer.get(path)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert hire("finance").get(path).status_code == 404
    assert reviewer.get(reverse("case-file", args=[case, uuid4()])).status_code == 404


def test_the_queue_narrows_by_stage_number_and_hand(hire, referred):
    cases, reviewer = [referred(number) for number in (1, 2)], hire("reviewer")
    act(reviewer, cases[0], "take")
    recommend(reviewer, cases[0])
    act(reviewer, cases[1], "take")
    queue = reverse("queue")

    def shown(query):
        page = text_of(reviewer.get(queue, query))
        return {case for case in cases if str(case) in page}

    assert shown({}) == set(cases)
    assert shown({"stage": "referred"}) == {cases[1]}
    assert shown({"stage": "recommended"}) == {cases[0]}
    assert shown({"mine": "1"}) == {cases[1]}
    (first, second) = (row["编号"] for row in table_of(reviewer.get(queue, {"format": "csv"})))
    assert first != second
    assert shown({"q": "no such number"}) == set()


def test_the_queue_asks_as_much_for_five_cases_as_for_two(hire, referred):
    reviewer = hire("reviewer")
    counts = []
    for numbers in ((1, 2), (3, 4, 5)):
        for number in numbers:
            referred(number)
        reviewer.get(reverse("queue"))
        with CaptureQueriesContext(connection) as asked:
            reviewer.get(reverse("queue"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[1] <= 20


def receipt(client, customer, **changes):
    page = text_of(client.get(reverse("new-receipt")))
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page).group(1)
    given = {
        "key": key,
        "customer": customer,
        "amount": "1234.50",
        "payer": "王小明",
        "bank_serial": "BANK-1",
        "received_on": "2026-01-05",
        **changes,
    }
    return client.post(reverse("new-receipt"), given)


@pytest.fixture
def customer(call, clock, staff):
    """A borrower with a loan, and its number."""
    borrower = journeys.make_borrower(call)
    journeys.signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    (loan,) = list_loans(borrower.party_id, clock.instant.date())
    return borrower.party_id, loan.number


def waiting(client, kind):
    """The ids of what the money desk offers to confirm."""
    page = text_of(client.get(reverse("money-desk")))
    return [UUID(one) for one in re.findall(rf"/desk/money/{kind}/([0-9a-f-]+)/confirm/", page)]


def decide(client, kind, movement, verb="confirm", **fields):
    address = reverse("decide-money", args=[kind, movement, verb])
    return client.post(address, {"key": str(uuid4()), **fields})


def test_a_customers_transfer_enters_the_books_by_two_people(hire, customer):
    party, number = customer
    first, second = hire("finance"), hire("finance")
    before = ledger.balance(f"wallet:{party}")
    assert receipt(first, number).status_code == 302
    assert waiting(first, "receipt") == []
    (movement,) = waiting(second, "receipt")
    assert decide(first, "receipt", movement).status_code in (403, 422)
    assert ledger.balance(f"wallet:{party}") == before
    assert decide(second, "receipt", movement).status_code == 302
    assert ledger.balance(f"wallet:{party}") - before == Money.yuan("1234.50")
    assert decide(second, "receipt", movement).status_code == 422
    assert ledger.balance(f"wallet:{party}") - before == Money.yuan("1234.50")


def test_a_transfer_names_its_customer_and_its_amount(hire, customer):
    finance = hire("finance")
    wrong = {"customer": "13900000000", "amount": "1.234", "received_on": "2026-02-30"}
    answer = receipt(finance, **wrong)
    assert answer.status_code == 422
    page = text_of(answer)
    assert all(value in page for value in wrong.values())
    assert page.count('class="field-error"') == len(wrong)


def test_a_transfer_is_found_by_the_remark_its_customer_was_told(hire, customer):
    party, _ = customer
    first, second = hire("finance"), hire("finance")
    code = f"RQ{str(party)[-8:].upper()}"
    assert receipt(first, "RQ00000000").status_code == 422
    assert receipt(first, code[2:]).status_code == 422
    assert receipt(first, f" {code.lower()} ").status_code == 302
    assert waiting(second, "receipt")
    (found,) = payments.list_receipts()
    assert found.party_id == party


def test_a_transfer_of_somebody_else_is_marked_before_it_is_confirmed(hire, customer):
    _, number = customer
    first, second = hire("finance"), hire("finance")
    receipt(first, number)
    page = text_of(second.get(reverse("money-desk")))
    assert "付款人 王** · 到账 2026-01-05" in page
    assert "付款人与户名不一致" not in page
    receipt(first, number, payer="李四", bank_serial="BANK-2")
    page = text_of(second.get(reverse("money-desk")))
    assert page.count("付款人与户名不一致") == 1
    assert "李四" not in page


def test_own_funds_are_confirmed_by_another_officer(hire):
    first, second = hire("finance"), hire("finance")
    given = {"amount": "1000000", "source": "实缴资本", "bank_serial": "CAP-1"}
    key, before = str(uuid4()), ledger.balance("operator-capital")
    assert first.post(reverse("new-capital"), {"key": key, **given}).status_code == 302
    (movement,) = waiting(second, "capital")
    assert decide(first, "capital", movement).status_code in (403, 422)
    assert decide(second, "capital", movement).status_code == 302
    assert ledger.balance("operator-capital") - before == Money.yuan("1000000")


def test_the_first_page_counts_all_that_waits_for_a_second_person(hire):
    first, second = hire("finance"), hire("finance")
    fields = {"amount": "1000000", "source": "实缴资本", "bank_serial": "CAP-1"}
    first.post(reverse("new-capital"), {"key": str(uuid4()), **fields})
    page = text_of(second.get(reverse("desk")))
    tile = r'href="/desk/money/movements/"><p[^>]*>自有资金待确认</p><p[^>]*>1</p>'
    assert re.search(tile, page)
    doors = ("orders-desk", "breaks", "manual-journals", "periods", "chart-of-accounts")
    for name in doors:
        assert f'block" href="{reverse(name)}' in page, name


def test_the_trial_balance_balances_on_screen_and_in_the_file(hire, customer):
    finance = hire("finance")
    page = text_of(finance.get(reverse("books")))
    assert "借贷相等" in page
    assert "客户账户" in page
    assert all(
        finance.get(address).status_code == 200
        for address in re.findall(r'href="(/desk/books/accounts/[^"]+)"', page)
    )
    rows = table_of(finance.get(reverse("books"), {"format": "csv"}))
    debit = sum((Money.yuan(row["借方"]) for row in rows if row["借方"]), Money(0))
    credit = sum((Money.yuan(row["贷方"]) for row in rows if row["贷方"]), Money(0))
    assert debit == credit != Money(0)


def test_a_loan_is_found_by_its_number_and_read_down_to_its_journals(hire, customer):
    _party, number = customer
    finance, reviewer = hire("finance"), hire("reviewer")
    loans = reverse("desk-loans")
    found = text_of(finance.get(loans, {"q": number.lower(), "state": "active"}))
    (address,) = re.findall(r'href="(/desk/loans/[0-9a-f-]{36}/)"', found)
    assert number not in text_of(finance.get(loans, {"state": "closed"}))
    assert [row["借款编号"] for row in table_of(finance.get(loans, {"format": "csv"}))] == [number]
    (journal,) = re.findall(r'href="(/desk/books/journals/\d+/)"', text_of(finance.get(address)))
    assert finance.get(journal).status_code == 200
    assert "/desk/books/journals/" not in text_of(reviewer.get(address))
    assert finance.get(reverse("desk-loan", args=[uuid4()])).status_code == 404


def test_a_file_holds_the_whole_list_or_says_why_not(hire, customer, monkeypatch):
    _party, number = customer
    lists = (("desk-loans", "finance"), ("queue", "reviewer"), ("audit-desk", "auditor"))
    readers = {name: hire(role) for name, role in lists}
    page_two = {"format": "csv", "from": "50", "before": "2"}
    (loan,) = table_of(readers["desk-loans"].get(reverse("desk-loans"), page_two))
    assert loan["借款编号"] == number
    trail = table_of(readers["audit-desk"].get(reverse("audit-desk"), page_two))
    shown = OperationRecord.objects.exclude(name__startswith="risk.laundering.").count()
    assert len(trail) == shown > 1
    monkeypatch.setattr(exports, "MOST_ROWS", -1)
    for name, client in readers.items():
        address = reverse(name)
        answer = client.get(address, {"format": "csv"}, follow=True)
        assert answer.redirect_chain == [(f"{address}?", 302)]
        assert "超过一个文件最多 -1 行" in text_of(answer)


def test_from_an_account_one_comes_to_its_journals_and_back(hire, customer):
    party, _number = customer
    finance = hire("finance")
    page = text_of(finance.get(reverse("account"), {"code": f"wallet:{party}"}))
    (journal, *_more) = re.findall(r'href="(/desk/books/journals/\d+/)"', page)
    legs = text_of(finance.get(journal))
    assert f"wallet%3A{party}" in legs or f"wallet:{party}" in legs
    assert finance.get(reverse("account"), {"code": "no-such-account"}).status_code == 404
    assert finance.get(reverse("journal", args=[10**12])).status_code == 404


def test_a_product_is_published_by_somebody_who_did_not_draft_it(call, staff):
    drafted = draft_version(first_products()[0], call(actor=actor(staff.operator)))
    address = reverse("publish-version", args=[drafted.version_id])
    drafter, other = client_of(staff.operator), client_of(staff.publisher)
    assert drafter.post(address, {"key": str(uuid4())}).status_code in (403, 422)
    assert other.post(address, {"key": str(uuid4())}).status_code == 302


def test_a_role_is_proposed_by_one_administrator_and_confirmed_by_another(call, staff):
    new, phone = make_user(), "13800000077"
    set_phone(SetPhone(user_id=new, phone=phone, is_proved=True), call(actor=actor(new)))
    first, second = (client_of(one) for one in staff.administrators)
    given = {"key": str(uuid4()), "phone": phone, "role": "support"}
    assert first.post(reverse("roles-desk"), given).status_code == 302
    assert client_of(new).get(reverse("desk")).status_code == 404
    (confirm,) = re.findall(
        r'action="(/desk/roles/[0-9a-f-]+/confirm/)"', text_of(second.get(reverse("roles-desk")))
    )
    assert first.post(confirm, {"key": str(uuid4())}).status_code in (403, 422)
    assert second.post(confirm, {"key": str(uuid4())}).status_code == 302
    assert client_of(new).get(reverse("desk")).status_code == 200
    revoke = confirm.replace("/confirm/", "/revoke/")
    assert revoke in text_of(first.get(reverse("roles-desk")))
    assert first.post(revoke, {"key": str(uuid4())}).status_code == 302
    assert client_of(new).get(reverse("desk")).status_code == 404


def test_the_trail_shows_who_did_what_and_nobodys_secrets(hire, call, staff, referred):
    borrower = journeys.make_borrower(call, 9)
    auditor = hire("auditor")
    page = text_of(auditor.get(reverse("audit-desk")))
    assert "parties.register-person" in page or "register" in page
    assert str(borrower.user_id) in page
    record = text_of(auditor.get(reverse("audit-desk"), {"name": "origination.submit"}))
    referred(1)
    record = text_of(auditor.get(reverse("audit-desk"), {"name": "origination.submit"}))
    assert "origination.submit" in record
    assert "register" not in record.split("<tbody>")[1]


def test_every_form_of_the_desk_is_guarded_against_other_sites(staff, referred):
    case = referred()
    strict = Client(enforce_csrf_checks=True)
    user = get_user_model().objects.get(pk=staff.reviewer)
    strict.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert act(strict, case, "take").status_code == 403


@pytest.mark.parametrize("text", ["%00", "a%00b", "９", "99999999999999999999999", "'; --"])
def test_no_search_breaks_a_page(call, text):
    officers = journeys.make_staff(call)
    auditor = make_user()
    journeys.give_role(call, *officers.administrators, auditor, "auditor")
    client = client_of(auditor)
    for path in ("loans/?q=", "loans/?product=", "audit/?name=", "audit/?before=", "audit/?actor="):
        assert client.get(f"/desk/{path}{text}").status_code == 200, path
    assert client.get(f"/desk/books/accounts/?code={text}").status_code == 404
    assert client.get(f"/desk/books/accounts/?code=custodian-cash&before={text}").status_code < 500
    assert client_of(officers.reviewer).get(f"/desk/queue/?q={text}").status_code == 200
