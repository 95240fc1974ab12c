"""What a borrower said is held against what is known, and differences are marked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.lending.origination.queries.reviewing.comparing import (
    RULES,
    Fetched,
    Finding,
    compare,
    said_before,
)
from rongqiao.risk.judging.features import Feature

AT = datetime(2026, 6, 1, tzinfo=UTC)


def known(name, value, days=1, source="tax"):
    return Fetched(name=name, value=value, as_of=AT - timedelta(days=days), source=source)


@pytest.mark.parametrize(
    ("name", "said", "found", "finding"),
    [
        ("tax.monthly-income", "12000.00", "12000", Finding.SAME),
        ("tax.monthly-income", "13000.00", "12000", Finding.CLOSE),
        ("tax.monthly-income", "13200.01", "12000", Finding.DIFFERS),
        ("tax.monthly-income", "13200.00", "12000", Finding.CLOSE),
        ("bureau.monthly-debt-service", "0.00", "0", Finding.SAME),
        ("bureau.monthly-debt-service", "1.00", "0", Finding.DIFFERS),
        ("registry.established-months", "24", "72", Finding.CLOSE),
        ("registry.established-months", "90", "72", Finding.DIFFERS),
        ("registry.sector", "mining", "mining", Finding.SAME),
        ("registry.sector", "mining", "health", Finding.DIFFERS),
        ("tax.monthly-income", "", "12000", Finding.NOT_STATED),
        ("tax.monthly-income", "1", None, Finding.NOT_KNOWN),
    ],
)
def test_golden_lines(name, said, found, finding):
    is_word = name == "registry.sector"
    value = found if found is None or is_word else Decimal(found)
    (line,) = compare({RULES[name].field: said}, [known(name, value)], AT)
    assert line.finding is finding


def test_features_of_risk_are_taken_as_they_are_and_others_left_out():
    features = [
        Feature(name="tax.revenue-annual", value=Decimal(100), as_of=AT, source="tax"),
        Feature(name="bureau.overdue-count", value=Decimal(1), as_of=AT, source="bureau"),
    ]
    (line,) = compare({"revenue_annual": "200"}, features, AT)
    assert (line.finding, line.gap, line.source) == (Finding.DIFFERS, Decimal("1.0000"), "tax")


def test_differences_come_first_and_what_is_old_says_so():
    stated = {"monthly_income": "9000", "sector": "health"}
    facts = [
        known("registry.sector", "health"),
        known("tax.monthly-income", Decimal(12_000), days=91),
    ]
    first, second = compare(stated, facts, AT)
    assert (first.field, first.is_stale) == ("monthly_income", True)
    assert (second.field, second.is_stale) == ("sector", False)


def test_nothing_is_known_from_the_future():
    with pytest.raises(AssertionError):
        compare({}, [known("tax.monthly-income", Decimal(1), days=-1)], AT)


def test_what_was_said_last_time_grows_by_the_months_gone_by():
    before = AT - timedelta(days=300)
    answers = {"monthly_income": "8000.00", "months_established": "24", "housing": "rented"}
    lines = {one.name: one for one in said_before(answers, before, AT)}
    assert lines["earlier.months-established"].value == 34
    assert lines["earlier.housing"].as_of == before
    now = {**answers, "months_established": "60", "monthly_income": "8100.00"}
    found = {one.field: one.finding for one in compare(now, lines.values(), AT)}
    assert found == {
        "months_established": Finding.DIFFERS,
        "monthly_income": Finding.CLOSE,
        "housing": Finding.SAME,
    }


@given(st.decimals(1, 10**9, places=2), st.decimals(-1, 1, places=4))
def test_a_figure_is_close_exactly_within_its_tolerance(found, share):
    said = found * (1 + share)
    (line,) = compare({"monthly_income": str(said)}, [known("tax.monthly-income", found)], AT)
    is_within = abs(share) <= Decimal("0.10")
    assert (line.finding is not Finding.DIFFERS) == is_within
