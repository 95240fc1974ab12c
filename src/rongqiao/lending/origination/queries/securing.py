"""What collateral secures: an application and all that comes of it, or an agreement taken over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement, Application, CreditLimit, Drawing
from rongqiao.lending.origination.states import FINAL, State
from rongqiao.lending.products.queries import SecurityTerms, get_version
from rongqiao.platform.refusals import NotFound

_NEVER_LENT = frozenset(FINAL) - {State.FUNDED}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a pledge is for: one of an application's id and a taken-over agreement's, and whose.

    `committed` is what may still be lent under it and is no loan yet; `agreements` are those whose
    loans owe. `is_over` where nothing was lent and nothing ever will be. `demand` is the security
    that its product asks for; nothing is known of such of an agreement taken over.
    """

    application_id: UUID | None
    agreement_id: UUID | None
    number: str
    party_id: UUID
    committed: Money
    agreements: tuple[UUID, ...]
    is_over: bool
    demand: SecurityTerms | None = None


def case_of_agreement(agreement_id: UUID, on: date) -> Case:
    """Return the case an agreement belongs to; a drawing's is its limit's. Raises NotFound."""
    row = (
        Agreement.objects.select_related("drawing__limit__agreement")
        .filter(pk=agreement_id)
        .first()
    )
    if row is None:
        raise NotFound(what="agreement")
    drawing = row.drawing
    first = drawing.limit.agreement if drawing is not None else row
    if first.application_id is not None:
        return case_of_application(first.application_id, on)
    return Case(
        application_id=None,
        agreement_id=first.pk,
        number=first.number,
        party_id=first.party_id,
        committed=Money(_not_lent(first)),
        agreements=(first.pk,),
        is_over=first.cancelled_at is not None,
    )


def case_of_application(application_id: UUID, on: date) -> Case:
    """Return the case an application is, whatever came of it; raises NotFound for a draft."""
    row = Application.objects.filter(pk=application_id).first()
    if row is None or row.submitted_at is None:
        raise NotFound(what="application")
    agreement = Agreement.objects.select_related("limit").filter(application=row).first()
    agreements: tuple[UUID, ...] = ()
    if agreement is None:
        is_over = State(row.state) in _NEVER_LENT
        committed = 0 if is_over else row.offered_minor or row.amount_minor or 0
    else:
        committed, agreements, is_over = _signed(agreement, on)
    return Case(
        application_id=row.pk,
        agreement_id=None,
        number=row.number,
        party_id=row.party_id,
        committed=Money(committed),
        agreements=agreements,
        is_over=is_over,
        demand=get_version(row.version_id).terms.security,
    )


def numbers_of_cases(
    application_ids: Iterable[UUID], agreement_ids: Iterable[UUID]
) -> dict[UUID, str]:
    """Return the numbers of applications and agreements by their ids, in two queries."""
    applications = Application.objects.filter(pk__in=set(application_ids))
    agreements = Agreement.objects.filter(pk__in=set(agreement_ids))
    return {
        **dict(applications.values_list("pk", "number")),
        **dict(agreements.values_list("pk", "number")),
    }


def _signed(agreement: Agreement, on: date) -> tuple[int, tuple[UUID, ...], bool]:
    """Return what may still be lent under a signed agreement, whose loans owe, and if it is over.

    A limit commits what is not drawn while it is valid, and what is signed for at any time.
    """
    if agreement.kind != "limit":
        is_over = agreement.cancelled_at is not None
        return _not_lent(agreement), (agreement.pk,), is_over
    limit = CreditLimit.objects.get(agreement=agreement)
    drawings = Drawing.objects.filter(limit=limit)
    agreements = Agreement.objects.filter(drawing__in=drawings)
    is_open = limit.valid_until >= on and agreement.cancelled_at is None
    committed = limit.amount_minor - limit.drawn_minor if is_open else limit.reserved_minor
    found = tuple(agreements.order_by("pk").values_list("pk", flat=True))
    return committed, found, not is_open and not found


def _not_lent(agreement: Agreement) -> int:
    is_waiting = agreement.taken_up_at is None and agreement.cancelled_at is None
    return agreement.amount_minor if is_waiting else 0
