"""The parts of a document that have a form: their fields, and the document made of the answers.

A field knows the path of what it edits, as risk names it when something is wrong there
(`tables[0].rules[2].when`), so that the sentence can stand beside the field.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.platform import clock
from rongqiao.risk.queries.policies.documents import (
    REASON_CODES,
    cutoffs_of,
    read_document,
    with_cutoffs,
)
from rongqiao.risk.queries.policies.versions import list_versions
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.policies.entries import Document, Entry, Group, Path, pairs_of
from rongqiao.web.backoffice.risk.policies.shown import cutoff_row
from rongqiao.web.backoffice.risk.policies.testcases import settle_tests, test_groups
from rongqiao.web.backoffice.risk.policies.words import (
    HITS,
    OUTCOMES,
    UNKNOWNS,
    subject_name,
    tongue,
)
from rongqiao.web.frame.reasons import shown_name


def sections_of(document: Document) -> list[dict[str, str]]:
    """Return the parts that have a form, in the order an analyst looks at them."""
    found = [{"slug": "cutoffs", "label": _("阈值")}]
    if document["score"].get("points"):
        found.append({"slug": "points", "label": _("评分表")})
    found.append({"slug": "grades", "label": _("等级与定价")})
    found += [
        {"slug": "profit", "label": _("利润下限")},
        {"slug": "challenge", "label": _("冠军与挑战者")},
    ]
    if document["affordability"]:
        found.append({"slug": "means", "label": _("还款能力")})
    found += [
        {
            "slug": f"rules-{table['code']}",
            "label": _("规则：%(title)s") % {"title": tongue(table["title"])},
        }
        for table in document["tables"]
    ]
    return [
        *found,
        {"slug": "tests", "label": _("测试案例")},
        {"slug": "json", "label": _("全文（JSON）")},
    ]


def groups_of(slug: str, document: Document) -> list[Group]:
    """Return a part's fields; none for a part that is not there."""
    if slug.startswith("rules-"):
        return _rules(document, slug.removeprefix("rules-"))
    made = {
        "cutoffs": _cutoffs,
        "points": _points,
        "grades": _grades,
        "profit": _profit,
        "challenge": _challenge,
        "means": _means,
        "tests": test_groups,
    }.get(slug)
    return made(document) if made else []


def apply(slug: str, document: Document, said: dict[str, Any]) -> Document:
    """Return the document with the answers of a part in place."""
    groups = groups_of(slug, document)
    if slug == "cutoffs":
        values = {
            str(entry.path[-1]): Decimal(said[entry.name]) for g in groups for entry in g.entries
        }
        return with_cutoffs(document, values)
    made = copy.deepcopy(document)
    for group in groups:
        for entry in group.entries:
            if entry.path and entry.path[-1] not in _LISTED:
                _put(made, entry.path, _value(entry, said[entry.name]))
    if slug.startswith("rules-"):
        _settle_rules(made, slug.removeprefix("rules-"), said)
    elif slug == "tests":
        settle_tests(made, document, said)
    elif slug in ("profit", "challenge"):
        made[slug] = _switched(slug, document, said) if said["is_on"] else None
    return made


# Answers that are read together, not put in place one by one.
_LISTED = frozenset({"#rule", "#test", "#switched"})


def _put(made: Any, path: Path, value: Any) -> None:
    for part in path[:-1]:
        made = made[part]
    made[path[-1]] = value


def _value(entry: Entry, said: Any) -> Any:
    if entry.kind == "whole":
        return int(said)
    if entry.kind == "decimal" and said == "":
        return None
    return said


def _cutoffs(document: Document) -> list[Group]:
    entries: dict[str, list[Entry]] = {}
    for n, one in enumerate(cutoffs_of(read_document(document))):
        row = cutoff_row(one, document)
        at = next(i for i, table in enumerate(document["tables"]) if table["code"] == one.table)
        rules = document["tables"][at]["rules"]
        place = next(i for i, rule in enumerate(rules) if rule["code"] == one.rule)
        entry = Entry(
            name=f"cutoff_{n}",
            label=_("%(subject)s%(sign)s（%(outcome)s）") % row,
            kind="decimal",
            # The key tells the number; what is wrong with it is said of the whole condition.
            path=("tables", at, "rules", place, "when", one.key),
            value=format(one.value, "f"),
            help=_("规则 %(code)s：%(when)s") % {"code": one.rule, "when": rules[place]["when"]},
        )
        entries.setdefault(row["table"], []).append(entry)
    return [Group(heading=name, entries=tuple(found)) for name, found in entries.items()]


def _points(document: Document) -> list[Group]:
    table = document["score"]["points"]
    root: Path = ("score", "points")
    head = (
        Entry(
            name="version",
            label=_("评分表版本"),
            kind="text",
            path=(*root, "version"),
            value=table["version"],
        ),
        Entry(
            name="origin",
            label=_("来源"),
            kind="text",
            path=(*root, "origin"),
            value=table["origin"],
            help=_("用什么数据得出；没有中国借款人数据的，要写明"),
        ),
        Entry(
            name="start",
            label=_("起始分"),
            kind="whole",
            path=(*root, "start"),
            value=table["start"],
        ),
    )
    groups = [Group(heading=_("评分表"), entries=head)]
    for n, line in enumerate(table["lines"]):
        groups.append(
            Group(heading=subject_name(line["name"]), entries=tuple(_line(n, line, root)))
        )
    return groups


def _line(n: int, line: Document, root: Path) -> Iterator[Entry]:
    place = (*root, "lines", n)
    for k, (bound, points) in enumerate(line.get("bounds", [])):
        yield Entry(
            name=f"bound_{n}_{k}",
            label=_("第 %(n)s 段下限") % {"n": k + 1},
            kind="decimal",
            path=(*place, "bounds", k, 0),
            value=str(bound),
        )
        yield Entry(
            name=f"points_{n}_{k}",
            label=_("第 %(n)s 段得分") % {"n": k + 1},
            kind="whole",
            path=(*place, "bounds", k, 1),
            value=points,
        )
    for k, (word, points) in enumerate(line.get("words", {}).items()):
        yield Entry(
            name=f"word_{n}_{k}",
            label=shown_name(word),
            kind="whole",
            path=(*place, "words", word),
            value=points,
        )
    yield Entry(
        name=f"missing_{n}",
        label=_("缺失或不在其中"),
        kind="whole",
        path=(*place, "missing"),
        value=line["missing"],
    )


def _grades(document: Document) -> list[Group]:
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
    groups = [Group(heading=_("等级"), entries=steps)]
    rates = document["pricing"]["rates"]
    if rates != "product":
        groups.append(
            Group(
                heading=_("年利率（0.12 即 12%）"),
                entries=tuple(
                    Entry(
                        name=f"rate_{n}",
                        label=one["grade"],
                        kind="decimal",
                        path=("pricing", "rates", n, "rate_annual"),
                        value=str(one["rate_annual"]),
                    )
                    for n, one in enumerate(rates)
                ),
            )
        )
    return groups


def _switched(slug: str, document: Document, said: dict[str, Any]) -> Document:
    """Return the whole part of the answers, for it may not have been there before."""
    made: Document = {}
    for entry in (entry for group in groups_of(slug, document) for entry in group.entries):
        if entry.name != "is_on" and "default_rates" not in entry.path:
            made[str(entry.path[1])] = said[entry.name]
    if slug == "profit":
        made["default_rates"] = [
            {"grade": step["grade"], "rate": said[f"default_{n}"]}
            for n, step in enumerate(document["grades"])
        ]
    return made


def _switch(part: str, label: str, document: Document) -> Entry:
    path = (part, "#switched")
    return Entry(name="is_on", label=label, kind="flag", path=path, value=bool(document[part]))


def _challenge(document: Document) -> list[Group]:
    found = document["challenge"] or {"policy": "", "share": "", "salt": ""}
    versions = list_versions(document["code"], clock.business_date())
    known = {one.sha256: f"{one.number} · {one.label}" for one in reversed(versions)}
    # One that was kept elsewhere stays as it is unless another is chosen.
    known = {found["policy"]: found["policy"][:12] or "—"} | known
    told = {"share": _("0 即只在影子中比较，不作决定"), "salt": _("至少 8 个字；改了就重新分流")}
    entries = [
        _switch("challenge", _("设挑战者"), document),
        _choice("policy", _("挑战者策略"), ("challenge", "policy", "#switched"), "", known),
    ]
    entries[1] = replace(entries[1], value=found["policy"], is_required=False)
    for key, label in (("share", _("分流比例")), ("salt", _("分流盐"))):
        entries.append(
            Entry(
                name=key,
                label=label,
                kind="decimal" if key == "share" else "text",
                path=("challenge", key, "#switched"),
                value=str(found[key]),
                help=told[key],
                is_required=False,
            )
        )
    return [Group(heading=_("冠军与挑战者"), entries=tuple(entries))]


def _profit(document: Document) -> list[Group]:
    entries = (_switch("profit", _("设利润下限"), document), *_profit_entries(document))
    return [Group(heading=_("利润下限"), entries=entries)]


def _profit_entries(document: Document) -> Iterator[Entry]:
    profit = document["profit"] or {"default_rates": []}
    defaults = {one["grade"]: one["rate"] for one in profit["default_rates"]}
    labels = {
        "funds": _("资金成本（年）"),
        "cost": _("运营成本（年）"),
        "loss_given_default": _("违约损失率"),
        "floor": _("最低年化利润率"),
    }
    for key, label in labels.items():
        yield Entry(
            name=f"profit_{key}",
            label=label,
            kind="decimal",
            path=("profit", key, "#switched"),
            value=str(profit.get(key, "")),
            is_required=False,
        )
    below = ("profit", "below", "#switched")
    words = {key: OUTCOMES[key] for key in ("refer", "decline")}
    yield _choice("below", _("低于下限时"), below, profit.get("below", "refer"), words)
    for n, step in enumerate(document["grades"]):
        yield Entry(
            name=f"default_{n}",
            label=_("%(grade)s 级违约率") % step,
            kind="decimal",
            path=("profit", "default_rates", n, "rate", "#switched"),
            value=str(defaults.get(step["grade"], "")),
            is_required=False,
        )


def _means(document: Document) -> list[Group]:
    means = document["affordability"]
    rest = means["revenue_share_max"]
    entries = (
        Entry(
            name="burden_max",
            label=_("每月还款最多占月收入"),
            kind="decimal",
            path=("affordability", "burden_max"),
            value=str(means["burden_max"]),
            help=_("0.55 即 55%"),
        ),
        Entry(
            name="income_months_max",
            label=_("本平台借款最多为几个月收入"),
            kind="whole",
            path=("affordability", "income_months_max"),
            value=means["income_months_max"],
        ),
        Entry(
            name="revenue_share_max",
            label=_("本平台借款最多占年营业收入"),
            kind="decimal",
            path=("affordability", "revenue_share_max"),
            value="" if rest is None else str(rest),
            help=_("不填即不限；需要年营业收入这一特征"),
            is_required=False,
        ),
    )
    return [Group(heading=_("还款能力"), entries=entries)]


def _rules(document: Document, code: str) -> list[Group]:
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
        _choice("hit", _("检查方式"), (*root, "hit"), table["hit"], HITS),
        _choice("unknown", _("无法判断时"), (*root, "unknown"), table["unknown"], UNKNOWNS),
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


def _choice(name: str, label: str, path: Path, value: str, words: Any) -> Entry:
    choices = tuple((key, say(words, key)) for key in words)
    return Entry(name=name, label=label, kind="choice", path=path, value=value, choices=choices)


def _again_text(again: Any) -> str:
    if not again:
        return ""
    return again if isinstance(again, str) else str(again.get("days", again.get("on")))


def _again_of(text: str) -> Any:
    if text.isascii() and text.isdecimal():
        return {"days": int(text)}
    return text if text == "never" else {"on": text}


def _settle_rules(made: Document, code: str, said: dict[str, Any]) -> None:
    table = next(one for one in made["tables"] if one["code"] == code)
    kept: list[tuple[int, int, Document]] = []
    for n in range(len(table["rules"]) + 1):
        if not said[f"code_{n}"] or said.get(f"drop_{n}"):
            continue
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
        kept.append((int(said[f"order_{n}"] or n + 1), n, rule))
    table["rules"] = [rule for _order, _n, rule in sorted(kept, key=lambda one: one[:2])]
