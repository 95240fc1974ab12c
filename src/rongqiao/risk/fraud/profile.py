"""What is known of one party's sightings, and the named figures that rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from rongqiao.risk.fraud.attributes import Kind
from rongqiao.risk.fraud.velocity import Window
from rongqiao.risk.judging.features import Value


class Deed(StrEnum):
    """What a party did when it was seen."""

    REGISTERED = "registered"
    IDENTIFIED = "identified"
    VISITED = "visited"
    LOGGED_IN = "logged-in"
    APPLIED = "applied"
    CARD_ADDED = "card-added"
    WITHDREW = "withdrew"
    DREW = "drew"
    REPAID = "repaid"


# A device first seen less than this before a card is added, on an account that had another one for
# longer than SETTLED, looks like somebody else at the keyboard. A withdrawal to a card that was
# there before does not: the money goes to its owner.
FRESH = timedelta(hours=24)
SETTLED = timedelta(days=7)
# Of whom one attribute tells how many share it; the names of the figures follow from it.
SHARED = {
    Kind.DEVICE: "fraud.device-accounts",
    Kind.CARD: "fraud.card-holders",
    Kind.PHONE: "fraud.phone-accounts",
    Kind.EMAIL: "fraud.email-accounts",
    Kind.ADDRESS: "fraud.address-people",
    Kind.SETTING: "fraud.setting-accounts",
}
VELOCITIES = {
    Deed.APPLIED: "applications",
    Deed.LOGGED_IN: "log-ins",
    Deed.CARD_ADDED: "cards",
    Deed.WITHDREW: "withdrawals",
}
PHONE_NEIGHBOURS = "fraud.phone-neighbours-7d"
NETWORK_REGISTRATIONS = "fraud.network-registrations-1h"
CONTACT_HOMES = "fraud.contact-homes"
TAKEOVER = "fraud.new-device-before-card"
RING_SIZE = "fraud.ring-size"
LIST = "fraud.list"
CASE = "fraud.case"
SCORE = "fraud.score"
OUTCOME = "fraud.outcome"


@dataclass(frozen=True)
class DeviceSeen:
    """When a party was first and last seen with one device."""

    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One party as seen up to a moment.

    `holders`: by kind, how many parties share the most shared of its attributes, itself counted.
    Hubs and what stands on the white list do not count. `contact_homes`: in how many homes the
    same person is named as emergency contact. `deeds`: by deed, counts by window. `devices` and
    `card_at` (when a card was last added) serve the take-over rule.
    `phone_neighbours`: parties first seen with another phone of the same hundred within seven days
    of this one; `network_registrations`: those from its network in the hour of its own.
    """

    holders: Mapping[Kind, int] = field(default_factory=dict)
    deeds: Mapping[Deed, Mapping[Window, int]] = field(default_factory=dict)
    devices: tuple[DeviceSeen, ...] = ()
    card_at: datetime | None = None
    contact_homes: int = 0
    phone_neighbours: int = 0
    network_registrations: int = 0
    ring_size: int = 0
    listed: str | None = None
    case: str | None = None


def values_of(profile: Profile) -> dict[str, Value]:
    """Return every figure by its name; counts are 0 where nothing was seen."""
    values: dict[str, Value] = {
        name: Decimal(profile.holders.get(kind, 0)) for kind, name in SHARED.items()
    }
    for deed, name in VELOCITIES.items():
        counted = profile.deeds.get(deed, {})
        for window in Window:
            values[f"fraud.velocity-{name}-{window}"] = Decimal(counted.get(window, 0))
    values[PHONE_NEIGHBOURS] = Decimal(profile.phone_neighbours)
    values[NETWORK_REGISTRATIONS] = Decimal(profile.network_registrations)
    values[TAKEOVER] = is_taken_over(profile.devices, profile.card_at)
    values[CONTACT_HOMES] = Decimal(profile.contact_homes)
    values[RING_SIZE] = Decimal(profile.ring_size)
    values[LIST] = profile.listed
    values[CASE] = profile.case
    return values


def is_taken_over(devices: tuple[DeviceSeen, ...], card_at: datetime | None) -> bool:
    """Tell whether a card came soon after a device that is not the settled one."""
    if card_at is None:
        return False
    known = [one for one in devices if one.first_at <= card_at]
    if len(known) < 2:
        return False
    is_settled = min(one.first_at for one in known) <= card_at - SETTLED
    newest = max(known, key=lambda one: one.first_at)
    return is_settled and newest.first_at > card_at - FRESH
