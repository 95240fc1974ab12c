"""Which rows went bad: a column of any two values, or of the values that are named bad."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.table import Numbers
from rongqiao.risk.scorecards.training.intake.cells import is_missing, number, plain_text

# What a value says by itself, whatever its column is called.
BAD_VALUES = frozenset(
    {
        "yes",
        "true",
        "bad",
        "default",
        "defaulted",
        "chgoff",
        "charged_off",
        "charged-off",
        "late",
        "delinquent",
        "bankrupt",
        "fraud",
        "是",
        "坏",
        "违约",
        "逾期",
        "不良",
        "欺诈",
        "破产",
        "核销",
        "已违约",
        "已逾期",
        "拒绝",
        "rejected",
        "declined",
        "charged off",
        "written off",
        "write-off",
        "in default",
    }
)
GOOD_VALUES = frozenset(
    {
        "no",
        "false",
        "good",
        "paid",
        "current",
        "repaid",
        "healthy",
        "solvent",
        "否",
        "好",
        "正常",
        "良好",
        "未违约",
        "未逾期",
        "结清",
        "已结清",
        "通过",
        "approved",
        "accepted",
        "p i f",
        "paid in full",
        "fully paid",
        "not default",
    }
)
# Columns whose 1 (or yes) is the good end.
GOOD_NAMES = re.compile(
    r"good|approv|accept|paid|repa(?:id|y)|perform(?!.*non)|solvent|survi|healthy|好|良|正常|结清"
    r"|通过|批准|履约",
    re.IGNORECASE,
)
BAD_NAMES = re.compile(
    r"bad|default|delin|late|over.?due|charge|chg.?off|fraud|bankrupt|fail|loss|npl|arrear|declin"
    r"|reject|not.?paid|unpaid|dlq|坏|违约|逾期|不良|破产|欺诈|拒|拖欠|核销",
    re.IGNORECASE,
)
YES, NO = (
    frozenset({"1", "yes", "y", "true", "t", "是"}),
    frozenset({"0", "-1", "no", "n", "false", "f", "否"}),
)
MOST_SHOWN = 6
LEAST_OF_EACH = 30


class UnreadableTarget(ValueError):
    """The column cannot be the target; the sentence says why and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What was taken for bad: `bad` has 1.0 for it, over the rows of `known` (a mask of all rows).

    `reason`: why these values are the bad ones: `value`, `name` (of the column), or `told`.
    """

    name: str
    bad: Numbers
    known: npt.NDArray[np.bool_]
    bad_values: tuple[str, ...]
    good_values: tuple[str, ...]
    reason: str

    @property
    def rate(self) -> float:
        """Return the share of bad rows."""
        return float(self.bad.mean())


def target_of(name: str, texts: Sequence[str], told: Sequence[str] = ()) -> Target:
    """Return the target of a column; `told` are the values said to be bad, else it is found out.

    Rows without a value are left out. Raises UnreadableTarget where there are not two values, where
    it cannot be told which is bad, or where a class has fewer than 30 rows.
    """
    plain = [None if is_missing(text) else _canonical(text) for text in texts]
    known = np.array([one is not None for one in plain], np.bool_)
    counts = Counter(one for one in plain if one is not None)
    if told:
        bad, reason = _told(name, counts, told), "told"
    else:
        bad, reason = _found_out(name, counts)
    good = tuple(sorted(set(counts) - set(bad)))
    values = np.array([1.0 if one in bad else 0.0 for one in plain if one is not None], np.float64)
    for word, count in (("bad", values.sum()), ("good", (1 - values).sum())):
        if count < LEAST_OF_EACH:
            raise UnreadableTarget(
                f"column {name} has {int(count)} {word} rows ({_shown(counts)}); allowed: at least "
                f"{LEAST_OF_EACH} of each"
            )
    return Target(
        name=name, bad=values, known=known, bad_values=bad, good_values=good, reason=reason
    )


def _canonical(text: str) -> str:
    """Return one spelling for 1, 1.0 and 01; letters in their own case."""
    plain = plain_text(text)
    value = number(plain)
    if value is not None and value == int(value):
        return str(int(value))
    return plain


def _told(name: str, counts: Counter[str], told: Sequence[str]) -> tuple[str, ...]:
    wanted = {_canonical(one) for one in told}
    if unknown := sorted(wanted - set(counts)):
        raise UnreadableTarget(
            f"--bad is {unknown[0]!r}, which column {name} does not hold; it holds {_shown(counts)}"
        )
    return tuple(sorted(wanted))


def _found_out(name: str, counts: Counter[str]) -> tuple[tuple[str, ...], str]:
    if len(counts) != 2:
        raise UnreadableTarget(
            f"column {name} has {len(counts)} different values ({_shown(counts)}); allowed: two, "
            "or name the bad ones with --bad"
        )
    names = sorted(counts)
    lower = [one.lower() for one in names]
    is_yes_no = sum(one in YES for one in lower) == 1 and sum(one in NO for one in lower) == 1
    if is_yes_no and GOOD_NAMES.search(name) and not BAD_NAMES.search(name):
        return (names[[one in NO for one in lower].index(True)],), "name"
    if is_yes_no:
        by_name = BAD_NAMES.search(name) is not None
        return (names[[one in YES for one in lower].index(True)],), "name" if by_name else "value"
    if lower == ["b", "g"]:
        return (names[0],), "value"
    bad = [i for i in range(2) if lower[i] in BAD_VALUES]
    good = [i for i in range(2) if lower[i] in GOOD_VALUES]
    if len(bad) == 1 and bad != good:
        return (names[bad[0]],), "value"
    if len(good) == 1 and not bad:
        return (names[1 - good[0]],), "value"
    raise UnreadableTarget(
        f"column {name} holds {_shown(counts)}, and which of the two is bad cannot be told; say it "
        "with --bad VALUE"
    )


def _shown(counts: Counter[str]) -> str:
    shown = [f"{value!r} {count} times" for value, count in counts.most_common(MOST_SHOWN)]
    return ", ".join(shown) + (", …" if len(counts) > MOST_SHOWN else "")
