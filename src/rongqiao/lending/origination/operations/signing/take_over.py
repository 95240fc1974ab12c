"""Loans that another lender signed: kept as agreements without papers, counted under the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from rongqiao.lending.origination.conduct.concentration import (
    ALL,
    OF_PERSONS,
    Place,
    change,
)
from rongqiao.lending.origination.models import Agreement
from rongqiao.lending.origination.models.concentration import Commitment
from rongqiao.lending.origination.paper.text import text_hash
from rongqiao.lending.origination.sealing import seal
from rongqiao.parties.queries import Belonging
from rongqiao.platform.operations import Call, inside_operation

AT_ONCE = 2_000
TEXT_VERSION = "imported-1"
# Four in the morning UTC: noon in China, within the day that another system kept.
NOON = time(4, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SignedElsewhere:
    """A loan's contract as another lender made it; fen. `left` is the principal not paid back.

    `industry` is a word of an application, or empty where none was told.
    """

    agreement_id: UUID
    number: str
    party_id: UUID
    belonging: Belonging
    industry: str
    version_id: UUID
    product_code: str
    amount: int
    left: int
    rate_annual: Decimal
    term_count: int
    signed_on: date

    @property
    def counted_industry(self) -> str:
        """Return the industry it counts in: persons apart, firms that tell none among others."""
        if self.industry:
            return self.industry
        return OF_PERSONS if self.belonging.kind == "person" else "other"


def take_over(contracts: Sequence[SignedElsewhere], by: UUID, call: Call) -> None:
    """Keep the contracts and count what is left of them, inside the caller's operation.

    `by` is the user who approved it. No limit refuses them: what is lent already is counted, and
    leaves less room for what comes. Exposures stay locked until the operation ends: call it last.
    """
    assert inside_operation(), "contracts taken over outside an operation"
    Agreement.objects.bulk_create(
        [_agreement(one, by, call) for one in contracts], batch_size=AT_ONCE
    )
    Commitment.objects.bulk_create([_commitment(one) for one in contracts], batch_size=AT_ONCE)
    added: dict[Place, int] = {}
    for one in contracts:
        for place in _places(one):
            added[place] = added.get(place, 0) + one.left
    if added:
        change(added)


def _agreement(one: SignedElsewhere, by: UUID, call: Call) -> Agreement:
    text = f"借款合同{one.number}由原贷款人于{one.signed_on.isoformat()}签订，原件由其保管。\n"
    confirmed = {"imported_by": call.actor, "imported_at": call.at.isoformat()}
    return Agreement(
        id=one.agreement_id,
        number=one.number,
        kind="imported",
        party_id=one.party_id,
        version_id=one.version_id,
        product_code=one.product_code,
        amount_minor=one.amount,
        rate_annual=one.rate_annual,
        term_count=one.term_count,
        text_sealed=seal(text, Agreement, "text_sealed", one.agreement_id),
        text_sha256=text_hash(text),
        text_version=TEXT_VERSION,
        confirmation_sealed=seal(confirmed, Agreement, "confirmation_sealed", one.agreement_id),
        signed_by=by,
        signed_at=datetime.combine(one.signed_on, NOON),
        signed_on=one.signed_on,
        taken_up_at=call.at,
    )


def _commitment(one: SignedElsewhere) -> Commitment:
    return Commitment(
        agreement_id=one.agreement_id,
        party_id=one.party_id,
        party_kind=one.belonging.kind,
        group_key=one.belonging.behind,
        industry=one.counted_industry,
        region=one.belonging.province,
        amount_minor=one.amount,
        left_minor=one.left,
    )


def _places(one: SignedElsewhere) -> tuple[Place, ...]:
    """Return what `places_of` gives of the commitment, without reading its agreement."""
    return (
        Place("borrower", str(one.party_id), one.belonging.kind),
        Place("group", one.belonging.behind),
        Place("industry", one.counted_industry),
        Place("product", one.product_code),
        Place("region", one.belonging.province),
        Place("whole", ALL),
    )
