"""What two parties may have in common: each attribute in one normal form, and how telling it is.

An attribute's value never leaves this module's callers in clear: what is stored and compared is its
keyed digest. Kinds, weights and bounds are the house's own; no published table of them is known.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rongqiao.policies.identifiers import BadIdentifier, bank_card, mobile_phone


class Kind(StrEnum):
    """The kinds of attribute."""

    DEVICE = "device"
    AGENT = "agent"
    SETTING = "setting"
    IP = "ip"
    NETWORK = "network"
    PHONE = "phone"
    PHONE_BLOCK = "phone-block"
    EMAIL = "email"
    CARD = "card"
    RESIDENT_ID = "resident-id"
    ADDRESS = "address"
    EMPLOYER = "employer"
    CONTACT = "contact"


@dataclass(frozen=True)
class Bearing:
    """How a kind joins parties: its weight of 100, and how many holders make it join.

    Below `least` holders sharing is everyday; above `most` it is a hub (a carrier's address, a
    university's dormitory) that joins strangers. `most` 0: the kind never joins by itself.
    """

    weight: int
    least: int = 2
    most: int = 0

    @property
    def joins(self) -> bool:
        """Whether parties may be joined by this kind at all."""
        return self.most > 0


BEARINGS: dict[Kind, Bearing] = {
    Kind.DEVICE: Bearing(90, 2, 500),
    Kind.CARD: Bearing(95, 2, 200),
    Kind.PHONE: Bearing(80, 2, 60),
    Kind.EMAIL: Bearing(80, 2, 60),
    Kind.ADDRESS: Bearing(60, 2, 40),
    # A mother stands as contact for her children: three are a family, four are telling.
    Kind.CONTACT: Bearing(55, 4, 60),
    # The same browser at the same address: stands in for a device that throws its cookie away.
    Kind.SETTING: Bearing(50, 4, 60),
    Kind.PHONE_BLOCK: Bearing(40),
    Kind.NETWORK: Bearing(15),
    Kind.IP: Bearing(20),
    Kind.EMPLOYER: Bearing(10),
    Kind.AGENT: Bearing(5),
    Kind.RESIDENT_ID: Bearing(100),
}
# Kinds of which staff may look for a value or put one on a list.
LISTABLE = (
    Kind.PHONE,
    Kind.RESIDENT_ID,
    Kind.CARD,
    Kind.EMAIL,
    Kind.DEVICE,
    Kind.IP,
    Kind.ADDRESS,
    Kind.EMPLOYER,
)
_NUMBERS = re.compile(r"\d+")
_GAPS = re.compile(r"[\s\-_,.;:、，。；：()（）#]+")
# Numbers of houses and rooms are written in both ways: 3号楼, 三号楼.
_NUMERALS = str.maketrans("〇一二三四五六七八九", "0123456789")


class Unreadable(ValueError):
    """The text has no normal form of its kind."""


def normal(kind: Kind, text: str) -> str:
    """Return the one form under which a value is compared; raises Unreadable.

    Resident ids are expected in the form of `policies.identifiers`; a phone block is the first
    nine digits of a phone, a hundred numbers in a row.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if not folded:
        raise Unreadable(kind)
    try:
        return _FORMS.get(kind, _folded)(folded)
    except (BadIdentifier, ValueError) as error:
        raise Unreadable(kind) from error


def of_phone(phone: str) -> Iterator[tuple[Kind, str]]:
    """Yield what a phone number tells: itself and its hundred."""
    number = normal(Kind.PHONE, phone)
    yield Kind.PHONE, number
    yield Kind.PHONE_BLOCK, number[:9]


def of_address(address: str) -> Iterator[tuple[Kind, str]]:
    """Yield a home that is told down to the door; a street or a campus joins strangers."""
    text = normal(Kind.ADDRESS, address)
    if len(_NUMBERS.findall(text)) >= 2:
        yield Kind.ADDRESS, text


def of_visit(device: str, agent: str, address: str) -> Iterator[tuple[Kind, str]]:
    """Yield what a browser's visit tells; what is missing or unreadable is left out.

    So is an address inside a house (a proxy's, the machine's own): it is the same for everybody.
    """
    given = {Kind.DEVICE: device, Kind.AGENT: agent, Kind.IP: _public(address)}
    readable: dict[Kind, str] = {}
    for kind, text in given.items():
        try:
            readable[kind] = normal(kind, text)
        except Unreadable:
            continue
    yield from readable.items()
    if Kind.IP in readable:
        yield Kind.NETWORK, network_of(readable[Kind.IP])
        if Kind.AGENT in readable:
            yield Kind.SETTING, f"{readable[Kind.IP]}|{readable[Kind.AGENT]}"


def network_of(address: str) -> str:
    """Return the /24 of an IPv4 address, the /48 of an IPv6 address; raises ValueError."""
    one = ipaddress.ip_address(address)
    if one.version == 6 and one.ipv4_mapped is not None:
        one = one.ipv4_mapped
    size = 24 if one.version == 4 else 48
    return str(ipaddress.ip_network(f"{one}/{size}", strict=False))


def _public(address: str) -> str:
    try:
        return "" if ipaddress.ip_address(address).is_private else address
    except ValueError:
        return ""


def _address(text: str) -> str:
    return _GAPS.sub("", text.casefold()).translate(_NUMERALS)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _email(text: str) -> str:
    """A part after a plus sign names a folder of the same mailbox (RFC 5233)."""
    local, at, domain = text.casefold().partition("@")
    if not at or not domain:
        raise ValueError("no mail address")
    return f"{local.partition('+')[0]}@{domain}"


def _ip(text: str) -> str:
    one = ipaddress.ip_address(text)
    mapped = one.ipv4_mapped if one.version == 6 else None
    return str(mapped or one)


def _card(text: str) -> str:
    return bank_card(text).number


_FORMS = {
    Kind.PHONE: mobile_phone,
    Kind.CONTACT: mobile_phone,
    Kind.CARD: _card,
    Kind.EMAIL: _email,
    Kind.IP: _ip,
    Kind.ADDRESS: _address,
    Kind.EMPLOYER: _address,
    Kind.RESIDENT_ID: str.upper,
}
