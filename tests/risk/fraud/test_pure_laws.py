"""Laws of the pure parts: groups do not depend on order, windows count what is in them."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.risk.fraud import attributes
from rongqiao.risk.fraud.attributes import Bearing, Kind, Unreadable, normal
from rongqiao.risk.fraud.drawing import MOST_DRAWN, draw, letter_of, side_by_side
from rongqiao.risk.fraud.graph import Groups
from rongqiao.risk.fraud.profile import DeviceSeen, Profile, is_taken_over, values_of
from rongqiao.risk.fraud.rule_sets import CURRENT
from rongqiao.risk.fraud.rules import Outcome, assess
from rongqiao.risk.fraud.velocity import SPANS, Window, by_day, counts

NOON = datetime(2026, 1, 5, 4, tzinfo=UTC)
# Small bounds, so that a few examples reach every branch.
TIGHT = {**attributes.BEARINGS, Kind.DEVICE: Bearing(90, 2, 4), Kind.CONTACT: Bearing(55, 3, 5)}
links = st.lists(
    st.tuples(
        st.integers(0, 14),
        st.tuples(st.sampled_from([Kind.DEVICE, Kind.CONTACT, Kind.IP]), st.integers(0, 5)),
    ),
    max_size=60,
)
times = st.lists(
    st.integers(-40 * 24 * 60, 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
).map(sorted)


def by_breadth(pairs):
    """Components by search over all holders: slow, plain, and told nothing of union-find."""
    holders = defaultdict(set)
    for subject, mark in pairs:
        if TIGHT[mark[0]].joins:
            holders[mark].add(subject)
    joining = [
        held
        for mark, held in holders.items()
        if TIGHT[mark[0]].least <= len(held) <= TIGHT[mark[0]].most
    ]
    left, found = {one for held in joining for one in held}, set()
    while left:
        reached, edge = set(), {left.pop()}
        while edge:
            reached |= edge
            edge = {one for held in joining if held & edge for one in held} - reached
        left -= reached
        found.add(frozenset(reached))
    return {group for group in found if len(group) > 1}


@given(links, st.randoms())
def test_groups_are_those_of_a_plain_search_in_whatever_order_links_come(pairs, chance):
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    groups = Groups(shuffled, TIGHT)
    assert {frozenset(group.members) for group in groups.all()} == by_breadth(pairs)
    for group in groups.all():
        assert groups.of(group.members[0]) == group
        for mark, held in group.marks:
            assert set(held) <= set(group.members)
            assert not groups.is_hub(mark)


def test_an_attribute_that_becomes_a_hub_lets_go_of_whom_it_had_joined():
    groups = Groups([(n, (Kind.DEVICE, "tablet")) for n in range(4)], TIGHT)
    groups.add(0, (Kind.CARD, "6222"))
    groups.add(1, (Kind.CARD, "6222"))
    assert len(groups.of(3).members) == 4
    groups.add(4, (Kind.DEVICE, "tablet"))
    assert groups.is_hub((Kind.DEVICE, "tablet"))
    assert groups.of(3) is None
    assert groups.of(0).members == (0, 1)


@given(times)
def test_windows_count_what_lies_in_them_and_nothing_later(seen):
    counted = counts(seen, NOON)
    for window, span in SPANS.items():
        assert counted[window] == sum(NOON - span < one <= NOON for one in seen)
    assert counted[Window.HOUR] <= counted[Window.DAY] <= counted[Window.WEEK]
    assert sum(by_day(seen, NOON)) == counted[Window.MONTH]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.PHONE, "+86 138-0013-8000", "１３８００１３８０００"),
        (Kind.EMAIL, "Wang.Wei+loan@Example.com", "wang.wei@example.com"),
        (Kind.ADDRESS, "朝阳区 建国路88号 3号楼-501室", "朝阳区建国路８８号三号楼501室"),
        (Kind.IP, "::ffff:203.0.113.9", "203.0.113.9"),
        (Kind.CARD, "6222 0212 3456 7890 123", "6222021234567890123"),
        (Kind.RESIDENT_ID, "11010119900307123x", "11010119900307123Ｘ"),
    ],
)
def test_one_thing_written_two_ways_is_one(kind, one, other):
    assert normal(kind, one) == normal(kind, other)


@pytest.mark.parametrize("kind", [Kind.PHONE, Kind.EMAIL, Kind.IP, Kind.CARD, Kind.ADDRESS])
def test_what_is_no_such_thing_is_said_to_be_unreadable(kind):
    with pytest.raises(Unreadable):
        normal(kind, " ")
    if kind is not Kind.ADDRESS:
        with pytest.raises(Unreadable):
            normal(kind, "abc")


def test_a_visit_tells_network_and_setting_and_leaves_out_what_it_cannot_read():
    told = dict(attributes.of_visit("a1", "Firefox|zh", "36.12.9.77"))
    assert told[Kind.NETWORK] == "36.12.9.0/24"
    assert told[Kind.SETTING] == "36.12.9.77|firefox|zh"
    assert attributes.network_of("2001:db8:1:2::5") == "2001:db8:1::/48"
    assert set(dict(attributes.of_visit("", "", "nonsense"))) == set()
    assert set(dict(attributes.of_visit("a1", "", "10.0.0.7"))) == {Kind.DEVICE}
    assert list(attributes.of_address("大学路1号")) == []
    assert list(attributes.of_address("大学路1号 3-201")) == [(Kind.ADDRESS, "大学路1号3201")]


@given(
    st.dictionaries(st.sampled_from([rule.figure for rule in CURRENT.rules]), st.integers(0, 60))
)
def test_more_of_any_count_never_gives_a_lower_score(given_counts):
    values = values_of(Profile())
    counted = {
        name: Decimal(count)
        for name, count in given_counts.items()
        if type(values[name]) is Decimal
    }
    before = assess({**values, **counted}, CURRENT)
    for name, count in counted.items():
        after = assess({**values, **counted, name: count + 1}, CURRENT)
        assert after.score >= before.score


def test_every_rule_looks_at_a_figure_that_there_is_and_can_be_met():
    values = values_of(Profile())
    assert {rule.figure for rule in CURRENT.rules} <= set(values)
    assert assess(values, CURRENT).outcome is Outcome.CLEAR
    for rule in CURRENT.rules:
        met = assess({**values, rule.figure: rule.bound}, CURRENT).met
        assert rule.code in {one.code for one in met}


def test_a_card_after_a_fresh_device_on_a_settled_account_is_noticed():
    old = DeviceSeen(NOON - timedelta(days=90), NOON - timedelta(days=3))
    fresh = DeviceSeen(NOON - timedelta(hours=2), NOON)
    assert is_taken_over((old, fresh), NOON)
    assert not is_taken_over((old,), NOON)
    assert not is_taken_over((fresh,), NOON)
    assert not is_taken_over((old, fresh), None)
    slow = DeviceSeen(NOON - timedelta(days=2), NOON)
    assert not is_taken_over((old, slow), NOON)


@pytest.mark.parametrize("size", [2, 50, 60, 61, 200])
def test_a_ring_is_drawn_whole_inside_its_square_with_no_party_on_another(size):
    shared = [
        (Kind.DEVICE, range(size)),
        (Kind.CARD, range(0, size, 2)),
        (Kind.PHONE, range(0, size, 3)),
    ]
    picture = draw(size, shared)
    assert picture == draw(size, shared)
    assert [spot.number for spot in picture.spots] == list(range(1, size + 1))
    assert picture.left_out == 0
    for spot in (*picture.spots, *picture.hubs):
        assert 0 <= spot.x <= picture.side
        assert 0 <= spot.y <= picture.side
    for i, one in enumerate(picture.spots):
        for other in picture.spots[i + 1 :]:
            apart = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
            assert apart >= 2 * picture.radius - 0.5
    assert len(picture.lines) == sum(len(holders) for _, holders in shared)


def test_who_shares_stands_side_by_side_and_nobody_is_lost():
    shared = [(Kind.DEVICE, range(8)), (Kind.CARD, [1, 5]), (Kind.PHONE, [5, 7])]
    order = side_by_side(9, shared)
    assert sorted(order) == list(range(9))
    assert set(order[:3]) == {1, 5, 7}
    assert order[-1] == 8


def test_more_than_can_be_drawn_is_said_to_be_left_out():
    assert draw(MOST_DRAWN + 5, [(Kind.DEVICE, range(MOST_DRAWN + 5))]).left_out == 5
    assert [letter_of(n) for n in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]
