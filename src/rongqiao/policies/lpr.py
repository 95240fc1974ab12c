"""The Loan Prime Rate in force on a date: a quote holds from its own date until the next."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

# LPR of one year, or of five years and more; reset each 1 January, or each year after lending.
REFERENCES = ("lpr-1y", "lpr-5y")
RESETS = ("new-year", "anniversary")


class NoQuote(LookupError):
    """The mechanism had not quoted yet on that date."""


@dataclass(frozen=True)
class Quote:
    """One month's quote, rates as fractions per year."""

    on: date
    one_year: Decimal
    five_years: Decimal

    def of(self, reference: str) -> Decimal:
        """Return the rate of one of REFERENCES."""
        return {"lpr-1y": self.one_year, "lpr-5y": self.five_years}[reference]


def lpr_on(day: date) -> Quote:
    """Return the quote in force on `day`; raises NoQuote before 2019-08-20."""
    quotes = _quotes()
    position = bisect_right([quote.on for quote in quotes], day)
    if position == 0:
        raise NoQuote(f"no LPR before {quotes[0].on}, asked for {day}")
    return quotes[position - 1]


@cache
def _quotes() -> tuple[Quote, ...]:
    text = files("rongqiao.policies").joinpath("china/lpr.json").read_text("utf-8")
    return tuple(
        Quote(date.fromisoformat(on), Decimal(one) / 100, Decimal(five) / 100)
        for on, one, five in json.loads(text)["rows"]
    )
