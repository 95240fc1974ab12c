"""Letting a pledge go: whether the case can do without it, and the rows that say it is gone."""

from __future__ import annotations

from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.events import SecurityChanged
from rongqiao.lending.collateral.models import Collateral, Pledge, PledgeRelease
from rongqiao.lending.collateral.queries.security import Security, security_of_pledge
from rongqiao.lending.collateral.sealing import unseal
from rongqiao.parties.queries import find_identities
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal


class PledgeStillNeeded(Refusal):
    """Something is owed and the other pledges do not cover it; facts: `debt`, `left` (in yuan)."""

    code = "collateral.still-needed"


def check_spared(pledge: Pledge, reason: str, call: Call) -> Security:
    """Return what secures the case of a locked standing pledge; raises PledgeStillNeeded.

    A loan settled owes nothing; otherwise the other pledges cover the debt as the rule of the kind
    asks, and as the product does.
    """
    security = security_of_pledge(pledge, call.on)
    is_spared = security.can_do_without(pledge.pk)
    if reason == "settled":
        is_spared = not security.debt
    if not is_spared:
        left = security.cover_without(pledge.pk)
        raise PledgeStillNeeded(debt=security.debt.text(), left=left.text())
    return security


def let_go(pledge: Pledge, item: Collateral, call: Call) -> None:
    """Mark a locked standing pledge released, and its locked item that much freer."""
    pledge.state, pledge.released_at, pledge.released_on = "released", call.at, call.on
    pledge.save(update_fields=["state", "released_at", "released_on"])
    item.secured_minor -= pledge.amount_minor
    item.save(update_fields=["secured_minor"])


def note_release(release: PledgeRelease, security: Security, call: Call) -> None:
    """Set the second person's word on a release, with what was owed and what is left."""
    release.state, release.decided_by, release.decided_at = "released", call.actor, call.at
    release.debt_minor = security.debt.minor
    release.cover_left_minor = security.cover_without(release.pledge_id).minor


def tell(pledge: Pledge, call: Call) -> None:
    """Tell that what secures the pledge's case has changed, as it stands now."""
    security = security_of_pledge(pledge, call.on)
    publish(
        SecurityChanged(
            application_id=pledge.application_id,
            agreement_id=pledge.agreement_id,
            party_id=pledge.party_id,
            pledge_id=pledge.pk,
            pledge_number=pledge.number,
            amount=Money(pledge.amount_minor),
            is_released=pledge.state == "released",
            has_free_vehicle=security.has_free_vehicle,
            case_number=security.case.number,
            collateral_kind=pledge.collateral.kind,
            given_by=_giver(pledge.collateral),
            happened_at=call.at,
            happened_on=call.on,
        )
    )


def _giver(item: Collateral) -> UUID | None:
    """Return the party that gave an item; a guarantor's, where the guarantor is a customer."""
    if item.kind != "guarantee":
        return item.party_id
    number = unseal(item)["guarantor_number"]
    known = find_identities([number]).get(number)
    return known.party_id if known else None
