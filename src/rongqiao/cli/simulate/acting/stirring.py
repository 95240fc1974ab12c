"""Residents who move money to and fro, so that a bank that errs has much to err about."""

from __future__ import annotations

import random
from datetime import timedelta

from rongqiao.cli.simulate.acting.moving import top_up, withdraw
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.finance.money import Money
from rongqiao.money.payments.queries.cards import bound_cards_of
from rongqiao.money.payments.queries.wallets import wallet_of

LEAST_YUAN, MOST_YUAN = 10, 5_000
OFTEN = 0.5
# Who is new here looks at their money every day, later on about twice a year: a town
# that has grown large has as many orders a day as a small one of newcomers.
NEW_DAYS, LONGEST_PAUSE = 5, 360


def stir(town: Town, resident: Resident, seed: int) -> Action:
    """Return a resident's restlessness: from the day it is called on, again and again."""
    days = 0

    def act() -> None:
        nonlocal days
        days += 1
        draw = random.Random(f"{seed}/stir/{resident.name}/{days}")  # noqa: S311 - nothing is secret here
        pause = 1 if days < NEW_DAYS else draw.randint(1, LONGEST_PAUSE)
        town.on(town.desk.on + timedelta(days=pause), act)
        if town.is_remembering or draw.random() > OFTEN or not _has_card(town, resident):
            return
        what = f"{resident.name}:stir:{town.desk.on}"
        amount = Money(draw.randint(LEAST_YUAN * 100, MOST_YUAN * 100))
        if draw.random() < OFTEN and wallet_of(resident.party_id).available >= amount:
            withdraw(town, resident, amount, f"stir:{town.desk.on}")
        else:
            top_up(town, resident, amount, what, _stay)

    return act


def _stay(_what: str) -> None:
    """Leave the money in the wallet."""


def _has_card(town: Town, resident: Resident) -> bool:
    cards = bound_cards_of(resident.party_id)
    now = town.desk.clock.instant
    return any(one.opens_at is not None and one.opens_at <= now for one in cards)
