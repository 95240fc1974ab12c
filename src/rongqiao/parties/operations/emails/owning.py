"""Whose an e-mail address is; who changes theirs proves to be themselves first."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress

from rongqiao.parties.queries import has_stepped_up
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal

# What a step-up is for that lets a user take their address back.
REMOVING_EMAIL = "email:remove"


class StepUpNeeded(Refusal):
    """The proof is of something else, of somebody else, or over."""

    kind, code = Kind.FORBIDDEN, "parties.step-up-needed"


def check_stepped_up(step_up_id: UUID, user_id: UUID, purpose: str, call: Call) -> None:
    """Raise StepUpNeeded where the user did not prove themselves for exactly this."""
    if not has_stepped_up(step_up_id, user_id, purpose, call.at):
        raise StepUpNeeded


def setting_purpose(address: str) -> str:
    """Return what a step-up is for that lets a user name this address."""
    return f"email:set:{address}"


def is_email_of_another(address: str, user_id: UUID) -> bool:
    """Tell whether another user has proved this address."""
    rows = EmailAddress.objects.filter(email__iexact=address, verified=True)
    return bool(rows.exclude(user_id=user_id).exists())
