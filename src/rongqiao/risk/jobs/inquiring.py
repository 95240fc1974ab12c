"""Everything that calls the outside sources: ask, ask for tickets, follow fallbacks.

A source is called outside every transaction; what it answers is noted by an operation. Wherever a
process dies, `chase_inquiries` finds the open question.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from uuid import UUID

from rongqiao.platform import clock
from rongqiao.platform.clock import CHINA, MachineClock
from rongqiao.platform.jobs import job
from rongqiao.platform.operations import Call, canonical
from rongqiao.platform.refusals import Refusal
from rongqiao.risk.gateways.registries import Answer, Registries, Unanswered, registries
from rongqiao.risk.models.outcomes import Outcome
from rongqiao.risk.operations.inquiring.note_ticket import NoteTicket, note_ticket
from rongqiao.risk.operations.inquiring.open_inquiry import (
    ASK,
    FALL_BACK,
    OpenInquiry,
    open_inquiry,
)
from rongqiao.risk.operations.inquiring.record_answer import (
    InquiryEnded,
    RecordAnswer,
    record_answer,
)
from rongqiao.risk.operations.inquiring.take_notice import FETCH
from rongqiao.risk.queries.inquiring.asking import (
    Question,
    ended_question,
    is_given_up,
    question_of,
    questions_left_behind,
)

_log = logging.getLogger(__name__)


@job(ASK)
def ask_source(inquiry_id: str) -> None:
    """Ask an open question, as often as its source's policy says, and note what came of it."""
    question = question_of(UUID(inquiry_id))
    if question is not None and not question.ticket:
        _ask(registries(), question)


@job(FETCH)
def fetch_ticket(inquiry_id: str) -> None:
    """Ask for the answer to an inquiry's ticket."""
    question = question_of(UUID(inquiry_id))
    if question is not None and question.ticket:
        _fetch(registries(), question)


@job(FALL_BACK)
def fall_back(inquiry_id: str) -> None:
    """Ask the source that stands in for one that gave no answer, if somebody agreed to that."""
    failed = ended_question(UUID(inquiry_id))
    if failed is None:
        return
    command = OpenInquiry(
        source=failed.source.instead,
        party_id=failed.party_id,
        user_id=failed.user_id,
        purpose=failed.purpose,
        purpose_id=failed.purpose_id,
        instead_of=failed.id,
    )
    try:
        open_inquiry(command, _call(f"instead:{failed.id}"))
    except Refusal as refusal:
        # Without consent to the other source the case goes on without either.
        _log.info("inquiry %s has no fallback: %s", failed.id, refusal.code)


def chase_inquiries() -> int:
    """Look after questions whose job is lost and tickets that wait; return how many."""
    waiting = questions_left_behind(clock.now())
    gateway = registries()
    for inquiry_id in waiting:
        question = question_of(inquiry_id)
        if question is None:
            continue
        if is_given_up(question, clock.now()):
            _end(question, Outcome.TIMED_OUT, fault="given-up")
        elif question.ticket:
            _fetch(gateway, question)
        else:
            _ask(gateway, question)
    return len(waiting)


def _ask(gateway: Registries, question: Question) -> None:
    started, fault = MachineClock().now(), Unanswered("never-asked")
    for tries in range(1, question.source.tries + 1):
        try:
            answer = gateway.ask(question.source, str(question.id), question.elements, _today())
        except Unanswered as error:
            fault = error
            continue
        _take(question, answer, tries, started)
        return
    outcome = Outcome.TIMED_OUT if fault.is_late else Outcome.FAILED
    _end(
        question,
        outcome,
        fault=fault.fault,
        tries=question.source.tries,
        latency_ms=_since(started),
    )


def _fetch(gateway: Registries, question: Question) -> None:
    """Ask by ticket; a source that fails now is asked again later."""
    try:
        answer = gateway.fetch(question.source, str(question.id), question.ticket, _today())
    except Unanswered as error:
        _log.info("ticket of inquiry %s: %s", question.id, error.fault)
        return
    if not answer.ticket:
        waited = clock.now() - question.asked_at
        _note(question, answer, 1, int(waited.total_seconds() * 1000))


def _take(question: Question, answer: Answer, tries: int, started: datetime) -> None:
    if answer.ticket:
        note_ticket(
            NoteTicket(inquiry_id=question.id, ticket=answer.ticket), _call(f"ticket:{question.id}")
        )
        return
    _note(question, answer, tries, _since(started))


def _note(question: Question, answer: Answer, tries: int, latency_ms: int) -> None:
    if answer.facts is None:
        _end(question, Outcome.NO_RECORD, tries=tries, latency_ms=latency_ms)
        return
    text = canonical(answer.facts)
    _end(question, Outcome.ANSWERED, tries=tries, latency_ms=latency_ms, answer=text)


def _end(
    question: Question,
    outcome: Outcome,
    *,
    fault: str = "",
    tries: int = 0,
    latency_ms: int = 0,
    answer: str = "",
) -> None:
    command = RecordAnswer(
        inquiry_id=question.id,
        outcome=outcome,
        tries=tries,
        latency_ms=latency_ms,
        fault=fault,
        answer=answer,
    )
    try:
        record_answer(command, _call(f"answer:{question.id}:{clock.now().isoformat()}"))
    except InquiryEnded:
        # Another worker was told first; the first answer stands.
        _log.info("inquiry %s has ended already", question.id)


def _since(started: datetime) -> int:
    return int((MachineClock().now() - started).total_seconds() * 1000)


def _today() -> date:
    return clock.now().astimezone(CHINA).date()


def _call(key: str) -> Call:
    return Call(actor="system:risk.jobs", key=key, at=clock.now(), on=clock.business_date())
