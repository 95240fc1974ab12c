"""Precision and recall of the name screening, on variants that are made and so known to be true.

People and firms are invented from a seed; each is listed once. What has to be found is a variant
of a listed name; what must not be found are other names, among them near ones: the same sound,
one character more, and the same words of trade and legal form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from rongqiao.risk.laundering.names.matching import (
    FIRM,
    PERSON,
    Listed,
    Subject,
    compare,
    keys_of,
)
from rongqiao.risk.laundering.names.reading import readings, surname_readings
from rongqiao.risk.laundering.names.romanising import wade_giles
from rongqiao.risk.laundering.names.tables import common_surnames, firm_words, surnames

# Characters common in given names; invented people only.
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂英华玉萍红文建国志海波辉鹏飞云晓雪梅兰宁"
    "俊峰浩宇轩梓涵欣怡佳琪诗雨思远博文嘉豪子睿凯莉婷雅慧颖琳晨阳旭东振兴德福顺康泰祥瑞"
    "清源松柏青山春秋冬夏立新启航铭达彬武斌昊天逸凡哲翰林森茂荣盛昌永恒长久安乐喜庆贺"
)
# What the page on name screening shows.
SEED, PEOPLE, FIRMS, EVERY = 20260101, 9_000, 4_500, 30
# Somebody of the same name as one who is listed, born on another day: found only without a date.
SAME_NAME = "other-born-same-name"
MARKS = "融桥恒瑞锦绣盛华宏远鑫源博雅天成瑞丰泰和嘉禾中正信达明德启明星河云帆汇通安平永兴"
TRADITIONAL = {"伟": "偉", "丽": "麗", "强": "強", "军": "軍", "艳": "艷", "杰": "傑", "涛": "濤"}
TRADITIONAL |= {"刚": "剛", "华": "華", "红": "紅", "国": "國", "辉": "輝", "鹏": "鵬", "飞": "飛"}
TRADITIONAL |= {"云": "雲", "晓": "曉", "兰": "蘭", "宁": "寧", "张": "張", "刘": "劉", "陈": "陳"}
TRADITIONAL |= {"杨": "楊", "黄": "黃", "赵": "趙", "吴": "吳", "孙": "孫", "马": "馬", "郑": "鄭"}


@dataclass(frozen=True)
class Trial:
    """One try: what kind of variant, who asks, and the reference that must be found (or None)."""

    variant: str
    subject: Subject
    reference: str | None


@dataclass(frozen=True)
class Line:
    """What came of the tries of one variant."""

    variant: str
    tries: int
    found: int
    wrong: int


def world(seed: int, people: int, firms: int, every: int = 1) -> tuple[list[Listed], list[Trial]]:
    """Return an invented list, and tries of every so manieth entry of it.

    The same for the same seed. The longer the list, the more of it share a sound.
    """
    random = Random(seed)  # noqa: S311 - the same names on every machine, not a secret
    listed = [_listed_person(random, n) for n in range(people)]
    listed += [_listed_firm(random, n) for n in range(firms)]
    names = {name for one in listed for name in one.names}
    trials: list[Trial] = []
    asked = listed[::every]
    for one in asked:
        makers = PEOPLE_VARIANTS if one.kind == PERSON else FIRM_VARIANTS
        for variant, make in makers.items():
            name = make(one.names[0])
            if name:
                trials.append(_trial(variant, one, name))
    trials += [
        one
        for one in _others(random, asked)
        if one.variant == SAME_NAME or one.subject.name not in names
    ]
    return listed, trials


def surname_trials() -> tuple[list[Listed], list[Trial]]:
    """Return each surname of the table listed in characters, and asked for in its right letters."""
    listed, trials = [], []
    for n, surname in enumerate(surnames().readings):
        one = Listed(
            reference=f"s{n}", kind=PERSON, names=(f"{surname}明远",), born=("1970-01-01",)
        )
        listed.append(one)
        for said in surname_readings(surname):
            spelt = said.replace("lv", "lyu").upper()
            trials.append(_trial("surname-in-passport", one, f"{spelt} MINGYUAN"))
    return listed, trials


def measure(listed: Sequence[Listed], trials: Iterable[Trial], *, born: bool) -> list[Line]:
    """Return by variant how many were found, and how many entries were named that are others.

    `born` says whether the date of birth is known of who asks.
    """
    index: dict[str, list[Listed]] = defaultdict(list)
    for one in listed:
        for name in one.names:
            for key in keys_of(one.kind, name):
                index[key].append(one)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for trial in trials:
        subject = trial.subject
        if not born:
            subject = Subject(kind=subject.kind, name=subject.name)
        near = {
            one.reference: one for key in keys_of(subject.kind, subject.name) for one in index[key]
        }
        named = {ref for ref, one in near.items() if compare(subject, one).is_possible}
        count = counts[trial.variant]
        count[0] += 1
        count[1] += trial.reference in named
        count[2] += len(named - {trial.reference})
    return [Line(variant, *count) for variant, count in counts.items()]


def totals(lines: Iterable[Line], negative: str = "other") -> tuple[float, float]:
    """Return precision and recall over all lines; those named `other...` have nothing to find."""
    rows = list(lines)
    found = sum(one.found for one in rows)
    wrong = sum(one.wrong for one in rows)
    tries = sum(one.tries for one in rows if not one.variant.startswith(negative))
    return found / max(found + wrong, 1), found / max(tries, 1)


@cache
def run(*, born: bool) -> tuple[Line, ...]:
    """Return the lines of the page on name screening: one seed, one size."""
    return tuple(measure(*world(SEED, PEOPLE, FIRMS, EVERY), born=born))


def page_table() -> str:
    """Return precision and recall by variant as the page shows them, in Markdown."""
    rows = [
        "| variant | tries | found, date of birth known | wrong | found, not known | wrong |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    known = {line.variant: line for line in run(born=True)}
    unknown = {line.variant: line for line in run(born=False)}
    for variant, line in known.items():
        other = unknown[variant]
        rows.append(
            f"| {variant} | {line.tries} | {line.found} | {line.wrong} "
            f"| {other.found} | {other.wrong} |"
        )
    for said, born in (("With", True), ("Without", False)):
        precision, recall = totals(run(born=born))
        rows.append("")
        rows.append(f"{said} date of birth: precision {precision:.3f}, recall {recall:.3f}.")
    return "\n".join(rows)


def invented_people(random: Random, count: int) -> Iterator[str]:
    """Yield names of invented people, by how common surnames are."""
    table, rare = common_surnames(), sorted(surnames().compound)
    for _ in range(count):
        surname = random.choice(rare) if random.random() < 0.01 else random.choice(table)
        given = "".join(random.choice(GIVEN) for _ in range(1 if random.random() < 0.15 else 2))
        yield surname + given


def invented_firms(random: Random, count: int) -> Iterator[str]:
    """Yield names of invented firms: place, mark, trade, legal form."""
    words = firm_words()
    places = sorted(
        word for word, kind in words.chinese.items() if kind == "place" and len(word) > 1
    )
    trades = sorted(word for word, kind in words.chinese.items() if kind == "trade")
    for _ in range(count):
        mark = "".join(random.choice(MARKS) for _ in range(random.choice((2, 2, 3, 4))))
        yield f"{random.choice(places)}{mark}{random.choice(trades)}有限公司"


def _listed_person(random: Random, number: int) -> Listed:
    born = (
        f"{random.randrange(1950, 2000)}-{random.randrange(1, 13):02}-{random.randrange(1, 28):02}"
    )
    (name,) = invented_people(random, 1)
    return Listed(reference=f"p{number}", kind=PERSON, names=(name,), born=(born,))


def _listed_firm(random: Random, number: int) -> Listed:
    (name,) = invented_firms(random, 1)
    return Listed(reference=f"f{number}", kind=FIRM, names=(name,))


def _trial(variant: str, one: Listed, name: str) -> Trial:
    born = one.born[0] if one.born else ""
    return Trial(variant, Subject(kind=one.kind, name=name, born=born), one.reference)


def _others(random: Random, listed: Sequence[Listed]) -> Iterator[Trial]:
    """Yield names that are nobody's on the list, near ones among them."""
    for one in listed:
        name = one.names[0]
        if one.kind == PERSON:
            (other,) = invented_people(random, 1)
            yield Trial("other-person", Subject(kind=PERSON, name=other, born="1988-08-08"), None)
            more = name + random.choice(GIVEN) if len(name) < 3 else name[:-1]
            yield Trial("other-length", Subject(kind=PERSON, name=more, born="1988-08-08"), None)
            yield Trial(SAME_NAME, Subject(kind=PERSON, name=name, born="1931-02-03"), None)
        else:
            (other,) = invented_firms(random, 1)
            yield Trial("other-firm", Subject(kind=FIRM, name=other), None)
            generic = "".join(sorted(_generic(name), key=name.find))
            yield Trial("other-generic-words-alone", Subject(kind=FIRM, name=generic), None)
            yield Trial("other-legal-form-alone", Subject(kind=FIRM, name="有限公司"), None)


def _generic(name: str) -> list[str]:
    return [word for word in firm_words().chinese if len(word) > 1 and word in name]


def _parts(name: str) -> tuple[str, str]:
    length = 2 if name[:2] in surnames().compound and len(name) > 2 else 1
    return name[:length], name[length:]


def _spelt(name: str, between: str = "") -> tuple[str, str]:
    surname, given = _parts(name)
    said = surname_readings(surname)[0].replace("lv", "lyu")
    return said, between.join(readings(c)[0].replace("lv", "lyu") for c in given)


def _traditional(name: str) -> str:
    written = "".join(TRADITIONAL.get(c, c) for c in name)
    return written if written != name else ""


def _homophone(name: str) -> str:
    """Return the name with one given character replaced by another of the same sound."""
    surname, given = _parts(name)
    if len(given) < 2:
        return ""
    alike = [c for c in GIVEN if c != given[-1] and readings(c)[0] == readings(given[-1])[0]]
    return surname + given[:-1] + alike[0] if alike else ""


def _abroad(name: str) -> str:
    surname, _given = _parts(name)
    said = surnames().romanised.get(surname)
    return f"{said[0].title()} {_spelt(name)[1].title()}" if said else ""


def _giles(name: str) -> str:
    surname, given = _parts(name)
    if len(surname) > 1:
        return ""
    said = wade_giles(surname_readings(surname)[0])
    return f"{said.title()} {'-'.join(wade_giles(readings(c)[0]) for c in given).title()}"


def _shortened(name: str) -> str:
    """Return place and mark alone, as people call a firm."""
    for word, kind in firm_words().chinese.items():
        if kind != "place":
            name = name.replace(word, "")
    return name


def _firm_in_letters(name: str) -> str:
    """Return the firm's English form: place, mark, trade, Co., Ltd."""
    words = firm_words()
    said = {chinese: latin for latin, chinese in reversed(words.same.items())}
    place = next((w for w, k in words.chinese.items() if k == "place" and name.startswith(w)), "")
    rest = name.removeprefix(place).removesuffix("有限公司")
    trades = [w for w, k in words.chinese.items() if k == "trade" and rest.endswith(w)]
    trade = max(trades, key=len, default="")
    mark = "".join(readings(c)[0] for c in rest.removesuffix(trade))
    if place not in said or trade not in said or not mark:
        return ""
    return f"{said[place].title()} {mark.title()} {said[trade].title()} Co., Ltd."


PEOPLE_VARIANTS: dict[str, Callable[[str], str]] = {
    "as-listed": lambda name: name,
    "traditional": _traditional,
    "spaced": " ".join,
    "middle-dot": lambda name: "·".join(_parts(name)),
    "passport": lambda name: " ".join(_spelt(name)).upper(),
    "passport-turned": lambda name: " ".join(reversed(_spelt(name))).title(),
    "passport-comma": lambda name: ", ".join(_spelt(name)).upper(),
    "hyphen": lambda name: " ".join(_spelt(name, "-")).title(),
    "apostrophe": lambda name: " ".join(_spelt(name, "'")).title(),
    "syllables-apart": lambda name: " ".join(_spelt(name, " ")).title(),
    "one-word": lambda name: "".join(_spelt(name)).upper(),
    "homophone": _homophone,
    "surname-abroad": _abroad,
    "wade-giles": _giles,
}
FIRM_VARIANTS: dict[str, Callable[[str], str]] = {
    "firm-as-listed": lambda name: name,
    "firm-other-legal-form": lambda name: name.replace("有限公司", "有限责任公司"),
    "firm-without-place": lambda name: name[2:],
    "firm-shortened": _shortened,
    "firm-in-letters": _firm_in_letters,
}
