"""Reckon a month of a model from the counts that a caller brings, and keep what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rongqiao.finance.months import add_months
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.models.monitored import MonitoredMonth
from rongqiao.risk.queries.modelling.monitored import counted_before
from rongqiao.risk.scorecards.monitoring.bounds import bounds
from rongqiao.risk.scorecards.monitoring.figures import MonthFigures, figures
from rongqiao.risk.scorecards.monitoring.learnt import NO_MODEL, Learnt
from rongqiao.risk.scorecards.monitoring.tallies import MonthTally, together

# The first months of a model are what the later ones are compared with.
REFERENCE_MONTHS = 3
_TOLD_OF_TRAINING = ("data", "population", "trained_on", "rows", "absent")


@dataclass(frozen=True, kw_only=True)
class ReckonMonth:
    """The model as decisions name it, the first day of the month, and its counts as of a day.

    `learnt` is the population that the model was taught by, as far as its file tells.
    """

    model: str
    month: date
    as_of: date
    tally: MonthTally
    learnt: Learnt = NO_MODEL


@dataclass(frozen=True, kw_only=True)
class MonthReckoned:
    """How many alarms the month raises."""

    alarms: int


@operation("risk.reckon-month", restore=MonthReckoned)
def reckon_month(command: ReckonMonth, call: Call) -> MonthReckoned:
    """Hold the month against the model's first three and against what it was taught by.

    Figures, alarms, and which population each figure was held against, are kept.
    A month that was reckoned as of the same day stays as it is.
    """
    assert command.month.day == 1 <= (command.as_of - command.month).days, command
    rows = MonitoredMonth.objects.filter(model=command.model)
    before = rows.filter(month=command.month, as_of=command.as_of).first()
    if before is not None:
        return MonthReckoned(alarms=len(before.figures["alarms"]))
    reference = counted_before(command.model, command.month, REFERENCE_MONTHS)
    first = together([one for _month, one in reference]) if reference else None
    found = figures(command.tally, first, command.learnt)
    MonitoredMonth.objects.create(
        id=new_id(call.at),
        model=command.model,
        month=command.month,
        as_of=command.as_of,
        rows=command.tally.rows,
        counted=asdict(command.tally),
        figures=_plain(found)
        | {
            "compares": {one.code: one.compares for one in bounds()},
            "populations": {"months": _first_months(reference), "training": _taught(command)},
        },
        reckoned_at=call.at,
    )
    return MonthReckoned(alarms=len(found.alarms))


def _first_months(reference: Sequence[tuple[date, MonthTally]]) -> dict[str, Any] | None:
    """Return which months and how many cases are compared with; None before there are any."""
    if not reference:
        return None
    return {
        "first": reference[0][0].isoformat(),
        "last": reference[-1][0].isoformat(),
        "rows": sum(one.rows for _month, one in reference),
    }


def _taught(command: ReckonMonth) -> dict[str, Any]:
    learnt = command.learnt
    return {name: getattr(learnt, name) for name in _TOLD_OF_TRAINING} | {
        "has_bins": bool(learnt.bins)
    }


def months_to_reckon(on: date, back: int) -> tuple[date, ...]:
    """Return the first days of the month that ends on `on` and of those before it, oldest first."""
    first = on.replace(day=1)
    return tuple(add_months(first, -step) for step in range(back, -1, -1))


def _plain(found: MonthFigures) -> dict[str, Any]:
    """Return figures as JSON holds them for good: decimals as text, six places."""
    said: dict[str, Any] = {}
    for name in MonthFigures.__dataclass_fields__:
        value = getattr(found, name)
        if name == "alarms":
            said[name] = [asdict(one) | {"value": _text(one.value)} for one in value]
        elif isinstance(value, dict):
            said[name] = {key: _text(one) for key, one in value.items()}
        else:
            said[name] = value if value is None or isinstance(value, int) else _text(value)
    return said


def _text(value: float) -> str:
    return f"{value:.6f}"
