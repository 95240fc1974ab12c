"""Propose other terms for a running loan, as its borrower asked; another person decides."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.changes import (
    BY_MONTHS,
    BY_RATE,
    KINDS,
    RESTRUCTURING,
    TermChange,
)
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    PROPOSERS,
    acting,
    bring_up_live,
    locked_loan,
)
from rongqiao.lending.servicing.queries.amending.changes import Wish, changed_life, quote_of
from rongqiao.lending.servicing.queries.amending.rates import PLACES
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.lpr import REFERENCES, RESETS

MOST_MONTHS = 360
# A spread over the reference, either way: as a yearly fraction.
MOST_SPREAD = Decimal("0.2")
LONGEST_REASON, LONGEST_CONSENT = 200, 80


class ChangeWaits(Refusal):
    """The loan has a change of terms that waits for its second person."""

    code = "servicing.change-waits"


class ChangeWordsNeeded(Refusal):
    """A change names the borrower's request and a reason, a restructuring its evidence too.

    Facts: `field`, `allowed` characters.
    """

    kind, code = Kind.INVALID, "servicing.change-words-needed"


class ChangeUnknown(Refusal):
    """There is no such change, or not of that much; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.change-unknown"


@dataclass(frozen=True, kw_only=True)
class ProposeChange:
    """`kind` is `extension`, `principal-holiday` or `payment-holiday`, for so many `months`.

    `is_end_moved` lets a holiday move the last due date; `is_spread` spreads the interest that a
    holiday from all payments puts off. Or it is `fixed-rate`, to `rate_annual`, or `floating-rate`,
    with `spread` over `reference` and `reset`; rates are yearly fractions. Or `restructuring`, by
    `months`, to a lower `rate_annual` or both, for a borrower whose financial difficulty the paper
    numbered `evidence` shows. `consent` is the number of the borrower's signed request.
    """

    loan_id: UUID
    kind: str
    months: int = 0
    is_end_moved: bool = False
    is_spread: bool = False
    rate_annual: Decimal | None = None
    reference: str = ""
    spread: Decimal | None = None
    reset: str = ""
    consent: str
    reason: str
    evidence: str = ""


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
    ChangeWordsNeeded, ChangeWaits, TermsNotChangeable, ExtensionTooLong, RateNotAllowed.
    """
    loan = locked_loan(command.loan_id)
    acting(call, loan.party_id, PROPOSERS)
    bring_up_live(loan)
    _check_kind(command)
    consent = _words("consent", command.consent, LONGEST_CONSENT)
    reason = _words("reason", command.reason, LONGEST_REASON)
    if loan.term_changes.filter(state="waiting").exists():
        raise ChangeWaits(number=loan.number)
    asked = {name: getattr(command, name) for name in _ASKED[command.kind]}
    evidence = (
        _words("evidence", command.evidence, LONGEST_CONSENT)
        if command.kind == RESTRUCTURING
        else ""
    )
    wish = Wish(kind=command.kind, **asked)
    quote = quote_of(*changed_life(loan, wish, call.on), call.on)
    change = TermChange.objects.create(
        id=new_id(call.at),
        loan=loan,
        kind=command.kind,
        **asked,
        consent=consent,
        reason=reason,
        evidence=evidence,
        proposed_by=call.actor,
        proposed_at=call.at,
        proposed_on=call.on,
    )
    return ChangeProposed(change_id=change.pk, loan_id=loan.pk, total=quote.total)


# What each kind asks for.
_ASKED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(BY_MONTHS, ("months", "is_end_moved", "is_spread")),
    **dict.fromkeys(BY_RATE, ("rate_annual", "reference", "spread", "reset")),
    RESTRUCTURING: ("months", "rate_annual"),
}


def _check_kind(command: ProposeChange) -> None:
    if command.kind not in KINDS:
        raise ChangeUnknown(field="kind", value=command.kind, allowed=", ".join(KINDS))
    least = 0 if command.kind == RESTRUCTURING else 1
    if command.kind in BY_RATE or (command.kind == RESTRUCTURING and command.rate_annual):
        _check_rate(command)
    if command.kind not in BY_RATE and not least <= command.months <= MOST_MONTHS:
        allowed = f"{least} - {MOST_MONTHS}"
        raise ChangeUnknown(field="months", value=str(command.months), allowed=allowed)


def _check_rate(command: ProposeChange) -> None:
    """Refuse a fixed rate that is not one to eight places, or floating terms that are not whole."""
    if command.kind != "floating-rate":
        rate = command.rate_annual
        if rate is None or not 0 < rate < 1 or rate != rate.quantize(PLACES):
            raise ChangeUnknown(field="rate_annual", value=str(rate), allowed="0 - 1")
        if command.spread is not None:
            raise ChangeUnknown(field="spread", value=str(command.spread), allowed="-")
        return
    if command.reference not in REFERENCES:
        allowed = ", ".join(REFERENCES)
        raise ChangeUnknown(field="reference", value=command.reference, allowed=allowed)
    if command.reset not in RESETS:
        raise ChangeUnknown(field="reset", value=command.reset, allowed=", ".join(RESETS))
    spread = command.spread
    if spread is None or abs(spread) > MOST_SPREAD or spread != spread.quantize(PLACES):
        allowed = f"{-MOST_SPREAD} - {MOST_SPREAD}"
        raise ChangeUnknown(field="spread", value=str(spread), allowed=allowed)
    if command.rate_annual is not None:
        raise ChangeUnknown(field="rate_annual", value=str(command.rate_annual), allowed="-")


def _words(field: str, given: str, longest: int) -> str:
    words = " ".join(given.split())
    if not 0 < len(words) <= longest:
        raise ChangeWordsNeeded(field=field, allowed=f"1 - {longest}")
    return words
