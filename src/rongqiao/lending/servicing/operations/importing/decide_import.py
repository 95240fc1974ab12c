"""Another person decides on an import; what is approved the worker takes over at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.importing.deciding import (
    DECIDERS,
    PROPOSERS,
    ImportNotWaiting,
    acting,
    locked_import,
    refuse_same_person,
)
from rongqiao.lending.servicing.queries.amending.imports import get_import
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

CARRY_OUT = "servicing.carry-out-import"


class NotYourImport(Refusal):
    """Only the proposer takes an import back."""

    kind, code = Kind.FORBIDDEN, "servicing.not-your-import"


class ImportOutdated(Refusal):
    """It was checked for another business date: proposed anew it is checked anew; fact: `on`."""

    code = "servicing.import-outdated"


class ImportTotalsChanged(Refusal):
    """The principal is not what the decider was shown; fact: `total`."""

    code = "servicing.import-totals-changed"


@dataclass(frozen=True, kw_only=True)
class DecideImport:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`.

    `shown` is the principal outstanding that the decider read.
    """

    import_id: UUID
    word: str
    shown: Money | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportDecided:
    """Where the import stands now."""

    import_id: UUID
    state: str


_STATE_OF = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}


@operation("servicing.decide-import", restore=ImportDecided)
def decide_import(command: DecideImport, call: Call) -> ImportDecided:
    """Decide on it. Raises NotFound, ImportRoleNeeded, ImportSecondPersonNeeded, NotYourImport,
    ImportNotWaiting, ImportOutdated, ImportTotalsChanged.
    """
    made = locked_import(command.import_id)
    if command.word == "withdraw":
        acting(call, PROPOSERS)
        if made.proposed_by != call.actor:
            raise NotYourImport
    else:
        refuse_same_person(made, acting(call, DECIDERS))
    if made.state != "waiting":
        raise ImportNotWaiting(state=made.state)
    if command.word == "approve":
        if made.checked_on != call.on:
            raise ImportOutdated(on=made.checked_on.isoformat())
        total = get_import(made.pk).totals.principal
        if command.shown is not None and command.shown != total:
            raise ImportTotalsChanged(total=total.text())
        jobs.enqueue(CARRY_OUT, import_id=str(made.pk))
    made.state = _STATE_OF[command.word]
    made.decided_by, made.decided_at = call.actor, call.at
    made.declined_because = command.reason[:200]
    made.save(update_fields=["state", "decided_by", "decided_at", "declined_because"])
    return ImportDecided(import_id=made.pk, state=made.state)
