"""What a decision looks at: named plain values, each with its source and the moment it was true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rongqiao.policies.credit.facts import Facts

Value = Decimal | str | bool | date | None


# What the platform knows of the party's loans here; everything else is the applicant's answer.
OF_PLATFORM = frozenset(
    {"days-past-due", "days-past-due-worst", "outstanding", "loans-live", "loans-closed"}
)


class FromTheFuture(ValueError):
    """A feature was known only after the moment of the decision; `name` is the feature's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"feature {name!r} is later than the decision")
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One value under a dotted name (`bureau.overdue-count`), as known at `as_of` (UTC).

    `source` names the kind of inquiry, `answers` or `platform`; `value` None means asked for and
    not known, which is not the same as a feature that is not there.
    """

    name: str
    value: Value
    as_of: datetime
    source: str


def known_at(features: Iterable[Feature], at: datetime) -> dict[str, Value]:
    """Return the values by name; raises FromTheFuture for one that is later than `at`."""
    known: dict[str, Value] = {}
    for feature in features:
        if feature.as_of > at:
            raise FromTheFuture(feature.name)
        known[feature.name] = feature.value
    return known


# Who tells whether a name belongs to a number, each asked where the one before is silent.
_WHO_TELLS = (("identity", "phone"), ("registry",))
_TELLING = ("verdict", "representative")
IDENTIFYING = tuple(source for sources in _WHO_TELLS for source in sources)
# The feature that stands under a source's name while its doubt does, whatever became of its answer.
DOUBTED = "is-doubted"


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a source said at an instant of whether a name belongs to a number.

    `number` is the number's keyed digest; the word holds up to `until`. `as_of` is when it was
    first said, earlier than `at` where it was served again.
    """

    source: str
    number: bytes
    at: datetime
    until: datetime
    as_of: datetime
    is_same: bool


def standing_doubts(words: Iterable[Word]) -> tuple[Word, ...]:
    """Return the last no of every number to which no later yes was said.

    Time does not end a doubt, nor silence, nor a consent that is taken back. A source that is asked
    where another is silent has a say only while no word of that other one holds: neither does its
    no make a doubt beside the other's yes, nor its yes end one beside the other's no.
    """
    said = sorted(words, key=lambda one: (one.at, IDENTIFYING.index(one.source)))
    found: list[Word] = []
    for sources in _WHO_TELLS:
        doubted: dict[bytes, Word] = {}
        spoken_for: dict[bytes, datetime] = {}
        for word in (one for one in said if one.source in sources):
            held_until = spoken_for.get(word.number)
            if word.source == sources[0]:
                spoken_for[word.number] = word.until
            elif held_until is not None and word.at <= held_until:
                continue
            if word.is_same:
                doubted.pop(word.number, None)
            else:
                doubted[word.number] = word
        found += doubted.values()
    return tuple(found)


def doubts_identity(features: Iterable[Feature]) -> bool:
    """Tell whether a source said that a name and a number are not of one person or firm.

    It said so, had no such number on record, or named another representative of a firm; now, or
    once and nothing has ended the doubt since (`standing_doubts`). Where nobody was asked or nobody
    ever answered, nothing is doubted: the bank account still is, before any money goes there.
    """
    values = {one.name: one.value for one in features}
    if any(values.get(f"{source}.{DOUBTED}") is True for source in IDENTIFYING):
        return True
    return any(
        _differs(values, next((one for one in sources if _answered(values, one)), ""))
        for sources in _WHO_TELLS
    )


def _answered(values: Mapping[str, Value], source: str) -> bool:
    return values.get(f"{source}.is-known") is not None


def _differs(values: Mapping[str, Value], source: str) -> bool:
    told = {fact: values.get(f"{source}.{fact}") for fact in _TELLING}
    return values.get(f"{source}.is-known") is False or not is_same(told)


def is_same(told: Mapping[str, object]) -> bool:
    """Tell whether an answer's facts, by name, leave nothing in doubt of who it is about."""
    return all(told.get(fact) != "differs" for fact in _TELLING)


def values_of(facts: Facts) -> dict[str, Value]:
    """Return what a policy may look at, by name; amounts in yuan, time in months and years."""
    history = facts.history
    # Whoever never borrowed here was never late: that is not known, which is not the same as none.
    has_history = history.loans_live + history.loans_closed + history.days_past_due_worst > 0
    income = facts.monthly_income.minor
    debt = facts.monthly_debt_service.minor
    revenue = facts.revenue_annual
    return {
        "born-on": facts.born_on,
        "age": None if facts.born_on is None else Decimal(age_on(facts.born_on, facts.on)),
        "months-established": Decimal(facts.months_established),
        "monthly-income": Decimal(income) / 100,
        "monthly-debt-service": Decimal(debt) / 100,
        "revenue-annual": None if revenue is None else Decimal(revenue.minor) / 100,
        "debt-share": Decimal(debt) / income if income > 0 else Decimal(1),
        "employment": facts.employment,
        "housing": facts.housing,
        "sector": facts.sector,
        "days-past-due": Decimal(history.days_past_due),
        "days-past-due-worst": Decimal(history.days_past_due_worst) if has_history else None,
        "outstanding": Decimal(history.outstanding.minor) / 100,
        "loans-live": Decimal(history.loans_live),
        "loans-closed": Decimal(history.loans_closed),
    }


def features_from(values: Mapping[str, Value], at: datetime) -> tuple[Feature, ...]:
    """Return the values as features known at `at`."""
    return tuple(
        Feature(
            name=name,
            value=value,
            as_of=at,
            source="platform" if name in OF_PLATFORM else "answers",
        )
        for name, value in values.items()
    )


def age_on(born_on: date, on: date) -> int:
    """Return completed years of life; somebody born on 29 February has aged on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
