"""A declined borrower asks for a person to look at what was decided automatically.

个人信息保护法 art. 24: whoever an automated decision weighs on may ask for an explanation, and may
refuse a decision made by it alone. A person looks at the whole case and decides anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import check_state, move, own_case
from rongqiao.lending.origination.conduct.queueing import time_for
from rongqiao.lending.origination.events import ReviewAsked
from rongqiao.lending.origination.models.desk import ReviewRequest
from rongqiao.lending.origination.sealing import seal
from rongqiao.lending.origination.states import State
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.credit.review_times import CHINA

WORDS_LONGEST = 500


class DecidedByAPerson(Refusal):
    """A person decided already: there is nothing automatic to look at."""

    kind, code = Kind.CONFLICT, "origination.decided-by-a-person"


class WordsTooLong(Refusal):
    """What the borrower wrote is too long or not readable; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "origination.bad-words"


@dataclass(frozen=True, kw_only=True)
class AskForReview:
    """Which application, and what the person should know, if anything."""

    application_id: UUID
    words: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class ReviewAskedFor:
    """The request, and the day by which somebody answers."""

    request_id: UUID
    due_on: date


@operation("origination.ask_for_review", restore=ReviewAskedFor)
def ask_for_review(command: AskForReview, call: Call) -> ReviewAskedFor:
    """Bring a case the policy declined by itself before a reviewer; tell ReviewAsked.

    Once per decision: the state it leads to is no decline, and what a person then says is none of
    the policy's. The day for another application stands meanwhile.
    Raises NotFound, StepNotDrawn, DecidedByAPerson, WordsTooLong.
    """
    case = own_case(command.application_id, call)
    check_state(case, State.DECLINED)
    decision = case.decisions.latest("number")
    if decision.stage != "screening":
        raise DecidedByAPerson
    words = command.words.strip()
    if len(words) > WORDS_LONGEST or not all(one.isprintable() or one in "\r\n\t" for one in words):
        raise WordsTooLong(field="words", allowed=str(WORDS_LONGEST))
    due, row_id = time_for("asked", call), new_id(call.at)
    ReviewRequest.objects.create(
        id=row_id,
        application=case,
        decision=decision,
        asked_by=call.actor.partition(":")[2],
        asked_at=call.at,
        due_at=due,
        words_sealed=seal(words, ReviewRequest, "words_sealed", row_id),
    )
    move(case, State.REFERRED, call)
    due_on = due.astimezone(CHINA).date()
    publish(
        ReviewAsked(
            application_id=case.pk,
            party_id=case.party_id,
            number=case.number,
            due_on=due_on,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return ReviewAskedFor(request_id=row_id, due_on=due_on)
