"""A user is asked to prove once more who they are: a code by text message, else the password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.parties.models import StepUp, User
from rongqiao.parties.operations.phones.queue_sms import put_in_queue
from rongqiao.parties.queries import user_of
from rongqiao.parties.sealing import step_up_code, step_up_purpose, unseal
from rongqiao.parties.words import StepUpMethod
from rongqiao.platform.ids import new_id, random_digits
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal

LASTS = timedelta(minutes=5)
TRIES = 5
AT_MOST_AN_HOUR = 10
CODE_DIGITS = 6


class TooManyStepUps(Refusal):
    """The user was asked too often within the hour; fact: `allowed`."""

    kind, code = Kind.CONFLICT, "parties.step-up-too-often"


@dataclass(frozen=True, kw_only=True)
class AskStepUp:
    """What the proof will be good for, and the message's words with `{code}` in them."""

    purpose: str
    words: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class StepUpAsked:
    """The question: `method` is sms or password; it can be answered within five minutes.

    `message_id` is the text message's, if one was sent.
    """

    step_up_id: UUID
    method: str
    message_id: UUID | None = None


@operation("parties.ask_step_up", restore=StepUpAsked)
def ask_step_up(command: AskStepUp, call: Call) -> StepUpAsked:
    """Note the question and text its code, where a number was proved.

    Raises NotFound, TooManyStepUps.
    """
    user_id = user_of(call.actor)
    user = User.objects.select_for_update().filter(pk=user_id).first() if user_id else None
    if user is None:
        raise NotFound(what="user")
    asked = StepUp.objects.filter(user=user, asked_at__gt=call.at - timedelta(hours=1))
    if asked.count() >= AT_MOST_AN_HOUR:
        raise TooManyStepUps(allowed=str(AT_MOST_AN_HOUR))
    row = StepUp(
        id=new_id(call.at),
        user=user,
        purpose=step_up_purpose(command.purpose),
        method=StepUpMethod.PASSWORD,
        asked_at=call.at,
        expires_at=call.at + LASTS,
        tries_left=TRIES,
    )
    message_id = None
    if user.phone_sealed is not None and user.phone_verified_at is not None:
        code = random_digits(CODE_DIGITS)
        row.method, row.code_digest = StepUpMethod.SMS, step_up_code(row.pk, code)
        phone = unseal(user.phone_sealed, "user", "phone", user.pk)
        message_id = put_in_queue(phone, command.words.replace("{code}", code), call)
    row.save(force_insert=True)
    return StepUpAsked(step_up_id=row.pk, method=row.method, message_id=message_id)
