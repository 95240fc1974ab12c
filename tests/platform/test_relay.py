"""Facts reach their handlers at least once, in order per subject; poison is parked."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.platform import relay
from rongqiao.platform.events import Event, publish
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.operations import operation

PRICE = Money(3)


@dataclass(frozen=True, kw_only=True)
class Rang(Event):
    name = "test.rang"
    door: str
    number: int
    paid: Money = PRICE

    @property
    def subject(self):
        return f"door:{self.door}"


@dataclass(frozen=True, kw_only=True)
class Ring:
    door: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Done:
    number: int


@operation("test.ring", restore=Done)
def ring(command, call):
    publish(
        Rang(door=command.door, number=command.number, happened_at=call.at, happened_on=call.on)
    )
    return Done(number=command.number)


def test_a_fact_told_in_a_refused_operation_was_never_told(call):
    @operation("test.fails", restore=Done)
    def fails(command, inner):
        publish(Rang(door="a", number=1, happened_at=inner.at, happened_on=inner.on))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails(Ring(door="a", number=1), call(key="k"))
    assert OutboxEvent.objects.count() == 0


def test_handlers_get_the_fact_and_a_call_of_their_own(live_db, call):
    heard = []
    ring(Ring(door="a", number=1), call(key="k"))

    def listen(event, its_call):
        heard.append((event, its_call.key, its_call.on))

    assert relay.drain({Rang: [listen]}) == 1
    assert relay.drain({Rang: [listen]}) == 0
    ((event, key, on),) = heard
    assert (event.door, event.number, event.paid) == ("a", 1, Money(3))
    assert key.endswith(":listen")
    assert on == event.happened_on


def test_a_failing_fact_waits_with_its_subject_and_others_go_on(live_db, call, clock):
    heard, broken = [], {"a"}
    for number in (1, 2):
        for door in "ab":
            ring(Ring(door=door, number=number), call(key=f"{door}{number}"))

    def listen(event, _call):
        if event.door in broken:
            raise ValueError
        heard.append((event.door, event.number))

    relay.drain({Rang: [listen]})
    assert heard == [("b", 1), ("b", 2)]
    broken.clear()
    clock.move(timedelta(seconds=40))
    relay.drain({Rang: [listen]})
    assert heard[2:] == [("a", 1), ("a", 2)]


def test_poison_is_parked_where_it_is_seen_and_can_be_given_back(live_db, call, clock):
    heard = []
    ring(Ring(door="a", number=1), call(key="1"))
    ring(Ring(door="a", number=2), call(key="2"))

    def listen(event, _call):
        if event.number == 1:
            raise ValueError
        heard.append(event.number)

    for _ in range(relay.ATTEMPTS):
        relay.drain({Rang: [listen]})
        clock.move(timedelta(minutes=10))
    relay.drain({Rang: [listen]})
    (stuck,) = relay.parked()
    assert stuck.payload["number"] == 1
    assert "ValueError" in stuck.last_error
    assert heard == [2]
    assert relay.unpark(relay.Unpark(event_id=stuck.pk), call(key="u")).was_parked
    relay.drain({Rang: [lambda event, _call: heard.append(event.number)]})
    assert heard == [2, 1]
    assert relay.parked() == []


def test_an_event_claimed_by_a_killed_relay_comes_back(live_db, call, clock):
    heard = []
    ring(Ring(door="a", number=1), call(key="1"))
    relay._claim()
    subscribers = {Rang: [lambda event, _call: heard.append(event.number)]}
    relay.drain(subscribers)
    assert heard == []
    clock.move(relay.LEASE)
    relay.drain(subscribers)
    assert heard == [1]


def test_four_relays_deliver_each_subject_in_order(live_db, call):
    for number in range(20):
        for door in "abc":
            ring(Ring(door=door, number=number), call(key=f"{door}{number}"))
    heard, lock = [], threading.Lock()

    def listen(event, _call):
        with lock:
            heard.append((event.door, event.number))

    def work():
        for _ in range(30):
            relay.drain({Rang: [listen]})
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for door in "abc":
        assert [number for one, number in heard if one == door] == list(range(20))
