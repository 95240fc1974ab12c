"""A user chooses by which channels to be told; the site itself is always one."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.engagement.notifications.models import Channels, StoppedAddress
from rongqiao.engagement.notifications.queries import address_index
from rongqiao.parties.queries import proved_email_of, user_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ChooseChannels:
    """Whether the actor wants text messages and mails, and their language; None: as before."""

    by_sms: bool | None = None
    by_mail: bool | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelsChosen:
    """What counts from now on."""

    by_sms: bool
    by_mail: bool = True


@operation("notifications.choose-channels", restore=ChannelsChosen)
def choose_channels(command: ChooseChannels, call: Call) -> ChannelsChosen:
    """Note the choice; mails wanted anew are tried again where they bounced.

    Raises NotFound for who is no user.
    """
    user_id = user_of(call.actor)
    if user_id is None:
        raise NotFound(what="user")
    row, _is_new = Channels.objects.select_for_update().get_or_create(
        pk=user_id, defaults={"changed_at": call.at}
    )
    row.by_sms = row.by_sms if command.by_sms is None else command.by_sms
    row.by_mail = row.by_mail if command.by_mail is None else command.by_mail
    row.language = command.language or row.language
    row.changed_at = call.at
    row.save(update_fields=["by_sms", "by_mail", "language", "changed_at"])
    address = proved_email_of(user_id) if command.by_mail else None
    if address is not None:
        standing = StoppedAddress.objects.filter(
            address_index=address_index(address), lifted_at=None
        )
        standing.update(lifted_at=call.at)
    return ChannelsChosen(by_sms=row.by_sms, by_mail=row.by_mail)
