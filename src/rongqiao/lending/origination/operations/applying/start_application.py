"""Start an application: an empty draft for one product by one party."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import acting_borrower
from rongqiao.lending.origination.models import Application, Milestone
from rongqiao.lending.origination.sealing import seal
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import get_product
from rongqiao.parties.queries import get_party
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

DRAFTS_MOST = 10


class KindNotServed(Refusal):
    """The product is not for this kind of party; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.kind-not-served"


class TooManyDrafts(Refusal):
    """The party has as many open drafts as it may; fact: `allowed`."""

    kind, code = Kind.TOO_MANY, "origination.too-many-drafts"


@dataclass(frozen=True, kw_only=True)
class StartApplication:
    """For whom, for which product."""

    party_id: UUID
    product_code: str


@dataclass(frozen=True, kw_only=True)
class Started:
    """The draft and the number people call it by."""

    application_id: UUID
    number: str


@operation("origination.start_application", restore=Started)
def start_application(command: StartApplication, call: Call) -> Started:
    """Open a draft under the version in force today. Raises NotFound, KindNotServed, ..."""
    user_id = acting_borrower(call, command.party_id)
    product = get_product(command.product_code, call.on)
    party = get_party(command.party_id)
    if product.terms.borrower(party.kind) is None:
        allowed = ", ".join(one.party_kind for one in product.terms.borrowers)
        raise KindNotServed(field="party_id", value=party.kind, allowed=allowed)
    drafts = Application.objects.filter(party_id=command.party_id, state=State.DRAFT).count()
    if drafts >= DRAFTS_MOST:
        raise TooManyDrafts(allowed=str(DRAFTS_MOST))
    application_id = new_id(call.at)
    case = Application.objects.create(
        id=application_id,
        number=short_number("A", call.at),
        party_id=command.party_id,
        started_by=user_id,
        product_id=product.code,
        version_id=product.id,
        state=State.DRAFT,
        answers_sealed=seal({}, Application, "answers_sealed", application_id),
        created_at=call.at,
        changed_at=call.at,
    )
    Milestone.objects.create(
        application=case, state=State.DRAFT, at=call.at, on=call.on, actor=call.actor
    )
    return Started(application_id=application_id, number=case.number)
