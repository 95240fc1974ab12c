"""What a loan costs: its schedule and the annualised cost of the cash that really moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rongqiao.finance.apr import cn
from rongqiao.finance.apr.flows import Flow
from rongqiao.finance.apr.irr import NoRate, twelve_decimals
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.result import Schedule
from rongqiao.finance.schedule.terms import BadTerms, Method, Terms


@dataclass(frozen=True, slots=True)
class Quote:
    """A schedule with `simple` = 12 x monthly IRR and `compound` = (1 + IRR)^12 - 1.

    Both as fractions in text with 12 decimals (PBOC announcement [2021] No. 3).
    """

    schedule: Schedule
    simple: str
    compound: str


def quote(terms: Terms) -> Quote:
    """Return schedule and annualised cost. Raises BadTerms where there is no schedule or rate."""
    found = schedule(terms)
    try:
        cost = _cost(terms, found)
        return Quote(found, twelve_decimals(cost.simple), twelve_decimals(cost.compound))
    except NoRate as problem:
        at = "fees" if terms.fees else "rate"
        given = f"such that {problem}"
        raise BadTerms(at, given, "what leaves one annualised cost") from None


def _cost(terms: Terms, found: Schedule) -> cn.AnnualisedCost:
    """Whole months where the grid is one of months, else dates (contract, rule 12)."""
    received = found.fees.withheld - terms.principal
    if not terms.every.months or terms.first_due is not None:
        return cn.of_dates(_dated(terms.start, received, found.dues, found.payments))
    months = terms.every.months
    if terms.method is Method.BULLET:
        months *= terms.terms or 1
    apart = [0] * (months - 1)
    flows = [received]
    for payment in found.payments:
        flows += apart
        flows.append(payment)
    return cn.of_months(flows)


def _dated(start: date, received: int, dues: Sequence[date], payments: Sequence[int]) -> list[Flow]:
    later = [Flow(due, payment, due.day) for due, payment in zip(dues, payments, strict=True)]
    return [Flow(start, received, start.day), *later]
