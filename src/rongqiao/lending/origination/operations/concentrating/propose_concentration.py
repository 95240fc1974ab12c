"""Propose a concentration limit, a change of one, or its end; another person releases it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.finance.rounding import Mode, Rounding
from rongqiao.lending.origination.conduct.cases import acting_staff
from rongqiao.lending.origination.models.concentration import CONCENTRATIONS, ConcentrationLimit
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role

PROPOSERS = (Role.RISK_ANALYST,)
LONGEST_REASON = 200
MOST_PERCENT = Decimal(100)
# A share is never more than the share.
DOWN = Rounding(Mode.DOWN)
_KEY = re.compile(r"[0-9a-z-]{0,64}", re.ASCII)


class ConcentrationWaits(Refusal):
    """A change of the same limit waits for its second person."""

    kind, code = Kind.CONFLICT, "origination.concentration-waits"


class ConcentrationRefused(Refusal):
    """A value that cannot stand in a concentration limit; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.bad-concentration"


@dataclass(frozen=True, kw_only=True)
class ProposeConcentration:
    """Which limit (kind and key, without a key for each of its kind), from when, and why.

    Either an amount, or a percentage of net assets as last stated; neither ends the limit.
    """

    limit_kind: str
    limit_key: str
    amount: Money | None
    percent: Decimal | None
    net_assets: Money | None
    from_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConcentrationProposed:
    """The version that waits; `amount` is none where it ends the limit."""

    limit_id: UUID
    amount: Money | None


@operation("origination.propose-concentration", restore=ConcentrationProposed)
def propose_concentration(command: ProposeConcentration, call: Call) -> ConcentrationProposed:
    """Put the version down; nothing is held under it before it is released.

    Raises RoleNeeded, ConcentrationRefused, ConcentrationWaits.
    """
    acting_staff(call, *PROPOSERS)
    _check_place(command)
    reason = " ".join(command.reason.split())
    _check("reason", reason, f"1 - {LONGEST_REASON}", ok=0 < len(reason) <= LONGEST_REASON)
    first = call.on.isoformat()
    _check("from_on", command.from_on.isoformat(), f">= {first}", ok=command.from_on >= call.on)
    amount = _amount(command)
    versions = ConcentrationLimit.objects.filter(kind=command.limit_kind, key=command.limit_key)
    if versions.filter(state="waiting").exists():
        raise ConcentrationWaits
    row = ConcentrationLimit(
        id=new_id(call.at),
        kind=command.limit_kind,
        key=command.limit_key,
        number=versions.count() + 1,
        amount_minor=None if amount is None else amount.minor,
        percent=command.percent,
        net_assets_minor=command.net_assets.minor if command.net_assets else None,
        from_on=command.from_on,
        reason=reason,
        proposed_by=call.actor,
        proposed_at=call.at,
        proposed_on=call.on,
    )
    try:
        row.save(force_insert=True)
    except IntegrityError:  # somebody else proposed the same one at the same time
        raise ConcentrationWaits from None
    return ConcentrationProposed(limit_id=row.pk, amount=amount)


def _check_place(command: ProposeConcentration) -> None:
    kind, key = command.limit_kind, command.limit_key
    _check("limit_kind", kind, ", ".join(CONCENTRATIONS), ok=kind in CONCENTRATIONS)
    _check("limit_key", key, "a-z 0-9 -", ok=bool(_KEY.fullmatch(key)))


def _amount(command: ProposeConcentration) -> Money | None:
    """Return what the version allows, a share of net assets rounded down; None to end it."""
    percent, assets = command.percent, command.net_assets
    is_whole = (percent is None) == (assets is None)
    _check("net_assets", "", "net assets and percentage together", ok=is_whole)
    if percent is None or assets is None:
        most = Money(LARGEST_MINOR)
        given = command.amount
        fits = given is None or Money.zero() <= given <= most
        _check("amount", given.text() if given else "", f"0.00 - {most.text()}", ok=fits)
        return given
    _check("amount", "", "an amount or a percentage, not both", ok=command.amount is None)
    fits = Decimal(0) < percent <= MOST_PERCENT and percent == round(percent, 2)
    _check("percent", str(percent), f"0.01 - {MOST_PERCENT}", ok=fits)
    _check("net_assets", assets.text(), "> 0", ok=0 < assets.minor <= LARGEST_MINOR)
    share = percent / 100
    top, bottom = share.as_integer_ratio()
    return Money(DOWN.of(assets.minor * top, bottom))


def _check(field: str, value: str, allowed: str, *, ok: bool) -> None:
    if not ok:
        raise ConcentrationRefused(field=field, value=value[:80], allowed=allowed)
