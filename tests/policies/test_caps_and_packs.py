"""The law as dated data: which cap binds a contract, and what a role may not do."""

import json
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.months import add_months
from rongqiao.policies.caps import NoCapKnown, cap_on
from rongqiao.policies.lpr import NoQuote, lpr_on
from rongqiao.policies.packs import OperatorRole, pack_of
from rongqiao.policies.rules import rule

MICROLOAN = OperatorRole.MICROLOAN_COMPANY
YEAR = 365

CAPS = [
    # role, contract date, days of term, rate, rule
    (MICROLOAN, date(2021, 1, 1), YEAR, "0.24", "house.all_in_ceiling"),
    (MICROLOAN, date(2025, 12, 23), YEAR, "0.24", "house.all_in_ceiling"),
    (MICROLOAN, date(2025, 12, 24), YEAR, "0.24", "rate.all_in_cap.microloan_now"),
    (MICROLOAN, date(2026, 11, 22), YEAR, "0.24", "rate.all_in_cap.microloan_now"),
    (MICROLOAN, date(2027, 12, 30), YEAR, "0.24", "rate.all_in_cap.microloan_now"),
    (MICROLOAN, date(2027, 12, 31), YEAR, "0.12", "rate.all_in_cap.microloan_2027"),
    (MICROLOAN, date(2027, 12, 31), 31, "0.24", "rate.all_in_cap.microloan_2027"),
    (MICROLOAN, date(2027, 12, 31), 32, "0.12", "rate.all_in_cap.microloan_2027"),
    (
        OperatorRole.MARKETPLACE,
        date(2020, 8, 20),
        YEAR,
        "0.154",
        "rate.judicial_cap.all_in_multiple",
    ),
    (
        OperatorRole.MARKETPLACE,
        date(2026, 8, 20),
        YEAR,
        "0.12",
        "rate.judicial_cap.all_in_multiple",
    ),
    (OperatorRole.BANK, date(2025, 10, 1), YEAR, "0.24", "rate.all_in_cap.assisted_loan"),
]


@pytest.mark.parametrize(("role", "on", "days", "rate", "key"), CAPS)
def test_the_cap_is_that_of_the_contract_date(role, on, days, rate, key):
    cap = cap_on(role, on, on + timedelta(days=days))
    assert cap.rate == Decimal(rate)
    assert key in cap.keys


@pytest.mark.parametrize("role", OperatorRole)
def test_before_the_first_entry_no_contract_can_be_made(role):
    with pytest.raises(NoCapKnown):
        cap_on(role, date(2020, 8, 19), date(2021, 8, 19))


def test_the_time_before_the_guideline_is_marked_as_the_platforms_own_choice():
    cap = cap_on(MICROLOAN, date(2025, 6, 1), date(2026, 6, 1))
    levels = {one.key: one.level for one in cap.rules}
    assert levels == {"rate.judicial.scope_exclusion": "A", "house.all_in_ceiling": "D"}


@given(st.dates(date(2021, 1, 1), date(2035, 12, 31)), st.integers(1, 60))
def test_every_contract_date_has_a_cap_with_its_rules(on, months):
    cap = cap_on(MICROLOAN, on, add_months(on, months))
    assert Decimal("0.10") <= cap.rate <= Decimal("0.24")
    assert all(one.document and one.source_seen and one.level in "ABCD" for one in cap.rules)


def test_a_quote_holds_until_the_next_one():
    assert lpr_on(date(2019, 8, 20)).one_year == Decimal("0.0425")
    assert lpr_on(date(2019, 9, 19)).one_year == Decimal("0.0425")
    assert lpr_on(date(2019, 9, 20)).one_year == Decimal("0.0420")
    assert lpr_on(date(2030, 1, 1)).one_year == Decimal("0.0300")
    with pytest.raises(NoQuote):
        lpr_on(date(2019, 8, 19))


def test_quotes_are_in_order_and_months_apart():
    rows = json.loads(files("rongqiao.policies").joinpath("china/lpr.json").read_text())["rows"]
    days = [date.fromisoformat(row[0]) for row in rows]
    assert len(days) == 85
    gaps = {(later - earlier).days for earlier, later in pairwise(days)}
    assert min(gaps) > 20
    assert max(gaps) < 40


def test_every_rule_a_cap_names_is_in_the_table():
    caps = json.loads(files("rongqiao.policies").joinpath("china/caps.json").read_text())["roles"]
    for entries in caps.values():
        starts = [entry["from"] for entry in entries]
        assert starts == sorted(set(starts))
        for entry in entries:
            assert ("percent" in entry) != ("lpr_multiple" in entry)
            for key in entry["rules"]:
                assert rule(key).document


@pytest.mark.parametrize("role", OperatorRole)
def test_only_lenders_lend(role):
    assert pack_of(role).lends_own_money == (role in (MICROLOAN, OperatorRole.BANK))


def test_amounts_of_the_microloan_pack_are_those_of_the_measures():
    pack = pack_of(MICROLOAN)
    assert (pack.person_amount_max, pack.organization_amount_max) == (200_000, 10_000_000)
    assert pack.penalty_multiple_max == Decimal("1.50")
    assert pack.records_kept_years == 10
    assert pack.cost_sheet_mandatory_from == date(2026, 8, 1)
