"""`rongqiao apr`: cash flows in, the annual percentage rate of a published method out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rongqiao.cli.lines.streams import run_stream
from rongqiao.finance.apr import cn, compound, us_actuarial
from rongqiao.finance.apr.irr import NoRate, twelve_decimals
from rongqiao.finance.apr.reading import Question, read_question
from rongqiao.finance.fields import BadField


def command() -> None:
    """Read cash flows as JSON lines; write each one's rate."""
    run_stream(answer)


def answer(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rates of one line, with 12 decimals.

    Raises BadField, also for flows that no rate or several rates solve.
    """
    question = read_question(content, beside=("id",))
    try:
        return _RATES[question.method](question)
    except NoRate as reason:
        allowed = "flows that exactly one rate solves"
        raise BadField("flows", f"unsolvable ({reason})", allowed) from None


def _cn(question: Question) -> dict[str, Any]:
    timed = question.timed
    cost = cn.of_days(timed) if timed else cn.of_dates(question.dated)
    return {"apr": twelve_decimals(cost.simple), "compound": twelve_decimals(cost.compound)}


def _eu(question: Question) -> dict[str, Any]:
    timed = question.timed
    rate = compound.eu_of_days(timed) if timed else compound.eu_of_dates(question.dated)
    return {"apr": twelve_decimals(rate)}


def _xirr(question: Question) -> dict[str, Any]:
    timed = question.timed
    rate = compound.xirr_of_days(timed) if timed else compound.xirr_of_dates(question.dated)
    return {"apr": twelve_decimals(rate)}


def _us_actuarial(question: Question) -> dict[str, Any]:
    if question.timed:
        found = us_actuarial.of_days(question.timed, question.unit)
    else:
        found = us_actuarial.of_dates(question.dated, question.runs, question.unit)
    unit = {"unit": found.unit.unit, "count": found.unit.count}
    return {"apr": twelve_decimals(found.apr), "unit_period": unit}


_RATES = {"cn": _cn, "us_actuarial": _us_actuarial, "eu": _eu, "xirr": _xirr}
