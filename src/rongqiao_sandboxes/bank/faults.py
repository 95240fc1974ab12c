"""What goes wrong on purpose: drawn from the seed, the order's number and the fault's name.

So two runs with the same orders meet the same faults, in whatever order their requests arrive.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from rongqiao_sandboxes.bank.reading import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rongqiao_sandboxes.bank.state import State

LONGEST_MS = 14 * 24 * 3600 * 1000
SETTLES_AFTER_MS = 800


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The switches. Rates from 0 to 1; times in milliseconds by the bank's clock."""

    # The order fails although nothing speaks against it.
    fail_rate: float = 0.0
    # The callback comes twice, with one event id.
    duplicate_rate: float = 0.0
    # The callback never comes.
    lose_rate: float = 0.0
    # The callback comes `late_by_ms` after its time.
    late_rate: float = 0.0
    # The callback comes after some that should follow it; of a return, before the success.
    reorder_rate: float = 0.0
    # Before the callback comes one that says the same, but was not signed by the bank.
    wrong_signature_rate: float = 0.0
    # The order is taken, but the connection closes without an answer.
    lose_answer_rate: float = 0.0
    # A withdrawal succeeds and comes back `return_after_ms` later.
    return_rate: float = 0.0
    # Every signed request waits this long for its answer, by the machine's time.
    latency_ms: int = 0
    settle_after_ms: int = SETTLES_AFTER_MS
    late_by_ms: int = 60_000
    return_after_ms: int = 5_000
    seed: int = 0

    def strike(self, rate_name: str, number: str, event: str = "") -> bool:
        """Tell whether the fault meets this order (and event of it)."""
        rate: float = getattr(self, rate_name)
        return drawn(self.seed, number, f"{rate_name}{event}") < rate


def drawn(seed: int, number: str, purpose: str) -> float:
    """Return a number in [0, 1) that follows from its arguments alone."""
    digest = hashlib.sha256(f"{seed}\n{number}\n{purpose}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)


def faults_of(state: State) -> Faults:
    """Return the switches as they stand; in manual mode orders are due at once unless told."""
    untouched = Faults(settle_after_ms=0 if state.is_manual else SETTLES_AFTER_MS)
    return replace(untouched, **state.setting("faults"))


def set_faults(state: State, wanted: Mapping[str, Any]) -> Faults:
    """Change the switches named, keep the others; raises Refused (`fault`)."""
    known = {one.name: one for one in fields(Faults)}
    for name, value in wanted.items():
        if name not in known:
            raise Refused("fault", f"no switch is called {name}")
        is_rate = name.endswith("_rate")
        # True is an int to Python, not to anybody who sets a rate.
        if isinstance(value, bool) or not isinstance(value, (int, float) if is_rate else int):
            raise Refused("fault", f"{name} is no number of its kind")
        if not 0 <= value <= (1 if is_rate else LONGEST_MS):
            raise Refused("fault", f"{name} is out of its range")
    changed = replace(faults_of(state), **wanted)
    state.set_setting("faults", asdict(changed))
    return changed
