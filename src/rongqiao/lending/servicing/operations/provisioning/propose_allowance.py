"""Put a valuation forward to be booked; another person decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.allowance import AllowanceRun
from rongqiao.lending.servicing.operations.provisioning.deciding import (
    PROPOSERS,
    AllowanceNotWaiting,
    acting,
    locked_run,
)
from rongqiao.lending.servicing.queries.provisioning.runs import newer_runs
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal


class NewerAllowance(Refusal):
    """A newer valuation stands: that one is booked, not this; fact: `number`."""

    code = "servicing.newer-allowance"


@dataclass(frozen=True, kw_only=True)
class ProposeAllowance:
    """The valuation to book."""

    run_id: UUID


@dataclass(frozen=True, kw_only=True)
class AllowanceProposed:
    """The valuation that waits, and what it would book, above zero an expense."""

    run_id: UUID
    movement: Money


@operation("servicing.propose-allowance", restore=AllowanceProposed)
def propose_allowance(command: ProposeAllowance, call: Call) -> AllowanceProposed:
    """Let the valuation wait for its second person.

    Raises NotFound, AllowanceRoleNeeded, AllowanceNotWaiting where it was put forward before,
    NewerAllowance.
    """
    acting(call, PROPOSERS)
    run = locked_run(command.run_id)
    if run.state != "calculated":
        raise AllowanceNotWaiting(state=run.state)
    refuse_older(run)
    run.state, run.proposed_by, run.proposed_at = "waiting", call.actor, call.at
    run.save(update_fields=["state", "proposed_by", "proposed_at"])
    moved = sum(one.movement_minor for one in run.products.all())
    moved += sum(one.movement_minor for one in run.undrawn.all())
    return AllowanceProposed(run_id=run.pk, movement=Money(moved))


def refuse_older(run: AllowanceRun) -> None:
    """Raise NewerAllowance where a newer valuation stands."""
    if newer_runs(run):
        raise NewerAllowance(number=run.number)
