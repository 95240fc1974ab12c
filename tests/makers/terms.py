"""Random terms for a schedule: mostly plain, each option met often, every draw from one seed."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

from rongqiao.finance.rounding import Mode, Rounding
from rongqiao.finance.schedule.terms import (
    DAY_COUNTS,
    BusinessDays,
    CountDays,
    Every,
    Fee,
    FeeAt,
    Grace,
    Method,
    MonthEnd,
    Step,
    Terms,
    Unit,
)

FIRST, LAST = date(2015, 1, 1).toordinal(), date(2035, 12, 31).toordinal()
MOST_COUNT = {unit: 60 if unit is Unit.DAY else 6 for unit in Unit}
LEVEL = (Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.FLAT)


def random_terms(random: Random, method: Method) -> Terms:
    """Return terms with up to three options and some extras. Raises BadTerms now and then."""
    rows = random.randint(1, 40)
    principal, start = random.randint(10_000, 10**9), random_start(random)
    unit = random.choice(list(Unit))
    chosen = {
        "method": method,
        "principal": principal,
        "rate_annual": random_rate(random),
        "start": start,
        "every": Every(unit, random.randint(1, MOST_COUNT[unit])),
    }
    for name in random.sample(sorted(OPTIONS), random.randint(0, 3)):
        chosen[name] = OPTIONS[name](random)
    if method is Method.CUSTOM:
        cuts = sorted(random.randrange(principal) for _ in range(rows - 1))
        chosen["principal_plan"] = tuple(b - a for a, b in pairwise((0, *cuts, principal)))
    else:
        chosen["terms"] = rows
    for extra in random.sample(EXTRAS, random.randint(0, len(EXTRAS))):
        chosen |= extra(random, method, rows, principal, start)
    return Terms(**chosen)


def random_start(random: Random) -> date:
    return date.fromordinal(random.randint(FIRST, LAST))


def random_rate(random: Random) -> Fraction:
    """Return an annual rate from 0 to 40 %, round ones among them."""
    millionths = random.choice((random.randint(0, 400_000), random.randint(0, 40) * 10_000))
    return Fraction(millionths, 1_000_000)


def random_rounding(random: Random) -> Rounding:
    return Rounding(random.choice(list(Mode)), random.choice((1, 1, 1, 10, 100, 1000)))


OPTIONS = {
    "day_count": lambda random: random.choice(DAY_COUNTS),
    "count_days": lambda random: random.choice(list(CountDays)),
    "month_end": lambda random: random.choice(list(MonthEnd)),
    "business_days": lambda random: random.choice(list(BusinessDays)),
    "rounding": random_rounding,
    "interest_rounding": random_rounding,
}


def _grace(random, method, rows, _principal, _start):
    most = 0 if method is Method.BULLET else rows - 1
    no_principal = 0 if method is Method.CUSTOM else random.randint(0, most)
    return {"grace": Grace(no_principal, random.randint(0, most), random.random() < 0.5)}


def _fees(random, _method, _rows, principal, _start):
    kinds = [random.choice(list(FeeAt)) for _ in range(random.randint(1, 3))]
    return {"fees": tuple(Fee("费", at, random.randint(0, principal // 10)) for at in kinds)}


def _steps(random, _method, _rows, _principal, start):
    days = sorted(random.sample(range(1, 2000), random.randint(1, 3)))
    return {"steps": tuple(Step(start + timedelta(days=day), random_rate(random)) for day in days)}


def _first_due(random, _method, _rows, _principal, start):
    return {"first_due": start + timedelta(days=random.randint(1, 90))}


def _shape(random, method, rows, principal, _start):
    """What only some methods have: a balloon, who absorbs the remainder, a fixed payment."""
    if method not in LEVEL:
        return {}
    payment = random.randint(principal // rows + 1, principal * 2)
    shapes = [{"balloon": random.randint(0, principal)}, {"remainder": "first"}]
    if method is Method.EQUAL_INSTALMENT:
        shapes += [{"payment": payment}, {"payment": payment, "terms": None}]
    return random.choice(shapes)


EXTRAS = (_grace, _fees, _steps, _first_due, _shape)
