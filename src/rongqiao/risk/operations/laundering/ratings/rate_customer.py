"""Rate a customer's risk of money laundering, from an officer's answers; every rating stays."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.queries import get_party
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.laundering.rating import UnknownAnswer, answered_by_officers, rate
from rongqiao.risk.operations.laundering.officers import acting
from rongqiao.risk.operations.laundering.ratings.writing import known_answers, write_rating


class AnswerNeeded(Refusal):
    """A factor is not answered with one of its words; fact: `field`."""

    kind, code = Kind.INVALID, "laundering.answer-needed"


@dataclass(frozen=True, kw_only=True)
class RateCustomer:
    """The customer, the answers as `factor=word`, and the income a month they stated, in fen."""

    party_id: UUID
    answers: tuple[str, ...] = sensitive()
    income_minor: int | None = sensitive(default=None)


@dataclass(frozen=True, kw_only=True)
class CustomerRated:
    """The level."""

    level: str


@operation("risk.laundering.rate_customer", restore=CustomerRated)
def rate_customer(command: RateCustomer, call: Call) -> CustomerRated:
    """Rate by the table in force. Raises NotFound, AnswerNeeded."""
    get_party(command.party_id)
    acting(call, command.party_id)
    said = dict(one.split("=", 1) for one in command.answers if "=" in one)
    answers = {factor: said.get(factor, "") for factor in answered_by_officers()}
    answers |= known_answers(command.party_id, call.on)
    try:
        rated = rate(answers, call.on)
    except UnknownAnswer as error:
        raise AnswerNeeded(field=error.factor) from error
    write_rating(command.party_id, rated, answers, command.income_minor, call)
    return CustomerRated(level=rated.level)
