"""What a borrower pledged, and what stands for what they owe: to read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from rongqiao.lending.collateral.queries.pledges import PledgeView, pledges_of_parties
from rongqiao.lending.collateral.queries.register import ItemView, get_items
from rongqiao.parties.queries import PartyView
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower.credit.items import Words, lines_of, titled
from rongqiao.web.borrower.words import COLLATERAL, say
from rongqiao.web.frame.access import acting, hold_to_owner, party_of

STATES: Words = {"agreed": _("生效中"), "released": _("已解除")}


@acting
def pledges(request: HttpRequest) -> HttpResponse:
    """Show every pledge on what the party gave, or for what it owes; nothing is done here.

    With `party`, as notices link here, it is that party's alone.
    Of an item that somebody else gave no more than its kind is told, and of another's debt nothing.
    """
    if wanted := request.GET.get("party"):
        hold_to_owner(request, _party_id(wanted), "pledges")
    party = party_of(request)
    found = pledges_of_parties([party.id])
    items = get_items((one.collateral_id for one in found), clock.business_date())
    rows = [_row(one, items[one.collateral_id], party) for one in found]
    return render(request, "borrower/loans/pledges.html", {"rows": rows})


def _party_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _row(one: PledgeView, item: ItemView, party: PartyView) -> dict[str, Any]:
    is_mine, is_my_debt = item.party_id == party.id, one.party_id == party.id
    return {
        "it": one,
        "kind": say(COLLATERAL, one.kind),
        "title": titled(item) if is_mine else "",
        "lines": lines_of(item, masked=True) if is_mine else [],
        "value": item.value if is_mine and item.valued_on else None,
        "valued_on": item.valued_on,
        "case": one.case_number if is_my_debt else "",
        "is_mine": is_mine,
        "state": say(STATES, one.state),
        "tone": "success" if one.state == "agreed" else "",
    }
