"""FSharp.Finance.Personal: published schedules with actual days, day rates and their APR."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from tests.finance.vectors.asking import ask, ask_apr, must, near, rows_must, yuan
from tests.finance.vectors.registry import ADD_ON, INTEREST_CAP, Case, load

FILE = "fsharp_payment_schedules_apr"
# Their level payment makes the last one lower, higher or nearly the same.
LEVEL = {"lower": "up", "higher": "down", "similar": "half_up"}
INTEREST = {"rounded down": "down", "AwayFromZero": "half_up", "ToEven": "half_even"}


def cases():
    found = []
    for case in load(FILE):
        reason = reason_against(case)
        run = None if reason else partial(schedule_holds, case)
        found.append(Case(case["id"], FILE, run, reason))
        found.append(Case(case["id"], FILE, partial(apr_holds, case), None, "its APR"))
    return found


def reason_against(case):
    if case["inputs"]["interest_method"] == "add-on":
        return ADD_ON
    stats = case["expected"]["stats"]
    if Decimal(yuan(stats["total_interest"])) >= Decimal(yuan(case["inputs"]["principal"])):
        return INTEREST_CAP
    return None


def mode(text):
    return next(ours for theirs, ours in INTEREST.items() if theirs in text)


def schedule_holds(case):
    """A day rate on actual days; the first date stands, later ones keep its day of the month.

    Their level payment is searched against interest already rounded, ours is exact (rule 10), so
    theirs is given as `payment`; the one we find may differ by the last digit only.
    """
    inputs, expected = case["inputs"], case["expected"]
    start, paid = date.fromisoformat(inputs["start_date"]), expected["rows"][1:]
    rate, _, unit = inputs["standard_rate"].partition(" % per ")
    first = inputs["first_payment"]
    every = {"unit": "month", "count": 1}
    if "-weekly" in first:
        every = {"unit": "week", "count": int(first.partition("-")[0])}
    terms = {
        # One case lends a fee beside the cash; what is owed at first is what bears interest.
        "principal": yuan(expected["stats"]["total_principal"]),
        "rate": f"{Decimal(rate) / 100:f}",
        "rate_unit": unit,
        "rate_day_basis": 365,
        "day_count": "act/365f",
        "terms": int(inputs.get("payment_count", len(paid))),
        "start": inputs["start_date"],
        "first_due": (start + timedelta(days=int(paid[0]["day"]))).isoformat(),
        "every": every,
        "month_end": "last_day" if "month-end" in first else "clamp",
        "rounding": {"mode": LEVEL[inputs["level_payment_option"].partition(" ")[0]]},
        "interest_rounding": {"mode": mode(inputs["interest_rounding"])},
    }
    level = yuan(expected["stats"]["level_payment"])
    quoted = ask(**terms, payment=level)
    near(ask(**terms)["rows"][0]["payment"], level, "0.01")
    due = [{"due": (start + timedelta(days=int(row["day"]))).isoformat(), **row} for row in paid]
    rows_must(
        quoted,
        due,
        {
            "due": "due",
            "scheduled_payment": "payment",
            "interest_portion": "interest",
            "principal_portion": "principal",
            "principal_balance": "balance",
        },
    )
    stats, totals = expected["stats"], quoted["totals"]
    must(quoted["rows"][-1]["payment"], yuan(stats["final_payment"]))
    must(totals["payment"], yuan(stats["total_scheduled_payments"]))
    must(totals["interest"], yuan(stats["total_interest"]))


def apr_holds(case):
    """The rate of the published payments, to the last printed digit.

    Their EU and UK rates always count days / 365, which our contract calls `xirr`. Their solver
    stops early, so that a tie in the digit after the last may fall either way.
    """
    inputs, stats = case["inputs"], case["expected"]["stats"]
    start = date.fromisoformat(inputs["start_date"])
    flows = [{"date": start.isoformat(), "amount": "-" + yuan(inputs["principal"])}]
    for row in case["expected"]["rows"][1:]:
        due = start + timedelta(days=int(row["day"]))
        amount = row["scheduled_payment"].removeprefix("original ")
        flows.append({"date": due.isoformat(), "amount": yuan(amount)})
    method = "us_actuarial" if inputs["apr_method"].startswith("US") else "xirr"
    found = Decimal(ask_apr(flows=flows, method=method)["apr"]) * 100
    last_digit = Decimal(1).scaleb(-int(inputs["apr_method"].split()[-2]))
    near(found, stats["initial_apr"].removesuffix(" %"), last_digit * Decimal("0.5001"))
