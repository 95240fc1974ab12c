"""A user chooses by which channels to be told; the site itself is always one."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.engagement.notifications.models import Channels
from rongqiao.parties.queries import user_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ChooseChannels:
    """Whether the actor wants text messages."""

    by_sms: bool


@dataclass(frozen=True, kw_only=True)
class ChannelsChosen:
    """What counts from now on."""

    by_sms: bool


@operation("notifications.choose-channels", restore=ChannelsChosen)
def choose_channels(command: ChooseChannels, call: Call) -> ChannelsChosen:
    """Note the choice. Raises NotFound for who is no user."""
    user_id = user_of(call.actor)
    if user_id is None:
        raise NotFound(what="user")
    chosen = {"by_sms": command.by_sms, "changed_at": call.at}
    Channels.objects.update_or_create(pk=user_id, defaults=chosen)
    return ChannelsChosen(by_sms=command.by_sms)
