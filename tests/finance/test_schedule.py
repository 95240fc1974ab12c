"""The rules of the schedule contract, one by one, with figures a reader can check by hand."""

from datetime import date
from fractions import Fraction

import pytest

from rongqiao.finance.rounding import Mode, Rounding
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import (
    MOST_TERMS,
    BadTerms,
    BusinessDays,
    CountDays,
    Every,
    Fee,
    FeeAt,
    Grace,
    Method,
    MonthEnd,
    RateUnit,
    Step,
    Terms,
    Unit,
    annual_rate,
)

TEN_THOUSAND = 1_000_000


def loan(**changes):
    """12 % a year on 10,000 yuan from 15 January 2026, three months."""
    usual = {
        "principal": TEN_THOUSAND,
        "rate_annual": Fraction(12, 100),
        "start": date(2026, 1, 15),
    }
    if "principal_plan" not in changes and "payment" not in changes:
        usual["terms"] = 3
    return Terms(**usual | changes)


def columns(terms):
    found = schedule(terms).columns
    return list(found.principals), list(found.interests), list(found.balances)


def dues(**changes):
    return [each.isoformat() for each in schedule(loan(**changes)).dues]


def test_level_instalments_end_with_the_balance_left_and_its_own_interest():
    # 10,000 x 0.01 / (1 - 1.01^-3) = 3,400.2211...
    principals, interests, balances = columns(loan())
    assert interests == [10_000, 6_700, 3_367]
    assert principals == [330_022, 333_322, 336_656]
    assert balances == [669_978, 336_656, 0]
    assert schedule(loan()).payments == [340_022, 340_022, 340_023]


def test_equal_principal_leaves_the_fen_to_the_last_instalment_or_the_first():
    principals, interests, _ = columns(loan(method=Method.EQUAL_PRINCIPAL))
    assert principals == [333_333, 333_333, 333_334]
    assert interests == [10_000, 6_667, 3_333]
    principals, _, _ = columns(loan(method=Method.EQUAL_PRINCIPAL, remainder="first"))
    assert principals == [333_334, 333_333, 333_333]


def test_interest_only_pays_the_principal_last():
    principals, interests, _ = columns(loan(method=Method.INTEREST_ONLY))
    assert principals == [0, 0, TEN_THOUSAND]
    assert interests == [10_000] * 3


def test_a_bullet_is_one_row_after_all_its_terms():
    found = list(schedule(loan(method=Method.BULLET)).rows)
    assert len(found) == 1
    assert found[0].due_on == date(2026, 4, 15)
    assert (found[0].days, found[0].interest, found[0].payment) == (90, 30_000, 1_030_000)


def test_flat_interest_is_of_the_whole_loan_in_every_row():
    principals, interests, _ = columns(loan(method=Method.FLAT))
    assert principals == [333_333, 333_333, 333_334]
    assert interests == [10_000] * 3


def test_a_custom_plan_is_followed():
    plan = (200_000, 0, 800_000)
    principals, interests, _ = columns(loan(method=Method.CUSTOM, principal_plan=plan))
    assert principals == list(plan)
    assert interests == [10_000, 8_000, 8_000]


def test_no_interest_makes_equal_parts():
    assert schedule(loan(rate_annual=Fraction(0))).payments == [333_333, 333_333, 333_334]


def test_a_year_of_any_unit_has_its_months():
    assert dues(every=Every(Unit.QUARTER))[0] == "2026-04-15"
    assert dues(every=Every(Unit.YEAR, 2), terms=1) == ["2028-01-15"]
    assert dues(every=Every(Unit.WEEK, 2), terms=2) == ["2026-01-29", "2026-02-12"]
    assert dues(every=Every(Unit.DAY, 10), terms=2) == ["2026-01-25", "2026-02-04"]


@pytest.mark.parametrize(
    ("month_end", "expected"),
    [
        (MonthEnd.CLAMP, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        (MonthEnd.LAST_DAY, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        (MonthEnd.NEXT_MONTH, ["2026-03-01", "2026-03-31", "2026-05-01"]),
    ],
)
def test_from_a_31st_the_day_that_is_missing_is_found_by_the_rule(month_end, expected):
    assert dues(start=date(2026, 1, 31), month_end=month_end) == expected


def test_the_last_day_of_the_month_stays_the_last_from_a_shorter_month():
    found = dues(start=date(2026, 2, 28), month_end=MonthEnd.LAST_DAY)
    assert found == ["2026-03-31", "2026-04-30", "2026-05-31"]
    assert dues(start=date(2026, 2, 28))[0] == "2026-03-28"


def test_months_of_a_quote_are_twelfths_wherever_the_rule_moved_the_date():
    _, interests, _ = columns(loan(start=date(2026, 1, 31), method=Method.INTEREST_ONLY))
    assert interests == [10_000] * 3


def test_first_due_sets_the_day_of_later_dates_and_counts_its_own_days():
    # From 15 January to 5 March are 50 days of 30/360: 10,000 x 12 % x 50 / 360 = 166.67.
    terms = loan(first_due=date(2026, 3, 5), method=Method.INTEREST_ONLY)
    assert [each.isoformat() for each in schedule(terms).dues] == [
        "2026-03-05",
        "2026-04-05",
        "2026-05-05",
    ]
    assert columns(terms)[1] == [16_667, 10_000, 10_000]


def test_a_first_due_on_the_grid_is_a_whole_period():
    terms = loan(start=date(2026, 1, 31), first_due=date(2026, 2, 28), method=Method.INTEREST_ONLY)
    assert columns(terms)[1][0] == 10_000


@pytest.mark.parametrize(
    ("basis", "interest"),
    [
        ("act/360", 10_333),  # 31 days
        ("act/365f", 10_192),
        ("act/364", 10_220),
        ("act/365.25", 10_185),
        ("act/365a", 10_192),
        ("act/act_isda", 10_192),
        ("act/act_icma", 10_000),
        ("act/act_year", 10_192),
        ("nl/365", 10_192),
        ("30e/360", 10_000),
        ("1/1", 120_000),
    ],
)
def test_a_month_earns_what_the_day_count_says(basis, interest):
    terms = loan(method=Method.INTEREST_ONLY, day_count=basis, terms=1)
    assert columns(terms)[1] == [interest]


def test_counting_both_ends_adds_a_day_to_every_row_but_not_to_whole_months():
    both = CountDays.INCLUDE_BOTH
    actual = {"method": Method.INTEREST_ONLY, "day_count": "act/360", "count_days": both}
    # 32, 29 and 32 days of 3.3333 yuan.
    assert columns(loan(**actual))[1] == [10_667, 9_667, 10_667]
    assert [row.days for row in schedule(loan(**actual)).rows] == [31, 28, 31]
    assert columns(loan(method=Method.INTEREST_ONLY, count_days=both))[1] == [10_000] * 3


def test_a_level_instalment_on_actual_days_clears_the_balance_with_each_period_s_days():
    found = schedule(loan(day_count="act/360"))
    assert max(found.payments) - min(found.payments) <= 2
    exact = Fraction(TEN_THOUSAND)
    level = found.payments[0]
    for row in found.rows:
        exact = exact * (1 + Fraction(12, 100) * Fraction(row.days, 360)) - level
    assert abs(exact) < 3


def test_a_due_date_moves_off_a_holiday_and_its_period_earns_the_days():
    # 1 to 3 May 2026 are the Labour Day holiday, moved to Wednesday the 6th at the earliest.
    terms = {"start": date(2026, 4, 1), "terms": 1, "day_count": "act/360"}
    moved = schedule(loan(**terms, business_days=BusinessDays.FOLLOWING))
    assert moved.dues[0] == date(2026, 5, 6)
    assert list(moved.columns.interests) == [11_667]
    back = schedule(loan(**terms, business_days=BusinessDays.PRECEDING))
    assert back.dues[0] == date(2026, 4, 30)
    whole = loan(start=date(2026, 4, 1), terms=1, business_days=BusinessDays.FOLLOWING)
    assert columns(whole)[1] == [10_000]


def test_two_instalments_on_one_business_day_are_refused():
    terms = loan(
        start=date(2026, 4, 29),
        every=Every(Unit.DAY),
        business_days=BusinessDays.FOLLOWING,
        terms=5,
    )
    with pytest.raises(BadTerms, match="business_days is following"):
        schedule(terms)


def test_a_rounded_up_instalment_may_end_the_loan_early():
    # Level principal of 500 yuan at 36 terms is 13.89; rounded up to 100 it takes five.
    terms = loan(
        principal=50_000,
        terms=36,
        method=Method.EQUAL_PRINCIPAL,
        rounding=Rounding(Mode.UP, 10_000),
    )
    assert columns(terms)[0] == [10_000] * 5
    level = loan(principal=50_000, terms=36, rounding=Rounding(Mode.UP, 10_000))
    found = schedule(level)
    assert found.payments[:5] == [10_000] * 5
    assert len(found.payments) == 6
    assert found.payments[5] < 10_000
    assert found.balances[-1] == 0


def test_interest_is_rounded_by_its_own_rule():
    terms = {"method": Method.INTEREST_ONLY, "rate_annual": Fraction(5, 100), "terms": 1}
    for mode, interest in ((Mode.DOWN, 4166), (Mode.UP, 4167), (Mode.HALF_EVEN, 4167)):
        assert columns(loan(**terms, interest_rounding=Rounding(mode)))[1] == [interest]
    assert columns(loan(**terms, interest_rounding=Rounding(Mode.UP, 100)))[1] == [4200]


def test_a_fixed_payment_takes_as_many_instalments_as_it_needs():
    # 10,000 + 100 - 4,000 = 6,100; + 61 - 4,000 = 2,161; + 21.61 = 2,182.61.
    found = schedule(loan(payment=400_000))
    assert list(found.balances) == [610_000, 216_100, 0]
    assert found.payments == [400_000, 400_000, 218_261]


def test_a_fixed_payment_with_terms_leaves_the_rest_to_the_last():
    found = schedule(loan(payment=300_000, terms=3))
    assert found.payments[:2] == [300_000, 300_000]
    assert found.payments[2] > 300_000
    assert found.balances[-1] == 0
    assert len(schedule(loan(payment=600_000, terms=3)).payments) == 2


@pytest.mark.parametrize(
    ("payment", "said"),
    [(9_999, "at least 100.00, the interest of instalment 1"), (10_000, f"{MOST_TERMS}")],
)
def test_a_payment_that_never_clears_the_balance_is_refused(payment, said):
    with pytest.raises(BadTerms, match=said) as refused:
        schedule(loan(payment=payment))
    assert refused.value.field == "payment"


def test_grace_pays_interest_only_and_is_counted_in_the_terms():
    principals, interests, _ = columns(loan(terms=4, grace=Grace(principal_terms=1)))
    assert principals == [0, 330_022, 333_322, 336_656]
    assert interests == [10_000, 10_000, 6_700, 3_367]


def test_interest_in_grace_is_waived_or_joins_the_balance():
    waived = loan(method=Method.INTEREST_ONLY, grace=Grace(interest_terms=2))
    assert columns(waived)[1] == [0, 0, 10_000]
    joined = loan(method=Method.INTEREST_ONLY, grace=Grace(interest_terms=2, capitalise=True))
    principals, interests, balances = columns(joined)
    assert balances == [1_010_000, 1_020_100, 0]
    assert interests == [0, 0, 10_201]
    assert principals == [0, 0, 1_020_100]


def test_a_level_instalment_knows_which_interest_is_waived():
    # One period without interest: A + A / 1.01 + A / 1.01^2 = 10,000.
    found = schedule(loan(grace=Grace(interest_terms=1)))
    assert abs(found.payments[0] - 336_655) <= 1
    assert abs(found.payments[2] - found.payments[0]) <= 2


def test_a_balloon_is_left_for_the_last_instalment():
    # (10,000 - 4,000 / 1.01^3) x 0.01 / (1 - 1.01^-3) = 2,080.13.
    found = schedule(loan(balloon=400_000))
    assert found.payments[0] == 208_013
    assert abs(found.payments[2] - 608_013) <= 2
    equal = loan(balloon=400_000, method=Method.EQUAL_PRINCIPAL)
    assert columns(equal)[0] == [200_000, 200_000, 600_000]


def test_a_step_finds_later_instalments_again_and_holds_from_the_period_it_precedes():
    steps = (Step(date(2026, 2, 16), Fraction(24, 100)),)
    found = schedule(loan(terms=4, steps=steps))
    rows = list(found.rows)
    usual = schedule(loan(terms=4)).payments[0]
    # The period from 15 February began before the step.
    assert [row.payment for row in rows[:2]] == [usual, usual]
    assert rows[2].interest == round(rows[1].balance * 2 / 100)
    assert rows[2].payment > usual
    assert abs(rows[3].payment - rows[2].payment) <= 1


def test_a_step_in_force_at_the_start_is_the_rate_of_the_loan():
    steps = (Step(date(2025, 1, 1), Fraction(6, 100)), Step(date(2026, 1, 15), Fraction(24, 100)))
    stepped, plain = schedule(loan(steps=steps)), schedule(loan(rate_annual=Fraction(24, 100)))
    assert list(stepped.rows) == list(plain.rows)


def test_fees_fall_where_they_belong():
    fees = (
        Fee("担保费", FeeAt.DISBURSEMENT, 50_000),
        Fee("管理费", FeeAt.EACH, 1_000),
        Fee("开户费", FeeAt.FIRST, 200),
        Fee.of_rate("结清费", FeeAt.LAST, Fraction(1, 1000), TEN_THOUSAND),
    )
    found = schedule(loan(fees=fees))
    assert list(found.fees.by_row) == [1_200, 1_000, 2_000]
    assert found.fees.withheld == 50_000
    assert found.totals.fee == 54_200
    assert found.totals.payment == TEN_THOUSAND + found.totals.interest + 54_200
    assert found.payments[0] == 340_022 + 1_200


def test_rates_of_a_month_and_a_day_are_annual_ones():
    assert annual_rate(Fraction(1, 100), RateUnit.MONTH, 360) == Fraction(12, 100)
    assert annual_rate(Fraction(5, 10_000), RateUnit.DAY, 360) == Fraction(18, 100)
    assert annual_rate(Fraction(5, 10_000), RateUnit.DAY, 365) == Fraction(1825, 10_000)


def test_an_instalment_below_its_interest_is_refused_by_the_field_that_makes_it():
    # So long a first period earns more than the level instalment of the months after it.
    terms = loan(first_due=date(2030, 1, 15), terms=60)
    with pytest.raises(BadTerms, match="of at least") as refused:
        schedule(terms)
    assert refused.value.field == "terms"
    down = loan(rounding=Rounding(Mode.DOWN, 10_000_000))
    with pytest.raises(BadTerms, match="of at least") as refused:
        schedule(down)
    assert refused.value.field == "rounding"


def test_dates_past_the_calendar_are_refused():
    with pytest.raises(BadTerms, match="before the year 10000"):
        schedule(loan(start=date(9999, 11, 1)))


def test_rows_without_number_of_terms_are_refused():
    with pytest.raises(BadTerms, match="terms is missing"):
        loan(terms=None)
