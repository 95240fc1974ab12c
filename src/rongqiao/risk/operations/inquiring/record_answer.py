"""Note how an inquiry ended: set once, sealed, with its digest; what was asked is erased."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F

from rongqiao.platform.clock import CHINA
from rongqiao.platform.operations import Call, canonical, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.credit.answers import read_facts
from rongqiao.policies.credit.sources import BY_CODE
from rongqiao.risk.models.inquiries import Inquiry, InquiryDay
from rongqiao.risk.models.outcomes import KNOWN, UNKNOWN, Outcome
from rongqiao.risk.models.sealed_inquiries import digest_of, seal_answer
from rongqiao.risk.operations.inquiring.open_inquiry import follow_fallback


class InquiryEnded(Refusal):
    """The inquiry has an end already; it gets no other."""

    kind, code = Kind.CONFLICT, "risk.inquiry-ended"


@dataclass(frozen=True, kw_only=True)
class RecordAnswer:
    """How it ended; `answer` are the facts as JSON, `fault` a short code, `tries` the calls."""

    inquiry_id: UUID
    outcome: str
    tries: int
    latency_ms: int
    fault: str = ""
    answer: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class AnswerRecorded:
    """The inquiry as it now stands."""

    inquiry_id: UUID
    outcome: str


@operation("risk.record_answer", restore=AnswerRecorded)
def record_answer(command: RecordAnswer, call: Call) -> AnswerRecorded:
    """Set an inquiry's end. Raises NotFound, InquiryEnded."""
    assert call.actor.startswith("system:"), "an answer told by somebody who is no source"
    row = Inquiry.objects.select_for_update().filter(pk=command.inquiry_id).first()
    if row is None:
        raise NotFound(what="inquiry")
    if row.outcome != Outcome.OPEN:
        raise InquiryEnded
    outcome = Outcome(command.outcome)
    assert outcome in KNOWN or outcome in UNKNOWN, outcome
    row.outcome, row.fault = outcome, command.fault[:60]
    row.tries, row.latency_ms = command.tries, max(command.latency_ms, 0)
    row.answered_at, row.asked_sealed = max(call.at, row.asked_at), None
    if outcome in KNOWN:
        _keep(row, command.answer)
    else:
        _give_back(row)
    row.save(
        update_fields=[
            *("outcome", "fault", "tries", "latency_ms", "answered_at", "asked_sealed"),
            *("charged_minor", "cached_until", "answer_sealed", "answer_sha256"),
        ]
    )
    if outcome in UNKNOWN:
        follow_fallback(row)
    return AnswerRecorded(inquiry_id=row.pk, outcome=outcome)


def _keep(row: Inquiry, answer: str) -> None:
    source = BY_CODE[row.source]
    assert row.answered_at is not None
    row.charged_minor = row.cost_minor
    row.cached_until = row.answered_at + timedelta(days=source.cache_days)
    if row.outcome == Outcome.ANSWERED:
        on = row.answered_at.astimezone(CHINA).date()
        text = canonical(read_facts(source, json.loads(answer), on))
        row.answer_sealed, row.answer_sha256 = seal_answer(text, row.pk), digest_of(text)


def _give_back(row: Inquiry) -> None:
    """Let the day have back what an unanswered question had kept of its budget."""
    InquiryDay.objects.filter(
        source=row.source, on=row.asked_on, spent_minor__gte=row.cost_minor
    ).update(spent_minor=F("spent_minor") - row.cost_minor)
