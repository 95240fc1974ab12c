"""Borrowers drawn from the German Credit and SBA data sets, carried over to yuan.

The mapping, with its reasons, is told in docs/demonstration-data.md. What the sets do not have
(a firm's revenue, how late a bad payer paid) is drawn from a seeded source.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from rongqiao.cli.simulate.people import choosing, conduct, identities
from rongqiao.cli.simulate.people.invented import firm_answers, person_answers
from rongqiao.cli.simulate.people.profiles import Course, Profile
from rongqiao.finance.money import Money

Row = dict[str, str]

# Where each set is kept; German Credit is also what scorecards are measured on.
SETS = {
    "german_credit": "rongqiao.risk.scorecards",
    "sba_sample": "rongqiao.cli.simulate.seed",
}
YUAN_PER_MARK, YUAN_PER_DOLLAR = 10, 7
PURPOSES = {
    "radio/television": "appliances",
    "domestic appliances": "appliances",
    "furniture/equipment": "home-improvement",
    "repairs": "home-improvement",
    "education": "education",
    "retraining": "education",
}
LINE_PURPOSES = ("education", "medical", "appliances", "home-improvement", "other-consumption")
FIRM_PURPOSES = ("inventory", "wages", "rent", "supplier-payment", "other-business")
# Bounds of the years in work that each answer names, in months.
MONTHS_IN_WORK = {
    "unemployed": (0, 1),
    "... < 1 year": (3, 12),
    "1 <= ... < 4 years": (12, 48),
    "4 <= ... < 7 years": (48, 84),
    "... >= 7 years": (84, 241),
}
# The set's code of instalment / disposable income: 1 is 35 % and more, 4 below 20 %.
INCOME_SHARE = {"1": 0.40, "2": 0.30, "3": 0.22, "4": 0.17}
HOUSING = {"own": ("own", "mortgage"), "rent": ("rented",), "for free": ("family",)}
SECTORS = {
    "11": "agriculture",
    "21": "mining",
    "23": "construction",
    "31": "manufacturing",
    "32": "manufacturing",
    "33": "manufacturing",
    "42": "wholesale-retail",
    "44": "wholesale-retail",
    "45": "wholesale-retail",
    "48": "transport",
    "49": "transport",
    "51": "technology",
    "52": "finance",
    "53": "real-estate",
    "54": "services",
    "56": "services",
    "61": "education",
    "62": "health",
    "71": "services",
    "72": "catering",
    "81": "services",
}


@dataclass(frozen=True)
class Place:
    """Where an applicant stands: number, day of arrival, and the town's seed and length."""

    seed: int
    number: int
    arrives: int
    days: int
    first: date

    def draw(self) -> random.Random:
        """Return the applicant's own source."""
        return random.Random(f"{self.seed}/applicant/{self.number}")  # noqa: S311 - no secret


def drawn(seed: int, applicants: int, days: int, first: date) -> tuple[Profile, ...]:
    """Return `applicants` profiles, three in five from German Credit, the others from the SBA."""
    draw = random.Random(f"{seed}/sets")  # noqa: S311 - public rows, no secret
    people = _shuffled("german_credit", draw)
    firms = _shuffled("sba_sample", draw)
    found = []
    for number in range(1, applicants + 1):
        arrives = int(max(1, days - 45) * draw.random() ** 0.8)
        place = Place(seed, number, arrives, days, first)
        is_person = number % 5 < 3
        found.append(_person(place, next(people)) if is_person else _firm(place, next(firms)))
    return tuple(found) + _for_staff(seed, applicants, days, people, first)


def _shuffled(name: str, draw: random.Random) -> Iterator[Row]:
    """Return the rows of a set in a drawn order, over and over again."""
    packed = files(SETS[name]).joinpath("sets", f"{name}.csv.gz").read_bytes()
    rows = list(csv.DictReader(gzip.decompress(packed).decode().splitlines()))
    draw.shuffle(rows)
    while True:
        yield from rows


# What the last days leave on the desks: course, days before the end on which they came.
WAITING = (
    *((Course.WAITS_FOR_REVIEW, day) for day in (9, 6, 4, 3, 2, 1)),
    *((Course.WAITS_FOR_APPROVAL, day) for day in (8, 5, 3)),
    (Course.RETURNED, 5),
    (Course.COUNTERED, 7),
    (Course.COUNTERED, 4),
    (Course.APPROVED_ONLY, 8),
    (Course.APPROVED_ONLY, 6),
    (Course.APPROVED_ONLY, 120),
    (Course.ACCEPTED_ONLY, 9),
    (Course.ACCEPTED_ONLY, 6),
    (Course.WITHDRAWN, 60),
    (Course.DRAFT, 2),
    (Course.DRAFT, 1),
)


def _for_staff(
    seed: int, applicants: int, days: int, people: Iterator[Row], first: date
) -> tuple[Profile, ...]:
    """Return applicants whose cases are left where staff find them, above the automatic line."""
    found = []
    for number, (course, before) in enumerate(WAITING, start=applicants + 1):
        row = next(
            row
            for row in people
            if row["default"] == "0" and int(row["credit_amount"]) > 6000 and _is_settled(row)
        )
        place = Place(seed, number, max(0, days - before), days, first)
        found.append(_person(place, row, course))
    return tuple(found)


def _is_settled(row: Row) -> bool:
    """Tell whether somebody's means carry the loan, so that staff have something to decide."""
    long = ("4 <= ... < 7 years", "... >= 7 years")
    share = row["installment_rate_in_percentage_of_disposable_income"]
    return row["present_employment_since"] in long and row["housing"] == "own" and share in "34"


def _person(place: Place, row: Row, course: Course = Course.WHOLE) -> Profile:
    draw, number = place.draw(), place.number
    is_line = course is Course.WHOLE and draw.random() < 0.22
    amount = max(1_000, min(200_000, int(row["credit_amount"]) * YUAN_PER_MARK // 100 * 100))
    asked = int(row["duration_in_month"])
    terms = max(3, min(12 if is_line else 36, asked))
    share = INCOME_SHARE[row["installment_rate_in_percentage_of_disposable_income"]]
    income = max(3_000, min(80_000, int(amount / asked / share) // 100 * 100))
    born_on = identities.born_years_before(place.first, int(row["age_in_years"]), draw)
    employment = "none" if row["present_employment_since"] == "unemployed" else _work(row)
    low, high = MONTHS_IN_WORK[row["present_employment_since"]]
    purpose = PURPOSES.get(row["purpose"], "other-consumption")
    is_bad = row["default"] == "1"
    return Profile(
        number=number,
        arrives=place.arrives,
        person=identities.invent_person(draw, place.seed, number, born_on),
        firm=None,
        product=choosing.of_person(place.seed, number, amount, terms, is_line=is_line),
        amount=Money(amount * 100),
        terms=terms,
        answers=person_answers(
            amount=amount,
            terms=terms,
            purpose=draw.choice(LINE_PURPOSES) if is_line else purpose,
            employment=employment,
            months=draw.randrange(low, high),
            income=income,
            housing=draw.choice(HOUSING[row["housing"]]),
            debts=0 if row["other_installment_plans"] == "none" else income // 2000 * 100,
        ),
        conduct=conduct.bad_conduct(draw, terms) if is_bad else conduct.good_conduct(draw, terms),
        drawdowns=conduct.drawdowns(draw, place.days - place.arrives) if is_line else (),
        course=course,
    )


def _work(row: Row) -> str:
    return "self-employed" if row["job"].startswith("management") else "salaried"


def _firm(place: Place, row: Row) -> Profile:
    draw, number = place.draw(), place.number
    is_line = row["is_line"] == "1" and draw.random() < 0.5
    most = 200_000 if is_line else 5_000_000
    amount = max(10_000, min(most, int(row["amount_usd"]) * YUAN_PER_DOLLAR // 1000 * 1000))
    # The set's term is known only after the outcome: it is not used.
    asked = draw.choice((3, 6, 6, 9, 12, 12, 18)) if not is_line else 12
    product, terms = choosing.of_firm(place.seed, number, amount, asked, is_line=is_line)
    sector = SECTORS.get(row["naics"][:2], "other")
    months = draw.randrange(12, 30) if row["is_new"] == "1" else draw.randrange(30, 220)
    staff = max(1, int(row["employees"])) * draw.randrange(200_000, 450_000, 10_000)
    revenue = max(staff, int(amount * draw.uniform(2.8, 6)) // 1000 * 1000)
    inflow = max(5_000, int(revenue / 12 * draw.uniform(0.25, 0.5)) // 100 * 100)
    is_bad = row["is_charged_off"] == "1"
    born_on = identities.born_years_before(place.first, draw.randrange(28, 60), draw)
    return Profile(
        number=number,
        arrives=place.arrives,
        person=identities.invent_person(draw, place.seed, number, born_on),
        firm=identities.invent_firm(draw, number, sector),
        product=product,
        amount=Money(amount * 100),
        terms=terms,
        answers=firm_answers(
            amount=amount,
            terms=terms,
            purpose=draw.choice(FIRM_PURPOSES),
            sector=sector,
            months=months,
            revenue=revenue,
            inflow=inflow,
            debts=draw.choice((0, 0, inflow // 10)),
        ),
        conduct=conduct.bad_conduct(draw, terms) if is_bad else conduct.good_conduct(draw, terms),
        drawdowns=conduct.drawdowns(draw, place.days - place.arrives) if is_line else (),
    )
