"""One automatic decision read from top to bottom: rules, points, price and limit, what it knew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from rongqiao.finance.money import BadAmount, Money
from rongqiao.lending.origination.queries.reviewing.traces import (
    SeenFeature,
    TraceView,
    get_trace,
    record_text,
)
from rongqiao.policies.roles import Role
from rongqiao.risk.queries.judging import Reason
from rongqiao.risk.queries.recording import (
    MET,
    NOT_MET,
    NOT_REACHED,
    UNKNOWN,
    Reread,
    RuleRead,
    TableRead,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.reviewing import words
from rongqiao.web.backoffice.risk.policies.words import (
    OUTCOME_TONES,
    OUTCOMES,
    subject_name,
    tongue,
)
from rongqiao.web.backoffice.risk.rooms import FRAUD_READERS
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.reasons import explain, shown_name
from rongqiao.web.templatetags.figures import percent, yuan

READERS = (*words.DESK, Role.RISK_ANALYST, Role.AUDITOR)
TOLD: words.Words = {
    MET: gettext_lazy("命中"),
    UNKNOWN: gettext_lazy("无法判断"),
    NOT_MET: gettext_lazy("未命中"),
    NOT_REACHED: gettext_lazy("未再检查"),
}
TOLD_TONES = {MET: "error", UNKNOWN: "warning", NOT_MET: "success"}
ORIGINS: words.Words = {
    **words.SOURCES,
    "answers": gettext_lazy("申请人填写"),
    "platform": gettext_lazy("本平台"),
}
# What the engine reckons of a case, in the order people read it: name and unit.
_LIMITS = (
    ("amount", "yuan"),
    ("amount-most", "yuan"),
    ("amount-offered", "yuan"),
    ("bound", "criterion"),
    ("product.amount-min", "yuan"),
    ("product.amount-max", "yuan"),
)
_PRICE = (
    ("grade", "text"),
    ("rate", "share"),
    ("burden", "share"),
    ("burden-asked", "share"),
    ("margin", "share"),
)
_FOUR = Decimal("0.0001")
_UNITS = dict((*_LIMITS, *_PRICE))
_DATE = re.compile(r'date"(\d{4})-\d{2}-\d{2}"|(\d{4})-\d{2}-\d{2}')
# Whose suspicion it is, is told in the rooms of those who may know.
_HIDDEN = ("fraud.", "laundering.")


@never_cache
@staff(*READERS)
def trace(request: HttpRequest, application_id: UUID, number: int) -> HttpResponse:
    """Show all that one decision looked at, and what it came to; its rules as a file."""
    view = get_trace(application_id, number)
    uses = view.read.policy.features if view.read else ()
    reader = _Reader(
        may_see_all=bool(roles_held(request) & FRAUD_READERS),
        units=_UNITS | {use.name: use.unit for use in uses},
        own={
            one.code: tongue({"zh": one.why.zh, "en": one.why.en})
            for one in (view.read.policy.reasons if view.read else ())
        },
    )
    tables = [reader.table(one) for one in view.read.tables] if view.read else []
    file = download(request, _file(view, tables))
    if file is not None:
        return file
    held = roles_held(request)
    context = {
        "desk": True,
        "view": view,
        "outcome": say(OUTCOMES, view.outcome),
        "tone": OUTCOME_TONES[view.outcome],
        "reasons": [explain(one["code"], one["facts"]).why for one in view.reasons],
        "tables": tables,
        "counts": _counts(view.read),
        "features": [reader.feature(one) for one in view.features],
        "missing": [subject_name(name) for name in view.read.verdict.missing] if view.read else [],
        "sees_case": bool(held & set(words.DESK)),
        "sees_record": Role.AUDITOR in held,
        **(_reckoned(view.read, reader) if view.read else {}),
    }
    return render(request, "backoffice/reviewing/trace.html", context)


@never_cache
@staff(Role.AUDITOR)
def record(request: HttpRequest, application_id: UUID, number: int) -> HttpResponse:  # noqa: ARG001
    """Return the record as it was sealed: for auditors, who hold it against its digests."""
    text = record_text(application_id, number)
    return attachment(text.encode(), f"decision-{number}.json", "application/json")


class _Reader:
    """Puts values into words for one reader: born in which year, nothing of others' rooms."""

    def __init__(
        self, *, may_see_all: bool, units: Mapping[str, str], own: Mapping[str, str]
    ) -> None:
        self.may_see_all, self.units, self.own = may_see_all, units, own

    def table(self, table: TableRead) -> dict[str, Any]:
        """Return a table's rules, those that speak apart."""
        rules = [self.rule(one) for one in table.rules]
        speaking = {one.code for one in table.speaking}
        return {
            "code": table.code,
            "title": tongue({"zh": table.title.zh, "en": table.title.en}),
            "speaking": [one for one in rules if one["code"] in speaking],
            "silent": [one for one in rules if one["code"] not in speaking],
            "count": len(rules),
            "skips": table.unknown == "skip",
        }

    def rule(self, rule: RuleRead) -> dict[str, Any]:
        """Return a rule in words: its name, condition, what it saw, what came of it."""
        return {
            "code": rule.code,
            "name": self._name(rule),
            "condition": rule.condition,
            "told": say(TOLD, rule.told),
            "tone": TOLD_TONES.get(rule.told, ""),
            "outcome": say(OUTCOMES, rule.outcome),
            "outcome_tone": OUTCOME_TONES[rule.outcome],
            "saw": [
                {
                    "name": subject_name(name),
                    "value": self.value(name, value),
                    "is_known": value is not None,
                }
                for name, value in rule.saw
            ],
        }

    def _name(self, rule: RuleRead) -> str:
        """Return what a rule is called: by its reason, ours or the policy's own, figures open."""
        if rule.reason in self.own:
            return re.sub(r"\{\w+\}", "…", self.own[rule.reason])
        return str(words.CRITERIA.get(rule.reason, rule.code))

    def feature(self, one: SeenFeature) -> dict[str, Any]:
        """Return what was known of the case: in words, from whom, of when."""
        return {
            "name": subject_name(one.name),
            "code": one.name,
            "value": self.value(one.name, one.value),
            "is_known": one.value is not None,
            "source": say(ORIGINS, one.source),
            "as_of": one.as_of,
        }

    def value(self, name: str, text: str | None) -> str:
        """Return a value as it may be shown; the day somebody was born is masked."""
        if name.startswith(_HIDDEN) and not self.may_see_all:
            return _("不在此显示")
        if text is None:
            return _("未知")
        born = _DATE.fullmatch(text)
        if born:
            whole = text.removeprefix('date"').rstrip('"')
            return f"{born[1] or born[2]}-**-**" if name == "born-on" else whole
        return _figure(text.strip('"'), self.units.get(name, ""))


def _figure(text: str, unit: str) -> str:
    try:
        if unit == "yuan":
            return yuan(Money.yuan(text))
        if unit == "share":
            return percent(Decimal(text))
        if unit == "criterion":
            return say(words.CRITERIA, text)
        if "." in text:
            return format(Decimal(text).quantize(_FOUR).normalize(), "f")
    except (BadAmount, InvalidOperation):
        return text
    return ", ".join(shown_name(part) for part in text.split(","))


def _reckoned(read: Reread, reader: _Reader) -> dict[str, Any]:
    """Return points with what each lost, the price and the limit, from one decision made again."""
    verdict, values = read.verdict, read.values
    parts = [
        {
            "name": subject_name(one.name),
            "value": reader.value(one.name, values.get(one.name)),
            "is_known": values.get(one.name) is not None,
            "points": one.points,
            "best": one.best,
            "lost": one.lost,
        }
        for one in sorted(verdict.parts, key=lambda part: -part.lost)
    ]
    return {
        "title": tongue({"zh": read.policy.title.zh, "en": read.policy.title.en}),
        "score": verdict.score,
        "start": verdict.score - sum(one.points for one in verdict.parts),
        "parts": parts,
        "lost": sum(one.lost for one in verdict.parts),
        "price": _lines(_PRICE, values, reader),
        "limits": _lines(_LIMITS, values, reader),
        "is_capped": verdict.is_rate_capped,
        "bounds": [explain(one.code, dict(one.facts)).why for one in _bounds(read)],
    }


def _bounds(read: Reread) -> list[Reason]:
    """Return what the floor of profit or the product's own line said: no table's rule does."""
    said = {one.table for one in read.verdict.trace}
    codes = {
        code
        for table, code in (("profit", "margin-too-thin"), ("product", "amount-needs-a-person"))
        if table in said
    }
    return [one for one in read.verdict.reasons if one.code in codes]


def _lines(
    names: Iterable[tuple[str, str]], values: Mapping[str, str | None], reader: _Reader
) -> list[tuple[str, str]]:
    return [
        (subject_name(name), reader.value(name, values.get(name)))
        for name, _unit in names
        if values.get(name) is not None
    ]


def _counts(read: Reread | None) -> dict[str, int]:
    told = [rule.told for table in read.tables for rule in table.rules] if read else []
    return {
        "rules": len(told),
        "met": told.count(MET),
        "unknown": told.count(UNKNOWN),
    }


def _file(view: TraceView, tables: list[dict[str, Any]]) -> Table:
    return Table(
        name=f"decision-{view.application_number}-{view.number}",
        title=_("审批依据"),
        facts=((_("申请"), view.application_number), (_("决定时间"), view.decided_at)),
        heads=(_("规则表"), _("规则"), _("条件"), _("结果"), _("结论"), _("看到的值")),
        rows=lambda: (
            (
                table["title"],
                rule["code"],
                rule["condition"],
                rule["told"],
                rule["outcome"],
                "; ".join(f"{one['name']}={one['value']}" for one in rule["saw"]),
            )
            for table in tables
            for rule in (*table["speaking"], *table["silent"])
        ),
    )
