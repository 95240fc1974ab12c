"""The daily statement: every movement of the day, sums that agree, and planted mistakes."""

import csv
import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import NotReady
from tests.sandboxes.customers import order

DAY = date(2026, 1, 5)
EVENING = datetime(2026, 1, 5, 16, 0, tzinfo=UTC)  # 24:00 in China.


class Read:
    """A statement file, read."""

    def __init__(self, content):
        self.content = content
        *lines, trailer = content.decode().splitlines()
        self.lines = list(csv.DictReader(lines))
        names = ("mark", "date", "count", "total_in", "total_out", "opening", "closing", "sha256")
        self.trailer = dict(zip(names, trailer.split(","), strict=True))

    def total(self, direction):
        amounts = [one["amount"] for one in self.lines if one["direction"] == direction]
        return sum(Money.yuan(amount).minor for amount in amounts)

    def figure(self, name):
        return Money.yuan(self.trailer[name]).minor

    def is_whole(self):
        body = self.content[: -len(self.trailer["sha256"]) - 1]
        return (
            self.trailer["mark"] == "trailer"
            and hashlib.sha256(body).hexdigest() == self.trailer["sha256"]
            and int(self.trailer["count"]) == len(self.lines)
            and [self.total("in"), self.total("out")]
            == [self.figure("total_in"), self.figure("total_out")]
        )

    def agrees(self):
        moved = self.total("in") - self.total("out")
        return self.figure("opening") + moved == self.figure("closing")


@pytest.fixture
def busy_day(bank, gateway, card):
    """A day of orders that succeed, fail and come back, a foreign credit; the day is over."""
    bank.faults(fail_rate=0.2, return_rate=0.3, return_after_ms=0, seed=5)
    for number in range(20):
        gateway.send_order(order(f"IN-{number}", "top_up", f"{number + 50}.05", **card))
    bank.settle()
    for number in range(20):
        gateway.send_order(order(f"OUT-{number}", "withdrawal", f"{number + 1}.01", **card))
    bank.settle()
    bank.credit('李四 "老板"', "88.00", "货款, 尾款")
    bank.clock(EVENING)


def test_the_sums_of_a_statement_agree_with_the_orders(bank, gateway, busy_day):
    read = Read(gateway.fetch_statement(DAY))
    assert read.is_whole()
    assert read.agrees()
    assert read.figure("closing") == gateway.balance().minor
    states = {}
    for prefix in ("IN", "OUT"):
        for number in range(20):
            found = gateway.find_order(f"{prefix}-{number}")
            states[found.order_no] = found
    lines = Counter(one["order_no"] for one in read.lines)
    expected = {"failed": 0, "succeeded": 1, "returned": 2}
    assert {found.state for found in states.values()} == set(expected)
    assert all(lines[number] == expected[found.state] for number, found in states.items())
    serials = {one["serial"] for one in read.lines}
    assert len(serials) == len(read.lines)
    for one in read.lines:
        if one["kind"] == "return":
            assert one["serial"] == states[one["order_no"]].return_serial
        elif one["order_no"]:
            found = states[one["order_no"]]
            assert (one["serial"], one["amount"]) == (found.bank_serial, found.amount.text())
    (foreign,) = (one for one in read.lines if one["kind"] == "credit")
    assert (foreign["counterparty_name"], foreign["memo"]) == ('李四 "老板"', "货款, 尾款")
    assert (foreign["order_no"], foreign["direction"], foreign["amount"]) == ("", "in", "88.00")


def test_a_days_file_is_ready_at_24_00_in_china_and_stays_the_same(bank, gateway, signed):
    bank.credit("李四", "1.00")
    bank.clock(EVENING - timedelta(seconds=1))
    with pytest.raises(NotReady):
        gateway.fetch_statement(DAY)
    assert Read(signed("GET", f"/v1/statements/{DAY}?preview=1").content).agrees()
    bank.clock(EVENING)
    content = gateway.fetch_statement(DAY)
    bank.credit("王五", "2.00")
    bank.kill()
    bank.restart()
    assert gateway.fetch_statement(DAY) == content


def test_a_day_opens_with_what_the_day_before_closed_with(bank, gateway, busy_day):
    bank.credit("李四", "0.01")
    bank.clock(EVENING + timedelta(days=2))
    first, second, third = (
        Read(gateway.fetch_statement(DAY + timedelta(days=days))) for days in range(3)
    )
    assert (len(second.lines), len(third.lines)) == (1, 0)
    assert first.figure("closing") == second.figure("opening")
    assert second.figure("closing") == third.figure("opening") == third.figure("closing")


def test_the_last_second_of_a_day_belongs_to_it(bank, gateway):
    bank.clock(EVENING - timedelta(seconds=1))
    bank.credit("李四", "1.00")
    bank.clock(EVENING)
    bank.credit("李四", "2.00")
    assert [one["amount"] for one in Read(gateway.fetch_statement(DAY)).lines] == ["1.00"]


def test_a_file_cut_in_the_middle_has_no_trailer(bank, gateway, busy_day):
    whole = gateway.fetch_statement(DAY)
    bank.statement_fault(DAY, "cut")
    content = gateway.fetch_statement(DAY)
    assert whole.startswith(content)
    assert b"trailer" not in content


@pytest.mark.parametrize("kind", ["duplicate", "yesterday", "wrong_amount", "missing", "extra"])
def test_a_planted_mistake_is_in_the_file_alone(bank, gateway, busy_day, kind):
    true = Read(gateway.fetch_statement(DAY))
    balance = gateway.balance()
    bank.statement_fault(DAY, kind)
    wrong = Read(gateway.fetch_statement(DAY))
    assert wrong.is_whole()
    assert wrong.agrees() is (kind == "yesterday")
    assert len(wrong.lines) - len(true.lines) == {"duplicate": 1, "extra": 1, "missing": -1}.get(
        kind, 0
    )
    assert [wrong.figure(name) for name in ("opening", "closing")] == [
        true.figure(name) for name in ("opening", "closing")
    ]
    assert Read(gateway.fetch_statement(DAY)).content == wrong.content
    days = Counter(one["value_on"] for one in wrong.lines)
    assert days["2026-01-04"] == int(kind == "yesterday")
    assert gateway.balance() == balance
    bank.statement_fault(DAY, "none")
    assert gateway.fetch_statement(DAY) == true.content


def test_a_fee_is_really_taken(bank, gateway, busy_day):
    before = gateway.balance()
    bank.statement_fault(DAY, "fee")
    read = Read(gateway.fetch_statement(DAY))
    (fee,) = (one for one in read.lines if one["kind"] == "fee")
    assert (fee["direction"], fee["amount"], fee["order_no"]) == ("out", "5.00", "")
    assert read.agrees()
    assert gateway.balance() == before - Money.yuan("5.00")


def test_there_is_no_fee_from_nothing(bank, gateway):
    answer = bank.client.post(
        bank.url + "/sandbox/statement-faults", json={"date": "2026-01-05", "kind": "fee"}
    )
    assert answer.json()["code"] == "insufficient-pool"


@pytest.mark.parametrize("day", ["2026-02-30", "20260105", "today", ""])
def test_a_date_that_is_none_is_refused(bank, day):
    answer = bank.client.post(
        bank.url + "/sandbox/statement-faults", json={"date": day, "kind": "cut"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "date")


def test_a_credit_is_booked_once_for_a_serial(bank, gateway):
    assert bank.credit("李四", "5.00", serial="S-1") == bank.credit("李四", "5.00", serial="S-1")
    answer = bank.client.post(
        bank.url + "/sandbox/credits",
        json={"from_name": "李四", "amount": "6.00", "serial": "S-1"},
    )
    assert answer.status_code == 409
    assert gateway.balance() == Money.yuan("5.00")
