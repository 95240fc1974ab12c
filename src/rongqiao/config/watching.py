"""Models watched at a month's end: lending hands over what it decided, risk reckons and keeps it.

Risk never reads a loan; this is the place that knows both.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
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
from rongqiao.risk.queries.modelling.watched import ChanceOf, WatchedModel, watched_model

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
    # A model is opened once, however many cases and months it has.
    model_of = cache(watched_model)
    for month in months_to_reckon(on, again):
        by_model: dict[str, list[ScreenedCase]] = defaultdict(list)
        last = add_months(month, 1) - timedelta(days=1)
        for one in screened_in(month, last, lambda sha256, of: model_of(sha256).place_of(of)):
            by_model[one.scored_by].append(one)
        for key, cases in sorted(by_model.items()):
            model = model_of(key if cases[0].is_by_model else "")
            _reckon(key, model, month, on, cases)
            reckoned += 1
    return reckoned


def _reckon(
    key: str, model: WatchedModel, month: date, on: date, cases: list[ScreenedCase]
) -> None:
    signed = [one.agreement_id for one in cases if one.agreement_id is not None]
    bad = turned_bad(signed, on, DAYS_BAD, DAYS_WATCHED)
    tally = count_cases(_decided(one, bad, model.chance_of) for one in cases)
    command = ReckonMonth(model=key, month=month, as_of=on, tally=tally, learnt=model.learnt)
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
        places=one.places,
        is_bad=bad.get(one.agreement_id) if one.agreement_id else None,
    )
