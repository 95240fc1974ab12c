"""What outside sources told of a firm, as measures for early warning and as conduct for a rating.

Features come by name (`judicial.enforcements`); one that is not there or not known says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

DAYS_A_MONTH = 30
# Measures of early warning that a source tells as they are.
_COUNTS = {
    "judicial.judgments": "cases-as-defendant-12m",
    "judicial.enforcements": "enforcements-12m",
    "tax.arrears": "tax-arrears-yuan",
}
Known = Mapping[str, object]


def counts_heard(known: Known) -> dict[str, Decimal]:
    """Return early warning's measures from features by name; amounts in yuan."""
    found: dict[str, Decimal] = {}
    for name, measure in _COUNTS.items():
        value = _number(known, name)
        if value is not None:
            found[measure] = value
    if isinstance(known.get("judicial.is-dishonest-debtor"), bool):
        found["dishonest-listings"] = Decimal(int(known["judicial.is-dishonest-debtor"] is True))
    now, before = _number(known, "tax.invoiced-12m"), _number(known, "tax.invoiced-prior-12m")
    if now is not None and before is not None and before > 0:
        found["invoices-fall-yoy"] = 1 - now / before
    silent = _number(known, "tax.months-without-invoice")
    if silent is not None:
        found["days-since-invoice"] = silent * DAYS_A_MONTH
    return found


def conduct_heard(known: Known) -> dict[str, Decimal | bool]:
    """Return a rating's conduct from features by name."""
    found: dict[str, Decimal | bool] = {}
    arrears = _number(known, "tax.arrears")
    if arrears is not None:
        found["tax-arrears"] = arrears > 0
    grade = known.get("tax.grade")
    if isinstance(grade, str):
        found |= {"tax-grade-a": grade == "A", "tax-grade-d": grade == "D"}
    enforced = _number(known, "judicial.enforcements")
    if enforced is not None:
        found["judicial-enforced"] = enforced > 0
    judged = _number(known, "judicial.judgments")
    if judged is not None:
        found["judicial-defendant"] = judged
    share = _number(known, "tax.largest-customer-share")
    if share is not None:
        found["invoice-buyer-share"] = share
    fall = counts_heard(known).get("invoices-fall-yoy")
    if fall is not None:
        found["invoices-falling"] = fall
    return found


def _number(known: Known, name: str) -> Decimal | None:
    value = known.get(name)
    return value if isinstance(value, Decimal) else None
