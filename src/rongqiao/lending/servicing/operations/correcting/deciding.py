"""Who may put a payment right, and what a proposal of it needs."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.corrections import Correction
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.amending.corrections import Effect, effect_of
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

PROPOSERS = (Role.FINANCE, Role.OPERATOR)
DECIDERS = (Role.FINANCE, Role.APPROVER)
# Where more than this of charges is given back, a finance officer does not decide.
FINANCE_MOST = Money(1_000_000)
LONGEST_REASON = 200


class CorrectionRoleNeeded(Refusal):
    """The actor holds no role that may propose or decide this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "servicing.correction-role-needed"


class CorrectionOwnAffair(Refusal):
    """Nobody puts right what they paid themselves."""

    kind, code = Kind.FORBIDDEN, "servicing.correction-own-affair"


class CorrectionSecondPersonNeeded(Refusal):
    """Whoever proposed a correction does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "servicing.correction-second-person-needed"


class CorrectionWaits(Refusal):
    """The loan has a correction that waits for its second person."""

    code = "servicing.correction-waits"


class CorrectionReasonNeeded(Refusal):
    """Who puts a payment right says why; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.correction-reason-needed"


def locked_loan(loan_id: UUID) -> Loan:
    """Return the loan in whatever state, locked: a proposal is declined on any. Raises NotFound."""
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    return loan


def acting(call: Call, party_id: UUID, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`, not in their own affair.

    Raises CorrectionRoleNeeded, CorrectionOwnAffair.
    """
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise CorrectionRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    if is_own_affair(user_id, party_id):
        raise CorrectionOwnAffair
    return user_id


def refuse_same_person(correction: Correction, user_id: UUID) -> None:
    """Raise CorrectionSecondPersonNeeded where proposer and decider are one user or person."""
    maker = user_of(correction.proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise CorrectionSecondPersonNeeded


def put_down(loan: Loan, correction: Correction, call: Call) -> Effect:
    """Save a proposal on a locked loan that can be carried out as things stand; return its effect.

    Raises CorrectionReasonNeeded, CorrectionWaits, and what `effect_of` does.
    """
    correction.reason = " ".join(correction.reason.split())
    if not 0 < len(correction.reason) <= LONGEST_REASON:
        raise CorrectionReasonNeeded(field="reason", allowed=f"1 - {LONGEST_REASON}")
    if loan.corrections.filter(state="waiting").exists():
        raise CorrectionWaits(number=loan.number)
    effect = effect_of(loan, correction, call.on)
    if effect.payment is not None:
        correction.amount_minor = effect.payment.amount
        correction.value_on = effect.payment.value_on
    correction.id = new_id(call.at)
    correction.proposed_by, correction.proposed_at = call.actor, call.at
    correction.proposed_on = call.on
    correction.save(force_insert=True)
    return effect
