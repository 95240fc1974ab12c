"""The parts of a document that have a form: their fields, and the document made of the answers.

A field knows the path of what it edits, as risk names it when something is wrong there
(`tables[0].rules[2].when`), so that the sentence can stand beside the field.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.risk.queries.policies.documents import cutoffs_of, read_document, with_cutoffs
from rongqiao.web.backoffice.risk.policies.editing import (
    listed,
    outside,
    rules,
    scoring,
    switching,
    testcases,
)
from rongqiao.web.backoffice.risk.policies.editing.entries import Document, Entry, Group, Path
from rongqiao.web.backoffice.risk.policies.shown import cutoff_row
from rongqiao.web.backoffice.risk.policies.words import tongue

Said = dict[str, Any]
RULES = "rules-"


@dataclass(frozen=True)
class Section:
    """A part: what it is called, its fields, and what the answers make of the document."""

    label: Promise
    groups: Callable[[Document], list[Group]]
    settle: Callable[[Document, Document, Said], None] | None = None
    is_there: Callable[[Document], bool] = lambda _document: True


def sections_of(document: Document) -> list[dict[str, str]]:
    """Return the parts that have a form, in the order an analyst looks at them."""
    found = [
        {"slug": slug, "label": str(one.label)}
        for slug, one in SECTIONS.items()
        if one.is_there(document)
    ]
    found += [
        {
            "slug": f"{RULES}{table['code']}",
            "label": _("规则：%(title)s") % {"title": tongue(table["title"])},
        }
        for table in document["tables"]
    ]
    found += [
        {"slug": slug, "label": str(one.label)}
        for slug, one in LAST.items()
        if one.is_there(document)
    ]
    return [*found, {"slug": "json", "label": _("全文（JSON）")}]


def groups_of(slug: str, document: Document) -> list[Group]:
    """Return a part's fields; none for a part that is not there."""
    section = _section(slug)
    return section.groups(document) if section else []


def apply(slug: str, document: Document, said: Said) -> Document:
    """Return the document with the answers of a part in place."""
    section = _section(slug)
    assert section is not None, slug
    groups = section.groups(document)
    if slug == "cutoffs":
        values = {
            str(entry.path[-1]): Decimal(said[entry.name]) for g in groups for entry in g.entries
        }
        return with_cutoffs(document, values)
    made = copy.deepcopy(document)
    for group in groups:
        for entry in group.entries:
            if not str(entry.path[-1]).startswith("#"):
                _put(made, entry.path, _value(entry, said[entry.name]))
    if section.settle is not None:
        section.settle(made, document, said)
    return made


def _section(slug: str) -> Section | None:
    if slug.startswith(RULES):
        code = slug.removeprefix(RULES)
        return Section(
            gettext_lazy("规则"),
            partial(rules.rule_groups, code=code),
            lambda made, _before, said: rules.settle_rules(made, code, said),
        )
    return SECTIONS.get(slug) or LAST.get(slug)


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
        found = document["tables"][at]["rules"]
        place = next(i for i, rule in enumerate(found) if rule["code"] == one.rule)
        entry = Entry(
            name=f"cutoff_{n}",
            label=_("%(subject)s%(sign)s（%(outcome)s）") % row,
            kind="decimal",
            # The key tells the number; what is wrong with it is said of the whole condition.
            path=("tables", at, "rules", place, "when", one.key),
            value=format(one.value, "f"),
            help=_("规则 %(code)s：%(when)s") % {"code": one.rule, "when": found[place]["when"]},
        )
        entries.setdefault(row["table"], []).append(entry)
    return [Group(heading=name, entries=tuple(found)) for name, found in entries.items()]


SECTIONS = {
    "cutoffs": Section(gettext_lazy("阈值"), _cutoffs),
    "points": Section(
        gettext_lazy("评分表"),
        scoring.point_groups,
        scoring.settle_points,
        lambda document: bool(document["score"].get("points")),
    ),
    "grades": Section(gettext_lazy("等级与定价"), scoring.grade_groups, scoring.settle_rates),
    "profit": Section(gettext_lazy("利润下限"), switching.profit_groups, switching.settle_profit),
    "challenge": Section(
        gettext_lazy("冠军与挑战者"), switching.challenge_groups, switching.settle_challenge
    ),
    "means": Section(gettext_lazy("还款能力"), switching.means_groups, switching.settle_means),
}
# After the tables of rules.
LAST = {
    "tables": Section(gettext_lazy("规则表的次序与增删"), rules.table_groups, rules.settle_tables),
    "outside": Section(
        gettext_lazy("外部来源规则"), outside.groups, outside.settle, outside.may_be_added
    ),
    "features": Section(gettext_lazy("特征"), listed.feature_groups, listed.settle_features),
    "texts": Section(gettext_lazy("自有原因的文字"), listed.text_groups, listed.settle_texts),
    "tests": Section(gettext_lazy("测试案例"), testcases.test_groups, testcases.settle_tests),
}
