"""Tables made by Hypothesis or from a seed, for the tests of scorecards."""

import numpy as np
from hypothesis import strategies as st

from rongqiao.risk.scorecards import table
from rongqiao.risk.scorecards.binning import BinSettings
from rongqiao.risk.scorecards.fitting import FitSettings
from rongqiao.risk.scorecards.shaping.boosting import BoostSettings

WORDS = ("甲", "乙", "丙", "丁", "戊")
# Small work, every stage of it.
SMALL = FitSettings(
    bins=BinSettings(pre_bins=8, pre_bins_few=8, rows_least=5, word_rows_least=5),
    boost=BoostSettings(bags=2, steps_most=60, rows_least=5),
)


def cases(seed: int, rows: int = 400):
    """Return (columns, target): two numbers with gaps, one word, one that says nothing."""
    random = np.random.RandomState(seed)
    income, age = random.lognormal(8, 1, rows), random.randint(18, 70, rows).astype(float)
    word = random.choice(len(WORDS), rows)
    logit = -1.5 * (np.log(income) - 8) + (age < 30) * (word == 0) * 2 + 0.5 * word - 1
    target = (random.uniform(size=rows) < 1 / (1 + np.exp(-logit))).astype(float)
    target[:2] = 0.0, 1.0
    income[random.uniform(size=rows) < 0.1] = np.nan
    words = [WORDS[one] if random.uniform() > 0.05 else None for one in word]
    columns = {
        "income": income,
        "age": age,
        "word": table.words(words),
        "noise": random.normal(size=rows),
    }
    return columns, target


numbers = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(), st.none())
words = st.one_of(st.none(), st.sampled_from(WORDS), st.text(max_size=3))
# What nobody expects in a column counts as missing or unseen.
anything = st.one_of(numbers, words, st.booleans(), st.just([]))
