"""Put a borrower who died or is bankrupt on hold: all their loans, from today."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.events import BorrowerHeld
from rongqiao.lending.servicing.models.amending.holds import KINDS, BorrowerHold
from rongqiao.lending.servicing.operations.holding.acting import (
    LONGEST_DOCUMENT,
    LONGEST_REASON,
    checked_party,
    checked_words,
)
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class HoldUnknown(Refusal):
    """There is no such ground; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.hold-unknown"


class HoldStands(Refusal):
    """The borrower is on hold already."""

    code = "servicing.hold-stands"


@dataclass(frozen=True, kw_only=True)
class PutOnHold:
    """`kind` is `death` or `bankruptcy`, of the borrower of this loan, by this document."""

    loan_id: UUID
    kind: str
    document: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Held:
    """The hold that stands."""

    hold_id: UUID
    party_id: UUID


@operation("servicing.put-on-hold", restore=Held)
def put_on_hold(command: PutOnHold, call: Call) -> Held:
    """From today no penalty is charged, nobody contacts the borrower, nothing is debited.

    Raises NotFound, HoldRoleNeeded, HoldOwnAffair, HoldWhileClosing, HoldUnknown, HoldWordsNeeded,
    HoldStands.
    """
    party_id = checked_party(command.loan_id, call)
    if command.kind not in KINDS:
        raise HoldUnknown(field="kind", value=command.kind, allowed=", ".join(KINDS))
    document = checked_words("document", command.document, LONGEST_DOCUMENT)
    reason = checked_words("reason", command.reason, LONGEST_REASON)
    if BorrowerHold.objects.filter(party_id=party_id, lifted_on=None).exists():
        raise HoldStands
    hold = BorrowerHold.objects.create(
        id=new_id(call.at),
        party_id=party_id,
        kind=command.kind,
        document=document,
        reason=reason,
        from_on=call.on,
        put_by=call.actor,
        put_at=call.at,
    )
    publish(
        BorrowerHeld(party_id=party_id, is_lifted=False, happened_at=call.at, happened_on=call.on)
    )
    return Held(hold_id=hold.pk, party_id=party_id)
