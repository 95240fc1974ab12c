"""The points table of a draft and its grades with their rates, as fields; bands come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.web.backoffice.risk.policies.editing.entries import (
    Document,
    Entry,
    Group,
    Path,
    choice,
    pairs_of,
)
from rongqiao.web.backoffice.risk.policies.words import subject_name
from rongqiao.web.frame.reasons import shown_name

Said = dict[str, Any]
_ROOT: Path = ("score", "points")
# A whole number as a field of pairs takes it; anything else goes to the schema as it is.
_MOST_DIGITS = 6


def point_groups(document: Document) -> list[Group]:
    """Return the fields of the table: its head, each line with a band to come, a line to come."""
    table = document["score"]["points"]
    head = (
        _entry("version", _("评分表版本"), "text", ("version",), table["version"]),
        replace(
            _entry("origin", _("来源"), "text", ("origin",), table["origin"]),
            help=_("用什么数据得出；没有中国借款人数据的，要写明"),
        ),
        _entry("start", _("起始分"), "whole", ("start",), table["start"]),
    )
    groups = [Group(heading=_("评分表"), entries=head)]
    for n, line in enumerate(table["lines"]):
        entries = (*_bands(n, line), *_words(n, line), *_end(n, line))
        groups.append(Group(heading=subject_name(line["name"]), entries=entries))
    return [*groups, _line_to_come(document)]


def _entry(name: str, label: str, kind: str, path: Path, value: Any) -> Entry:
    return Entry(name=name, label=label, kind=kind, path=(*_ROOT, *path), value=value)


def _listed(name: str, label: str, kind: str, path: Path, value: Any) -> Entry:
    """Return a field that is read together with others, and may be left empty."""
    return replace(_entry(name, label, kind, (*path, "#listed"), value), is_required=False)


def _bands(n: int, line: Document) -> Iterator[Entry]:
    bounds = line.get("bounds")
    if bounds is None:
        return
    for k, (bound, points) in enumerate([*bounds, ("", "")]):
        is_new = k == len(bounds)
        place: Path = ("lines", n, "bounds", k)
        lowest = _("新增一段的下限") if is_new else _("第 %(n)s 段下限") % {"n": k + 1}
        given = _("新增一段的得分") if is_new else _("第 %(n)s 段得分") % {"n": k + 1}
        yield _listed(f"bound_{n}_{k}", lowest, "decimal", (*place, 0), str(bound))
        yield _listed(f"points_{n}_{k}", given, "whole", (*place, 1), points)


def _words(n: int, line: Document) -> Iterator[Entry]:
    if "words" not in line:
        return
    for k, (word, points) in enumerate(line["words"].items()):
        place: Path = ("lines", n, "words", word)
        yield _listed(f"word_{n}_{k}", shown_name(word), "whole", place, points)
    new: Path = ("lines", n, "words")
    yield _listed(f"new_word_{n}", _("新增取值（代码）"), "text", new, "")
    yield _listed(f"new_points_{n}", _("新增取值的得分"), "whole", new, "")


def _end(n: int, line: Document) -> Iterator[Entry]:
    missing: Path = ("lines", n, "missing")
    yield _entry(f"missing_{n}", _("缺失或不在其中"), "whole", missing, line["missing"])
    yield _listed(f"drop_{n}", _("删除这个评分项"), "flag", ("lines", n), value=False)


def _line_to_come(document: Document) -> Group:
    lines = document["score"]["points"]["lines"]
    used = {line["name"] for line in lines}
    fit = {
        one["name"]: subject_name(one["name"])
        for one in document["features"]
        if one["type"] in ("number", "text") and one["name"] not in used
    }
    place: Path = ("lines", len(lines))
    pairs = _listed("new_pairs", _("分段或取值"), "lines", place, "")
    told = _("每行：下限 = 得分；文字特征每行：取值 = 得分")
    entries = (
        choice("new_name", _("特征"), (*_ROOT, *place, "name", "#listed"), "", {"": "—"} | fit),
        replace(pairs, help=told),
        _listed("new_missing", _("缺失或不在其中"), "whole", (*place, "missing"), ""),
    )
    shown = tuple(replace(one, is_required=False) for one in entries)
    return Group(heading=_("新增评分项（不加就留空）"), entries=shown)


def settle_points(made: Document, before: Document, said: Said) -> None:
    """Put bands, words and lines in place; bands go from the lowest up."""
    table, old = made["score"]["points"], before["score"]["points"]["lines"]
    table["lines"] = [
        _settled(n, line, old[n], said)
        for n, line in enumerate(table["lines"])
        if not said.get(f"drop_{n}")
    ]
    if said["new_name"]:
        kinds = {one["name"]: one["type"] for one in before["features"]}
        table["lines"].append(_new_line(said, kinds[said["new_name"]]))


def _settled(n: int, line: Document, old: Document, said: Said) -> Document:
    if "bounds" in line:
        bands = [
            [
                _as_written(said[f"bound_{n}_{k}"], old["bounds"], k),
                _points(said[f"points_{n}_{k}"]),
            ]
            for k in range(len(old["bounds"]) + 1)
            if said[f"bound_{n}_{k}"] != ""
        ]
        return {**line, "bounds": sorted(bands, key=lambda one: Decimal(str(one[0])))}
    words: dict[str, int | None] = {
        word: int(said[f"word_{n}_{k}"])
        for k, word in enumerate(old["words"])
        if said[f"word_{n}_{k}"] != ""
    }
    if said[f"new_word_{n}"]:
        words[said[f"new_word_{n}"]] = _points(said[f"new_points_{n}"])
    return {**line, "words": words}


def _as_written(text: str, bounds: list[Any], k: int) -> Any:
    """Return a bound as it was written, where nobody touched it."""
    return bounds[k][0] if k < len(bounds) and str(bounds[k][0]) == text else text


def _points(text: str) -> int | None:
    return int(text) if text != "" else None


def _new_line(said: Said, kind: str) -> Document:
    pairs = [(key, _whole(value)) for key, value in pairs_of(said["new_pairs"]).items()]
    line: Document = {"name": said["new_name"], "missing": _points(said["new_missing"])}
    if kind == "text":
        return {**line, "words": dict(pairs)}
    return {**line, "bounds": [[bound, points] for bound, points in pairs]}


def _whole(text: str) -> Any:
    digits = text.removeprefix("-")
    is_whole = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    return int(text) if is_whole else text


def grade_groups(document: Document) -> list[Group]:
    """Return the least scores, and whether rates are the product's or the policy's own."""
    steps = tuple(
        Entry(
            name=f"grade_{n}",
            label=_("%(grade)s 级最低分") % {"grade": step["grade"]},
            kind="whole",
            path=("grades", n, "score_min"),
            value=step["score_min"],
        )
        for n, step in enumerate(document["grades"])
    )
    rates = document["pricing"]["rates"]
    own = {} if rates == "product" else {one["grade"]: one["rate_annual"] for one in rates}
    words = {"product": _("按产品各等级的利率"), "own": _("本策略自定")}
    whose = choice(
        "whose_rates",
        _("利率"),
        ("pricing", "rates", "#listed"),
        "own" if own else "product",
        words,
    )
    told = _("自定的利率不会超过产品与监管上限；越差的等级不能更低")
    priced = tuple(
        Entry(
            name=f"rate_{n}",
            label=_("%(grade)s 级年利率（0.12 即 12%%）") % {"grade": step["grade"]},
            kind="decimal",
            path=("pricing", "rates", n, "rate_annual", "#listed"),
            value=str(own.get(step["grade"], "")),
            is_required=False,
        )
        for n, step in enumerate(document["grades"])
    )
    return [
        Group(heading=_("等级"), entries=steps),
        Group(heading=_("定价"), entries=(replace(whose, help=told), *priced)),
    ]


def settle_rates(made: Document, before: Document, said: Said) -> None:
    """Put the rates in place: the product's, or one for each grade."""
    if said["whose_rates"] == "product":
        made["pricing"] = {"rates": "product"}
        return
    made["pricing"] = {
        "rates": [
            {"grade": step["grade"], "rate_annual": said[f"rate_{n}"]}
            for n, step in enumerate(before["grades"])
        ]
    }
