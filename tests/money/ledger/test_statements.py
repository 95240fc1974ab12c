"""A statement of any period and any filter: its balances follow from its lines."""

import random
from datetime import date, timedelta

import pytest

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.queries import statements
from rongqiao.money.ledger.queries.books import UnknownAccount, account_state
from rongqiao.money.ledger.queries.statements import Wanted
from tests.money.ledger.conftest import act

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 5)
KINDS = ("receipt", "loan-repayment", "withdrawal")


@pytest.fixture
def told(books, call):
    """Sixty movements on dates out of order; returns (date, kind, document, fen) as booked."""
    books(a=1_000_000)
    draw = random.Random(5)
    made = [(FIRST, "transfer", "test", 1_000_000)]
    journals = []
    for number in range(60):
        on = FIRST + timedelta(days=draw.randrange(20))
        kind, amount = draw.choice(KINDS), draw.randrange(1, 9_000)
        document, out = f"PO{number:04d}", kind != "receipt"
        sides = ("wallet:a", "custodian-cash") if out else ("custodian-cash", "wallet:a")
        legs = (debit(sides[0], Money(amount)), credit(sides[1], Money(amount)))
        journals.append(Journal(kind, document, on, legs))
        made.append((on, kind, document, -amount if out else amount))
    act(lambda c: post(journals, c), call())
    return made


def in_order(told):
    """The reference: by value date, then as booked, with the balance after each."""
    balance, lines = 0, []
    for on, kind, document, minor in sorted(told, key=lambda one: one[0]):
        balance += minor
        lines.append((on, kind, document, minor, balance))
    return lines


def fits(line, wanted):
    on, kind, document, minor, _balance = line
    return (
        (wanted.since is None or on >= wanted.since)
        and (wanted.until is None or on <= wanted.until)
        and (not wanted.direction or (minor > 0) == (wanted.direction == "in"))
        and (not wanted.kinds or kind in wanted.kinds)
        and (
            not wanted.text or wanted.text.lower() in document.lower() or kind in wanted.text_kinds
        )
    )


WISHES = [
    Wanted(),
    Wanted(since=FIRST + timedelta(days=4)),
    Wanted(until=FIRST + timedelta(days=9)),
    Wanted(since=FIRST + timedelta(days=4), until=FIRST + timedelta(days=9)),
    Wanted(direction="in"),
    Wanted(direction="out", since=FIRST + timedelta(days=2)),
    Wanted(kinds=("withdrawal", "receipt")),
    Wanted(text="po000"),
    Wanted(text="po000", text_kinds=("withdrawal",)),
    Wanted(text="100%_"),
    Wanted(since=FIRST + timedelta(days=400)),
]


@pytest.mark.parametrize("wanted", WISHES, ids=str)
def test_lines_and_balances_are_those_of_the_reference(told, wanted):
    expected = [line for line in in_order(told) if fits(line, wanted)]
    lines = statements.list_lines("wallet:a", wanted, limit=1000)
    got = [(x.value_on, x.kind, x.document, x.amount.minor, x.balance.minor) for x in lines]
    assert got == expected[::-1]
    period = statements.get_period("wallet:a", wanted)
    before = [x[3] for x in told if wanted.since is not None and x[0] < wanted.since]
    until = [x[3] for x in told if wanted.until is None or x[0] <= wanted.until]
    assert (period.opening.minor, period.closing.minor) == (sum(before), sum(until))
    assert period.count == len(expected)
    assert period.money_in.minor == sum(line[3] for line in expected if line[3] > 0)
    assert period.money_out.minor == -sum(line[3] for line in expected if line[3] < 0)
    if not (wanted.direction or wanted.kinds or wanted.text):
        moved = period.money_in - period.money_out
        assert period.opening + moved == period.closing


def test_pages_laid_together_are_the_whole(told):
    wanted = Wanted(direction="out")
    whole = statements.list_lines("wallet:a", wanted, limit=1000)
    pages, mark = [], None
    while page := statements.list_lines("wallet:a", wanted, before=mark, limit=7):
        pages += page
        mark = page[-1].mark
    assert tuple(pages) == whole


def test_days_end_with_the_balance_of_their_last_line(told):
    since = FIRST + timedelta(days=3)
    ends = {}
    for on, _kind, _document, _minor, balance in in_order(told):
        ends[max(on, since - timedelta(days=1))] = balance
    days = statements.list_day_balances("wallet:a", since)
    assert [(day.on, day.balance.minor) for day in days] == sorted(ends.items())
    assert days[-1].balance == account_state("wallet:a").balance


def test_kinds_and_holds_are_told(told, call):
    assert statements.list_kinds("wallet:a") == (
        "loan-repayment",
        "receipt",
        "transfer",
        "withdrawal",
    )
    act(lambda c: hold("wallet:a", Money(500), "W1", c), call())
    (held,) = statements.list_open_holds("wallet:a")
    assert (held.document, held.amount) == ("W1", Money(500))


def test_an_account_that_is_not_there_is_refused(books):
    books(a=0)
    with pytest.raises(UnknownAccount):
        statements.list_lines("wallet:nobody", Wanted())
