"""A credit limit under its lock: the one row that stops two drawings of the same money."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import CreditLimit
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class LimitEnded(Refusal):
    """The limit could be drawn until an earlier day; fact: `allowed`."""

    kind, code = Kind.CONFLICT, "origination.limit-ended"


class MoreThanAvailable(Refusal):
    """More than is left of the limit; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.CONFLICT, "origination.more-than-available"


class NotProposed(Refusal):
    """The drawing was signed before; fact: `value`."""

    kind, code = Kind.CONFLICT, "origination.not-proposed"


def limit_of(limit_id: UUID) -> CreditLimit:
    """Return the limit, locked until the end of the operation; raises NotFound."""
    limit = CreditLimit.objects.select_for_update().filter(pk=limit_id).first()
    if limit is None:
        raise NotFound(what="limit")
    return limit


def available_of(limit: CreditLimit) -> Money:
    """Return what may still be drawn."""
    return Money(limit.amount_minor - limit.reserved_minor - limit.drawn_minor)


def check_room(limit: CreditLimit, amount: Money, on: date) -> None:
    """Raise LimitEnded or MoreThanAvailable where the amount cannot be drawn."""
    if limit.valid_until < on:
        raise LimitEnded(allowed=limit.valid_until.isoformat())
    left = available_of(limit)
    if amount > left:
        raise MoreThanAvailable(field="amount", value=amount.text(), allowed=left.text())
