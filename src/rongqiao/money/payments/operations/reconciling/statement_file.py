"""Read the bank's statement file of one day: every line of it, or the exact reason why not.

UTF-8 CSV with "\\n" line ends: a header, the lines, and a trailer
`trailer,<date>,<count>,<total in>,<total out>,<opening>,<closing>,<sha256>`, whose digest covers
every byte before itself. A file that fails in anything is refused whole. Pure.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from rongqiao.finance.money import MINOR_DIGITS, Money

HEADER = (
    *("serial", "order_no", "kind", "direction", "amount", "currency", "value_on"),
    *("account_no", "counterparty_name", "memo"),
)
TRAILER = "trailer"
TRAILER_FIELDS = 8
LARGEST_FILE = 64 * 2**20
LONGEST_TEXT = 200
_AMOUNT = re.compile(r"(?:0|[1-9]\d{0,12})\.\d{2}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SERIAL = re.compile(r"[A-Za-z0-9_-]{4,64}", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z0-9_-]{0,64}", re.ASCII)
_KIND = re.compile(r"[a-z_]{1,20}", re.ASCII)
_ACCOUNT = re.compile(r"[A-Za-z0-9-]{0,40}", re.ASCII)
_COUNT = re.compile(r"\d{1,8}", re.ASCII)


class Damaged(Exception):
    """The file is refused; `reason` is its code, `found` the line or value that was read."""

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(reason, found)
        self.reason = reason
        self.found = found[:120]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One movement at the bank; `position` counts lines from 1, the header left out."""

    position: int
    serial: str
    order_no: str
    kind: str
    is_credit: bool
    amount: Money
    value_on: date
    account_no: str
    counterparty: str
    memo: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A whole day: its lines, and the balances before and after them."""

    day: date
    lines: tuple[Line, ...]
    total_in: Money
    total_out: Money
    opening: Money
    closing: Money


def read_statement(content: bytes, day: date) -> Statement:
    """Return the statement of `day`; raises Damaged.

    Reasons: `size`, `encoding`, `header`, `cut` (no trailer), `hash`, `trailer`, `date`, `line`,
    `serial`, `direction`, `amount`, `currency`, `count`, `total`.
    """
    rows = _rows(content)
    if not rows or tuple(rows[0]) != HEADER:
        raise Damaged("header", ",".join(rows[0]) if rows else "")
    trailer = rows[-1]
    if trailer[0] != TRAILER or len(rows) < 2:
        raise Damaged("cut", str(len(rows) - 1))
    if len(trailer) != TRAILER_FIELDS:
        raise Damaged("cut", ",".join(trailer))
    if hashlib.sha256(_digested(content)).hexdigest() != trailer[-1]:
        raise Damaged("hash", trailer[-1])
    if trailer[1] != day.isoformat():
        raise Damaged("date", trailer[1])
    lines = tuple(_line(place, row) for place, row in enumerate(rows[1:-1], 1))
    return _summed(day, lines, trailer)


def standings(
    lines: Sequence[Line], day: date, serials_known: Collection[str]
) -> tuple[tuple[Line, str], ...]:
    """Return each line with `taken`, `repeated` (its serial was there) or `other_day`."""
    seen, judged = set(serials_known), []
    for line in lines:
        if line.value_on != day:
            judged.append((line, "other_day"))
        elif line.serial in seen:
            judged.append((line, "repeated"))
        else:
            seen.add(line.serial)
            judged.append((line, "taken"))
    return tuple(judged)


def _rows(content: bytes) -> list[list[str]]:
    if len(content) > LARGEST_FILE:
        raise Damaged("size", str(len(content)))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Damaged("encoding", str(error.start)) from None
    if "\0" in text or "\r" in text:
        raise Damaged("encoding")
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error:
        # A quotation mark that never closes: the file ends inside a field.
        raise Damaged("cut") from None


def _digested(content: bytes) -> bytes:
    return content[: content.rstrip(b"\n").rfind(b",") + 1]


def _line(position: int, row: list[str]) -> Line:
    if len(row) != len(HEADER):
        raise Damaged("line", str(position))
    serial, order_no, kind, direction, amount, currency, value_on, account_no, name, memo = row
    if not _SERIAL.fullmatch(serial):
        raise Damaged("serial", f"{position}: {serial}")
    if direction not in {"in", "out"}:
        raise Damaged("direction", f"{position}: {direction}")
    if currency not in MINOR_DIGITS:
        raise Damaged("currency", f"{position}: {currency}")
    shapes = ((_NUMBER, order_no), (_KIND, kind), (_ACCOUNT, account_no))
    if not all(form.fullmatch(value) for form, value in shapes):
        raise Damaged("line", str(position))
    if any(len(text) > LONGEST_TEXT or not text.isprintable() for text in (name, memo)):
        raise Damaged("line", str(position))
    money = _amount(amount, f"{position}: {amount}")
    if not money:
        raise Damaged("amount", f"{position}: {amount}")
    return Line(
        position=position,
        serial=serial,
        order_no=order_no,
        kind=kind,
        is_credit=direction == "in",
        amount=money,
        value_on=_day(value_on, f"{position}: {value_on}"),
        account_no=account_no,
        counterparty=name,
        memo=memo,
    )


def _summed(day: date, lines: tuple[Line, ...], trailer: list[str]) -> Statement:
    count, told_in, told_out, opening, closing = trailer[2:7]
    if not _COUNT.fullmatch(count) or int(count) != len(lines):
        raise Damaged("count", f"{count} / {len(lines)}")
    sums = {True: 0, False: 0}
    for line in lines:
        sums[line.is_credit] += line.amount.minor
    for told, summed in ((told_in, sums[True]), (told_out, sums[False])):
        if _amount(told, told).minor != summed:
            raise Damaged("total", f"{told} / {Money(summed).text()}")
    return Statement(
        day=day,
        lines=lines,
        total_in=Money(sums[True]),
        total_out=Money(sums[False]),
        opening=_amount(opening.removeprefix("-"), opening, is_below=opening.startswith("-")),
        closing=_amount(closing.removeprefix("-"), closing, is_below=closing.startswith("-")),
    )


def _amount(text: str, found: str, *, is_below: bool = False) -> Money:
    if not _AMOUNT.fullmatch(text):
        raise Damaged("amount", found)
    money = Money.yuan(text)
    return -money if is_below else money


def _day(text: str, found: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Damaged("line", found)
