"""Credit policies by the real operations: drafts edited, proposed by one, released by another."""

import json
from datetime import date
from decimal import Decimal

from rongqiao.risk.judging.changing.cutoffs import with_cutoffs
from rongqiao.risk.operations.policies.propose_policy import ProposePolicy, propose_policy
from rongqiao.risk.operations.policies.release_policy import ReleasePolicy, release_policy
from rongqiao.risk.operations.policies.save_draft import SaveDraft, save_draft
from rongqiao.risk.operations.policies.start_draft import StartDraft, start_draft
from rongqiao.risk.queries.policies.drafts import get_draft
from rongqiao.risk.queries.policies.versions import get_version, list_versions
from tests.makers.officers import make_officer
from tests.parties.people import actor

TODAY = date(2026, 1, 5)
SCORE, AGE = "score/score-too-low/0", "against/too-young/0"


def make_analysts(clock):
    """Two risk analysts."""
    return tuple(make_officer(clock, role="risk_analyst") for _ in range(2))


def in_force(code="consumer", on=TODAY):
    """The version that holds."""
    return next(one for one in list_versions(code, on) if one.standing == "in-force")


def draft_of(call, analyst, version_id=None):
    """A draft begun by the analyst."""
    command = StartDraft(version_id=version_id or in_force().id)
    return start_draft(command, call(actor=actor(analyst))).draft_id


def save(call, analyst, draft_id, edit, revision=None):
    """Save the draft as `edit` makes its document."""
    draft, document = get_draft(draft_id)
    return save_draft(
        SaveDraft(
            draft_id=draft_id,
            revision=revision or draft.revision,
            body=json.dumps(edit(document)),
        ),
        call(actor=actor(analyst)),
    )


def cut(values):
    """An edit that puts other numbers in place."""
    return lambda document: with_cutoffs(document, {k: Decimal(v) for k, v in values.items()})


def propose(call, analyst, draft_id, *, on=TODAY, label="consumer-2026-01", reason="坏账上升"):
    """Propose the draft as it stands."""
    draft, _document = get_draft(draft_id)
    command = ProposePolicy(
        draft_id=draft_id, revision=draft.revision, label=label, effective_on=on, reason=reason
    )
    return propose_policy(command, call(actor=actor(analyst))).version_id


def release(call, analyst, version_id, *, on=TODAY):
    """Release the version by another analyst."""
    sha256 = get_version(version_id, on).sha256
    command = ReleasePolicy(version_id=version_id, sha256=sha256, effective_on=on)
    return release_policy(command, call(actor=actor(analyst)))


def proposed(call, analyst, values=None, **more):
    """A version that waits, with other numbers than the one in force."""
    draft_id = draft_of(call, analyst)
    save(call, analyst, draft_id, cut(values or {SCORE: "600"}))
    return propose(call, analyst, draft_id, **more)
