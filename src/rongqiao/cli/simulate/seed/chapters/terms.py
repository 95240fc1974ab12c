"""Terms of running loans change: extensions, holidays, other rates; late ones are restructured.

One person proposes under the borrower's request, another decides on the figures shown; from then on
the borrower pays by the new plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from rongqiao.cli.simulate.acting.paying import pay_instalment
from rongqiao.cli.simulate.people.profiles import Conduct, Habit
from rongqiao.cli.simulate.town import Action, Town
from rongqiao.lending.servicing.operations.rescheduling.decide_change import (
    DecideChange,
    decide_change,
)
from rongqiao.lending.servicing.operations.rescheduling.propose_change import (
    ChangeProposed,
    ProposeChange,
    propose_change,
)
from rongqiao.lending.servicing.queries.amending.changes import Wish, list_changes, quote_change
from rongqiao.lending.servicing.queries.loans import LoanCard, find_loans, get_loan, list_overdue
from rongqiao.platform.refusals import Refusal

BY_HAND = Conduct(Habit.PROMPT)
NOBODY = UUID(int=0)
# A late loan is restructured while there is hope: days past due between these.
LATE_ENOUGH, TOO_LATE = 20, 85
LOOKED_AT = 60
LATE_REASON = "借款人收入暂时中断，有继续还款的意愿和能力。"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a borrower asks for, on which day of a hundred lived; `is_left` waits to be decided."""

    at: int
    wish: Wish
    reason: str
    evidence: str = ""
    is_left: bool = False

    @property
    def is_relief(self) -> bool:
        """Whether it is for a borrower who is late."""
        return self.wish.kind == "restructuring"


EXTENSION = Wish(kind="extension", months=3)
RELIEF = Wish(kind="restructuring", months=6)
FLOATING = Wish(kind="floating-rate", reference="lpr-1y", spread=Decimal("0.08"), reset="new-year")
ALL = (
    Asked(at=35, wish=EXTENSION, reason="货款回笼推迟三个月，申请展期。"),
    Asked(
        at=42,
        wish=Wish(kind="principal-holiday", months=2),
        reason="装修停业两个月，申请只还利息。",
    ),
    Asked(at=48, wish=RELIEF, reason=LATE_REASON, evidence="KN-2025-0031"),
    Asked(
        at=55,
        wish=Wish(kind="payment-holiday", months=1, is_end_moved=True),
        reason="住院治疗一个月，申请暂缓还款。",
    ),
    Asked(
        at=62,
        wish=Wish(
            kind="floating-rate", reference="lpr-1y", spread=Decimal("0.08"), reset="new-year"
        ),
        reason="双方同意改为浮动利率。",
    ),
    Asked(
        at=70,
        wish=Wish(kind="fixed-rate", rate_annual=Decimal("0.09")),
        reason="按期还款一年，双方同意降低利率。",
    ),
    Asked(at=78, wish=RELIEF, reason=LATE_REASON, evidence="KN-2026-0007"),
    Asked(at=88, wish=RELIEF, reason=LATE_REASON, evidence="KN-2026-0019"),
    Asked(at=94, wish=EXTENSION, reason="春节后复工推迟，申请展期。"),
    Asked(at=99, wish=EXTENSION, reason="应收账款延期支付，申请展期。", is_left=True),
)


def change_terms(town: Town) -> None:
    """Put down what borrowers ask for."""
    days = (town.last - town.desk.first).days
    for number, asked in enumerate(ALL, start=1):
        town.on(town.desk.first + timedelta(days=days * asked.at // 100), _ask(town, asked, number))


def _ask(town: Town, asked: Asked, number: int) -> Action:
    def act() -> None:
        proposed = _propose(town, asked, number)
        if proposed is not None and not asked.is_left:
            town.after(1, lambda: decide(proposed))

    def decide(proposed: ChangeProposed) -> None:
        loan_id = proposed.loan_id
        shown = None
        if not town.is_remembering:
            shown = quote_change(loan_id, asked.wish, town.desk.on).total
        town.do(
            decide_change,
            DecideChange(change_id=proposed.change_id, word="approve", shown=shown),
            town.desk.user(town.staff["approver"], f"change:{number}:decide"),
        )
        _pay_as_planned(town, loan_id)

    return act


def _propose(town: Town, asked: Asked, number: int) -> ChangeProposed | None:
    """Propose it for the first loan whose terms may be changed so; None where there is none."""
    for loan_id in [NOBODY] if town.is_remembering else _candidates(town, asked):
        command = ProposeChange(
            loan_id=loan_id,
            consent=f"SQ-{town.desk.on:%Y}-{number:04d}",
            reason=asked.reason,
            evidence=asked.evidence,
            **asdict(asked.wish),
        )
        try:
            return town.do(
                propose_change,
                command,
                town.desk.user(town.staff["operator"], f"change:{number}:propose"),
            )
        except Refusal as refusal:
            town.refused[refusal.code] += 1
    return None


def _candidates(town: Town, asked: Asked) -> Iterator[UUID]:
    if asked.is_relief:
        found = [
            one
            for one in reversed(list_overdue(town.desk.on))
            if LATE_ENOUGH <= one.days_past_due <= TOO_LATE
        ]
    else:
        newest = find_loans(town.desk.on, state="active", limit=LOOKED_AT)
        found = [one for one in newest if _is_in_order(one)]
    alone = (one.id for one in found if one.drawing_id is None)
    return (loan_id for loan_id in alone if not list_changes(loan_id, town.desk.on))


def _is_in_order(one: LoanCard) -> bool:
    """Tell whether a loan has paid something and has a while to go."""
    return one.days_past_due == 0 and one.instalments >= one.instalments_paid + 3 > 3


def _pay_as_planned(town: Town, loan_id: UUID) -> None:
    """Put down the payments of the new plan; what is debited is left to the platform."""
    loan = get_loan(loan_id, town.desk.on)
    if loan.card.is_debit_authorised:
        return
    resident = next(one for one in town.residents if one.party_id == loan.card.party_id)
    for row in loan.rows:
        if row.left and row.due_on > town.desk.on:
            town.on(row.due_on, pay_instalment(town, resident, loan_id, row.due_on, BY_HAND))
