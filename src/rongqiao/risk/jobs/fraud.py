"""Clock-driven work: the rings of accounts that share what tells people apart."""

from __future__ import annotations

from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.risk.operations.fraud.gather_rings import GatherRings, gather_rings


def bring_rings_up_to_date() -> int:
    """Gather the rings, if anything came since the last time; return how many there are."""
    at = clock.now()
    call = Call(actor="system:risk", key=f"rings:{at.isoformat()}", at=at, on=clock.business_date())
    return gather_rings(GatherRings(), call).rings
