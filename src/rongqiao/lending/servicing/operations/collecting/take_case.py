"""A collector takes a case, or one in charge gives it to a collector."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.lending.servicing.operations.collecting.acting import (
    CaseMoved,
    OwnAffair,
    acting_staff,
    locked_case,
)
from rongqiao.parties.queries import is_own_affair, roles_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role


class TakenByAnother(Refusal):
    """Another collector has the case in hand; fact: `number`."""

    code = "collecting.taken-by-another"


class NotACollector(Refusal):
    """Whom the case should go to holds no such role."""

    kind, code = Kind.INVALID, "collecting.not-a-collector"


@dataclass(frozen=True, kw_only=True)
class TakeCase:
    """Which case."""

    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class GiveCase:
    """Which case goes to which collector."""

    case_id: UUID
    collector_id: UUID


@operation("servicing.take-collection-case", restore=CaseMoved)
def take_case(command: TakeCase, call: Call) -> CaseMoved:
    """Assign the case to the acting collector; taking it twice changes nothing.

    Raises RoleNeeded, NotFound, OwnAffair, CaseClosed, TakenByAnother.
    """
    user_id = acting_staff(call, Role.COLLECTOR)
    case = locked_case(command.case_id, user_id)
    if case.state != "open" and case.collector_id != user_id:
        raise TakenByAnother(number=case.number)
    return _assign(case, user_id)


@operation("servicing.give-collection-case", restore=CaseMoved)
def give_case(command: GiveCase, call: Call) -> CaseMoved:
    """Put the case into a collector's hands, from another's or back from an agent.

    An operator may give any case, a collector those in their own hands.
    Raises RoleNeeded, NotFound, OwnAffair, CaseClosed, TakenByAnother, NotACollector.
    """
    user_id = acting_staff(call, Role.COLLECTOR, Role.OPERATOR)
    case = locked_case(command.case_id, user_id)
    if case.collector_id != user_id and Role.OPERATOR not in roles_of(user_id):
        raise TakenByAnother(number=case.number)
    if Role.COLLECTOR not in roles_of(command.collector_id):
        raise NotACollector
    if is_own_affair(command.collector_id, case.party_id):
        raise OwnAffair
    return _assign(case, command.collector_id)


def _assign(case: CollectionCase, collector_id: UUID) -> CaseMoved:
    case.state, case.collector_id, case.handed_to = "assigned", collector_id, ""
    case.save(update_fields=["state", "collector_id", "handed_to"])
    return CaseMoved(case_id=case.pk, state=case.state)
