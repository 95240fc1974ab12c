"""Put a proposed version down under the next number of its policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.risk.models.policies import PolicyVersion
from rongqiao.risk.operations.judging.keep import keep
from rongqiao.risk.operations.policies.deciding import PolicyBackdated, PolicyWaits
from rongqiao.risk.queries.documents import Kept


@dataclass(frozen=True, kw_only=True)
class New:
    """What a proposed version says; none of it ever changes."""

    code: str
    label: str
    origin: str
    based_on: PolicyVersion
    sha256: str
    body: str
    reason: str
    proposed_for: date


@dataclass(frozen=True, kw_only=True)
class PolicyProposed:
    """The version that waits."""

    version_id: UUID
    number: int


def put_down(new: New, call: Call) -> PolicyVersion:
    """Return the version, written down; the caller has locked the policy.

    Raises PolicyBackdated, PolicyWaits.
    """
    if new.proposed_for < call.on:
        raise PolicyBackdated(
            field="effective_on",
            value=new.proposed_for.isoformat(),
            allowed=call.on.isoformat(),
        )
    waiting = PolicyVersion.objects.filter(code=new.code, state="proposed").first()
    if waiting is not None:
        raise PolicyWaits(label=waiting.label)
    last = PolicyVersion.objects.filter(code=new.code).aggregate(last=Max("number"))["last"] or 0
    said = {name: getattr(new, name) for name in New.__dataclass_fields__}
    # Another version may name it as its challenger, and must find it under its digest.
    keep([Kept(new.sha256, "policy", new.body.encode())], call.at)
    return PolicyVersion.objects.create(
        id=new_id(call.at),
        number=last + 1,
        proposed_by=call.actor,
        proposed_at=call.at,
        **said,
    )
