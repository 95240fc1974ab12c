"""Robbery 5: bonuses for made-up friends. Every way of it is refused or held, and says why."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.platform.events import Event, publish
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.fraud.attributes import Kind
from rongqiao.risk.fraud.farm import (
    PayoutFacts,
    Ruling,
    circle_of,
    is_real_repayment,
    rule_on,
)
from rongqiao.risk.handlers import rule_on_payout, trace_draw, trace_repayment
from rongqiao.risk.models.fraud import PayoutRulingRecord, Ring
from rongqiao.risk.operations.fraud.gather_rings import GatherRings, gather_rings
from rongqiao.risk.operations.fraud.refer import Refer, refer
from rongqiao.risk.operations.fraud.rule_payout import RulePayout, rule_payout
from rongqiao.risk.queries.fraud import payout_verdict
from tests.risk.fraud.seeing import see, subject

FARMER = 0
IDS = [subject(n) for n in range(8)]


@dataclass(frozen=True, kw_only=True)
class BonusDue(Event):
    """As growth will tell it: a bonus is to be paid, if risk allows."""

    name: ClassVar[str] = "growth.bonus-due"
    payout_id: UUID
    referrer_id: UUID
    referee_id: UUID


@dataclass(frozen=True, kw_only=True)
class Tell:
    referee: int


@operation("test.tell-bonus", restore=Tell)
def tell_bonus(command: Tell, call: Call) -> Tell:
    publish(
        BonusDue(
            payout_id=subject(5000 + command.referee),
            referrer_id=subject(FARMER),
            referee_id=subject(command.referee),
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return command


@dataclass
class OfSomebody:
    party_id: UUID


def bring(call, referrer, referee):
    command = Refer(referrer_id=subject(referrer), referee_id=subject(referee))
    return refer(command, call(actor="system:growth"))


def verdict(referrer, referee):
    return payout_verdict(subject(referrer), subject(referee), platform_clock.now())


def codes(said):
    return {one.code for one in said.why}


def earn(call, clock, referee, days=30):
    """Draw, and pay back after so many days."""
    trace_draw(OfSomebody(subject(referee)), call(actor="system:risk"))
    clock.move(timedelta(days=days))
    trace_repayment(OfSomebody(subject(referee)), call(actor="system:risk"))


def test_a_real_friend_s_bonus_waits_for_the_first_real_repayment(clock, call):
    see(call, 1, phone="13800138000", device="a")
    see(call, 2, phone="13912345678", device="b")
    bring(call, 1, 2)
    said = verdict(1, 2)
    assert (said.ruling, codes(said)) == (Ruling.HOLD, {"payout-before-repayment"})
    earn(call, clock, 2, days=1)
    assert verdict(1, 2).ruling is Ruling.HOLD
    clock.move(timedelta(days=29))
    trace_repayment(OfSomebody(subject(2)), call(actor="system:risk"))
    assert verdict(1, 2).ruling is Ruling.ALLOW
    assert verdict(1, 2).why == ()


def test_money_of_who_was_not_brought_leaves_no_trace(clock, call):
    trace_draw(OfSomebody(subject(9)), call(actor="system:risk"))
    assert verdict(1, 9).ruling is Ruling.HOLD


def test_a_farm_of_fifty_is_one_ring_and_every_bonus_is_refused_through_the_event(clock, call):
    """One device, one network, one card in turn, numbers in a row, all brought by one."""
    for number in range(1, 51):
        see(
            call,
            number,
            "registered",
            device="farm",
            ip=f"45.9.8.{number}",
            network="45.9.8.0/24",
            phone=f"1653456{number:04d}",
            phone_block=f"1653456{number:04d}"[:9],
            card="6222021234567890123",
        )
        bring(call, FARMER, number)
    for number in range(1, 51):
        trace_draw(OfSomebody(subject(number)), call(actor="system:risk"))
        trace_repayment(OfSomebody(subject(number)), call(actor="system:risk"))
        tell_bonus(Tell(referee=number), call(actor="system:growth"))
    gather_rings(GatherRings(), call(actor="system:risk"))
    assert Ring.objects.get().size == 50
    relay.drain({BonusDue: [rule_on_payout]})
    rulings = PayoutRulingRecord.objects.all()
    assert rulings.count() == 50
    assert {one.ruling for one in rulings} == {"refuse"}
    assert all(["payout-farm", "50"] in one.why for one in rulings)
    told = OutboxEvent.objects.filter(name="risk.payout-ruled")
    assert {one.payload["ruling"] for one in told} == {"refuse"}
    assert told.count() == 50


def test_a_careful_farm_without_a_common_device_is_known_by_its_numbers(clock, call):
    for number in range(1, 7):
        phone = f"1653456{number:04d}"
        see(call, number, device=f"d{number}", phone=phone, phone_block=phone[:9])
        bring(call, FARMER, number)
    earn(call, clock, 3)
    assert codes(verdict(FARMER, 3)) == {"payout-farm"}


def test_oneself_a_circle_and_a_shared_card_are_refused(clock, call):
    assert codes(verdict(1, 1)) == {"payout-to-oneself"}
    bring(call, 1, 2)
    bring(call, 2, 3)
    bring(call, 3, 1)
    for referrer, referee in ((1, 2), (2, 3), (3, 1)):
        earn(call, clock, referee)
        said = verdict(referrer, referee)
        assert said.ruling is Ruling.REFUSE
        assert "payout-in-a-circle" in codes(said)
    see(call, 10, card="6222021234567890123")
    see(call, 11, card="6222021234567890123")
    bring(call, 10, 11)
    earn(call, clock, 11)
    assert ("payout-shared", "card") in {(one.code, one.found) for one in verdict(10, 11).why}


def test_friends_in_one_network_or_of_one_employer_are_paid(clock, call):
    for number in range(5):
        see(call, number, device=f"d{number}", network="36.5.6.0/24", employer="钢铁厂")
        if number:
            bring(call, FARMER, number)
    earn(call, clock, 3)
    assert verdict(FARMER, 3).ruling is Ruling.ALLOW


def test_who_was_brought_by_one_is_not_brought_by_another_afterwards(clock, call):
    assert bring(call, 1, 2).referrer_id == subject(1)
    assert bring(call, 3, 2).referrer_id == subject(1)


def test_one_pay_out_asked_twice_is_one_ruling(clock, call):
    command = RulePayout(payout_id=subject(99), referrer_id=subject(1), referee_id=subject(2))
    once = call(actor="system:growth")
    assert rule_payout(command, once) == rule_payout(command, once)
    assert PayoutRulingRecord.objects.count() == 1


def test_an_open_case_holds_what_would_be_allowed(clock, call):
    for number in (1, 2):
        see(call, number, device=f"d{number}")
    bring(call, 1, 2)
    earn(call, clock, 2)
    assert verdict(1, 2).ruling is Ruling.ALLOW
    for _ in range(4):
        see(call, 2, "applied")
    assert codes(verdict(1, 2)) == {"payout-standing"}
    assert verdict(1, 2).ruling is Ruling.HOLD


@pytest.mark.parametrize("size", [5, 60])
def test_a_ruling_takes_the_same_queries_for_few_referees_and_many(
    clock, call, size, django_assert_num_queries
):
    for number in range(1, size):
        see(call, number, device=f"d{number}")
        bring(call, FARMER, number)
    with django_assert_num_queries(9):
        verdict(FARMER, 1)


marks = st.frozensets(
    st.tuples(st.sampled_from([Kind.DEVICE, Kind.NETWORK, Kind.CARD]), st.sampled_from("ab")),
    max_size=3,
)


@given(
    st.dictionaries(st.sampled_from(IDS), st.sampled_from(IDS)),
    st.dictionaries(st.sampled_from(IDS), marks),
    st.sampled_from(IDS),
    st.sampled_from(IDS),
)
def test_nothing_is_ever_paid_before_a_real_repayment(referrals, seen, referrer, referee):
    facts = PayoutFacts(referrer=referrer, referee=referee, referrals=referrals, marks=seen)
    said = rule_on(facts)
    assert said.ruling is not Ruling.ALLOW
    assert said.why
    if referrer == referee:
        assert said.ruling is Ruling.REFUSE


@given(st.permutations(IDS), st.integers(2, 8))
def test_a_circle_of_any_length_is_found_from_each_of_its_members(order, length):
    ring = order[:length]
    referrals = {one: ring[(i + 1) % length] for i, one in enumerate(ring)}
    for one in ring:
        assert set(circle_of(one, referrals)) == set(ring)
    del referrals[ring[0]]
    assert all(circle_of(one, referrals) == () for one in ring)


def test_a_repayment_is_real_once_the_money_was_used_for_a_week():
    now = platform_clock.MachineClock().now()
    assert not is_real_repayment(now, [now + timedelta(days=6)])
    assert is_real_repayment(now, [now + timedelta(days=7)])
    assert not is_real_repayment(None, [now])
