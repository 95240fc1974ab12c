"""Another person decides on a proposed allowance; an approval books it as of its date."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.models.allowance import (
    AllowanceEntry,
    AllowanceProduct,
    AllowanceRun,
)
from rongqiao.lending.servicing.operations.provisioning.deciding import (
    DECIDERS,
    PROPOSERS,
    AllowanceNotWaiting,
    NotYourAllowance,
    acting,
    locked_run,
    refuse_same_person,
)
from rongqiao.lending.servicing.operations.provisioning.moving import write_movements
from rongqiao.lending.servicing.operations.provisioning.propose_allowance import refuse_older
from rongqiao.lending.servicing.operations.provisioning.reserving import (
    allowance_of,
    entry,
    hold_allowance,
)
from rongqiao.lending.servicing.queries.provisioning.runs import (
    allowances_on,
    last_booked,
    undrawn_held,
)
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_REASON = 200


class AllowanceReasonNeeded(Refusal):
    """Who declines an allowance says why; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.allowance-reason-needed"


class AllowanceChanged(Refusal):
    """What is booked is not what the decider was shown, or the books moved since; `total` now."""

    code = "servicing.allowance-changed"


@dataclass(frozen=True, kw_only=True)
class DecideAllowance:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`.

    `expected` is the movement the decider was shown, which an approval is for.
    """

    run_id: UUID
    word: str
    expected: Money | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AllowanceDecided:
    """Where the valuation stands now, and its journal where anything was booked."""

    run_id: UUID
    state: str
    journal_id: int | None


_STATE_OF = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}


@operation("servicing.decide-allowance", restore=AllowanceDecided)
def decide_allowance(command: DecideAllowance, call: Call) -> AllowanceDecided:
    """Decide on it; an approval posts one journal, valued on the valuation's date.

    Raises NotFound, AllowanceRoleNeeded, AllowanceSecondPersonNeeded, NotYourAllowance,
    AllowanceNotWaiting, NewerAllowance, AllowanceChanged, AllowanceReasonNeeded, and PeriodClosed
    where the month of that date is closed.
    """
    run = locked_run(command.run_id)
    _check_person(run, command.word, call)
    if run.state != "waiting":
        raise AllowanceNotWaiting(state=run.state)
    run.state = _STATE_OF[command.word]
    run.decided_by, run.decided_at = call.actor, call.at
    if run.state == "declined":
        run.declined_because = _reason(command.reason)
    if run.state == "approved":
        refuse_older(run)
        before = last_booked()
        _book(run, command.expected, call)
        write_movements(run, before)
    run.save(update_fields=["state", "decided_by", "decided_at", "declined_because", "journal_id"])
    return AllowanceDecided(run_id=run.pk, state=run.state, journal_id=run.journal_id)


def _check_person(run: AllowanceRun, word: str, call: Call) -> None:
    if word == "withdraw":
        acting(call, PROPOSERS)
        if run.proposed_by != call.actor:
            raise NotYourAllowance
        return
    refuse_same_person(run.proposed_by, acting(call, DECIDERS))


def _reason(text: str) -> str:
    words = " ".join(text.split())
    if not 0 < len(words) <= LONGEST_REASON:
        raise AllowanceReasonNeeded(field="reason", allowed=f"1 - {LONGEST_REASON}")
    return words


def _book(run: AllowanceRun, expected: Money | None, call: Call) -> None:
    hold_allowance()
    products = list(run.products.order_by("product_code"))
    moved = {one.product_code: one.movement_minor for one in products if one.movement_minor}
    undrawn = {
        one.product_code: one.movement_minor
        for one in run.undrawn.order_by("product_code")
        if one.movement_minor
    }
    total = Money(sum(moved.values()) + sum(undrawn.values()))
    if expected != total or not _still_holds(run, products):
        raise AllowanceChanged(total=total.text())
    if not moved and not undrawn:
        return
    accounts = [code for one in moved for code in postings.accounts_of_allowance(one)]
    accounts += [code for one in undrawn for code in postings.accounts_of_undrawn(one)]
    open_accounts(sorted(set(accounts)), call)
    (run.journal_id,) = post([postings.allowance(run.number, moved, undrawn, run.on)], call)
    AllowanceEntry.objects.bulk_create(
        entry("run", product, minor, (run.pk, run.on, run.journal_id), call)
        for product, minor in moved.items()
    )


def _still_holds(run: AllowanceRun, products: list[AllowanceProduct]) -> bool:
    """Tell whether the books as of the date are as valued, and what went since leaves enough."""
    held = allowances_on(run.on)
    asked = {one.product_code: one.opening_minor for one in run.undrawn.all() if one.opening_minor}
    if undrawn_held() != asked:
        return False
    return all(
        held.pop(one.product_code, 0) == one.opening_minor
        and allowance_of(one.product_code) + one.movement_minor >= 0
        for one in products
    ) and not any(held.values())
