"""Whatever happens to a loan on whatever day, engine and platform agree with a plain model."""

import random

from hypothesis import HealthCheck, given, settings

from rongqiao.cli import eod
from rongqiao.cli.verify import check_all
from rongqiao.platform import audit
from tests.lending.servicing.plain_lives import live, lives
from tests.lending.servicing.platform_lives import KINDS, Portfolio, two_officers

SEED = 20260105


@settings(max_examples=1_000, database=None, suppress_health_check=list(HealthCheck))
@given(lives)
def test_the_engine_agrees_with_the_plain_model_on_every_day_of_any_life(life):
    live(life)


def test_a_hundred_lives_on_the_platform_agree_with_the_plain_model_to_the_fen(
    live_db, clock, call, monkeypatch
):
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", 40)
    portfolio = Portfolio(random.Random(SEED), call, clock, two_officers(call))
    portfolio.live(loans=100, days=110, lending_days=30)
    assert portfolio.differing()[:1] == []
    held, owed = portfolio.books()
    assert held == owed
    audit.seal()
    assert [law for law in check_all() if law.broken] == []
    # Everything that can happen did.
    assert set(portfolio.happened) == {*KINDS} - {"pay-all"}
