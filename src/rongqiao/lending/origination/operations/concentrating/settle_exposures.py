"""Bring exposures to what loans owe: as a day ends, what was paid back counts no more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.concentration import commitment_of, settle, stamp
from rongqiao.lending.origination.models import Agreement
from rongqiao.lending.origination.models.concentration import Commitment
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class Lent:
    """The agreement of a loan, and the principal it owes."""

    agreement_id: UUID
    principal: Money


@dataclass(frozen=True, kw_only=True)
class SettleExposures:
    """The loans whose principal is not what is counted, as servicing tells the caller."""

    loans: tuple[Lent, ...]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """How many commitments changed."""

    changed: int


@operation("origination.settle-exposures", restore=Settled)
def settle_exposures(command: SettleExposures, call: Call) -> Settled:
    """Count each loan at what it owes; one signed before there were limits is counted from now."""
    left = {one.agreement_id: one.principal.minor for one in command.loans}
    known = set(Commitment.objects.filter(pk__in=left).values_list("pk", flat=True))
    unknown = (
        Agreement.objects.filter(pk__in=left.keys() - known, kind__in=["loan", "drawing"])
        .select_related("application", "drawing__limit__agreement__application")
        .order_by("pk")
    )
    # Two closes at once may both find one; the rows are then settled one after the other.
    Commitment.objects.bulk_create([commitment_of(one) for one in unknown], ignore_conflicts=True)
    changed = settle(left)
    stamp(call)
    return Settled(changed=changed)
