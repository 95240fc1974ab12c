"""Save what was edited in a draft: only a document that reads whole, only over what was read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.policies.checking import read_body
from rongqiao.risk.operations.policies.deciding import PROPOSERS, acting, open_draft
from rongqiao.risk.operations.policies.start_draft import DraftAt


@dataclass(frozen=True, kw_only=True)
class SaveDraft:
    """The whole document as JSON text, and the revision that it was edited from."""

    draft_id: UUID
    revision: int
    body: str


@operation("risk.save-policy-draft", restore=DraftAt)
def save_draft(command: SaveDraft, call: Call) -> DraftAt:
    """Put the document in the draft's place; saving what is there already changes nothing.

    Raises PolicyRoleNeeded, NotFound, DraftClosed, DraftMoved, PolicyUnreadable.
    """
    acting(call, PROPOSERS)
    draft = open_draft(command.draft_id, command.revision)
    read = read_body(command.body, draft.code)
    if read.text != draft.body:
        draft.body, draft.revision = read.text, draft.revision + 1
        draft.changed_by, draft.changed_at = call.actor, call.at
        draft.save(update_fields=["body", "revision", "changed_by", "changed_at"])
    return DraftAt(draft_id=draft.pk, revision=draft.revision)
