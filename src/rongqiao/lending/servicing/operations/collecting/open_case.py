"""Open the collection case of a loan that was found overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.collecting.acting import oldest_unpaid
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound

# How long a new case may wait for its first contact: the house's own promise.
FIRST_CONTACT_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """The overdue loan."""

    loan_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseOpened:
    """The loan's case; None where it had been paid before anybody looked."""

    case_id: UUID | None


@operation("servicing.open-collection-case", restore=CaseOpened)
def open_case(command: OpenCase, call: Call) -> CaseOpened:
    """Open a case, once per time past due. Raises NotFound."""
    # The lock keeps a payment from ending the arrears while the case is being opened.
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=command.loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    standing = CollectionCase.objects.filter(loan=loan).exclude(state="closed").first()
    if standing is not None:
        return CaseOpened(case_id=standing.pk)
    oldest = oldest_unpaid(loan)
    if loan.state != "overdue" or oldest is None:
        return CaseOpened(case_id=None)
    case = CollectionCase.objects.create(
        id=new_id(call.at),
        number=short_number("K", call.at),
        loan=loan,
        party_id=loan.party_id,
        opened_at=call.at,
        opened_on=call.on,
        oldest_due_on=oldest,
        next_on=call.on + timedelta(days=FIRST_CONTACT_DAYS),
    )
    return CaseOpened(case_id=case.pk)
