"""Give journals of coming months a place of their own: called at the end of a day."""

from __future__ import annotations

from datetime import date

from django.db import connection

# Today's month and the two after it, so that a missed end of day leaves nobody without.
MONTHS = 3


def open_months(today: date) -> int:
    """Open the months from `today` on that are not open yet; return how many were opened.

    A transaction of its own for each. A journal of a month that is not open is booked all the same.
    """
    opened = 0
    for ahead in range(today.month - 1, today.month - 1 + MONTHS):
        month = date(today.year + ahead // 12, ahead % 12 + 1, 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_open_month(%s)", [month])
            opened += bool(cursor.fetchone()[0])
    return opened
