"""A second finance officer confirms own funds of the operator, or rejects them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments import postings
from rongqiao.money.payments.models.movements import CapitalInjection, State
from rongqiao.money.payments.operations.mending.crediting import book_credit
from rongqiao.money.payments.operations.mending.pool_moves import Owner
from rongqiao.money.payments.operations.two_people import checked_reason, decide, open_for_second
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ConfirmCapital:
    """Which one; `is_confirmed` False rejects it, and then says why."""

    injection_id: UUID
    is_confirmed: bool = True
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class CapitalDecided:
    """How it ended; the journal that moved the money, if any."""

    injection_id: UUID
    state: str
    journal: int | None


@operation("payments.confirm_capital", restore=CapitalDecided)
def confirm_capital(command: ConfirmCapital, call: Call) -> CapitalDecided:
    """Post custodian cash as the operator's own money there, and as its capital.

    Money that the bank's statement brought to suspense before comes from there. Raises
    FinanceOfficerNeeded, AnotherPersonNeeded, NotOpen, ReasonNeeded, CreditPlaced,
    CreditDiffers, NotFound.
    """
    row = CapitalInjection.objects.select_for_update().filter(pk=command.injection_id).first()
    if row is None:
        raise NotFound(what="capital")
    open_for_second(row, call)
    if not command.is_confirmed:
        decide(row, State.REJECTED, call, checked_reason(command.reason))
        return CapitalDecided(injection_id=row.pk, state=row.state, journal=None)
    decide(row, State.CONFIRMED, call)
    fresh = postings.capital(row.number, call.on, Money(row.amount_minor))
    owner = Owner(postings.OPERATOR_FUNDS, postings.OPERATOR_CAPITAL)
    journal = book_credit(row, fresh, owner, call)
    return CapitalDecided(injection_id=row.pk, state=row.state, journal=journal)
