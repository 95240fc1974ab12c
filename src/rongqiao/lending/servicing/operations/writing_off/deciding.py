"""Who may give a loan up, which loans, and what would leave the books."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from rongqiao.lending.servicing.engine import RiskClass, class_of
from rongqiao.lending.servicing.models.amending.write_offs import WriteOff
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.settling import bring_up
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

PROPOSERS = (Role.COLLECTOR, Role.RISK_ANALYST, Role.FINANCE)
DECIDERS = (Role.FINANCE,)


class WriteOffRoleNeeded(Refusal):
    """The actor holds no role that may propose or decide this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "servicing.write-off-role-needed"


class WriteOffOwnAffair(Refusal):
    """Nobody gives up what they owe themselves."""

    kind, code = Kind.FORBIDDEN, "servicing.write-off-own-affair"


class WriteOffSecondPersonNeeded(Refusal):
    """Whoever proposed a write-off does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "servicing.write-off-second-person-needed"


class NotToWriteOff(Refusal):
    """The loan is not overdue and of class loss; facts: `state`, `risk_class`, `days`."""

    code = "servicing.not-to-write-off"


def acting(call: Call, party_id: UUID, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`, not in their own affair.

    Raises WriteOffRoleNeeded, WriteOffOwnAffair.
    """
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise WriteOffRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    if is_own_affair(user_id, party_id):
        raise WriteOffOwnAffair
    return user_id


def refuse_same_person(write_off: WriteOff, user_id: UUID) -> None:
    """Raise WriteOffSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(write_off.proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise WriteOffSecondPersonNeeded


def locked(loan_id: UUID) -> Loan:
    """Return the loan, locked, its interest as booked until now. Raises NotFound."""
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    bring_up(loan)
    return loan


def refuse_unfit(loan: Loan, on: date) -> None:
    """Raise NotToWriteOff unless the loan is overdue (domain.md, 4) and of class loss.

    That class is reached by days past due (engine.CLASS_FLOORS), and kept until arrears are
    cleared.
    """
    is_lost = RiskClass.LOSS in (RiskClass(loan.risk_class), class_of(loan.days_past_due, on))
    if loan.state != "overdue" or not is_lost:
        raise NotToWriteOff(
            state=loan.state, risk_class=loan.risk_class, days=str(loan.days_past_due)
        )
