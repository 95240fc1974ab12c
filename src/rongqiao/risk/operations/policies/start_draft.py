"""Begin a draft of a policy from one of its versions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal
from rongqiao.risk.models.policies import PolicyDraft
from rongqiao.risk.operations.policies.deciding import (
    PROPOSERS,
    acting,
    found_version,
    lock_policy,
)

# A shelf of forgotten drafts helps nobody.
MOST_DRAFTS = 20


class TooManyDrafts(Refusal):
    """The policy has as many open drafts as it may; fact: `allowed`."""

    code = "risk.too-many-drafts"


@dataclass(frozen=True, kw_only=True)
class StartDraft:
    """The version whose document the draft begins with."""

    version_id: UUID


@dataclass(frozen=True, kw_only=True)
class DraftAt:
    """A draft and its revision."""

    draft_id: UUID
    revision: int


@operation("risk.start-policy-draft", restore=DraftAt)
def start_draft(command: StartDraft, call: Call) -> DraftAt:
    """Lay the draft down; nothing is judged by it.

    Raises PolicyRoleNeeded, NotFound, TooManyDrafts.
    """
    acting(call, PROPOSERS)
    version = found_version(command.version_id)
    lock_policy(version.code)
    if PolicyDraft.objects.filter(code=version.code, state="open").count() >= MOST_DRAFTS:
        raise TooManyDrafts(allowed=str(MOST_DRAFTS))
    draft = PolicyDraft.objects.create(
        id=new_id(call.at),
        code=version.code,
        based_on=version,
        body=version.body,
        made_by=call.actor,
        made_at=call.at,
        changed_by=call.actor,
        changed_at=call.at,
    )
    return DraftAt(draft_id=draft.pk, revision=draft.revision)
