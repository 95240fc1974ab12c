"""Penalty interest that gathered is waived by two people, before the borrower pays the rest."""

from __future__ import annotations

from uuid import UUID

from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.waiving.decide_waiver import DecideWaiver, decide_waiver
from rongqiao.lending.servicing.operations.waiving.propose_waiver import (
    ProposeWaiver,
    propose_waiver,
)
from rongqiao.lending.servicing.queries.amending.waivers import waivable_of


def relieve(town: Town, resident: Resident, loan_id: UUID) -> Action:
    """Return the waiver of a loan's penalty interest as it stands that day, where there is any."""

    def act() -> None:
        if town.is_remembering:
            return
        penalty = waivable_of(loan_id).penalty
        if not penalty:
            return
        key = f"{resident.name}:waiver:{loan_id}:{town.desk.on}"
        proposed = town.do(
            propose_waiver,
            ProposeWaiver(
                loan_id=loan_id,
                interest=Money.zero(),
                penalty=penalty,
                fee=Money.zero(),
                reason="借款人遇到临时困难，已承诺付清其余款项。",
            ),
            town.desk.user(town.staff["operator"], key),
        )
        town.do(
            decide_waiver,
            DecideWaiver(waiver_id=proposed.waiver_id, word="approve"),
            town.desk.user(town.staff["finance"], key),
        )

    return act
