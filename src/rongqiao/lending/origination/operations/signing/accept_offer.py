"""The borrower accepts what was approved."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import Moved, check_state, move, own_case
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class OfferEnded(Refusal):
    """The offer was good until an earlier day; fact: `allowed`."""

    kind, code = Kind.CONFLICT, "origination.offer-ended"


@dataclass(frozen=True, kw_only=True)
class AcceptOffer:
    """Which application."""

    application_id: UUID


@operation("origination.accept_offer", restore=Moved)
def accept_offer(command: AcceptOffer, call: Call) -> Moved:
    """Bring an approved application to accepted, or a countered one by way of approved.

    Raises NotFound, StepNotDrawn, OfferEnded.
    """
    case = own_case(command.application_id, call)
    check_state(case, State.APPROVED, State.COUNTERED)
    check_offer(case, call)
    if case.state == State.COUNTERED:
        move(case, State.APPROVED, call)
    move(case, State.ACCEPTED, call)
    return Moved(application_id=case.pk, state=case.state)


def check_offer(case: Application, call: Call) -> None:
    """Raise OfferEnded once the offer's last day is over."""
    if case.offer_ends_on is None or case.offer_ends_on < call.on:
        raise OfferEnded(allowed=case.offer_ends_on.isoformat() if case.offer_ends_on else "")
