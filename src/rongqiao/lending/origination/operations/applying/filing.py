"""Files beside a case: looked at, stored, in place of an earlier one of their kind."""

from __future__ import annotations

import base64
import binascii

from rongqiao.lending.origination.intake.content import (
    BYTES_MOST,
    BadContent,
    Inspected,
    inspect,
)
from rongqiao.lending.origination.models import Application, Document
from rongqiao.platform.files import store
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_ENCODED_MOST = BYTES_MOST * 4 // 3 + 8


class DocumentRefused(Refusal):
    """The file is not taken; facts: `field`, `reason` (intake.content), `allowed`."""

    kind, code = Kind.INVALID, "origination.document-refused"


def inspected(content: str, name: str, kind: str) -> Inspected:
    """Return a file (base64) as it may be kept as a document of `kind`; raises DocumentRefused."""
    try:
        return inspect(_decoded(content), name)
    except BadContent as problem:
        raise DocumentRefused(
            field=kind, reason=problem.reason, allowed=problem.allowed
        ) from problem


def put_beside(case: Application, kind: str, found: Inspected, call: Call) -> Document:
    """Store a file and put it beside the case; an earlier one of its kind counts no more."""
    Document.objects.filter(application=case, kind=kind, removed_at=None).update(removed_at=call.at)
    file_id = store(
        found.content,
        owner=f"application:{case.pk}",
        name=f"{kind}.{_ENDINGS[found.media_type]}",
        media_type=found.media_type,
        at=call.at,
    )
    return Document.objects.create(
        id=new_id(call.at),
        application=case,
        kind=kind,
        file_id=file_id,
        media_type=found.media_type,
        size=len(found.content),
        pages=found.pages,
        uploaded_by=call.actor,
        uploaded_at=call.at,
    )


def _decoded(content: str) -> bytes:
    if len(content) > _ENCODED_MOST:
        raise BadContent("too-large", f"{BYTES_MOST // 1024 // 1024} MB")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadContent("unreadable", "base64") from error
