"""How long the records of the work against money laundering are kept. Pure.

反洗钱法 (2024-11-08, in force 2025-01-01) art. 34: at least ten years after the end of the business
relation or of the transaction (rules.json aml.retention, text of the law read).
"""

from __future__ import annotations

from datetime import date

from rongqiao.finance.months import add_months

KEPT_YEARS = 10


def kept_from(on: date) -> date:
    """Return the day up to which a business must have ended for its records to go on `on`."""
    return add_months(on, -12 * KEPT_YEARS)
