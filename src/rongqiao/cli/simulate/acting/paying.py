"""Instalments are paid, and loans paid off, from money brought in for it on that day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from rongqiao.cli.simulate.acting.moving import bring_in
from rongqiao.cli.simulate.people.profiles import Conduct, Habit
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.loans import (
    LoanDetail,
    PlanRow,
    RowState,
    get_loan,
)


def pay_instalment(
    town: Town, resident: Resident, loan_id: UUID, due_on: date, conduct: Conduct
) -> Action:
    """Return the payment of the instalment of a due date: whatever is left of it on that day.

    Who lets the platform debit a card leaves it to the platform.
    """

    def act() -> None:
        if town.is_remembering or conduct.habit is Habit.DEBIT:
            return
        loan = get_loan(loan_id, town.desk.on)
        row = _row_of(loan, due_on)
        if row is not None and row.left:
            what = f"{resident.name}:{loan.card.number}:{due_on}:{town.desk.on}"
            bring_in(town, resident, row.left, what, pay)

    def pay(what: str) -> None:
        row = _row_of(get_loan(loan_id, town.desk.on), due_on)
        if row is None or not row.left:
            return
        town.do(
            repay,
            Repay(
                loan_id=loan_id,
                party_id=resident.party_id,
                amount=row.left,
                instalment_no=row.no,
                expected=row.left,
            ),
            town.desk.user(resident.user_id, f"{what}:pay"),
        )

    return act


def _row_of(loan: LoanDetail, due_on: date) -> PlanRow | None:
    """Return the instalment of a due date: its number moves where a part is paid early."""
    rows = (row for row in loan.rows if row.state is not RowState.PREPAID)
    return next((row for row in rows if row.due_on == due_on), None)


def pay_off_loan(town: Town, resident: Resident, loan_id: UUID) -> Action:
    """Return the payoff of a loan at a quote of the same day."""

    def act() -> None:
        if town.is_remembering:
            return
        quoted = _quote(town, resident, loan_id, "first")
        what = f"{resident.name}:{_number(loan_id, town)}:off"
        bring_in(town, resident, quoted[1], what, pay)

    def pay(what: str) -> None:
        quote_id, _ = _quote(town, resident, loan_id, what)
        town.do(
            pay_off,
            PayOff(quote_id=quote_id, party_id=resident.party_id),
            town.desk.user(resident.user_id, f"{what}:pay"),
        )

    return act


def _quote(town: Town, resident: Resident, loan_id: UUID, what: str) -> tuple[UUID, Money]:
    quoted = town.do(
        quote_payoff,
        QuotePayoff(loan_id=loan_id, party_id=resident.party_id, valid_on=town.desk.on),
        town.desk.user(
            resident.user_id, f"{resident.name}:{_number(loan_id, town)}:{what}:{town.desk.on}"
        ),
    )
    return quoted.quote_id, quoted.total


def _number(loan_id: UUID, town: Town) -> str:
    return get_loan(loan_id, town.desk.on).card.number
