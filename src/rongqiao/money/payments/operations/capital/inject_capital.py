"""A finance officer notes own funds that the operator paid in to lend."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.movements import CapitalInjection, State
from rongqiao.money.payments.operations.two_people import (
    SerialUsed,
    checked_amount,
    checked_serial,
    officer_acting,
)
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_SOURCE = 200


class SourceNeeded(Refusal):
    """Where the funds come from is missing or too long; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "payments.source-needed"


@dataclass(frozen=True, kw_only=True)
class InjectCapital:
    """How much, where it comes from, and the bank's number of the transfer."""

    amount: Money
    source: str
    bank_serial: str


@dataclass(frozen=True, kw_only=True)
class CapitalRegistered:
    """The injection another officer has to confirm."""

    injection_id: UUID
    number: str


@operation("payments.inject_capital", restore=CapitalRegistered)
def inject_capital(command: InjectCapital, call: Call) -> CapitalRegistered:
    """Note the funds; the books move only when another officer confirms them.

    Raises FinanceOfficerNeeded, AmountRefused, SerialRefused, SerialUsed, SourceNeeded.
    """
    officer_acting(call)
    amount, serial = checked_amount(command.amount), checked_serial(command.bank_serial)
    source = " ".join(command.source.split())
    if not source or len(source) > LONGEST_SOURCE:
        raise SourceNeeded(field="source", allowed=str(LONGEST_SOURCE))
    row = CapitalInjection(
        id=new_id(call.at),
        number=short_number("CI", call.at),
        amount_minor=amount.minor,
        source=source,
        bank_serial=serial,
        state=State.REGISTERED,
        registered_by=call.actor,
        registered_at=call.at,
    )
    CapitalInjection.objects.bulk_create([row], ignore_conflicts=True)
    if not CapitalInjection.objects.filter(pk=row.pk).exists():
        raise SerialUsed(value=serial)
    return CapitalRegistered(injection_id=row.pk, number=row.number)
