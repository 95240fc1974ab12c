"""What one policy document says otherwise than another: path by path, from what to what.

Rules, lines, grades and the like are told apart by their own code or name, not by their place, so
that a rule put in between does not make every later one look changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# The key that tells the entries of a list apart, by the name of the list.
KEYS = {
    "features": "name",
    "lines": "name",
    "grades": "grade",
    "rates": "grade",
    "default_rates": "grade",
    "tables": "code",
    "rules": "code",
    "reasons": "code",
    "tests": "name",
}
# Stands at the end of a path whose entries only changed their order.
ORDER = "#order"
ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise; `path` is such as ("tables", "against", "rules", "old", "when").

    `was` and `now` are JSON values; `was` is None where `kind` is added, `now` where removed.
    """

    path: tuple[str, ...]
    kind: str
    was: Any
    now: Any


def differences(was: dict[str, Any], now: dict[str, Any]) -> tuple[Difference, ...]:
    """Return everything that differs, in the order of the newer document."""
    return tuple(_walk((), was, now))


def _walk(path: tuple[str, ...], was: Any, now: Any) -> Iterator[Difference]:
    if was == now and type(was) is type(now):
        return
    if isinstance(was, dict) and isinstance(now, dict):
        yield from _keyed(path, was, now)
    elif (key := _key_of(path, was, now)) is not None:
        before, after = _by(key, was), _by(key, now)
        yield from _keyed(path, before, after)
        stayed = [name for name in before if name in after]
        order = [name for name in after if name in before]
        if stayed != order:
            yield Difference((*path, ORDER), MOVED, stayed, order)
    else:
        yield Difference(path, CHANGED, was, now)


def _keyed(path: tuple[str, ...], was: dict[str, Any], now: dict[str, Any]) -> Iterator[Difference]:
    for name, value in now.items():
        if name not in was:
            yield Difference((*path, name), ADDED, None, value)
        else:
            yield from _walk((*path, name), was[name], value)
    for name, value in was.items():
        if name not in now:
            yield Difference((*path, name), REMOVED, value, None)


def _key_of(path: tuple[str, ...], was: Any, now: Any) -> str | None:
    """Return by what the entries of both lists are told apart; None for anything but such lists."""
    if not path or not isinstance(was, list) or not isinstance(now, list):
        return None
    if path[-1] == "bounds":
        return "0"
    return KEYS.get(path[-1])


def _by(key: str, entries: list[Any]) -> dict[str, Any]:
    if key == "0":
        return {str(bound): points for bound, points in entries}
    return {str(entry[key]): {**entry} for entry in entries}
