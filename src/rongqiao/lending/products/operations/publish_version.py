"""Publish a drafted version: by a second person, within the operator's policy pack and its cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from rongqiao.finance.money import Money
from rongqiao.finance.schedule.terms import BadTerms as NoSchedule
from rongqiao.lending.products.authority import acting_staff, check_second_person
from rongqiao.lending.products.events import ProductPublished
from rongqiao.lending.products.models import ProductVersion
from rongqiao.lending.products.queries import (
    ProductTerms,
    VersionView,
    account_codes,
    cost_of,
    get_version,
)
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.caps import NoCapKnown, cap_on
from rongqiao.policies.packs import OperatorRole, ProposedTerms, objections, pack_of
from rongqiao.policies.roles import Role


class NotADraft(Refusal):
    """The version was published or withdrawn before; fact: `value`."""

    kind, code = Kind.CONFLICT, "products.not-a-draft"


class ForbiddenByPack(Refusal):
    """The operator's legal role forbids it; facts: `field`, `value`, `allowed`, `rule`."""

    kind, code = Kind.INVALID, "products.forbidden-by-pack"


class AboveCap(Refusal):
    """The all-in annual cost could pass the cap; facts: `value`, `allowed`, `rule`."""

    kind, code = Kind.INVALID, "products.above-cap"


class NoSuchSchedule(Refusal):
    """No schedule comes of the terms at an end of their range; facts: `field`, `value`, ..."""

    kind, code = Kind.INVALID, "products.no-schedule"


@dataclass(frozen=True, kw_only=True)
class PublishVersion:
    """Which draft to put into force today."""

    version_id: UUID


@dataclass(frozen=True, kw_only=True)
class Published:
    """From when the version is in force, and the highest all-in cost it can come to."""

    version_id: UUID
    published_on: date
    all_in_max: Decimal


@operation("products.publish_version", restore=Published)
def publish_version(command: PublishVersion, call: Call) -> Published:
    """Put a draft into force and open its product's accounts; tell ProductPublished.

    Raises NotFound, NotADraft, RoleNeeded, SecondPersonNeeded, ForbiddenByPack, AboveCap.
    """
    user_id = acting_staff(call, Role.OPERATOR, Role.COMPLIANCE_OFFICER)
    row = ProductVersion.objects.select_for_update().filter(pk=command.version_id).first()
    if row is None:
        raise NotFound(what="product-version")
    version = get_version(command.version_id).at(call.on)
    if version.state != "draft":
        raise NotADraft(value=version.state)
    check_second_person(version.drafted_by, user_id)
    role = OperatorRole(settings.OPERATOR_ROLE)
    _check_pack(role, version.terms)
    all_in_max = _check_cap(role, version, call.on)
    open_accounts(account_codes(version.code), call)
    row.published_by, row.published_at, row.published_on = call.actor, call.at, call.on
    row.save(update_fields=["published_by", "published_at", "published_on"])
    publish(
        ProductPublished(
            version_id=row.pk, code=version.code, happened_at=call.at, happened_on=call.on
        )
    )
    return Published(version_id=row.pk, published_on=call.on, all_in_max=all_in_max)


def _check_pack(role: OperatorRole, terms: ProductTerms) -> None:
    proposed = ProposedTerms(
        is_lent_to_persons=terms.borrower("person") is not None,
        is_lent_to_organizations=terms.borrower("organization") is not None,
        amount_max=-(-terms.amount_max.minor // 100),
        method=terms.method,
        term_months_max=terms.term_max * terms.months_per_term,
        penalty_multiple=terms.penalty_multiple,
        prepayment=terms.prepayment,
        fee_moments=tuple(fee.at for fee in terms.fees),
        reading_seconds=terms.reading_seconds,
        purposes=terms.purposes,
    )
    against = objections(pack_of(role), proposed)
    if against:
        first = against[0]
        raise ForbiddenByPack(
            field=first.field, value=first.value, allowed=first.allowed, rule=first.rule
        )


def _check_cap(role: OperatorRole, version: VersionView, on: date) -> Decimal:
    """Return the highest all-in cost over the corners of the range, where fees weigh most."""
    terms, highest = version.terms, Decimal(0)
    for term_count in {terms.term_min, terms.term_max}:
        for amount in {terms.amount_min, terms.amount_max}:
            all_in, ends_on = _all_in(terms, amount, term_count, on)
            _check_one(role, all_in, on, ends_on)
            highest = max(highest, all_in)
    return highest


def _all_in(terms: ProductTerms, amount: Money, term_count: int, on: date) -> tuple[Decimal, date]:
    rate = terms.rate_max
    try:
        cost = cost_of(terms, amount=amount, rate_annual=rate, term_count=term_count, start=on)
    except NoSchedule as problem:
        raise NoSuchSchedule(
            field=problem.field, value=str(problem.given), allowed=problem.allowed
        ) from problem
    return cost.all_in(rate), cost.rows[-1].due_on


def _check_one(role: OperatorRole, all_in: Decimal, on: date, ends_on: date) -> None:
    try:
        cap = cap_on(role, on, ends_on)
    except NoCapKnown as problem:
        raise AboveCap(value=str(all_in), allowed=str(problem), rule="") from problem
    if all_in > cap.rate:
        raise AboveCap(value=str(all_in), allowed=str(cap.rate), rule=",".join(cap.keys))
