"""Whether both chains still hold the heads that were written outside the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from rongqiao.money.ledger.queries import chain
from rongqiao.money.ledger.queries.books import NAMED_AT_MOST, Checked
from rongqiao.platform import audit

_CHAINS: dict[str, Callable[[int], str | None]] = {
    "books": chain.hash_at,
    "audit": audit.hash_at,
}


def check_heads(folder: Path) -> Checked:
    """Check law 9 against every file of heads: the chains go through each of them, unchanged."""
    files = sorted(folder.glob("????-??-??.json"))
    broken = [why for file in files for why in _broken(file)]
    return Checked(
        law="9 the chains go through every head written outside the database",
        checked=len(files),
        broken=len(broken),
        examples=tuple(broken[:NAMED_AT_MOST]),
    )


def _broken(file: Path) -> list[str]:
    try:
        document = json.loads(file.read_text())
        heads = [(name, document[name]["position"], document[name]["hash"]) for name in _CHAINS]
    except (ValueError, KeyError, TypeError):
        return [f"{file.name}: unreadable"]
    why = []
    for name, position, written in heads:
        stands = _CHAINS[name](position) if isinstance(position, int) else None
        if stands is None:
            why.append(f"{file.name}: the chain of {name} has no link {position} any more")
        elif stands != written:
            why.append(f"{file.name}: link {position} of the chain of {name} was another one")
    return why
