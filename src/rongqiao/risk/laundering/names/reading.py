"""One form for what is one name, and how Chinese characters sound.

Unicode NFKC, no spaces or middle dots between Chinese characters, traditional characters to
simplified ones (OpenCC), variant characters to one form; letters without accents, in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from rongqiao.risk.laundering.names.tables import surnames, variants

_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇]")
_BETWEEN = re.compile(r"[\s·•・‧∙⋅．.･,，、'’‘`´()（）\[\]【】《》\"“”\-‐‑–—_/&＆]+")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_U_UMLAUT = str.maketrans({"ü": "v", "ǖ": "v", "ǘ": "v", "ǚ": "v", "ǜ": "v"})
# Characters with many readings are rare in names under more than their first two.
MOST_READINGS = 2
# GB/T 28039-2011, 4.3 (recalled, not seen): passports spell ü as YU, so LYU and NYU.
_PASSPORT_U = (("lyu", "lv"), ("nyu", "nv"))


def is_chinese(text: str) -> bool:
    """Tell whether a name has Chinese characters."""
    return _CHINESE.search(text) is not None


def plain(text: str) -> str:
    """Return a text in NFKC, without marks of no width, trimmed; case and characters stay."""
    kept = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) != "Cf").split())


def chinese(text: str) -> str:
    """Return the Chinese characters, letters and digits of a name as they stand, joined."""
    return _BETWEEN.sub("", plain(text))


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """Return the one form of a name in Chinese characters: simplified, no variants, no dots."""
    joined = chinese(text).casefold().translate(variants())
    return str(_converter().convert(joined)).translate(variants())


def words(text: str) -> tuple[str, ...]:
    """Return the words of a name in letters: lower case, no accents; a hyphen joins its word."""
    marked = plain(text).casefold().translate(_U_UMLAUT)
    marked = re.sub(r"['’‘`´\-‐‑–.]", "", marked)
    bare = "".join(c for c in unicodedata.normalize("NFKD", marked) if not unicodedata.combining(c))
    return tuple(one for one in _NOT_LETTERS.split(bare) if one)


@lru_cache(maxsize=50_000)
def readings(character: str) -> tuple[str, ...]:
    """Return how one character is read, the usual reading first: at most two, without tones."""
    # The dictionary is large: only what reads Chinese names loads it.
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415

    said = PINYIN_DICT.get(ord(character), "")
    found = dict.fromkeys(_toneless(one) for one in str(said).split(",") if one)
    return tuple(found)[:MOST_READINGS] or (character.casefold(),)


def surname_readings(surname: str) -> tuple[str, ...]:
    """Return how a surname is read: by the table where it has it, else the usual reading."""
    known = surnames().readings.get(surname)
    if known:
        return known
    return ("".join(readings(character)[0] for character in surname),)


def sounded(letters: str) -> str:
    """Return letters with ü in one spelling, so that LYU, LÜ, LV and LU are one sound."""
    for passport, plain_u in _PASSPORT_U:
        letters = letters.replace(passport, plain_u)
    return letters.replace("v", "u")


def _toneless(syllable: str) -> str:
    marked = syllable.translate(_U_UMLAUT)
    parts = unicodedata.normalize("NFD", marked)
    return "".join(c for c in parts if not unicodedata.combining(c)).replace("ɡ", "g")


@cache
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415

    return OpenCC("t2s")
