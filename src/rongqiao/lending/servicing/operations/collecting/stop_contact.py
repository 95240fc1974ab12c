"""A debtor's complaint stops all contact with them; a compliance officer may lift that."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.models.collecting import CollectionCase, ContactStop
from rongqiao.lending.servicing.operations.collecting.acting import (
    OwnAffair,
    acting_staff,
    are_one_person,
    checked_words,
    locked_case,
    sealed,
)
from rongqiao.parties.queries import is_own_affair
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role


class NotStopped(Refusal):
    """No complaint stands."""

    code = "collecting.not-stopped"


class LiftedByAnother(Refusal):
    """Whoever noted the complaint does not lift it."""

    kind, code = Kind.FORBIDDEN, "collecting.lifted-by-another"


@dataclass(frozen=True, kw_only=True)
class StopContact:
    """Which case, and what the debtor complains of."""

    case_id: UUID
    words: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class AllowContact:
    """Which debtor's case, and what was found of the complaint."""

    case_id: UUID
    words: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class ContactStanding:
    """Whether the debtor may be contacted."""

    stop_id: UUID
    is_stopped: bool


@operation("servicing.stop-contact", restore=ContactStanding)
def stop_contact(command: StopContact, call: Call) -> ContactStanding:
    """Stop every contact on all of the debtor's loans; a complaint that stands is kept.

    Raises RoleNeeded, NotFound, OwnAffair, CaseClosed, WordsNeeded.
    """
    user_id = acting_staff(call, Role.COLLECTOR, Role.COMPLIANCE_OFFICER)
    case = locked_case(command.case_id, user_id)
    words = checked_words(command.words, "words")
    standing = ContactStop.objects.filter(party_id=case.party_id, lifted_at=None).first()
    if standing is None:
        stop_id = new_id(call.at)
        standing = ContactStop.objects.create(
            id=stop_id,
            party_id=case.party_id,
            case=case,
            since_at=call.at,
            noted_by=user_id,
            words_sealed=sealed(words, ContactStop, "words_sealed", stop_id),
        )
    return ContactStanding(stop_id=standing.pk, is_stopped=True)


@operation("servicing.allow-contact", restore=ContactStanding)
def allow_contact(command: AllowContact, call: Call) -> ContactStanding:
    """Lift the complaint's stop.

    Raises RoleNeeded, NotFound, OwnAffair, NotStopped, LiftedByAnother, WordsNeeded.
    """
    user_id = acting_staff(call, Role.COMPLIANCE_OFFICER)
    case = CollectionCase.objects.filter(pk=command.case_id).first()
    if case is None:
        raise NotFound(what="case")
    if is_own_affair(user_id, case.party_id):
        raise OwnAffair
    stop = (
        ContactStop.objects.select_for_update()
        .filter(party_id=case.party_id, lifted_at=None)
        .first()
    )
    if stop is None:
        raise NotStopped
    if are_one_person(stop.noted_by, user_id):
        raise LiftedByAnother
    words = checked_words(command.words, "words")
    stop.lifted_at, stop.lifted_by = call.at, user_id
    stop.lift_words_sealed = sealed(words, ContactStop, "lift_words_sealed", stop.pk)
    stop.save(update_fields=["lifted_at", "lifted_by", "lift_words_sealed"])
    return ContactStanding(stop_id=stop.pk, is_stopped=False)
