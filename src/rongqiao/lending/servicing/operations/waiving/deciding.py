"""Who may give charges up, up to how much, and what there is to give up."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.waivers import Waiver
from rongqiao.lending.servicing.models.loans import LIVE, Instalment, Loan
from rongqiao.lending.servicing.operations.repaying.settling import AlreadyPaid
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

# Principal is never waived: that is a write-off.
WAIVED = ("interest", "penalty", "fee")
PROPOSERS = (Role.FINANCE, Role.OPERATOR)
DECIDERS = (Role.FINANCE, Role.APPROVER)
# Beyond this a finance officer does not decide: the house's own limit.
FINANCE_MOST = Money(1_000_000)


class WaiverRoleNeeded(Refusal):
    """The actor holds no role that may propose or decide this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "servicing.waiver-role-needed"


class WaiverOwnAffair(Refusal):
    """Nobody gives up what they owe themselves."""

    kind, code = Kind.FORBIDDEN, "servicing.waiver-own-affair"


class WaiverSecondPersonNeeded(Refusal):
    """Whoever proposed a waiver does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "servicing.waiver-second-person-needed"


class WaiverUnfit(Refusal):
    """More is to be given up than is due, or nothing; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.waiver-unfit"


def acting(call: Call, party_id: UUID, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`, not in their own affair.

    Raises WaiverRoleNeeded, WaiverOwnAffair.
    """
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise WaiverRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    if is_own_affair(user_id, party_id):
        raise WaiverOwnAffair
    return user_id


def refuse_same_person(waiver: Waiver, user_id: UUID) -> None:
    """Raise WaiverSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(waiver.proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise WaiverSecondPersonNeeded


def loan_for_staff(loan_id: UUID) -> Loan:
    """Return the live loan, locked. Raises NotFound, AlreadyPaid."""
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    if loan.state not in LIVE:
        raise AlreadyPaid(number=loan.number)
    return loan


def due_rows(loan: Loan) -> list[Instalment]:
    """Return the instalments that have fallen due with something left, oldest first."""
    return list(loan.instalments.filter(is_due=True, settled_on=None).order_by("no"))


def check_amounts(waiver: Waiver, rows: Iterable[Instalment]) -> None:
    """Raise WaiverUnfit unless every part is due and something is given up."""
    rows = list(rows)
    for bucket in WAIVED:
        minor = getattr(waiver, f"{bucket}_minor")
        owed = sum(row.left(bucket) for row in rows)
        if not 0 <= minor <= owed:
            raise WaiverUnfit(
                field=bucket, value=Money(minor).text(), allowed=f"0.00 - {Money(owed).text()}"
            )
    if waiver.total_minor == 0:
        raise WaiverUnfit(field="penalty", value="0.00", allowed="0.01")
