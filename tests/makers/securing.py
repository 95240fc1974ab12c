"""Collateral by the real operations: vehicles and other items, valued, pledged and released."""

from dataclasses import dataclass
from uuid import UUID

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
from tests.parties.people import actor, credit_code

_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Desk:
    """Who registers and proposes, and who agrees."""

    keeper: UUID
    decider: UUID


def desk_of(staff):
    """The reviewer and the approver of a staff."""
    return Desk(staff.reviewer, staff.approver)


def vin(number):
    """A vehicle identification number with its check digit (ISO 3779, GB 16735)."""
    body = f"LSVAA49J{0}X{number:07d}"
    total = sum(
        int(_VALUES.get(mark, mark)) * weight for mark, weight in zip(body, _WEIGHTS, strict=True)
    )
    return f"{body[:8]}{'0123456789X'[total % 11]}{body[9:]}"


def particulars(kind, number=1, **changes):
    """What is said of an item of a kind; the number makes it another one."""
    said = {
        "vehicle": {
            "vin": vin(number),
            "plate": f"京A{number:05d}",
            "make": "大众 朗逸",
            "year": "2023",
            "mileage": "36000",
        },
        "real_estate": {
            "certificate": f"京(2024)朝阳区不动产权第{number:07d}号",
            "address": "北京市朝阳区示范路 8 号 2 单元 301",
            "area": "89.50",
            "share": "100",
        },
        "receivable": {
            "debtor": "示范制造有限公司",
            "invoice": f"{number:020d}",
            "amount": "200000.00",
            "ends_on": "2026-06-30",
        },
        "deposit": {"bank": "示范银行", "account": f"62220000{number:08d}", "amount": "50000.00"},
        "guarantee": {
            "guarantor": "示范担保有限公司",
            "guarantor_number": credit_code(900),
            "contract": f"保字第{number:04d}号",
            "guarantee": "joint",
            "amount": "100000.00",
            "ends_on": "2028-12-31",
        },
    }[kind]
    return tuple({**said, **changes}.items())


def register(call, desk, party_id, kind="vehicle", number=1, **changes):
    """Put an item into the register; return its id."""
    command = RegisterCollateral(
        collateral_kind=kind, party_id=party_id, particulars=particulars(kind, number, **changes)
    )
    return register_collateral(command, call(actor=actor(desk.keeper))).collateral_id


def value(call, desk, item, yuan="100000", *, prior="0", on=None, basis="market"):
    """Value an item as of a day, today where none is said."""
    made = call(actor=actor(desk.keeper))
    command = RecordValuation(
        collateral_id=item,
        on=on or made.on,
        valuer="示范价格评估有限公司",
        basis=basis,
        value=Money.yuan(yuan),
        prior=Money.yuan(prior),
        document="评字 2026-001",
    )
    return record_valuation(command, made)


def valued(call, desk, party_id, kind="vehicle", number=1, yuan="100000", **more):
    """An item in the register with a value of today."""
    item = register(call, desk, party_id, kind, number)
    value(call, desk, item, yuan, **more)
    return item


def propose(call, desk, item, yuan, **what):
    """Propose a pledge for an application or an agreement; return its id."""
    command = ProposePledge(collateral_id=item, amount=Money.yuan(yuan), **what)
    return propose_pledge(command, call(actor=actor(desk.keeper))).pledge_id


def decide(call, desk, pledge_id, word="agree", reason=""):
    """The second person's word on a pledge."""
    command = DecidePledge(pledge_id=pledge_id, word=word, reason=reason)
    return decide_pledge(command, call(actor=actor(desk.decider)))


def pledged(call, desk, item, yuan, **what):
    """A standing pledge; return its id."""
    pledge_id = propose(call, desk, item, yuan, **what)
    decide(call, desk, pledge_id)
    return pledge_id


def wish_release(call, desk, pledge_id, reason="settled"):
    """Propose to let a pledge go; return the release's id."""
    command = ProposeRelease(pledge_id=pledge_id, reason=reason)
    return propose_release(command, call(actor=actor(desk.keeper))).release_id


def decide_on_release(call, desk, release_id, word="release", reason=""):
    """The second person's word on a release."""
    command = DecideRelease(release_id=release_id, word=word, reason=reason)
    return decide_release(command, call(actor=actor(desk.decider)))
