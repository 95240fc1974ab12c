"""The borrower takes an application back, at any time before money was lent on it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import Moved, move, own_case
from rongqiao.lending.origination.conduct.concentration import give_up
from rongqiao.lending.origination.conduct.queueing import drop_review_request
from rongqiao.lending.origination.models import Agreement, Application, Review
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class AlreadyLent(Refusal):
    """The agreement was taken up: the money is lent or the limit granted; repay it instead."""

    kind, code = Kind.CONFLICT, "origination.already-lent"


@dataclass(frozen=True, kw_only=True)
class WithdrawApplication:
    """Which application."""

    application_id: UUID


@operation("origination.withdraw_application", restore=Moved)
def withdraw_application(command: WithdrawApplication, call: Call) -> Moved:
    """Withdraw the application, and cancel its agreement if servicing has not taken it up.

    Raises NotFound, StepNotDrawn, AlreadyLent.
    """
    case = own_case(command.application_id, call)
    cancel_agreement(case, call)
    drop_review_request(case, call)
    move(case, State.WITHDRAWN, call)
    Review.objects.filter(application=case, closed_at=None).update(
        closed_at=call.at, outcome="withdrawn"
    )
    return Moved(application_id=case.pk, state=case.state)


def cancel_agreement(case: Application, call: Call) -> None:
    """Cancel the case's agreement, if there is one; raises AlreadyLent once it is taken up."""
    agreement = Agreement.objects.select_for_update().filter(application=case).first()
    if agreement is None:
        return
    if agreement.taken_up_at is not None:
        raise AlreadyLent
    agreement.cancelled_at = call.at
    agreement.save(update_fields=["cancelled_at"])
    give_up([agreement])
