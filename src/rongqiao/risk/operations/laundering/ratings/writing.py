"""Write ratings inside an operation: an officer's, or what follows from how a case ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db.models import Max

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.risk.laundering.rating import Rated, factors, rate
from rongqiao.risk.models.laundering.casework import CustomerRating
from rongqiao.risk.operations.laundering.officers import sealed
from rongqiao.risk.queries.laundering.ratings import ratings_of
from rongqiao.risk.queries.laundering.terms.owners import NOT_A_FIRM, owners_answers


def known_answers(party_id: UUID, on: date) -> dict[str, str]:
    """Return the answers that follow from records on a day, whatever an officer would say."""
    return {"owners": owners_answers([party_id], on).get(party_id, NOT_A_FIRM)}


def write_rating(
    party_id: UUID, rated: Rated, answers: Mapping[str, str], income_minor: int | None, call: Call
) -> None:
    """Write a rating after the party's earlier ones; `income_minor` is the stated month's."""
    before = CustomerRating.objects.filter(party_id=party_id)
    rating_id = new_id(call.at)
    facts = {"answers": dict(answers), "income_minor": income_minor}
    CustomerRating.objects.create(
        id=rating_id,
        party_id=party_id,
        number=(before.aggregate(last=Max("number"))["last"] or 0) + 1,
        level=rated.level,
        points=rated.points,
        parts=[[factor, points] for factor, _, points in rated.parts],
        facts_sealed=sealed(facts, "customerrating", "facts_sealed", rating_id),
        version=rated.version,
        rated_by=call.actor,
        rated_at=call.at,
        rated_on=call.on,
        review_on=rated.review_on,
    )


def rate_again(party_id: UUID, history: str, call: Call) -> None:
    """Rate a customer anew because of what happened, where they were rated and it is graver.

    `history` is an answer of the factor of that name.
    """
    last = next(iter(ratings_of(party_id)), None)
    graver = factors()["history"]
    if last is None or graver[history] <= graver[last.answers["history"]]:
        return
    known = known_answers(party_id, call.on)
    answers = {**last.answers, **known, "history": history}
    income = None if last.income is None else last.income.minor
    write_rating(party_id, rate(answers, call.on), answers, income, call)
