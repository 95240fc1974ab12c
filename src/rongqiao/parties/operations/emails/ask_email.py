"""A user names an e-mail address of theirs; a code that is mailed there will prove it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.parties.models import EmailClaim, User
from rongqiao.parties.operations.emails.owning import (
    check_stepped_up,
    is_email_of_another,
    setting_purpose,
)
from rongqiao.parties.queries import user_of
from rongqiao.parties.sealing import email_code, seal
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal

LASTS = timedelta(minutes=10)
TRIES = 5
AT_MOST_AN_HOUR = 5


class TooManyEmails(Refusal):
    """The user named addresses too often within the hour; fact: `allowed`."""

    kind, code = Kind.CONFLICT, "parties.email-too-often"


@dataclass(frozen=True, kw_only=True)
class AskEmail:
    """The address in lower case, the code that is mailed there, and the proof of who asks."""

    address: str = sensitive()
    code: str = sensitive()
    step_up_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailAsked:
    """The question, answered within ten minutes; `is_taken`: another has proved the address.

    Then no code fits, and the page that asks for one does not tell.
    """

    claim_id: UUID
    is_taken: bool


@operation("parties.ask_email", restore=EmailAsked)
def ask_email(command: AskEmail, call: Call) -> EmailAsked:
    """Note the claim; the caller mails the code. Raises NotFound, StepUpNeeded, TooManyEmails."""
    user_id = user_of(call.actor)
    user = User.objects.select_for_update().filter(pk=user_id).first() if user_id else None
    if user is None:
        raise NotFound(what="user")
    check_stepped_up(command.step_up_id, user.pk, setting_purpose(command.address), call)
    asked = EmailClaim.objects.filter(user=user, asked_at__gt=call.at - timedelta(hours=1))
    if asked.count() >= AT_MOST_AN_HOUR:
        raise TooManyEmails(allowed=str(AT_MOST_AN_HOUR))
    claim_id, is_taken = new_id(call.at), is_email_of_another(command.address, user.pk)
    EmailClaim.objects.create(
        id=claim_id,
        user=user,
        address_sealed=seal(command.address, "emailclaim", "address", claim_id),
        code_digest=None if is_taken else email_code(claim_id, command.code),
        asked_at=call.at,
        expires_at=call.at + LASTS,
        tries_left=TRIES,
    )
    return EmailAsked(claim_id=claim_id, is_taken=is_taken)
