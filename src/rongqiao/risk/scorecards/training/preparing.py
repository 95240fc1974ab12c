"""Before a model is fitted: what is in the table, what may be used of it, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from rongqiao.risk.scorecards.folds import fold_of_rows
from rongqiao.risk.scorecards.table import Numbers, Values, is_words
from rongqiao.risk.scorecards.training.fairness import is_never_used
from rongqiao.risk.scorecards.training.intake.reading import (
    Block,
    Layout,
    UnreadableTable,
    layout_of,
    whole,
)
from rongqiao.risk.scorecards.training.intake.schema import (
    USABLE,
    Field,
    Kind,
    columns_of,
    fields_of,
    of_kind,
)
from rongqiao.risk.scorecards.training.intake.target import Target, UnreadableTarget, target_of
from rongqiao.risk.scorecards.training.leakage import Leak, leaks_of
from rongqiao.risk.scorecards.training.splitting import (
    FOLDS,
    Split,
    UnreadableTime,
    found_time,
    split_by_time,
    split_in_folds,
    time_values,
)

Told = Callable[[str, int, int], None]
# The reasons for which a column of a usable kind is left out although nothing is wrong with it.
IS_TIME, PROTECTED, BY_HAND, DATE = "is-the-time", "protected", "left-out", "date"


class WrongTraining(ValueError):
    """What was asked cannot be done with this table; the sentence says which field and why."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a training is asked for. `bad`: the target's bad values, where they must be said.

    `keep`: columns used although they would be left out; `drop`: columns never used.
    """

    name: str
    target: str
    time: str = ""
    bad: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A table ready to learn from: `columns` are those used, `measured` those beside them.

    `left_out` gives for each column that is not used a code and its figures; rows without a
    target are gone.
    """

    wanted: Wanted
    layout: Layout
    rows_read: int
    ragged: int
    fields: tuple[Field, ...]
    target: Target
    columns: Mapping[str, Values]
    measured: Mapping[str, Values]
    left_out: tuple[Leak, ...]
    split: Split
    notes: tuple[Leak, ...] = field(default=())

    @property
    def used(self) -> tuple[Field, ...]:
        """Return the fields the model looks at."""
        return tuple(one for one in self.fields if one.name in self.columns)


def prepare(file: BinaryIO, wanted: Wanted, told: Told) -> Prepared:
    """Return the table of a file, ready to learn from. Raises WrongTraining.

    `told` is called with a step's name, how much of it is done and how much there is.
    """
    told("read", 0, 1)
    try:
        layout = layout_of(file, [wanted.target])
        _know(layout, wanted)
        block = whole(file, layout)
        target = target_of(
            wanted.target, block.columns[layout.names.index(wanted.target)], wanted.bad
        )
        return _prepared(layout, block, target, wanted, told)
    except (UnreadableTable, UnreadableTarget, UnreadableTime) as problem:
        raise WrongTraining(str(problem)) from None


def _prepared(layout: Layout, block: Block, target: Target, wanted: Wanted, told: Told) -> Prepared:
    told("look", 0, 1)
    fields = fields_of(layout, block)
    others = [
        one for one in of_kind(fields, *USABLE, Kind.DATE, Kind.SERIAL) if one.name != wanted.target
    ]
    every = columns_of(others, layout, block)
    every = {name: values[target.known] for name, values in every.items()}
    time = _time(wanted, others, every)
    looked_at = {
        one.name: every[one.name]
        for one in others
        if one.kind is not Kind.SERIAL and one.name != time and one.name not in wanted.drop
    }
    leaks = _leaks(looked_at, target, None if time is None else every[time], told)
    left_out = (*_set_aside(fields, wanted, time), *leaks)
    gone = {one.column for one in left_out if one.column not in wanted.keep}
    columns = {
        one.name: every[one.name] for one in of_kind(others, *USABLE) if one.name not in gone
    }
    if not columns:
        raise WrongTraining(
            f"--target is {wanted.target}: no other column is left to learn from; allowed: a table "
            "with at least one column of numbers or words that does not know the outcome"
        )
    split, notes = _split(time, others, every, target)
    return Prepared(
        wanted=wanted,
        layout=layout,
        rows_read=block.rows,
        ragged=block.ragged,
        fields=fields,
        target=target,
        columns=columns,
        measured={one.name: every[one.name] for one in of_kind(others, *USABLE)},
        left_out=tuple(one for one in left_out if one.column in gone),
        split=split,
        notes=(*notes, *_strange(fields), *_kept(left_out, wanted)),
    )


def _know(layout: Layout, wanted: Wanted) -> None:
    asked = (("--target", (wanted.target,)), ("--time", (wanted.time,) if wanted.time else ()))
    for option, names in (*asked, ("--keep", wanted.keep), ("--drop", wanted.drop)):
        for name in names:
            if name not in layout.names:
                shown = ", ".join(layout.names[:40]) + (", …" if len(layout.names) > 40 else "")
                raise WrongTraining(f"{option} is {name!r}; allowed: {shown}")


def _time(wanted: Wanted, fields: Sequence[Field], columns: Mapping[str, Values]) -> str | None:
    """Return the column that orders the rows: the one asked for, else one that is found."""
    if wanted.time:
        asked = next((one for one in fields if one.name == wanted.time), None)
        if asked is None or is_words(columns[wanted.time]):
            raise UnreadableTime(
                f"--time is {wanted.time}, which holds no dates; allowed: dates, years, or months "
                "like 202601"
            )
        time_values(asked, columns[wanted.time])
        return wanted.time
    left_out = frozenset({wanted.target, *wanted.drop})
    return found_time(fields, columns, left_out)


def _leaks(
    columns: Mapping[str, Values], target: Target, clock: Numbers | None, told: Told
) -> tuple[Leak, ...]:
    done = iter(range(len(columns) + 1))
    return leaks_of(
        columns, target.bad, clock=clock, told=lambda _name: told("leaks", next(done), len(columns))
    )


def _set_aside(fields: Sequence[Field], wanted: Wanted, time: str | None) -> list[Leak]:
    """Return the columns that are not used whatever they hold."""
    found = []
    for one in fields:
        if one.name == wanted.target:
            continue
        if one.name == time:
            code = IS_TIME
        elif one.name in wanted.drop:
            code = BY_HAND
        elif one.kind in USABLE and is_never_used(one.name):
            code = PROTECTED
        elif one.kind in USABLE:
            continue
        else:
            code = one.kind.value
        found.append(Leak(column=one.name, code=code))
    return found


def _split(
    time: str | None, fields: Sequence[Field], columns: Mapping[str, Values], target: Target
) -> tuple[Split, list[Leak]]:
    in_folds = split_in_folds(fold_of_rows(target.bad, FOLDS))
    if time is None:
        return in_folds, [Leak(column="", code="no-time")]
    kind = next(one.kind for one in fields if one.name == time)
    found = split_by_time(time, columns[time], target.bad, is_date=kind is Kind.DATE)
    if found is None:
        return in_folds, [Leak(column=time, code="time-too-short")]
    return found, []


def _strange(fields: Sequence[Field]) -> list[Leak]:
    return [
        Leak(column=one.name, code="strange-cells", facts={"count": str(one.strange)})
        for one in fields
        if one.strange
    ]


def _kept(left_out: Sequence[Leak], wanted: Wanted) -> list[Leak]:
    return [
        Leak(column=one.column, code="kept", facts={"why": one.code})
        for one in left_out
        if one.column in wanted.keep
    ]


def rows_to_learn(prepared: Prepared, test: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (rows to learn from, rows to try on) of one test."""
    tried = prepared.split.tests[test]
    learn = np.ones(len(prepared.target.bad), np.bool_)
    learn[tried] = False
    return np.flatnonzero(learn), tried
