"""Seeded lives of customers, some of whom launder by a known pattern: to measure the patterns.

Ordinary customers are paid a wage, borrow, repay, take money out, sell a flat now and then, run a
small shop with many payers: what looks like a pattern and is none must be among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from rongqiao.risk.laundering.movements import Movement, Profile
from rongqiao.risk.laundering.patterns import LOOKS_BACK, PATTERNS, findings

LAST_DAY = date(2026, 6, 30)
# What the page on laundering shows.
SEED, ORDINARY, EACH = 20260101, 2_000, 100
# Of so many customers the platform knows who stands close to them.
KNOWN = 0.85


@dataclass(frozen=True, kw_only=True)
class Life:
    """One customer's movements in order, the profile, and the pattern laundered by (or none)."""

    profile: Profile
    movements: tuple[Movement, ...]
    truth: str | None


@dataclass(frozen=True)
class Measured:
    """Of one pattern: launderers, those found by it, found by any, and alarms per 1,000 others."""

    pattern: str
    launderers: int
    found: int
    found_by_any: int
    alarms_per_thousand: float


class _Diary:
    """Writes one customer's movements."""

    def __init__(self, random: Random, party: str) -> None:
        self.random, self.party, self.rows = random, party, list[Movement]()

    def write(self, on: date, yuan: int, *, is_in: bool, **more: object) -> None:
        self.rows.append(
            Movement(
                party=self.party,
                on=on,
                minor=yuan * 100 + self.random.randrange(100),
                is_in=is_in,
                reference=f"{self.party}-{len(self.rows)}",
                **more,  # type: ignore[arg-type]
            )
        )


def lives(seed: int, ordinary: int, each: int) -> tuple[Life, ...]:
    """Return `ordinary` honest customers and `each` launderers of every pattern."""
    random = Random(seed)  # noqa: S311 - the same lives on every machine, not a secret
    made = [_life(random, f"o{n}", None) for n in range(ordinary)]
    for pattern in PATTERNS:
        made += [_life(random, f"{pattern}{n}", pattern) for n in range(each)]
    return tuple(made)


def measure(seed: int, ordinary: int, each: int, *, is_linked: bool = True) -> tuple[Measured, ...]:
    """Return recall and alarms by pattern: every customer is looked at on every day of use.

    Without `is_linked` nobody is told who stands close to whom.
    """
    made = lives(seed, ordinary, each)
    if not is_linked:
        made = tuple(replace(one, profile=replace(one.profile, linked=frozenset())) for one in made)
    raised = [(life, _raised(life)) for life in made]
    honest = [patterns for life, patterns in raised if life.truth is None]
    rows = []
    for pattern in PATTERNS:
        own = [patterns for life, patterns in raised if life.truth == pattern]
        rows.append(
            Measured(
                pattern=pattern,
                launderers=len(own),
                found=sum(pattern in patterns for patterns in own),
                found_by_any=sum(bool(patterns) for patterns in own),
                alarms_per_thousand=1000 * sum(pattern in p for p in honest) / max(len(honest), 1),
            )
        )
    return tuple(rows)


def page_table() -> str:
    """Return recall and alarms by pattern as the page on laundering shows them, in Markdown."""
    rows = [
        "| pattern | launderers | found by it | found by any | alarms per 1,000 ordinary |",
        "|---|---:|---:|---:|---:|",
    ]
    rows += [
        f"| {one.pattern} | {one.launderers} | {one.found} | {one.found_by_any} "
        f"| {one.alarms_per_thousand:.1f} |"
        for one in measure(SEED, ORDINARY, EACH)
    ]
    return "\n".join(rows)


def _raised(life: Life) -> set[str]:
    days = sorted({one.on for one in life.movements})
    return {
        finding.pattern
        for on in days
        for finding in findings(_until(life.movements, on), life.profile, on)
    }


def _until(movements: Sequence[Movement], on: date) -> list[Movement]:
    first = on - timedelta(days=LOOKS_BACK)
    return [one for one in movements if first <= one.on <= on]


def _life(random: Random, party: str, truth: str | None) -> Life:
    diary = _Diary(random, party)
    income = random.choice((4_000, 6_000, 8_000, 12_000, 20_000, 35_000))
    # Most have somebody close of whom the platform can know: a family on one phone, a firm.
    linked = frozenset({f"{party}-friend"}) if random.random() < KNOWN else frozenset()
    profile = Profile(party=party, income_minor=income * 100, linked=linked)
    if truth != "dormant":
        _wages(diary, income)
        if random.random() < 0.5:
            _loan(diary, income)
    if random.random() < 0.03:
        _sells_something(diary)
    if random.random() < 0.03:
        _keeps_shop(diary)
    if random.random() < 0.05:
        _keeps_house_together(diary, income)
    if truth is not None:
        LAUNDERING[truth](diary, income)
    rows = tuple(sorted(diary.rows, key=lambda one: one.on))
    return Life(profile=profile, movements=rows, truth=truth)


def _day(random: Random, least: int = 20, most: int = 180) -> date:
    return LAST_DAY - timedelta(days=random.randrange(least, most))


def _wages(diary: _Diary, income: int) -> None:
    for month in range(6):
        on = LAST_DAY - timedelta(days=30 * month + diary.random.randrange(3))
        diary.write(on, income, is_in=True, counterparty=f"{diary.party}-own")
        spent = int(income * diary.random.uniform(0.2, 0.9))
        diary.write(
            on + timedelta(days=diary.random.randrange(1, 15)),
            spent,
            is_in=False,
            counterparty=f"{diary.party}-own",
        )


def _loan(diary: _Diary, income: int) -> None:
    on, amount = _day(diary.random, 60, 170), income * diary.random.randrange(2, 8)
    diary.write(on, amount, is_in=True, channel="loan")
    diary.write(on, amount, is_in=False, counterparty=f"{diary.party}-own")
    for month in range(1, 6):
        day = on + timedelta(days=30 * month)
        if day <= LAST_DAY:
            diary.write(day, amount // 12, is_in=False, channel="loan")


def _sells_something(diary: _Diary) -> None:
    """A flat or a car is sold: much comes in at once, and goes out the next day."""
    on, amount = _day(diary.random), diary.random.randrange(40_000, 400_000)
    diary.write(on, amount, is_in=True, counterparty="buyer", is_third_party=True)
    if diary.random.random() < 0.5:
        diary.write(on, amount, is_in=False, counterparty=f"{diary.party}-own")


def _keeps_shop(diary: _Diary) -> None:
    """A small shop: ten customers a week pay in, all the year."""
    first = _day(diary.random, 60, 180)
    for day in range(60):
        if diary.random.random() < 0.6:
            diary.write(
                first + timedelta(days=day),
                diary.random.randrange(50, 3_000),
                is_in=True,
                counterparty=f"guest{diary.random.randrange(40)}",
                is_third_party=True,
            )


def _keeps_house_together(diary: _Diary, income: int) -> None:
    """Money goes to and fro within a family: savings taken out, something paid in by the other."""
    for _ in range(diary.random.randrange(1, 4)):
        on, amount = _day(diary.random), int(income * diary.random.uniform(0.5, 4))
        diary.write(on, amount, is_in=False, counterparty=f"{diary.party}-own")
        then = on + timedelta(days=diary.random.randrange(1, 15))
        back = int(amount * diary.random.uniform(0.3, 1.2))
        friend = f"{diary.party}-friend"
        diary.write(then, back, is_in=True, counterparty=friend, is_third_party=True)


def _structuring(diary: _Diary, _income: int) -> None:
    first = _day(diary.random, 40, 150)
    for _ in range(diary.random.randrange(14, 26)):
        on = first + timedelta(days=diary.random.randrange(26))
        yuan = diary.random.randrange(455_000, 494_000)
        diary.write(on, yuan, is_in=diary.random.random() < 0.5, counterparty="x")


def _pass_through(diary: _Diary, _income: int) -> None:
    for _ in range(diary.random.randrange(2, 6)):
        on, amount = _day(diary.random), diary.random.randrange(60_000, 480_000)
        diary.write(on, amount, is_in=True, counterparty="in", is_third_party=True)
        kept = diary.random.uniform(0.0, 0.08)
        out = int(amount * (1 - kept)) - 1
        diary.write(on + timedelta(days=diary.random.randrange(2)), out, is_in=False)


def _fan(diary: _Diary, *, is_in: bool) -> None:
    first = _day(diary.random)
    for n in range(diary.random.randrange(9, 20)):
        diary.write(
            first + timedelta(days=diary.random.randrange(6)),
            diary.random.randrange(4_000, 20_000),
            is_in=is_in,
            counterparty=f"other{n}",
            is_third_party=True,
        )


def _round_trip(diary: _Diary, _income: int) -> None:
    on, amount = _day(diary.random), diary.random.randrange(25_000, 300_000)
    # A wallet pays out to its owner's own account alone: what comes back comes by somebody close.
    diary.write(on, amount, is_in=False, counterparty=f"{diary.party}-own")
    back = int(amount * diary.random.uniform(0.96, 1.04))
    then = on + timedelta(days=diary.random.randrange(1, 9))
    friend = f"{diary.party}-friend"
    diary.write(then, back, is_in=True, counterparty=friend, is_third_party=True)


def _early_repayment(diary: _Diary, income: int) -> None:
    on, amount = _day(diary.random, 45, 150), max(income * 4, 30_000)
    diary.write(on, amount, is_in=True, channel="loan")
    diary.write(on, amount, is_in=False, counterparty=f"{diary.party}-own")
    then = on + timedelta(days=diary.random.randrange(5, 40))
    left = amount
    for n in range(diary.random.randrange(1, 4)):
        share = left if n == 2 else left // 2
        diary.write(then, share, is_in=True, counterparty=f"third{n}", is_third_party=True)
        left -= share
    diary.write(then, int(amount * diary.random.uniform(0.85, 1.0)), is_in=False, channel="loan")


def _dormant(diary: _Diary, income: int) -> None:
    diary.write(LAST_DAY - timedelta(days=240), income, is_in=True)
    first = LAST_DAY - timedelta(days=diary.random.randrange(10, 40))
    for _ in range(diary.random.randrange(4, 10)):
        on = first + timedelta(days=diary.random.randrange(5))
        diary.write(on, diary.random.randrange(15_000, 90_000), is_in=diary.random.random() < 0.6)


def _income_mismatch(diary: _Diary, income: int) -> None:
    first = _day(diary.random, 40, 150)
    for _ in range(diary.random.randrange(4, 9)):
        on = first + timedelta(days=diary.random.randrange(25))
        yuan = int(max(income * 2.2, 9_000) * diary.random.uniform(1, 2))
        diary.write(on, yuan, is_in=True, counterparty="someone")


def _many_small(diary: _Diary, _income: int) -> None:
    first = _day(diary.random)
    for n in range(diary.random.randrange(40, 90)):
        on = first + timedelta(days=diary.random.randrange(7))
        yuan = diary.random.randrange(200, 1_900)
        diary.write(on, yuan, is_in=True, counterparty=f"payer{n % 60}", is_third_party=True)


LAUNDERING: dict[str, Callable[[_Diary, int], None]] = {
    "structuring": _structuring,
    "pass-through": _pass_through,
    "fan-in": lambda diary, _income: _fan(diary, is_in=True),
    "fan-out": lambda diary, _income: _fan(diary, is_in=False),
    "round-trip": _round_trip,
    "early-repayment": _early_repayment,
    "dormant": _dormant,
    "income-mismatch": _income_mismatch,
    "many-small": _many_small,
}
