"""Concentration limits by the real operations: analysts who propose and release them."""

from datetime import date
from decimal import Decimal

from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.concentrating.decide_concentration import (
    DecideConcentration,
    decide_concentration,
)
from rongqiao.lending.origination.operations.concentrating.propose_concentration import (
    ProposeConcentration,
    propose_concentration,
)
from tests.makers import journeys
from tests.parties.people import actor, make_user


def analysts_of(call, staff):
    """Two risk analysts."""
    users = make_user(), make_user()
    for user_id in users:
        journeys.give_role(call, *staff.administrators, user_id, "risk_analyst")
    return users


def proposal(kind, key, amount, *, percent=None, net_assets=None, from_on=None):
    """A limit in yuan, or a share of net assets; neither ends it."""
    return ProposeConcentration(
        limit_kind=kind,
        limit_key=key,
        amount=None if amount is None else Money.yuan(amount),
        percent=None if percent is None else Decimal(percent),
        net_assets=None if net_assets is None else Money.yuan(net_assets),
        from_on=from_on or date(2026, 1, 5),
        reason="风险偏好",
    )


def limited(call, analysts, kind, key, amount, **more):
    """Propose and release a limit."""
    first, second = analysts
    wish = proposal(kind, key, amount, **more)
    made = propose_concentration(wish, call(actor=actor(first)))
    release = DecideConcentration(limit_id=made.limit_id, word="release")
    decide_concentration(release, call(actor=actor(second)))
    return made.limit_id
