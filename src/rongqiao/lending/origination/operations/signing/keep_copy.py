"""Keep the signed PDF of an agreement: the first one rendered is the one for ever."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.models import Agreement, SignedCopy
from rongqiao.lending.origination.paper.seal import is_ours_and_whole, platform_seal
from rongqiao.platform.files import store
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class NotOurs(Refusal):
    """The file does not bear the platform's own signature over its whole length."""

    kind, code = Kind.INVALID, "origination.copy-not-ours"


@dataclass(frozen=True, kw_only=True)
class KeepCopy:
    """The PDF of which agreement, its bytes in base64 (queries.render_copy makes them)."""

    agreement_id: UUID
    content: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The file of the copy that counts."""

    file_id: UUID


@operation("origination.keep_copy", restore=Kept)
def keep_copy(command: KeepCopy, call: Call) -> Kept:
    """Store the copy, or return the one already kept. Raises NotFound, NotOurs."""
    agreement = Agreement.objects.select_for_update().filter(pk=command.agreement_id).first()
    if agreement is None:
        raise NotFound(what="agreement")
    kept = SignedCopy.objects.filter(pk=agreement.pk).first()
    if kept is not None:
        return Kept(file_id=kept.file_id)
    content = base64.b64decode(command.content)
    if not is_ours_and_whole(content):
        raise NotOurs
    file_id = store(
        content,
        owner=f"agreement:{agreement.pk}",
        name=f"{agreement.number}.pdf",
        media_type="application/pdf",
        at=call.at,
    )
    SignedCopy.objects.create(
        agreement=agreement,
        file_id=file_id,
        file_sha256=hashlib.sha256(content).hexdigest(),
        signed_with=platform_seal().fingerprint,
        kept_at=call.at,
    )
    return Kept(file_id=file_id)
