"""Who may write a policy, that no one person puts one in force, and that its test cases hold."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role
from rongqiao.risk.models.policies import PolicyDraft, PolicyVersion

PROPOSERS = (Role.RISK_ANALYST,)
RELEASERS = (Role.RISK_ANALYST, Role.APPROVER)
LONGEST_REASON = 1000
REASON_SHORTEST = 4


class PolicyRoleNeeded(Refusal):
    """The actor holds no role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "risk.policy-role-needed"


class PolicySecondPersonNeeded(Refusal):
    """Whoever proposed a version does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "risk.policy-second-person-needed"


class NotYourPolicy(Refusal):
    """Only the proposer takes a proposal back."""

    kind, code = Kind.FORBIDDEN, "risk.not-your-policy"


class PolicyNotWaiting(Refusal):
    """The version was decided before; facts: `label`, `state`."""

    code = "risk.policy-not-waiting"


class PolicyWaits(Refusal):
    """Another version of this policy waits for its second person; fact: `label`."""

    code = "risk.policy-waits"


class PolicyReasonNeeded(Refusal):
    """Who changes a policy says why; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "risk.policy-reason-needed"


class PolicyBackdated(Refusal):
    """A policy never holds for a day that has passed; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.policy-backdated"


class PolicyDayTaken(Refusal):
    """Another released version begins on that day; facts: `field`, `value`, `label`."""

    kind, code = Kind.CONFLICT, "risk.policy-day-taken"


class DraftMoved(Refusal):
    """The draft was saved by somebody since it was read; facts: `revision`, `read`."""

    code = "risk.policy-draft-moved"


class DraftClosed(Refusal):
    """The draft was proposed or dropped; it is not edited any more."""

    code = "risk.policy-draft-closed"


def acting(call: Call, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`. Raises PolicyRoleNeeded."""
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise PolicyRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    return user_id


def refuse_same_person(proposed_by: str, user_id: UUID) -> None:
    """Raise PolicySecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise PolicySecondPersonNeeded


def checked_reason(text: str, field: str = "reason") -> str:
    """Return a reason, trimmed; raises PolicyReasonNeeded for none, or one nobody can read."""
    reason = text.strip()
    is_readable = all(mark.isprintable() or mark in "\r\n\t" for mark in reason)
    if not REASON_SHORTEST <= len(reason) <= LONGEST_REASON or not is_readable:
        raise PolicyReasonNeeded(field=field, allowed=f"{REASON_SHORTEST} - {LONGEST_REASON}")
    return reason


def lock_policy(code: str) -> None:
    """Let one write of a policy happen at a time, so that its versions number without gaps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('risk.policy:' || %s, 0))", [code]
        )


def found_version(version_id: UUID) -> PolicyVersion:
    """Return a version. Raises NotFound."""
    version = PolicyVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise NotFound(what="policy-version")
    return version


def waiting_version(version_id: UUID) -> PolicyVersion:
    """Return a version that waits, its policy locked. Raises NotFound, PolicyNotWaiting."""
    lock_policy(found_version(version_id).code)
    # Read again: under the lock nobody else decides on it.
    version = found_version(version_id)
    if version.state != "proposed":
        raise PolicyNotWaiting(label=version.label, state=version.state)
    return version


def open_draft(draft_id: UUID, revision: int) -> PolicyDraft:
    """Return the locked draft as it was read. Raises NotFound, DraftClosed, DraftMoved."""
    draft = PolicyDraft.objects.select_for_update(no_key=True).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(what="policy-draft")
    if draft.state != "open":
        raise DraftClosed
    if draft.revision != revision:
        raise DraftMoved(revision=str(draft.revision), read=str(revision))
    return draft
