"""After the signature: the money is taken out, instalments are paid or not, loans are paid off."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from rongqiao.cli.simulate.acting.correcting import dispute, misbook
from rongqiao.cli.simulate.acting.moving import allow_debits, withdraw
from rongqiao.cli.simulate.acting.paying import pay_instalment, pay_off_loan
from rongqiao.cli.simulate.acting.prepaying import pay_part
from rongqiao.cli.simulate.acting.relieving import relieve
from rongqiao.cli.simulate.people.fates import Fate, fate_of
from rongqiao.cli.simulate.people.profiles import Conduct, Drawdown, Habit
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.operations.signing.confirm_cost_sheet import (
    ConfirmCostSheet,
    confirm_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.open_cost_sheet import (
    OpenCostSheet,
    open_cost_sheet,
)
from rongqiao.lending.origination.queries.limits import get_limit
from rongqiao.lending.servicing.queries.loans import (
    LoanDetail,
    get_loan,
    history_of,
    loan_of_agreement,
)

READING_SECONDS = 61
# Later than this some penalty interest has gathered; and when a payment is looked at again.
GRACE_AT_MOST, FOUND_OUT_AFTER = 3, 2


def use_limit(town: Town, resident: Resident, limit_id: UUID) -> None:
    """Put down the drawings of a credit limit."""
    for number, drawdown in enumerate(resident.profile.drawdowns, start=1):
        town.after(drawdown.after, _drawing(town, resident, limit_id, drawdown, number))


def _drawing(
    town: Town, resident: Resident, limit_id: UUID, drawdown: Drawdown, number: int
) -> Action:
    def act() -> None:
        what = f"draw{number}"
        limit = get_limit(limit_id, resident.user_id)
        # A whole number of hundreds of yuan, so that the sums look like people's.
        amount = Money(limit.amount.minor * drawdown.percent // 100 // 10_000 * 10_000)
        proposed = town.do(
            propose_drawing,
            ProposeDrawing(limit_id=limit_id, amount=amount, term_count=drawdown.terms),
            town.desk.user(resident.user_id, f"{resident.name}:{what}:propose"),
        )
        opened = town.do(
            open_cost_sheet,
            OpenCostSheet(drawing_id=proposed.drawing_id),
            town.desk.user(resident.user_id, f"{resident.name}:{what}:sheet"),
        )
        town.desk.wait(READING_SECONDS)
        town.do(
            confirm_cost_sheet,
            ConfirmCostSheet(sheet_id=opened.sheet_id),
            town.desk.user(resident.user_id, f"{resident.name}:{what}:read"),
        )
        drawn = town.do(
            draw,
            Draw(
                drawing_id=proposed.drawing_id,
                sheet_id=opened.sheet_id,
                days_past_due=history_of(resident.party_id).days_past_due,
                session="simulated",
                ip="192.0.2.1",
            ),
            town.desk.user(resident.user_id, f"{resident.name}:{what}:sign"),
        )
        take_loan(town, resident, drawn.agreement_id, drawdown.conduct, what)

    return act


def take_loan(
    town: Town, resident: Resident, agreement_id: UUID, conduct: Conduct, what: str
) -> None:
    """The day after signing the money is there: take it out, and put down how it is repaid."""

    def act() -> None:
        loan_id = loan_of_agreement(agreement_id)
        assert loan_id is not None, f"{resident.name}: nothing was lent on a signed agreement"
        loan = get_loan(loan_id, town.desk.on)
        if town.fates is not None:
            fate = fate_of(town.fates, f"{resident.name}/{what}", conduct, len(loan.rows))
            _befall(town, resident, loan, conduct, fate)
        _plan(town, resident, loan, conduct)
        if conduct.habit is Habit.DEBIT:
            allow_debits(town, resident, loan_id, what)
        withdraw(town, resident, loan.card.principal, what)

    town.after(1, act)


def _plan(town: Town, resident: Resident, loan: LoanDetail, conduct: Conduct) -> None:
    """Put down the day of every payment to come."""
    closes_on = loan.card.disbursed_on + timedelta(days=conduct.prepays_after)
    is_prepaid = conduct.habit is Habit.PREPAYS and closes_on < loan.card.matures_on
    for row in loan.rows:
        if conduct.habit is Habit.STOPS and row.no >= conduct.stops_at:
            break
        if is_prepaid and row.due_on > closes_on:
            break
        day = row.due_on + timedelta(days=conduct.delay(row.no))
        town.on(day, pay_instalment(town, resident, loan.card.id, row.due_on, conduct))
    if is_prepaid:
        town.on(closes_on, pay_off_loan(town, resident, loan.card.id))


def _befall(town: Town, resident: Resident, loan: LoanDetail, conduct: Conduct, fate: Fate) -> None:
    """Put down what happens to the loan beside its instalments; before those, which come after it.

    A payment is taken back of a loan that stands alone: what a line got back may be drawn anew.
    """
    loan_id = loan.card.id
    if fate.part_after:
        day = loan.card.disbursed_on + timedelta(days=fate.part_after)
        town.on(day, pay_part(town, resident, loan_id, fate))
    for row in loan.rows:
        if fate.is_relieved and conduct.delay(row.no) > GRACE_AT_MOST:
            day = row.due_on + timedelta(days=conduct.delay(row.no))
            town.on(day, relieve(town, resident, loan_id))
        paid_on = row.due_on + timedelta(days=conduct.delay(row.no) + FOUND_OUT_AFTER)
        if row.no == fate.misbooked and loan.card.drawing_id is None:
            town.on(paid_on, misbook(town, resident, loan_id, row.due_on))
        if row.no == fate.disputed and loan.card.drawing_id is None:
            town.on(paid_on, dispute(town, resident, loan_id, row.due_on))
