"""Chain the journals that can no longer change: called every second, and at the end of a day."""

from __future__ import annotations

from django.db import connection

# A round proves what the round before observed: two more find whatever nobody is writing.
_ROUNDS_FOR_THE_LAST = 3


def seal_books(limit: int = 10_000) -> int:
    """Chain up to `limit` journals behind the proven horizon; return how many.

    A transaction of its own. A second sealer finds nothing to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_seal_books(%s)", [limit])
        return int(cursor.fetchone()[0])


def seal_what_stands() -> int:
    """Chain every journal that nobody is still writing; return how many."""
    sealed = idle = 0
    while idle < _ROUNDS_FOR_THE_LAST:
        more = seal_books()
        sealed += more
        idle = 0 if more else idle + 1
    return sealed
