"""Whoever holds a mail of ours ends the mails to its user, without logging in."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.engagement.notifications.models import Channels
from rongqiao.engagement.notifications.queries import user_of_token
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class Unsubscribe:
    """The token of the mail's link: good for a user and the address that the user has proved."""

    token: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class Unsubscribed:
    """Whether mails were wanted until now."""

    is_new: bool


@operation("notifications.unsubscribe", restore=Unsubscribed)
def unsubscribe(command: Unsubscribe, call: Call) -> Unsubscribed:
    """Note that no mails are wanted. Raises NotFound for a token that fits nobody."""
    user_id = user_of_token(command.token)
    if user_id is None:
        raise NotFound(what="token")
    row, _is_new = Channels.objects.select_for_update().get_or_create(
        pk=user_id, defaults={"changed_at": call.at}
    )
    is_new, row.by_mail, row.changed_at = row.by_mail, False, call.at
    row.save(update_fields=["by_mail", "changed_at"])
    return Unsubscribed(is_new=is_new)
