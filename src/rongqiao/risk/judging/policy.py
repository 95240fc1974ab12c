"""A credit policy as read from its document: everything typed, every expression compiled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from rongqiao.finance.money import Money
from rongqiao.risk.judging.evaluation import Expression, Kind
from rongqiao.risk.judging.features import Value

# Every code whose sentences the platform has; a policy brings texts for its own.
REASON_CODES = (
    "too-young",
    "too-old-at-end",
    "sector-excluded",
    "currently-overdue",
    "past-due-too-long",
    "too-many-loans",
    "no-regular-income",
    "too-short-in-work",
    "too-short-in-business",
    "burden-too-high",
    "amount-above-income",
    "amount-above-revenue",
    "score-too-low",
    "margin-too-thin",
    "amount-above-means",
    "amount-needs-a-person",
    "was-past-due",
    "sector-needs-a-person",
    "score-needs-a-person",
    "burden-needs-a-person",
    "identity-differs",
    "fact-missing",
    "within-policy",
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """A name that expressions may use: its kind and its unit (`yuan`, `share`, … or none)."""

    kind: Kind
    unit: str


# What is asked and what the engine reckons: names that every policy has without listing them.
# Shares are fractions; `burden` is of the amount offered, `burden-asked` of the amount asked.
RECKONED: dict[str, Known] = {
    "decided-on": Known(kind=Kind.DATE, unit=""),
    "amount": Known(kind=Kind.NUMBER, unit="yuan"),
    "term-months": Known(kind=Kind.NUMBER, unit="months"),
    "product.amount-min": Known(kind=Kind.NUMBER, unit="yuan"),
    "product.amount-max": Known(kind=Kind.NUMBER, unit="yuan"),
    "score": Known(kind=Kind.NUMBER, unit="points"),
    "grade": Known(kind=Kind.TEXT, unit=""),
    "weakest": Known(kind=Kind.TEXT, unit=""),
    "rate": Known(kind=Kind.NUMBER, unit="share"),
    "amount-most": Known(kind=Kind.NUMBER, unit="yuan"),
    "amount-offered": Known(kind=Kind.NUMBER, unit="yuan"),
    "bound": Known(kind=Kind.TEXT, unit=""),
    "burden": Known(kind=Kind.NUMBER, unit="share"),
    "burden-asked": Known(kind=Kind.NUMBER, unit="share"),
    "margin": Known(kind=Kind.NUMBER, unit="share"),
}


@dataclass(frozen=True)
class Told:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Use:
    """A feature the policy looks at.

    `missing` says what happens without it: `unknown` goes on with not knowing, `refer` asks a
    person, `use` takes `instead`.
    """

    name: str
    kind: Kind
    unit: str
    missing: str
    instead: Value = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the points table: by lower bounds of a number, or by words.

    `bounds` is ascending; a value below the first bound, unknown or not listed gets `missing`.
    """

    name: str
    bounds: tuple[tuple[Decimal, int], ...]
    words: tuple[tuple[str, int], ...]
    missing: int

    @cached_property
    def best(self) -> int:
        """Return the most points this line can give."""
        given = [points for _, points in self.bounds] + [points for _, points in self.words]
        return max([*given, self.missing])

    @cached_property
    def points_by_word(self) -> dict[str, int]:
        """Return the points of each word."""
        return dict(self.words)


@dataclass(frozen=True, kw_only=True)
class PointsTable:
    """A table that people can read: a start and one number a line. `origin` says whence it is."""

    version: str
    origin: str
    start: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class ModelNamed:
    """A trained model, named by the sha256 of its file."""

    sha256: str


@dataclass(frozen=True)
class GradeStep:
    """The lowest score of a grade."""

    grade: str
    score_min: int


@dataclass(frozen=True, kw_only=True)
class Affordability:
    """What a case can carry: shares of monthly income, months of it, a share of yearly revenue."""

    burden_max: Decimal
    income_months_max: int
    revenue_share_max: Decimal | None


@dataclass(frozen=True)
class Profit:
    """What lending costs a year, as fractions of the amount, and the least that must be left.

    `below` is what becomes of a case that leaves less: `refer` or `decline`.
    """

    funds: Decimal
    cost: Decimal
    loss_given_default: Decimal
    default_rates: tuple[tuple[str, Decimal], ...]
    floor: Decimal
    below: str


@dataclass(frozen=True)
class Challenge:
    """Which policy is tried beside this one: on a `share` of applications it decides (0 for none).

    The rest of the time it is judged in the shadow: on record and never acted on.
    """

    policy: str
    share: Decimal
    salt: str


@dataclass(frozen=True)
class Again:
    """When a declined applicant may come back: after days, on a date, or (neither) never."""

    days: int | None = None
    on: Expression | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of a decision table: a condition, and what it comes to."""

    code: str
    when: Expression
    outcome: str
    reason: str
    facts: tuple[tuple[str, Expression, str], ...]
    again: Again

    @property
    def names(self) -> frozenset[str]:
        """Return every name that the condition, the facts told and the day of return look at."""
        seen = [self.when, *(told for _, told, _ in self.facts)]
        if self.again.on is not None:
            seen.append(self.again.on)
        return frozenset(name for one in seen for name in one.names)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rules in their order. `hit` is `first` (one rule at most) or `collect` (every one).

    `unknown` is what a condition that cannot be told comes to: `skip`, or `refer` to a person.
    """

    code: str
    title: Told
    hit: str
    unknown: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class ReasonText:
    """The sentences of a reason that the policy brings along: why, and what would help."""

    code: str
    why: Told
    helps: Told


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A case stored with the policy and what must come of it; `expect` is compared key by key."""

    name: str
    on: date
    amount: Money
    term_months: int
    amount_min: Money
    amount_max: Money
    rates: tuple[tuple[str, Decimal], ...]
    features: tuple[tuple[str, Value], ...]
    expect: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of one policy. `rates` None means the product's own rates by grade."""

    sha256: str
    code: str
    label: str
    title: Told
    party_kind: str
    features: tuple[Use, ...]
    score: PointsTable | ModelNamed
    grades: tuple[GradeStep, ...]
    affordability: Affordability | None
    rates: tuple[tuple[str, Decimal], ...] | None
    profit: Profit | None
    challenge: Challenge | None
    tables: tuple[Table, ...]
    reasons: tuple[ReasonText, ...]
    trials: tuple[Trial, ...]

    @cached_property
    def names_read(self) -> frozenset[str]:
        """Return the names that can change what comes out or what is told of it.

        A feature that is listed and in no rule, score or fact is not read, unless the case goes to
        a person without it. What a model reads, the model itself tells.
        """
        rules = [rule for table in self.tables for rule in table.rules]
        read = {name for rule in rules for name in rule.names}
        if isinstance(self.score, PointsTable):
            read |= {line.name for line in self.score.lines}
        return frozenset(read | {one.name for one in self.features if one.missing == "refer"})

    def grade_of(self, score: int) -> str:
        """Return the grade of a score; below the lowest step it is the last grade."""
        return next(
            (step.grade for step in self.grades if score >= step.score_min), self.grades[-1].grade
        )
