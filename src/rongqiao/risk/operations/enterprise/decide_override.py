"""A second person approves another grade, or declines it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound, Refusal
from rongqiao.risk.models.enterprise import RatingOverride
from rongqiao.risk.operations.enterprise.acting import DECIDERS, acting, refuse_same_person


class OverrideNotWaiting(Refusal):
    """It was decided already; fact: `state`."""

    code = "risk.override-not-waiting"


@dataclass(frozen=True, kw_only=True)
class DecideOverride:
    """Whether the other grade counts."""

    override_id: UUID
    is_approved: bool


@dataclass(frozen=True, kw_only=True)
class OverrideDecided:
    """Where the override stands now."""

    override_id: UUID
    state: str


@operation("risk.decide-rating-override", restore=OverrideDecided)
def decide_override(command: DecideOverride, call: Call) -> OverrideDecided:
    """Decide on it; an approved grade counts from now on.

    Raises NotFound, RatingRoleNeeded, OwnFirm, RatingSecondPersonNeeded, OverrideNotWaiting.
    """
    rows = RatingOverride.objects.select_for_update(of=("self",)).select_related("rating")
    row = rows.filter(pk=command.override_id).first()
    if row is None:
        raise NotFound(what="override")
    refuse_same_person(row.proposed_by, acting(call, DECIDERS, row.rating.party_id))
    if row.state != "proposed":
        raise OverrideNotWaiting(state=row.state)
    row.state = "approved" if command.is_approved else "declined"
    row.decided_by, row.decided_at = call.actor, call.at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    return OverrideDecided(override_id=row.pk, state=row.state)
