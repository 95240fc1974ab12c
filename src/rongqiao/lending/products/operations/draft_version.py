"""Draft a version of a product: sound terms, laid down for a second person to publish."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Max

from rongqiao.lending.products.authority import acting_staff
from rongqiao.lending.products.models import Product, ProductVersion
from rongqiao.lending.products.queries import FeeTerms, ProductTerms
from rongqiao.lending.products.soundness import CATEGORIES, first_fault, float_fault
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.lpr import NoQuote
from rongqiao.policies.roles import Role

_CODE = re.compile(r"[a-z][a-z0-9-]{1,30}", re.ASCII)


class BadTerms(Refusal):
    """A field of the terms cannot be; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "products.bad-terms"


class CategoryDiffers(Refusal):
    """The product exists in another category; fact: `allowed`."""

    kind, code = Kind.CONFLICT, "products.category-differs"


class DraftedMeanwhile(Refusal):
    """Somebody drafted a version of this product at the same moment; look again."""

    kind, code = Kind.CONFLICT, "products.drafted-meanwhile"


@dataclass(frozen=True, kw_only=True)
class DraftVersion:
    """Terms for a product; a new code makes a new product."""

    code: str
    category: str
    terms: ProductTerms


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """The draft and its number within the product."""

    version_id: UUID
    number: int


@operation("products.draft_version", restore=Drafted)
def draft_version(command: DraftVersion, call: Call) -> Drafted:
    """Store the terms as the product's next version.

    Raises BadTerms, CategoryDiffers, DraftedMeanwhile, RoleNeeded.
    """
    acting_staff(call, Role.OPERATOR)
    if not _CODE.fullmatch(command.code):
        raise BadTerms(field="code", value=command.code[:40], allowed="a-z, 0-9, -; 2 - 31")
    if command.category not in CATEGORIES:
        allowed = ", ".join(CATEGORIES)
        raise BadTerms(field="category", value=command.category[:40], allowed=allowed)
    terms = _priced(command.terms, call)
    fault = first_fault(terms)
    if fault:
        raise BadTerms(field=fault.field, value=fault.value, allowed=fault.allowed)
    product = _product(command, call)
    last = product.versions.aggregate(last=Max("number"))["last"]
    number = (last or 0) + 1
    version = ProductVersion(
        id=new_id(call.at),
        product=product,
        number=number,
        drafted_by=call.actor,
        drafted_at=call.at,
        **_columns(terms),
    )
    # The unique number waits for a rival's commit: of two drafts at once one is told no.
    ProductVersion.objects.bulk_create([version], ignore_conflicts=True)
    if not ProductVersion.objects.filter(pk=version.pk).exists():
        raise DraftedMeanwhile
    return Drafted(version_id=version.pk, number=number)


def _priced(terms: ProductTerms, call: Call) -> ProductTerms:
    """Return the terms with today's rates where they float: what is asked of every rate holds."""
    if terms.floating is None:
        return terms
    if fault := float_fault(terms):
        raise BadTerms(field=fault.field, value=fault.value, allowed=fault.allowed)
    try:
        return terms.at(call.on)
    except NoQuote as problem:
        raise BadTerms(
            field="float_reference", value=call.on.isoformat(), allowed="2019-08-21 -"
        ) from problem


def _product(command: DraftVersion, call: Call) -> Product:
    Product.objects.bulk_create(
        [Product(code=command.code, category=command.category, created_at=call.at)],
        ignore_conflicts=True,
    )
    product = Product.objects.get(pk=command.code)
    if product.category != command.category:
        raise CategoryDiffers(field="category", value=command.category, allowed=product.category)
    return product


def _columns(terms: ProductTerms) -> dict[str, Any]:
    plain = (
        "name_zh",
        "name_en",
        "summary_zh",
        "summary_en",
        "term_min",
        "term_max",
        "interest_period",
        "method",
        "day_count",
        "every_unit",
        "every_count",
        "is_revolving",
        "limit_months",
        "grace_days",
        "penalty_multiple",
        "is_penalty_on_interest",
        "prepayment",
        "prepayment_fee_rate",
        "prepayment_fee_free_after",
        "allocation_order",
        "reading_seconds",
        "offer_days",
    )
    return {name: getattr(terms, name) for name in plain} | {
        "amount_min_minor": terms.amount_min.minor,
        "amount_max_minor": terms.amount_max.minor,
        "four_eyes_above_minor": terms.four_eyes_above.minor,
        "rate_annual_min": terms.rate_min,
        "rate_annual_max": terms.rate_max,
        "grades": [
            {"grade": one.grade, "rate_annual": str(one.rate_annual)} for one in terms.grades
        ],
        "float_reference": terms.floating.reference if terms.floating else "",
        "float_reset": terms.floating.reset if terms.floating else "",
        "float_points": [list(one) for one in terms.floating.points] if terms.floating else [],
        "draws_most": terms.draws.most if terms.draws else 1,
        "draws_days": terms.draws.days if terms.draws else 0,
        "draws_least_minor": terms.draws.least.minor if terms.draws else 0,
        "security_kinds": list(terms.security.kinds) if terms.security else [],
        "security_coverage_min": terms.security.coverage_min if terms.security else 0,
        "fees": [_fee(one) for one in terms.fees],
        "borrowers": [
            {
                "party_kind": one.party_kind,
                "policy": one.policy,
                "documents": list(one.documents),
            }
            for one in terms.borrowers
        ],
        "purposes": list(terms.purposes),
    }


def _fee(fee: FeeTerms) -> dict[str, str]:
    size = {"rate": str(fee.rate)} if fee.amount is None else {"amount": fee.amount.text()}
    return {
        "code": fee.code,
        "name_zh": fee.name_zh,
        "name_en": fee.name_en,
        "at": fee.at,
        "collector": fee.collector,
    } | size
