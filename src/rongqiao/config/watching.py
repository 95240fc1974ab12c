"""Models watched at a month's end: lending hands over what it decided, risk reckons and keeps it.

Risk never reads a loan; this is the place that knows both.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from rongqiao.finance.months import add_months
from rongqiao.lending.origination.queries.looking_back.screened import ScreenedCase, screened_in
from rongqiao.lending.servicing.queries.months import turned_bad
from rongqiao.platform import clock
from rongqiao.platform.operations import Call, canonical
from rongqiao.risk.operations.modelling.reckon_month import (
    ReckonMonth,
    months_to_reckon,
    reckon_month,
)
from rongqiao.risk.queries.modelling.monitored import DecidedCase, count_cases
from rongqiao.risk.queries.modelling.watched import ChanceOf, chances_of

ACTOR = "system:model-watch"
# An early sign of a bad end, known soon enough to act on; a loan that came through half a year
# without it counts as good.
DAYS_BAD, DAYS_WATCHED = 30, 180
# Which fact a characteristic of the points table looks at, where it may not have been given.
_FACTS = {
    "age": "born_on",
    "revenue-annual": "revenue_annual",
    "employment": "employment",
    "housing": "housing",
    "sector": "sector",
}


def watch_models(on: date, again: int) -> int:
    """Reckon the month that ends on `on` and `again` before it; return how many there are."""
    reckoned = 0
    for month in months_to_reckon(on, again):
        by_model: dict[str, list[ScreenedCase]] = defaultdict(list)
        for one in screened_in(month, add_months(month, 1) - timedelta(days=1)):
            by_model[one.scored_by].append(one)
        for model, cases in sorted(by_model.items()):
            _reckon(model, month, on, cases)
            reckoned += 1
    return reckoned


def _reckon(model: str, month: date, on: date, cases: list[ScreenedCase]) -> None:
    signed = [one.agreement_id for one in cases if one.agreement_id is not None]
    bad = turned_bad(signed, on, DAYS_BAD, DAYS_WATCHED)
    chance_of = chances_of(model) if any(one.is_by_model for one in cases) else None
    tally = count_cases(_decided(one, bad, chance_of) for one in cases)
    command = ReckonMonth(model=model, month=month, as_of=on, tally=tally)
    # The close of a day may be begun again: the same counts are one request, others another.
    digest = hashlib.sha256(canonical(command).encode()).hexdigest()
    call = Call(actor=ACTOR, key=f"month:{digest}", at=clock.now(), on=on)
    reckon_month(command, call)


def _decided(
    one: ScreenedCase, bad: Mapping[UUID, bool], chance_of: ChanceOf | None
) -> DecidedCase:
    return DecidedCase(
        score=one.score,
        bins={
            name: "" if _FACTS.get(name) in one.absent else str(points)
            for name, points in one.parts.items()
        },
        outcome=one.outcome,
        by_person=one.by_person,
        override=one.override,
        chance=None if chance_of is None else chance_of(one.score),
        is_bad=bad.get(one.agreement_id) if one.agreement_id else None,
    )
