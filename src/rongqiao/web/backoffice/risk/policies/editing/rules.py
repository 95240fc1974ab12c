"""Rule tables of a draft as fields: their rows one by one, their order, and a table to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.risk.queries.policies.documents import REASON_CODES
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.policies.editing.entries import (
    Document,
    Entry,
    Group,
    Path,
    choice,
    pairs_of,
)
from rongqiao.web.backoffice.risk.policies.words import HITS, OUTCOMES, UNKNOWNS, tongue


def rule_groups(document: Document, code: str) -> list[Group]:
    """Return the fields of one table: its head, every rule, and one to come."""
    places = [n for n, table in enumerate(document["tables"]) if table["code"] == code]
    if not places:
        return []
    at = places[0]
    table, root = document["tables"][at], ("tables", at)
    head = (
        *(
            Entry(
                name=f"title_{key}",
                label=label,
                kind="text",
                path=(*root, "title", key),
                value=table["title"][key],
            )
            for key, label in (("zh", _("名称（中文）")), ("en", _("名称（英文）")))
        ),
        choice("hit", _("检查方式"), (*root, "hit"), table["hit"], HITS),
        choice("unknown", _("无法判断时"), (*root, "unknown"), table["unknown"], UNKNOWNS),
    )
    groups = [Group(heading=tongue(table["title"]), entries=head)]
    blank: Document = {"code": "", "when": "", "outcome": "decline", "reason": "other"}
    for n, rule in enumerate([*table["rules"], blank]):
        is_new = n == len(table["rules"])
        heading = _("新增规则（不加就留空）") if is_new else rule["code"]
        entries = _rule(n, (*root, "rules", n), blank | {"reason": ""} if is_new else rule)
        groups.append(
            Group(
                heading=heading, entries=tuple(replace(one, is_required=False) for one in entries)
            )
        )
    return groups


def _rule(n: int, place: Path, rule: Document) -> Iterator[Entry]:
    def entry(key: str, label: str, kind: str, value: Any, help_text: str = "") -> Entry:
        path = (*place, key, "#rule")
        return Entry(
            name=f"{key}_{n}", label=label, kind=kind, path=path, value=value, help=help_text
        )

    yield entry("order", _("次序"), "whole", n + 1)
    yield entry("code", _("代码"), "text", rule["code"])
    yield entry("when", _("条件"), "long", rule["when"], _('如 age < 18 and housing == "rented"'))
    outcomes = tuple((key, say(OUTCOMES, key)) for key in OUTCOMES)
    yield replace(entry("outcome", _("结论"), "choice", rule["outcome"]), choices=outcomes)
    told = _("原因代码：%(codes)s，或本策略自有的") % {"codes": "、".join(REASON_CODES[:4]) + "…"}
    yield entry("reason", _("原因"), "text", rule.get("reason", ""), told)
    facts = "\n".join(f"{name} = {value}" for name, value in rule.get("facts", {}).items())
    yield entry("facts", _("说明中的数字"), "lines", facts, _("每行：名称 = 表达式"))
    again = _again_text(rule.get("again"))
    yield entry("again", _("再次申请"), "text", again, _("never、天数或日期表达式；只有拒绝才填"))
    if rule["code"]:
        yield entry("drop", _("删除这条规则"), "flag", value=False)


def _again_text(again: Any) -> str:
    if not again:
        return ""
    return again if isinstance(again, str) else str(again.get("days", again.get("on")))


def _again_of(text: str) -> Any:
    if text.isascii() and text.isdecimal():
        return {"days": int(text)}
    return text if text == "never" else {"on": text}


def settle_rules(made: Document, code: str, said: dict[str, Any]) -> None:
    """Put the rules that were said in the table's place, in the order that was said."""
    table = next(one for one in made["tables"] if one["code"] == code)
    kept: list[tuple[int, int, Document]] = []
    for n in range(len(table["rules"]) + 1):
        if not said[f"code_{n}"] or said.get(f"drop_{n}"):
            continue
        kept.append((int(said[f"order_{n}"] or n + 1), n, _said_rule(n, said)))
    table["rules"] = [rule for _order, _n, rule in sorted(kept, key=lambda one: one[:2])]


def _said_rule(n: int, said: dict[str, Any]) -> Document:
    rule: Document = {
        "code": said[f"code_{n}"],
        "when": said[f"when_{n}"],
        "outcome": said[f"outcome_{n}"],
    }
    if said[f"reason_{n}"]:
        rule["reason"] = said[f"reason_{n}"]
    if facts := pairs_of(said[f"facts_{n}"]):
        rule["facts"] = facts
    if said[f"again_{n}"]:
        rule["again"] = _again_of(said[f"again_{n}"])
    return rule


def table_groups(document: Document) -> list[Group]:
    """Return the order of the tables, and the fields of a table to come with its first rule."""
    groups = []
    for n, table in enumerate(document["tables"]):
        placed = (
            _of_table(n, "order", _("次序"), "whole", n + 1),
            _of_table(n, "drop", _("删除这张规则表"), "flag", value=False),
        )
        groups.append(Group(heading=tongue(table["title"]), entries=placed))
    n = len(document["tables"])
    place: Path = ("tables", n)
    blank: Document = {"code": "", "when": "", "outcome": "refer", "reason": ""}
    first = [
        one for one in _rule(0, (*place, "rules", 0), blank) if not one.name.startswith("order")
    ]
    entries = (
        _of_table(n, "code", _("代码"), "text", ""),
        _of_table(n, "title_zh", _("名称（中文）"), "text", ""),
        _of_table(n, "title_en", _("名称（英文）"), "text", ""),
        choice(f"hit_{n}", _("检查方式"), (*place, "hit", "#listed"), "collect", HITS),
        choice(f"unknown_{n}", _("无法判断时"), (*place, "unknown", "#listed"), "skip", UNKNOWNS),
        *(
            replace(
                one, name=f"first_{one.name}", label=_("第一条规则：%(what)s") % {"what": one.label}
            )
            for one in first
        ),
    )
    heading = _("新增规则表和它的第一条规则（不加就留空）")
    shown = tuple(replace(one, is_required=False) for one in entries)
    return [*groups, Group(heading=heading, entries=shown)]


def settle_tables(made: Document, before: Document, said: dict[str, Any]) -> None:
    """Put the tables in the order that was said, without those dropped, and the new one last."""
    n = len(before["tables"])
    kept = [
        (int(said[f"order_{at}"] or at + 1), at) for at in range(n) if not said.get(f"drop_{at}")
    ]
    made["tables"] = [made["tables"][at] for _order, at in sorted(kept)]
    if said[f"code_{n}"]:
        first = {
            key.removeprefix("first_"): value
            for key, value in said.items()
            if key.startswith("first_")
        }
        made["tables"].append(
            {
                "code": said[f"code_{n}"],
                "title": {"zh": said[f"title_zh_{n}"], "en": said[f"title_en_{n}"]},
                "hit": said[f"hit_{n}"],
                "unknown": said[f"unknown_{n}"],
                "rules": [_said_rule(0, first)],
            }
        )


def _of_table(n: int, key: str, label: str, kind: str, value: Any) -> Entry:
    path: Path = ("tables", n, *key.split("_"), "#listed")
    return Entry(
        name=f"{key}_{n}", label=label, kind=kind, path=path, value=value, is_required=False
    )
