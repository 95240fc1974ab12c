from datetime import date

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from rongqiao.finance.bookkeeping import Journal, Leg, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Journal as JournalRow
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.refusals import Refusal
from tests.money.ledger.conftest import act, transfer

pytestmark = pytest.mark.django_db

ON = date(2026, 1, 5)


def laws_hold():
    checks = [
        queries.check_journals(),
        queries.check_balances(),
        queries.check_floors(),
        queries.check_keys(),
    ]
    assert [check for check in checks if check.broken] == []
    return checks


def refused(body, call):
    with pytest.raises(Refusal) as caught:
        act(body, call)
    return caught.value


def raw_post(legs, keys=("raw",), journals=None, currency="CNY"):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT ledger_post_batch(%s::text[], %s::text[], %s::text[], %s::date[],
                      %s::int[], %s::text[], %s::bigint[], %s::text[], 'test',
                      '2026-01-05T04:00Z')""",
            [
                list(keys),
                ["raw"] * len(keys),
                ["doc"] * len(keys),
                [ON] * len(keys),
                journals or [1] * len(legs),
                [code for code, _ in legs],
                [amount for _, amount in legs],
                [currency] * len(legs),
            ],
        )
        return cursor.fetchone()[0]


def raw_code(legs, **options):
    with pytest.raises(Exception, match="ledger") as caught, transaction.atomic():
        raw_post(legs, **options)
    return caught.value.__cause__.sqlstate, caught.value.__cause__.diag.message_primary


def test_a_transfer_moves_money_and_the_laws_hold(books, call):
    books(a=1000, b=0)
    act(lambda c: post([transfer("wallet:a", "wallet:b", 400)], c), call())
    assert queries.balance("wallet:a") == Money(600)
    assert queries.balances(["wallet:b", "custodian-cash", "wallet:nobody"]) == {
        "wallet:b": Money(400),
        "custodian-cash": Money(-1000),
    }
    assert [check.checked for check in laws_hold()] == [2, 4, 4, 2]


def test_the_trial_balance_has_equal_columns_and_rolls_wallets_up(books, call):
    books(a=1000, b=234)
    lines = queries.trial_balance()
    assert [(line.code, line.debit.text(), line.credit.text()) for line in lines] == [
        ("custodian-cash", "12.34", "0.00"),
        ("wallet", "0.00", "12.34"),
    ]
    assert sum(line.debit.minor - line.credit.minor for line in lines) == 0


def test_a_statement_tells_the_balance_after_each_posting_page_by_page(books, call):
    books(a=1000, b=0)
    for minor in (100, 200, 300):
        act(lambda c, m=minor: post([transfer("wallet:a", "wallet:b", m)], c), call())
    lines = queries.statement("wallet:a")
    assert [(line.amount.minor, line.balance.minor) for line in lines] == [
        (-300, 400), (-200, 700), (-100, 900), (1000, 1000),
    ]  # fmt: skip
    earlier = queries.statement("wallet:a", before=lines[1].journal, limit=1)
    assert [(line.amount.minor, line.balance.minor) for line in earlier] == [(-100, 900)]


def test_more_than_a_wallet_has_is_refused_with_the_amounts(books, call):
    books(a=1000, b=0)
    no = refused(lambda c: post([transfer("wallet:a", "wallet:b", 1001)], c), call())
    assert no.code == "ledger.insufficient-funds"
    assert no.facts == {"account": "wallet:a", "available": "10.00", "wanted": "10.01"}
    assert JournalRow.objects.count() == 1


def test_one_short_journal_leaves_none_of_its_batch(books, call):
    books(a=1000, b=0)
    batch = [transfer("wallet:a", "wallet:b", 600), transfer("wallet:a", "wallet:b", 600)]
    assert refused(lambda c: post(batch, c), call()).code == "ledger.insufficient-funds"
    assert queries.balance("wallet:b") == Money(0)


def test_a_batch_is_judged_by_its_sum(books, call):
    books(a=0, b=0, c=0)
    batch = [transfer("wallet:a", "wallet:b", 5), transfer("custodian-cash", "wallet:a", 5)]
    act(lambda c: post(batch, c), call())
    assert queries.balance("wallet:b") == Money(5)


def test_an_unknown_account_is_refused_by_name(books, call):
    books(a=1000)
    no = refused(lambda c: post([transfer("wallet:a", "wallet:nobody", 1)], c), call())
    assert (no.code, no.facts) == ("ledger.unknown-account", {"account": "wallet:nobody"})


@pytest.mark.parametrize(
    ("legs", "code"),
    [
        ([("wallet:a", -5), ("suspense", 4)], "ledger.unbalanced"),
        ([("wallet:a", 5), ("wallet:a", 5)], "ledger.unbalanced"),
        ([("wallet:a", 0), ("suspense", 0)], "ledger.amount-out-of-range"),
        ([("wallet:a", -(2**63) + 1), ("suspense", 2**63 - 1)], "ledger.amount-out-of-range"),
        ([("custodian-cash", -(10**15) - 1), ("suspense", 10**15 + 1)],
         "ledger.amount-out-of-range"),
        ([], "ledger.unbalanced"),
    ],
)  # fmt: skip
def test_the_database_itself_refuses_what_does_not_balance(books, legs, code):
    books(a=1000)
    assert raw_code(legs)[1] == code
    assert JournalRow.objects.count() == 1
    laws_hold()


def test_money_of_another_currency_than_the_account_is_refused_by_name(books, call):
    books(a=1000)
    legs = [("wallet:a", -5), ("suspense", 5)]
    assert raw_code(legs, currency="USD") == ("RQ116", "ledger.currency")
    assert raw_code(legs * 2, currency="USD") == ("RQ116", "ledger.currency")
    dollars = Journal("t", "d", ON, (debit("wallet:a", Money(5, "USD")),
                                     credit("custodian-cash", Money(5, "USD"))))  # fmt: skip
    no = refused(lambda c: post([dollars], c), call())
    assert (no.code, no.facts["given"], no.facts["currency"]) == ("ledger.currency", "USD", "CNY")
    no = refused(lambda c: open_accounts(["wallet:usd"], c, currency="USD"), call())
    assert (no.code, no.facts["given"]) == ("ledger.currency", "USD")
    assert JournalRow.objects.count() == 1


def test_a_key_of_a_batch_without_legs_is_refused(books):
    books(a=1000)
    assert raw_code([("wallet:a", -5), ("suspense", 5)], keys=("x", "y"))[0] == "RQ105"


def test_amounts_no_bigint_holds_are_refused_before_the_database(books, call):
    books(a=1000)
    legs = (Leg("wallet:a", Money(-(2**70))), Leg("suspense", Money(2**70)))
    no = refused(lambda c: post([Journal("t", "d", ON, legs)], c), call())
    assert no.code == "ledger.amount-out-of-range"


def test_a_balance_beyond_what_an_account_counts_is_refused(books, call):
    books(a=0)
    huge = [transfer("custodian-cash", "suspense", 10**15)] * 4
    for _ in range(11):
        act(lambda c: post(huge * 100, c), call())
    no = refused(lambda c: post(huge * 200, c), call())
    assert (no.code, no.facts) == ("ledger.balance-out-of-range", {"account": "suspense"})
    laws_hold()


def test_the_same_key_and_journal_answers_again_without_posting(books, call):
    books(a=1000)
    legs = [("wallet:a", -5), ("suspense", 5)]
    first = raw_post(legs)
    assert raw_post(legs) == first
    assert queries.balance("wallet:a") == Money(995)


def test_the_same_key_for_another_journal_is_refused_and_nothing_is_booked(books):
    books(a=1000)
    raw_post([("wallet:a", -5), ("suspense", 5)])
    assert raw_post([("wallet:a", -6), ("suspense", 6)]) == [None]
    assert queries.balance("wallet:a") == Money(995)


def test_a_used_key_does_not_abort_its_neighbours(books):
    books(a=1000)
    (first,) = raw_post([("wallet:a", -5), ("suspense", 5)], keys=["k1"])
    legs = [("wallet:a", -5), ("suspense", 5), ("wallet:a", -7), ("suspense", 7)] * 2
    places = [1, 1, 2, 2, 3, 3, 4, 4]
    again = raw_post(legs, keys=["k1", "k2", "k2", "k3"], journals=places)
    assert again[0] == first
    # k2 asks for 7 and then for 5: whichever came first is booked, the other is refused.
    assert sorted(nr is None for nr in again) == [False, False, False, True]
    assert queries.balance("suspense").minor in (5 + 7 + 7, 5 + 5 + 7)


def test_python_turns_a_reused_key_into_a_refusal(books, call):
    books(a=1000)
    raw_post([("wallet:a", -5), ("suspense", 5)], keys=["k"])
    with pytest.raises(Refusal) as caught:
        writers.post_batch(["k"], [transfer("wallet:a", "suspense", 6)], call())
    assert (caught.value.code, caught.value.facts) == ("ledger.key-reused", {"key": "k"})


def test_an_operation_asked_twice_posts_once(books, call):
    books(a=1000)
    asked = call(key="same")
    first = act(lambda c: post([transfer("wallet:a", "suspense", 5)], c), asked)
    assert act(lambda c: post([transfer("wallet:a", "suspense", 5)], c), asked) == first
    assert queries.balance("suspense") == Money(5)
    laws_hold()


def test_a_journal_is_reversed_once_and_a_reversal_never(books, call):
    books(a=1000)
    (number,) = act(lambda c: post([transfer("wallet:a", "suspense", 5)], c), call())
    (back,) = act(lambda c: reverse(number, "mistake", c), call())
    assert queries.balance("wallet:a") == Money(1000)
    assert queries.get_journal(number).reversed_by == back
    assert queries.get_journal(back).reverses == number
    assert refused(lambda c: reverse(number, "again", c), call()).code == "ledger.already-reversed"
    assert refused(lambda c: reverse(back, "back", c), call()).code == "ledger.reversal-of-reversal"
    assert refused(lambda c: reverse(10**9, "none", c), call()).code == "ledger.unknown-journal"
    laws_hold()


def test_a_reversal_of_spent_money_is_refused(books, call):
    books(a=0, b=0)
    top_up = transfer("custodian-cash", "wallet:a", 10)
    (number,) = act(lambda c: post([top_up], c), call())
    act(lambda c: post([transfer("wallet:a", "wallet:b", 10)], c), call())
    no = refused(lambda c: reverse(number, "bounced", c), call())
    assert (no.code, no.facts["account"]) == ("ledger.insufficient-funds", "wallet:a")


def test_codes_outside_the_chart_open_no_account(call):
    for code in ("", "wallet", "wallet:", "purse:1", "custodian-cash:2"):
        no = refused(lambda c, code=code: open_accounts([code], c), call())
        assert (no.code, no.facts) == ("ledger.unknown-family", {"account": code})


def test_opening_an_account_again_changes_nothing_and_another_kind_is_refused(books, call):
    books(a=7)
    assert act(lambda c: open_accounts(["wallet:a", "wallet:b", "wallet:b"], c), call()) == (1,)
    assert queries.balance("wallet:a") == Money(7)
    line = ("wallet:a", "liability", "CNY", -5, False, "plain")
    no = refused(lambda c: writers.open_accounts([line], c), call())
    assert (no.code, no.facts) == ("ledger.account-differs", {"account": "wallet:a"})


def test_platform_accounts_are_numbered_above_all_others(books):
    books(a=7)
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id >= 2^62 FROM ledger_account")
        assert dict(cursor.fetchall()) == {
            "custodian-cash": True, "suspense": True, "wallet:a": False,
        }  # fmt: skip


def test_debits_and_credits_read_as_their_owner_sees_them(books, call):
    books(a=1000)
    legs = (debit("wallet:a", Money(300)), credit("suspense", Money(100)),
            credit("custodian-cash", Money(200)))  # fmt: skip
    act(lambda c: post([Journal("split", "d", ON, legs)], c), call())
    assert queries.balance("custodian-cash") == Money(-800)


def test_a_queryset_of_rows_cannot_be_written(books):
    books(a=1000)
    with pytest.raises(ProgrammingError, match="permission denied"):
        JournalRow.objects.update(kind="other")


@pytest.mark.parametrize(
    "text", ['"', "\\", '\\"', '","', "{}", "{a,b}", "NULL", "", " ", "\n\t", "甲，乙"]
)
def test_any_text_of_a_journal_is_kept_as_it_is(books, call, text):
    books(a=1000)
    journal = Journal(text, text, ON, transfer("wallet:a", "suspense", 5).legs)
    numbers = act(lambda c: post([journal, journal], c), call())
    for number in numbers:
        told = queries.get_journal(number)
        assert (told.kind, told.document) == (text, text)


def test_a_text_with_nul_books_nothing(books, call):
    books(a=1000)
    journal = Journal("t", "a\x00b", ON, transfer("wallet:a", "suspense", 5).legs)
    with pytest.raises(DataError), transaction.atomic():
        writers.post_batch(["k"], [journal], call())
    assert JournalRow.objects.count() == 1
