"""Instalments are paid, and loans paid off, from money brought in for it on that day."""

from __future__ import annotations

from uuid import UUID

from rongqiao.cli.simulate.acting.moving import bring_in
from rongqiao.cli.simulate.people.profiles import Conduct, Habit
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.loans import get_loan


def pay_instalment(
    town: Town, resident: Resident, loan_id: UUID, no: int, conduct: Conduct
) -> Action:
    """Return the payment of one instalment: whatever is left of it on that day.

    Who lets the platform debit a card leaves it to the platform.
    """

    def act() -> None:
        if town.is_remembering or conduct.habit is Habit.DEBIT:
            return
        left = get_loan(loan_id, town.desk.on).rows[no - 1].left
        if left:
            bring_in(town, resident, left, f"{resident.name}:{_number(loan_id, town)}:{no}", pay)

    def pay(what: str) -> None:
        left = get_loan(loan_id, town.desk.on).rows[no - 1].left
        if not left:
            return
        town.do(
            repay,
            Repay(
                loan_id=loan_id,
                party_id=resident.party_id,
                amount=left,
                instalment_no=no,
                expected=left,
            ),
            town.desk.user(resident.user_id, f"{what}:pay"),
        )

    return act


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
