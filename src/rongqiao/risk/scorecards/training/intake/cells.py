"""What the text of a cell says: a number in any of the usual spellings, a day, or nothing."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from rongqiao.risk.scorecards.table import Numbers

# Marks that say "no value" in a column of any kind.
MISSING = frozenset({"", "na", "n/a", "#n/a", "#na", "nan", "null", "\\n", "?", "缺失", "空值"})
# Words that are a value of their own among words, and say "no value" only among numbers.
MISSING_AMONG_NUMBERS = MISSING | {
    "-",
    "--",
    "—",
    ".",
    "none",
    "nil",
    "missing",
    "unknown",
    "无",
    "未知",
    "#div/0!",
    "#value!",
}
_CURRENCY = re.compile(
    r"^(?:rmb|cny|usd|eur|¥|\$|€|£)\s*|\s*(?:元|rmb|cny|usd|eur|€)$", re.IGNORECASE
)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+", re.ASCII)
_POINT_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+", re.ASCII)
# A comma that can only stand before decimals: not three digits after it, or four before it.
_SURELY_COMMA = re.compile(
    r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+|0\d*,\d+|\d{1,3}(?:\.\d{3})+,\d+)%?", re.ASCII
)
_SURELY_POINT = re.compile(r"[+-]?\d*\.(?:\d{1,2}|\d{4,})|[+-]?\d{1,3}(?:,\d{3})+\.\d*", re.ASCII)
_SCALES = (("%", 0.01), ("‰", 0.001), ("万", 10_000.0), ("亿", 100_000_000.0))
_NEGATIVE = re.compile(r"\(([^()-]+)\)")
# Written so by spreadsheets: thousands set apart by a thin, hard or plain space, or by an
# apostrophe.
_GAPS = re.compile(r"(?<=\d)['’\u00a0\u202f\u2009 ](?=\d{3}(?!\d))")

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_YMD = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_YM = re.compile(r"(\d{4})[-/.年](\d{1,2})月?", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_TWO_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[- ]([a-z]{3})[a-z]*[- ,]+(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)
_NAMED_MONTH = re.compile(r"([a-z]{3})[a-z]*[- ,]+(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
# Two-digit years as POSIX reads them (strptime %y): 69 to 99 are of the last century.
_PIVOT = 69


def plain_text(text: str) -> str:
    """Return the text without outer spaces, full-width letters and digits made half-width."""
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def is_missing(text: str, *, among_numbers: bool = False) -> bool:
    """Tell whether a cell's text says that there is no value."""
    return text.strip().lower() in (MISSING_AMONG_NUMBERS if among_numbers else MISSING)


def number(text: str, *, comma: bool = False) -> float | None:
    """Return what a text says as a number; None where it is none. Percent becomes a fraction.

    `comma`: the decimals stand after a comma, thousands after points. Knows currency marks, 万 and
    亿, brackets for negative amounts, spaces and apostrophes between thousands.
    """
    text, scale = _bare(plain_text(text))
    if comma:
        if _COMMA_DECIMAL.fullmatch(text) or _POINT_THOUSANDS.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        elif not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
            return None
    elif _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        return None
    # 25 % is .25 and not .25000000000000006: the scale is divided out where it is below one.
    value = float(text)
    value = value * scale if abs(scale) >= 1 else value / round(1 / scale)
    return value if math.isfinite(value) else None


def _bare(text: str) -> tuple[str, float]:
    """Return a number's digits and marks alone, and what its unit and brackets multiply it by."""
    scale = 1.0
    if found := _NEGATIVE.fullmatch(text):
        text, scale = found[1].strip(), -1.0
    # A mark may stand on either side, and on both: ¥5元.
    text = _CURRENCY.sub("", _CURRENCY.sub("", text).strip()).strip()
    for mark, factor in _SCALES:
        if text.endswith(mark):
            text, scale = text[: -len(mark)].strip(), scale * factor
    return _GAPS.sub("", text), scale


def writes_commas(texts: Iterable[str]) -> bool | None:
    """Tell whether a column's decimals stand after a comma; None where nothing shows it."""
    commas = points = 0
    for raw in texts:
        text = _GAPS.sub("", _CURRENCY.sub("", plain_text(raw)).rstrip("%‰ "))
        commas += _SURELY_COMMA.fullmatch(text) is not None
        points += _SURELY_POINT.fullmatch(text) is not None
    if commas == points:
        return None
    return commas > points


def numbers_of(texts: Sequence[str], *, comma: bool = False) -> tuple[Numbers, int]:
    """Return a column as numbers (NaN: none), and how many cells were neither number nor mark."""
    if not comma:
        try:
            found = np.array([float(text or "nan") for text in texts], np.float64)
        except ValueError:
            pass
        else:
            found[~np.isfinite(found)] = np.nan
            return found, 0
    known: dict[str, float] = {}
    strange: set[str] = set()
    for text in set(texts):
        value = None if is_missing(text, among_numbers=True) else number(text, comma=comma)
        if value is None and not is_missing(text, among_numbers=True):
            strange.add(text)
        known[text] = math.nan if value is None else value
    count = sum(text in strange for text in texts) if strange else 0
    return np.array([known[text] for text in texts], np.float64), count


def words_of(texts: Sequence[str]) -> np.ndarray:
    """Return a column as words: outer spaces gone, None where a mark says there is no value."""
    known = {text: None if is_missing(text) else plain_text(text) for text in set(texts)}
    column = np.empty(len(texts), object)
    column[:] = [known[text] for text in texts]
    return column


def day(text: str, *, day_first: bool = False) -> date | None:
    """Return the day that a text says, the first of its month where only a month is told."""
    text = _TIME.sub("", plain_text(text))
    try:
        return _day(text, day_first=day_first)
    except ValueError:
        return None


def _day(text: str, *, day_first: bool) -> date | None:
    if found := _YMD.fullmatch(text) or _COMPACT.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _YM.fullmatch(text):
        return date(int(found[1]), int(found[2]), 1)
    if found := _TWO_FIRST.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        month, of_month = (second, first) if day_first else (first, second)
        return date(_year(found[3]), month, of_month)
    if found := _NAMED.fullmatch(text):
        return date(_year(found[3]), MONTHS.get(found[2].lower(), 0), int(found[1]))
    if found := _NAMED_MONTH.fullmatch(text):
        return date(_year(found[2]), MONTHS.get(found[1].lower(), 0), 1)
    return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def puts_day_first(texts: Iterable[str]) -> bool:
    """Tell whether dates such as 31/01/2026 put the day before the month."""
    for text in texts:
        found = _TWO_FIRST.fullmatch(_TIME.sub("", plain_text(text)))
        if found and int(found[1]) > 12:
            return True
    return False


def days_of(texts: Sequence[str], *, day_first: bool = False) -> Numbers:
    """Return a column of dates as days since 1970-01-01; NaN where there is none."""
    start = date(1970, 1, 1)
    known: dict[str, float] = {}
    for text in set(texts):
        found = day(text, day_first=day_first)
        known[text] = math.nan if found is None else float((found - start).days)
    return np.array([known[text] for text in texts], np.float64)


def day_text(days: float) -> str:
    """Return the ISO text of days since 1970-01-01."""
    return (date(1970, 1, 1) + timedelta(days=int(days))).isoformat()
