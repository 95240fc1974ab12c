"""Months of models: cases counted for the record, and what was reckoned of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from rongqiao.platform.operations import restored
from rongqiao.risk.models.monitored import MonitoredMonth
from rongqiao.risk.scorecards.monitoring.bounds import Bound, bounds
from rongqiao.risk.scorecards.monitoring.figures import LEAST_ROWS
from rongqiao.risk.scorecards.monitoring.tallies import MonthTally, Seen, tally

__all__ = [
    "AlarmView",
    "Bound",
    "DecidedCase",
    "FirstMonths",
    "MonthView",
    "Taught",
    "bounds",
    "count_cases",
    "counted_before",
    "models_watched",
    "months_of",
]

MONTHS_SHOWN = 24
_COUNTS = ("approved", "declined", "by_person", "overrides_up", "overrides_down")
_RATES = frozenset(
    {
        "approval_rate",
        "override_up_rate",
        "override_down_rate",
        "psi",
        "psi_learnt",
        "ks",
        "auc",
        "intercept",
        "slope",
        "expected",
        "observed",
    }
)


@dataclass(frozen=True, kw_only=True)
class DecidedCase:
    """One decided case, as whoever keeps the cases hands it over; nothing in it is personal.

    `bins` gives each characteristic's bin or points as text, empty where the value was missing.
    `outcome`: approved, declined, open. `override`: up, down or empty. `chance` and `is_bad` are
    None where no chance is told, or the end is not known yet. `places` gives the number of the bin
    of each column of a model's own.
    """

    score: int
    bins: Mapping[str, str]
    outcome: str
    by_person: bool = False
    override: str = ""
    chance: float | None = None
    is_bad: bool | None = None
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AlarmView:
    """A figure beyond its bound; `level` is amber or red."""

    code: str
    column: str
    value: Decimal
    level: str


@dataclass(frozen=True, kw_only=True)
class FirstMonths:
    """The months that a month was held against, and their cases."""

    first: date
    last: date
    rows: int


@dataclass(frozen=True, kw_only=True)
class Taught:
    """The population that a model was taught by. `absent` says why its scores are not known.

    `has_bins`: the rows of its columns' bins are known.
    """

    data: str
    population: str
    trained_on: str
    rows: int
    absent: str
    has_bins: bool


@dataclass(frozen=True, kw_only=True)
class MonthView:
    """A month of a model as it was reckoned last; None where there was too little to say.

    `tells_chances`: what scored told a chance, not points alone. `is_judged`: the month has the
    cases that an alarm needs. `against` are the months it was held against, None where there were
    none; `taught` is None for a month that was reckoned before training was compared with.
    """

    model: str
    month: date
    as_of: date
    rows: int
    approved: int
    declined: int
    by_person: int
    overrides_up: int
    overrides_down: int
    known: int
    approval_rate: Decimal | None
    override_up_rate: Decimal | None
    override_down_rate: Decimal | None
    psi: Decimal | None
    psi_learnt: Decimal | None
    ks: Decimal | None
    auc: Decimal | None
    intercept: Decimal | None
    slope: Decimal | None
    expected: Decimal | None
    observed: Decimal | None
    tells_chances: bool
    is_judged: bool
    against: FirstMonths | None
    taught: Taught | None
    csi: Mapping[str, Decimal] = field(default_factory=dict)
    csi_learnt: Mapping[str, Decimal] = field(default_factory=dict)
    missing: Mapping[str, Decimal] = field(default_factory=dict)
    alarms: tuple[AlarmView, ...] = ()


def count_cases(cases: Iterable[DecidedCase]) -> MonthTally:
    """Return the counts of a month's cases: nobody in them can be told."""
    return tally(
        Seen(**{name: getattr(one, name) for name in DecidedCase.__dataclass_fields__})
        for one in cases
    )


def models_watched() -> tuple[str, ...]:
    """Return every model that has a month, the one with the newest month first."""
    rows = MonitoredMonth.objects.order_by("-month", "model").values_list("model", flat=True)
    return tuple(dict.fromkeys(rows))


def months_of(model: str, limit: int = MONTHS_SHOWN) -> tuple[MonthView, ...]:
    """Return a model's months, newest first, each as reckoned last."""
    rows = MonitoredMonth.objects.filter(model=model)
    latest = rows.order_by("-month", "-as_of").distinct("month")[:limit]
    return tuple(_view(row) for row in latest)


def counted_before(model: str, month: date, most: int) -> tuple[tuple[date, MonthTally], ...]:
    """Return the model's first months, those before `month`, each with its counts."""
    rows = MonitoredMonth.objects.filter(model=model, month__lt=month)
    first = rows.order_by("month", "-as_of").distinct("month")[:most]
    return tuple((row.month, restored(MonthTally, row.counted)) for row in first)


def _view(row: MonitoredMonth) -> MonthView:
    said: dict[str, Any] = row.figures
    rates: dict[str, Any] = {
        name: None if said.get(name) is None else Decimal(said[name])
        for name in MonthView.__dataclass_fields__
        if name in _RATES
    }
    return MonthView(
        model=row.model,
        month=row.month,
        as_of=row.as_of,
        rows=row.rows,
        known=said["known"],
        tells_chances=any(line["chance_ppm"] >= 0 for line in row.counted["scores"]),
        is_judged=row.rows >= LEAST_ROWS,
        **{name: row.counted[name] for name in _COUNTS},
        **rates,
        against=_first_months(said),
        taught=_taught(said),
        csi={name: Decimal(value) for name, value in said["csi"].items()},
        csi_learnt={name: Decimal(value) for name, value in said.get("csi_learnt", {}).items()},
        missing={name: Decimal(value) for name, value in said["missing"].items()},
        alarms=tuple(AlarmView(**one | {"value": Decimal(one["value"])}) for one in said["alarms"]),
    )


def _first_months(said: Mapping[str, Any]) -> FirstMonths | None:
    told = said.get("populations", {}).get("months")
    return None if told is None else restored(FirstMonths, told)


def _taught(said: Mapping[str, Any]) -> Taught | None:
    told = said.get("populations", {}).get("training")
    return None if told is None else restored(Taught, told)
