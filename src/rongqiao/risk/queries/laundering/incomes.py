"""Which income of a customer counts: an officer's entry above what an application stated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from rongqiao.finance.money import Money
from rongqiao.risk.queries.laundering.ratings import RatingView

OFFICER, APPLICATION = "officer", "application"


@dataclass(frozen=True, kw_only=True)
class DeclaredIncome:
    """An income a month; `source` is `officer` or `application`, `on` the day it was said."""

    amount: Money
    source: str
    on: date


def declared_income(
    history: tuple[RatingView, ...], stated: tuple[Money, date] | None
) -> DeclaredIncome | None:
    """Return what counts; `history` is newest first, `stated` from the latest application."""
    typed = history[0].income if history else None
    if typed is not None:
        return DeclaredIncome(amount=typed, source=OFFICER, on=_since(history, typed))
    if stated is not None:
        return DeclaredIncome(amount=stated[0], source=APPLICATION, on=stated[1])
    return None


def _since(history: tuple[RatingView, ...], typed: Money) -> date:
    """Return the day of the entry: ratings that carry it on are no new one."""
    at: datetime = history[0].rated_at
    for one in history:
        if one.income != typed:
            break
        at = one.rated_at
    return localtime(at).date()
