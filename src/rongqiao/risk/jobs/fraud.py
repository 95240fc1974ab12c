"""Clock-driven work: rings of accounts that share what tells people apart; old sightings go."""

from __future__ import annotations

from datetime import date

from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.risk.operations.fraud.forget_sightings import ForgetSightings, forget_sightings
from rongqiao.risk.operations.fraud.gather_rings import GatherRings, gather_rings


def bring_rings_up_to_date() -> int:
    """Gather the rings, if anything came since the last time; return how many there are."""
    at = clock.now()
    call = Call(actor="system:risk", key=f"rings:{at.isoformat()}", at=at, on=clock.business_date())
    return gather_rings(GatherRings(), call).rings


def forget_old_sightings(on: date) -> int:
    """Delete sightings past their term, once for each business date; return how many went.

    A batch that was done already is answered from its record: after a kill, the next is done.
    """
    deleted, batch, is_last = 0, 0, False
    while not is_last:
        batch += 1
        key = f"forget:{on}:{batch}"
        call = Call(actor="system:risk", key=key, at=clock.now(), on=clock.business_date())
        done = forget_sightings(ForgetSightings(on=on, batch=batch), call)
        deleted, is_last = deleted + done.deleted, done.is_last
    return deleted
