"""The instalments that real borrowers were charged: LendingClub, first quarter of 2018."""

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from rongqiao.cli.lines.quote import answer

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "tests" / "vectors" / "risk" / "annuity_instalments_lendingclub.json"
ALL_LOANS = ROOT.parent / "shared" / "data" / "lendingclub_2018q1_full_schema.csv.gz"
SAMPLE = 200


def known():
    return json.loads(COMMITTED.read_text(encoding="utf-8"), parse_float=Decimal)


def charged(amount, term, percent):
    """The level instalment as this lender rounds it: up to the cent."""
    quoted = answer(
        {
            "principal": f"{amount}",
            "rate": f"{Decimal(percent) / 100:f}",
            "terms": int(term),
            "start": "2018-01-31",
            "rounding": {"mode": "up"},
        }
    )
    return Decimal(quoted["rows"][0]["payment"])


def facts(loan):
    return loan["loan_amount"], loan["term"], loan["interest_rate"], Decimal(loan["installment"])


@pytest.mark.parametrize("loan", known()["vectors"], ids=lambda loan: str(loan["installment"]))
def test_a_real_loan_is_charged_the_instalment_we_quote(loan):
    amount, term, percent, instalment = facts(loan)
    assert charged(amount, term, percent) == instalment


@pytest.mark.parametrize(
    "loan", known()["known_mismatches"], ids=lambda loan: str(loan["installment"])
)
def test_the_listed_misfits_follow_no_annuity_at_their_printed_rate(loan):
    amount, term, percent, instalment = facts(loan)
    assert percent == 6
    assert charged(amount, term, percent) != instalment


@pytest.mark.skipif(not ALL_LOANS.exists(), reason=f"no {ALL_LOANS.name} in ../shared/data")
def test_two_hundred_of_ten_thousand_real_loans_are_charged_what_we_quote():
    misfits = {tuple(map(Decimal, facts(loan))) for loan in known()["known_mismatches"]}
    with gzip.open(ALL_LOANS, "rt", encoding="utf-8", newline="") as file:
        loans = [tuple(map(Decimal, facts(row))) for row in csv.DictReader(file)]
    fitting = [loan for loan in loans if loan not in misfits]
    step = len(fitting) // SAMPLE
    sample = fitting[::step][:SAMPLE]
    assert len(sample) == SAMPLE
    wrong = [loan for loan in sample if charged(*loan[:3]) != loan[3]]
    assert wrong == []
