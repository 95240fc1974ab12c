"""The public German Credit set as past cases, for an installation that has none of its own yet.

1,000 loans of a German bank (Statlog, Hans Hofmann, UCI Machine Learning Repository, CC BY 4.0,
given in 1994). No row is a Chinese borrower: what a policy makes of them shows how a back-test
reads, and says nothing of people here. All of them were lent to, so every outcome is known; the set
tells no dates, no rates and no amounts lost.
"""

from __future__ import annotations

import csv
import gzip
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from uuid import NAMESPACE_URL, uuid5

from rongqiao.finance.money import Money
from rongqiao.policies.credit.facts import NO_HISTORY, Facts, GradeRate, Offer
from rongqiao.risk.judging.changing.backtesting.cases import BAD, GOOD
from rongqiao.risk.judging.changing.backtesting.past import PastCase
from rongqiao.risk.judging.deciding import Case
from rongqiao.risk.judging.features import values_of

# The year the set was given to the public; it has no other date.
ON = date(1994, 11, 17)
# Ten yuan for a mark carries amounts and incomes of then over to the limits of now.
YUAN_PER_MARK = 10
# Instalment / disposable income: 1 is 35 % and more, 4 below 20 %; the middles.
_INCOME_SHARE = {"1": Decimal("0.40"), "2": Decimal("0.30"), "3": Decimal("0.22")} | {
    "4": Decimal("0.17")
}
_MONTHS_IN_WORK = {
    "unemployed": 0,
    "... < 1 year": 7,
    "1 <= ... < 4 years": 30,
    "4 <= ... < 7 years": 66,
    "... >= 7 years": 132,
}
_HOUSING = {"own": "own", "rent": "rented", "for free": "family"}
# The set has no rates: those of an ordinary consumer loan, by grade.
OFFER = Offer(
    amount_min=Money.yuan("1000.00"),
    amount_max=Money.yuan("200000.00"),
    grades=tuple(
        GradeRate(grade, Decimal(rate))
        for grade, rate in zip("ABCDE", ("0.072", "0.09", "0.108", "0.126", "0.144"), strict=True)
    ),
)


@cache
def german_cases() -> tuple[PastCase, ...]:
    """Return the whole set, in its own order, as G0001 to G1000."""
    place = files("rongqiao.risk.judging.changing.backtesting").joinpath(
        "sets", "german_credit.csv.gz"
    )
    text = gzip.decompress(place.read_bytes()).decode()
    return tuple(_case(n, row) for n, row in enumerate(csv.DictReader(text.splitlines()), 1))


def _case(number: int, row: dict[str, str]) -> PastCase:
    marks, terms = int(row["credit_amount"]), int(row["duration_in_month"])
    amount = Money(marks * YUAN_PER_MARK * 100)
    share = _INCOME_SHARE[row["installment_rate_in_percentage_of_disposable_income"]]
    income = Money(int(amount.minor / share / terms) // 10_000 * 10_000)
    has_debts = row["other_installment_plans"] != "none"
    since = row["present_employment_since"]
    facts = Facts(
        on=ON,
        party_kind="person",
        amount=amount,
        term_months=terms,
        monthly_income=income,
        monthly_debt_service=Money(income.minor // 20 if has_debts else 0),
        months_established=_MONTHS_IN_WORK[since],
        history=NO_HISTORY,
        born_on=date(ON.year - int(row["age_in_years"]), 1, 1),
        employment=_work(since, row["job"]),
        housing=_HOUSING[row["housing"]],
    )
    reference = f"G{number:04d}"
    return PastCase(
        reference=reference,
        # One of its own, the same every time, so that a share of them falls to a challenger.
        application_id=uuid5(NAMESPACE_URL, f"german-1994/{reference}"),
        features=values_of(facts),
        case=Case(on=ON, amount=amount, term_months=terms, offer=OFFER),
        was_lent=True,
        outcome=BAD if row["default"] == "1" else GOOD,
    )


def _work(since: str, job: str) -> str:
    if since == "unemployed":
        return "none"
    return "self-employed" if job.startswith("management") else "salaried"
