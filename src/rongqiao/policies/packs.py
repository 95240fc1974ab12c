"""What the operator's legal role allows and demands; a product cannot switch on what it forbids.

Dates: a rule that came into force on a date binds contracts made from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rongqiao.finance.allocation import Order
from rongqiao.policies.rules import rule


class OperatorRole(StrEnum):
    """What the operator is in law (domain.md, 6)."""

    SME_MATCHING = "sme_matching"
    MICROLOAN_COMPANY = "microloan_company"
    BANK = "bank"
    GUARANTOR = "guarantor"
    MARKETPLACE = "marketplace"


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The demands of one role. Amounts in whole yuan, rates as fractions."""

    role: OperatorRole
    lends_own_money: bool
    allocation_default: Order
    cost_sheet_mandatory_from: date
    reading_seconds_min: int
    penalty_multiple_max: Decimal
    is_prepayment_a_right: bool
    is_upfront_deduction_forbidden: bool
    person_amount_max: int | None
    organization_amount_max: int | None
    bullet_months_max: int | None
    records_kept_years: int
    purposes_banned: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProposedTerms:
    """What a product asks a pack to allow."""

    is_lent_to_persons: bool
    is_lent_to_organizations: bool
    amount_max: int
    method: str
    term_months_max: int
    penalty_multiple: Decimal
    prepayment: str
    fee_moments: tuple[str, ...]
    reading_seconds: int
    purposes: tuple[str, ...]


@dataclass(frozen=True)
class Objection:
    """What a pack refuses: the field, its value, what is allowed, and the rule that says so."""

    field: str
    value: str
    allowed: str
    rule: str


# Civil Code 560 and 561: the oldest debt first; of it costs, then interest, then principal.
_ALLOCATION = Order.BY_INSTALMENT
_PURPOSES_BANNED = (
    "property",
    "shares",
    "bonds",
    "futures",
    "derivatives",
    "asset-products",
    "fixed-assets",
    "equity",
)
# The platform's own floor: the regulation asks for a sheet that is read, without naming a time.
_READING_SECONDS = 5


def pack_of(role: OperatorRole) -> Pack:
    """Return the pack of `role`."""
    is_microloan = role is OperatorRole.MICROLOAN_COMPANY
    is_bank = role is OperatorRole.BANK
    low, high = rule("interest.penalty_overdue").value.split("-")
    assert Decimal(low) <= Decimal(high)
    return Pack(
        role=role,
        lends_own_money=is_microloan or is_bank,
        allocation_default=_ALLOCATION,
        cost_sheet_mandatory_from=date(2026, 8, 1),
        reading_seconds_min=_READING_SECONDS,
        penalty_multiple_max=Decimal(high),
        is_prepayment_a_right=True,
        is_upfront_deduction_forbidden=True,
        person_amount_max=_person_amount_max(role),
        organization_amount_max=(
            int(rule("microloan.online_business").value) if is_microloan else None
        ),
        bullet_months_max=int(rule("bank_online.bullet_term").value) if is_bank else None,
        records_kept_years=int(rule("aml.retention").value),
        purposes_banned=_PURPOSES_BANNED,
    )


def objections(pack: Pack, terms: ProposedTerms) -> tuple[Objection, ...]:
    """Return everything in `terms` that the pack forbids; empty where it allows them all."""
    found = [
        *_to_lending(pack),
        *_to_amounts(pack, terms),
        *_to_charges(pack, terms),
        *_to_disclosure(pack, terms),
    ]
    return tuple(found)


def _person_amount_max(role: OperatorRole) -> int | None:
    if role is OperatorRole.MICROLOAN_COMPANY:
        return int(rule("microloan.online_consumer").value)
    if role is OperatorRole.BANK:
        return int(rule("bank_online.consumer_credit_line").value)
    return None


def _to_lending(pack: Pack) -> list[Objection]:
    if pack.lends_own_money:
        return []
    lenders = f"{OperatorRole.MICROLOAN_COMPANY.value}, {OperatorRole.BANK.value}"
    return [Objection("operator_role", pack.role.value, lenders, "operator.role")]


def _to_amounts(pack: Pack, terms: ProposedTerms) -> list[Objection]:
    found = []
    person, organization = pack.person_amount_max, pack.organization_amount_max
    if terms.is_lent_to_persons and person is not None and terms.amount_max > person:
        key = "microloan.online_consumer"
        if pack.role is OperatorRole.BANK:
            key = "bank_online.consumer_credit_line"
        found.append(Objection("amount_max", str(terms.amount_max), f"<= {person}", key))
    if (
        terms.is_lent_to_organizations
        and organization is not None
        and terms.amount_max > organization
    ):
        allowed = f"<= {organization}"
        found.append(
            Objection("amount_max", str(terms.amount_max), allowed, "microloan.online_business")
        )
    months = pack.bullet_months_max
    if months is not None and terms.method == "bullet" and terms.term_months_max > months:
        found.append(
            Objection(
                "term_max", str(terms.term_months_max), f"<= {months}", "bank_online.bullet_term"
            )
        )
    return found


def _to_charges(pack: Pack, terms: ProposedTerms) -> list[Objection]:
    found = []
    if terms.penalty_multiple > pack.penalty_multiple_max:
        found.append(
            Objection(
                "penalty_multiple",
                str(terms.penalty_multiple),
                f"1 - {pack.penalty_multiple_max}",
                "interest.penalty_overdue",
            )
        )
    if pack.is_upfront_deduction_forbidden and "disbursement" in terms.fee_moments:
        # Civil Code 670: what is kept back at disbursement was never lent.
        found.append(
            Objection(
                "fees", "disbursement", "each, first, last", "rate.judicial.upfront_deduction"
            )
        )
    if pack.is_prepayment_a_right and terms.prepayment == "none":
        found.append(Objection("prepayment", "none", "payoff, any", "rate.judicial.early_repay"))
    return found


def _to_disclosure(pack: Pack, terms: ProposedTerms) -> list[Objection]:
    found = []
    if terms.reading_seconds < pack.reading_seconds_min:
        found.append(
            Objection(
                "reading_seconds",
                str(terms.reading_seconds),
                f">= {pack.reading_seconds_min}",
                "disclosure.all_in_cost_sheet",
            )
        )
    found += [
        Objection("purposes", purpose, "any other", "use_of_funds.banned")
        for purpose in terms.purposes
        if purpose in pack.purposes_banned
    ]
    return found
