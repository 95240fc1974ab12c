"""Value the portfolio as the last business date closed: what the allowance is to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from rongqiao.lending.servicing.models.allowance import (
    AllowanceLine,
    AllowanceProduct,
    AllowanceRun,
)
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.operations.prepaying.pay_off import DayClosing
from rongqiao.lending.servicing.operations.provisioning.deciding import PROPOSERS, acting
from rongqiao.lending.servicing.operations.provisioning.valuing import value_loans
from rongqiao.lending.servicing.queries.provisioning.expected_loss import Policy, to_book
from rongqiao.lending.servicing.queries.provisioning.rules import assumptions_of, rule_in_force
from rongqiao.lending.servicing.queries.provisioning.runs import allowances_on
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal


class PortfolioMoved(Refusal):
    """A loan of a new kind was lent while the portfolio was valued: value it again."""

    code = "servicing.portfolio-moved"


class AllowanceTooEarly(Refusal):
    """No business date was closed yet, or no assumptions are in force; fact: `on`."""

    code = "servicing.allowance-too-early"


@dataclass(frozen=True, kw_only=True)
class CalculateAllowance:
    """The date to value as of: the last that was closed."""

    on: date


@dataclass(frozen=True, kw_only=True)
class AllowanceCalculated:
    """The valuation, and how many loans it holds."""

    run_id: UUID
    number: str
    loans: int


@operation("servicing.calculate-allowance", restore=AllowanceCalculated)
def calculate_allowance(command: CalculateAllowance, call: Call) -> AllowanceCalculated:
    """Value every live loan, and write down what each product's allowance is to be.

    Loans stand as the morning after the closed date found them, less what was paid since. Raises
    AllowanceRoleNeeded, AllowanceTooEarly for another date than the last closed one, DayClosing,
    PortfolioMoved.
    """
    acting(call, PROPOSERS)
    on = _closed_date(command.on)
    rule = rule_in_force(on)
    if rule is None:
        raise AllowanceTooEarly(on=on.isoformat())
    run = AllowanceRun(
        id=new_id(call.at),
        number=short_number("P", call.at),
        on=on,
        rule=rule,
        made_by=call.actor,
        made_at=call.at,
    )
    run.save(force_insert=True)
    assumptions = assumptions_of(rule)
    valued, live = value_loans(run.pk, on, assumptions)
    if valued != live:
        raise PortfolioMoved
    _ask(run, assumptions.policy)
    return AllowanceCalculated(run_id=run.pk, number=run.number, loans=valued)


def _closed_date(asked: date) -> date:
    """Return the date where it was closed last and none is being closed, to stay so."""
    with connection.cursor() as cursor:
        # As who changes a loan: no date's closing is planned until the operation ends.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('servicing.days', 0))")
    business = BusinessDate.objects.filter(pk=1).first()
    if business is None or asked != business.on - timedelta(days=1):
        raise AllowanceTooEarly(on=asked.isoformat())
    if EndOfDayStep.objects.filter(on=business.on).exists():
        raise DayClosing(on=business.on.isoformat())
    return asked


def _ask(run: AllowanceRun, policy: Policy) -> None:
    """Write what every product's allowance is to be; of one without loans any more, nothing."""
    lines = AllowanceLine.objects.filter(run=run).values("product_code")
    sums = lines.annotate(expected=Sum("expected_minor"), floor=Sum("floor_minor"))
    targets = {row["product_code"]: to_book(row["expected"], row["floor"], policy) for row in sums}
    held = allowances_on(run.on)
    AllowanceProduct.objects.bulk_create(
        AllowanceProduct(
            run=run,
            product_code=product,
            opening_minor=held.get(product, 0),
            target_minor=targets.get(product, 0),
        )
        for product in sorted({*targets, *(code for code, minor in held.items() if minor)})
    )
