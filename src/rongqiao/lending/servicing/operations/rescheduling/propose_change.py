"""Propose other terms for a running loan, as its borrower asked; another person decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.changes import KINDS, TermChange
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    PROPOSERS,
    acting,
    bring_up_live,
    locked_loan,
)
from rongqiao.lending.servicing.queries.amending.changes import Wish, changed_life, quote_of
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

MOST_MONTHS = 360
LONGEST_REASON, LONGEST_CONSENT = 200, 80


class ChangeWaits(Refusal):
    """The loan has a change of terms that waits for its second person."""

    code = "servicing.change-waits"


class ChangeWordsNeeded(Refusal):
    """A change names the borrower's request and a reason; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.change-words-needed"


class ChangeUnknown(Refusal):
    """There is no such change, or not of that many months; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.change-unknown"


@dataclass(frozen=True, kw_only=True)
class ProposeChange:
    """`kind` is `extension`, `principal-holiday` or `payment-holiday`, for so many `months`.

    `is_end_moved` lets a holiday move the last due date; `is_spread` spreads the interest that a
    holiday from all payments puts off. `consent` is the number of the borrower's signed request.
    """

    loan_id: UUID
    kind: str
    months: int
    is_end_moved: bool = False
    is_spread: bool = False
    consent: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChangeProposed:
    """The change that waits, and all that would be to pay after it as things stand."""

    change_id: UUID
    loan_id: UUID
    total: Money


@operation("servicing.propose-change", restore=ChangeProposed)
def propose_change(command: ProposeChange, call: Call) -> ChangeProposed:
    """Put the proposal down; nothing moves before another person agrees.

    Raises NotFound, AlreadyPaid, ChangeRoleNeeded, ChangeOwnAffair, ChangeUnknown,
    ChangeWordsNeeded, ChangeWaits, TermsNotChangeable, ExtensionTooLong.
    """
    loan = locked_loan(command.loan_id)
    acting(call, loan.party_id, PROPOSERS)
    bring_up_live(loan)
    _check_kind(command)
    consent = _words("consent", command.consent, LONGEST_CONSENT)
    reason = _words("reason", command.reason, LONGEST_REASON)
    if loan.term_changes.filter(state="waiting").exists():
        raise ChangeWaits(number=loan.number)
    wish = Wish(
        kind=command.kind,
        months=command.months,
        is_end_moved=command.is_end_moved,
        is_spread=command.is_spread,
    )
    quote = quote_of(*changed_life(loan, wish, call.on), call.on)
    change = TermChange.objects.create(
        id=new_id(call.at),
        loan=loan,
        kind=command.kind,
        months=command.months,
        is_end_moved=command.is_end_moved,
        is_spread=command.is_spread,
        consent=consent,
        reason=reason,
        proposed_by=call.actor,
        proposed_at=call.at,
        proposed_on=call.on,
    )
    return ChangeProposed(change_id=change.pk, loan_id=loan.pk, total=quote.total)


def _check_kind(command: ProposeChange) -> None:
    if command.kind not in KINDS:
        raise ChangeUnknown(field="kind", value=command.kind, allowed=", ".join(KINDS))
    if not 0 < command.months <= MOST_MONTHS:
        allowed = f"1 - {MOST_MONTHS}"
        raise ChangeUnknown(field="months", value=str(command.months), allowed=allowed)


def _words(field: str, given: str, longest: int) -> str:
    words = " ".join(given.split())
    if not 0 < len(words) <= longest:
        raise ChangeWordsNeeded(field=field, allowed=f"1 - {longest}")
    return words
