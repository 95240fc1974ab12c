"""Begin a contact with a debtor, where the rules allow it now: nobody is contacted otherwise.

The debtor's number is shown to the collector only while the contact they began is under way, so
this operation's record is the record of who saw it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.models.collecting import (
    CollectionCase,
    CollectionContact,
    ContactStop,
    bucket_of,
)
from rongqiao.lending.servicing.operations.collecting.acting import own_case, refuse_on_hold
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.contact import (
    CHINA,
    Attempt,
    Channel,
    History,
    Obstacle,
    Whom,
    Why,
    obstacle,
)


class QuietHours(Refusal):
    """Facts: `value` the time now, `begin` and `end` of the quiet hours, `next` instant."""

    kind, code = Kind.CONFLICT, "collecting.quiet-hours"


class CallsUsed(Refusal):
    """The debtor was called as often as a day allows; facts: `allowed`, `next`."""

    kind, code = Kind.CONFLICT, "collecting.calls-used"


class StoppedByComplaint(Refusal):
    """The debtor complained; nobody contacts them until a compliance officer lifts it."""

    kind, code = Kind.CONFLICT, "collecting.stopped-by-complaint"


class DebtorOnly(Refusal):
    """Somebody else was to be contacted."""

    kind, code = Kind.CONFLICT, "collecting.debtor-only"


class ContactUnderWay(Refusal):
    """The last contact of the case has not been given its outcome; fact: `since`."""

    kind, code = Kind.CONFLICT, "collecting.contact-under-way"


@dataclass(frozen=True, kw_only=True)
class BeginContact:
    """Which case, by which way, and who is to be spoken to."""

    case_id: UUID
    channel: Channel
    whom: Whom = Whom.DEBTOR


@dataclass(frozen=True, kw_only=True)
class ContactBegun:
    """The contact under way."""

    contact_id: UUID


@operation("servicing.begin-contact", restore=ContactBegun)
def begin_contact(command: BeginContact, call: Call) -> ContactBegun:
    """Begin it, counted from now on.

    Raises what own_case raises, BorrowerOnHold, ContactUnderWay, and QuietHours, CallsUsed,
    StoppedByComplaint or DebtorOnly where the rules forbid it.
    """
    case, user_id = own_case(command.case_id, call)
    # Two collectors of one debtor's loans wait for each other here: the day's calls are counted
    # per debtor.
    list(
        CollectionCase.objects.select_for_update(no_key=True)
        .filter(party_id=case.party_id)
        .order_by("id")
    )
    refuse_on_hold(case)
    attempt = Attempt(channel=command.channel, whom=command.whom, at=call.at)
    found = obstacle(attempt, history_of(case.party_id, attempt))
    if found is not None:
        raise refusal_of(found, attempt)
    under_way = CollectionContact.objects.filter(case=case, ended_at=None).first()
    if under_way is not None:
        raise ContactUnderWay(since=under_way.began_at.isoformat())
    contact = CollectionContact.objects.create(
        id=new_id(call.at),
        case=case,
        party_id=case.party_id,
        collector_id=user_id,
        channel=command.channel.value,
        bucket=bucket_of(case.oldest_due_on, call.on),
        began_at=call.at,
        local_on=call.at.astimezone(CHINA).date(),
        on=call.on,
    )
    return ContactBegun(contact_id=contact.pk)


def history_of(party_id: UUID, attempt: Attempt) -> History:
    """Return what the rules ask of a debtor's past: calls of the China-time day, on all loans."""
    calls = CollectionContact.objects.filter(
        party_id=party_id,
        local_on=attempt.at.astimezone(CHINA).date(),
        channel=Channel.CALL.value,
    )
    return History(
        calls_today=calls.count(),
        is_stopped=ContactStop.objects.filter(party_id=party_id, lifted_at=None).exists(),
    )


def refusal_of(found: Obstacle, attempt: Attempt) -> Refusal:
    """Return the refusal that says what stands in the way, what is allowed, and when next."""
    following = found.next_at.isoformat() if found.next_at else ""
    rules = found.rules
    if found.why is Why.COMPLAINT:
        return StoppedByComplaint()
    if found.why is Why.THIRD_PARTY:
        return DebtorOnly(value=attempt.whom.value)
    if found.why is Why.CALLS_USED:
        return CallsUsed(allowed=str(rules.calls_per_day), next=following)
    return QuietHours(
        value=f"{attempt.at.astimezone(CHINA):%H:%M}",
        begin=f"{rules.quiet_from:%H:%M}",
        end=f"{rules.quiet_until:%H:%M}",
        next=following,
    )
