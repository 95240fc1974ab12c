"""Pinyin syllables in the spelling of Wade and Giles, as passports of Taiwan have them.

The initials and finals that differ; apostrophes are left out, as passports leave them out, so
that zh and ch are both `ch`. General knowledge, not copied from a document.
"""

from __future__ import annotations

_INITIALS = (
    ("zh", "ch"),
    ("ch", "ch"),
    ("sh", "sh"),
    ("b", "p"),
    ("d", "t"),
    ("g", "k"),
    ("j", "ch"),
    ("q", "ch"),
    ("x", "hs"),
    ("r", "j"),
    ("z", "ts"),
    ("c", "ts"),
)
_FINALS = {"ian": "ien", "ie": "ieh", "ue": "ueh", "ong": "ung", "yan": "yen", "ye": "yeh"}
_WHOLE = {
    "zhi": "chih",
    "chi": "chih",
    "shi": "shih",
    "ri": "jih",
    "zi": "tzu",
    "ci": "tzu",
    "si": "szu",
    "er": "erh",
    "you": "yu",
    "yi": "i",
    "he": "ho",
    "ke": "ko",
    "ge": "ko",
    "e": "o",
    "guo": "kuo",
    "kuo": "kuo",
    "duo": "to",
    "tuo": "to",
    "luo": "lo",
    "nuo": "no",
    "zuo": "tso",
    "cuo": "tso",
    "suo": "so",
    "zhuo": "cho",
    "ruo": "jo",
    "gui": "kuei",
    "kui": "kuei",
    "yan": "yen",
    "ye": "yeh",
    "yue": "yueh",
    "yong": "yung",
    "xue": "hsueh",
    "jue": "chueh",
    "que": "chueh",
    "ju": "chu",
    "qu": "chu",
    "xu": "hsu",
}


def wade_giles(syllable: str) -> str:
    """Return one pinyin syllable (no tone) as Wade and Giles spell it, without apostrophe."""
    if syllable in _WHOLE:
        return _WHOLE[syllable]
    for pinyin, spelt in _INITIALS:
        if syllable.startswith(pinyin):
            return spelt + _final(syllable[len(pinyin) :])
    return syllable[:1] + _final(syllable[1:]) if syllable else ""


def _final(final: str) -> str:
    return _FINALS.get(final, final)
