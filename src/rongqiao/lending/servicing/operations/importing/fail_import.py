"""An approved import that could not be carried out: nothing was written, and why is kept."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.operations.importing.deciding import (
    ImportNotWaiting,
    locked_import,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class FailImport:
    """The import, and the code of the refusal that stopped it."""

    import_id: UUID
    code: str


@dataclass(frozen=True, kw_only=True)
class ImportFailed:
    """The import that is over."""

    import_id: UUID


@operation("servicing.fail-import", restore=ImportFailed)
def fail_import(command: FailImport, call: Call) -> ImportFailed:
    """Say why and end it; the files may be proposed anew. Raises NotFound, ImportNotWaiting."""
    made = locked_import(command.import_id)
    if made.state != "approved":
        raise ImportNotWaiting(state=made.state)
    made.state, made.failed_because, made.done_at = "failed", command.code[:80], call.at
    made.save(update_fields=["state", "failed_because", "done_at"])
    return ImportFailed(import_id=made.pk)
