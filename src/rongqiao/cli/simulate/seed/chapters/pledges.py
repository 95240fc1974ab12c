"""Firms secure their loans: items registered and valued by one person, agreed to by another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.cli.simulate.seed.chapters.terms import NOBODY
from rongqiao.cli.simulate.town import Action, Town
from rongqiao.finance.money import Money
from rongqiao.lending.collateral.operations.pledging.decide_pledge import (
    DecidePledge,
    decide_pledge,
)
from rongqiao.lending.collateral.operations.pledging.propose_pledge import (
    ProposePledge,
    propose_pledge,
)
from rongqiao.lending.collateral.operations.registering.register_collateral import (
    RegisterCollateral,
    register_collateral,
)
from rongqiao.lending.collateral.operations.releasing.decide_release import (
    DecideRelease,
    decide_release,
)
from rongqiao.lending.collateral.operations.releasing.propose_release import (
    ProposeRelease,
    propose_release,
)
from rongqiao.lending.collateral.operations.valuing.record_valuation import (
    RecordValuation,
    record_valuation,
)
from rongqiao.lending.collateral.queries.pledges import pledges_of_parties
from rongqiao.lending.servicing.queries.loans import list_loans
from rongqiao.platform.refusals import Refusal

# An item is worth the loan this many times over, and bears it after the haircut; whoever guarantees
# does so for the loan.
WORTH = 3
GUARANTEED_FOR = timedelta(days=900)
# Days of a hundred lived at which finance lets go of what secures nothing any more.
RELEASED_AT = (70, 92)


@dataclass(frozen=True, kw_only=True)
class Secured:
    """Whose loan, under which application, and how much of it is still owed."""

    party_id: UUID
    application_id: UUID
    owed: Money


Particulars = Callable[[Money, date], dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Item:
    """What is given on which day of a hundred lived; `is_left` waits for the second person."""

    at: int
    kind: str
    basis: str
    valuer: str
    said: Particulars
    is_left: bool = False


def _vehicle(vin: str, plate: str, make: str) -> Particulars:
    said = {"vin": vin, "plate": plate, "make": make, "year": "2022", "mileage": "86000"}
    return lambda _owed, _on: said


def _building(certificate: str, address: str) -> Particulars:
    said = {"certificate": certificate, "address": address, "area": "89.50", "share": "100"}
    return lambda _owed, _on: said


def _guarantee(owed: Money, on: date) -> dict[str, str]:
    return {
        "guarantor": "示范融资担保有限公司",
        "guarantor_number": "911101059000000492",
        "contract": "保字第0004号",
        "guarantee": "joint",
        "amount": owed.text(),
        "ends_on": (on + GUARANTEED_FOR).isoformat(),
    }


CARS, HOUSES = "示范旧机动车鉴定评估有限公司", "示范房地产估价有限公司"
ITEMS = (
    Item(
        at=25,
        kind="vehicle",
        basis="market",
        valuer=CARS,
        said=_vehicle("LSVAA49J6X0000001", "京A10001", "福田 欧曼"),
    ),
    Item(
        at=40,
        kind="real_estate",
        basis="market",
        valuer=HOUSES,
        said=_building("京(2024)朝阳区不动产权第0000002号", "北京市朝阳区示范路 8 号 2 单元 301"),
    ),
    Item(at=60, kind="guarantee", basis="face", valuer="融桥小额贷款有限公司", said=_guarantee),
    Item(
        at=80,
        kind="vehicle",
        basis="market",
        valuer=CARS,
        said=_vehicle("LSVAA49JXX0000003", "沪B20003", "大众 朗逸"),
    ),
    Item(
        at=90,
        kind="real_estate",
        basis="income",
        valuer=HOUSES,
        said=_building("沪(2023)浦东新区不动产权第0000005号", "上海市浦东新区示范大道 66 号 1 层"),
    ),
    Item(
        at=99,
        kind="vehicle",
        basis="market",
        valuer=CARS,
        said=_vehicle("LSVAA49J5X0000006", "粤B60006", "江淮 帅铃"),
        is_left=True,
    ),
)


def secure(town: Town) -> None:
    """Put down what is given, and what is let go of."""
    days = (town.last - town.desk.first).days
    for number, item in enumerate(ITEMS, start=1):
        town.on(town.desk.first + timedelta(days=days * item.at // 100), _give(town, item, number))
    for number, at in enumerate(RELEASED_AT, start=1):
        town.on(town.desk.first + timedelta(days=days * at // 100), _let_go(town, number))


def _give(town: Town, item: Item, number: int) -> Action:
    def act() -> None:
        found = _nobody() if town.is_remembering else _unsecured(town)
        if found is None:
            return
        worth = found.owed if item.kind == "guarantee" else Money(found.owed.minor * WORTH)
        said = tuple(item.said(found.owed, town.desk.on).items())
        registered = town.do(
            register_collateral,
            RegisterCollateral(
                collateral_kind=item.kind, party_id=found.party_id, particulars=said
            ),
            town.desk.user(town.staff["operator"], f"pledge:{number}:register"),
        )
        town.do(
            record_valuation,
            RecordValuation(
                collateral_id=registered.collateral_id,
                on=town.desk.on,
                valuer=item.valuer,
                basis=item.basis,
                value=worth,
                prior=Money.zero(),
                document=f"评字 {town.desk.on:%Y}-{number:03d}",
            ),
            town.desk.user(town.staff["operator"], f"pledge:{number}:value"),
        )
        proposed = town.do(
            propose_pledge,
            ProposePledge(
                collateral_id=registered.collateral_id,
                application_id=found.application_id,
                amount=found.owed,
                registration=f"登记 {town.desk.on:%Y}-{number:05d}",
            ),
            town.desk.user(town.staff["operator"], f"pledge:{number}:propose"),
        )
        if not item.is_left:
            town.after(1, lambda: agree(proposed.pledge_id))

    def agree(pledge_id: UUID) -> None:
        town.do(
            decide_pledge,
            DecidePledge(pledge_id=pledge_id, word="agree"),
            town.desk.user(town.staff["risk"], f"pledge:{number}:agree"),
        )

    return act


def _nobody() -> Secured:
    return Secured(party_id=NOBODY, application_id=NOBODY, owed=Money.zero())


def _unsecured(town: Town) -> Secured | None:
    """Return a firm's loan that nothing secures yet, the latest lent; None where there is none."""
    for resident in reversed(town.residents):
        if resident.profile.firm is None or pledges_of_parties([resident.party_id]):
            continue
        for loan in list_loans(resident.party_id, town.desk.on):
            if loan.closed_on is None and loan.drawing_id is None and loan.days_past_due == 0:
                return Secured(
                    party_id=resident.party_id,
                    application_id=resident.application_id,
                    owed=loan.outstanding.principal,
                )
    return None


def _let_go(town: Town, number: int) -> Action:
    def act() -> None:
        release_id = _propose_release(town, number)
        if release_id is not None:
            town.after(1, lambda: release(release_id))

    def release(release_id: UUID) -> None:
        town.do(
            decide_release,
            DecideRelease(release_id=release_id, word="release"),
            town.desk.user(town.staff["risk"], f"release:{number}:decide"),
        )

    return act


def _propose_release(town: Town, number: int) -> UUID | None:
    """Propose to let go of a pledge whose loan is paid; None where there is none."""
    parties = [] if town.is_remembering else [one.party_id for one in town.residents]
    found = [one.id for one in pledges_of_parties(parties) if one.state == "agreed"]
    for pledge_id in [NOBODY] if town.is_remembering else found:
        try:
            proposed = town.do(
                propose_release,
                ProposeRelease(pledge_id=pledge_id, reason="settled", note="借款已结清。"),
                town.desk.user(town.staff["operator"], f"release:{number}:propose"),
            )
        except Refusal as refusal:
            town.refused[refusal.code] += 1
        else:
            return proposed.release_id
    return None
