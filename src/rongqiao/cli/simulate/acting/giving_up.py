"""Loans of class loss are written off by two people; some borrowers pay a part after all."""

from __future__ import annotations

from uuid import UUID

from rongqiao.cli.simulate.acting.moving import bring_in
from rongqiao.cli.simulate.people.fates import return_of
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.writing_off.decide_write_off import (
    DecideWriteOff,
    decide_write_off,
)
from rongqiao.lending.servicing.operations.writing_off.propose_write_off import (
    ProposeWriteOff,
    propose_write_off,
)
from rongqiao.lending.servicing.operations.writing_off.recover import Recover, recover
from rongqiao.lending.servicing.queries.amending.write_offs import (
    list_candidates,
    quote_write_off,
    write_off_of,
)

# Finance looks through the lost loans so often.
ROUND_DAYS, NEXT_DAY = 30, 1


def review_losses(town: Town) -> Action:
    """Return finance's round through the lost loans, which comes again and again."""

    def act() -> None:
        town.after(ROUND_DAYS, act)
        if town.is_remembering:
            return
        for lost in list_candidates():
            # Each by itself: what is refused of one keeps nobody from the others.
            town.after(0, _give_up(town, lost.loan_id, lost.loan_number, lost.party_id))

    return act


def _give_up(town: Town, loan_id: UUID, number: str, party_id: UUID) -> Action:
    def propose() -> None:
        proposed = town.do(
            propose_write_off,
            ProposeWriteOff(
                loan_id=loan_id,
                reason="逾期一年以上，多次催收未果。",
                evidence="催收记录；借款人无可供执行的财产。",
            ),
            town.desk.user(town.staff["finance"], f"write-off:{number}:{town.desk.on}"),
        )
        town.after(NEXT_DAY, lambda: decide(proposed.write_off_id))

    def decide(write_off_id: UUID) -> None:
        town.do(
            decide_write_off,
            DecideWriteOff(
                write_off_id=write_off_id,
                word="approve",
                expected=quote_write_off(loan_id).amounts.total,
            ),
            town.desk.user(town.staff["finance-2"], f"write-off:{number}:{town.desk.on}"),
        )
        resident = next(one for one in town.residents if one.party_id == party_id)
        assert town.fates is not None
        back = return_of(town.fates, f"{resident.name}/{number}")
        if back is not None:
            town.after(back.after, _pay_after_all(town, resident, loan_id, number, back.percent))

    return propose


def _pay_after_all(
    town: Town, resident: Resident, loan_id: UUID, number: str, percent: int
) -> Action:
    def act() -> None:
        written = write_off_of(loan_id)
        assert written is not None, number
        amount = Money(written.left.minor * percent // 100)
        if town.is_remembering or not amount:
            return
        what = f"{resident.name}:{number}:back:{town.desk.on}"
        bring_in(town, resident, amount, what, lambda what: pay(amount, what))

    def pay(amount: Money, what: str) -> None:
        town.do(
            recover,
            Recover(loan_id=loan_id, party_id=resident.party_id, amount=amount),
            town.desk.user(resident.user_id, f"{what}:pay"),
        )

    return act
