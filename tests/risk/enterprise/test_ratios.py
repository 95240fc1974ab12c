"""Ratios, standard values and cross-checks hold published cases, and the laws between them."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.risk.enterprise.crosschecks import altman_double_prime, beneish, ohlson, zmijewski
from rongqiao.risk.enterprise.ratios import CODES, MISSING, NOT_POSITIVE, ratios
from rongqiao.risk.enterprise.standards import banded, shipped_standards
from rongqiao.risk.enterprise.statements import (
    BadStatement,
    Statement,
    contradictions,
    read_statement,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "risk"
YEAR = date(2025, 12, 31)


def load(name):
    return json.loads((VECTORS / name).read_text("utf-8"))


def altman_cases():
    found = load("altman_z_double_prime.json")
    return [
        *found["vectors"],
        *(
            {
                "id": row["source"][:20],
                "current_assets": row["wc"],
                "current_liabilities": 0,
                "retained_earnings": row["re"],
                "ebit": row["ebit"],
                "book_equity": row["be"],
                "total_liabilities": row["tl"],
                "total_assets": row["ta"],
                "z2dp": row["z2"],
                "zone": row["zone"],
            }
            for row in found["more"]
        ),
    ]


@pytest.mark.parametrize("row", altman_cases(), ids=lambda row: row["id"])
def test_altman_holds_the_published_cases_with_their_zones(row):
    names = {"book_equity": "equity", "ebit": "ebit"}
    figures = {
        names.get(name, name): Decimal(str(value))
        for name, value in row.items()
        if name not in {"id", "z2dp", "zone", "z_raw_recomputed"}
    }
    found = altman_double_prime(Statement(ends_on=YEAR, **figures))
    places = Decimal(1).scaleb(-len(str(row["z2dp"]).partition(".")[2]))
    assert found.value is not None
    assert abs(found.value - Decimal(str(row["z2dp"]))) <= max(places, Decimal("0.01")) / 2
    assert found.zone == row["zone"]


@pytest.mark.parametrize("field", ["total_assets", "total_liabilities"])
@pytest.mark.parametrize("value", [None, Decimal(0), Decimal(-5)])
def test_altman_gives_nothing_where_it_would_divide_by_nothing(field, value):
    whole = {
        name: Decimal(100)
        for name in (
            "current_assets",
            "current_liabilities",
            "retained_earnings",
            "operating_profit",
            "equity",
            "total_assets",
            "total_liabilities",
        )
    }
    found = altman_double_prime(Statement(ends_on=YEAR, **(whole | {field: value})))
    assert (found.value, found.zone) == (None, "")
    assert found.why_not


COMPANY = {
    "revenue": "revenue",
    "cogs": "cost_of_sales",
    "operating_income": "ebit",
    "pretax_income": "profit_before_tax",
    "net_income": "net_profit",
    "interest": "interest_expense",
    "depreciation": "depreciation",
    "cfo": "operating_cash_flow",
    "capex": "capital_expenditure",
    "cash": "cash",
    "short_term_investments": "short_term_investments",
    "receivables": "receivables",
    "inventory": "inventories",
    "current_assets": "current_assets",
    "current_liabilities": "current_liabilities",
    "total_assets": "total_assets",
    "total_debt": "interest_bearing_debt",
    "equity": "equity",
    "purchases": "purchases",
    "payables": "payables",
}
EXPECTED = {
    "gross_margin": "gross-margin",
    "operating_margin": "ebit-margin",
    "interest_coverage": "interest-cover",
    "net_margin": "net-margin",
    "roe": "return-on-equity",
    "roa": "net-return-on-assets",
    "asset_turnover": "asset-turnover",
    "current_ratio": "current-ratio",
    "debt_to_equity": "bearing-debt-to-equity",
    "debt_to_assets": "bearing-debt-to-assets",
    "cfo_to_debt": "cash-to-bearing-debt",
    "days_inventory": "days-inventory",
    "days_sales": "days-sales",
    "days_payables": "days-payables",
    "cfo_to_current_liabilities": "cash-to-current-debt",
}


def test_one_companys_ratios_are_the_published_ones():
    found = load("ratios_one_company.json")
    given_figures = {COMPANY[name]: v for name, v in found["inputs"].items() if name in COMPANY}
    made = ratios(read_statement(YEAR, 12, given_figures))
    for name, code in EXPECTED.items():
        value = made[code].value
        assert value is not None, code
        assert abs(float(value) - found["expected"][name]) < 1e-9, code
    five = found["expected"]["dupont5"]
    for name, code in (
        ("tax_burden", "tax-burden"),
        ("interest_burden", "interest-burden"),
        ("ebit_margin", "ebit-margin"),
    ):
        assert float(made[code].value) == pytest.approx(five[name])
    dupont = found["expected"]["dupont"]
    assert float(made["equity-multiplier"].value) == dupont["equity_multiplier"]
    assert float(
        made["net-margin"].value * made["asset-turnover"].value * made["equity-multiplier"].value
    ) == pytest.approx(dupont["roe"])


def test_what_has_no_meaning_is_not_scored_and_says_why():
    poor = Statement(
        ends_on=YEAR,
        net_profit=Decimal(-5),
        equity=Decimal(-10),
        interest_expense=Decimal(0),
        operating_profit=Decimal(3),
        current_assets=Decimal(4),
        current_liabilities=Decimal(0),
    )
    before = Statement(ends_on=date(2024, 12, 31), revenue=Decimal(0), operating_profit=Decimal(-1))
    made = ratios(poor, before)
    for code in ("return-on-equity", "interest-cover", "current-ratio"):
        assert (made[code].value, made[code].why_not) == (None, NOT_POSITIVE), code
    assert made["asset-turnover"].why_not == MISSING
    assert made["revenue-growth"].why_not == MISSING
    assert made["profit-growth"].why_not == "base-not-positive"
    assert ratios(poor)["profit-growth"].why_not == "no-year-before"


figures = st.one_of(st.none(), st.decimals("-1e9", "1e9", places=2, allow_nan=False))


@st.composite
def statements(draw):
    whole = {}
    for name in Statement.__dataclass_fields__:
        if name not in {"ends_on", "months"}:
            whole[name] = draw(figures)
    return Statement(ends_on=YEAR, months=draw(st.integers(1, 12)), **whole)


@given(statements(), st.one_of(st.none(), statements()))
def test_no_statement_breaks_a_ratio_and_a_missing_one_always_says_why(now, before):
    made = ratios(now, before)
    assert set(made) == set(CODES)
    for ratio in made.values():
        assert (ratio.value is None) == bool(ratio.why_not)
    for check in (
        altman_double_prime(now),
        zmijewski(now),
        beneish(now, before),
        ohlson(now, before, Decimal(100)),
    ):
        assert (check.value is None) == bool(check.why_not) == (not check.zone)


@pytest.mark.parametrize("row", load("sasac_performance_standards.json")["vectors"])
def test_banded_interpolation_holds_the_published_method(row):
    tables = {"全国国有企业全行业": "state-owned-all", "工业中型2006": "industry-medium-2006"}
    table = shipped_standards()[tables[row["table"]]]
    standard = next(one for one in table.values.values() if one.label == row["indicator"])
    found = banded(Decimal(str(row["actual"])), standard, Decimal(row["weight"]), table)
    assert abs(found.points - Decimal(str(row["score"]))) < Decimal("0.00006")


every_standard = st.sampled_from(
    [(table, one) for table in shipped_standards().values() for one in table.values.values()]
)


@given(every_standard, st.decimals("-500", "500", places=3), st.decimals("0", "50", places=3))
def test_a_better_figure_never_gets_fewer_points_and_none_more_than_its_weight(where, at, step):
    table, standard = where
    weight = Decimal(20)
    better = at + step if standard.more_is_better else at - step
    points, more = (banded(value, standard, weight, table).points for value in (at, better))
    assert 0 <= points <= more <= weight


def test_a_statement_names_the_figure_that_is_wrong():
    for figures_given, field in (
        ({"turnover": 5}, "turnover"),
        ({"revenue": "viel"}, "revenue"),
        ({"cash": "-1"}, "cash"),
        ({"revenue": "1e20"}, "revenue"),
        ({"revenue": "NaN"}, "revenue"),
    ):
        with pytest.raises(BadStatement) as wrong:
            read_statement(YEAR, 12, figures_given)
        assert wrong.value.field == field
    with pytest.raises(BadStatement):
        read_statement(YEAR, 13, {})


def test_sums_that_do_not_add_up_are_named():
    sound = {"total_assets": "100", "total_liabilities": "60", "equity": "40", "cash": "5"}
    assert contradictions(read_statement(YEAR, 12, sound)) == ()
    assert contradictions(read_statement(YEAR, 12, sound | {"equity": "45"})) == ("assets-unequal",)
    odd = sound | {"current_assets": "120", "inventories": "130"}
    assert set(contradictions(read_statement(YEAR, 12, odd))) == {
        "current-assets-above-all",
        "inventories-above-current",
    }


def test_dressed_up_figures_raise_the_flag_and_plain_ones_do_not():
    plain = {
        "revenue": 1000,
        "cost_of_sales": 600,
        "receivables": 100,
        "current_assets": 400,
        "fixed_assets": 500,
        "total_assets": 1000,
        "depreciation": 50,
        "selling_and_administrative": 150,
        "net_profit": 80,
        "operating_cash_flow": 100,
        "total_liabilities": 500,
    }
    before = read_statement(date(2024, 12, 31), 12, plain)
    assert beneish(read_statement(YEAR, 12, plain), before).zone == "clear"
    dressed = plain | {"receivables": 260, "net_profit": 300, "operating_cash_flow": -50}
    assert beneish(read_statement(YEAR, 12, dressed), before).zone == "flag"
