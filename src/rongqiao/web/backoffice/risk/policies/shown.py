"""A policy's document as tables that people read: cut-offs, points, grades, rules, test cases."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.finance.money import BadAmount, Money
from rongqiao.risk.queries.modelling.watched import names_of_models
from rongqiao.risk.queries.policies.documents import Cutoff, Policy, cutoffs_of, tried
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.policies.words import (
    HITS,
    MISSING,
    OUTCOME_TONES,
    OUTCOMES,
    PARTIES,
    SIGNS,
    UNKNOWNS,
    reason_words,
    subject_name,
    text_words,
    tongue,
)
from rongqiao.web.frame.reasons import shown_name
from rongqiao.web.templatetags.figures import percent, yuan

_FIGURES = ("burden_max", "income_months_max", "revenue_share_max")


def sheets(document: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """Return everything a version's page shows of its document."""
    points = document["score"].get("points")
    return {
        "title": tongue(document["title"]),
        "party": say(PARTIES, document["party_kind"]),
        "cutoffs": [cutoff_row(one, document) for one in cutoffs_of(policy)],
        "points": points
        and {
            **points,
            "origin": text_words(points["origin"]),
            "lines": [_line(one) for one in points["lines"]],
        },
        "model": document["score"].get("model"),
        "model_name": _model_name(document["score"].get("model")),
        "grades": _grades(document),
        "means": document["affordability"],
        "own_rates": document["pricing"]["rates"] != "product",
        "profit": document["profit"],
        "challenge": document["challenge"],
        "tables": [_table(one) for one in document["tables"]],
        "features": [_feature(one) for one in document["features"]],
        "tests": _tests(document, policy),
    }


def _model_name(sha256: str | None) -> str:
    """Return code and number of a registered model; nothing where the register has none."""
    return names_of_models([sha256]).get(sha256, "") if sha256 else ""


def cutoff_row(one: Cutoff, document: dict[str, Any]) -> dict[str, Any]:
    """Return a cut-off as a row: which table and rule, what is held against the number."""
    title = next(table["title"] for table in document["tables"] if table["code"] == one.table)
    return {
        "one": one,
        "table": tongue(title),
        "subject": subject_name(one.subject),
        "sign": say(SIGNS, one.sign),
        "outcome": say(OUTCOMES, one.outcome),
        "tone": OUTCOME_TONES[one.outcome],
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    bands = [
        {"band": _("%(bound)s 起") % {"bound": bound}, "points": points}
        for bound, points in line.get("bounds", [])
    ]
    bands += [
        {"band": shown_name(word), "points": points}
        for word, points in line.get("words", {}).items()
    ]
    bands.append({"band": _("缺失或不在其中"), "points": line["missing"]})
    return {"name": subject_name(line["name"]), "bands": bands}


def _grades(document: dict[str, Any]) -> list[dict[str, Any]]:
    rates = document["pricing"]["rates"]
    own = {} if rates == "product" else {one["grade"]: one["rate_annual"] for one in rates}
    profit = document["profit"] or {"default_rates": []}
    defaults = {one["grade"]: one["rate"] for one in profit["default_rates"]}
    return [
        {**step, "rate": own.get(step["grade"]), "default": defaults.get(step["grade"])}
        for step in document["grades"]
    ]


def _table(table: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": table["code"],
        "slug": f"rules-{table['code']}",
        "title": tongue(table["title"]),
        "hit": say(HITS, table["hit"]),
        "unknown": say(UNKNOWNS, table["unknown"]),
        "rules": [
            {
                "one": rule,
                "outcome": say(OUTCOMES, rule["outcome"]),
                "tone": OUTCOME_TONES[rule["outcome"]],
                "reason": reason_words(rule.get("reason", "")),
                "again": again_words(rule.get("again")),
            }
            for rule in table["rules"]
        ],
    }


def again_words(again: Any) -> str:
    """Return when somebody declined may come again."""
    if not again:
        return ""
    if again == "never":
        return _("不说明日期")
    if "days" in again:
        return _("%(days)s 天后") % {"days": again["days"]}
    return str(again["on"])


def _feature(one: dict[str, Any]) -> dict[str, Any]:
    missing = one["missing"]
    kind = "use" if isinstance(missing, dict) else missing
    told = say(MISSING, kind)
    if isinstance(missing, dict):
        told = f"{told} {missing['use']}"
    return {"one": one, "name": subject_name(one["name"]), "missing": told}


def _tests(document: dict[str, Any], policy: Policy) -> list[dict[str, Any]]:
    runs = {run.name: run for run in tried(policy)}
    units = {one["name"]: one["unit"] for one in document["features"]}
    return [
        {
            "name": text_words(test["name"]),
            "outcome": say(OUTCOMES, test["expect"]["outcome"]),
            "features": [
                {"name": subject_name(name), "value": _value(value, units.get(name, ""))}
                for name, value in test["features"].items()
            ],
            "amount": Money.yuan(test["case"]["amount"]),
            "terms": test["case"]["term_months"],
            "run": runs.get(test["name"]),
        }
        for test in document["tests"]
    ]


def _value(value: Any, unit: str) -> str:
    """Return what a test case knows of a feature: amounts grouped, shares in percent, words."""
    if value is None:
        return _("不详")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    try:
        if unit == "yuan":
            return yuan(Money.yuan(str(value)))
        if unit == "share":
            return percent(Decimal(str(value)))
    except (BadAmount, InvalidOperation):
        return str(value)
    return shown_name(str(value))
