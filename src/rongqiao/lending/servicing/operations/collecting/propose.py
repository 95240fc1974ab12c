"""Propose what one person does not decide for a case: a hand-over, or a settlement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.collecting import CaseProposal, CollectionCase
from rongqiao.lending.servicing.models.loans import BUCKETS, Instalment
from rongqiao.lending.servicing.operations.collecting.acting import (
    checked_words,
    own_case,
    refuse_on_hold,
    sealed,
)
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal

# What a collector may offer to give up alone, as the house sets it; principal is never offered.
ALONE_MOST = Money(50_000)
OFFER_DAYS_MOST = 30
FIRM_LONGEST = 80


class ProposalStands(Refusal):
    """The case has a proposal that waits, or an offer that stands; fact: `number`."""

    code = "collecting.proposal-stands"


class FirmNeeded(Refusal):
    """A hand-over names the firm; fact: `allowed`."""

    kind, code = Kind.INVALID, "collecting.firm-needed"


class OfferUnfit(Refusal):
    """An offer lies within what may be given up, for a near date; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "collecting.offer-unfit"


@dataclass(frozen=True, kw_only=True)
class ProposeHandOver:
    """`kind` is `agent` or `law-firm`."""

    case_id: UUID
    kind: str
    firm: str
    reason: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class OfferSettlement:
    """What pays off all that is past due, if it is paid by a date."""

    case_id: UUID
    pays: Money
    pay_by: date
    reason: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """The proposal: `waiting` for another person, or `approved` where one may decide alone."""

    proposal_id: UUID
    state: str


@operation("servicing.propose-hand-over", restore=Proposed)
def propose_hand_over(command: ProposeHandOver, call: Call) -> Proposed:
    """Propose to hand the case to an agent or a law firm; another person decides.

    Raises what own_case raises, BorrowerOnHold, ProposalStands, FirmNeeded, WordsNeeded.
    """
    case, user_id = own_case(command.case_id, call)
    refuse_on_hold(case)
    assert command.kind in ("agent", "law-firm"), command.kind
    firm = command.firm.strip()
    if not 0 < len(firm) <= FIRM_LONGEST:
        raise FirmNeeded(field="firm", allowed=f"1 - {FIRM_LONGEST}")
    row = _proposal(case, command.kind, command.reason, user_id, call)
    row.firm = firm
    row.save(force_insert=True)
    return Proposed(proposal_id=row.pk, state=row.state)


@operation("servicing.offer-settlement", restore=Proposed)
def offer_settlement(command: OfferSettlement, call: Call) -> Proposed:
    """Offer to take less than is past due; beyond ALONE_MOST another person decides.

    Only interest, penalty and fees past due may be given up, never principal. The offer moves no
    money: what it gives up is waived once it was met.
    Raises what own_case raises, ProposalStands, OfferUnfit, WordsNeeded.
    """
    case, user_id = own_case(command.case_id, call)
    owed, charges = past_due(case, call.on)
    least, latest = owed - charges, call.on + timedelta(days=OFFER_DAYS_MOST)
    if not max(least, Money(1)) <= command.pays < owed:
        allowed = f"{max(least, Money(1)).text()} - {(owed - Money(1)).text()}"
        raise OfferUnfit(field="pays", value=command.pays.text(), allowed=allowed)
    if not call.on <= command.pay_by <= latest:
        allowed = f"{call.on} - {latest}"
        raise OfferUnfit(field="pay_by", value=command.pay_by.isoformat(), allowed=allowed)
    row = _proposal(case, "settlement", command.reason, user_id, call)
    row.owed_minor, row.pays_minor, row.pay_by = owed.minor, command.pays.minor, command.pay_by
    row.recovered_before_minor = case.recovered_minor
    if owed - command.pays <= ALONE_MOST:
        row.state, row.decided_by, row.decided_at = "approved", user_id, call.at
    row.save(force_insert=True)
    return Proposed(proposal_id=row.pk, state=row.state)


def past_due(case: CollectionCase, on: date) -> tuple[Money, Money]:
    """Return what is past due in all, and how much of it is not principal."""
    rows = Instalment.objects.filter(
        loan_id=case.loan_id, is_due=True, settled_on=None, due_on__lt=on
    )
    left = {bucket: sum(row.left(bucket) for row in rows) for bucket in BUCKETS}
    owed = sum(left.values())
    return Money(owed), Money(owed - left["principal"])


def _proposal(
    case: CollectionCase, kind: str, reason: str, user_id: UUID, call: Call
) -> CaseProposal:
    standing = case.proposals.filter(state__in=("waiting", "approved")).exclude(
        state="approved", kind__in=("agent", "law-firm")
    )
    if (before := standing.first()) is not None:
        raise ProposalStands(number=before.number)
    proposal_id = new_id(call.at)
    return CaseProposal(
        id=proposal_id,
        number=short_number("S", call.at),
        case=case,
        kind=kind,
        reason_sealed=sealed(
            checked_words(reason, "reason"), CaseProposal, "reason_sealed", proposal_id
        ),
        state="waiting",
        proposed_by=user_id,
        proposed_at=call.at,
    )
