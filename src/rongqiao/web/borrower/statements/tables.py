"""Statements side by side: one row a figure, one column a period."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from rongqiao.risk.queries.enterprise import StatementView
from rongqiao.web.borrower.statements.words import CONTRADICTIONS, FIGURES, GROUPS, SOURCES
from rongqiao.web.borrower.words import say


def period(one: StatementView) -> dict[str, Any]:
    """Return the head of one period's column."""
    return {
        "ends_on": one.statement.ends_on,
        "months": one.statement.months,
        "source": say(SOURCES, one.source),
        "odd": [say(CONTRADICTIONS, code) for code in one.contradictions],
    }


def figure_rows(statements: Iterable[StatementView]) -> list[dict[str, Any]]:
    """Return the figures that any period has, by group, one cell a period."""
    periods = list(statements)
    rows = []
    for label, names in GROUPS:
        known = [name for name in names if any(_figure(one, name) is not None for one in periods)]
        rows += [
            {
                "group": label if place == 0 else "",
                "label": say(FIGURES, name),
                "cells": [_grouped(_figure(one, name)) for one in periods],
            }
            for place, name in enumerate(known)
        ]
    return rows


def _figure(one: StatementView, name: str) -> Decimal | None:
    value: Decimal | None = getattr(one.statement, name)
    return value


def _grouped(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"
