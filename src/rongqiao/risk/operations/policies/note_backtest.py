"""Note how far a back-test is, what came of it, or why nothing did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.policies import PolicyBacktest

LONGEST_FAILURE = 300


@dataclass(frozen=True, kw_only=True)
class NoteBacktest:
    """How far it is in percent; at the end its result as JSON text, or the code of its failure.

    The result is long: on record stands its digest.
    """

    backtest_id: UUID
    done: int
    result: str = sensitive(default="")
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class BacktestNoted:
    """Where the back-test stands now."""

    backtest_id: UUID
    state: str


@operation("risk.note-policy-backtest", restore=BacktestNoted)
def note_backtest(command: NoteBacktest, call: Call) -> BacktestNoted:
    """Write it down; one that ended stays as it is. Raises NotFound."""
    rows = PolicyBacktest.objects.select_for_update(no_key=True)
    row = rows.filter(pk=command.backtest_id).first()
    if row is None:
        raise NotFound(what="policy-backtest")
    if row.state not in ("done", "failed"):
        row.state = "running"
        row.done = max(row.done, min(command.done, 99))
        if command.result:
            row.state, row.done, row.result = "done", 100, json.loads(command.result)
        elif command.failure:
            row.state, row.failure = "failed", command.failure[:LONGEST_FAILURE]
        if row.state != "running":
            row.finished_at = call.at
        row.save(update_fields=["state", "done", "result", "failure", "finished_at"])
    return BacktestNoted(backtest_id=row.pk, state=row.state)
