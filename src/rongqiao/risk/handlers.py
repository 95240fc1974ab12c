"""Reactions to facts: whoever becomes a customer is held against the lists."""

from __future__ import annotations

from rongqiao.parties.events import PartyRegistered
from rongqiao.platform.operations import Call
from rongqiao.risk.operations.laundering.screen_party import (
    REGISTERED,
    ScreenParty,
    screen_party,
)


def screen_new_party(event: PartyRegistered, call: Call) -> None:
    """Screen a new party; the registration itself knows nothing of it."""
    screen_party(ScreenParty(party_id=event.party_id, cause=REGISTERED), call)
