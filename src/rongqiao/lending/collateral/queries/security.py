"""What secures a case: its standing pledges, what they cover, loan-to-value and coverage.

A case is an application and all loans that come of it, or an agreement taken over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.models import Collateral, Pledge
from rongqiao.lending.collateral.queries.rules import yardsticks
from rongqiao.lending.collateral.valuing import (
    Charge,
    Worth,
    Yardstick,
    coverage,
    covers,
    is_enough,
    loan_to_value,
    net_value,
)
from rongqiao.lending.origination.queries.securing import (
    Case,
    case_of_agreement,
    case_of_application,
)
from rongqiao.lending.products.queries import Cover
from rongqiao.lending.servicing.queries.loans import owed_under


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A standing pledge: what it secures, what is behind it, the value left for it.

    `cover` is after the haircut, `net` before it; both after charges of others and earlier ranks.
    Neither is anything once the item has ended.
    """

    pledge_id: UUID
    collateral_id: UUID
    kind: str
    rank: int
    amount: Money
    cover: Money
    net: Money
    coverage_min: Decimal
    is_stale: bool
    is_ended: bool
    is_free_vehicle: bool


@dataclass(frozen=True, kw_only=True)
class Security:
    """A case with its debt (owed, and committed to be lent) and all that stands for it.

    `loan_to_value` and `coverage` are ten-thousandths; None without value, or without debt.
    """

    case: Case
    owed: Money
    debt: Money
    standing: tuple[Standing, ...]
    cover: Money
    loan_to_value: int | None
    coverage: int | None

    @property
    def has_free_vehicle(self) -> bool:
        """Tell whether a vehicle free of other charges stands for the case in the first rank."""
        return any(one.is_free_vehicle for one in self.standing)

    def cover_without(self, pledge_id: UUID) -> Money:
        """Return what covers the debt when one pledge is gone."""
        left = (one.cover for one in self.standing if one.pledge_id != pledge_id)
        return sum(left, Money.zero())

    def demanded_without(self, pledge_id: UUID) -> Money:
        """Return what then is left of the kinds that the product demands; nothing without one."""
        kinds = self.case.demand.kinds if self.case.demand else ()
        standing = (one for one in self.standing if one.pledge_id != pledge_id)
        return sum((one.cover for one in standing if one.kind in kinds), Money.zero())

    def can_do_without(self, pledge_id: UUID) -> bool:
        """Tell whether the debt is gone, or the other pledges cover it as rule and product ask."""
        least = next(one.coverage_min for one in self.standing if one.pledge_id == pledge_id)
        left, demand = self.cover_without(pledge_id).minor, self.case.demand
        if demand and self.demanded_without(pledge_id) < demand.needed_for(self.debt):
            return not self.debt
        return not self.debt or is_enough(left, self.debt.minor, least)

    @property
    def lendable(self) -> tuple[Cover, ...]:
        """Return what counts when a product's demand is held against it: values of late alone."""
        fresh = (one for one in self.standing if not one.is_stale)
        return tuple(Cover(collateral_kind=one.kind, amount=one.cover) for one in fresh)


def security_of_loan(agreement_id: UUID, on: date) -> Security:
    """Return what secures the loan of an agreement; raises NotFound."""
    return security_of(case_of_agreement(agreement_id, on), on)


def security_of_application(application_id: UUID, on: date) -> Security:
    """Return what secures an application and what came of it; raises NotFound."""
    return security_of(case_of_application(application_id, on), on)


def security_of_pledge(pledge: Pledge, on: date) -> Security:
    """Return what secures the case of a pledge."""
    return security_of(case_of_pledge(pledge, on), on)


def case_of_pledge(pledge: Pledge, on: date) -> Case:
    """Return what a pledge is for."""
    if pledge.application_id is not None:
        return case_of_application(pledge.application_id, on)
    assert pledge.agreement_id is not None
    return case_of_agreement(pledge.agreement_id, on)


def security_of(case: Case, on: date) -> Security:
    """Return what secures a case, in a bounded number of queries."""
    rows = list(_standing(case).select_related("collateral").order_by("decided_at", "id"))
    charges = charges_on(row.collateral_id for row in rows)
    judged = yardsticks(on)
    standing = tuple(
        _seen(row, charges[row.collateral_id], judged[row.collateral.kind], on) for row in rows
    )
    owed = owed_under(case.agreements)
    debt = owed + case.committed
    cover = sum((one.cover for one in standing), Money.zero())
    return Security(
        case=case,
        owed=owed,
        debt=debt,
        standing=standing,
        cover=cover,
        loan_to_value=loan_to_value(debt.minor, sum(one.net.minor for one in standing)),
        coverage=coverage(cover.minor, debt.minor),
    )


def charges_on(collateral_ids: Iterable[UUID]) -> dict[UUID, list[Charge]]:
    """Return the standing charges on items, by item, in one query."""
    found: dict[UUID, list[Charge]] = {one: [] for one in collateral_ids}
    rows = Pledge.objects.filter(collateral__in=list(found), state="agreed")
    for collateral_id, rank, minor in rows.values_list("collateral_id", "rank", "amount_minor"):
        assert rank is not None
        found[collateral_id].append(Charge(rank=rank, amount_minor=minor))
    return found


def worth_on(item: Collateral, on: date) -> Worth:
    """Return what an item is worth on a date: nothing after its last day."""
    is_ended = item.ends_on is not None and item.ends_on < on
    return Worth(value_minor=0 if is_ended else item.value_minor, prior_minor=item.prior_minor)


def _standing(case: Case) -> QuerySet[Pledge]:
    found = Pledge.objects.of_case(case.application_id, case.agreement_id)
    return found.filter(state="agreed")


def _seen(row: Pledge, charges: list[Charge], judged: Yardstick, on: date) -> Standing:
    item, rank = row.collateral, row.rank
    assert rank is not None
    worth = worth_on(item, on)
    earlier = sum(one.amount_minor for one in charges if one.rank < rank)
    return Standing(
        pledge_id=row.pk,
        collateral_id=item.pk,
        kind=item.kind,
        rank=rank,
        amount=Money(row.amount_minor),
        cover=Money(covers(worth, judged.haircut, charges)[rank]),
        net=Money(net_value(worth, earlier)),
        coverage_min=judged.coverage_min,
        is_stale=judged.is_stale(item.valued_on, on),
        is_ended=item.ends_on is not None and item.ends_on < on,
        is_free_vehicle=item.kind == "vehicle" and not item.prior_minor and not earlier,
    )
