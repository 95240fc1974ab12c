"""Put a question to an outside source on record: with consent, within the budget, or not at all.

The source itself is asked by a job, once this has committed. An answer that still holds is served
again at no cost; a question under way is not asked a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F

from rongqiao.parties.operations.refusals import NotYours, checked
from rongqiao.parties.queries import (
    ConsentView,
    Identity,
    acts_for,
    consents_of,
    get_identity,
    phone_of,
    roles_of,
    user_of,
)
from rongqiao.platform import jobs
from rongqiao.platform.clock import CHINA
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.consents import text_of
from rongqiao.policies.credit.sources import BY_CODE, MOST_A_DAY, PERSON, PURPOSES, Fallback, Source
from rongqiao.policies.identifiers import bank_card, corporate_account
from rongqiao.policies.masking import mask_name, mask_number
from rongqiao.policies.roles import Role
from rongqiao.risk.judging.breaker import Breaker
from rongqiao.risk.models.inquiries import Inquiry, InquiryDay
from rongqiao.risk.models.outcomes import KNOWN, Outcome
from rongqiao.risk.models.sealed_inquiries import asked_index, seal_asked, subject_index
from rongqiao.risk.queries.inquiring.health import breaker_of

ASK, FALL_BACK = "risk.ask_source", "risk.fall_back"
# Staff who may ask about a party again, on the party's own consent.
ASKERS = frozenset({Role.RISK_ANALYST, Role.REVIEWER, Role.APPROVER})
# A question older than this has lost its answer; the same one may be asked anew.
UNDER_WAY = timedelta(minutes=5)


class ConsentMissing(Refusal):
    """Nobody agreed to this, or they took it back; fact: `consent`, the kind of text."""

    kind, code = Kind.CONFLICT, "risk.consent-missing"


class SourceNotForParty(Refusal):
    """The source answers nothing about such a party; fact: `source`."""

    kind, code = Kind.INVALID, "risk.source-not-for-party"


class ElementMissing(Refusal):
    """The source needs something nobody gave; fact: `field`, its name."""

    kind, code = Kind.INVALID, "risk.element-missing"


class AskedTooOften(Refusal):
    """The source was asked as often about this party today as it may be; fact: `allowed`."""

    kind, code = Kind.TOO_MANY, "risk.asked-too-often"


@dataclass(frozen=True, kw_only=True)
class OpenInquiry:
    """What to ask of whom. `user_id` is who acts for the party and agreed to it."""

    source: str
    party_id: UUID
    user_id: UUID
    purpose: str
    purpose_id: UUID | None = None
    instead_of: UUID | None = None
    card: str = sensitive(default="")
    recording: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class InquiryOpened:
    """The inquiry; `outcome` tells whether its end is known already (cache, breaker, budget)."""

    inquiry_id: UUID
    outcome: str


@operation("risk.open_inquiry", restore=InquiryOpened)
def open_inquiry(command: OpenInquiry, call: Call) -> InquiryOpened:
    """Open an inquiry and have it asked, or end it at once.

    Raises NotYours, NotFound, SourceNotForParty, ConsentMissing, ElementMissing, IdentifierRefused,
    AskedTooOften.
    """
    source = BY_CODE.get(command.source)
    if source is None or command.purpose not in PURPOSES:
        raise NotFound(what="source")
    _check_asker(command, call)
    party = get_identity(command.party_id, call.on)
    if party.kind not in source.about:
        raise SourceNotForParty(source=source.code)
    consent = _consent(command.user_id, source, call.at)
    elements = _elements(source, command, party)
    _lock_day(source, call)
    row = _row(source, command, party, consent, call)
    row.asked_index = asked_index(source.code, elements)
    under_way = _under_way(row)
    if under_way is not None:
        return InquiryOpened(inquiry_id=under_way, outcome=Outcome.OPEN)
    is_served = _serve(row)
    if not is_served:
        _check_how_often(row)
    if not is_served and not _refuse(row, source, call):
        row.cost_minor = source.cost_minor
        row.asked_sealed = seal_asked(elements, row.pk)
        jobs.enqueue_outside(ASK, inquiry_id=str(row.pk))
    row.save(force_insert=True)
    if row.outcome == Outcome.REFUSED:
        follow_fallback(row)
    return InquiryOpened(inquiry_id=row.pk, outcome=row.outcome)


def follow_fallback(row: Inquiry) -> None:
    """Have another source asked where this one gave no answer and the policy says so."""
    if BY_CODE[row.source].fallback is Fallback.ANOTHER:
        jobs.enqueue(FALL_BACK, inquiry_id=str(row.pk))


def _check_asker(command: OpenInquiry, call: Call) -> None:
    if not acts_for(command.user_id, command.party_id):
        raise NotYours
    actor = user_of(call.actor)
    if call.actor.startswith("system:") or actor == command.user_id:
        return
    if actor is None or not roles_of(actor) & ASKERS:
        raise NotYours


def _consent(user_id: UUID, source: Source, at: datetime) -> ConsentView:
    """Return the consent this rests on: given, not taken back, to the very words on file."""
    for view in consents_of(user_id):
        if view.kind != source.consent or not view.is_given or view.happened_at > at:
            continue
        if text_of(view.kind, view.version).sha256 == view.text_sha256:
            return view
    raise ConsentMissing(consent=source.consent)


def _elements(source: Source, command: OpenInquiry, party: Identity) -> dict[str, str]:
    given = {"name": party.name, "number": party.number, "recording": command.recording}
    if "representative" in source.elements:
        given["representative"] = party.representative
    if "phone" in source.elements:
        phone = phone_of(command.user_id)
        given["phone"] = phone.phone if phone and phone.is_verified else ""
    if "card" in source.elements and command.card:
        read = bank_card if party.kind == PERSON else corporate_account
        given["card"] = checked("number", lambda: read(command.card)).number
    # The bank-card service also answers without a phone: three of its four elements.
    needed = [one for one in source.elements if not (one == "phone" and source.code == "card")]
    for name in needed:
        if not given.get(name):
            raise ElementMissing(field=name)
    return {name: given[name] for name in source.elements if given.get(name)}


def _lock_day(source: Source, call: Call) -> None:
    """Let one question at a time look at the source's cache, breaker and budget."""
    on = call.at.astimezone(CHINA).date()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO risk_inquiryday AS day (source, "on", spent_minor, budget_minor)
               VALUES (%s, %s, 0, %s)
               ON CONFLICT (source, "on") DO UPDATE SET spent_minor = day.spent_minor""",
            [source.code, on, source.daily_budget_minor],
        )


def _row(
    source: Source, command: OpenInquiry, party: Identity, consent: ConsentView, call: Call
) -> Inquiry:
    is_person = party.kind == PERSON
    shown = (
        f"{mask_name(party.name)} {mask_number(party.number)}"
        if is_person
        else f"{party.name} {party.number}"
    )
    return Inquiry(
        id=new_id(call.at),
        source=source.code,
        purpose=command.purpose,
        purpose_id=command.purpose_id,
        party_id=command.party_id,
        subject_index=subject_index(party.number),
        subject_shown=shown,
        consent_user_id=command.user_id,
        consent_kind=consent.kind,
        consent_version=consent.version,
        consent_sha256=consent.text_sha256,
        consented_at=consent.happened_at,
        asked_by=call.actor,
        asked_at=call.at,
        asked_on=call.at.astimezone(CHINA).date(),
        cost_minor=0,
        instead_of_id=command.instead_of,
    )


def _under_way(row: Inquiry) -> UUID | None:
    """Return an inquiry with the same question that still waits for its answer."""
    return (
        Inquiry.objects.filter(
            asked_index=row.asked_index,
            party_id=row.party_id,
            outcome=Outcome.OPEN,
            asked_at__gt=row.asked_at - UNDER_WAY,
        )
        .values_list("pk", flat=True)
        .first()
    )


def _serve(row: Inquiry) -> bool:
    """Answer from an earlier inquiry with the very same question, if its answer still holds."""
    earlier = (
        Inquiry.objects.filter(
            asked_index=row.asked_index,
            outcome__in=KNOWN,
            served_from=None,
            cached_until__gt=row.asked_at,
        )
        .order_by("-answered_at")
        .first()
    )
    if earlier is None:
        return False
    row.served_from, row.outcome = earlier, earlier.outcome
    row.answered_at, row.latency_ms = row.asked_at, 0
    row.cached_until, row.answer_sha256 = earlier.cached_until, earlier.answer_sha256
    return True


def _check_how_often(row: Inquiry) -> None:
    asked = Inquiry.objects.filter(
        party_id=row.party_id, source=row.source, asked_on=row.asked_on, served_from=None
    ).exclude(outcome=Outcome.REFUSED)
    if asked.count() >= MOST_A_DAY:
        raise AskedTooOften(allowed=str(MOST_A_DAY))


def _refuse(row: Inquiry, source: Source, call: Call) -> bool:
    """End the inquiry unasked where the source is left alone or the day's money is spent."""
    fault = ""
    stands = breaker_of(source.code, call.at)
    if stands is Breaker.OPEN or (stands is Breaker.HALF_OPEN and _is_tried(source, call.at)):
        fault = "left-alone"
    else:
        kept_back = InquiryDay.objects.filter(
            source=source.code,
            on=row.asked_on,
            spent_minor__lte=F("budget_minor") - source.cost_minor,
        ).update(spent_minor=F("spent_minor") + source.cost_minor)
        fault = "" if kept_back else "budget-spent"
    if fault:
        row.outcome, row.fault, row.answered_at = Outcome.REFUSED, fault, call.at
    return bool(fault)


def _is_tried(source: Source, at: datetime) -> bool:
    """Tell whether a call is under way that will show how the source is."""
    tried = timedelta(seconds=source.timeout_seconds * source.tries)
    return Inquiry.objects.filter(
        source=source.code, outcome=Outcome.OPEN, ticket="", asked_at__gt=at - tried
    ).exists()
