"""A user takes their e-mail address back, where a proved phone number still lets them in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.account.models import EmailAddress

from rongqiao.parties.models import User
from rongqiao.parties.operations.emails.owning import REMOVING_EMAIL, check_stepped_up
from rongqiao.parties.queries import user_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class EmailIsOnlyWayIn(Refusal):
    """Without the address nobody could log in: no phone number is proved."""

    kind, code = Kind.CONFLICT, "parties.email-only-way-in"


@dataclass(frozen=True, kw_only=True)
class RemoveEmail:
    """The proof of who asks."""

    step_up_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailRemoved:
    """How many addresses are gone."""

    count: int


@operation("parties.remove_email", restore=EmailRemoved)
def remove_email(command: RemoveEmail, call: Call) -> EmailRemoved:
    """Remove the user's addresses. Raises NotFound, StepUpNeeded, EmailIsOnlyWayIn."""
    user_id = user_of(call.actor)
    user = User.objects.select_for_update().filter(pk=user_id).first() if user_id else None
    if user is None:
        raise NotFound(what="user")
    check_stepped_up(command.step_up_id, user.pk, REMOVING_EMAIL, call)
    if user.phone_sealed is None or user.phone_verified_at is None:
        raise EmailIsOnlyWayIn
    count, _by_table = EmailAddress.objects.filter(user_id=user.pk).delete()
    return EmailRemoved(count=count)
