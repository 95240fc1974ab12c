"""Put a draft aside for good; it stays readable."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.policies.deciding import PROPOSERS, acting, open_draft
from rongqiao.risk.operations.policies.start_draft import DraftAt


@dataclass(frozen=True, kw_only=True)
class DropDraft:
    """The draft as it was read."""

    draft_id: UUID
    revision: int


@operation("risk.drop-policy-draft", restore=DraftAt)
def drop_draft(command: DropDraft, call: Call) -> DraftAt:
    """Close the draft. Raises PolicyRoleNeeded, NotFound, DraftClosed, DraftMoved."""
    acting(call, PROPOSERS)
    draft = open_draft(command.draft_id, command.revision)
    draft.state, draft.changed_by, draft.changed_at = "dropped", call.actor, call.at
    draft.save(update_fields=["state", "changed_by", "changed_at"])
    return DraftAt(draft_id=draft.pk, revision=draft.revision)
