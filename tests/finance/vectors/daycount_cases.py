"""OpenGamma Strata: days and year fractions of every basis, as its own test prints them."""

from decimal import Decimal
from functools import partial

from rongqiao.cli.lines import daycount
from tests.finance.vectors.registry import Case, load

FILE = "daycount_strata"
BASES = {
    "ONE_ONE": "1/1",
    "ACT_ACT_ISDA": "act/act_isda",
    "ACT_ACT_AFB": "act/act_afb",
    "ACT_ACT_YEAR": "act/act_year",
    "ACT_365_ACTUAL": "act/365a",
    "ACT_360": "act/360",
    "ACT_364": "act/364",
    "ACT_365F": "act/365f",
    "ACT_365_25": "act/365.25",
    "NL_360": "nl/360",
    "NL_365": "nl/365",
    "THIRTY_360_ISDA": "30/360",
    "THIRTY_360_PSA": "30/360_psa",
    "THIRTY_E_360": "30e/360",
    "THIRTY_EPLUS_360": "30e+/360",
}


def cases():
    return [Case(case["id"], FILE, partial(holds, case)) for case in load(FILE)]


def holds(case):
    """Days are equal; fractions to the last digit that a double of that size holds."""
    inputs, expected = case["inputs"], case["expected"]
    found = daycount.answer(
        {
            "basis": BASES[inputs["day_count"]],
            "from": inputs["from_date"],
            "to": inputs["to_date"],
        }
    )
    if "days" in expected:
        assert found["days"] == expected["days"], found
        return
    printed = expected["year_fraction"]
    # Theirs is one or two sums of doubles; ours is exact.
    gap = abs(Decimal(found["year_fraction"]) - Decimal(repr(printed)))
    assert gap <= Decimal("2.3e-16") * max(1, int(printed)), (found, printed)
