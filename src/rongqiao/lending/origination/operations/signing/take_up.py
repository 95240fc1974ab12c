"""Servicing takes an agreement up, in the very transaction that makes its loan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.finance.schedule.terms import Terms
from rongqiao.lending.origination.models import Agreement, CostSheet
from rongqiao.lending.origination.paper.sheet import Sheet
from rongqiao.lending.products.queries import POINT, ProductTerms, get_version, terms_of
from rongqiao.platform.operations import Call, inside_operation, restored
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class NotToBeLent(Refusal):
    """The agreement was cancelled, or taken up before; fact: `value`."""

    kind, code = Kind.CONFLICT, "origination.not-to-be-lent"


@dataclass(frozen=True, kw_only=True)
class FloatOrder:
    """How a rate floats by its contract: a yearly `spread` over the reference, and the quote."""

    reference: str
    spread: Decimal
    reset: str
    quoted: Decimal
    quoted_on: date


@dataclass(frozen=True, kw_only=True)
class LoanOrder:
    """What is to be lent, and under which terms. `drawing_id` is set for a credit limit's use.

    `floating` is how the rate floats by the sheet that was signed. `lent` is what of the `amount`
    is lent at once.
    """

    agreement_id: UUID
    drawing_id: UUID | None
    party_id: UUID
    product_code: str
    product_version: int
    product: ProductTerms
    amount: Money
    lent: Money
    rate_annual: Decimal
    term_count: int
    signed_on: date
    floating: FloatOrder | None = None

    @property
    def penalty_rate_annual(self) -> Decimal:
        """Return the annual rate on overdue amounts."""
        return self.product.penalty_rate(self.rate_annual)

    def terms(self, start: date) -> Terms:
        """Return finance's terms of what is lent at once, disbursed on `start`."""
        return terms_of(
            self.product,
            amount=self.lent,
            rate_annual=self.rate_annual,
            term_count=self.term_count,
            start=start,
        )


def take_up(agreement_id: UUID, call: Call) -> LoanOrder:
    """Mark a loan's or drawing's agreement taken up, inside the caller's operation.

    From then on the borrower can no longer withdraw and nothing expires. Raises NotFound,
    NotToBeLent.
    """
    assert inside_operation(), "an agreement taken up outside an operation"
    row = (
        Agreement.objects.select_for_update()
        .filter(pk=agreement_id, kind__in=["loan", "drawing"])
        .first()
    )
    if row is None:
        raise NotFound(what="agreement")
    if row.cancelled_at is not None or row.taken_up_at is not None:
        raise NotToBeLent(value="cancelled" if row.cancelled_at else "taken-up")
    row.taken_up_at = call.at
    row.save(update_fields=["taken_up_at"])
    version = get_version(row.version_id)
    assert row.sheet_id is not None, row.number
    sheet = CostSheet.objects.get(pk=row.sheet_id)
    return LoanOrder(
        agreement_id=row.pk,
        drawing_id=row.drawing_id,
        party_id=row.party_id,
        product_code=row.product_code,
        product_version=version.number,
        product=version.terms,
        amount=Money(row.amount_minor),
        lent=Money(row.first_minor or row.amount_minor),
        rate_annual=row.rate_annual,
        term_count=row.term_count,
        signed_on=row.signed_on,
        floating=_floating(restored(Sheet, sheet.content)),
    )


def _floating(sheet: Sheet) -> FloatOrder | None:
    floating = sheet.floating
    if floating is None:
        return None
    return FloatOrder(
        reference=floating.reference,
        spread=floating.points * POINT,
        reset=floating.reset,
        quoted=floating.quoted,
        quoted_on=floating.quoted_on,
    )
