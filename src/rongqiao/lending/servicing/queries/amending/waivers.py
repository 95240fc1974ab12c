"""What was given up of a loan's charges, and what could be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.waivers import Waiver
from rongqiao.lending.servicing.models.loans import LIVE, Instalment


@dataclass(frozen=True, kw_only=True)
class WaiverView:
    """A waiver and where it stands; actors as the record names them."""

    id: UUID
    interest: Money
    penalty: Money
    fee: Money
    total: Money
    reason: str
    state: str
    proposed_by: str
    proposed_on: date
    decided_by: str
    decided_on: date | None


@dataclass(frozen=True, kw_only=True)
class Waivable:
    """What has fallen due on a loan and is no principal, by bucket."""

    interest: Money
    penalty: Money
    fee: Money

    @property
    def total(self) -> Money:
        """All three together."""
        return self.interest + self.penalty + self.fee


def list_waivers(loan_id: UUID) -> tuple[WaiverView, ...]:
    """Return a loan's waivers, the latest first."""
    return tuple(
        WaiverView(
            id=row.pk,
            interest=Money(row.interest_minor),
            penalty=Money(row.penalty_minor),
            fee=Money(row.fee_minor),
            total=Money(row.total_minor),
            reason=row.reason,
            state=row.state,
            proposed_by=row.proposed_by,
            proposed_on=row.proposed_on,
            decided_by=row.decided_by,
            decided_on=row.decided_on,
        )
        for row in Waiver.objects.filter(loan_id=loan_id).order_by("-proposed_at", "-id")
    )


def waivable_of(loan_id: UUID) -> Waivable:
    """Return what could be given up of a loan today; nothing of a loan that is closed."""
    rows = Instalment.objects.filter(
        loan_id=loan_id, is_due=True, settled_on=None, loan__state__in=LIVE
    )
    sums = rows.aggregate(
        interest=Sum(F("interest_charged_minor") - F("interest_paid_minor")),
        penalty=Sum(F("penalty_charged_minor") - F("penalty_paid_minor")),
        fee=Sum(F("fee_charged_minor") - F("fee_paid_minor")),
    )
    return Waivable(**{bucket: Money(minor or 0) for bucket, minor in sums.items()})
