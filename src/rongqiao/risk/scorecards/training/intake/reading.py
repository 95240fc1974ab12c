"""A table from any CSV, gzip or not: encoding, delimiter and heading are found out, not asked."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, BinaryIO, cast

from rongqiao.risk.scorecards.training.intake.cells import is_missing, number, plain_text

DELIMITERS = (",", ";", "\t", "|")
# GB 18030 holds every character of Unicode and the older GB2312 and GBK.
ENCODINGS = ("utf-8", "gb18030")
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_SAMPLE_BYTES, _SAMPLE_ROWS = 1 << 18, 300
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Few enough that a block stays in the processor's near memory.
ROWS_AT_ONCE = 8_000
# A cell of more characters than this is no field of a table of cases.
LONGEST_CELL = 1 << 20


class UnreadableTable(ValueError):
    """The file is no table that can be read; the sentence says why and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is written down. `names` are its columns in their order."""

    encoding: str
    delimiter: str
    has_heading: bool
    names: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Rows as columns of text, one a column, in the order of the layout's names.

    `ragged` counts the rows of another length than the heading: they were cut or filled.
    """

    columns: Sequence[Sequence[str]]
    rows: int
    ragged: int


def layout_of(file: BinaryIO, wanted: Sequence[str] = ()) -> Layout:
    """Return how the file is written; `wanted` are names that a heading is known to hold.

    Reads the file once from the start and leaves it there. Raises UnreadableTable.
    """
    encoding, sample = _encoding_of(file)
    file.seek(0)
    lines = sample.splitlines(keepends=True)
    if not any(line.strip() for line in lines):
        raise UnreadableTable("the file is empty; a table has a heading and rows")
    delimiter = _delimiter_of(lines)
    rows = _sample_rows(lines, delimiter)
    first = [plain_text(cell) for cell in rows[0]]
    has_heading = bool(set(wanted) & set(first)) or _is_heading(first)
    names = tuple(first) if has_heading else tuple(f"column_{i}" for i in range(1, len(first) + 1))
    return Layout(
        encoding=encoding, delimiter=delimiter, has_heading=has_heading, names=_once(names)
    )


def blocks_of(file: BinaryIO, layout: Layout, most: int = ROWS_AT_ONCE) -> Iterator[Block]:
    """Yield the rows in blocks of at most `most`, empty lines left out. Raises UnreadableTable."""
    stream = io.TextIOWrapper(_plain(file), encoding=layout.encoding, newline="")
    reader = _rows(stream, layout.delimiter)
    if layout.has_heading:
        while (heading := _taken(reader, 1)) and not any(heading[0]):
            continue
    while rows := _taken(reader, most):
        yield _block(rows, len(layout.names))
    stream.detach()


def whole(file: BinaryIO, layout: Layout) -> Block:
    """Return all rows at once. Raises UnreadableTable."""
    columns: tuple[list[str], ...] = tuple([] for _ in layout.names)
    rows = ragged = 0
    for block in blocks_of(file, layout):
        for held, more in zip(columns, block.columns, strict=True):
            held.extend(more)
        rows, ragged = rows + block.rows, ragged + block.ragged
    return Block(columns, rows, ragged)


def _taken(reader: Iterator[list[str]], most: int) -> list[list[str]]:
    try:
        return list(islice(reader, most))
    except csv.Error as problem:
        raise UnreadableTable(f"the file is no CSV: {problem}") from None
    except (OSError, EOFError) as problem:
        raise UnreadableTable(f"the file is not whole: {problem}") from None


def _block(rows: list[list[str]], width: int) -> Block:
    """Return the rows as columns; rows of another length are cut or filled, and counted."""
    ragged = 0
    if {width} != set(map(len, rows)):
        rows = [row for row in rows if len(row) > 1 or (row and row[0].strip())]
        ragged = sum(len(row) != width for row in rows)
        rows = [row if len(row) == width else (row + [""] * width)[:width] for row in rows]
    columns = tuple(zip(*rows, strict=True)) or ((),) * width
    return Block(columns, len(rows), ragged)


def _plain(file: BinaryIO) -> IO[bytes]:
    file.seek(0)
    is_packed = file.read(2) == _GZIP
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if is_packed else file


def _encoding_of(file: BinaryIO) -> tuple[str, str]:
    """Return the encoding that fits the whole file, and the text of its beginning."""
    stream = _plain(file)
    try:
        start = stream.read(_SAMPLE_BYTES)
        candidates = [name for mark, name in _MARKS if start.startswith(mark)] or list(ENCODINGS)
        decoders = {name: codecs.getincrementaldecoder(name)() for name in candidates}
        piece = start
        while piece and decoders:
            for name, decoder in list(decoders.items()):
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    del decoders[name]
            piece = stream.read(_PIECE)
    except (OSError, EOFError) as problem:
        raise UnreadableTable(f"the file is not whole: {problem}") from None
    if not decoders:
        raise UnreadableTable("the file's letters are neither UTF-8 nor GB 18030; allowed: these")
    encoding = next(iter(decoders))
    text = codecs.getincrementaldecoder(encoding)().decode(start)
    if len(start) == _SAMPLE_BYTES:
        # The last line of a sample may be cut in two.
        text = text[: text.rfind("\n") + 1] or text
    return encoding, text


def _delimiter_of(lines: list[str]) -> str:
    """Return the character that cuts most rows into as many fields as the first one."""
    best, best_of = ",", (0.0, 0)
    for one in DELIMITERS:
        rows = _sample_rows(lines, one)
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        counts = Counter(len(row) for row in rows)
        found = (round(counts[width] / len(rows), 2), width)
        if found > best_of:
            best, best_of = one, found
    return best


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


def _sample_rows(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    found = _taken(_rows(lines, delimiter), _SAMPLE_ROWS)
    return [row for row in found if len(row) > 1 or (row and row[0].strip())]


def _is_heading(first: list[str]) -> bool:
    """Tell whether a first row names columns: no two alike, no number, no gap."""
    if len(set(first)) < len(first):
        return False
    return not any(is_missing(cell) or number(cell) is not None for cell in first)


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names, each once: an empty one is numbered, a repeated one too."""
    found: list[str] = []
    for position, name in enumerate(names, 1):
        shown = name or f"column_{position}"
        while shown in found:
            shown = f"{shown}_{position}"
        found.append(shown)
    return tuple(found)
