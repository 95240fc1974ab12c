"""Borrowers invented from a seed alone, for `rongqiao simulate`."""

from __future__ import annotations

import random
from datetime import date

from rongqiao.cli.simulate.people import choosing, conduct, hazard, identities
from rongqiao.cli.simulate.people.profiles import Conduct, Course, Person, Profile
from rongqiao.finance.money import Money

COURSES = (
    (Course.DRAFT, 0.01),
    (Course.WAITS_FOR_REVIEW, 0.01),
    (Course.WAITS_FOR_APPROVAL, 0.01),
    (Course.APPROVED_ONLY, 0.02),
    (Course.ACCEPTED_ONLY, 0.01),
    (Course.WITHDRAWN, 0.02),
    (Course.RETURNED, 0.01),
    (Course.COUNTERED, 0.01),
)
ALWAYS_LATE = 0.06
PERSON_PURPOSES = ("home-improvement", "education", "medical", "travel", "appliances", "wedding")
FIRM_PURPOSES = ("inventory", "wages", "rent", "equipment-upkeep", "supplier-payment", "taxes")
SHARED_PURPOSES = ("education", "medical", "appliances")


def invent(seed: int, borrowers: int, days: int, first: date) -> tuple[Profile, ...]:
    """Return `borrowers` profiles who arrive over the first four fifths of `days`."""
    spread = max(1, days * 4 // 5)
    return tuple(_profile(seed, number, spread, days, first) for number in range(1, borrowers + 1))


def _profile(seed: int, number: int, spread: int, days: int, first: date) -> Profile:
    draw = random.Random(f"{seed}/borrower/{number}")  # noqa: S311 - invented people, no secret
    arrives = draw.randrange(spread)
    is_firm = draw.random() < 0.3
    is_revolving = draw.random() < 0.25
    born_on = identities.born_years_before(first, draw.randrange(23, 58), draw)
    person = identities.invent_person(draw, seed, number, born_on)
    course = _course(draw)
    if is_firm:
        place = (seed, number, arrives, days)
        return _of_firm(draw, place, person, course, is_revolving=is_revolving)
    terms = draw.randrange(3, 13) if is_revolving else draw.choice((3, 6, 9, 12, 18, 24, 36))
    income = draw.randrange(4_000, 40_000, 500)
    amount = min(200_000, max(1_000, income * draw.randrange(1, 9) // 2)) // 500 * 500
    purposes = SHARED_PURPOSES if is_revolving else PERSON_PURPOSES
    return Profile(
        number=number,
        arrives=arrives,
        person=person,
        firm=None,
        product=choosing.of_person(seed, number, amount, terms, is_line=is_revolving),
        amount=Money(amount * 100),
        terms=terms,
        answers=person_answers(
            amount=amount,
            terms=terms,
            purpose=draw.choice(purposes),
            employment=draw.choice(("public", "salaried", "salaried", "self-employed")),
            months=draw.randrange(3, 240),
            income=income,
            housing=draw.choice(("own", "mortgage", "family", "rented")),
            debts=draw.randrange(0, income // 5, 100),
        ),
        conduct=_conduct(draw, terms),
        drawdowns=conduct.drawdowns(draw, days - arrives) if is_revolving else (),
        course=course,
    )


def _of_firm(
    draw: random.Random,
    place: tuple[int, int, int, int],
    person: Person,
    course: Course,
    *,
    is_revolving: bool,
) -> Profile:
    """Return a firm; `place` is the seed, its number, its day of arrival and the days in all."""
    seed, number, arrives, days = place
    sector = draw.choice(tuple(identities.FIRM_TRADES))
    months = draw.randrange(3, 13)
    inflow = draw.randrange(20_000, 400_000, 1_000)
    most = 200_000 if is_revolving else 3_000_000
    amount = min(most, max(10_000, inflow * draw.randrange(2, 12) // 4)) // 1000 * 1000
    product, terms = choosing.of_firm(seed, number, amount, months, is_line=is_revolving)
    return Profile(
        number=number,
        arrives=arrives,
        person=person,
        firm=identities.invent_firm(draw, number, sector),
        product=product,
        amount=Money(amount * 100),
        terms=terms,
        answers=firm_answers(
            amount=amount,
            terms=terms,
            purpose=draw.choice(FIRM_PURPOSES[:3] if is_revolving else FIRM_PURPOSES),
            sector=sector,
            months=draw.randrange(6, 240),
            revenue=inflow * draw.randrange(30, 80),
            inflow=inflow,
            debts=draw.randrange(0, inflow // 4, 100),
        ),
        conduct=_conduct(draw, terms),
        drawdowns=conduct.drawdowns(draw, days - arrives) if is_revolving else (),
        course=course,
    )


def person_answers(  # noqa: PLR0913 - one for each field of the form
    *,
    amount: int,
    terms: int,
    purpose: str,
    employment: str,
    months: int,
    income: int,
    housing: str,
    debts: int,
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return a person's application form, step by step; amounts in whole yuan."""
    loan = (("amount", str(amount)), ("term_count", str(terms)), ("purpose", purpose))
    work = (
        ("employment", employment),
        ("months_established", str(months)),
        ("monthly_income", str(income)),
    )
    household = (("housing", housing), ("monthly_debt_service", str(debts)))
    return (("loan", loan), ("work", work), ("household", household))


def firm_answers(  # noqa: PLR0913 - one for each field of the form
    *,
    amount: int,
    terms: int,
    purpose: str,
    sector: str,
    months: int,
    revenue: int,
    inflow: int,
    debts: int,
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return a firm's application form, step by step; amounts in whole yuan."""
    loan = (("amount", str(amount)), ("term_count", str(terms)), ("purpose", purpose))
    business = (
        ("sector", sector),
        ("months_established", str(months)),
        ("revenue_annual", str(revenue)),
        ("monthly_income", str(inflow)),
    )
    return (
        ("loan", loan),
        ("business", business),
        ("debts", (("monthly_debt_service", str(debts)),)),
    )


def _conduct(draw: random.Random, terms: int) -> Conduct:
    if stops_at := hazard.stops_at(draw, terms):
        return conduct.stopping_conduct(draw, stops_at)
    if draw.random() < ALWAYS_LATE:
        return conduct.late_conduct(draw)
    return conduct.good_conduct(draw, terms)


def _course(draw: random.Random) -> Course:
    place = draw.random()
    for course, share in COURSES:
        if place < share:
            return course
        place -= share
    return Course.WHOLE
