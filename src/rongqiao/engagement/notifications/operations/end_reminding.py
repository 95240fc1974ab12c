"""Note that everybody was reminded of what a business date asks."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.engagement.notifications.models import ReminderDay
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class EndReminding:
    """How many reminders the day took."""

    told: int


@dataclass(frozen=True, kw_only=True)
class RemindingEnded:
    """Whether it was noted now."""

    is_new: bool


@operation("notifications.end-reminding", restore=RemindingEnded)
def end_reminding(command: EndReminding, call: Call) -> RemindingEnded:
    """Note it once for the call's business date."""
    _row, is_new = ReminderDay.objects.get_or_create(
        on=call.on, defaults={"told": command.told, "done_at": call.at}
    )
    return RemindingEnded(is_new=is_new)
