"""Record what an item is worth: a new line under the earlier ones, never in their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.collateral.models import BASES, Valuation
from rongqiao.lending.collateral.operations.acting import (
    KEEPERS,
    CollateralWordsNeeded,
    acting,
    check_not_own,
    checked_words,
    locked_item,
)
from rongqiao.lending.origination.queries.file_content import as_kept
from rongqiao.platform.files import store
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_VALUER, LONGEST_DOCUMENT = 120, 80


class ValuationOutOfOrder(Refusal):
    """A valuation is of a day to come, or before the latest one; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "collateral.valuation-out-of-order"


class ReportRefused(Refusal):
    """The file is no picture or PDF that may be kept; fact: `field`."""

    kind, code = Kind.INVALID, "collateral.report-refused"


class ValuedAboveFace(Refusal):
    """An item is never worth more than its own paper says; fact: `allowed`."""

    kind, code = Kind.INVALID, "collateral.valued-above-face"


@dataclass(frozen=True, kw_only=True)
class RecordValuation:
    """As of which day, by whom, on what basis, how much, what others are owed out of it before us,
    and the number of the report; its file where there is one, its bytes in base64.
    """

    collateral_id: UUID
    on: date
    valuer: str
    basis: str
    value: Money
    prior: Money
    document: str
    file_name: str = sensitive(default="")
    file: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class Valued:
    """The valuation that now counts."""

    valuation_id: UUID
    number: int


@operation("collateral.record-valuation", restore=Valued)
def record_valuation(command: RecordValuation, call: Call) -> Valued:
    """Add it; the item is worth this from now on, and what it secures stays as agreed.

    Raises NotFound, CollateralRoleNeeded, CollateralOwnAffair, CollateralRetired,
    CollateralWordsNeeded, ValuationOutOfOrder, ValuedAboveFace, ReportRefused.
    """
    user_id = acting(call, *KEEPERS)
    row = locked_item(command.collateral_id)
    check_not_own(user_id, row.party_id)
    valuer = checked_words("valuer", command.valuer, LONGEST_VALUER)
    document = checked_words("document", command.document, LONGEST_DOCUMENT)
    _check("basis", command.basis, ", ".join(BASES), ok=command.basis in BASES)
    for field, amount in (("value", command.value), ("prior", command.prior)):
        most = f"0.00 - {Money(LARGEST_MINOR).text()}"
        _check(field, amount.text(), most, ok=0 <= amount.minor <= LARGEST_MINOR)
    earliest = row.valued_on or date.min
    if not earliest <= command.on <= call.on:
        since = row.valued_on.isoformat() if row.valued_on else ""
        allowed = f"{since} - {call.on.isoformat()}"
        raise ValuationOutOfOrder(value=command.on.isoformat(), allowed=allowed)
    if row.face_minor is not None and command.value.minor > row.face_minor:
        raise ValuedAboveFace(allowed=Money(row.face_minor).text())
    made = Valuation.objects.create(
        id=new_id(call.at),
        collateral=row,
        # The item is locked: nobody else counts at the same time.
        number=row.valuations.count() + 1,
        on=command.on,
        valuer=valuer,
        basis=command.basis,
        value_minor=command.value.minor,
        prior_minor=command.prior.minor,
        document=document,
        file_id=_kept(command, call),
        recorded_by=call.actor,
        recorded_at=call.at,
    )
    row.value_minor, row.prior_minor = made.value_minor, made.prior_minor
    row.valued_on = made.on
    row.save(update_fields=["value_minor", "prior_minor", "valued_on"])
    return Valued(valuation_id=made.pk, number=made.number)


def _kept(command: RecordValuation, call: Call) -> UUID | None:
    """Keep the report's file, if there is one; raises ReportRefused."""
    if not command.file:
        return None
    kept = as_kept(command.file_name, command.file)
    if kept is None:
        raise ReportRefused(field="file")
    return store(
        kept.content,
        owner=f"collateral:{command.collateral_id}",
        name=f"valuation.{kept.ending}",
        media_type=kept.media_type,
        at=call.at,
    )


def _check(field: str, value: str, allowed: str, *, ok: bool) -> None:
    if not ok:
        raise CollateralWordsNeeded(field=field, value=value[:40], allowed=allowed)
