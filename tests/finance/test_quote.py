"""`rongqiao quote`, one line: what it answers, and what it refuses in which words."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from rongqiao.cli.lines.quote import answer
from rongqiao.finance.fields import BadField
from rongqiao.finance.schedule.terms import MOST_TERMS

GOLDEN = Path(__file__).parents[1] / "golden" / "quotes.jsonl"
CONTRACT = {
    "id": "a1",
    "principal": "120000.00",
    "rate": "0.06",
    "rate_unit": "year",
    "method": "equal_instalment",
    "terms": 12,
    "every": {"unit": "month", "count": 1},
    "start": "2026-01-15",
}


def refused(**changes):
    line = {name: value for name, value in (CONTRACT | changes).items() if value is not ...}
    with pytest.raises(BadField) as problem:
        answer(line)
    return problem.value.field, str(problem.value)


def test_the_line_of_the_contract_is_answered_in_its_form():
    found = answer(CONTRACT)
    assert list(found) == ["rows", "totals", "apr"]
    assert found["rows"][0] == {
        "no": 1,
        "from": "2026-01-15",
        "due": "2026-02-15",
        "days": 31,
        "principal": "9727.97",
        "interest": "600.00",
        "fee": "0.00",
        "payment": "10327.97",
        "balance": "110272.03",
    }
    assert found["rows"][-1]["balance"] == "0.00"
    assert found["totals"] == {
        "principal": "120000.00",
        "interest": "3935.66",
        "fee": "0.00",
        "payment": "123935.66",
    }
    assert found["apr"]["simple"].startswith("0.0600000")
    assert [len(rate.partition(".")[2]) for rate in found["apr"].values()] == [12, 12]


def test_a_fee_at_disbursement_lowers_the_cash_received_and_raises_the_cost():
    fee = {"name": "担保费", "at": "disbursement", "amount": "1000"}
    line = {"principal": "100000", "rate": "0.11", "terms": 12, "start": "2026-01-15"}
    found = answer(line | {"fees": [fee]})
    assert found["totals"]["fee"] == "1000.00"
    assert Decimal(found["apr"]["simple"]) > Decimal(answer(line)["apr"]["simple"])
    rate = answer(line | {"fees": [{"name": "担保费", "at": "disbursement", "rate": "0.01"}]})
    assert rate == found


def test_compound_is_twelve_months_of_the_rate_of_one():
    found = answer(CONTRACT)["apr"]
    monthly = Decimal(found["simple"]) / 12
    assert abs((1 + monthly) ** 12 - 1 - Decimal(found["compound"])) < Decimal("1e-11")


@pytest.mark.parametrize(
    ("changes", "simple"),
    [
        ({"method": "bullet", "rate": "0.12", "terms": 1}, "0.120000000000"),
        ({"method": "interest_only", "rate": "0.12"}, "0.120000000000"),
        ({"rate": "0"}, "0.000000000000"),
        ({"method": "interest_only", "rate": "0.01", "rate_unit": "month"}, "0.120000000000"),
        # 3 % a quarter: 12 x (1.03 ** (1 / 3) - 1).
        (
            {"method": "interest_only", "rate": "0.12", "every": {"unit": "quarter"}},
            "0.118819608600",
        ),
        # Thirty days are a month of method cn only where no calendar month lies between.
        ({"method": "bullet", "rate": "0.12", "terms": 15, "every": {"unit": "day"}}, None),
    ],
)
def test_the_annual_cost_of_a_loan_without_fees_is_its_rate(changes, simple):
    found = answer(CONTRACT | changes)["apr"]["simple"]
    if simple is None:
        # 0.5 % in half a month: 12 x (1.005 ** 2 - 1).
        simple = f"{12 * (Decimal('1.005') ** 2 - 1):.12f}"
    assert found == simple


def test_an_odd_first_date_is_costed_on_the_dates():
    line = CONTRACT | {"first_due": "2026-03-01", "method": "interest_only", "terms": 2}
    months = CONTRACT | {"method": "interest_only", "terms": 2}
    assert answer(line)["apr"] != answer(months)["apr"]


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": MOST_TERMS, "first_due": "2026-02-28"},
        {"terms": 1, "first_due": "9999-12-31"},
        {"terms": 2, "every": {"unit": "week", "count": 3660}},
        {"terms": 36, "every": {"unit": "day", "count": 3660}},
    ],
)
def test_a_loan_of_centuries_without_interest_costs_nothing(changes):
    assert answer(CONTRACT | {"rate": "0"} | changes)["apr"]["simple"] == "0.000000000000"


def test_a_cost_beyond_all_rates_is_refused():
    fee = {"name": "担保费", "at": "disbursement", "amount": "119999.99"}
    day = {"terms": 1, "every": {"unit": "day"}, "fees": [fee]}
    at, said = refused(**day)
    assert at == "fees"
    assert "the rate that solves these flows is above" in said


AMOUNT = "a decimal string in yuan with at most two decimals"
RATE = "a decimal string"


@pytest.mark.parametrize("field", ["principal", "payment", "balloon"])
@pytest.mark.parametrize(
    "value",
    [
        *(100, 1.5, True, None, [], {}, "", " ", "-1", "1.234", "1e3", "1,000", "+1", "NaN"),
        *("Infinity", "１００", "١٠٠", "0x10", "10000000000000.01", "9" * 400, "1\n"),
    ],
)
def test_what_is_no_amount_is_refused(field, value):
    at, said = refused(**{field: value})
    assert at == field
    assert f"{field} is " in said
    assert AMOUNT in said


@pytest.mark.parametrize("field", ["principal", "payment"])
def test_nothing_is_no_amount_to_lend_or_pay(field):
    assert refused(**{field: "0"})[0] == field


def test_a_not_a_number_of_json_is_refused_by_its_field():
    line = json.loads('{"principal": NaN, "rate": "0.06", "terms": 1, "start": "2026-01-15"}')
    with pytest.raises(BadField, match="principal is NaN"):
        answer(line)


@pytest.mark.parametrize(
    "value", [0.06, 1, None, True, "", "-0.1", "6%", "０.06", "NaN", "1e-2", ".5", "101", "9" * 30]
)
def test_what_is_no_rate_is_refused(value):
    at, said = refused(rate=value)
    assert at == "rate"
    assert RATE in said or "up to 100 a year" in said or "0 to 100 a year" in said


def test_a_monthly_rate_is_bounded_by_the_year_it_makes():
    assert refused(rate="9", rate_unit="month")[0] == "rate"


@pytest.mark.parametrize("value", [0, -1, 1.0, "12", True, None, 10**9, [], float("nan")])
def test_terms_are_a_whole_number_in_range(value):
    at, said = refused(terms=value)
    assert at == "terms"
    assert f"from 1 to {MOST_TERMS}" in said


@pytest.mark.parametrize(
    "value",
    [
        *("2026-02-29", "2026-13-01", "20260115", "2026-1-5", "2026/01/15", "", 20260115, None),
        *("２０２６-01-15", "2026-01-15T00:00:00", "0000-01-01", "2026-W01-1"),
    ],
)
@pytest.mark.parametrize("field", ["start", "first_due"])
def test_what_is_no_date_is_refused(field, value):
    at, said = refused(**{field: value})
    assert at == field
    assert "a date that exists" in said


@pytest.mark.parametrize(
    "field",
    ["rate_unit", "method", "day_count", "count_days", "month_end", "business_days", "remainder"],
)
@pytest.mark.parametrize("value", ["", "nonsense", "YEAR", 1, None, [], True])
def test_a_word_is_one_of_those_the_contract_lists(field, value):
    at, said = refused(**{field: value})
    assert at == field
    assert "allowed: " in said


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"principal": ...}, "principal"),
        ({"rate": ...}, "rate"),
        ({"start": ...}, "start"),
        ({"terms": ...}, "terms"),
        ({"Principal": "1"}, "Principal"),
        ({"every": "month"}, "every"),
        ({"every": {"unit": "fortnight"}}, "every.unit"),
        ({"every": {"count": 0}}, "every.count"),
        ({"every": {"units": 1}}, "every.units"),
        ({"first_due": "2026-01-15"}, "first_due"),
        ({"rounding": {"mode": "ceil"}}, "rounding.mode"),
        ({"rounding": {"unit": "0"}}, "rounding.unit"),
        ({"rounding": {"unit": "0.005"}}, "rounding.unit"),
        ({"interest_rounding": {"unit": 1}}, "interest_rounding.unit"),
        ({"rate_day_basis": 364}, "rate_day_basis"),
        ({"rate_day_basis": "360"}, "rate_day_basis"),
        ({"grace": {"principal_terms": 12}}, "grace.principal_terms"),
        ({"grace": {"interest_terms": -1}}, "grace.interest_terms"),
        ({"grace": {"capitalise": 1}}, "grace.capitalise"),
        ({"balloon": "120000.01"}, "balloon"),
        ({"balloon": "1", "method": "interest_only"}, "balloon"),
        ({"balloon": "1", "payment": "20000"}, "balloon"),
        ({"remainder": "first", "payment": "20000"}, "remainder"),
        ({"payment": "20000", "method": "flat"}, "payment"),
        ({"payment": "599.99", "terms": ...}, "payment"),
        ({"payment": "600.00", "terms": ...}, "payment"),
        ({"steps": {}}, "steps"),
        ({"steps": [{"from": "2026-05-01"}]}, "steps[0].rate"),
        ({"steps": [{"from": "2026-05-01", "rate": "0.1"}] * 2}, "steps"),
        ({"steps": [{"from": "2026-05-01", "rate": "0.1", "to": 1}]}, "steps[0].to"),
        ({"steps": ["x"]}, "steps[0]"),
        ({"fees": [{"name": "f", "at": "each"}]}, "fees[0]"),
        ({"fees": [{"name": "f", "at": "each", "amount": "1", "rate": "0.1"}]}, "fees[0]"),
        ({"fees": [{"name": "", "at": "each", "amount": "1"}]}, "fees[0].name"),
        ({"fees": [{"name": "f", "at": "never", "amount": "1"}]}, "fees[0].at"),
        ({"fees": [{"name": "f", "at": "each", "rate": "1.5"}]}, "fees[0].rate"),
        ({"fees": [{"name": "f", "at": "disbursement", "amount": "120000"}]}, "fees"),
        ({"principal_plan": ["120000"]}, "principal_plan"),
        ({"method": "custom"}, "principal_plan"),
        ({"method": "custom", "principal_plan": ["1", "2"], "terms": ...}, "principal_plan"),
        ({"method": "custom", "principal_plan": ["120000", "0"], "terms": 2}, "principal_plan"),
        ({"method": "custom", "principal_plan": ["120000"], "terms": 2}, "terms"),
        ({"method": "custom", "principal_plan": ["x"], "terms": ...}, "principal_plan[0]"),
        ({"start": "9999-12-01"}, "terms"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(changes, field):
    at, said = refused(**changes)
    assert at == field
    assert "allowed: " in said
    assert "\n" not in said


def test_an_unknown_field_is_named_with_those_that_are_known():
    at, said = refused(利率="0.06")
    assert at == "利率"
    assert "principal, rate, rate_unit" in said


def test_a_refusal_shows_at_most_a_glimpse_of_a_huge_value():
    assert len(refused(principal="9" * 10_000)[1]) < 300


@pytest.mark.parametrize(
    "pair",
    GOLDEN.read_text(encoding="utf-8").splitlines(),
    ids=lambda pair: json.loads(pair)["in"]["id"],
)
def test_a_quote_once_given_stays_the_same(pair):
    """Golden lines: what was quoted yesterday is what is quoted today, to the last digit."""
    kept = json.loads(pair)
    assert {"id": kept["in"]["id"], **answer(kept["in"])} == kept["out"]
