"""What goes wrong on purpose, for the next calls or for all, at one source or at every one."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

ALWAYS = -1
MOST = 60_000
COUNTED = ("fail", "silent", "malformed", "wrong_signature", "lose_callback")


@dataclass
class Faults:
    """Counted faults strike that many next calls, -1: every one. `only` names one source."""

    fail: int = 0
    silent: int = 0
    malformed: int = 0
    wrong_signature: int = 0
    lose_callback: int = 0
    # Every answer takes so long; a ticket is ready after `ticket_ms`.
    latency_ms: int = 0
    ticket_ms: int = 300
    only: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def named(self) -> dict[str, Any]:
        """Return every switch as it stands."""
        return {name: getattr(self, name) for name in (*COUNTED, "latency_ms", "ticket_ms", "only")}

    def strike(self, name: str, source: str) -> bool:
        """Use up one fault of a kind; tell whether this call is struck."""
        with self.lock:
            left: int = getattr(self, name)
            if not left or self.only not in ("", source):
                return False
            if left != ALWAYS:
                setattr(self, name, left - 1)
            return True

    def turn(self, wanted: dict[str, Any]) -> str:
        """Set those named; return the name of the first that has no such value, or nothing."""
        with self.lock:
            for name, value in wanted.items():
                if name == "only":
                    if not isinstance(value, str) or len(value) > 20:
                        return name
                elif name not in self.named() or not isinstance(value, int):
                    return name[:40]
                elif not (ALWAYS if name in COUNTED else 0) <= value <= MOST:
                    return name
            for name, value in wanted.items():
                setattr(self, name, value)
        return ""
