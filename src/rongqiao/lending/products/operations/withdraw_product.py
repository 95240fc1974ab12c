"""Take a product off offer: no new application from that date; what is lent runs on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.lending.products.authority import acting_staff
from rongqiao.lending.products.models import ProductVersion
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role


@dataclass(frozen=True, kw_only=True)
class WithdrawProduct:
    """Which product, and why (kept on record)."""

    code: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """How many published versions were taken back."""

    withdrawn_on: date
    versions: int


@operation("products.withdraw_product", restore=Withdrawn)
def withdraw_product(command: WithdrawProduct, call: Call) -> Withdrawn:
    """Withdraw every published version of a product. Raises NotFound, RoleNeeded."""
    acting_staff(call, Role.OPERATOR)
    versions = ProductVersion.objects.filter(
        product_id=command.code, published_on__isnull=False, withdrawn_on=None
    ).update(withdrawn_by=call.actor, withdrawn_at=call.at, withdrawn_on=call.on)
    if not versions:
        raise NotFound(what="product", value=command.code)
    return Withdrawn(withdrawn_on=call.on, versions=versions)
