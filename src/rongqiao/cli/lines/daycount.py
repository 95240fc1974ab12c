"""`rongqiao daycount`: two dates and a basis in, days and the year fraction out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from rongqiao.cli.lines.streams import run_stream
from rongqiao.finance.daycount import BASES, count
from rongqiao.finance.fields import Fields

_EXACT = Context(prec=40)
# Past what a double tells apart, so that whoever reads it into one gets the nearest.
_STEP = Decimal("1e-20")


def command() -> None:
    """Read bases and dates as JSON lines; write each one's days and year fraction."""
    run_stream(answer)


def answer(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the basis's own days and the year fraction of one line. Raises BadField."""
    fields = Fields(content, ("id", "basis", "from", "to"))
    basis = fields.one_of("basis", BASES)
    start, end = fields.day("from"), fields.day("to")
    if end < start:
        raise fields.bad("to", f"{start.isoformat()}, the date of from, or later")
    days, fraction = count(basis, start, end)
    return {"days": days, "year_fraction": fraction_text(fraction)}


def fraction_text(fraction: Fraction) -> str:
    """Return the fraction as decimal text with 20 decimals, rounded half-even."""
    exact = _EXACT.divide(Decimal(fraction.numerator), Decimal(fraction.denominator))
    return f"{exact.quantize(_STEP, context=_EXACT):f}"
