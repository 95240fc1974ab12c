"""The switchboard: which fact wakes whom."""

from collections.abc import Callable
from typing import Any

from rongqiao.platform.events import Event
from rongqiao.platform.operations import Call

SUBSCRIBERS: dict[type[Event], list[Callable[[Any, Call], None]]] = {}
