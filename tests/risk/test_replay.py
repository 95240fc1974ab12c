"""Many cases at once come out as each of them does alone."""

import json
import random
from datetime import date
from decimal import Decimal

import pytest

from rongqiao.finance.money import Money
from rongqiao.policies.credit.facts import GradeRate, Offer
from rongqiao.policies.credit.policy import document_on
from rongqiao.risk.judging.changing.backtesting.cases import VERDICTS
from rongqiao.risk.judging.changing.backtesting.replay import Replay
from rongqiao.risk.judging.deciding import Case, decide
from rongqiao.risk.judging.document import from_bytes, read_policy

ON = date(2026, 1, 5)
OFFERS = [
    Offer(
        amount_min=Money.yuan(least),
        amount_max=Money.yuan(most),
        grades=tuple(GradeRate(g, Decimal(r)) for g, r in zip("ABCDE", rates, strict=True)),
    )
    for least, most, rates in (
        ("1000.00", "200000.00", ("0.072", "0.09", "0.12", "0.15", "0.18")),
        ("5000.00", "50000.00", ("0.06", "0.08", "0.1", "0.1425", "0.2")),
    )
]


def document(code):
    return from_bytes(document_on(code, ON))


def some(draw, *values):
    return draw.choice(values)


def person(draw):
    years = draw.randrange(16, 70)
    income = some(
        draw,
        Decimal(0),
        Decimal(draw.randrange(1000, 30000)),
        Decimal(draw.randrange(10, 300)) * 100,
    )
    late = draw.random() < 0.2
    return {
        "born-on": date(2026 - years, draw.randrange(1, 13), draw.randrange(1, 28)),
        "age": Decimal(years),
        "months-established": some(
            draw, None, Decimal(draw.randrange(0, 200)), Decimal(6), Decimal(12)
        ),
        "monthly-income": income,
        "monthly-debt-service": some(
            draw, Decimal(0), Decimal(0), Decimal(draw.randrange(0, 3000))
        ),
        "employment": some(draw, "public", "salaried", "freelance", "none", None, "unheard"),
        "housing": some(draw, "own", "rented", None),
        "days-past-due": Decimal(draw.randrange(1, 50) if late else 0),
        "days-past-due-worst": some(draw, None, Decimal(0), Decimal(draw.randrange(0, 90)))
        if late
        else None,
        "outstanding": some(
            draw, Decimal(0), Decimal(draw.randrange(0, 50000)), Decimal("1234.56")
        ),
        "loans-live": Decimal(draw.randrange(0, 4)),
        "loans-closed": some(draw, Decimal(0), Decimal(1), Decimal(5)),
    }


def firm(draw):
    income = Decimal(draw.randrange(0, 500)) * 1000
    debt = Decimal(draw.randrange(0, 20)) * 1000
    return {
        **person(draw),
        "revenue-annual": some(draw, None, Decimal(draw.randrange(1, 300)) * 10_000),
        "monthly-income": income,
        "monthly-debt-service": debt,
        "debt-share": debt / income if income else Decimal(1),
        "sector": some(draw, "technology", "construction", "real-estate", "other", None),
    }


def asked(draw, make):
    case = Case(
        on=ON,
        amount=Money(draw.randrange(10, 5000) * some(draw, 10_000, 12_345)),
        term_months=draw.randrange(1, 61),
        offer=draw.choice(OFFERS),
        rate_max=some(draw, None, None, Decimal("0.1")),
        is_floating=draw.random() < 0.2,
        person_above=some(draw, None, Money.yuan("20000.00")),
        is_identity_doubted=some(draw, False, False, True),
    )
    return make(draw), case


def with_more(one):
    """The document with what the shipped ones do not use: first hits, unknowns, floors, ranges."""
    one = json.loads(json.dumps(one))
    there = {use["name"] for use in one["features"]}
    for name, kind in (("housing", "text"), ("age", "number"), ("employment", "text")):
        if name not in there:
            use = {"name": name, "type": kind, "unit": "", "missing": "unknown"}
            one["features"].append(use)
    filled = next(use for use in one["features"] if use["name"] == "housing")
    filled["missing"] = {"use": "own"}
    one["profit"] = {
        "funds": "0.03",
        "cost": "0.01",
        "loss_given_default": "0.6",
        "default_rates": [{"grade": g, "rate": f"0.0{n}"} for n, g in enumerate("ABCDE")],
        "floor": "0.045",
        "below": "refer",
    }
    one["tables"].append(
        {
            "code": "more",
            "title": {"zh": "更多", "en": "More"},
            "hit": "first",
            "unknown": "refer",
            "rules": [
                {
                    "code": "ok",
                    "when": 'housing == "own" and grade in ("A", "B")',
                    "outcome": "approve",
                },
                {
                    "code": "r",
                    "outcome": "refer",
                    "reason": "was-past-due",
                    "facts": {"days": "days-past-due"},
                    "when": "not (age between 25 and 60) or burden-asked > monthly-debt-service"
                    " / monthly-income + 0.2",
                },
                {
                    "code": "d",
                    "outcome": "decline",
                    "reason": "no-regular-income",
                    "again": "never",
                    "when": "amount-offered / amount < 0.5 or employment is missing and"
                    " min(age, months-established) < 30 and margin - 0.01 <= 0.05",
                },
            ],
        }
    )
    return one


@pytest.mark.parametrize("code", ["consumer", "business"])
@pytest.mark.parametrize("change", [lambda one: one, with_more], ids=["shipped", "with more"])
def test_every_row_says_what_decide_says(code, change):
    draw = random.Random(f"{code} 20260101")
    policy = read_policy(change(document(code)))
    rows = [asked(draw, person if code == "consumer" else firm) for _ in range(4000)]
    replay = Replay(policy, rows)
    judged, seen = replay.judged, set()
    for i, (given, case) in enumerate(rows):
        alone = decide(policy, given, case)
        shown = (
            VERDICTS[judged.verdict[i]],
            judged.grade[i],
            int(judged.score[i]),
            judged.reason[i],
        )
        assert shown == (
            alone.outcome.value,
            alone.grade,
            alone.score,
            alone.reasons[0].code,
        ), (given, case)
        assert not alone.amount.minor or alone.amount.minor == judged.amount[i], (given, case)
        assert float(alone.rate_annual) == judged.rate[i]
        seen.add(alone.outcome.value)
    assert seen == {"approve", "refer", "decline"}
    assert replay.sheet.doubt.mean() < 0.1
