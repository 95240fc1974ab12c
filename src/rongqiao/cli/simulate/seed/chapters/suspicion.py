"""What is suspected: accounts on one device that make a ring, names that a list brings up.

The accounts are nobody's and say so in their names; the list says of itself that it is of the
demonstration. Rules, screening and the daily run are the platform's own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

from rongqiao.cli.simulate.people import identities
from rongqiao.cli.simulate.people.profiles import Person
from rongqiao.cli.simulate.seed.chapters.outside import ASKED_AT
from rongqiao.cli.simulate.seed.chapters.terms import NOBODY
from rongqiao.cli.simulate.staff import make_user
from rongqiao.cli.simulate.town import Town
from rongqiao.config.wiring import LOOK_AFTER_LAUNDERING
from rongqiao.parties.operations.consents.give_consent import GiveConsent, give_consent
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.operations.register_person import RegisterPerson, register_person
from rongqiao.policies.consents import TEXTS
from rongqiao.risk.operations.fraud.gather_rings import GatherRings, gather_rings
from rongqiao.risk.operations.fraud.sight import Sight, sight
from rongqiao.risk.operations.laundering.decide_alert import DecideAlert, decide_alert
from rongqiao.risk.queries.laundering.alerts import list_alerts
from rongqiao.risk.queries.watching.marks import visit_marks

# On which day of a hundred lived the accounts are opened.
OPENED_AT = 94
# As many as make a ring, by names that no customer has.
NAMES = tuple(f"演示{one}" for one in "甲乙丙丁戊己庚辛")
SEED, FIRST_NUMBER = 20_260_401, 950_000
DEVICE, AGENT = "demonstration-device-1", "demonstration"
PURSUED = "演示：姓名与名单相同，转入个案核实。非真实名单。"


def suspect(town: Town) -> None:
    """Put down the ring, and compliance's days from the list's arrival on."""
    days = (town.last - town.desk.first).days
    town.on(town.desk.first + timedelta(days=days * OPENED_AT // 100), lambda: _open(town))
    day = town.desk.first + timedelta(days=days * ASKED_AT // 100 + 1)
    town.on(day, lambda: _pursue(town))
    while day <= town.last:
        town.on(day, lambda: _watch(town))
        day += timedelta(days=1)


def _open(town: Town) -> None:
    """Open the accounts; who they are is known by the next day, when rings are gathered."""
    town.after(1, lambda: _gather(town))
    for number, name in enumerate(NAMES, start=1):
        _register(town, replace(_invented(town, number), name=name), f"ring:{number}")


def _invented(town: Town, number: int) -> Person:
    draw = Random(f"{SEED}/{number}")  # noqa: S311 - invented people, no secret
    born_on = identities.born_years_before(town.desk.first, draw.randrange(22, 45), draw)
    return identities.invent_person(draw, SEED, FIRST_NUMBER + number, born_on)


def _register(town: Town, person: Person, key: str) -> None:
    user_id = person.user_id
    if not town.is_remembering:
        make_user(user_id, town.desk.clock.instant)
    phone = SetPhone(user_id=user_id, phone=person.phone, is_proved=True)
    town.do(set_phone, phone, town.desk.user(user_id, f"{key}:phone"))
    for text in {one.kind: one for one in reversed(TEXTS)}.values():
        consent = GiveConsent(user_id=user_id, kind=text.kind, version=text.version)
        town.do(give_consent, consent, town.desk.user(user_id, f"{key}:consent:{text.kind}"))
    seen = Sight(subject_id=user_id, deed="registered", marks=visit_marks(DEVICE, AGENT, ""))
    town.do(sight, seen, town.desk.system(f"{key}:seen"))
    register = RegisterPerson(user_id=user_id, name=person.name, resident_id=person.resident_id)
    town.do(register_person, register, town.desk.user(user_id, f"{key}:person"))


def _gather(town: Town) -> None:
    town.do(gather_rings, GatherRings(), town.desk.system("ring:gather"))


def _watch(town: Town) -> None:
    """Do what the worker does each day: names against new lists, yesterday's money."""
    if not town.is_remembering:
        LOOK_AFTER_LAUNDERING(town.desk.on)


def _pursue(town: Town) -> None:
    """An officer takes the first name that was found into a case; the others wait."""
    _watch(town)
    alert_id = NOBODY if town.is_remembering else _first_name()
    if alert_id is None:
        return
    command = DecideAlert(alert_id=alert_id, word="pursue", reason=PURSUED)
    town.do(decide_alert, command, town.desk.user(town.staff["compliance"], "suspect:pursue"))


def _first_name() -> UUID | None:
    return next((one.id for one in list_alerts(kind="name", limit=1)), None)
