"""The installation opens a log-in by itself: its first staff, a demonstration, a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import User
from rongqiao.parties.operations.phones.set_phone import PhoneInUse, one_at_a_time
from rongqiao.parties.operations.refusals import checked
from rongqiao.parties.queries import find_user_by_phone, user_of
from rongqiao.parties.sealing import phone_index, seal
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.identifiers import mobile_phone


class NotByUsers(Refusal):
    """Users register by proving a number themselves."""

    kind, code = Kind.FORBIDDEN, "parties.not-by-users"


@dataclass(frozen=True, kw_only=True)
class OpenLogIn:
    """A phone number taken as proved; without a password its user comes in by a code."""

    phone: str = sensitive()
    password: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class LogInOpened:
    """The new user."""

    user_id: UUID


@operation("parties.open_log_in", restore=LogInOpened)
def open_log_in(command: OpenLogIn, call: Call) -> LogInOpened:
    """Open a log-in, by the system alone. Raises NotByUsers, IdentifierRefused, PhoneInUse."""
    if user_of(call.actor) is not None:
        raise NotByUsers
    phone = checked("phone", lambda: mobile_phone(command.phone))
    index = phone_index(phone)
    one_at_a_time(index)
    if find_user_by_phone(phone) is not None:
        raise PhoneInUse
    user = User(id=new_id(call.at), joined_at=call.at)
    user.set_password(command.password or None)
    user.phone_sealed = seal(phone, "user", "phone", user.pk)
    user.phone_index, user.phone_verified_at = index, call.at
    user.save(force_insert=True)
    return LogInOpened(user_id=user.pk)
