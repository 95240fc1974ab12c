"""Who may agree on other terms for the house, and what a proposal needs."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.amending.recalls import Recall
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.operations.repaying.settling import AlreadyPaid, bring_up
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

# Other terms are a credit decision: reviewers and operators propose, an approver decides.
PROPOSERS = (Role.REVIEWER, Role.OPERATOR)
DECIDERS = (Role.APPROVER,)


class ChangeRoleNeeded(Refusal):
    """The actor holds no role that may propose or decide this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "servicing.change-role-needed"


class ChangeOwnAffair(Refusal):
    """Nobody changes the terms of what they owe themselves."""

    kind, code = Kind.FORBIDDEN, "servicing.change-own-affair"


class ChangeSecondPersonNeeded(Refusal):
    """Whoever proposed a change does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "servicing.change-second-person-needed"


def acting(call: Call, party_id: UUID, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`, not in their own affair.

    Raises ChangeRoleNeeded, ChangeOwnAffair.
    """
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise ChangeRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    if is_own_affair(user_id, party_id):
        raise ChangeOwnAffair
    return user_id


def refuse_same_person(change: TermChange | Recall, user_id: UUID) -> None:
    """Raise ChangeSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(change.proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise ChangeSecondPersonNeeded


def locked_loan(loan_id: UUID) -> Loan:
    """Return the loan in whatever state, locked: a proposal is declined on any. Raises NotFound."""
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    return loan


def bring_up_live(loan: Loan) -> None:
    """Bring a locked loan up to date. Raises AlreadyPaid where it is not live."""
    if loan.state not in LIVE:
        raise AlreadyPaid(number=loan.number)
    bring_up(loan)
