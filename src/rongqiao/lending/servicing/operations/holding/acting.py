"""Who may put a borrower on hold and lift it, the party's loans locked, and its words."""

from __future__ import annotations

from uuid import UUID

from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.operations.repaying.settling import hold_accrual
from rongqiao.parties.queries import is_own_affair, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

HOLDERS = (Role.OPERATOR, Role.APPROVER)
LONGEST_DOCUMENT, LONGEST_REASON = 80, 200


class HoldRoleNeeded(Refusal):
    """The actor holds no role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "servicing.hold-role-needed"


class HoldOwnAffair(Refusal):
    """Nobody puts themselves on hold, or lifts it."""

    kind, code = Kind.FORBIDDEN, "servicing.hold-own-affair"


class HoldWordsNeeded(Refusal):
    """A hold names a document and a reason; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.hold-words-needed"


class HoldWhileClosing(Refusal):
    """The day is being closed: its penalty is charged or not, but not in part."""

    code = "servicing.hold-while-closing"


def checked_party(loan_id: UUID, call: Call) -> UUID:
    """Return the party of a loan, its live loans locked and no day about to close.

    Raises NotFound, HoldRoleNeeded, HoldOwnAffair, HoldWhileClosing.
    """
    found = Loan.objects.filter(pk=loan_id).values_list("party_id", flat=True).first()
    if found is None:
        raise NotFound(what="loan")
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & set(HOLDERS):
        raise HoldRoleNeeded(allowed=", ".join(sorted(role.value for role in HOLDERS)))
    if is_own_affair(user_id, found):
        raise HoldOwnAffair
    loans = Loan.objects.select_for_update(no_key=True).filter(party_id=found, state__in=LIVE)
    for loan in loans.order_by("pk"):
        hold_accrual(loan.pk)
    if EndOfDayStep.objects.filter(on=call.on).exists():
        raise HoldWhileClosing(on=call.on.isoformat())
    return found


def checked_words(field: str, given: str, longest: int) -> str:
    """Return words without superfluous blanks. Raises HoldWordsNeeded."""
    words = " ".join(given.split())
    if not 0 < len(words) <= longest:
        raise HoldWordsNeeded(field=field, allowed=f"1 - {longest}")
    return words
