"""Propose another grade than the reckoned one, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.enterprise.scale import GRADES
from rongqiao.risk.models.enterprise import FirmRating, RatingOverride
from rongqiao.risk.models.sealing import seal
from rongqiao.risk.operations.enterprise.acting import RATERS, acting, checked_reason

# Upwards a person may go two grades, and nobody lifts a firm that could not be scored.
MOST_UPWARDS = 2


class OverrideOutOfReach(Refusal):
    """Not a grade this rating may be given; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.override-out-of-reach"


class OverrideThere(Refusal):
    """Another grade was already proposed or given."""

    code = "risk.override-there"


class RatingSuperseded(Refusal):
    """A newer rating of the firm is there."""

    code = "risk.rating-superseded"


@dataclass(frozen=True, kw_only=True)
class ProposeOverride:
    """The grade to give instead, and why."""

    rating_id: UUID
    grade: str
    reason: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class OverrideProposed:
    """The override that waits for a second person."""

    override_id: UUID


@operation("risk.propose-rating-override", restore=OverrideProposed)
def propose_override(command: ProposeOverride, call: Call) -> OverrideProposed:
    """Put the other grade down; nothing changes before a second person approves.

    Raises NotFound, RatingRoleNeeded, OwnFirm, OverrideOutOfReach, OverrideThere,
    RatingSuperseded, RatingReasonNeeded.
    """
    rating = FirmRating.objects.filter(pk=command.rating_id).first()
    if rating is None:
        raise NotFound(what="rating")
    acting(call, RATERS, rating.party_id)
    allowed = _within_reach(rating.grade)
    if command.grade not in allowed:
        raise OverrideOutOfReach(
            field="grade", value=command.grade[:8], allowed=", ".join(allowed) or "-"
        )
    if FirmRating.objects.filter(party_id=rating.party_id, number__gt=rating.number).exists():
        raise RatingSuperseded
    if rating.overrides.filter(state__in=["proposed", "approved"]).exists():
        raise OverrideThere
    row_id = new_id(call.at)
    RatingOverride.objects.create(
        id=row_id,
        rating=rating,
        grade=command.grade,
        reason_sealed=seal(checked_reason(command.reason), RatingOverride, "reason_sealed", row_id),
        proposed_by=call.actor,
        proposed_at=call.at,
    )
    return OverrideProposed(override_id=row_id)


def _within_reach(grade: str) -> tuple[str, ...]:
    if not grade:
        return ()
    at = GRADES.index(grade)
    return tuple(
        other for place, other in enumerate(GRADES) if place != at and place >= at - MOST_UPWARDS
    )
