"""Notes on a case, written inside an operation."""

from __future__ import annotations

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.risk.models.laundering.casework import CaseNote, LaunderingCase
from rongqiao.risk.operations.laundering.officers import sealed


def add_note(case: LaunderingCase, step: str, text: str, call: Call) -> None:
    """Write a note on a case, sealed."""
    note_id = new_id(call.at)
    CaseNote.objects.create(
        id=note_id,
        case=case,
        step=step,
        text_sealed=sealed(text, "casenote", "text_sealed", note_id),
        by=call.actor,
        at=call.at,
    )
