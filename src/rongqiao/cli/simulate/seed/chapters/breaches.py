"""Loans in breach are called back: a notice is taken back, some fall due, others stand or wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.cli.simulate.seed.chapters.terms import NOBODY
from rongqiao.cli.simulate.town import Action, Town
from rongqiao.lending.servicing.operations.rescheduling.decide_recall import (
    DecideRecall,
    decide_recall,
)
from rongqiao.lending.servicing.operations.rescheduling.propose_recall import (
    ProposeRecall,
    RecallProposed,
    propose_recall,
)
from rongqiao.lending.servicing.operations.rescheduling.revoke_recall import (
    RevokeRecall,
    revoke_recall,
)
from rongqiao.lending.servicing.queries.loans import list_overdue
from rongqiao.platform.refusals import Refusal

LATE, TOO_LATE = 31, 200
REVOKED_AFTER = 5


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A recall on which day of a hundred lived, its days of grace, and how far it goes.

    `end` is `falls` where nobody stops it, `revoked`, or `waits` for the second person.
    """

    at: int
    grace_days: int
    end: str


ALL = (
    Breach(at=50, grace_days=15, end="revoked"),
    Breach(at=60, grace_days=10, end="falls"),
    Breach(at=80, grace_days=10, end="falls"),
    Breach(at=98, grace_days=30, end="falls"),
    Breach(at=99, grace_days=15, end="waits"),
)


def call_back(town: Town) -> None:
    """Put down the recalls."""
    days = (town.last - town.desk.first).days
    for number, breach in enumerate(ALL, start=1):
        day = town.desk.first + timedelta(days=days * breach.at // 100)
        town.on(day, _recall(town, breach, number))


def _recall(town: Town, breach: Breach, number: int) -> Action:
    def act() -> None:
        proposed = _propose(town, breach, number)
        if proposed is not None and breach.end != "waits":
            town.after(1, lambda: decide(proposed.recall_id))

    def decide(recall_id: UUID) -> None:
        town.do(
            decide_recall,
            DecideRecall(recall_id=recall_id, word="approve"),
            town.desk.user(town.staff["approver"], f"recall:{number}:decide"),
        )
        if breach.end == "revoked":
            town.after(REVOKED_AFTER, lambda: revoke(recall_id))

    def revoke(recall_id: UUID) -> None:
        town.do(
            revoke_recall,
            RevokeRecall(recall_id=recall_id, reason="借款人已就还款安排与我方达成一致。"),
            town.desk.user(town.staff["operator"], f"recall:{number}:revoke"),
        )

    return act


def _propose(town: Town, breach: Breach, number: int) -> RecallProposed | None:
    """Propose it of the loan that is late for the shortest; None where none can be called back."""
    late = [] if town.is_remembering else list_overdue(town.desk.on)
    found = [one.id for one in reversed(late) if LATE <= one.days_past_due <= TOO_LATE]
    for loan_id in [NOBODY] if town.is_remembering else found:
        try:
            return town.do(
                propose_recall,
                ProposeRecall(
                    loan_id=loan_id,
                    cause="overdue",
                    grace_days=breach.grace_days,
                    evidence=f"CS-{town.desk.on:%Y}-{number:04d}",
                    reason="多次催收未还，逾期超过三十日。",
                ),
                town.desk.user(town.staff["collector"], f"recall:{number}:propose"),
            )
        except Refusal as refusal:
            town.refused[refusal.code] += 1
    return None
