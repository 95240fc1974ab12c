"""Value every live loan in a few statements: curves are made here, loans are valued in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum

from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.engine import RiskClass
from rongqiao.lending.servicing.grading import NON_PERFORMING
from rongqiao.lending.servicing.models.allowance import (
    AllowanceLine,
    AllowanceProduct,
    AllowanceRun,
    CommitmentLoan,
    CommitmentProduct,
)
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loan_months import LATE_30, LATE_60, LATE_90
from rongqiao.lending.servicing.models.loans import LIVE
from rongqiao.lending.servicing.operations.prepaying.pay_off import DayClosing
from rongqiao.lending.servicing.queries.portfolio import INTEREST_OWED, LOANS_AND_PARKED
from rongqiao.lending.servicing.queries.provisioning.expected_loss import (
    FIRST_YEAR,
    UNIT,
    Assumptions,
    Policy,
    Stage,
    cumulated,
    months_ahead,
    to_book,
)
from rongqiao.lending.servicing.queries.provisioning.rules import assumptions_of, rule_in_force
from rongqiao.lending.servicing.queries.provisioning.runs import (
    allowances_on,
    last_booked,
    undrawn_held,
)
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal

_VALUE = (
    (Path(__file__).parent / "sql" / "value.sql")
    .read_text()
    .format(interest=INTEREST_OWED, loans=LOANS_AND_PARKED)
)
# Products and rates there are, and how far the longest loan of all goes.
_KINDS = """SELECT product_code, round(rate_annual * 10000)::int AS rate, max(matures_on)
FROM servicing_loan WHERE state = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2"""
# A floor is rounded once per line, half-up, as expected_loss.floor_of.
_SUM = """INSERT INTO servicing_allowanceline (run_id, product_code, stage, risk_class, loans,
  principal_minor, exposure_minor, expected_minor, floor_minor)
SELECT run_id, product_code, stage, risk_class, count(*), sum(principal_minor),
  sum(exposure_minor), sum(expected_minor),
  div(2 * sum(principal_minor) * floors.share + 10000, 20000)::bigint
FROM servicing_allowanceloan
JOIN unnest(%(classes)s::text[], %(shares)s::int[]) AS floors(risk_class, share) USING (risk_class)
WHERE run_id = %(run)s
GROUP BY run_id, product_code, stage, risk_class, floors.share
ORDER BY product_code, stage, risk_class"""


class PortfolioMoved(Refusal):
    """A loan of a new kind was lent while the portfolio was valued: value it again."""

    code = "servicing.portfolio-moved"


class AllowanceTooEarly(Refusal):
    """No business date was closed yet, or no assumptions are in force; fact: `on`."""

    code = "servicing.allowance-too-early"


def keep_closed(on: date) -> None:
    """Keep every date from being closed until the operation ends.

    Raises AllowanceTooEarly where `on` was not closed last, DayClosing where one is being closed.
    """
    with connection.cursor() as cursor:
        # As who changes a loan: no date's closing is planned until the operation ends.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('servicing.days', 0))")
    business = BusinessDate.objects.filter(pk=1).first()
    if business is None or on != business.on - timedelta(days=1):
        raise AllowanceTooEarly(on=on.isoformat())
    if EndOfDayStep.objects.filter(on=business.on).exists():
        raise DayClosing(on=business.on.isoformat())


def make_run(on: date, call: Call) -> tuple[AllowanceRun, int]:
    """Value every live loan and write down what each product's allowance is to be.

    Returns the valuation and how many loans it holds. Raises AllowanceTooEarly where nothing is
    released to value by, PortfolioMoved.
    """
    rule = rule_in_force(on)
    if rule is None:
        raise AllowanceTooEarly(on=on.isoformat())
    before = last_booked()
    run = AllowanceRun(
        id=new_id(call.at),
        number=short_number("P", call.at),
        on=on,
        rule=rule,
        compared_id=new_id(call.at) if before and before.rule_id != rule.pk else None,
        made_by=call.actor,
        made_at=call.at,
    )
    run.save(force_insert=True)
    assumptions = assumptions_of(rule)
    if before and run.compared_id:
        value_loans(run.compared_id, on, assumptions_of(before.rule))
    valued, live = value_loans(run.pk, on, assumptions)
    if valued != live:
        raise PortfolioMoved
    _sum_up(run.pk, assumptions.floors)
    _ask(run, assumptions.policy)
    _ask_undrawn(run)
    return run, valued


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


def _ask_undrawn(run: AllowanceRun) -> None:
    """Write what is to be provided for every product's undrawn sums; no floor stands beside it."""
    rows = CommitmentLoan.objects.filter(run_id=run.pk).values("product_code").order_by()
    sums = {
        row["product_code"]: row
        for row in rows.annotate(
            loans=Count("loan_id"), undrawn=Sum("undrawn_minor"), expected=Sum("expected_minor")
        )
    }
    held = undrawn_held()
    none = {"loans": 0, "undrawn": 0, "expected": 0}
    CommitmentProduct.objects.bulk_create(
        CommitmentProduct(
            run=run,
            product_code=product,
            loans=found["loans"],
            undrawn_minor=found["undrawn"],
            opening_minor=held.get(product, 0),
            target_minor=found["expected"],
        )
        for product in sorted({*sums, *held})
        for found in (sums.get(product, none),)
    )


def value_loans(run: UUID, on: date, assumptions: Assumptions) -> tuple[int, int]:
    """Write a row per live loan under the id `run`, as `on` closed.

    Returns how many loans were valued, and how many were live at the same moment: the two differ
    where a loan of a new kind was lent in between.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KINDS, [list(LIVE)])
        kinds = cursor.fetchall()
        furthest = max([FIRST_YEAR, *(months_ahead(on, ends) for *_kind, ends in kinds)])
        asked: dict[str, Any] = {
            "run": run,
            "on": on,
            "year": on.year,
            "month": on.month,
            "furthest": furthest,
            "booked_to": on + timedelta(days=1),
            "live": list(LIVE),
            "unit": UNIT,
            "conversion": assumptions.conversion_percent,
        }
        asked |= _curves([(product, rate) for product, rate, _ends in kinds], furthest, assumptions)
        # How many loans share a curve is unknown to the planner, which expects one and would look
        # through every instalment for each loan.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_VALUE, asked | _staging(on, assumptions))
        valued, live = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return int(valued), int(live)


def _sum_up(run: UUID, floors: Mapping[RiskClass, int]) -> None:
    classes: dict[str, Any] = {
        "classes": [str(one) for one in floors],
        "shares": list(floors.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUM, {"run": run, **classes})


def _staging(on: date, assumptions: Assumptions) -> dict[str, Any]:
    rules = assumptions.staging
    return {
        "days_increased": rules.days_increased,
        "days_impaired": rules.days_impaired,
        "is_watch_increased": rules.is_watch_increased,
        "cured_since": add_months(on, -rules.cure_months, 31),
        "late": [LATE_30, LATE_60, LATE_90],
        "non_performing": [str(tier) for tier in NON_PERFORMING],
    }


def _curves(
    kinds: Iterable[tuple[str, int]], furthest: int, assumptions: Assumptions
) -> dict[str, list[Any]]:
    """Return a curve for every product, rate and stage; as text, since a row holds a whole one."""
    found: dict[str, list[Any]] = {"products": [], "stages": [], "rates": [], "losses": []}
    for product, rate in kinds:
        for stage in Stage:
            curve = assumptions.curve_of(product, stage)
            losses = cumulated(curve, stage, assumptions.scenarios, rate, furthest)
            found["products"].append(product)
            found["stages"].append(int(stage))
            found["rates"].append(rate)
            found["losses"].append("{" + ",".join(map(str, losses)) + "}")
    return found
