"""A part of the principal is paid early, from money brought in for it, at a quote of the day."""

from __future__ import annotations

from uuid import UUID

from rongqiao.cli.simulate.acting.moving import bring_in
from rongqiao.cli.simulate.people.fates import Fate
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.prepaying.prepay import Prepay, prepay
from rongqiao.lending.servicing.operations.prepaying.quote_prepayment import (
    PrepaymentQuoted,
    QuotePrepayment,
    quote_prepayment,
)
from rongqiao.lending.servicing.queries.loans import get_loan

# People pay whole hundreds of yuan early.
HUNDRED_YUAN = 10_000


def pay_part(town: Town, resident: Resident, loan_id: UUID, fate: Fate) -> Action:
    """Return a prepayment in part of a loan, of what is left of its principal on that day."""
    name = ""

    def act() -> None:
        nonlocal name
        if town.is_remembering:
            return
        card = get_loan(loan_id, town.desk.on).card
        left = card.outstanding.principal.minor
        principal = Money(left * fate.part_percent // 100 // HUNDRED_YUAN * HUNDRED_YUAN)
        if not card.is_prepaid and principal:
            name = f"{resident.name}:{card.number}:part"
            quoted = quote(principal, "first")
            bring_in(
                town, resident, quoted.total, f"{name}:{town.desk.on}", lambda _: pay(principal)
            )

    def quote(principal: Money, what: str) -> PrepaymentQuoted:
        return town.do(
            quote_prepayment,
            QuotePrepayment(loan_id=loan_id, party_id=resident.party_id, principal=principal),
            town.desk.user(resident.user_id, f"{name}:{what}:{town.desk.on}"),
        )

    def pay(principal: Money) -> None:
        quoted = quote(principal, "again")
        wanted = "shorten" if fate.is_shortened else "lower"
        choice = wanted if wanted in quoted.choices else quoted.choices[0]
        town.do(
            prepay,
            Prepay(quote_id=quoted.quote_id, party_id=resident.party_id, choice=choice),
            town.desk.user(resident.user_id, f"{name}:pay:{town.desk.on}"),
        )

    return act
