"""Random days with differences planted in them: each is found, as what it is, and nothing else.

The bank and the platform live through three days side by side. Hypothesis decides what each did,
and what went wrong between them; the oracle is the list of what was planted.
"""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import balances, check_balances, check_journals
from rongqiao.money.payments.models.reconciling import Break, LineMatch, StatementLine
from rongqiao.money.payments.queries.custody import check_custody, compare_pool
from rongqiao.platform.clock import running_on
from tests.makers.statements import DAY, BankBook, compare, make_order, reconcile

DAYS = [DAY + timedelta(days=place) for place in range(3)]
# What may happen to one movement, and the breaks that must come of it.
EVENTS = {
    "agreed": (),
    "settled-by-statement": (),
    "in-transit": (),
    "missing-at-bank": ("missing-at-bank",),
    "amount-differs": ("amount-differs",),
    "amount-differs-unbooked": ("amount-differs",),
    "bank-says-paid": ("bank-says-paid",),
    "unknown-credit": ("unknown-credit",),
    "unknown-order-out": ("unknown-order",),
    "unknown-order-in": ("unknown-order",),
    "paid-twice": ("unknown-order",),
    "fee": ("bank-fee",),
    "returned": (),
    "doubled-line": ("duplicate-line",),
    "told-again": ("wrong-day",),
}


@dataclass(frozen=True)
class Planted:
    day: int
    event: str
    minor: int
    is_in: bool


planted = st.builds(
    Planted,
    day=st.integers(0, 2),
    event=st.sampled_from(sorted(EVENTS)),
    minor=st.integers(101, 10**9),
    is_in=st.booleans(),
)


class Days:
    """Both sides of three days, and the breaks that must be found."""

    def __init__(self, call):
        self.call, self.book, self.wanted = call, BankBook(), Counter()
        self.extra = {day: [] for day in DAYS}
        # So that nothing that goes out finds too little: capital comes first.
        self.book.pay(make_order(call, self.book, "transfer_in", 10**12))

    def order(self, one, **more):
        kind = "transfer_in" if one.is_in else "transfer_out"
        return make_order(self.call, self.book, kind, one.minor, **more)

    def live(self, one):
        day = DAYS[one.day]
        getattr(self, one.event.replace("-", "_"))(one, day)
        for kind in EVENTS[one.event]:
            self.wanted[kind, day] += 1

    def agreed(self, one, day):
        return self.book.pay(self.order(one, settled_on=day), day=day)

    def settled_by_statement(self, one, day):
        self.book.pay(self.order(one, state="unknown"), day=day)

    def in_transit(self, one, day):
        self.order(one, settled_on=DAYS[-1] + timedelta(days=1))

    def missing_at_bank(self, one, day):
        self.order(one, settled_on=day)

    def amount_differs(self, one, day):
        row = self.order(one, settled_on=day)
        side = one.minor + 7 if one.is_in else -one.minor - 7
        self.book.pay(row, minor=side, day=day)

    def amount_differs_unbooked(self, one, day):
        side = one.minor - 100 if one.is_in else 100 - one.minor
        self.book.pay(self.order(one, state="sent"), minor=side, day=day)

    def bank_says_paid(self, one, day):
        self.book.pay(self.order(one, state="failed"), day=day)

    def unknown_credit(self, one, day):
        self.book.move(one.minor, day=day)

    def unknown_order_out(self, one, day):
        self.book.move(-one.minor, day=day, order_no="XX00000001", kind="withdrawal")

    def unknown_order_in(self, one, day):
        self.book.move(one.minor, day=day, order_no="XX00000002", kind="top_up")

    def paid_twice(self, one, day):
        row = self.order(one, settled_on=day)
        self.book.pay(row, day=day)
        self.book.pay(row, day=day, serial=self.book.serial())

    def fee(self, one, day):
        self.book.move(-one.minor, day=day, kind="fee")

    def returned(self, one, day):
        row = self.order(one, settled_on=day)
        line = self.book.pay(row, day=day)
        self.book.move(-line.minor, day=day, order_no=row.number, kind="return")

    def doubled_line(self, one, day):
        self.extra[day].append(self.agreed(one, day))

    def told_again(self, one, day):
        """A line of the day before stands in this day's file again."""
        before = day - timedelta(days=1)
        first = self.book.pay(self.order(one, settled_on=before), day=before)
        self.extra[day].append(first)

    def file(self, day):
        return [line for line in self.book.moved if line.day == day] + self.extra[day]


@contextmanager
def one_example():
    """Each example starts from the same empty books."""
    around = transaction.atomic()
    # An operation wants the outermost transaction, unless a test is around it.
    around._from_testcase = True
    with around:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _events_are_all_lived():
    assert all(hasattr(Days, event.replace("-", "_")) for event in EVENTS)


@pytest.mark.usefixtures("_events_are_all_lived")
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(planted, max_size=14))
def test_each_planted_difference_is_one_case_of_its_kind_and_no_other(call, clock, happened):
    with one_example(), running_on(clock):
        two_sides = Days(call)
        # The day before the first has a statement too, where lines told again come from.
        for one in happened:
            two_sides.live(one)
        before = DAYS[0] - timedelta(days=1)
        compare(call, two_sides.book, before)
        for day in DAYS:
            compare(call, two_sides.book, day, lines=two_sides.file(day))
            assert compare_pool(day).unexplained == 0
            assert check_custody().examples == ()
        found = Counter(Break.objects.values_list("kind", "day"))
        assert found == two_sides.wanted
        assert LineMatch.objects.count() == StatementLine.objects.count()
        in_suspense = balances(["suspense"]).get("suspense", Money(0))
        assert in_suspense.minor == sum(line.minor for line in _foreign(two_sides))
        rows = list(Break.objects.order_by("pk").values())
        for day in DAYS:
            reconcile(call, day)
        assert list(Break.objects.order_by("pk").values()) == rows
        assert not check_journals().broken
        assert not check_balances().broken


def _foreign(two_sides):
    """Credits that belong to nobody known: without an order, or with one that is not ours."""
    mine = set()
    for line in two_sides.book.moved:
        is_foreign = not line.order_no or line.order_no.startswith("XX")
        is_again = line.order_no in mine and line.kind != "return"
        if line.minor > 0 and (is_foreign or is_again):
            yield line
        mine.add(line.order_no)
