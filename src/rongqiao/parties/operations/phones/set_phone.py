"""A user's phone number: claimed first, proved by a code later."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from rongqiao.parties.models import User
from rongqiao.parties.operations.refusals import acting_as, checked
from rongqiao.parties.sealing import phone_index, seal
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.identifiers import mobile_phone


class PhoneInUse(Refusal):
    """Somebody proved this number before; whoever it is stays untold."""

    kind, code = Kind.CONFLICT, "parties.phone-in-use"


@dataclass(frozen=True, kw_only=True)
class SetPhone:
    """The number, and whether a code sent there came back."""

    user_id: UUID
    phone: str = sensitive()
    is_proved: bool = False


@dataclass(frozen=True, kw_only=True)
class PhoneSet:
    """The number stands on the user."""

    user_id: UUID
    is_proved: bool


@operation("parties.set_phone", restore=PhoneSet)
def set_phone(command: SetPhone, call: Call) -> PhoneSet:
    """Note a claimed number, or a proved one.

    Raises NotYours, IdentifierRefused, PhoneInUse, NotFound.
    """
    acting_as(call, command.user_id)
    phone = checked("phone", lambda: mobile_phone(command.phone))
    index = phone_index(phone)
    user = User.objects.select_for_update().filter(pk=command.user_id).first()
    if user is None:
        raise NotFound(what="user")
    if command.is_proved:
        one_at_a_time(index)
    proved = User.objects.filter(phone_index=index, phone_verified_at__isnull=False)
    if command.is_proved and proved.exclude(pk=user.pk).exists():
        raise PhoneInUse
    user.phone_sealed = seal(phone, "user", "phone", user.pk)
    user.phone_index = index
    user.phone_verified_at = call.at if command.is_proved else None
    user.save(update_fields=["phone_sealed", "phone_index", "phone_verified_at"])
    return PhoneSet(user_id=user.pk, is_proved=command.is_proved)


def one_at_a_time(index: bytes) -> None:
    """Let those who prove the same number follow one another, so that all but one are told no."""
    with connection.cursor() as cursor:
        lock = int.from_bytes(index[:8], signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
