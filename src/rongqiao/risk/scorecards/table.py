"""A table of cases as columns: numbers as float64 with NaN for missing, words as str or None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

type_of_words = np.dtype(object)
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
# A column of words is an object array, one of numbers float64: numpy has no narrower common name.
Values = npt.NDArray[Any]
Columns = Mapping[str, Values]


class WrongTable(ValueError):
    """The columns cannot be read as a table; the sentence names the column."""


def is_words(values: Values) -> bool:
    """Tell whether a column holds words; otherwise it holds numbers."""
    return values.dtype == type_of_words


def missing(values: Values) -> npt.NDArray[np.bool_]:
    """Return where a column of either kind has no value."""
    if is_words(values):
        return np.fromiter((one is None for one in values), np.bool_, len(values))
    return np.isnan(values)


def rows_in(columns: Columns) -> int:
    """Return how many rows the table has, the same in every column.

    Raises WrongTable where there is no column, lengths differ, or a kind is neither of the two.
    """
    if not columns:
        raise WrongTable("the table has no column")
    counts = {name: len(values) for name, values in columns.items()}
    rows = next(iter(counts.values()))
    for name, values in columns.items():
        if counts[name] != rows:
            raise WrongTable(f"column {name} has {counts[name]} rows, the first one {rows}")
        if values.ndim != 1 or (not is_words(values) and values.dtype != np.float64):
            raise WrongTable(f"column {name} is {values.dtype}; allowed: float64, words")
    return rows


def checked_target(target: Values, rows: int) -> Numbers:
    """Return the target as 0.0 and 1.0, one (the event, such as a default) a row.

    Raises WrongTable where the length differs, another value occurs, or only one class does.
    """
    plain = np.asarray(target, np.float64)
    if plain.shape != (rows,):
        raise WrongTable(f"the target has {len(plain)} rows, the table {rows}")
    found = np.unique(plain)
    if found.tolist() != [0.0, 1.0]:
        raise WrongTable("the target needs both 0 and 1 and nothing else")
    return plain


def take(columns: Columns, rows: npt.NDArray[Any]) -> dict[str, Values]:
    """Return the table of the given rows (numbers of rows, or a mask)."""
    return {name: values[rows] for name, values in columns.items()}


def numbers(values: Sequence[float | None]) -> Numbers:
    """Return a column of numbers; None becomes NaN."""
    return np.array([np.nan if one is None else one for one in values], np.float64)


def words(values: Sequence[str | None]) -> Values:
    """Return a column of words; an empty word counts as missing."""
    column = np.empty(len(values), object)
    column[:] = [one or None for one in values]
    return column
