"""Lift a hold against a document: penalty, collecting and debits go on from today."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.events import BorrowerHeld
from rongqiao.lending.servicing.models.amending.holds import BorrowerHold
from rongqiao.lending.servicing.operations.holding.acting import (
    LONGEST_DOCUMENT,
    checked_party,
    checked_words,
)
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal


class NoHoldStands(Refusal):
    """The borrower is not on hold, or it has just been lifted."""

    code = "servicing.no-hold-stands"


@dataclass(frozen=True, kw_only=True)
class LiftHold:
    """The borrower of this loan, and the number of the paper that ends the hold."""

    loan_id: UUID
    document: str


@dataclass(frozen=True, kw_only=True)
class Lifted:
    """The hold that stands no more."""

    hold_id: UUID
    party_id: UUID


@operation("servicing.lift-hold", restore=Lifted)
def lift_hold(command: LiftHold, call: Call) -> Lifted:
    """Lift it; nothing is made up for the days it stood.

    Raises NotFound, HoldRoleNeeded, HoldOwnAffair, HoldWhileClosing, HoldWordsNeeded, NoHoldStands.
    """
    party_id = checked_party(command.loan_id, call)
    document = checked_words("document", command.document, LONGEST_DOCUMENT)
    hold = (
        BorrowerHold.objects.select_for_update().filter(party_id=party_id, lifted_on=None).first()
    )
    if hold is None:
        raise NoHoldStands
    hold.lifted_on, hold.lifted_at, hold.lifted_by = call.on, call.at, call.actor
    hold.lift_document = document
    hold.save(update_fields=["lifted_on", "lifted_at", "lifted_by", "lift_document"])
    publish(
        BorrowerHeld(party_id=party_id, is_lifted=True, happened_at=call.at, happened_on=call.on)
    )
    return Lifted(hold_id=hold.pk, party_id=party_id)
