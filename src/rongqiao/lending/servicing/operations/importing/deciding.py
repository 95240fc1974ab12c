"""Who may take a portfolio over for the house."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from rongqiao.lending.servicing.models.imports import PortfolioImport
from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

# It opens balances in the books: operators and finance propose, another in finance decides.
PROPOSERS = (Role.OPERATOR, Role.FINANCE)
DECIDERS = (Role.FINANCE,)


class ImportRoleNeeded(Refusal):
    """The actor holds no role that may propose or decide this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "servicing.import-role-needed"


class ImportSecondPersonNeeded(Refusal):
    """Whoever proposed an import does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "servicing.import-second-person-needed"


class ImportNotWaiting(Refusal):
    """The import was decided before; fact: `state`."""

    code = "servicing.import-not-waiting"


def acting(call: Call, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`. Raises ImportRoleNeeded."""
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise ImportRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    return user_id


def refuse_same_person(made: PortfolioImport, user_id: UUID) -> None:
    """Raise ImportSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(made.proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise ImportSecondPersonNeeded


def locked_import(import_id: UUID) -> PortfolioImport:
    """Return the import, locked. Raises NotFound."""
    made = PortfolioImport.objects.select_for_update(no_key=True).filter(pk=import_id).first()
    if made is None:
        raise NotFound(what="import")
    return made
