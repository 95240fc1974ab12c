"""Back-tests of credit policies: those asked for, how far they are, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.policies import PolicyBacktest

# The job's name in the queue; config joins what it needs of lending.
CARRY_OUT = "risk.policy-backtest"


@dataclass(frozen=True, kw_only=True)
class BacktestView:
    """A back-test without its result; `candidate_label` is empty for a draft."""

    id: UUID
    code: str
    current_id: UUID
    current_label: str
    current_number: int
    draft_id: UUID | None
    version_id: UUID | None
    candidate_label: str
    candidate_sha256: str
    source: str
    first: date
    last: date
    asked: dict[str, str]
    state: str
    done: int
    failure: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class BacktestWork:
    """What the job needs: both documents as text, and what was asked."""

    view: BacktestView
    current_body: str
    candidate_body: str


def get_backtest(backtest_id: UUID) -> tuple[BacktestView, dict[str, Any] | None]:
    """Return a back-test and its result, None before there is one. Raises NotFound."""
    row = _rows().filter(pk=backtest_id).first()
    if row is None:
        raise NotFound(what="policy-backtest")
    return _view(row), row.result


def backtest_work(backtest_id: UUID) -> BacktestWork:
    """Return what its job needs. Raises NotFound."""
    row = PolicyBacktest.objects.select_related("current", "version").filter(pk=backtest_id).first()
    if row is None:
        raise NotFound(what="policy-backtest")
    return BacktestWork(
        view=_view(row), current_body=row.current.body, candidate_body=row.candidate_body
    )


def list_backtests(code: str, *, sha256: str = "", limit: int = 20) -> tuple[BacktestView, ...]:
    """Return a policy's back-tests, newest first; `sha256` narrows to one document tried."""
    rows = _rows().filter(code=code).defer("candidate_body", "result")
    if sha256:
        rows = rows.filter(candidate_sha256=sha256)
    return tuple(_view(row) for row in rows.order_by("-asked_at")[:limit])


def _rows() -> Any:
    rows = PolicyBacktest.objects.select_related("current", "version")
    return rows.defer("candidate_body", "current__body", "version__body")


def _view(row: PolicyBacktest) -> BacktestView:
    told = {
        "current_label": row.current.label,
        "current_number": row.current.number,
        "candidate_label": row.version.label if row.version else "",
        "source": row.asked["source"],
        "first": date.fromisoformat(row.asked["first"]),
        "last": date.fromisoformat(row.asked["last"]),
    }
    names = BacktestView.__dataclass_fields__.keys() - told.keys()
    return BacktestView(**{name: getattr(row, name) for name in names}, **told)
