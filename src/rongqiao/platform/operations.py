"""The one door for writes: one transaction, once per key, always on record.

A command marks a personal field with `sensitive()`: the record then keeps a keyed digest of it,
enough to tell a repeated request from another one, never the value.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction

from rongqiao.finance.money import Money
from rongqiao.platform.audit import answer_on_record
from rongqiao.platform.crypto import keyed_digest
from rongqiao.platform.models import OperationRecord
from rongqiao.platform.refusals import Kind, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from dataclasses import Field

_inside: ContextVar[_Underway | None] = ContextVar("inside_operation", default=None)

RETRIES = 5
# JSON's escape of NUL, and not a backslash that happens to stand before "u0000".
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_ALREADY_PLAIN = {str, int, bool}
# 40001 serialization_failure, 40P01 deadlock_detected: the same key makes a retry harmless.
RETRYABLE = {"40001", "40P01"}


class Plain(Protocol):
    """A dataclass of plain values: str, int, bool, None, Money, Decimal, date, UUID, tuples."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


C = TypeVar("C", bound=Plain)
R = TypeVar("R", bound=Plain)


@dataclass(frozen=True, kw_only=True)
class Call:
    """Who asks, under which idempotency key, when (UTC) and on which business date.

    `actor` is `user:<uuid>`, `party:<uuid>`, or `system:<name>` for handlers, jobs and end of day.
    """

    actor: str
    key: str
    at: datetime
    on: date


@dataclass
class _Underway:
    """The operation under way, and how many keys its parts took so far."""

    name: str
    call: Call
    parts: int = 0


class UnreadableText(Refusal):
    """A text holds a NUL character, which no name or reason has and PostgreSQL cannot keep."""

    kind, code = Kind.INVALID, "platform.unreadable-text"


class KeyReusedForAnotherRequest(Refusal):
    """The key was used before for a request with other contents."""

    kind, code = Kind.CONFLICT, "platform.key-reused"


def sensitive(*, circumstance: bool = False, **options: Any) -> Any:
    """Return a dataclass field whose value is recorded as a keyed digest only."""
    return field(metadata={"sensitive": True, "circumstance": circumstance}, **options)


def circumstance(**options: Any) -> Any:
    """Return a dataclass field that is on record but does not tell one request from another.

    Such as the address a request came from: a retry from another network asks for the same thing.
    """
    return field(metadata={"circumstance": True}, **options)


def inside_operation() -> bool:
    """Tell whether an operation is under way in this context."""
    return _inside.get() is not None


@contextmanager
def undone_if_it_fails() -> Iterator[None]:
    """Undo what the block wrote where it raises; the operation under way can go on without it."""
    assert inside_operation(), "a part outside an operation"
    with transaction.atomic():
        yield


def part_key() -> str:
    """Return the idempotency key of the next part of the operation under way, such as a journal.

    An operation's key counts per actor and operation, so a part's key names both.
    """
    underway = _inside.get()
    assert underway is not None, "a part outside an operation"
    underway.parts += 1
    call = underway.call
    return f"{underway.name}|{call.actor}|{call.key}|{underway.parts}"


def operation(
    name: str, restore: type[R]
) -> Callable[[Callable[[C, Call], R]], Callable[[C, Call], R]]:
    """Turn `body(command, call) -> result` into a write: one transaction, once per key, on record.

    The key counts per actor and operation. The same key with the same command returns the first
    result; with another command it raises KeyReusedForAnotherRequest. A refusal or an error rolls
    everything back, the record too. A deadlock is tried again with the same key.
    """

    def decorate(body: Callable[[C, Call], R]) -> Callable[[C, Call], R]:
        @wraps(body)
        def run(command: C, call: Call) -> R:
            assert not inside_operation(), f"{name} called from inside an operation"
            for attempt in range(RETRIES):
                token = _inside.set(_Underway(name, call))
                try:
                    with transaction.atomic(durable=True):
                        return _once(name, restore, body, command, call)
                except OperationalError as error:
                    state = getattr(error.__cause__, "sqlstate", None)
                    if state not in RETRYABLE or attempt == RETRIES - 1:
                        raise
                    time.sleep(0.01 * 2**attempt)
                finally:
                    _inside.reset(token)
            raise AssertionError(name)

        return run

    return decorate


def _once(name: str, restore: type[R], body: Callable[[C, Call], R], command: C, call: Call) -> R:
    shown = _recorded(command)
    request = canonical(shown)
    if _NUL.search(request):
        raise UnreadableText
    aside = {item.name for item in fields(command) if item.metadata.get("circumstance")}
    asked = {name: value for name, value in shown.items() if name not in aside}
    digest = hashlib.sha256(canonical(asked).encode()).digest()
    with connection.cursor() as cursor:
        # A second caller with the same key waits here until the first commits or rolls back.
        cursor.execute(
            """INSERT INTO platform_operationrecord
               (name, key, actor, happened_at, business_date, request, request_hash)
               VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s)
               ON CONFLICT (actor, name, key) DO NOTHING RETURNING id""",
            [name, call.key, call.actor, call.at, call.on, request, digest],
        )
        first = cursor.fetchone()
    if first is None:
        return _replay(name, restore, digest, call)
    result = body(command, call)
    answer_on_record(first[0], canonical(result))
    return result


def _replay(name: str, restore: type[R], digest: bytes, call: Call) -> R:
    record = OperationRecord.objects.get(actor=call.actor, name=name, key=call.key)
    if bytes(record.request_hash) != digest:
        raise KeyReusedForAnotherRequest(key=call.key)
    assert record.result is not None
    return restored(restore, record.result)


def canonical(value: Any) -> str:
    """Return the one JSON text of a plain value: sorted keys, no spaces, money as decimal text."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _recorded(command: Plain) -> dict[str, Any]:
    """Return the command's fields, sensitive ones as keyed digests."""
    shown = {}
    for item in fields(command):
        value = getattr(command, item.name)
        if item.metadata.get("sensitive") and value not in (None, ""):
            value = "hmac:" + keyed_digest("operation", item.name, canonical(value)).hex()
        shown[item.name] = value
    return shown


def _plain(value: Any) -> Any:  # noqa: C901, PLR0911 - one line per kind of value
    # Most of what is asked for is plain already: told first, at a tenth of the cost.
    if value is None or value.__class__ in _ALREADY_PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, (type, Money)):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Money):
        return {"minor": str(value.minor), "currency": value.currency}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    assert isinstance(value, (str, int)), f"not plain: {value!r}"
    return value


def restored(kind: type[R], stored: dict[str, Any]) -> R:
    """Return the dataclass `kind` from its stored JSON, field types guiding the way back."""
    from typing import get_type_hints  # noqa: PLC0415

    hints = get_type_hints(kind)
    return kind(**{name: _back(hints[name], value) for name, value in stored.items()})


def _back(hint: Any, value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    from types import NoneType, UnionType  # noqa: PLC0415
    from typing import Union, get_args, get_origin  # noqa: PLC0415

    if value is None:
        return None
    if get_origin(hint) in (Union, UnionType):
        hint = next(arm for arm in get_args(hint) if arm is not NoneType)
    if get_origin(hint) in (tuple, list):
        inner = get_args(hint)[0]
        return get_origin(hint)(_back(inner, item) for item in value)
    if hint is Money:
        return Money(int(value["minor"]), value["currency"])
    if hint in (date, datetime):
        return hint.fromisoformat(value)
    if is_dataclass(hint):
        return restored(hint, value)  # type: ignore[arg-type]
    if isinstance(hint, type) and (hint in (UUID, Decimal) or issubclass(hint, Enum)):
        return hint(value)
    return value
