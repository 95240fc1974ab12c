"""A user has read what was told."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.engagement.notifications.models import Notice
from rongqiao.parties.queries import user_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ReadNotices:
    """Everything up to and with this notice of the actor's own."""

    up_to: int


@dataclass(frozen=True, kw_only=True)
class NoticesRead:
    """How many were unread."""

    count: int


@operation("notifications.read", restore=NoticesRead)
def read_notices(command: ReadNotices, call: Call) -> NoticesRead:
    """Mark them as read. Raises NotFound for who is no user."""
    user_id = user_of(call.actor)
    if user_id is None:
        raise NotFound(what="user")
    unread = Notice.objects.filter(user_id=user_id, read_at=None, pk__lte=command.up_to)
    return NoticesRead(count=unread.update(read_at=call.at))
