"""Lists of a draft as fields: what it looks at, and the texts of reasons of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.risk.queries.policies.documents import FEATURE_KINDS, UNITS
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.policies.editing.entries import (
    Document,
    Entry,
    Group,
    Path,
    choice,
)
from rongqiao.web.backoffice.risk.policies.editing.testcases import plain_text, typed
from rongqiao.web.backoffice.risk.policies.words import (
    FEATURE_TYPES,
    FEATURE_UNITS,
    MISSING,
    subject_name,
)

Said = dict[str, Any]
_TEXTS = ("zh", "en", "help_zh", "help_en")


def feature_groups(document: Document) -> list[Group]:
    """Return the fields of every feature, and of one to come."""
    blank: Document = {"name": "", "type": "number", "unit": "", "missing": "unknown"}
    groups = []
    for n, one in enumerate([*document["features"], blank]):
        heading = subject_name(one["name"]) if one["name"] else _("新增特征（不加就留空）")
        groups.append(Group(heading=heading, entries=tuple(_feature(n, one))))
    return groups


def _feature(n: int, one: Document) -> Iterator[Entry]:
    place: Path = ("features", n)
    is_used = isinstance(one["missing"], dict)
    told = _("问卷、本平台记录或来源的名称，如 tax.arrears")
    yield replace(_field(n, "name", _("名称"), "text", place, one["name"]), help=told)
    kinds = {kind: say(FEATURE_TYPES, kind) for kind in FEATURE_KINDS}
    yield _choice(n, "type", _("类型"), place, one["type"], kinds)
    units = {unit: say(FEATURE_UNITS, unit) for unit in UNITS}
    yield _choice(n, "unit", _("单位"), place, one["unit"], units)
    wanted = "use" if is_used else one["missing"]
    ways = {way: say(MISSING, way) for way in MISSING}
    yield _choice(n, "missing", _("缺失时"), place, wanted, ways)
    instead = plain_text(one["missing"]["use"]) if is_used else ""
    use = _field(n, "use", _("代替的值"), "text", (*place, "missing"), instead)
    yield replace(use, help=_("只有用固定值代替时才填"))
    if one["name"]:
        yield _field(n, "drop", _("删除这个特征"), "flag", place, value=False)


def settle_features(made: Document, before: Document, said: Said) -> None:
    """Put the features that were said in the document's place."""
    old = before["features"]
    made["features"] = [
        _said_feature(n, said, old[n] if n < len(old) else {})
        for n in range(len(old) + 1)
        if said[f"name_{n}"] and not said.get(f"drop_{n}")
    ]


def _said_feature(n: int, said: Said, old: Document) -> Document:
    found = {key: said[f"{key}_{n}"] for key in ("name", "type", "unit", "missing")}
    if found["missing"] == "use":
        was = old.get("missing")
        instead = was["use"] if isinstance(was, dict) else None
        found["missing"] = {"use": typed(said[f"use_{n}"], found["type"], instead)}
    return found


def text_groups(document: Document) -> list[Group]:
    """Return the sentences of every reason of the policy's own, and of one to come."""
    blank: Document = {"code": "", **dict.fromkeys(_TEXTS, "")}
    labels = (_("原因（中文）"), _("原因（英文）"), _("怎样改善（中文）"), _("怎样改善（英文）"))
    groups = []
    for n, one in enumerate([*document["reasons"], blank]):
        place: Path = ("reasons", n)
        entries = [_field(n, "code", _("原因代码"), "text", place, one["code"])]
        for key, label in zip(_TEXTS, labels, strict=True):
            told = _("规则说明中的数字写作 {名称}") if key in ("zh", "en") else ""
            entries.append(replace(_field(n, key, label, "long", place, one[key]), help=told))
        if one["code"]:
            entries.append(_field(n, "drop", _("删除这个原因"), "flag", place, value=False))
        heading = one["code"] or _("新增原因（不加就留空）")
        groups.append(Group(heading=heading, entries=tuple(entries)))
    return groups


def settle_texts(made: Document, before: Document, said: Said) -> None:
    """Put the texts that were said in the document's place."""
    made["reasons"] = [
        {key: said[f"{key}_{n}"] for key in ("code", *_TEXTS)}
        for n in range(len(before["reasons"]) + 1)
        if said[f"code_{n}"] and not said.get(f"drop_{n}")
    ]


def _field(n: int, key: str, label: str, kind: str, place: Path, value: Any) -> Entry:
    path: Path = (*place, key, "#listed")
    return Entry(
        name=f"{key}_{n}", label=label, kind=kind, path=path, value=value, is_required=False
    )


def _choice(n: int, key: str, label: str, place: Path, value: str, words: dict[str, str]) -> Entry:
    made = choice(f"{key}_{n}", label, (*place, key, "#listed"), value, words)
    return replace(made, is_required=False)
