"""Firms' names: the mark that tells a firm from others, and the words that do not.

A name is cut into words of place, trade and legal form (a table) and what is left, the mark. Two
firms are alike by the weight of what they share over the weight of all they say; words that do not
tell firms apart weigh little, and two that share nothing else are not alike at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rongqiao.risk.laundering.names.reading import folded, is_chinese, readings, sounded, words
from rongqiao.risk.laundering.names.tables import firm_words

BY_LETTERS = 0.9
# The first characters of a mark, by which a shortened name is found again.
SHORTEST_MARK = 2


@dataclass(frozen=True)
class FirmName:
    """A name read: `mark` is what tells it apart (characters, or letters joined).

    `sound` is the mark in letters; `shorter` are the sounds of its first two and three characters
    or of its first word; `generic` are pairs of kind and word, words in letters as the Chinese.
    """

    folded: str
    mark: str
    sound: str
    shorter: tuple[str, ...]
    generic: frozenset[tuple[str, str]]


@lru_cache(maxsize=20_000)
def read_firm(text: str) -> FirmName:
    """Return a firm's name read."""
    return _read_chinese(text) if is_chinese(text) else _read_letters(text)


def firm_keys(name: FirmName) -> frozenset[str]:
    """Return the keys a firm is found by; none for a name of words that tell nothing apart."""
    if not name.mark:
        # Made of place and trade alone: found by the whole name, if it says more than its form.
        says_more = any(kind != "legal" for kind, _word in name.generic)
        return frozenset({f"f:{name.folded}"}) if says_more else frozenset()
    keys = {f"m:{name.mark}", f"s:{name.sound}"}
    return frozenset(keys | {f"s:{one}" for one in name.shorter})


def firm_likeness(one: FirmName, other: FirmName) -> tuple[float, str]:
    """Return 0 to 1, and why: `same`, `same-mark`, `sounds-alike`, `part-of-mark`, `different`."""
    if not one.mark or not other.mark:
        is_same = bool(one.folded) and one.folded == other.folded and bool(firm_keys(one))
        return (1.0, "same") if is_same else (0.0, "different")
    if one.folded == other.folded:
        return 1.0, "same"
    shared, why = _shared_mark(one, other)
    if not shared:
        return 0.0, "different"
    weights = firm_words().weights
    common = one.generic & other.generic
    # What one name says and the other leaves out tells less against it than a contradiction.
    kinds = {kind for kind, _ in one.generic} & {kind for kind, _ in other.generic}
    differing = sum(
        weights[kind] * (1.0 if kind in kinds else 0.25) for kind, _ in one.generic ^ other.generic
    )
    same = sum(weights[kind] for kind, _ in common)
    score = (shared + same) / (1 + same + differing)
    return round(min(score, 0.99), 3), why


def _shared_mark(one: FirmName, other: FirmName) -> tuple[float, str]:
    """Return how much of the mark two firms share, 0 to 1, and why."""
    if one.mark == other.mark:
        return 1.0, "same-mark"
    if one.sound == other.sound:
        return BY_LETTERS, "sounds-alike"
    short, long = sorted((one.sound, other.sound), key=len)
    fits = long.startswith(short) and (short in one.shorter or short in other.shorter)
    return (BY_LETTERS * len(short) / len(long), "part-of-mark") if fits else (0.0, "different")


def _read_chinese(text: str) -> FirmName:
    whole = folded(text)
    table = firm_words()
    generic: set[tuple[str, str]] = set()
    mark, at = "", 0
    while at < len(whole):
        word = next(
            (
                whole[at : at + length]
                for length in range(table.longest, 1, -1)
                if whole[at : at + length] in table.chinese
            ),
            None,
        )
        if word is None:
            # 省 and 市 say that a place stood before them; elsewhere they belong to the mark.
            if not (whole[at] in "省市区县" and not mark and generic):
                mark += whole[at]
            at += 1
            continue
        generic.add((table.chinese[word], word))
        at += len(word)
    syllables = [sounded(readings(character)[0]) for character in mark]
    shorter = tuple(
        "".join(syllables[:length]) for length in (SHORTEST_MARK, 3) if length < len(syllables)
    )
    return FirmName(
        folded=whole,
        mark=mark,
        sound="".join(syllables),
        shorter=shorter,
        generic=frozenset(generic),
    )


def _read_letters(text: str) -> FirmName:
    table = firm_words()
    marks: list[str] = []
    generic: set[tuple[str, str]] = set()
    for word in words(text):
        kind = table.latin.get(word)
        if kind is None:
            marks.append(sounded(word))
        else:
            generic.add((kind, table.same.get(word, word)))
    return FirmName(
        folded="".join(words(text)),
        mark="".join(marks),
        sound="".join(marks),
        shorter=(marks[0],) if len(marks) > 1 and len(marks[0]) > 3 else (),
        generic=frozenset(generic),
    )
