"""Overdue loans with people who owe them, and collectors to work their cases."""

import time
from datetime import timedelta
from uuid import UUID

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from tests.makers.loans import Lend, lend
from tests.parties.people import actor, make_person

PATIENCE = 300


def pass_days(clock, days):
    """Let days go by: business dates close, and what they tell is heard."""
    until = platform_clock.business_date() + timedelta(days=days)
    clock.move(timedelta(days=days))
    catch_up(until)
    relay.drain(SUBSCRIBERS)


def debtor(call, number):
    """Return the party and user of somebody with a proved phone."""
    user_id, party = make_person(call, number)
    phone = f"138{number:08d}"
    set_phone(SetPhone(user_id=user_id, phone=phone, is_proved=True), call(actor=actor(user_id)))
    return party, user_id


def overdue_cases(clock, call, count=1, days=40, first=100, **options) -> list[UUID]:
    """Return the cases of `count` people who paid nothing for `days` days (a month and more)."""
    parties = [debtor(call, first + number)[0] for number in range(count)]
    wanted = {"principal": 1_200_000, **options}
    for party in parties:
        lend(Lend(party=party, **wanted), call(actor="system:test"))
    pass_days(clock, days)
    for _ in range(PATIENCE):
        # Where a site's worker delivers too, what it took may not have arrived yet.
        if CollectionCase.objects.filter(party_id__in=parties).count() == count:
            break
        time.sleep(0.1)
    found = {one.party_id: one.pk for one in CollectionCase.objects.all()}
    return [found[party] for party in parties]
