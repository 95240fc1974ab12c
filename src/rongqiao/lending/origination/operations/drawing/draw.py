"""Sign a drawing: the limit is reserved, and servicing hears that there is money to lend."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import acting_borrower
from rongqiao.lending.origination.conduct.concentration import reserve
from rongqiao.lending.origination.conduct.contracting import (
    Evidence,
    cause_of_drawing,
    confirmed_sheet,
    make_agreement,
)
from rongqiao.lending.origination.conduct.limits import NotProposed, check_room, limit_of
from rongqiao.lending.origination.conduct.securing import check_secured
from rongqiao.lending.origination.events import LimitDrawn
from rongqiao.lending.origination.models import Agreement, CreditLimit, Drawing
from rongqiao.lending.products.queries import Cover
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class OverdueFirst(Refusal):
    """Something is overdue: it is paid before anything new is lent; fact: `days`."""

    kind, code = Kind.CONFLICT, "origination.overdue-first"


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Which drawing, under which confirmed sheet, from which session and address.

    `days_past_due` is the party's, as servicing tells the caller; `cover` is what pledges cover for
    the limit, as collateral does.
    """

    drawing_id: UUID
    sheet_id: UUID
    days_past_due: int
    session: str = sensitive(circumstance=True)
    ip: str = sensitive(circumstance=True)
    cover: tuple[Cover, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The drawing's own agreement, and what is left of the limit."""

    agreement_id: UUID
    number: str
    drawing_id: UUID
    available: Money


@operation("origination.draw", restore=Drawn)
def draw(command: Draw, call: Call) -> Drawn:
    """Reserve the amount, write the drawing's agreement, tell LimitDrawn.

    A product that demands collateral demands it for the whole limit. Raises NotFound, NotProposed,
    OverdueFirst, LimitEnded, MoreThanAvailable, SecurityLacking, SheetNotConfirmed, SheetOutdated,
    AboveCap, ConcentrationReached.
    """
    limit_id = Drawing.objects.filter(pk=command.drawing_id).values_list("limit_id", flat=True)
    limit = limit_of(_only(list(limit_id)))
    user_id = acting_borrower(call, limit.party_id)
    # Read under the limit's lock: of two signatures the second sees the first one's state.
    drawing = Drawing.objects.select_related("limit").get(pk=command.drawing_id)
    if drawing.state != "proposed":
        raise NotProposed(value=drawing.state)
    if command.days_past_due > 0:
        raise OverdueFirst(days=str(command.days_past_due))
    amount = Money(drawing.amount_minor)
    check_room(limit, amount, call.on)
    cause = cause_of_drawing(drawing)
    check_secured(cause.version.terms, Money(limit.amount_minor), command.cover)
    row, sheet = confirmed_sheet(command.sheet_id, cause, user_id, call)
    evidence = Evidence(user_id=user_id, session=command.session, ip=command.ip)
    agreement = make_agreement(cause, row, sheet, evidence, call)
    limit.reserved_minor += amount.minor
    limit.save(update_fields=["reserved_minor"])
    drawing.state, drawing.changed_at = "reserved", call.at
    drawing.save(update_fields=["state", "changed_at"])
    reserve(agreement, call)
    _tell(agreement, limit, drawing, call)
    return Drawn(
        agreement_id=agreement.pk,
        number=agreement.number,
        drawing_id=drawing.pk,
        available=Money(limit.amount_minor - limit.reserved_minor - limit.drawn_minor),
    )


def _only(found: list[UUID]) -> UUID:
    if not found:
        raise NotFound(what="drawing")
    return found[0]


def _tell(agreement: Agreement, limit: CreditLimit, drawing: Drawing, call: Call) -> None:
    publish(
        LimitDrawn(
            agreement_id=agreement.pk,
            drawing_id=drawing.pk,
            limit_id=limit.pk,
            party_id=limit.party_id,
            product_code=agreement.product_code,
            amount=Money(drawing.amount_minor),
            rate_annual=limit.rate_annual,
            term_count=drawing.term_count,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
