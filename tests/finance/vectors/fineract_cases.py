"""Apache Fineract: 30/360 and actual days, month ends, grace."""

from decimal import ROUND_HALF_EVEN, Decimal

from tests.finance.vectors.asking import ask, column, family, must, part, rows_must, yuan
from tests.finance.vectors.registry import MID_LIFE, load

EMI, EXTRA = "fineract_emi_calculator", "fineract_schedules_extra"
SPLIT = (
    "a day count of its own: across new year it counts the due date instead of the first day, "
    "where act/act_isda counts the first"
)
BASES = {
    ("DAYS_360", "DAYS_30"): "30/360",
    ("DAYS_365", "ACTUAL"): "act/365f",
    ("DAYS_364", "ACTUAL"): "act/364",
    ("ACTUAL", "ACTUAL"): "act/act_isda",
    ("360", "30"): "30/360",
}
_MONTHLY = "fineract-emi-disbursedAmt100_dayInYears360_daysInMonth30_repayEvery1Month"
_SEVERAL = "fineract-emi-multiDisbursedAmt150InSamePeriod_dayInYears360_daysInMonth30"
EMI_REASONS = dict.fromkeys(
    (
        f"{_MONTHLY}_reschedule",
        f"{_MONTHLY}_add_balance_correction_on0215",
        f"{_MONTHLY}_payoff_on0215",
        f"{_SEVERAL}_repayEvery1Month_backdated_disbursement",
    ),
    MID_LIFE,
)
# Fineract tries a neighbouring level instalment where the last one comes out nearer to it. Ours is
# the exact one, rounded once (rule 10), so theirs is given as `payment`.
NEIGHBOUR = {
    "fineract-emi-disbursedAmt100_dayInYears364_daysInMonthActual_repayEvery2Week": "33.57",
    "fineract-emi-actact-iterate": "68.14",
}
EXTRA_REASONS = {"fineract-emi-actact-12pct": SPLIT, "fineract-emi-actact-9.4822": SPLIT}


def cases():
    emi, extra = load(EMI), load(EXTRA)
    emi_runs = {case["id"]: emi_holds for case in emi if case["id"] not in EMI_REASONS}
    runs = {case["id"]: extra_holds for case in extra if case["id"] not in EXTRA_REASONS}
    runs["fineract-schedule-generator-192.22"] = first_part_of_a_month_holds
    runs["fineract-rate-factor-actact"] = rate_factors_hold
    return [
        *family(EMI, emi, emi_runs, EMI_REASONS),
        *family(EXTRA, extra, runs, EXTRA_REASONS),
    ]


def emi_holds(case):
    """Half-even to the cent; the rate factors of their twelve digits are not ours to show."""
    inputs, (lent, *events) = case["inputs"], case["steps"]
    rows = events.pop()["rows"]
    changes = [{"from": shift(each), "rate": part(each["value"])} for each in events]
    periods = inputs["periods"]
    quoted = ask(
        principal=yuan(lent["value"]),
        rate=part(inputs["annual_rate_percent"]),
        day_count=BASES[inputs["days_in_year"], inputs["days_in_month"]],
        terms=len(periods),
        start=periods[0]["from_date"],
        every={"unit": inputs["frequency"].lower().rstrip("s"), "count": inputs["repay_every"]},
        rounding={"mode": "half_even"},
        interest_rounding={"mode": "half_even"},
        steps=changes,
        **neighbour(case),
    )
    by_period = list({row["period"]: row for row in rows}.values())
    rows_must(
        quoted,
        by_period,
        {
            "emi": "payment",
            "period_interest": "interest",
            "principal": "principal",
            "balance_after": "balance",
        },
    )


def neighbour(case):
    return {"payment": NEIGHBOUR[case["id"]]} if case["id"] in NEIGHBOUR else {}


def shift(event):
    """Their change on a day holds from the end of the day before: 2 February, from the 1st."""
    year, month, day = event["dates"][0].split("-")
    return f"{year}-{month}-{int(day) - 1:02d}"


def extra_holds(case):
    inputs, expected = case["inputs"], case["expected"]
    month_end = "next_month" if inputs.get("month_end") == "FIRST_DAY_OF_NEXT_MONTH" else "clamp"
    quoted = ask(
        principal=yuan(inputs["principal"]),
        rate=part(inputs["annual_rate_percent"]),
        day_count=BASES[inputs["days_in_year"], inputs["days_in_month"]],
        terms=inputs["months"],
        start=inputs["disbursed"],
        month_end=month_end,
        grace={"principal_terms": inputs.get("grace_on_principal", 0)},
        **neighbour(case),
    )
    names = {"nr": "no", "due_date": "due", "days": "days", "due": "payment"}
    same = {name: name for name in ("balance", "principal", "interest")}
    rows_must(quoted, expected["rows"], names | same)
    must(quoted["totals"]["interest"], yuan(expected["total_interest"]))


def first_part_of_a_month_holds(case):
    """17 of the 31 days of January are 17/31 of a month: the ICMA rule, not 30/360."""
    inputs, rows = case["inputs"], case["expected"]["rows"]
    quoted = ask(
        principal=inputs["principal"],
        rate=part(inputs["annual_rate_percent"]),
        day_count="act/act_icma",
        terms=inputs["months"],
        start=inputs["disbursed"],
        first_due=rows[0]["due_date"],
    )
    names = {"due_date": "due", "due": "payment"}
    rows_must(quoted, rows, names | {name: name for name in ("principal", "interest", "balance")})


def rate_factors_hold(case):
    """Interest of a million million shows the twelve printed digits, and two more."""
    inputs, whole = case["inputs"], 10**12
    boundaries = inputs["boundaries"]
    quoted = ask(
        principal=f"{whole}.00",
        rate=inputs["annual_rate"],
        day_count="act/act_isda",
        method="interest_only",
        terms=len(boundaries) - 1,
        start=boundaries[0],
    )
    must(column(quoted, "due"), boundaries[1:])
    step = Decimal("1e-12")
    factors = [Decimal(interest) / whole for interest in column(quoted, "interest")]
    rounded = [f"{factor.quantize(step, ROUND_HALF_EVEN):f}" for factor in factors]
    must(rounded, case["expected"]["rate_factor"])
