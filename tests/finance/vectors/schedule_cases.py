"""Small published tables: loan calculators, a micro-lender's own tests, exact level payments."""

from decimal import Decimal
from fractions import Fraction
from functools import partial

from rongqiao.finance.schedule.level import level_instalment
from tests.finance.vectors.asking import ask, column, family, must, near, part, rows_must, yuan
from tests.finance.vectors.registry import BALANCING_INTEREST, Case, load

MISC, SUNLINE, TVM = "amortisation_misc", "china_sunline_microloan", "tvm_numpy_financial"
START = "2026-01-15"


def cases():
    three_months = "cn-equal-instalment-3m"
    return [
        *family(MISC, load(MISC), MISC_RUNS, {}),
        *family(
            SUNLINE,
            load(SUNLINE),
            SUNLINE_RUNS,
            {three_months: BALANCING_INTEREST},
            [(three_months, "all but the last interest", all_but_the_last_interest)],
        ),
        *(
            Case(case["id"], TVM, partial(BEFORE_ROUNDING[case["id"]], case), None, "unrounded")
            for case in load(TVM)
            if case["id"] in BEFORE_ROUNDING
        ),
    ]


def constant_amortisation(case):
    inputs, expected = case["inputs"], case["expected"]
    quoted = ask(
        principal=inputs["principal"],
        rate=inputs["period_rate"],
        rate_unit="month",
        method="equal_principal",
        terms=inputs["periods"],
        start=START,
    )
    for name in ("principal", "balance", "interest", "payment"):
        must(column(quoted, name), [yuan(each) for each in expected[name]])
    must(quoted["totals"]["interest"], expected["total_interest"])
    must(quoted["totals"]["payment"], expected["total_paid"])


def price(case):
    inputs, expected = case["inputs"], case["expected"]
    quoted = ask(
        principal=inputs["principal"],
        rate=inputs["period_rate"],
        rate_unit="month",
        terms=inputs["periods"],
        start=START,
    )
    for name in ("principal", "balance", "interest", "payment"):
        must(column(quoted, name), expected[name])
    must(quoted["totals"]["interest"], expected["total_interest"])


def monthly(case, **more):
    inputs = case["inputs"]
    rate = part(inputs["annual_rate_percent"])
    months = inputs["months"]
    return ask(principal=inputs["principal"], rate=rate, terms=months, start=START, **more)


def instalment(case):
    must(monthly(case)["rows"][0]["payment"], case["expected"]["payment"])


def piggybank(case):
    """Its Decimal rounds half-even, as Python does unless told otherwise."""
    quoted, expected = monthly(case, interest_rounding={"mode": "half_even"}), case["expected"]
    must(set(column(quoted, "payment")[:-1]), {expected["payment"]})
    must(quoted["rows"][-1]["payment"], expected["final_payment"])
    must(quoted["totals"]["interest"], expected["total_interest"])


def dates(start, **more):
    def run(case):
        expected = case["expected"]
        months = case["inputs"]["months"]
        quoted = ask(principal="1200", rate="0.06", terms=months, start=start, **more)
        dues = column(quoted, "due")
        must((dues[0], dues[1], dues[-1]), tuple(expected.values()))

    return run


def ceiled(case):
    """The wrong instalment is the right one rounded up to whole units."""
    must(monthly(case)["rows"][0]["payment"], case["expected"]["instalment"])
    whole = monthly(case, rounding={"mode": "up", "unit": "1"})
    must(whole["rows"][0]["payment"], yuan(case["expected"]["wrong_ceiled_instalment"]))


MISC_RUNS = {
    "loancalc-constant-amortization": constant_amortisation,
    "loancalc-price": price,
    "cn-lpr-annuity": instalment,
    "piggybank-30y": piggybank,
    "piggybank-15y": piggybank,
    "frappe-dates-start-date": dates("2022-09-20", first_due="2022-10-17"),
    "frappe-dates-prorated-month-end": dates(
        "2022-10-17", first_due="2022-10-31", month_end="last_day"
    ),
    "frappe-issue31": ceiled,
}


def one_period(unit, count=None, day_count="30/360"):
    def run(case):
        inputs = case["inputs"]
        quoted = ask(
            principal=inputs["principal"],
            rate=part(inputs["annual_rate_percent"]),
            method="bullet",
            terms=count or inputs["days"],
            every={"unit": unit},
            day_count=day_count,
            start=START,
        )
        if "interest" in case["expected"]:
            must(quoted["totals"]["interest"], yuan(case["expected"]["interest"]))
        else:
            same = {name: name for name in ("principal", "interest", "balance")}
            rows_must(quoted, case["expected"]["rows"], same | {"instalment": "payment"})

    return run


def all_but_the_last_interest(case):
    expected = case["expected"]
    quoted = monthly(case)
    printed = [dict(row) for row in expected["rows"]]
    must(quoted["rows"][0]["payment"], expected["instalment"])
    printed[-1].pop("interest")
    rows_must(quoted, printed, {name: name for name in ("principal", "interest", "balance")})


SUNLINE_RUNS = {
    "cn-month-interest": one_period("month", 1),
    "cn-year-interest": one_period("year", 1),
    "cn-3day-interest": one_period("day", day_count="act/360"),
    "cn-12day-interest": one_period("day", day_count="act/360"),
    "cn-equal-principal-one-quarter": one_period("quarter", 1),
    "cn-one-off-365-days": one_period("day", day_count="act/360"),
}


def exact(case, balance, left_over=0):
    """The level payment before it is rounded."""
    inputs = case["inputs"]
    rate = inputs["rate"]
    growth = Fraction(rate.split("/")[0]) / (12 if "/12" in rate else 1)
    ratio = (growth.numerator, growth.denominator)
    return Fraction(*level_instalment(balance, [ratio] * inputs["nper"], left_over)), growth


def close(found, expected, tolerance):
    near(Decimal(found.numerator) / Decimal(found.denominator), expected, tolerance)


def future_value(case):
    """Paid in, the payments leave a balance in the payer's favour."""
    saved, _ = exact(case, 0, left_over=-1)
    close(-Fraction(case["inputs"]["pmt"]) / saved, case["expected"], case["tolerance"])


def payment(case):
    found, _ = exact(case, int(case["inputs"]["pv"]))
    close(-found, case["expected"], case["tolerance"])


def first_principal(case):
    lent = int(case["inputs"]["pv"])
    found, growth = exact(case, lent)
    close(lent * growth - found, case["expected"], case["tolerance"])


# What a quote cannot show, the exact instalment under it can.
BEFORE_ROUNDING = {
    "npf-fv": future_value,
    "npf-pmt-2": payment,
    "npf-pmt-3": payment,
    "npf-ppmt": first_principal,
}
