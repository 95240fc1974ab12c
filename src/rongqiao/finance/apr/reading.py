"""From the JSON of a `rongqiao apr` line to cash flows, or a refusal of what is not allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from rongqiao.finance.apr.flows import UNITS, Every, Flow, Run, TimedFlow, flows_of
from rongqiao.finance.apr.unit_period import BadUnitPeriod, standard
from rongqiao.finance.fields import BadField, Fields, shown

FIELDS = ("flows", "method", "unit_period")
METHODS = ("cn", "us_actuarial", "eu", "xirr")
MOST_FLOWS = 10_000
MOST_COUNT = 3660
_SHAPES = {
    "date": ("date", "amount"),
    "days": ("days", "amount"),
    "first": ("first", "every", "count", "amount"),
}
# Half a million days is 1,368 years; six decimals are a tenth of a second.
_DAYS = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_DAYS_ALLOWED = 'a decimal string of days from the first flow, such as "30.4375", up to 999999'


@dataclass(frozen=True, slots=True)
class Question:
    """Which rate of which flows: on dates (those of `runs` among them) or at days, never both.

    Each is in order of time.
    """

    method: str
    unit: Every | None
    dated: Sequence[Flow]
    runs: Sequence[Run]
    timed: Sequence[TimedFlow]


def read_question(content: object, beside: tuple[str, ...] = ()) -> Question:
    """Return the question of one line; `beside` names the caller's fields. Raises BadField."""
    fields = Fields(content, (*beside, *FIELDS))
    method = fields.one_of("method", METHODS) if fields.has("method") else METHODS[0]
    unit = _unit_period(fields, method) if fields.has("unit_period") else None
    given = fields.items("flows", MOST_FLOWS)
    if not given:
        raise fields.bad("flows", f"a list of 1 to {MOST_FLOWS} flows")
    kinds = [_kind(item, place) for place, item in enumerate(given)]
    items = [
        Fields(item, _SHAPES[kind], f"flows[{place}].")
        for place, (item, kind) in enumerate(zip(given, kinds, strict=True))
    ]
    if "days" in kinds:
        return Question(method, unit, (), (), _timed(items, kinds))
    runs = [_run(item) for item, kind in zip(items, kinds, strict=True) if kind == "first"]
    single = [
        (item.day("date"), item.signed_amount("amount"))
        for item, kind in zip(items, kinds, strict=True)
        if kind == "date"
    ]
    return Question(method, unit, _together(single, runs), runs, ())


def _kind(item: Any, place: int) -> str:
    """Return the field that says when: `date`, `days` or `first`."""
    path = f"flows[{place}]"
    if not isinstance(item, dict):
        raise BadField(path, shown(item), "a JSON object")
    kinds = [kind for kind in _SHAPES if kind in item]
    if len(kinds) != 1:
        said = f"with {' and '.join(kinds)}" if kinds else "without a time"
        raise BadField(path, said, "exactly one of date, days, first")
    return kinds[0]


def _timed(items: Sequence[Fields], kinds: Sequence[str]) -> list[TimedFlow]:
    for place, kind in enumerate(kinds):
        if (kind == "days") != (kinds[0] == "days"):
            said = f"beside flows[0].{kinds[0]}"
            raise BadField(f"flows[{place}].{kind}", said, "dates or days, not both")
    flows = [TimedFlow(_days(item), item.signed_amount("amount")) for item in items]
    return sorted(flows, key=lambda flow: flow.days)


def _days(item: Fields) -> Fraction:
    value = item.any("days", _DAYS_ALLOWED)
    if not isinstance(value, str) or not _DAYS.fullmatch(value):
        raise item.bad("days", _DAYS_ALLOWED)
    return Fraction(value)


def _together(single: Sequence[tuple[date, int]], runs: Sequence[Run]) -> list[Flow]:
    total = len(single) + sum(run.count for run in runs)
    if total > MOST_FLOWS:
        raise BadField("flows", f"{total} flows in all", f"at most {MOST_FLOWS}")
    try:
        return flows_of(single, runs)
    except OverflowError:
        raise BadField("flows", "a run past the year 9999", "runs that end by 9999-12-31") from None


def _run(item: Fields) -> Run:
    return Run(
        first=item.day("first"),
        every=_every(item, "every"),
        count=item.whole("count", 1, MOST_COUNT),
        amount=item.signed_amount("amount"),
    )


def _every(fields: Fields, name: str) -> Every:
    every = fields.within(name, ("unit", "count"))
    unit = every.one_of("unit", UNITS) if every.has("unit") else UNITS[0]
    return Every(unit, every.whole("count", 1, MOST_COUNT) if every.has("count") else 1)


def _unit_period(fields: Fields, method: str) -> Every:
    if method != "us_actuarial":
        raise fields.bad("unit_period", "nothing, as only method us_actuarial has one")
    try:
        return standard(_every(fields, "unit_period"))
    except BadUnitPeriod:
        allowed = "a day, week, half_month or month, or a whole multiple, up to one year"
        raise fields.bad("unit_period", allowed) from None
