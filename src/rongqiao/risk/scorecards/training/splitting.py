"""How a model is tried on cases it has not seen: later ones where a time is told, else folds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rongqiao.risk.scorecards.table import Numbers, Rows
from rongqiao.risk.scorecards.training.intake.cells import day_text
from rongqiao.risk.scorecards.training.intake.schema import Field, Kind

FOLDS = 5
# The last part of the time is the test; both sides need enough rows of each class to mean anything.
TEST_SHARE = 0.3
LEAST_OF_EACH = 50
FILLED = 0.98
# Dates of cases lie within some years; dates of birth or of a firm's founding do not.
WIDEST_DAYS = 12 * 365
YEARS = range(1950, 2101)
_TIME_NAME = re.compile(
    r"year|date|time|month|quarter|cohort|vintage|(?:^|_)fy|fy$|年|月|日期|时间|季", re.IGNORECASE
)
_BIRTH_NAME = re.compile(r"birth|dob|born|found|出生|生日|成立", re.IGNORECASE)


class UnreadableTime(ValueError):
    """The column asked for is no time that rows can be ordered by; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which rows a model learns from and is tried on.

    `kind` is `out-of-time` or `cross-validation`; `test` is the rows of the later part, or of each
    fold. `until` and `since` are the last day learnt from and the first one tried on.
    """

    kind: str
    tests: tuple[Rows, ...]
    column: str = ""
    until: str = ""
    since: str = ""

    @property
    def is_by_time(self) -> bool:
        """Tell whether the later rows are the test."""
        return self.kind == "out-of-time"


def time_values(field: Field, values: Numbers) -> Numbers:
    """Return a column as something that rises with time: days, years or months as told.

    Raises UnreadableTime where it holds neither dates nor years nor months such as 202601.
    """
    if field.kind is Kind.DATE:
        return values
    if field.kind in {Kind.NUMBER, Kind.SERIAL} and (_are_years(values) or _are_months(values)):
        return values
    raise UnreadableTime(
        f"--time is {field.name}, which holds no dates; allowed: dates, years, or months "
        "like 202601"
    )


def found_time(
    fields: Sequence[Field], columns: Mapping[str, Numbers], left_out: frozenset[str]
) -> str | None:
    """Return the column that tells when each case began, or None where there is none.

    Of the dates that nearly every row has and that lie within some years, the earliest: what
    follows a loan comes after its beginning. Without one, a column of years by its name.
    """
    candidates = [
        found
        for field in fields
        if field.name in columns
        and field.name not in left_out
        and (found := _as_time(field, columns[field.name]))
    ]
    return min(candidates)[2] if candidates else None


def _as_time(field: Field, values: Numbers) -> tuple[int, float, str] | None:
    """Return how well a column tells the beginning of cases: rank, middle and name, or None."""
    if field.kind not in {Kind.DATE, Kind.NUMBER} or _BIRTH_NAME.search(field.name):
        return None
    known = values[~np.isnan(values)]
    if len(known) < FILLED * len(values) or len(np.unique(known)) < 2:
        return None
    if field.kind is Kind.DATE:
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        return (0, float(middle), field.name) if high - low <= WIDEST_DAYS else None
    is_time = _are_years(known) or _are_months(known)
    if is_time and _TIME_NAME.search(field.name):
        return (1, float(np.median(known)), field.name)
    return None


def split_by_time(name: str, when: Numbers, bad: Numbers, *, is_date: bool) -> Split | None:
    """Return the later rows as the test, about three in ten, cut between two days (years, months).

    None where no cut leaves enough good and bad rows on both sides.
    """
    known = ~np.isnan(when)
    marks = np.unique(when[known])
    if len(marks) < 2:
        return None
    shares = np.array([np.mean(when[known] >= mark) for mark in marks[1:]])
    for place in np.argsort(np.abs(shares - TEST_SHARE), kind="stable")[:200]:
        mark = float(marks[1:][place])
        later = known & (when >= mark)
        if all(
            np.sum(bad[side] == one) >= LEAST_OF_EACH for side in (later, ~later) for one in (0, 1)
        ):
            before = float(marks[place])
            return Split(
                kind="out-of-time",
                tests=(np.flatnonzero(later),),
                column=name,
                until=_shown(before, is_date=is_date),
                since=_shown(mark, is_date=is_date),
            )
    return None


def split_in_folds(fold_of: Rows) -> Split:
    """Return each fold as a test of the others."""
    tests = tuple(np.flatnonzero(fold_of == one) for one in range(int(fold_of.max()) + 1))
    return Split(kind="cross-validation", tests=tests)


def _are_years(values: Numbers) -> bool:
    known = values[~np.isnan(values)]
    if not len(known) or np.any(known != np.floor(known)):
        return False
    return bool(np.all((known >= YEARS.start) & (known < YEARS.stop)))


def _are_months(values: Numbers) -> bool:
    known = values[~np.isnan(values)]
    return _are_years(known // 100) and bool(np.all((known % 100 >= 1) & (known % 100 <= 12)))


def _shown(mark: float, *, is_date: bool) -> str:
    return day_text(mark) if is_date else str(int(mark))
