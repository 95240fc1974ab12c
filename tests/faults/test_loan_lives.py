"""Ten thousand random lives of loans on the engine, and hundreds on the platform: no divergence."""

import os
import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, seed, settings

from rongqiao.cli import eod
from tests.lending.servicing.plain_lives import live, lives
from tests.lending.servicing.platform_lives import Portfolio, two_officers

pytestmark = pytest.mark.faults
SEED = int(os.environ.get("RONGQIAO_SEED", "20260105"))


def test_ten_thousand_random_lives_never_diverge_from_the_plain_model(rounds, told):
    needed, happened = rounds(10_000, 200), Counter()

    @settings(max_examples=needed, database=None, suppress_health_check=list(HealthCheck))
    @seed(SEED)
    @given(lives)
    def every_life(life):
        happened.update(["lives", *live(life)])

    every_life()
    events = ", ".join(f"{number:,} {name}" for name, number in sorted(happened.items()))
    told(
        0,
        f"lives of loans against a plain model, every figure every day (seed {SEED})",
        happened["lives"],
        f"0 divergences; {events}",
        f"0 in {needed:,} lives",
    )
    assert happened["lives"] >= needed


def test_hundreds_of_loans_lived_on_the_platform_for_months_agree_to_the_fen(
    live_db, clock, call, rounds, told, audit_books, monkeypatch
):
    loans, days = rounds(250, 20), rounds(200, 45)
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", max(8, loans // 5))

    def as_system(actor="system:test", key=None):
        return call(actor=actor, key=key)

    portfolio = Portfolio(random.Random(SEED + 1), as_system, clock, two_officers(as_system))
    portfolio.live(loans=loans, days=days, lending_days=days // 4)
    differing, (held, owed) = portfolio.differing(), portfolio.books()
    audit_books(live_db.app_url, {})
    told(
        0,
        f"{loans} loans on the platform for {days} days against a plain model (seed {SEED + 1})",
        sum(portfolio.happened.values()),
        f"{len(differing)} loans differ; receivables {-sum(held.values()):,} ="
        f" {-sum(owed.values()):,} fen",
        "0 differ; books = model",
    )
    assert differing[:1] == []
    assert held == owed
    # Some were so late that they stay non-performing for six months of regular payment.
    assert loans < 250 or any(one.plain.tier >= 2 for one in portfolio.lived)
