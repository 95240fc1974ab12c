"""What the asking of sources reads: the question in full, and which ones wait too long."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rongqiao.policies.credit.sources import BY_CODE, Source
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.outcomes import Outcome
from rongqiao.risk.models.sealed_inquiries import unseal_asked

# A question whose job was lost is asked anew after this; after the other it is given up.
LEFT_BEHIND, GIVEN_UP = timedelta(minutes=2), timedelta(hours=1)
AT_ONCE = 200
CLOCK_SKEW = timedelta(seconds=300)
_TICKET = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class BadNotice(Exception):
    """A notice nobody of ours can have signed, or of another form; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Question:
    """One open inquiry, in full."""

    id: UUID
    source: Source
    elements: dict[str, str]
    ticket: str
    asked_at: datetime
    party_id: UUID
    user_id: UUID
    purpose: str
    purpose_id: UUID | None


def question_of(inquiry_id: UUID) -> Question | None:
    """Return an open inquiry's question; None once it has ended."""
    row = Inquiry.objects.filter(pk=inquiry_id, outcome=Outcome.OPEN).first()
    return _question(row) if row else None


def ended_question(inquiry_id: UUID) -> Question | None:
    """Return an ended inquiry's frame, without what was asked (that is erased)."""
    row = Inquiry.objects.filter(pk=inquiry_id).exclude(outcome=Outcome.OPEN).first()
    return _question(row) if row else None


def questions_left_behind(at: datetime) -> tuple[UUID, ...]:
    """Return open inquiries whose job is lost, or whose ticket may be ready, oldest first."""
    rows = Inquiry.objects.filter(outcome=Outcome.OPEN)
    waiting = rows.exclude(ticket="") | rows.filter(asked_at__lt=at - LEFT_BEHIND)
    return tuple(waiting.order_by("asked_at").values_list("pk", flat=True)[:AT_ONCE])


def is_given_up(question: Question, at: datetime) -> bool:
    """Tell whether an inquiry has waited as long as its source is waited for."""
    hours = question.source.wait_hours
    return at - question.asked_at > (timedelta(hours=hours) if hours else GIVEN_UP)


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A notice as it came, with what its signature covers."""

    path: str
    timestamp: str
    signature: str
    body: bytes


def verify_notice(secret: str, notice: Signed, now: datetime) -> str:
    """Return the ticket a signed notice names; raises BadNotice.

    Signature: hex HMAC-SHA256 over "{timestamp}\\n{path}\\n" and the body. Reasons: `size`,
    `stale`, `signature`, `form`.
    """
    if len(notice.body) > 4_096:
        raise BadNotice("size")
    stamp = notice.timestamp
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise BadNotice("stale")
    if abs(now.timestamp() - int(stamp)) > CLOCK_SKEW.total_seconds():
        raise BadNotice("stale")
    message = f"{stamp}\n{notice.path}\n".encode() + notice.body
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), notice.signature.encode()):
        raise BadNotice("signature")
    try:
        told = json.loads(notice.body)
    except (ValueError, RecursionError):
        raise BadNotice("form") from None
    ticket = told.get("ticket") if isinstance(told, dict) else None
    if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
        raise BadNotice("form")
    return ticket


def _question(row: Inquiry) -> Question:
    sealed = row.asked_sealed
    return Question(
        id=row.pk,
        source=BY_CODE[row.source],
        elements=unseal_asked(sealed, row.pk) if sealed is not None else {},
        ticket=row.ticket,
        asked_at=row.asked_at,
        party_id=row.party_id,
        user_id=row.consent_user_id,
        purpose=row.purpose,
        purpose_id=row.purpose_id,
    )
