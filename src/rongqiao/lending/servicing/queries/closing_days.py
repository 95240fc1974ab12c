"""Closing days seen from outside: what the pure engine makes of loans that a day closes over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from rongqiao.lending.servicing.engine import Life, close_day
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.lives import life_of


def list_lives(numbers: Iterable[str]) -> dict[str, Life]:
    """Return the loans of these numbers as the engine's lives."""
    loans = Loan.objects.filter(number__in=list(numbers)).order_by("id")
    return {loan.number: life_of(loan) for loan in loans}


def lives_after(lives: Mapping[str, Life], on: date) -> dict[str, Life]:
    """Return what closing business date `on` makes of lives, by the pure engine alone."""
    return {number: close_day(life, on) for number, life in lives.items()}
