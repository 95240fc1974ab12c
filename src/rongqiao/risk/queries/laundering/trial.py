"""What a benchmark of the screening needs: an invented list, invented customers, one screening."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rongqiao.risk.laundering.lists import digest_of, index_keys
from rongqiao.risk.laundering.names.matching import (
    FIRM,
    PERSON,
    Listed,
    Match,
    Subject,
    matches,
)
from rongqiao.risk.laundering.names.measuring import invented_firms, invented_people
from rongqiao.risk.queries.laundering.candidates import candidates_of, listed_of

# Lists name people far more often than firms; part of the entries tell no date of birth.
FIRMS, UNDATED = 0.2, 0.3
Row = tuple[str, str, list[str], list[str], list[int], bytes]


def invented_entries(count: int, seed: int) -> Iterator[Row]:
    """Yield reference, kind, names, dates of birth, keys and digest of invented entries."""
    random = Random(seed)  # noqa: S311 - the same list on every machine, not a secret
    for number in range(count):
        is_firm = random.random() < FIRMS
        makers = invented_firms if is_firm else invented_people
        (name,) = makers(random, 1)
        is_dated = not is_firm and random.random() >= UNDATED
        one = Listed(
            reference=f"B{number}",
            kind=FIRM if is_firm else PERSON,
            names=(name,),
            born=(_born(random),) if is_dated else (),
        )
        yield one.reference, one.kind, [name], list(one.born), index_keys(one), digest_of(one)


def invented_customers(count: int, seed: int) -> list[Subject]:
    """Return customers as they register: four people to a firm."""
    random = Random(seed)  # noqa: S311 - the same customers on every machine, not a secret
    found = []
    for _ in range(count):
        if random.random() < FIRMS:
            found.append(Subject(kind=FIRM, name=next(invented_firms(random, 1)), country="CN"))
        else:
            name = next(invented_people(random, 1))
            found.append(Subject(kind=PERSON, name=name, born=_born(random), country="CN"))
    return found


def screen(subject: Subject) -> list[tuple[Listed, Match]]:
    """Return what a screening finds: candidates by key, compared one by one."""
    return matches(subject, [listed_of(one) for one in candidates_of(subject)])


def _born(random: Random) -> str:
    day = random.randrange(1, 29)
    return f"{random.randrange(1945, 2008)}-{random.randrange(1, 13):02}-{day:02}"
