"""People's names: surname and given name apart, the keys they are found by, how alike two are.

A listed name and a customer's are compared part by part: the surname counts .35, the given name
.65. The same character counts whole; one that only sounds the same .6. A name in letters tells
less than one in characters: at most .85.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from rongqiao.risk.laundering.names.reading import (
    chinese,
    folded,
    is_chinese,
    readings,
    sounded,
    surname_readings,
    words,
)
from rongqiao.risk.laundering.names.romanising import wade_giles
from rongqiao.risk.laundering.names.tables import common_surnames, surnames

SURNAME_WEIGHT = 0.35
SAME_SOUND, WRITTEN_ALIKE = 0.6, 0.9
BY_LETTERS, BY_OTHER_LETTERS, TURNED_ROUND = 0.85, 0.8, 0.03
# A name in characters has at most this many spellings, however many its characters have.
MOST_SPELLINGS = 8


@dataclass(frozen=True)
class PersonName:
    """A name read: `spellings` and `abroad` are `surname|given` in letters.

    `surname` and `given` are characters, empty for a name in letters. A name in letters has every
    order that it can be read in, the one it stands in first.
    """

    folded: str
    surname: str
    given: str
    spellings: tuple[str, ...]
    abroad: tuple[str, ...]


@lru_cache(maxsize=20_000)
def read_person(text: str) -> PersonName:
    """Return a person's name read; a name in letters may be in either order."""
    return _read_chinese(text) if is_chinese(text) else _read_letters(text)


def person_keys(name: PersonName) -> frozenset[str]:
    """Return the keys a name is found by: two names alike enough to compare share one."""
    keys = {f"p:{one}" for one in (*name.spellings, *name.abroad)}
    if name.surname:
        keys.add(f"c:{name.folded}")
    return frozenset(keys)


def person_likeness(one: PersonName, other: PersonName) -> tuple[float, str]:
    """Return 0 to 1, and why: `same`, `sounds-alike`, `written-alike`, `spelt-alike`,
    `spelt-abroad`, `turned-round` or `different`.
    """
    if one.folded == other.folded:
        return 1.0, "same"
    if one.surname and other.surname:
        return _by_characters(one, other)
    return _by_letters(one, other)


def _read_chinese(text: str) -> PersonName:
    whole, written = folded(text), chinese(text)
    table = surnames()
    length = 2 if whole[:2] in table.compound and len(whole) > 2 else 1
    surname, given = whole[:length], whole[length:]
    # What simplification merged is still read as it was written (乾 qian, not 干 gan).
    heard = written[length:] if len(written) == len(whole) else given
    spelt = ["".join(parts) for parts in product(*(readings(one) for one in heard[:6]))]
    spelt = spelt[:MOST_SPELLINGS]
    said = surname_readings(surname)
    spellings = [f"{sounded(first)}|{sounded(rest)}" for first in said for rest in spelt]
    others = [f"{sounded(first)}|{sounded(spelt[0])}" for first in table.romanised.get(surname, ())]
    syllables = [readings(character)[0] for character in heard]
    others.append(
        sounded("".join(map(wade_giles, said[:1])))
        + "|"
        + sounded("".join(map(wade_giles, syllables)))
    )
    known = dict.fromkeys(spellings)
    return PersonName(
        folded=whole,
        surname=surname,
        given=given,
        spellings=tuple(known)[:MOST_SPELLINGS],
        abroad=tuple(one for one in dict.fromkeys(others) if one not in known),
    )


def _read_letters(text: str) -> PersonName:
    parts = [sounded(part) for part in words(text)]
    joined = "".join(parts)
    found = []
    if "," in text or "，" in text:
        found = _orders(parts)[:1]
    elif len(parts) > 1:
        found = _orders(parts)
    else:
        found = [f"{joined[:at]}|{joined[at:]}" for at in _cuts(joined)] or [f"{joined}|"]
    return PersonName(
        folded=joined, surname="", given="", spellings=tuple(dict.fromkeys(found)), abroad=()
    )


def _orders(parts: list[str]) -> list[str]:
    """Return surname first, surname last, and a surname of two words before or after."""
    found = [f"{parts[0]}|{''.join(parts[1:])}", f"{parts[-1]}|{''.join(parts[:-1])}"]
    if len(parts) > 2:
        found.append(f"{''.join(parts[:2])}|{''.join(parts[2:])}")
        found.append(f"{''.join(parts[-2:])}|{''.join(parts[:-2])}")
    return found


def _cuts(joined: str) -> list[int]:
    """Return where one word can be cut after a surname that is known in letters."""
    known = _spelt_surnames()
    return [at for at in range(2, min(9, len(joined) - 1)) if joined[:at] in known]


@cache
def _spelt_surnames() -> frozenset[str]:
    table = surnames()
    named = (*common_surnames(), *table.readings, *table.compound)
    said = {sounded(one) for name in named for one in surname_readings(name)}
    return frozenset(said | set(table.spelt))


def _by_characters(one: PersonName, other: PersonName) -> tuple[float, str]:
    first, why_first = _same_surname(one, other)
    if len(one.given) != len(other.given) or not one.given:
        return 0.0, "different"
    marks = [_same_character(a, b) for a, b in zip(one.given, other.given, strict=True)]
    score = SURNAME_WEIGHT * first + (1 - SURNAME_WEIGHT) * sum(marks) / len(marks)
    if 0.0 in (first, *marks):
        return round(score, 3), "different"
    return round(score, 3), why_first if set(marks) == {1.0} else "sounds-alike"


def _same_surname(one: PersonName, other: PersonName) -> tuple[float, str]:
    if one.surname == other.surname:
        return 1.0, "same"
    if frozenset((one.surname, other.surname)) in surnames().written_alike:
        return WRITTEN_ALIKE, "written-alike"
    if set(surname_readings(one.surname)) & set(surname_readings(other.surname)):
        return SAME_SOUND, "sounds-alike"
    return 0.0, "different"


def _same_character(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return SAME_SOUND if set(readings(one)) & set(readings(other)) else 0.0


def _by_letters(one: PersonName, other: PersonName) -> tuple[float, str]:
    if one.spellings[0] in other.spellings or other.spellings[0] in one.spellings:
        return BY_LETTERS, "spelt-alike"
    if set(one.spellings) & set(other.spellings):
        return BY_LETTERS - TURNED_ROUND, "turned-round"
    if set(one.spellings) & set(other.abroad) or set(one.abroad) & set(other.spellings):
        return BY_OTHER_LETTERS, "spelt-abroad"
    return 0.0, "different"
