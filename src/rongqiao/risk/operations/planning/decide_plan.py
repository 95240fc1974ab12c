"""Another person releases a placement plan or declines it; its proposer may take it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound, Refusal
from rongqiao.risk.models.plans import PlacementPlan
from rongqiao.risk.operations.planning.deciding import (
    DECIDERS,
    PROPOSERS,
    NotYourPlan,
    PlanNotWaiting,
    acting,
    lock_plans,
    refuse_same_person,
)


class PlanMonthsTaken(Refusal):
    """Another released plan holds for some of these months; facts: `number`, `first`, `last`."""

    code = "risk.plan-months-taken"


@dataclass(frozen=True, kw_only=True)
class DecidePlan:
    """The plan and what becomes of it."""

    plan_id: UUID
    word: Literal["release", "decline", "withdraw"]


@dataclass(frozen=True, kw_only=True)
class PlanDecided:
    """Where the plan stands now."""

    plan_id: UUID
    state: str


STATE_OF = {"release": "released", "decline": "declined", "withdraw": "withdrawn"}


@operation("risk.decide-plan", restore=PlanDecided)
def decide_plan(command: DecidePlan, call: Call) -> PlanDecided:
    """Decide on it; a released one takes the place of the one for the same months.

    Raises NotFound, PlanRoleNeeded, PlanSecondPersonNeeded, NotYourPlan, PlanNotWaiting,
    PlanMonthsTaken.
    """
    lock_plans()
    plan = PlacementPlan.objects.filter(pk=command.plan_id).first()
    if plan is None:
        raise NotFound(what="placement-plan")
    is_withdrawn = command.word == "withdraw"
    user_id = acting(call, PROPOSERS if is_withdrawn else DECIDERS)
    if not is_withdrawn:
        refuse_same_person(plan.proposed_by, user_id)
    elif plan.proposed_by != call.actor:
        raise NotYourPlan
    if plan.state != "proposed":
        raise PlanNotWaiting(number=str(plan.number))
    if command.word == "release":
        _make_room(plan)
    plan.state = STATE_OF[command.word]
    plan.decided_by, plan.decided_at = call.actor, call.at
    plan.save(update_fields=["state", "decided_by", "decided_at"])
    return PlanDecided(plan_id=plan.pk, state=plan.state)


def _make_room(plan: PlacementPlan) -> None:
    released = PlacementPlan.objects.filter(state="released")
    for other in released.filter(first_on__lte=plan.last_on, last_on__gte=plan.first_on):
        if (other.first_on, other.last_on) != (plan.first_on, plan.last_on):
            raise PlanMonthsTaken(
                number=str(other.number),
                first=f"{other.first_on:%Y-%m}",
                last=f"{other.last_on:%Y-%m}",
            )
        other.state = "superseded"
        other.save(update_fields=["state"])
