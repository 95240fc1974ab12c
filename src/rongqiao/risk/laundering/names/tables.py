"""The tables that names are read by: surnames, variant characters, words of firms' names.

Each JSON beside this module carries its source; readings that no document was seen for say so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Surnames:
    """Readings of surnames, first the usual one; compound ones; spellings abroad."""

    readings: dict[str, tuple[str, ...]]
    compound: frozenset[str]
    written_alike: frozenset[frozenset[str]]
    romanised: dict[str, tuple[str, ...]]
    # Surnames in letters, for a name written as one word.
    spelt: frozenset[str]


@dataclass(frozen=True)
class FirmWords:
    """Words that do not tell firms apart: kind by Chinese word, and by word in letters."""

    chinese: dict[str, str]
    latin: dict[str, str]
    # One word in letters for each Chinese word, so that the two can be compared.
    same: dict[str, str]
    longest: int
    weights: dict[str, float]


@cache
def surnames() -> Surnames:
    """Return the table of surnames, read once."""
    table = _read("surnames")
    readings = {
        name: (reading.replace(" ", ""), *table["also"].get(name, ()))
        for name, reading in table["readings"].items()
    }
    alike = frozenset(frozenset(pair) for pair in table["written_alike"]["pairs"])
    romanised = {name: tuple(said) for name, said in table["romanised"]["spellings"].items()}
    return Surnames(
        readings=readings,
        compound=frozenset(table["compound"]),
        written_alike=alike,
        romanised=romanised,
        spelt=frozenset(one for said in romanised.values() for one in said),
    )


@cache
def common_surnames() -> str:
    """Return the commonest surnames of one character, as one text."""
    return str(_read("surnames")["common"])


@cache
def variants() -> dict[int, str]:
    """Return variant characters and what each is folded to, for `str.translate`."""
    return {ord(one): to for one, to in _read("variants")["fold"].items()}


@cache
def firm_words() -> FirmWords:
    """Return the words of firms' names, read once."""
    table = _read("firm_words")
    chinese = dict.fromkeys(table["legal"], "legal")
    latin = dict.fromkeys(table["legal_latin"], "legal")
    same: dict[str, str] = {}
    for kind, name in (("trade", "trades"), ("place", "places")):
        for word, said in table[name].items():
            chinese[word] = kind
            for one in said:
                latin.setdefault(one, kind)
                same.setdefault(one, word)
    return FirmWords(
        chinese=chinese,
        latin=latin,
        same=same,
        longest=max(map(len, chinese)),
        weights={kind: float(weight) for kind, weight in table["weights"].items()},
    )


def _read(name: str) -> Any:
    text = files("rongqiao.risk.laundering.names").joinpath(f"data/{name}.json").read_text("utf-8")
    return json.loads(text)
