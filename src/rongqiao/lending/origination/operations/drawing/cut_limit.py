"""The lender lowers a limit for a reason the borrower reads; drawings stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import OwnAffair, acting_staff
from rongqiao.lending.origination.conduct.limits import available_of, limit_of
from rongqiao.lending.origination.events import LimitCutDown
from rongqiao.lending.origination.models import CUT_REASONS, LimitCut
from rongqiao.parties.queries import is_own_affair
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role

CUTTERS = (Role.APPROVER, Role.RISK_ANALYST)


class CutOutOfBounds(Refusal):
    """Below what it is, not below what is used; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.cut-out-of-bounds"


class CutReasonUnknown(Refusal):
    """Why a limit is cut is one of the known reasons; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.cut-reason-unknown"


@dataclass(frozen=True, kw_only=True)
class CutLimit:
    """Which limit, what it is from now on (nothing, to end it), and why: one of CUT_REASONS."""

    limit_id: UUID
    amount: Money
    reason: str


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What the limit was and is, and what may still be drawn."""

    limit_id: UUID
    was: Money
    amount: Money
    available: Money


@operation("origination.cut-limit", restore=Cut)
def cut_limit(command: CutLimit, call: Call) -> Cut:
    """Lower the limit under its lock and tell LimitCutDown; one person may, nothing is given up.

    Raises NotFound, RoleNeeded, OwnAffair, CutOutOfBounds, CutReasonUnknown.
    """
    user_id = acting_staff(call, *CUTTERS)
    limit = limit_of(command.limit_id)
    if is_own_affair(user_id, limit.party_id):
        raise OwnAffair
    if command.reason not in CUT_REASONS:
        allowed = ", ".join(CUT_REASONS)
        raise CutReasonUnknown(field="reason", value=command.reason, allowed=allowed)
    was, used = Money(limit.amount_minor), Money(limit.reserved_minor + limit.drawn_minor)
    if not used <= command.amount < was:
        allowed = f"{used.text()} - {(was - Money(1)).text()}"
        raise CutOutOfBounds(field="amount", value=command.amount.text(), allowed=allowed)
    LimitCut.objects.create(
        id=new_id(call.at),
        limit=limit,
        was_minor=was.minor,
        becomes_minor=command.amount.minor,
        reason=command.reason,
        cut_by=user_id,
        cut_at=call.at,
        cut_on=call.on,
    )
    limit.amount_minor = command.amount.minor
    limit.save(update_fields=["amount_minor"])
    publish(
        LimitCutDown(
            limit_id=limit.pk,
            agreement_id=limit.agreement_id,
            party_id=limit.party_id,
            was=was,
            amount=command.amount,
            reason=command.reason,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return Cut(limit_id=limit.pk, was=was, amount=command.amount, available=available_of(limit))
