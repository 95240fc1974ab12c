"""Annual percentage rates: the EU directive, Regulation Z appendix J, and numpy-financial."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from tests.finance.vectors.asking import ask, ask_apr, near
from tests.finance.vectors.registry import UNCONVERGED, UNROUNDED, Case, load

EU, US, TVM = "apr_eu_uk", "apr_us_reg_z_appendix_j", "tvm_numpy_financial"
DAYS_AT_WHOLE_MONTHS = ("fsharp-EuropeanUnion-3", "fsharp-UnitedKingdom-3")
EVERY = {
    "daily": ("day", 1),
    "weekly": ("week", 1),
    "every 2 weeks": ("week", 2),
    "every 4 weeks": ("week", 4),
    "semimonthly": ("half_month", 1),
    "monthly": ("month", 1),
    "every 2 months": ("month", 2),
    "quarterly": ("quarter", 1),
    "yearly": ("year", 1),
}


def cases():
    tvm = {case["id"]: case for case in load(TVM)}
    return [
        *(Case(case["id"], EU, partial(eu_holds, case)) for case in load(EU)),
        *(Case(case["id"], US, partial(us_holds, case)) for case in load(US)),
        Case("npf-rate", TVM, None, UNCONVERGED),
        Case("npf-rate", TVM, partial(rate_holds, tvm["npf-rate"]), None, "the exact root"),
        Case("npf-pmt-2", TVM, partial(payment_holds, tvm["npf-pmt-2"], 3 * 10**9)),
        Case("npf-pmt-3", TVM, partial(payment_holds, tvm["npf-pmt-3"], 10**8)),
        Case("npf-ipmt-series", TVM, partial(interest_holds, tvm["npf-ipmt-series"], 10**8)),
        *(Case(id_, TVM, None, UNROUNDED) for id_ in ("npf-fv", "npf-ppmt", "npf-npv")),
    ]


def within(case, line):
    found = Decimal(ask_apr(**line)["apr"]) * 100
    near(found, case["expected"]["apr_percent"], case["tolerance_percent_points"])


def eu_holds(case):
    inputs = case["inputs"]
    if "regular" in inputs:
        # No dates are published; any month begins like another.
        flows = [{"date": "2026-01-01", "amount": "-" + inputs["advance"]}]
        flows.append(run_of(inputs["regular"] | {"first_date": "2026-02-01"}))
    elif isinstance(inputs["advance"], str):
        flows = [{"days": "0", "amount": "-" + inputs["advance"]}]
        flows += [{"days": p["day_offset"], "amount": p["amount"]} for p in inputs["payments"]]
    else:
        flows = [negative(inputs["advance"]), *inputs["payments"]]
    # That source counts days / 365 at whole months too, which is our xirr.
    method = "xirr" if case["id"] in DAYS_AT_WHOLE_MONTHS else "eu"
    within(case, {"method": method, "flows": flows})


def us_holds(case):
    """The unit-period is found from the run, and again from the bare dates of the same flows."""
    inputs = case["inputs"]
    flows = [negative(advance) for advance in inputs["advances"]]
    odd = ("irregular_first_payment", "irregular_final_payment")
    flows += [inputs[name] for name in odd if name in inputs]
    within(case, {"method": "us_actuarial", "flows": [*flows, run_of(inputs["regular"])]})
    within(case, {"method": "us_actuarial", "flows": [*flows, *dates_of(inputs["regular"])]})


def negative(flow):
    return flow | {"amount": "-" + flow["amount"]}


def run_of(regular):
    unit, count = EVERY[regular["frequency"]]
    return {
        "first": regular["first_date"],
        "every": {"unit": unit, "count": count},
        "count": regular["count"],
        "amount": regular["amount"],
    }


def dates_of(regular):
    unit, count = EVERY[regular["frequency"]]
    first = date.fromisoformat(regular["first_date"])
    for number in range(regular["count"]):
        if unit in ("day", "week"):
            on = first + timedelta(days=number * count * (7 if unit == "week" else 1))
        else:
            months = number * count * {"month": 1, "quarter": 3, "year": 12}[unit]
            years, month = divmod(first.month - 1 + months, 12)
            on = first.replace(year=first.year + years, month=month + 1)
        yield {"date": on.isoformat(), "amount": regular["amount"]}


def rate_holds(case):
    """The rate per period of one sum that grows to another: years stand for the periods."""
    inputs = case["inputs"]
    flows = [
        {"date": "2026-01-01", "amount": inputs["pv"]},
        {"date": f"{2026 + inputs['nper']}-01-01", "amount": inputs["fv"]},
    ]
    found = ask_apr(method="eu", flows=flows)["apr"]
    # The closed form (20 / 7) ** 0.1 - 1; the printed rate is 3.5e-12 above it.
    near(found, "0.110690853710752806", case["tolerance"])
    near(found, case["expected"], "4e-12")


def annuity(inputs, scale):
    """Return the rows of an annuity `scale` times as large, where a fen is below the tolerance.

    An annuity is proportional to its principal, so its rows divided by `scale` are the case's.
    """
    rate = Decimal(inputs["rate"].removesuffix("/12"))
    return ask(
        principal=f"{Decimal(inputs['pv']) * scale:.2f}",
        rate=str(rate),
        rate_unit="year" if "/12" in inputs["rate"] else "month",
        terms=inputs["nper"],
        start="2026-01-01",
    )["rows"]


def payment_holds(case, scale):
    row = annuity(case["inputs"], scale)[0]
    near(-Decimal(row["payment"]) / scale, case["expected"], case["tolerance"])


def interest_holds(case, scale):
    rows = annuity(case["inputs"], scale)
    for number, printed in zip(case["inputs"]["per"], case["expected"], strict=True):
        near(-Decimal(rows[number - 1]["interest"]) / scale, printed, case["tolerance"])
