"""The bank took an order: its serial is known; nothing has moved by that."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import AT_THE_BANK, PaymentOrder
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class SerialOfAnother(Refusal):
    """The bank's serial belongs to another order, or the order has another. Fact: `value`."""

    kind, code = Kind.CONFLICT, "payments.serial-of-another"


@dataclass(frozen=True, kw_only=True)
class NoteAccepted:
    """Which order, and the bank's serial of it."""

    order_id: UUID
    bank_serial: str


@dataclass(frozen=True, kw_only=True)
class AcceptanceNoted:
    """How the order stands."""

    order_id: UUID
    state: str


@operation("payments.note_accepted", restore=AcceptanceNoted)
def note_accepted(command: NoteAccepted, _call: Call) -> AcceptanceNoted:
    """Keep the serial of an order the bank has. Raises NotFound, SerialOfAnother."""
    row = PaymentOrder.objects.select_for_update().filter(pk=command.order_id).first()
    if row is None:
        raise NotFound(what="order")
    serial = command.bank_serial
    if row.bank_serial not in ("", serial):
        raise SerialOfAnother(value=serial)
    if row.state in AT_THE_BANK and not row.bank_serial:
        if PaymentOrder.objects.filter(bank_serial=serial).exists():
            raise SerialOfAnother(value=serial)
        row.bank_serial = serial
        row.save(update_fields=["bank_serial"])
    return AcceptanceNoted(order_id=row.pk, state=row.state)
