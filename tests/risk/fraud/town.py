"""A simulated town whose frauds are known: who did what when, seen with which attributes.

Everything follows from the seed. It is no real population: how common families, shops and frauds
are, and how careful fraudsters, was made up, to see what rules find and whom they trouble.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rongqiao.risk.fraud.attributes import Kind, of_address, of_phone, of_visit
from rongqiao.risk.fraud.profile import Deed

SEED = 20260101
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 60
END = BEGIN + timedelta(days=DAYS)
AGENTS = [f"Mozilla/5.0 Phone {n}|zh-CN" for n in range(300)]


@dataclass(frozen=True, order=True)
class Sighting:
    """One deed of one subject, with what was seen of it."""

    at: datetime
    subject: int
    deed: Deed
    marks: tuple = ()


@dataclass
class Town:
    """Its people by kind (a pattern of fraud or of innocence), and all that was seen, in order."""

    sightings: list = field(default_factory=list)
    kind_of: dict = field(default_factory=dict)
    frauds: tuple = ()
    tablet: str = ""

    @property
    def innocents(self):
        return {one for one, kind in self.kind_of.items() if kind not in self.frauds}


@dataclass
class Person:
    """What one subject is seen with."""

    number: int
    phone: str
    device: str
    agent: str
    ip: str
    address: str
    card: str
    contact: str
    joined_at: datetime


class Builder:
    def __init__(self, seed, people):
        self.chance = random.Random(seed)
        self.town, self.people = Town(), people

    def moment(self, spare_days=5):
        return BEGIN + timedelta(minutes=self.chance.randrange((DAYS - spare_days) * 24 * 60))

    def ip(self, first=None):
        if first:
            return f"{first}.{self.chance.randrange(1, 255)}"
        return "36." + ".".join(str(self.chance.randrange(1, 255)) for _ in range(3))

    def phone(self):
        return f"1{self.chance.choice('35789')}{self.chance.randrange(10**9):09d}"

    def person(self, kind, **given):
        number = len(self.town.kind_of)
        self.town.kind_of[number] = kind
        chance = self.chance
        default = {
            "phone": self.phone(),
            "device": f"device-{number}",
            "agent": chance.choice(AGENTS),
            "ip": self.ip(),
            "address": f"街{chance.randrange(400)}号楼{number}室",
            "card": f"6222{number:012d}"[:16],
            "contact": self.phone(),
            "joined_at": self.moment(),
        }
        return Person(number, **{**default, **given})

    def see(self, person, deed, at, device=None, ip=None, card=None):
        marks = []
        visit = of_visit(device or person.device, person.agent, ip or person.ip)
        if deed in (Deed.REGISTERED, Deed.LOGGED_IN, Deed.APPLIED):
            marks += visit
        if deed is Deed.REGISTERED:
            marks += of_phone(person.phone)
        if deed is Deed.APPLIED:
            marks += [*of_address(person.address), (Kind.CONTACT, person.contact)]
        if deed is Deed.CARD_ADDED:
            marks += [(Kind.CARD, card or person.card)]
        self.town.sightings.append(Sighting(at, person.number, deed, tuple(marks)))

    def live(self, person, applications=None, log_ins=None):
        """An ordinary life: register, a card, some log-ins, an application or two."""
        chance, at = self.chance, person.joined_at
        self.see(person, Deed.REGISTERED, at)
        self.see(person, Deed.CARD_ADDED, at + timedelta(minutes=chance.randrange(5, 600)))
        for _ in range(chance.randrange(1, 6) if log_ins is None else log_ins):
            self.see(person, Deed.LOGGED_IN, self._later(at))
        count = chance.choice([1, 1, 1, 2, 2]) if applications is None else applications
        for _ in range(count):
            self.see(person, Deed.APPLIED, self._later(at))
        if chance.random() < 0.4:
            self.see(person, Deed.WITHDREW, self._later(at))

    def _later(self, at):
        span = max(1, int((END - at).total_seconds() // 60) - 1)
        return at + timedelta(minutes=self.chance.randrange(1, span + 1))


def build(seed=SEED, people=3000):
    """Return the town of a seed, with about `people` innocents and all nine frauds."""
    maker = Builder(seed, people)
    for make in (
        _alone,
        _families,
        _shops,
        _carriers,
        _dormitory,
        _shared_flats,
        _phone_shop,
        _new_phones,
    ):
        make(maker)
    frauds = (
        _device_ring,
        _card_ring,
        _address_ring,
        _phones_in_a_row,
        _made_up_people,
        _referral_farm,
        _taken_over,
        _burst,
        _stackers,
    )
    before = set(maker.town.kind_of.values())
    for make in frauds:
        make(maker)
    maker.town.frauds = tuple(
        kind for kind in dict.fromkeys(maker.town.kind_of.values()) if kind not in before
    )
    maker.town.sightings.sort()
    return maker.town


def _alone(maker):
    for _ in range(maker.people * 30 // 100):
        maker.live(maker.person("alone"))


def _families(maker):
    chance, left = maker.chance, maker.people * 30 // 100
    while left > 0:
        size = chance.choice([2, 2, 3, 3, 4, 5])
        home = {"address": f"家园路{left}号2单元301", "ip": maker.ip()}
        if chance.random() < 0.2:
            home["device"] = f"tablet-of-home-{left}"
        if chance.random() < 0.3:
            home["contact"] = maker.phone()
        if chance.random() < 0.05:
            home["phone"] = maker.phone()
        for _ in range(size):
            maker.live(maker.person("family", **home))
        left -= size


def _shops(maker):
    chance, left = maker.chance, maker.people * 12 // 100
    while left > 0:
        size, ip = chance.randrange(8, 30), maker.ip()
        for _ in range(size):
            maker.live(maker.person("shop's network", ip=ip))
        left -= size


def _carriers(maker):
    addresses = [maker.ip("117.136.0") for _ in range(6)]
    for _ in range(maker.people * 22 // 100):
        maker.live(maker.person("carrier's address", ip=maker.chance.choice(addresses)))


def _dormitory(maker):
    for _ in range(max(60, maker.people * 4 // 100)):
        maker.live(maker.person("dormitory", address="大学路1号", ip=maker.ip("202.112.7")))


def _shared_flats(maker):
    """Seasonal workers: nine in a flat, and nothing else in common."""
    for n in range(3):
        for _ in range(9):
            maker.live(maker.person("crowded flat", address=f"工业路{n}号5单元202"))


def _phone_shop(maker):
    """A shop registers its customers on its own tablet: a ring of nobody's making."""
    maker.town.tablet = "tablet-of-phone-shop"
    for _ in range(25):
        person = maker.person("phone shop's tablet")
        maker.see(person, Deed.REGISTERED, person.joined_at, device=maker.town.tablet)
        after = timedelta(hours=maker.chance.randrange(2, 72))
        maker.see(person, Deed.LOGGED_IN, person.joined_at + after)
        maker.see(person, Deed.APPLIED, person.joined_at + after * 2)


def _new_phones(maker):
    """Settled people buy a phone; some withdraw on the same day, a few add a card."""
    for n in range(max(20, maker.people * 2 // 100)):
        person = maker.person("new phone", joined_at=BEGIN + timedelta(days=1, minutes=n))
        maker.live(person, applications=1)
        bought = maker.moment(10) + timedelta(days=9)
        maker.see(person, Deed.LOGGED_IN, bought, device=f"{person.device}-new")
        waits = timedelta(hours=3) if n % 4 == 0 else timedelta(days=3)
        maker.see(person, Deed.WITHDREW, bought + waits)
        if n % 10 == 3:
            maker.see(person, Deed.CARD_ADDED, bought + waits, card=f"621799990000{n:04d}")


def _device_ring(maker):
    """Fifty accounts on one device; four careful ones each use a phone of their own."""
    begin = BEGIN + timedelta(days=20)
    for n in range(50):
        device = f"own-{n}" if n % 12 == 11 else "ring-device"
        joined = begin + timedelta(minutes=47 * n)
        maker.live(maker.person("device ring", device=device, joined_at=joined))


def _card_ring(maker):
    """Twenty accounts name the same three cards one after another."""
    begin = BEGIN + timedelta(days=11)
    for n in range(20):
        joined = begin + timedelta(hours=9 * n)
        maker.live(maker.person("card ring", card=f"622800000000{n % 3:04d}", joined_at=joined))


def _address_ring(maker):
    """Eighteen borrowers live in one flat; two write another address."""
    for n in range(18):
        address = f"别处路{n}号1单元101" if n % 9 == 8 else "和平路7号2单元301"
        maker.live(maker.person("address ring", address=address))


def _phones_in_a_row(maker):
    """A box of SIM cards with numbers in a row, each in a phone of its own."""
    begin = BEGIN + timedelta(days=31)
    for n in range(24):
        joined = begin + timedelta(hours=2 * n)
        phone = f"17012345{n * 3:03d}"
        maker.live(maker.person("phones in a row", phone=phone, joined_at=joined))


def _made_up_people(maker):
    """Identities put together from pieces: two contacts vouch for most of them."""
    contacts = [maker.phone(), maker.phone()]
    for n in range(16):
        given = {} if n % 5 == 4 else {"contact": contacts[n % 2]}
        maker.live(maker.person("synthetic identity", **given))


def _referral_farm(maker):
    """Thirty referees of one referrer on three phones, in one network, numbers nearly in a row."""
    begin = BEGIN + timedelta(days=40)
    for n in range(31):
        joined = begin + timedelta(hours=3 * n)
        maker.live(
            maker.person(
                "referral farm",
                device=f"farm-{n % 3}",
                ip=maker.ip("45.9.8"),
                phone=f"16534567{n * 5:03d}",
                joined_at=joined,
            ),
            applications=1,
        )


def _taken_over(maker):
    """A settled account, a stranger's device, a new card, the money gone; some wait two days."""
    for n in range(15):
        person = maker.person("account takeover", joined_at=BEGIN + timedelta(days=1, hours=n))
        maker.live(person)
        at = BEGIN + timedelta(days=45, hours=n)
        device, ip = f"stranger-{n}", maker.ip()
        maker.see(person, Deed.LOGGED_IN, at, device=device, ip=ip)
        waits = timedelta(days=2) if n % 5 == 4 else timedelta(minutes=20)
        maker.see(person, Deed.CARD_ADDED, at + waits, card=f"621700000000{n:04d}")
        maker.see(person, Deed.WITHDREW, at + waits * 2)


def _burst(maker):
    """Forty registrations from one network within an hour, cookies thrown away each time."""
    begin = BEGIN + timedelta(days=50)
    for n in range(40):
        joined = begin + timedelta(seconds=80 * n)
        ip = maker.ip("103.77.5")
        maker.live(maker.person("velocity burst", ip=ip, joined_at=joined), log_ins=0)


def _stackers(maker):
    """Five to seven applications within days; two spread them over weeks."""
    for n in range(12):
        person = maker.person("loan stacking", joined_at=BEGIN + timedelta(days=3, hours=n))
        maker.live(person, applications=0)
        at = BEGIN + timedelta(days=30, hours=n)
        step = timedelta(days=4) if n % 6 == 5 else timedelta(hours=9)
        for k in range(5 + n % 3):
            maker.see(person, Deed.APPLIED, at + step * k)
