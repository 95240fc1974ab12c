"""Render the signed PDF of agreements nobody has opened yet, in the background."""

from __future__ import annotations

import base64
from uuid import UUID

from rongqiao.lending.origination.operations.signing.keep_copy import KeepCopy, keep_copy
from rongqiao.lending.origination.queries.papers import get_copy, render_copy, without_copy
from rongqiao.platform import clock, jobs
from rongqiao.platform.operations import Call

RENDER = "origination.render_copies"
# A second of computing each: a small batch leaves the worker free for what people wait for.
BATCH = 5


@jobs.job(RENDER)
def render_copies() -> None:
    """Render and keep a batch of missing copies, oldest agreement first."""
    for agreement_id in without_copy(BATCH):
        ensure_copy(agreement_id)


def ensure_copy(agreement_id: UUID) -> None:
    """Render and keep the copy of one agreement, unless it is there."""
    if get_copy(agreement_id) is not None:
        return
    content = base64.b64encode(render_copy(agreement_id)).decode()
    call = Call(
        actor="system:lending.origination",
        key=f"copy:{agreement_id}:{clock.now().isoformat()}",
        at=clock.now(),
        on=clock.business_date(),
    )
    keep_copy(KeepCopy(agreement_id=agreement_id, content=content), call)
