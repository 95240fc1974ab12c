"""What early warning looks at: levels, changes and volatilities of a firm's figures over time.

Every measure is a plain number known at one moment; one that cannot be had is absent, and no rule
fires on what is absent. Silence itself is a measure: days since the last invoice, filings missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rongqiao.risk.enterprise.ratios import Ratio, ratios
from rongqiao.risk.enterprise.statements import Statement

LEVELS = ("debt-to-assets", "interest-cover", "quick-ratio", "return-on-assets", "days-sales")
GROWTHS = ("revenue-growth", "equity-growth")
# A swing is measured over at least so many periods.
FEWEST_YEARS, FEWEST_MONTHS = 3, 6
YEAR_OF_MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that is known of a firm on a day; amounts in yuan, months as their first days."""

    on: date
    statements: tuple[Statement, ...] = ()
    # Sales invoiced by month; a month that is absent had none once `invoices_from` is passed.
    invoices: Mapping[date, Decimal] = field(default_factory=dict)
    invoices_from: date | None = None
    last_invoice_on: date | None = None
    # Plain counts and amounts that other sources give, by a rule's measure.
    counts: Mapping[str, Decimal] = field(default_factory=dict)


def measures(known: Known) -> dict[str, Decimal]:
    """Return every measure that can be had, by name."""
    found: dict[str, Decimal] = dict(known.counts)
    usable = sorted(
        (one for one in known.statements if one.ends_on <= known.on), key=lambda one: one.ends_on
    )
    if usable:
        _of_statements(usable, found)
    _of_invoices(known, usable, found)
    return found


def _of_statements(usable: Sequence[Statement], found: dict[str, Decimal]) -> None:
    last, before = usable[-1], usable[-2] if len(usable) > 1 else None
    now = ratios(last, before)
    for code in (*LEVELS, *GROWTHS):
        _put(found, code, now[code].value)
    if before is not None:
        then = ratios(before, usable[-3] if len(usable) > 2 else None)
        for code in ("gross-margin", "debt-to-assets"):
            _put(found, f"{code}-change", _difference(now[code], then[code]))
        _put(found, "days-sales-change", _growth(now["days-sales"], then["days-sales"]))
    margins = [ratios(one)["operating-margin"].value for one in usable]
    known = [value for value in margins if value is not None]
    if len(known) >= FEWEST_YEARS:
        found["operating-margin-volatility"] = _deviation(known)


def _of_invoices(known: Known, usable: Sequence[Statement], found: dict[str, Decimal]) -> None:
    if known.last_invoice_on is not None:
        found["days-since-invoice"] = Decimal((known.on - known.last_invoice_on).days)
    if known.invoices_from is None:
        return
    months = _months_before(known.on, 2 * YEAR_OF_MONTHS)
    seen = [month for month in months if month >= known.invoices_from.replace(day=1)]
    amounts = [known.invoices.get(month, Decimal(0)) for month in seen]
    year = amounts[:YEAR_OF_MONTHS]
    if len(year) >= FEWEST_MONTHS and sum(year, Decimal(0)) > 0:
        found["invoices-volatility"] = _deviation(year) / (sum(year, Decimal(0)) / len(year))
    if len(amounts) >= YEAR_OF_MONTHS + 3:
        now, then = sum(amounts[:3]), sum(amounts[YEAR_OF_MONTHS : YEAR_OF_MONTHS + 3])
        if then > 0:
            found["invoices-fall-yoy"] = 1 - Decimal(now) / Decimal(then)
    _put(found, "invoice-gap", _gap(known, usable))


def _gap(known: Known, usable: Sequence[Statement]) -> Decimal | None:
    """Return how far invoices of the last statement's months stay below the sales it states."""
    if not usable or known.invoices_from is None:
        return None
    last = usable[-1]
    months = _months_before(_after(last.ends_on), last.months)
    if last.revenue is None or last.revenue <= 0 or months[-1] < known.invoices_from.replace(day=1):
        return None
    return 1 - sum((known.invoices.get(month, Decimal(0)) for month in months), Decimal(0)) / (
        last.revenue
    )


def _months_before(on: date, count: int) -> list[date]:
    """Return the first days of the whole months before `on`, latest first."""
    found, year, month = [], on.year, on.month
    for _ in range(count):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        found.append(date(year, month, 1))
    return found


def _after(on: date) -> date:
    return date(on.year + 1, 1, 1) if on.month == 12 else date(on.year, on.month + 1, 1)


def _put(found: dict[str, Decimal], name: str, value: Decimal | None) -> None:
    if value is not None:
        found[name] = value


def _difference(now: Ratio, then: Ratio) -> Decimal | None:
    return None if now.value is None or then.value is None else now.value - then.value


def _growth(now: Ratio, then: Ratio) -> Decimal | None:
    if now.value is None or then.value is None or then.value <= 0:
        return None
    return now.value / then.value - 1


def _deviation(values: Sequence[Decimal]) -> Decimal:
    """Return the standard deviation of all values (not of a sample)."""
    mean = sum(values, Decimal(0)) / len(values)
    return (sum(((value - mean) ** 2 for value in values), Decimal(0)) / len(values)).sqrt()
