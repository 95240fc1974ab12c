"""Set a customer's money aside inside an operation, and find the freeze that it belongs to."""

from __future__ import annotations

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.queries.availability import available_in
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call
from rongqiao.risk.models.laundering.casework import LaunderingCase
from rongqiao.risk.models.laundering.freezing import Freeze, FreezeState, FrozenSum
from rongqiao.risk.operations.laundering.notes import add_note


def freeze(case: LaunderingCase, call: Call) -> Freeze:
    """Freeze what the customer of a case has, and what comes in until two officers end it.

    A freeze that is in force goes on; an empty wallet is frozen too.
    """
    found = Freeze.objects.select_for_update().filter(party_id=case.party_id)
    row = found.exclude(state=FreezeState.ENDED).first()
    if row is None:
        row = Freeze.objects.create(
            id=new_id(call.at),
            number=short_number("FZ", call.at),
            case=case,
            party_id=case.party_id,
            state=FreezeState.IN_FORCE,
            placed_by=call.actor,
            placed_at=call.at,
        )
        add_note(case, "frozen", row.number, call)
    set_aside(row, call)
    return row


def set_aside(row: Freeze, call: Call) -> Money:
    """Hold what the wallet has free; return how much, which may be nothing.

    The owner sees a sum and a number that says nothing to whoever reads it.
    """
    account = f"wallet:{row.party_id}"
    free = available_in([account]).get(account, Money.zero())
    if free.minor > 0:
        number = short_number("HD", call.at)
        FrozenSum.objects.create(
            id=new_id(call.at),
            freeze=row,
            hold_id=hold(account, free, number, call),
            number=number,
            amount_minor=free.minor,
            at=call.at,
        )
        add_note(row.case, "set-aside", f"{number} {free.text()}", call)
    return free
