"""Propose to take a portfolio over: its files are checked and kept, nothing else is written."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.models.imports import PortfolioImport
from rongqiao.lending.servicing.operations.importing.deciding import PROPOSERS, acting
from rongqiao.lending.servicing.queries.amending.imports import (
    FILES,
    check_portfolio,
    plain_totals,
)
from rongqiao.parties.queries import user_of
from rongqiao.platform import files
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_REASON = 200


class ImportFaulty(Refusal):
    """The files have faults; facts: `count`, and the first one's `file`, `line` and `fault`."""

    kind, code = Kind.INVALID, "servicing.import-faulty"


class ImportEmpty(Refusal):
    """The files hold no loan."""

    kind, code = Kind.INVALID, "servicing.import-empty"


class ImportKnown(Refusal):
    """The same files wait, are under way or were taken over; fact: `number`."""

    code = "servicing.import-known"


class ImportReasonNeeded(Refusal):
    """An import says where it comes from; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.import-reason-needed"


@dataclass(frozen=True, kw_only=True)
class ProposeImport:
    """The four files in base64, and where they come from."""

    reason: str
    borrowers: str = sensitive()
    loans: str = sensitive()
    instalments: str = sensitive()
    payments: str = sensitive()

    def contents(self) -> dict[str, bytes]:
        """Return the files' bytes by name; one that is no base64 is empty."""
        return {name: _decoded(getattr(self, name)) for name in FILES}


@dataclass(frozen=True, kw_only=True)
class ImportProposed:
    """The import that waits for its second person."""

    import_id: UUID
    number: str


@operation("servicing.propose-import", restore=ImportProposed)
def propose_import(command: ProposeImport, call: Call) -> ImportProposed:
    """Check the files once more and keep them; the system proposes for who runs the machine.

    Raises ImportRoleNeeded, ImportReasonNeeded, ImportKnown, ImportFaulty, ImportEmpty.
    """
    if user_of(call.actor) is not None:
        acting(call, PROPOSERS)
    reason = " ".join(command.reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ImportReasonNeeded(allowed=f"1 - {LONGEST_REASON}")
    contents = command.contents()
    digest = _digest(contents)
    _refuse_known(digest)
    found = check_portfolio(contents, call.on)
    if found.totals is None:
        first = found.faults[0]
        raise ImportFaulty(
            count=str(found.fault_count), file=first.file, line=str(first.line), fault=first.code
        )
    if not found.totals.loans:
        raise ImportEmpty
    made = PortfolioImport(
        id=new_id(call.at), number=short_number("T", call.at), content_sha256=digest
    )
    made.files = {
        name: str(
            files.store(
                content,
                owner=f"import:{made.pk}",
                name=f"{name}.csv",
                media_type="text/csv",
                at=call.at,
            )
        )
        for name, content in contents.items()
    }
    made.totals = plain_totals(found.totals)
    made.reason, made.checked_on = reason, call.on
    made.proposed_by, made.proposed_at = call.actor, call.at
    # Of many at once exactly one is told yes: ON CONFLICT waits for a rival's commit.
    PortfolioImport.objects.bulk_create([made], ignore_conflicts=True)
    if not PortfolioImport.objects.filter(pk=made.pk).exists():
        _refuse_known(digest)
    return ImportProposed(import_id=made.pk, number=made.number)


def _refuse_known(digest: str) -> None:
    known = PortfolioImport.objects.filter(
        content_sha256=digest, state__in=["waiting", "approved", "done"]
    ).first()
    if known is not None:
        raise ImportKnown(number=known.number)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _digest(contents: Mapping[str, bytes]) -> str:
    parts = (f"{name}:{hashlib.sha256(contents[name]).hexdigest()}" for name in FILES)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
