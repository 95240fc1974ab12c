"""What is found in the simulated town, and whom it troubles: the tables of docs/fraud.md."""

from pathlib import Path

import pytest

from rongqiao.risk.fraud.attributes import Kind
from rongqiao.risk.fraud.rules import Outcome
from tests.risk.fraud.measuring import as_markdown, run, table
from tests.risk.fraud.town import build

PAGE = Path(__file__).parents[3] / "docs" / "fraud.md"
# Whom no rule tells from a ring: a person looks.
TROUBLED = {"crowded flat", "phone shop's tablet"}


@pytest.fixture(scope="module")
def town():
    return build()


@pytest.fixture(scope="module")
def found(town):
    return run(town)


@pytest.fixture(scope="module")
def with_white(town):
    return run(town, frozenset({(Kind.DEVICE, town.tablet)}))[0]


def test_the_page_shows_what_is_measured(town, found, with_white):
    assert as_markdown(town, found[0], with_white) in PAGE.read_text()


def test_every_pattern_is_found_and_few_innocents_are_troubled(town, found):
    rows = {row.kind: row for row in table(town, found[0])}
    for kind in town.frauds:
        assert rows[kind].share >= 0.8, kind
    troubled = sum(row.alarmed for kind, row in rows.items() if kind in TROUBLED)
    wrong = len(town.innocents & found[0].keys())
    assert wrong - troubled <= 0.005 * len(town.innocents)


def test_sharing_one_thing_refers_to_a_person_and_never_declines(town, found):
    troubled = {one for one, kind in town.kind_of.items() if kind in TROUBLED}
    outcomes = {found[0][one].outcome for one in troubled & found[0].keys()}
    assert outcomes == {Outcome.REFER}
    farm = {one for one, kind in town.kind_of.items() if kind == "referral farm"}
    assert {found[0][one].outcome for one in farm} == {Outcome.DECLINE}


def test_the_ring_of_fifty_is_one_component_and_nobody_else_is_in_it(town, found):
    _alarms, watcher = found
    for kind, size in (("device ring", 46), ("referral farm", 11)):
        members = {one for one, of in town.kind_of.items() if of == kind}
        largest = max((watcher.groups.size_of(one), one) for one in members)[1]
        group = set(watcher.groups.of(largest).members)
        assert len(group) == size
        assert group <= members


def test_another_seed_s_town_is_another_and_is_found_as_well():
    other = build(seed=7, people=600)
    assert other.sightings != build(people=600).sightings
    rows = {row.kind: row for row in table(other, run(other)[0])}
    assert all(rows[kind].share >= 0.75 for kind in other.frauds)
