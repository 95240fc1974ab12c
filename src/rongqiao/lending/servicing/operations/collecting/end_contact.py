"""Write down what a contact came to; a promise to pay among it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.collecting import (
    REACHED,
    CollectionCase,
    CollectionContact,
    PaymentPromise,
)
from rongqiao.lending.servicing.operations.collecting.acting import (
    WORDS_LONGEST,
    WordsNeeded,
    own_case,
    sealed,
)
from rongqiao.lending.servicing.queries.lives import bring_up
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal

# GB/T 45251-2025 would have a week between rounds of collection (collection.cycle_days); where
# the debtor was not reached, the next try may come the day after.
DAYS_AFTER_TALK, DAYS_AFTER_MISS = 7, 1
PROMISE_DAYS_MOST = 30
SPOKEN = (*REACHED, "no-answer", "wrong-number", "somebody-else")
OUTCOMES_OF = {"call": SPOKEN, "visit": SPOKEN, "sms": ("sent",), "letter": ("sent",)}


class NoContactUnderWay(Refusal):
    """There is no contact that waits for an outcome: it has one, or none was begun."""

    code = "collecting.no-contact-under-way"


class OutcomeUnfit(Refusal):
    """Such a contact cannot come to that; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "collecting.outcome-unfit"


class PromiseUnfit(Refusal):
    """A promise names an amount up to what is owed and a near date; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "collecting.promise-unfit"


@dataclass(frozen=True, kw_only=True)
class EndContact:
    """What it came to. `amount` and `due_on` are given with the outcome `promised` alone."""

    case_id: UUID
    outcome: str
    note: str = sensitive(default="")
    amount: Money | None = None
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ContactEnded:
    """The contact, the promise made in it, and when the case is looked at next."""

    contact_id: UUID
    promise_id: UUID | None
    next_on: date


@operation("servicing.end-contact", restore=ContactEnded)
def end_contact(command: EndContact, call: Call) -> ContactEnded:
    """End the contact under way; a later promise takes the place of one that stands open.

    Raises what own_case raises, NoContactUnderWay, OutcomeUnfit, PromiseUnfit, WordsNeeded.
    """
    case, user_id = own_case(command.case_id, call)
    contact = CollectionContact.objects.filter(
        case=case, ended_at=None, collector_id=user_id
    ).first()
    if contact is None:
        raise NoContactUnderWay(number=case.number)
    allowed = OUTCOMES_OF[contact.channel]
    if command.outcome not in allowed:
        raise OutcomeUnfit(field="outcome", value=command.outcome, allowed=", ".join(allowed))
    if len(command.note) > WORDS_LONGEST:
        raise WordsNeeded(field="note", allowed=f"0 - {WORDS_LONGEST}")
    contact.ended_at, contact.outcome = call.at, command.outcome
    if command.note.strip():
        contact.note_sealed = sealed(
            command.note.strip(), CollectionContact, "note_sealed", contact.pk
        )
    contact.save(update_fields=["ended_at", "outcome", "note_sealed"])
    promise = _promise(case, contact, command, call) if command.outcome == "promised" else None
    if promise is not None:
        case.promise_due_on, case.next_on = promise.due_on, promise.due_on + timedelta(days=1)
    elif case.promise_due_on is None:
        days = DAYS_AFTER_MISS if command.outcome == "no-answer" else DAYS_AFTER_TALK
        case.next_on = call.on + timedelta(days=days)
    case.save(update_fields=["promise_due_on", "next_on"])
    return ContactEnded(
        contact_id=contact.pk,
        promise_id=promise.pk if promise else None,
        next_on=case.next_on,
    )


def _promise(
    case: CollectionCase, contact: CollectionContact, command: EndContact, call: Call
) -> PaymentPromise:
    bring_up([case.loan])
    owed, latest = Money(case.loan.owed_minor), call.on + timedelta(days=PROMISE_DAYS_MOST)
    amount, due_on = command.amount, command.due_on
    if amount is None or not 0 < amount.minor <= owed.minor:
        given = amount.text() if amount else ""
        raise PromiseUnfit(field="amount", value=given, allowed=f"0.01 - {owed.text()}")
    if due_on is None or not call.on <= due_on <= latest:
        given = due_on.isoformat() if due_on else ""
        raise PromiseUnfit(field="due_on", value=given, allowed=f"{call.on} - {latest}")
    # What was promised before and not paid yet is broken by being put off.
    PaymentPromise.objects.filter(case=case, state="open").update(
        state="broken", decided_on=call.on
    )
    return PaymentPromise.objects.create(
        id=new_id(call.at),
        case=case,
        contact=contact,
        collector_id=contact.collector_id,
        bucket=contact.bucket,
        amount_minor=amount.minor,
        made_on=call.on,
        due_on=due_on,
        recovered_before_minor=case.recovered_minor,
    )
