"""Early warning: measures from what is known, rules that fire only on it, and the hazard's laws."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.risk.enterprise.statements import read_statement
from rongqiao.risk.enterprise.watching.hazard import fit_hazard
from rongqiao.risk.enterprise.watching.measures import Known, measures
from rongqiao.risk.enterprise.watching.warnings import (
    KINDS,
    LEVELS,
    level_of,
    signals,
    warning_rules,
)

ON = date(2026, 3, 10)
SOUND = {"revenue": "1200", "cost_of_sales": "800", "operating_profit": "150", "equity": "600"}


def month(year, number):
    return date(year, number, 1)


def steady(amount, months=26):
    found, year, number = {}, 2026, 2
    for _ in range(months):
        found[month(year, number)] = Decimal(amount)
        year, number = (year - 1, 12) if number == 1 else (year, number - 1)
    return found


def test_every_kind_of_sign_the_rules_name_can_be_met():
    known = Known(
        on=ON,
        statements=(
            read_statement(date(2023, 12, 31), 12, SOUND),
            read_statement(date(2024, 12, 31), 12, SOUND | {"operating_profit": "400"}),
            read_statement(
                date(2025, 12, 31),
                12,
                {
                    "revenue": "500",
                    "cost_of_sales": "490",
                    "operating_profit": "-90",
                    "equity": "200",
                    "total_assets": "1000",
                    "total_liabilities": "950",
                },
            ),
        ),
        invoices={month(2025, 1): Decimal(400), month(2025, 9): Decimal(10)},
        invoices_from=date(2024, 1, 1),
        last_invoice_on=date(2025, 9, 20),
        counts={
            "filings-missed-12m": Decimal(2),
            "enforcements-12m": Decimal(1),
            "days-past-due": Decimal(16),
        },
    )
    found = signals(measures(known))
    assert {one.kind for one in found} == set(KINDS)
    assert level_of(found) == "grave"
    assert [one.severity for one in found] == sorted((one.severity for one in found), reverse=True)


def test_a_sound_firm_gives_no_sign():
    known = Known(
        on=ON,
        statements=(read_statement(date(2025, 12, 31), 12, SOUND),),
        invoices=steady(100),
        invoices_from=date(2024, 1, 1),
        last_invoice_on=date(2026, 3, 1),
        counts={"days-past-due": Decimal(0), "filings-missed-12m": Decimal(0)},
    )
    found = measures(known)
    assert found["invoice-gap"] == 0
    assert found["invoices-fall-yoy"] == 0
    assert found["invoices-volatility"] == 0
    assert signals(found) == ()
    assert level_of(()) == "clear"


def test_what_was_not_known_yet_is_not_looked_at():
    later = read_statement(date(2026, 12, 31), 12, SOUND | {"operating_profit": "-900"})
    assert measures(Known(on=ON, statements=(later,))) == {}


def test_months_before_invoices_were_authorised_count_as_unknown_not_as_none():
    known = Known(on=ON, invoices=steady(100, 4), invoices_from=date(2025, 11, 1))
    found = measures(known)
    assert "invoices-fall-yoy" not in found
    assert "invoices-volatility" not in found


def test_one_bad_figure_alone_is_never_grave_and_an_event_is():
    assert level_of(signals({"interest-cover": Decimal(-9)})) == "serious"
    assert level_of(signals({"days-past-due": Decimal(30)})) == "grave"


@pytest.mark.parametrize("rule", warning_rules(), ids=lambda rule: rule.code)
def test_a_rules_steps_grow_and_a_value_on_the_step_does_not_pass_it(rule):
    steps = [(number, step) for number, step in enumerate(rule.steps, 1) if step is not None]
    marks = [step for _, step in steps]
    assert marks == sorted(marks, reverse=not rule.is_upwards)
    assert rule.kind in KINDS
    for number, step in steps:
        beyond = step + (1 if rule.is_upwards else -1) * Decimal("0.0001")
        assert rule.severity(beyond) >= number > rule.severity(step)


measure_names = st.sampled_from(sorted({rule.measure for rule in warning_rules()}))


@given(st.dictionaries(measure_names, st.decimals("-10", "400", places=2)))
def test_another_sign_never_lowers_the_level(found):
    everything = LEVELS.index(level_of(signals(found)))
    for name in found:
        less = {key: value for key, value in found.items() if key != name}
        assert LEVELS.index(level_of(signals(less))) <= everything


def test_the_hazard_finds_the_weights_that_made_the_failures():
    draw = np.random.default_rng(11)
    rows = draw.integers(0, 4, size=(40_000, 3)).astype(float)
    chance = 1 / (1 + np.exp(-(-4.0 + rows @ np.array([0.8, 0.4, 0.0]))))
    found = fit_hazard(
        rows, draw.uniform(size=40_000) < chance, ("a", "b", "c"), months=1, population="made up"
    )
    assert found.intercept == pytest.approx(-4.0, abs=0.15)
    assert found.weights == pytest.approx((0.8, 0.4, 0.0), abs=0.07)
    assert min(found.weights) >= 0
    assert found.within([3, 0, 0]) > found.within([0, 0, 0])


def test_a_hazard_of_twelve_months_is_spread_over_them():
    draw = np.random.default_rng(12)
    rows = draw.integers(0, 4, size=(5_000, 1)).astype(float)
    failed = draw.uniform(size=5_000) < 0.05 + 0.05 * rows[:, 0]
    year = fit_hazard(rows, failed, ("a",), months=12, population="made up")
    month_of = fit_hazard(rows, failed, ("a",), months=1, population="made up")
    assert 1 - (1 - year.within([2])) ** 12 == pytest.approx(month_of.within([2]))


def test_a_hazard_refuses_too_few_failures_and_shapes_that_differ():
    with pytest.raises(ValueError, match="at least 20"):
        fit_hazard(np.zeros((30, 1)), [False] * 30, ("a",), months=1, population="")
    with pytest.raises(ValueError, match="30 rows of 2"):
        fit_hazard(np.zeros((30, 1)), [True] * 30, ("a", "b"), months=1, population="")
