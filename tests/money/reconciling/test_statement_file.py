"""A statement file is read whole, or refused with the exact reason."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.money.payments.operations.reconciling.statement_file import (
    Damaged,
    read_statement,
    standings,
)
from tests.makers.statements import DAY, Moved, written

LINES = [
    Moved("S0000001", 10_000, "PO1", "top_up", account_no="A-1", memo="充值, 含逗号"),
    Moved("S0000002", -2_550, "PO2", "withdrawal", name='张"三"'),
    Moved("S0000003", 99_999),
]
WHOLE = written(LINES, opening=500)


def reason(content, day=DAY):
    with pytest.raises(Damaged) as refused:
        read_statement(content, day)
    return refused.value.reason


def bent(place, value):
    rows = [line.row() for line in LINES]
    rows[1][place] = value
    return written(LINES, rows=rows)


def test_a_whole_file_is_read_as_it_stands():
    read = read_statement(WHOLE, DAY)
    assert [line.serial for line in read.lines] == ["S0000001", "S0000002", "S0000003"]
    assert [line.is_credit for line in read.lines] == [True, False, True]
    assert read.lines[0].memo == "充值, 含逗号"
    assert read.lines[1].counterparty == '张"三"'
    assert (read.total_in, read.total_out) == (Money(109_999), Money(2_550))
    assert (read.opening, read.closing) == (Money(500), Money(107_949))


def test_a_day_without_movements_is_a_statement_too():
    assert read_statement(written([], opening=7), DAY).lines == ()


@given(st.integers(0, len(WHOLE) - 2))
def test_a_file_cut_anywhere_is_refused(at):
    assert reason(WHOLE[:at]) in {"cut", "hash", "header", "encoding"}


@given(st.integers(0, len(WHOLE) - 2), st.integers(1, 255))
def test_no_byte_changes_unnoticed(at, by):
    changed = bytearray(WHOLE)
    changed[at] = (changed[at] + by) % 256
    assert reason(bytes(changed))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "header"),
        (b"<html>502</html>", "header"),
        (WHOLE.replace(b"serial", b"number"), "header"),
        (WHOLE.replace(b"\n", b"\r\n"), "encoding"),
        ("序号".encode("gb18030") + WHOLE, "encoding"),
        (WHOLE + WHOLE, "hash"),
        (written(LINES, trailer={1: (DAY - timedelta(days=1)).isoformat()}), "date"),
        (written(LINES, trailer={1: "yesterday"}), "date"),
        (written(LINES, trailer={2: "2"}), "count"),
        (written(LINES, trailer={2: "-3"}), "count"),
        (written(LINES, trailer={3: "1.00"}), "total"),
        (written(LINES, trailer={4: "25.51"}), "total"),
        (written(LINES, trailer={6: "1e3"}), "amount"),
        (written(LINES, trailer={6: ""}), "amount"),
        (bent(0, "S 2"), "serial"),
        (bent(0, ""), "serial"),
        (bent(1, "PO2; DROP"), "line"),
        (bent(2, "WITHDRAWAL"), "line"),
        (bent(3, "sideways"), "direction"),
        (bent(5, "USD"), "currency"),
        (bent(5, ""), "currency"),
        (bent(6, "2026-02-30"), "line"),
        (bent(6, "05/01/2026"), "line"),
        (bent(8, "王\x07明"), "line"),
        (written(LINES, rows=[LINES[0].row(), LINES[1].row()[:9], LINES[2].row()]), "line"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(content, why):
    assert reason(content) == why


@pytest.mark.parametrize(
    "amount",
    *[["-1.00", "0", "0.00", "0.001", "1e3", "NaN", "25.5", "25,50", "２５.５０", "+25.50", ""]],
)
def test_an_unreadable_amount_refuses_the_file(amount):
    assert reason(bent(4, amount)) == "amount"


def test_an_amount_beyond_what_an_account_counts_refuses_the_file():
    assert reason(bent(4, "99999999999999.99")) == "amount"


def test_a_serial_counts_once_and_a_line_of_another_day_stands_apart():
    first = read_statement(
        written([*LINES, LINES[1], Moved("S0000009", 5, day=DAY - timedelta(days=1))]), DAY
    )
    judged = [how for _, how in standings(first.lines, DAY, {"S0000003"})]
    assert judged == ["taken", "taken", "repeated", "repeated", "other_day"]
