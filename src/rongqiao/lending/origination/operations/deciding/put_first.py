"""Let an application go first in the reviewers' queue for a reason they can read, or no more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.models import PRIORITIES, Application
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class PutFirst:
    """Which application, and the code of why; nothing to let it wait like the others."""

    application_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The application, and why it goes first, if it does."""

    application_id: UUID
    reason: str


@operation("origination.put-first", restore=Placed)
def put_first(command: PutFirst, _call: Call) -> Placed:
    """Note why it goes first: who decides on it and how is not touched."""
    assert command.reason in ("", *PRIORITIES), command.reason
    Application.objects.filter(pk=command.application_id).update(goes_first_for=command.reason)
    return Placed(application_id=command.application_id, reason=command.reason)
