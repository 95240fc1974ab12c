"""Open breaks and note every step of theirs; part of the operation that calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.money.payments.models.reconciling import Break, BreakState, BreakStep
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call


@dataclass(frozen=True, kw_only=True)
class Found:
    """A disagreement: amounts in fen, credit to the pool above zero (models.Break)."""

    kind: str
    day: date
    subject: str
    amount_minor: int
    line_id: UUID | None = None
    order_id: UUID | None = None
    bank_minor: int | None = None
    ours_minor: int | None = None
    explains_minor: int = 0
    suspense_minor: int = 0
    suggested: str = ""
    suggested_party: UUID | None = None


def open_breaks(found: Sequence[Found], call: Call) -> list[Break]:
    """Open a case for each, in two statements; return them in order."""
    if not found:
        return []
    cases = [
        Break(
            id=new_id(call.at),
            number=short_number("BK", call.at),
            state=BreakState.OPEN,
            opened_at=call.at,
            **{name: getattr(one, name) for name in Found.__dataclass_fields__},
        )
        for one in found
    ]
    Break.objects.bulk_create(cases, batch_size=1000)
    BreakStep.objects.bulk_create(
        [_step(case, "", call, note="") for case in cases], batch_size=1000
    )
    return cases


def note_step(case: Break, before: str, call: Call, note: str = "") -> None:
    """Put on record that a case went from `before` to the state it has now."""
    _step(case, before, call, note=note).save(force_insert=True)


def _step(case: Break, before: str, call: Call, *, note: str) -> BreakStep:
    return BreakStep(
        case=case,
        from_state=before,
        to_state=case.state,
        actor=call.actor,
        mend=case.mend,
        note=note,
        journal=case.journal,
        at=call.at,
    )
