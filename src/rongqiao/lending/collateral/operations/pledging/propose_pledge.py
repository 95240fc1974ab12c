"""Propose that an item secures a case for an amount; another person agrees."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.collateral.models import Pledge
from rongqiao.lending.collateral.operations.acting import (
    KEEPERS,
    CollateralWordsNeeded,
    acting,
    check_not_own,
    locked_item,
)
from rongqiao.lending.collateral.operations.pledging.bearing import check_bears
from rongqiao.lending.origination.queries.securing import (
    Case,
    case_of_agreement,
    case_of_application,
)
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, undone_if_it_fails
from rongqiao.platform.refusals import NotFound, Refusal

LONGEST_REGISTRATION = 80


class PledgeForCaseOver(Refusal):
    """Nothing was lent under the case and nothing will be; fact: `number`."""

    code = "collateral.case-over"


class PledgeStands(Refusal):
    """The item secures the case already, or somebody has proposed it."""

    code = "collateral.pledge-stands"


@dataclass(frozen=True, kw_only=True)
class ProposePledge:
    """Which item, for which application or agreement (one of the two), and how much it secures.

    `registration` is the number under which the charge is registered; `is_beyond` says that the
    amount goes beyond the item's free value; `replaces` is the pledge it takes the place of.
    """

    collateral_id: UUID
    application_id: UUID | None = None
    agreement_id: UUID | None = None
    amount: Money
    registration: str = ""
    is_beyond: bool = False
    replaces: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PledgeProposed:
    """The pledge that waits for its second person."""

    pledge_id: UUID
    number: str


@operation("collateral.propose-pledge", restore=PledgeProposed)
def propose_pledge(command: ProposePledge, call: Call) -> PledgeProposed:
    """Propose it. Raises NotFound, CollateralRoleNeeded, CollateralOwnAffair, CollateralRetired,
    CollateralWordsNeeded, PledgeForCaseOver, PledgeStands, CollateralEnded, ValuationStale,
    PledgeBeyondFreeValue.
    """
    user_id = acting(call, *KEEPERS)
    case = _case(command, call)
    item = locked_item(command.collateral_id)
    check_not_own(user_id, item.party_id, case.party_id)
    amount = command.amount
    if not 0 < amount.minor <= LARGEST_MINOR:
        allowed = f"0.01 - {Money(LARGEST_MINOR).text()}"
        raise CollateralWordsNeeded(field="amount", value=amount.text(), allowed=allowed)
    registration = " ".join(command.registration.split())
    if len(registration) > LONGEST_REGISTRATION:
        allowed = f"0 - {LONGEST_REGISTRATION}"
        raise CollateralWordsNeeded(field="registration", value="", allowed=allowed)
    if case.is_over:
        raise PledgeForCaseOver(number=case.number)
    replaced = _replaced(command, case)
    bears = check_bears(item, amount, call, is_beyond=command.is_beyond)
    row = Pledge(
        id=new_id(call.at),
        number=short_number("DB", call.at),
        collateral=item,
        application_id=case.application_id,
        agreement_id=case.agreement_id,
        party_id=case.party_id,
        amount_minor=amount.minor,
        registration=registration,
        is_beyond=amount > bears,
        replaces=replaced,
        proposed_by=call.actor,
        proposed_at=call.at,
        proposed_on=call.on,
    )
    try:
        with undone_if_it_fails():
            row.save(force_insert=True)
    except IntegrityError:
        raise PledgeStands from None
    return PledgeProposed(pledge_id=row.pk, number=row.number)


def _case(command: ProposePledge, call: Call) -> Case:
    if command.application_id is not None:
        return case_of_application(command.application_id, call.on)
    if command.agreement_id is not None:
        return case_of_agreement(command.agreement_id, call.on)
    raise NotFound(what="application")


def _replaced(command: ProposePledge, case: Case) -> Pledge | None:
    """Return the standing pledge of the same case that this one replaces; raises NotFound."""
    if command.replaces is None:
        return None
    of_case = Pledge.objects.of_case(case.application_id, case.agreement_id)
    row = of_case.filter(pk=command.replaces, state="agreed").first()
    if row is None:
        raise NotFound(what="pledge")
    return row
