"""From the JSON of a `rongqiao quote` line to terms; what the contract does not name is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rongqiao.finance.fields import BadField, Fields
from rongqiao.finance.rounding import TO_THE_FEN, Mode, Rounding
from rongqiao.finance.schedule.terms import (
    DAY_COUNTS,
    LARGEST_RATE,
    MOST_COUNT,
    MOST_TERMS,
    BusinessDays,
    CountDays,
    Every,
    Fee,
    FeeAt,
    Grace,
    Method,
    MonthEnd,
    RateUnit,
    Step,
    Terms,
    Unit,
    annual_rate,
)

FIELDS = (
    "principal", "rate", "rate_unit", "method", "terms", "every", "start", "first_due", "day_count",
    "count_days", "month_end", "business_days", "rounding", "interest_rounding", "payment",
    "remainder", "grace", "balloon", "steps", "fees", "rate_day_basis", "principal_plan",
)  # fmt: skip
_MOST_STEPS = 400
_MOST_FEES = 50


def read_terms(content: object, beside: tuple[str, ...] = ()) -> Terms:
    """Return the terms of one quote line.

    `beside` names fields that are the caller's, such as `id`. Raises BadField.
    """
    fields = Fields(content, (*beside, *FIELDS))
    principal = fields.amount("principal", least=1)
    optional: dict[str, Any] = {
        name: read(fields, name) for name, read in _OPTIONAL.items() if fields.has(name)
    }
    return Terms(
        principal=principal,
        rate_annual=_rate(fields, fields),
        start=fields.day("start"),
        steps=_steps(fields) if fields.has("steps") else (),
        fees=_fees(fields, principal) if fields.has("fees") else (),
        **optional,
    )


def _rate(fields: Fields, holder: Fields) -> Fraction:
    """Return the annual rate of a `rate` field; unit and day basis are the line's own."""
    unit = fields.word("rate_unit", RateUnit) if fields.has("rate_unit") else RateUnit.YEAR
    annual = annual_rate(holder.decimal("rate"), unit, _day_basis(fields))
    if annual > LARGEST_RATE:
        raise holder.bad("rate", f"up to {LARGEST_RATE} a year, which is {LARGEST_RATE * 100} %")
    return annual


def _day_basis(fields: Fields) -> int:
    if not fields.has("rate_day_basis"):
        return 360
    value: object = fields.any("rate_day_basis", "")
    if type(value) is not int or value not in (360, 365):
        raise fields.bad("rate_day_basis", "360 or 365")
    return value


def _every(fields: Fields, name: str) -> Every:
    every = fields.within(name, ("unit", "count"))
    unit = every.word("unit", Unit) if every.has("unit") else Unit.MONTH
    return Every(unit, every.whole("count", 1, MOST_COUNT) if every.has("count") else 1)


def _rounding(fields: Fields, name: str) -> Rounding:
    rounding = fields.within(name, ("mode", "unit"))
    mode = rounding.word("mode", Mode) if rounding.has("mode") else TO_THE_FEN.mode
    unit = rounding.amount("unit", least=1) if rounding.has("unit") else TO_THE_FEN.unit
    return Rounding(mode, unit)


def _grace(fields: Fields, name: str) -> Grace:
    grace = fields.within(name, ("principal_terms", "interest_terms", "capitalise"))
    terms = {
        key: grace.whole(key, 0, MOST_TERMS)
        for key in ("principal_terms", "interest_terms")
        if grace.has(key)
    }
    return Grace(**terms, capitalise=grace.has("capitalise") and grace.flag("capitalise"))


def _steps(fields: Fields) -> tuple[Step, ...]:
    steps = []
    for k, item in enumerate(fields.items("steps", _MOST_STEPS)):
        step = Fields(item, ("from", "rate"), f"steps[{k}].")
        steps.append(Step(step.day("from"), _rate(fields, step)))
    return tuple(steps)


def _fees(fields: Fields, principal: int) -> tuple[Fee, ...]:
    fees = []
    for k, item in enumerate(fields.items("fees", _MOST_FEES)):
        fee = Fields(item, ("name", "at", "amount", "rate"), f"fees[{k}].")
        name, at = fee.text("name"), fee.word("at", FeeAt)
        if fee.has("amount") == fee.has("rate"):
            raise BadField(f"fees[{k}]", "with both or neither", "either amount or rate")
        if fee.has("amount"):
            fees.append(Fee(name, at, fee.amount("amount")))
        else:
            fees.append(Fee.of_rate(name, at, _part(fee), principal))
    return tuple(fees)


def _part(fee: Fields) -> Fraction:
    part = fee.decimal("rate")
    if part > 1:
        raise fee.bad("rate", 'a part of the principal from "0" to "1"')
    return part


def _plan(fields: Fields, name: str) -> tuple[int, ...]:
    items = fields.items(name, MOST_TERMS)
    amounts = [Fields({f"{name}[{k}]": item}, (f"{name}[{k}]",)) for k, item in enumerate(items)]
    return tuple(each.amount(f"{name}[{k}]") for k, each in enumerate(amounts))


_OPTIONAL: dict[str, Any] = {
    "method": lambda fields, name: fields.word(name, Method),
    "terms": lambda fields, name: fields.whole(name, 1, MOST_TERMS),
    "every": _every,
    "first_due": lambda fields, name: fields.day(name),
    "day_count": lambda fields, name: fields.one_of(name, DAY_COUNTS),
    "count_days": lambda fields, name: fields.word(name, CountDays),
    "month_end": lambda fields, name: fields.word(name, MonthEnd),
    "business_days": lambda fields, name: fields.word(name, BusinessDays),
    "rounding": _rounding,
    "interest_rounding": _rounding,
    "payment": lambda fields, name: fields.amount(name, least=1),
    "remainder": lambda fields, name: fields.one_of(name, ("last", "first")),
    "grace": _grace,
    "balloon": lambda fields, name: fields.amount(name),
    "principal_plan": _plan,
}
