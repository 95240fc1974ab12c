"""What each column of a table is: a number, a word, a day, a serial number, or nothing at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from rongqiao.risk.scorecards.table import Columns, Numbers, Values, is_words
from rongqiao.risk.scorecards.training.intake.cells import (
    day,
    days_of,
    is_missing,
    number,
    numbers_of,
    plain_text,
    puts_day_first,
    words_of,
    writes_commas,
)
from rongqiao.risk.scorecards.training.intake.reading import Block, Layout

# A column is of a kind where at least this share of its distinct texts reads as it.
SHARE_NEEDED = 0.95
# Where this share starts with a nought (postcodes, branch codes), figures are codes.
SHARE_CODED = 0.01
# What a column is, is told from so many of its distinct texts.
SAMPLE = 2000
# Words with more distinct values than this in more than half of the rows are free text.
MOST_WORDS = 50
# Serial numbers: nearly every row its own value, in a table long enough to tell.
SERIAL_SHARE, SERIAL_ROWS = 0.995, 200
# Other words keep the commonest levels; rarer ones are one level, so that no bin rests on a few.
MOST_LEVELS, LEAST_ROWS, LEAST_SHARE = 60, 30, 0.002
RARE = "(其他 other)"
_LEADING_NOUGHT = re.compile(r"0\d+", re.ASCII)


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    WORD = "word"
    DATE = "date"
    SERIAL = "serial"
    TEXT = "text"
    CONSTANT = "constant"
    EMPTY = "empty"


USABLE = (Kind.NUMBER, Kind.WORD)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column as it is read: kept with the model, so that a later file is read alike.

    `comma`: decimals after a comma. `day_first`: 31/01/2026. `levels`: the words that are told
    apart, empty for all. `strange`: cells that read as neither value nor mark, taken as missing.
    """

    name: str
    kind: Kind
    comma: bool = False
    day_first: bool = False
    levels: tuple[str, ...] = ()
    distinct: int = 0
    missing: int = 0
    strange: int = 0

    def plain(self) -> dict[str, Any]:
        """Return the field as JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Field:
        """Return a field from its JSON values."""
        kept = dict(said)
        return cls(**kept | {"kind": Kind(kept["kind"]), "levels": tuple(kept["levels"])})


def fields_of(layout: Layout, block: Block) -> tuple[Field, ...]:
    """Return what each column holds, in the file's order."""
    comma = _commas_of_file(layout, block)
    return tuple(
        _field(name, texts, comma_of_file=comma)
        for name, texts in zip(layout.names, block.columns, strict=True)
    )


def column_of(field: Field, texts: Sequence[str]) -> Values:
    """Return a column's texts as the field says: numbers, words, or days since 1970 for dates."""
    if field.kind is Kind.DATE:
        return days_of(texts, day_first=field.day_first)
    if field.kind is Kind.WORD:
        return _levelled(words_of(texts), field.levels)
    return numbers_of(texts, comma=field.comma)[0]


def columns_of(fields: Sequence[Field], layout: Layout, block: Block) -> dict[str, Values]:
    """Return the columns of the fields that the block holds."""
    at = {name: position for position, name in enumerate(layout.names)}
    return {field.name: column_of(field, block.columns[at[field.name]]) for field in fields}


def of_kind(fields: Sequence[Field], *kinds: Kind) -> tuple[Field, ...]:
    """Return the fields of these kinds, in their order."""
    return tuple(field for field in fields if field.kind in kinds)


def ordered(columns: Columns) -> dict[str, Numbers]:
    """Return every column as numbers, words numbered by their order; NaN stays missing."""
    found: dict[str, Numbers] = {}
    for name, values in columns.items():
        if not is_words(values):
            found[name] = values
            continue
        known = {word: float(i) for i, word in enumerate(sorted({w for w in values if w}))}
        found[name] = np.array([known.get(word, np.nan) for word in values], np.float64)
    return found


def _field(name: str, texts: Sequence[str], *, comma_of_file: bool | None) -> Field:
    spelled = Counter(texts)
    missing = sum(count for text, count in spelled.items() if is_missing(text))
    distinct = {plain_text(text) for text in spelled if not is_missing(text)}
    if len(distinct) < 2:
        kind = Kind.CONSTANT if distinct else Kind.EMPTY
        return Field(name=name, kind=kind, distinct=len(distinct), missing=missing)
    sample = _sample(distinct)
    day_first = puts_day_first(sample)
    if _share(sample, lambda text: day(text, day_first=day_first) is not None) >= SHARE_NEEDED:
        return Field(
            name=name, kind=Kind.DATE, day_first=day_first, distinct=len(distinct), missing=missing
        )
    told = writes_commas(sample)
    comma = bool(comma_of_file) if told is None else told
    spoken = [text for text in sample if not is_missing(text, among_numbers=True)]
    coded = _share(spoken, lambda text: _LEADING_NOUGHT.fullmatch(text) is not None)
    is_number = _share(spoken, lambda text: number(text, comma=comma) is not None)
    if spoken and coded < SHARE_CODED and is_number >= SHARE_NEEDED:
        return _number_field(name, texts, comma=comma)
    return _word_field(name, texts, distinct, missing)


def _sample(distinct: set[str]) -> list[str]:
    """Return at most SAMPLE of the texts, spread over their order."""
    ordered_texts = sorted(distinct)
    step = -(-len(ordered_texts) // SAMPLE)
    return ordered_texts[::step]


def _number_field(name: str, texts: Sequence[str], *, comma: bool) -> Field:
    values, strange = numbers_of(texts, comma=comma)
    here = values[~np.isnan(values)]
    distinct = np.unique(here)
    kind = Kind.NUMBER
    if len(distinct) < 2:
        kind = Kind.CONSTANT if len(distinct) else Kind.EMPTY
    elif _is_serial(here, distinct):
        kind = Kind.SERIAL
    return Field(
        name=name,
        kind=kind,
        comma=comma,
        distinct=len(distinct),
        missing=len(texts) - len(here),
        strange=strange,
    )


def _is_serial(values: Numbers, distinct: Numbers) -> bool:
    """Tell whether numbers only count the rows: whole, all different, and of one length or in turn.

    A serial number is written with as many digits in every row, rises from row to row, or leaves
    no gaps; an amount that happens to be different in every row does none of these.
    """
    if len(values) < SERIAL_ROWS or len(distinct) < SERIAL_SHARE * len(values):
        return False
    if not np.all(values == np.floor(values)):
        return False
    digits = np.floor(np.log10(np.maximum(np.abs(distinct), 1)))
    one_length = digits[0] >= 5 and np.mean(digits == np.median(digits)) >= SERIAL_SHARE
    steps = np.diff(values)
    in_turn = bool(np.all(steps > 0) or np.all(steps < 0))
    without_gaps = float(np.ptp(distinct)) <= 1.05 * len(values)
    return bool(one_length or in_turn or without_gaps)


def _word_field(name: str, texts: Sequence[str], distinct: set[str], missing: int) -> Field:
    found = Field(name=name, kind=Kind.WORD, distinct=len(distinct), missing=missing)
    rows = len(texts) - missing
    if len(distinct) > MOST_WORDS and len(distinct) > 0.5 * rows:
        is_serial = len(distinct) >= SERIAL_SHARE * rows
        return Field(
            name=name,
            kind=Kind.SERIAL if is_serial else Kind.TEXT,
            distinct=len(distinct),
            missing=missing,
        )
    if len(distinct) <= MOST_LEVELS:
        return found
    counts = Counter(word for word in words_of(texts) if word is not None)
    least = max(LEAST_ROWS, LEAST_SHARE * rows)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[:MOST_LEVELS]
    kept = tuple(word for word in ranked if counts[word] >= least)
    return Field(name=name, kind=Kind.WORD, levels=kept, distinct=len(distinct), missing=missing)


def _levelled(words: Values, levels: tuple[str, ...]) -> Values:
    if not levels:
        return words
    known: dict[str | None, str | None] = {level: level for level in levels}
    known[None] = None
    column = np.empty(len(words), object)
    column[:] = [known.get(word, RARE) for word in words]
    return column


def _commas_of_file(layout: Layout, block: Block) -> bool | None:
    """Tell whether the file's numbers write decimals after a comma, by the columns that show it."""
    votes = [writes_commas(_sample(set(column[:SAMPLE]))) for column in block.columns]
    if layout.delimiter == "," and not any(votes):
        return None
    return votes.count(True) > votes.count(False)


def _share(texts: Sequence[str], is_so: Any) -> float:
    return sum(1 for text in texts if is_so(text)) / max(len(texts), 1)
