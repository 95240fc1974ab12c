"""`rongqiao quote`: terms in, schedule and true cost out, one JSON line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rongqiao.cli.lines.streams import run_stream
from rongqiao.finance.quote import quote
from rongqiao.finance.schedule.reading import read_terms
from rongqiao.finance.schedule.result import Row


def command() -> None:
    """Read terms as JSON lines; write each one's schedule and annualised cost."""
    run_stream(answer)


def answer(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return rows, totals and APR for the terms of one line. Raises BadField."""
    found = quote(read_terms(content, beside=("id",)))
    totals = found.schedule.totals
    return {
        "rows": [_row(row) for row in found.schedule.rows],
        "totals": {name: _yuan(minor) for name, minor in totals._asdict().items()},
        "apr": {"simple": found.simple, "compound": found.compound},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "no": row.no,
        "from": row.from_on.isoformat(),
        "due": row.due_on.isoformat(),
        "days": row.days,
        "principal": _yuan(row.principal),
        "interest": _yuan(row.interest),
        "fee": _yuan(row.fee),
        "payment": _yuan(row.payment),
        "balance": _yuan(row.balance),
    }


def _yuan(minor: int) -> str:
    """Amounts of a schedule are never negative; five a row make the shortest way worth it."""
    return f"{minor // 100}.{minor % 100:02d}"
