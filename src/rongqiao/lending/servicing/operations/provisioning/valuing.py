"""Value every live loan in a few statements: curves are made here, loans are valued in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.grading import NON_PERFORMING
from rongqiao.lending.servicing.models.loan_months import LATE_30, LATE_60, LATE_90
from rongqiao.lending.servicing.models.loans import LIVE
from rongqiao.lending.servicing.queries.portfolio import INTEREST_OWED, LOANS_AND_PARKED
from rongqiao.lending.servicing.queries.provisioning.expected_loss import (
    FIRST_YEAR,
    UNIT,
    Assumptions,
    Stage,
    cumulated,
    months_ahead,
)

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


def value_loans(run: UUID, on: date, assumptions: Assumptions) -> tuple[int, int]:
    """Write a row per live loan and the lines that sum them up, as `on` closed.

    Returns how many loans were valued, and how many are live: the two differ where a loan of a new
    kind was lent in between.
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
        }
        asked |= _curves([(product, rate) for product, rate, _ends in kinds], furthest, assumptions)
        # How many loans share a curve is unknown to the planner, which expects one and would look
        # through every instalment for each loan.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_VALUE, asked | _staging(on, assumptions))
        valued = cursor.rowcount
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("SELECT count(*) FROM servicing_loan WHERE state = ANY(%s)", [list(LIVE)])
        (live,) = cursor.fetchone()
        floors = assumptions.floors
        classes: dict[str, Any] = {
            "classes": [str(one) for one in floors],
            "shares": list(floors.values()),
        }
        cursor.execute(_SUM, {"run": run, **classes})
    return valued, int(live)


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
