"""Bring the balances of rolled accounts up to date: called every second, and as a day ends."""

from __future__ import annotations

from django.db import connection


def roll_up() -> int:
    """Add to each rolled account what was posted up to the proven horizon; return how many moved.

    Split accounts are levelled. A transaction of its own. Nothing depends on it but the cost of
    reading these balances, and of drawing on split accounts.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_roll_up()")
        return int(cursor.fetchone()[0])
