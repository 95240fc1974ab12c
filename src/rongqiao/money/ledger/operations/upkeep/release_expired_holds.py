"""Free the holds that have expired, by the database's clock."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.money.ledger.operations import writers
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ReleaseExpiredHolds:
    """Free at most `most` of them."""

    most: int = 1000


@dataclass(frozen=True, kw_only=True)
class Released:
    """How many were freed."""

    count: int


@operation("ledger.release-expired-holds", restore=Released)
def release_expired_holds(command: ReleaseExpiredHolds, call: Call) -> Released:
    """Give back what expired holds kept; run it every minute under a new key."""
    return Released(count=writers.release_expired(command.most, call))
