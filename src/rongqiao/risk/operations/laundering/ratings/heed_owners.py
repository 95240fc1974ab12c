"""Rate a rated firm anew when its declaration of beneficial owners comes, or grows old."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.laundering.rating import HIGH, rate
from rongqiao.risk.operations.laundering.raising import raise_alerts
from rongqiao.risk.operations.laundering.ratings.review_rating import to_an_officer
from rongqiao.risk.operations.laundering.ratings.writing import known_answers, write_rating
from rongqiao.risk.queries.laundering.ratings import ratings_of


@dataclass(frozen=True, kw_only=True)
class HeedOwners:
    """Whose declaration it is."""

    party_id: UUID


@dataclass(frozen=True, kw_only=True)
class OwnersHeeded:
    """Done. Whether and how it was rated stands behind the wall, not on record here."""

    party_id: UUID


@operation("risk.laundering.heed_owners", restore=OwnersHeeded)
def heed_owners(command: HeedOwners, call: Call) -> OwnersHeeded:
    """Rate anew where the answer about owners is another one; the day of review comes no later.

    A level that becomes high by it raises an alert. Who was never rated is left alone, and so is
    whose review has come: that reads the declaration itself.
    """
    done = OwnersHeeded(party_id=command.party_id)
    last = next(iter(ratings_of(command.party_id)), None)
    if last is None or last.review_on <= call.on:
        return done
    known = known_answers(command.party_id, call.on)
    if {factor: last.answers.get(factor) for factor in known} == known:
        return done
    answers = {**last.answers, **known}
    rated = rate(answers, call.on)
    rated = replace(rated, review_on=min(rated.review_on, last.review_on))
    income = None if last.income is None else last.income.minor
    write_rating(command.party_id, rated, answers, income, call)
    if rated.level == HIGH and last.level != HIGH:
        raise_alerts([to_an_officer(last, rated, "owners")], call)
    return done
