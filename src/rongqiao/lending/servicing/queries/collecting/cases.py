"""One collection case in full: its contacts, promises, proposals, and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import models

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.collecting import (
    CaseProposal,
    CollectionCase,
    CollectionContact,
    ContactStop,
    PaymentPromise,
)
from rongqiao.lending.servicing.queries.amending.holds import is_held
from rongqiao.lending.servicing.queries.collecting.queue import CaseRow, rows_of
from rongqiao.lending.servicing.queries.lives import bring_up
from rongqiao.parties.queries import phone_of, users_of
from rongqiao.platform.crypto import decrypt
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.contact import CHINA, Attempt, Channel, History, Obstacle, Whom, obstacle

MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class ContactView:
    """One contact, with the promise made in it."""

    id: UUID
    collector_id: UUID
    channel: str
    began_at: datetime
    outcome: str
    note: str
    promised: Money | None
    promised_by: date | None
    promise_state: str


@dataclass(frozen=True, kw_only=True)
class StopView:
    """A complaint that stands, in the words it was noted in."""

    since_at: datetime
    noted_by: UUID
    words: str


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """A proposal as the case shows it."""

    id: UUID
    number: str
    case_id: UUID
    case_number: str
    kind: str
    firm: str
    owed: Money
    pays: Money
    pay_by: date | None
    reason: str
    state: str
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """A case; `obstacle` is what forbids calling the debtor now, None where it is allowed.

    `is_held` where the debtor died or is bankrupt: nobody contacts them at all.
    """

    row: CaseRow
    opened_on: date
    closed_on: date | None
    closed_by_state: str
    outstanding: Money
    recovered: Money
    calls_today: int
    obstacle: Obstacle | None
    stop: StopView | None
    is_held: bool
    under_way: ContactView | None
    contacts: tuple[ContactView, ...]
    proposals: tuple[ProposalView, ...]


def get_case(case_id: UUID, at: datetime, on: date) -> CaseView:
    """Return a case as of an instant and a business date; raises NotFound."""
    case = CollectionCase.objects.select_related("loan").filter(pk=case_id).first()
    if case is None:
        raise NotFound(what="case")
    attempts = case.attempts.select_related("promise").order_by("-began_at")[:MOST_SHOWN]
    contacts = tuple(_contact(one) for one in attempts)
    stop = ContactStop.objects.filter(party_id=case.party_id, lifted_at=None).first()
    calls = CollectionContact.objects.filter(
        party_id=case.party_id, local_on=at.astimezone(CHINA).date(), channel=Channel.CALL.value
    ).count()
    attempt = Attempt(channel=Channel.CALL, whom=Whom.DEBTOR, at=at)
    bring_up([case.loan])
    return CaseView(
        row=rows_of([case], on)[0],
        opened_on=case.opened_on,
        closed_on=case.closed_on,
        closed_by_state=case.closed_by_state,
        outstanding=Money(case.loan.owed_minor),
        recovered=Money(case.recovered_minor),
        calls_today=calls,
        obstacle=obstacle(attempt, History(calls_today=calls, is_stopped=stop is not None)),
        stop=_stop(stop) if stop else None,
        is_held=is_held(case.party_id),
        under_way=next((one for one in contacts if not one.outcome), None),
        contacts=tuple(one for one in contacts if one.outcome),
        proposals=tuple(
            _proposal(one) for one in case.proposals.select_related("case").order_by("-proposed_at")
        ),
    )


def list_waiting_proposals(limit: int = MOST_SHOWN) -> tuple[ProposalView, ...]:
    """Return what waits for a second person, longest first."""
    rows = CaseProposal.objects.filter(state="waiting").select_related("case")
    return tuple(_proposal(one) for one in rows.order_by("proposed_at")[:limit])


def get_proposal(proposal_id: UUID) -> ProposalView:
    """Return a proposal; raises NotFound."""
    row = CaseProposal.objects.select_related("case").filter(pk=proposal_id).first()
    if row is None:
        raise NotFound(what="proposal")
    return _proposal(row)


def complaining_parties() -> frozenset[UUID]:
    """Return the debtors whose complaint stands: nobody approaches them about what is overdue."""
    standing = ContactStop.objects.filter(lifted_at=None)
    return frozenset(standing.values_list("party_id", flat=True))


def phone_to_reach(view: CaseView, collector_id: UUID) -> str:
    """Return the debtor's number in full to the collector whose contact is under way, else ''."""
    contact = view.under_way
    if contact is None or contact.collector_id != collector_id or contact.channel == "letter":
        return ""
    for user_id in users_of(view.row.party_id):
        found = phone_of(user_id)
        if found is not None:
            return found.phone
    return ""


def _contact(row: CollectionContact) -> ContactView:
    promise: PaymentPromise | None = getattr(row, "promise", None)
    return ContactView(
        id=row.pk,
        collector_id=row.collector_id,
        channel=row.channel,
        began_at=row.began_at,
        outcome=row.outcome,
        note=_opened(row.note_sealed, CollectionContact, "note_sealed", row.pk),
        promised=Money(promise.amount_minor) if promise else None,
        promised_by=promise.due_on if promise else None,
        promise_state=promise.state if promise else "",
    )


def _stop(row: ContactStop) -> StopView:
    words = _opened(row.words_sealed, ContactStop, "words_sealed", row.pk)
    return StopView(since_at=row.since_at, noted_by=row.noted_by, words=words)


def _proposal(row: CaseProposal) -> ProposalView:
    return ProposalView(
        id=row.pk,
        number=row.number,
        case_id=row.case_id,
        case_number=row.case.number,
        kind=row.kind,
        firm=row.firm,
        owed=Money(row.owed_minor),
        pays=Money(row.pays_minor),
        pay_by=row.pay_by,
        reason=_opened(row.reason_sealed, CaseProposal, "reason_sealed", row.pk),
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _opened(
    value: bytes | memoryview | None, model: type[models.Model], column: str, row: UUID
) -> str:
    if value is None:
        return ""
    return decrypt(value, table=model._meta.db_table, column=column, row=row)
