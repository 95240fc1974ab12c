"""Somebody against an entry of a list: how alike, from 0 to 1, and what each part gave.

The name comes first; a number that is the same settles it; date of birth and country raise or
lower it. `POSSIBLE` and more is shown to a person, who decides; nothing here refuses anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rongqiao.risk.laundering.names.firms import firm_keys, firm_likeness, read_firm
from rongqiao.risk.laundering.names.people import person_keys, person_likeness, read_person

POSSIBLE, LIKELY = 0.75, 0.9
PERSON, FIRM = "person", "firm"
# What a second attribute gives or takes; the house's own, measured in docs/name-screening.md.
SAME_BIRTH, SAME_YEAR, OTHER_YEAR, OTHER_BIRTH = 0.15, 0.05, -0.35, -0.3
OTHER_COUNTRY, SAME_COUNTRY = -0.05, 0.02
# How lists write where our own customers are from.
_CHINA = frozenset(
    {"cn", "chn", "prc", "china", "people's republic of china", "中国", "中华人民共和国"}
)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Who is screened: `kind` person or firm, `born` as ISO text, `number` of the identity."""

    kind: str
    name: str
    born: str = ""
    number: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An entry of a list: every name it is known by; `born` are ISO dates, months or years."""

    reference: str
    kind: str
    names: tuple[str, ...]
    born: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    programme: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a score: a code (`name:same`, `birth:other-year`) and what it gave."""

    code: str
    points: float


@dataclass(frozen=True, kw_only=True)
class Match:
    """How alike: the score between 0 and 1, the listed name that was nearest, the parts."""

    score: float
    name: str
    parts: tuple[Part, ...] = field(default=())

    @property
    def is_possible(self) -> bool:
        """Whether a person has to look at it."""
        return self.score >= POSSIBLE


def keys_of(kind: str, name: str) -> frozenset[str]:
    """Return the keys under which a name is found; none where nothing in it tells apart."""
    if kind == PERSON:
        return person_keys(read_person(name)) if name.strip() else frozenset()
    return firm_keys(read_firm(name))


def compare(subject: Subject, listed: Listed) -> Match:
    """Return how alike the subject and the entry are, by the nearest of its names."""
    if subject.number and subject.number in listed.numbers:
        return Match(score=1.0, name=listed.names[0], parts=(Part("number:same", 1.0),))
    if subject.kind != listed.kind:
        return Match(score=0.0, name=listed.names[0], parts=(Part("kind:other", 0.0),))
    found = ((_likeness(subject, name), name) for name in listed.names)
    (likeness, why), name = max(found, key=lambda one: one[0][0])
    parts = [Part(f"name:{why}", likeness)]
    if likeness > 0:
        parts += _second(subject, listed)
    score = max(0.0, min(1.0, sum(part.points for part in parts)))
    return Match(score=round(score, 3), name=name, parts=tuple(parts))


def matches(subject: Subject, entries: Iterable[Listed]) -> list[tuple[Listed, Match]]:
    """Return the entries that a person has to look at, the likest first."""
    found = [(entry, compare(subject, entry)) for entry in entries]
    return sorted(
        (pair for pair in found if pair[1].is_possible),
        key=lambda pair: (-pair[1].score, pair[0].reference),
    )


def _likeness(subject: Subject, name: str) -> tuple[float, str]:
    if subject.kind == PERSON:
        return person_likeness(read_person(subject.name), read_person(name))
    return firm_likeness(read_firm(subject.name), read_firm(name))


def _second(subject: Subject, listed: Listed) -> list[Part]:
    parts = []
    if subject.born and listed.born:
        parts.append(_birth(subject.born, listed.born))
    if subject.country and listed.countries:
        is_same = _country(subject.country) in {_country(one) for one in listed.countries}
        code, points = ("same", SAME_COUNTRY) if is_same else ("other", OTHER_COUNTRY)
        parts.append(Part(f"country:{code}", points))
    return parts


def _birth(born: str, known: Sequence[str]) -> Part:
    """Compare a full date with dates, months and years; the nearest counts."""
    if born in known:
        return Part("birth:same", SAME_BIRTH)
    if any(len(one) < len(born) and born.startswith(one) for one in known):
        return Part("birth:same-year", SAME_YEAR)
    if any(one[:4] == born[:4] for one in known):
        # The same year and another day: a slip of the pen is likelier than another person.
        return Part("birth:other-day", OTHER_BIRTH if len(known) == 1 else OTHER_BIRTH / 2)
    return Part("birth:other-year", OTHER_YEAR)


def _country(text: str) -> str:
    """Return one form of a country as lists write it; our customers' own has many."""
    folded = " ".join(text.casefold().replace(".", "").split())
    return "cn" if folded in _CHINA else folded
