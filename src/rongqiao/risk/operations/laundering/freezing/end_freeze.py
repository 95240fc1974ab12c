"""End a freeze: one officer proposes it with a reason, another gives the money back or keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.laundering.freezing import Freeze, FreezeState
from rongqiao.risk.operations.laundering.notes import add_note
from rongqiao.risk.operations.laundering.officers import (
    NotInThisState,
    acting,
    reason_given,
    refuse_same_person,
    sealed,
)

# From which state each word leads on.
_FROM = {
    "propose": FreezeState.IN_FORCE,
    "approve": FreezeState.ENDING,
    "keep": FreezeState.ENDING,
}
_FIELDS = ("state", "proposed_by", "proposed_at", "reason_sealed", "decided_by", "decided_at")


@dataclass(frozen=True, kw_only=True)
class EndFreeze:
    """`word` is `propose` or, of another officer, `approve` or `keep`; the first and last say why.

    The owner is told nothing: the sums that were set aside are free again, no more.
    """

    freeze_id: UUID
    word: str
    reason: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class FreezeEnded:
    """Where the freeze stands."""

    state: str


@operation("risk.laundering.end_freeze", restore=FreezeEnded)
def end_freeze(command: EndFreeze, call: Call) -> FreezeEnded:
    """Propose the end, or decide on it. Raises NotFound, NotInThisState, ReasonNeeded,
    SecondPersonNeeded.
    """
    row = Freeze.objects.select_for_update().filter(pk=command.freeze_id).first()
    if row is None or command.word not in _FROM:
        raise NotFound
    officer = acting(call, row.party_id)
    if row.state != _FROM[command.word]:
        raise NotInThisState(state=row.state)
    if command.word == "propose":
        _propose(row, reason_given(command.reason), call)
    else:
        refuse_same_person(row.proposed_by, officer)
        if command.word == "approve":
            _give_back(row, call)
        else:
            _keep(row, reason_given(command.reason), call)
    row.save(update_fields=_FIELDS)
    return FreezeEnded(state=row.state)


def _propose(row: Freeze, reason: str, call: Call) -> None:
    row.state, row.proposed_by, row.proposed_at = FreezeState.ENDING, call.actor, call.at
    row.reason_sealed = sealed(reason, "freeze", "reason_sealed", row.pk)
    add_note(row.case, "end-asked", reason, call)


def _keep(row: Freeze, reason: str, call: Call) -> None:
    row.state, row.proposed_by = FreezeState.IN_FORCE, ""
    row.proposed_at = row.reason_sealed = None
    add_note(row.case, "end-denied", reason, call)


def _give_back(row: Freeze, call: Call) -> None:
    """Release every sum; nothing else ends these holds."""
    row.state, row.decided_by, row.decided_at = FreezeState.ENDED, call.actor, call.at
    for one in row.sums.order_by("at", "id"):
        release_hold(one.hold_id, call)
    add_note(row.case, "unfrozen", row.number, call)
