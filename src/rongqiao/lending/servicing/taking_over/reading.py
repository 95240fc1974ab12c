"""Bytes of a CSV file to rows of checked cells; what is wrong is noted, never guessed at.

UTF-8 with or without a mark, or GB18030, as Excel writes it in China. A cell that begins like a
formula is text like any other: it is never evaluated.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongqiao.finance.money import BadAmount, Money
from rongqiao.lending.servicing.taking_over.columns import COLUMNS, Cell, Column, File
from rongqiao.lending.servicing.taking_over.report import Faults

LARGEST_RATE_PERCENT = 100
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_RATE = re.compile(r"\d{1,3}(\.\d{1,6})?%?", re.ASCII)
_NUMBER = re.compile(r"\d{1,5}", re.ASCII)
_TEXT = re.compile(r"[^\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Line:
    """One row: where it stands, and its well-formed cells by the columns' names.

    Where not all were, it `is_sound` no more: nothing else is concluded from it.
    """

    line: int
    cells: Mapping[str, object]
    is_sound: bool = True

    def text(self, name: str) -> str:
        """Return a cell of text or a word; empty where there is none."""
        value = self.cells.get(name)
        return value if isinstance(value, str) else ""

    def fen(self, name: str) -> int:
        """Return an amount in fen; 0 where there is none."""
        value = self.cells.get(name)
        return value if isinstance(value, int) else 0

    def day(self, name: str) -> date | None:
        """Return a date, if there is one."""
        value = self.cells.get(name)
        return value if isinstance(value, date) else None

    def rate(self, name: str) -> Decimal | None:
        """Return a yearly fraction, if there is one."""
        value = self.cells.get(name)
        return value if isinstance(value, Decimal) else None


def read_lines(file: File, content: bytes, faults: Faults) -> list[Line]:
    """Return the rows; a cell that is not well-formed, or a row cut short, has its fault noted."""
    text = _decoded(file, content, faults)
    if text is None:
        return []
    is_whole = text.endswith(("\n", "\r"))
    rows = list(_rows(file, text, faults))
    if not rows:
        faults.add(file, 0, "", "", "file-empty")
        return []
    (head_line, heads), body = rows[0], rows[1:]
    places = _places(file, head_line, heads, faults)
    if places is None:
        return []
    found = []
    for at, (line, cells) in enumerate(body):
        if len(cells) != len(heads):
            is_cut = at == len(body) - 1 and not is_whole and len(cells) < len(heads)
            code = "file-cut" if is_cut else "row-length"
            faults.add(file, line, "", len(cells), code, len(heads))
            found.append(Line(line, {}, is_sound=False))
        else:
            found.append(_read(file, line, cells, places, faults))
            if at == len(body) - 1 and not is_whole and not found[-1].is_sound:
                faults.add(file, line, "", "", "file-cut")
    return found


def _decoded(file: File, content: bytes, faults: Faults) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = error
    # Damaged UTF-8 may be well-formed GB18030: other people's names would come of it.
    if not _was_utf8(content):
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as error:
            broken = error
    line = content.count(b"\n", 0, broken.start) + 1
    is_cut = broken.end >= len(content) and broken.reason == "unexpected end of data"
    faults.add(file, line, "", "", "file-cut" if is_cut else "encoding", "UTF-8, GB18030")
    return None


def _was_utf8(content: bytes) -> bool:
    """Tell whether more of what is not ASCII reads as UTF-8 than does not."""
    text = content.decode("utf-8", "replace")
    beyond = sum(not letter.isascii() for letter in text)
    return beyond > 2 * text.count("\ufffd")


def _rows(file: File, text: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not blank with the line each begins on; a broken quote ends them."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            faults.add(file, line, "", "", "quote")
            return
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]
        line = reader.line_num + 1


def _places(
    file: File, line: int, heads: Sequence[str], faults: Faults
) -> list[tuple[Column, int]] | None:
    """Return each column's place; None where the heads do not tell them."""
    before = faults.count
    columns = COLUMNS[file]
    known = {name: column for column in columns for name in (column.name, column.chinese)}
    places: dict[str, int] = {}
    for place, head in enumerate(heads):
        column = known.get(head.replace("（", "(").replace("）", ")"))
        if column is None:
            allowed = ", ".join(f"{one.name} / {one.chinese}" for one in columns)
            faults.add(file, line, head, head, "column-unknown", allowed)
        elif column.name in places:
            faults.add(file, line, column.name, head, "column-twice")
        else:
            places[column.name] = place
    for column in columns:
        if column.name not in places and not column.is_optional:
            faults.add(
                file, line, column.name, "", "column-missing", f"{column.name} / {column.chinese}"
            )
    if faults.count > before:
        return None
    return [(column, places[column.name]) for column in columns if column.name in places]


def _read(
    file: File,
    line: int,
    cells: Sequence[str],
    places: Sequence[tuple[Column, int]],
    faults: Faults,
) -> Line:
    before = faults.count
    found: dict[str, object] = {}
    for column, place in places:
        text = cells[place]
        if not text:
            if not column.is_optional:
                faults.add(file, line, column.name, "", "cell-empty", _allowed(column))
            continue
        value = _SHAPES[column.cell](text, column)
        if value is None:
            faults.add(file, line, column.name, text, f"cell-{column.cell}", _allowed(column))
        else:
            found[column.name] = value
    return Line(line, found, is_sound=faults.count == before)


def _allowed(column: Column) -> str:
    return {
        Cell.TEXT: f"1-{column.longest}",
        Cell.NUMBER: "1, 2, 3 …",
        Cell.AMOUNT: "0.00, 1234.50",
        Cell.RATE: "7.2",
        Cell.DAY: "2026-01-31",
        Cell.WORD: ", ".join(word for word, _ in column.words),
    }[column.cell]


def _text(text: str, column: Column) -> str | None:
    return text if len(text) <= column.longest and _TEXT.fullmatch(text) else None


def _number(text: str, _column: Column) -> int | None:
    return int(text) or None if _NUMBER.fullmatch(text) else None


def _amount(text: str, _column: Column) -> int | None:
    try:
        minor = Money.yuan(text).minor
    except BadAmount:
        return None
    return minor if minor >= 0 and not text.startswith("-") else None


def _rate(text: str, column: Column) -> Decimal | None:
    """Read a rate in percent; nothing at all may be asked for what is optional."""
    if not _RATE.fullmatch(text):
        return None
    percent = Decimal(text.rstrip("%"))
    is_fit = percent <= LARGEST_RATE_PERCENT and (percent > 0 or column.is_optional)
    return percent / 100 if is_fit else None


def _day(text: str, _column: Column) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _word(text: str, column: Column) -> str | None:
    return dict(column.words).get(text)


_SHAPES: dict[Cell, Callable[[str, Column], object]] = {
    Cell.TEXT: _text,
    Cell.NUMBER: _number,
    Cell.AMOUNT: _amount,
    Cell.RATE: _rate,
    Cell.DAY: _day,
    Cell.WORD: _word,
}
