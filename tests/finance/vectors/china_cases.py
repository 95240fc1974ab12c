"""Chinese published examples: disclosure of cost, 等额本息, day interest, and conversions."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rongqiao.finance.months import add_months
from rongqiao.policies.caps import cap_on
from rongqiao.policies.lpr import lpr_on
from rongqiao.policies.packs import OperatorRole
from tests.finance.vectors.asking import (
    ask,
    ask_apr,
    column,
    family,
    must,
    near,
    part,
    yuan,
)
from tests.finance.vectors.registry import load

FILE = "china_examples"
START = "2026-01-15"
# On a million times the loan a fen weighs a millionth: sums that were never rounded show.
MILLION = 10**6


def cases():
    return family(FILE, load(FILE), RUNS, {})


def disclosure(case):
    inputs, expected = case["inputs"], case["expected"]
    received = Decimal(inputs["principal"]) - Decimal(inputs["upfront_fee"])
    run = {
        "first": "2026-02-15",
        "every": {"unit": "month", "count": 1},
        "count": inputs["periods"],
        "amount": inputs["instalment"],
    }
    found = ask_apr(flows=[{"date": START, "amount": f"-{received}"}, run], method="cn")
    near(Decimal(found["apr"]) * 100, expected["simple_annual_pct"], case["tolerance"])
    near(Decimal(found["compound"]) * 100, expected["irr_compound_annual_pct"], case["tolerance"])


def level(case, times=1):
    inputs = case["inputs"]
    return ask(
        principal=f"{int(inputs['principal']) * times}",
        rate=part(inputs["annual_rate_pct"]),
        terms=inputs["months"],
        start=START,
    )


def textbook_mortgage(case):
    expected = case["expected"]
    near(level(case)["rows"][0]["payment"], expected["instalment"], case["tolerance"])
    total = Decimal(level(case, MILLION)["totals"]["interest"]) / MILLION
    near(total, expected["total_interest"], case["tolerance"])


def balance_after_a_year(case):
    row = level(case, MILLION)["rows"][case["inputs"]["paid"] - 1]
    left = Decimal(row["balance"]) / MILLION
    near(left, case["expected"]["principal_left"], case["tolerance"])


def three_months(case):
    expected = case["expected"]
    quoted = level(case)
    near(quoted["rows"][0]["payment"], expected["instalment"], case["tolerance"])
    for name in ("interest", "principal", "balance"):
        for found, printed in zip(column(quoted, name), expected[name], strict=True):
            near(found, printed, case["tolerance"])


def month_end(case):
    for shift, printed in case["expected"].items():
        start, months = shift.split(" +")
        quoted = ask(principal="1200", rate="0.06", terms=int(months), start=start)
        must(quoted["rows"][-1]["due"], printed)
        must(add_months(date.fromisoformat(start), int(months)).isoformat(), printed)


def day_interest(start):
    """微粒贷: equal principal, a day rate on actual days, head counted and tail not."""

    def run(case):
        inputs, expected = case["inputs"], case["expected"]
        quoted = ask(
            principal=inputs["principal"],
            rate=inputs["daily_rate"],
            rate_unit="day",
            day_count="act/360",
            method="equal_principal",
            terms=5,
            start=start,
        )
        must(column(quoted, "days"), expected.get("days") or inputs["days"])
        if "total_interest" in expected:
            must(quoted["totals"]["interest"], yuan(expected["total_interest"]))
        for name in ("by_period", "interest"):
            must(column(quoted, "interest"), expected.get(name, column(quoted, "interest")))

    return run


def flat_card(case):
    inputs = case["inputs"]
    quoted = ask(
        principal=inputs["principal"],
        rate="0.003",
        rate_unit="month",
        method="flat",
        terms=inputs["periods"],
        start=START,
    )
    must(quoted["rows"][0]["principal"], inputs["monthly_principal"])
    must(set(column(quoted, "interest")), {inputs["monthly_interest"]})
    must(quoted["rows"][-1]["principal"], "111.51")
    apr = Decimal(quoted["apr"]["simple"]) * 100
    near(apr, case["expected"]["simple_annual_pct"], case["tolerance"])


def dated_rate(case):
    flows = [{"date": on, "amount": amount} for on, amount in case["inputs"]["flows"]]
    found = ask_apr(flows=flows, method="xirr")["apr"]
    near(found, case["expected"]["xirr"], case["tolerance"])


def interest(principal, rate, **more):
    """Interest of one repayment at the end."""
    quoted = ask(principal=principal, rate=rate, method="bullet", start=START, **more)
    return quoted["totals"]["interest"]


def days(number):
    return {"terms": number, "every": {"unit": "day"}}


def rate_conversion(case):
    rate = part(case["inputs"]["annual_rate_pct"])
    lent = 10**9
    for name, more in {
        "day_360": {**days(1), "day_count": "act/360"},
        "day_365": {**days(1), "day_count": "act/365f"},
        "month": {"terms": 1},
    }.items():
        found = Decimal(interest(f"{lent}", rate, **more)) / lent
        near(found, case["expected"][name], case["tolerance"])


def actual_over_360(case):
    inputs, expected = case["inputs"], case["expected"]
    rate = part(inputs["annual_rate_pct"])
    for name, more in {
        "3_days": {**days(3), "day_count": "act/360"},
        "12_days": {**days(12), "day_count": "act/360"},
        "month": {"terms": 1},
        "year": {"terms": 12},
    }.items():
        must(interest(inputs["principal"], rate, **more), expected[name])


def one_quarter(case):
    inputs, expected = case["inputs"], case["expected"]
    quoted = ask(
        principal=inputs["principal"],
        rate=part(inputs["annual_rate_pct"]),
        method="equal_principal",
        terms=1,
        every={"unit": "quarter"},
        start=START,
    )
    must(column(quoted, "interest"), [expected["interest"]])
    must(column(quoted, "payment"), [expected["instalment"]])


def interest_first(case):
    """July, August and September have 31, 31 and 30 days."""
    inputs, expected = case["inputs"], case["expected"]
    quoted = ask(
        principal=inputs["principal"],
        rate=part(inputs["annual_rate_pct"]),
        method="interest_only",
        day_count="act/360",
        terms=len(inputs["days"]),
        start="2026-07-01",
    )
    must(column(quoted, "days"), inputs["days"])
    must(column(quoted, "interest"), expected["interest"])
    must(quoted["rows"][-1]["payment"], expected["last_instalment"])


def rate_not_rounded_first(case):
    inputs, expected = case["inputs"], case["expected"]
    rate, more = part(inputs["annual_rate_pct"]), {**days(inputs["days"]), "day_count": "act/360"}
    found = interest(inputs["principal"], rate, **more)
    must(found, expected["correct"])
    day_rate = (Decimal(rate) / 360).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    rounded = interest(inputs["principal"], f"{day_rate}", rate_unit="day", **more)
    must(rounded, expected["wrong_when_day_rate_rounded_to_6_places"])


def day_rate_to_annual(case):
    for basis in (360, 365):
        printed = case["expected"][f"x{basis}"]
        for percent, annual in zip(case["inputs"]["daily_rate_pct"], printed, strict=True):
            more = {"rate_unit": "day", "rate_day_basis": basis, "terms": 12}
            must(interest("100", part(percent), **more), annual)


def subsidy(case):
    """The points of interest that the treasury pays, for all years, on all of the loan."""
    inputs = case["inputs"]
    years = {"terms": inputs["years"], "every": {"unit": "year"}}
    found = interest(inputs["loan"], part(inputs["points_pct"]), **years)
    must(found, yuan(case["expected"]["subsidy_cap"]))


def four_times_lpr(case):
    """A cap is no schedule: the policy pack that knows the day's LPR answers."""
    on = date(2026, 1, 15)
    must(str(lpr_on(on).one_year * 100), case["inputs"]["lpr_1y"])
    cap = cap_on(OperatorRole.MARKETPLACE, on, date(2027, 1, 15))
    must(f"{cap.rate * 100:.2f}", case["expected"]["cap_pct"])


def late_days(principal, rate, result):
    def run(case):
        inputs = case["inputs"]
        found = interest(
            inputs[principal],
            rate or inputs["daily_rate"],
            rate_unit="day",
            day_count="act/360",
            **days(inputs["days"]),
        )
        must(found, case["expected"][result])

    return run


RUNS = {
    "CN-01": disclosure,
    "CN-02": textbook_mortgage,
    "CN-04": balance_after_a_year,
    "CN-06": month_end,
    "CN-07": day_interest("2018-09-11"),
    "CN-08": day_interest("2018-10-11"),
    "CN-09": day_interest("2018-05-11"),
    "CN-13": flat_card,
    "CN-14": dated_rate,
    "CN-15": rate_conversion,
    "CN-18": actual_over_360,
    "CN-19": three_months,
    "CN-21": one_quarter,
    "CN-23": interest_first,
    "CN-24": rate_not_rounded_first,
    "CN-25": day_rate_to_annual,
    "CN-27": four_times_lpr,
    "CN-28": subsidy,
    "CN-29": late_days("debt", None, "double_part"),
    "CN-32": late_days("amount", "0.0005", "interest"),
}
