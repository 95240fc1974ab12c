"""Drafts of credit policies: what is being edited, by whom, from which version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.judging.document import from_bytes
from rongqiao.risk.models.policies import PolicyDraft


@dataclass(frozen=True, kw_only=True)
class DraftView:
    """A draft; `state` is open, proposed (then `version_id` tells as what) or dropped."""

    id: UUID
    code: str
    based_on_id: UUID
    based_on_label: str
    based_on_number: int
    revision: int
    state: str
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    version_id: UUID | None


def get_draft(draft_id: UUID) -> tuple[DraftView, dict[str, Any]]:
    """Return a draft and its document as JSON values. Raises NotFound."""
    row = PolicyDraft.objects.select_related("based_on").filter(pk=draft_id).first()
    if row is None:
        raise NotFound(what="policy-draft")
    return _view(row), from_bytes(row.body.encode())


def list_drafts(code: str) -> tuple[DraftView, ...]:
    """Return the open drafts of a policy, the one changed last first."""
    rows = PolicyDraft.objects.filter(code=code, state="open").select_related("based_on")
    return tuple(_view(row) for row in rows.defer("body").order_by("-changed_at"))


def draft_of(version_id: UUID) -> UUID | None:
    """Return the draft that became a version, None where it had none."""
    return PolicyDraft.objects.filter(version=version_id).values_list("pk", flat=True).first()


def _view(row: PolicyDraft) -> DraftView:
    told: dict[str, Any] = {
        "based_on_label": row.based_on.label,
        "based_on_number": row.based_on.number,
    }
    names = DraftView.__dataclass_fields__.keys() - told.keys()
    return DraftView(**{name: getattr(row, name) for name in names}, **told)
