"""Read a policy's document: JSON of one strict form, each fault named with its place.

    {"format": "rongqiao-policy-1", "code": "consumer", "label": "consumer-2025-01",
     "title": {"zh": "…", "en": "…"}, "party_kind": "person",
     "features": [{"name": "age", "type": "number", "unit": "years", "missing": "unknown"}],
     "score": {"points": {"version": "…", "origin": "…", "start": 480, "lines": [
         {"name": "age", "missing": 0, "bounds": [["18", 10], ["22", 25]]},
         {"name": "housing", "missing": 0, "words": {"own": 50}}]}},      or {"model": "<sha256>"}
     "grades": [{"grade": "A", "score_min": 800}],
     "affordability": {"burden_max": "0.55", "income_months_max": 18, "revenue_share_max": null},
     "pricing": {"rates": "product"},               or {"rates": [{"grade", "rate_annual"}]}
     "profit": null,   or {"funds", "cost", "loss_given_default", "default_rates", "floor", "below"}
     "challenge": null,                             or {"policy": "<sha256>", "share", "salt"}
     "tables": [{"code": "…", "title": {…}, "hit": "collect", "unknown": "skip", "rules": [
         {"code": "…", "when": "age < 18", "outcome": "decline", "reason": "too-young",
          "facts": {"age_min": "18"}, "again": {"on": "plus_months(born-on, 216)"}}]}],
     "reasons": [{"code": "…", "zh": "…", "en": "…", "help_zh": "…", "help_en": "…"}],
     "tests": [{"name": "…", "case": {…}, "features": {"age": 30}, "expect": {"outcome": "…"}}]}

Numbers with a fraction are texts: a document has one canonical form and so one sha256.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from string import Formatter
from typing import Any

from rongqiao.risk.judging.evaluation import Expression, Kind, compiled
from rongqiao.risk.judging.expressions import KEYWORDS, BadExpression, Name
from rongqiao.risk.judging.policy import (
    REASON_CODES,
    RECKONED,
    Affordability,
    Again,
    Challenge,
    GradeStep,
    Known,
    Line,
    ModelNamed,
    PointsTable,
    Policy,
    Profit,
    ReasonText,
    Rule,
    Table,
    Told,
    Use,
)
from rongqiao.risk.judging.schema import BadPolicy, Part, check_once
from rongqiao.risk.judging.trials import read_trials, value_of

FORMAT = "rongqiao-policy-1"
UNITS = ("yuan", "share", "years", "months", "days", "count", "points", "")
# A policy is seven deep; what reads it goes down as deep as it is.
NESTED_MAX = 20
TABLES_MAX, RULES_MAX, FEATURES_MAX = 50, 1000, 500
_FACT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PARTS = (
    *("format", "code", "label", "title", "party_kind", "features", "score", "grades"),
    *("affordability", "pricing", "profit", "challenge", "tables", "reasons", "tests"),
)
# What affordability reckons with.
_MEANS = ("monthly-income", "monthly-debt-service", "outstanding")


def canonical(document: dict[str, Any]) -> bytes:
    """Return the one text of a document: sorted keys, no blanks, UTF-8.

    Raises BadPolicy for what JSON cannot keep exactly, such as a number with a fraction.
    """
    _check_exact(document, "")
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "strict")


def sha256(document: dict[str, Any]) -> str:
    """Return the digest of a document's canonical text, in hexadecimal; raises BadPolicy."""
    return hashlib.sha256(canonical(document)).hexdigest()


def from_bytes(body: bytes) -> dict[str, Any]:
    """Return the document of a text; raises BadPolicy where it is no JSON object."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPolicy("", f"it is no JSON: {error}") from None
    if _depth(document) > NESTED_MAX:
        raise BadPolicy("", f"it is nested more than {NESTED_MAX} deep")
    if not isinstance(document, dict):
        raise BadPolicy("", "an object is needed here")
    return document


def read_policy(document: dict[str, Any]) -> Policy:
    """Return the policy of a document; raises BadPolicy at the first fault."""
    digest = sha256(document)
    whole = Part(document).object(_PARTS)
    if whole["format"].value != FORMAT:
        raise whole["format"].bad(f"the format is {FORMAT!r}")
    uses = _uses(whole["features"])
    names = {**RECKONED, **{one.name: Known(kind=one.kind, unit=one.unit) for one in uses}}
    grades = _grades(whole["grades"])
    reasons = _reasons(whole["reasons"])
    return Policy(
        sha256=digest,
        code=whole["code"].code(),
        label=whole["label"].code(),
        title=_told(whole["title"]),
        party_kind=whole["party_kind"].choice("person", "organization"),
        features=uses,
        score=_score(whole["score"], uses),
        grades=grades,
        affordability=_affordability(whole["affordability"], uses),
        rates=_pricing(whole["pricing"], grades),
        profit=_profit(whole["profit"], grades),
        challenge=_challenge(whole["challenge"]),
        tables=_tables(whole["tables"], names, reasons),
        reasons=reasons,
        trials=read_trials(whole["tests"], uses),
    )


def _depth(document: Any) -> int:
    depth, level = 0, [document]
    while level and depth <= NESTED_MAX:
        depth += 1
        inside = (one.values() if isinstance(one, dict) else one for one in level if one)
        level = [part for parts in inside for part in parts if isinstance(part, (dict, list))]
    return depth


def _check_exact(value: Any, where: str) -> None:  # noqa: C901 - one kind of value a branch
    if isinstance(value, dict):
        for key, one in value.items():
            if not isinstance(key, str) or not _is_whole_text(key):
                raise BadPolicy(where, "a key must be a text")
            _check_exact(one, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for n, one in enumerate(value):
            _check_exact(one, f"{where}[{n}]")
    elif isinstance(value, str):
        if not _is_whole_text(value):
            raise BadPolicy(where, "half of a character stands here")
    elif value is not None and not isinstance(value, (bool, int)):
        raise BadPolicy(where, 'a number with a fraction is written as text, such as "0.55"')


def _is_whole_text(text: str) -> bool:
    # Half of a surrogate pair can stand in JSON and has no UTF-8.
    return not any("\ud800" <= mark <= "\udfff" for mark in text)


def _told(part: Part) -> Told:
    part.object(("zh", "en"))
    return Told(part["zh"].text(), part["en"].text())


def _uses(part: Part) -> tuple[Use, ...]:
    parts = part.list(FEATURES_MAX)
    uses = tuple(_use(one) for one in parts)
    check_once(parts, [one.name for one in uses], "the feature")
    return uses


def _use(part: Part) -> Use:
    part.object(("name", "type", "unit", "missing"))
    name = part["name"].text(60)
    if not _is_name(name):
        raise part["name"].bad(f"{name!r} cannot be the name of a feature")
    if name in RECKONED:
        raise part["name"].bad(f"{name!r} is reckoned, not given")
    kind, missing = Kind(part["type"].choice(*Kind)), part["missing"]
    unit = "" if part["unit"].value == "" else part["unit"].choice(*UNITS)
    if not isinstance(missing.value, dict):
        return Use(name=name, kind=kind, unit=unit, missing=missing.choice("unknown", "refer"))
    instead = value_of(missing.object(("use",))["use"], kind)
    if instead is None:
        raise missing["use"].bad("a value is needed here")
    return Use(name=name, kind=kind, unit=unit, missing="use", instead=instead)


def _is_name(name: str) -> bool:
    try:
        return Name(name) == compiled(name, {name: Kind.FLAG}).tree and name not in KEYWORDS
    except BadExpression:
        return False


def _score(part: Part, uses: tuple[Use, ...]) -> PointsTable | ModelNamed:
    part.object((), ("points", "model"))
    if part["model"].is_there == part["points"].is_there:
        raise part.bad("either points or a model is needed here")
    if part["model"].is_there:
        return ModelNamed(part["model"].sha256())
    table = part["points"].object(("version", "origin", "start", "lines"))
    kinds = {one.name: one.kind for one in uses}
    parts = table["lines"].list(100, 1)
    lines = tuple(_line(one, kinds) for one in parts)
    check_once(parts, [one.name for one in lines], "the line")
    return PointsTable(
        version=table["version"].code(),
        origin=table["origin"].text(),
        start=table["start"].whole(-10_000, 10_000),
        lines=lines,
    )


def _line(part: Part, kinds: dict[str, Kind]) -> Line:
    part.object(("name", "missing"), ("bounds", "words"))
    name, has_bounds = part["name"].text(60), part["bounds"].is_there
    if has_bounds == part["words"].is_there:
        raise part.bad("either bounds or words are needed here")
    if kinds.get(name) is not (Kind.NUMBER if has_bounds else Kind.TEXT):
        raise part["name"].bad(f"{name!r} is no feature of this policy that fits the line")
    bounds: list[tuple[Decimal, int]] = []
    for one in part["bounds"].list(50, 1) if has_bounds else ():
        pair = one.list(2, 2)
        bounds.append((pair[0].decimal(), pair[1].whole(-10_000, 10_000)))
        if len(bounds) > 1 and bounds[-2][0] >= bounds[-1][0]:
            raise pair[0].bad("bounds rise")
    words = () if has_bounds else part["words"].pairs(100)
    return Line(
        name=name,
        bounds=tuple(bounds),
        words=tuple((word, one.whole(-10_000, 10_000)) for word, one in words),
        missing=part["missing"].whole(-10_000, 10_000),
    )


def _grades(part: Part) -> tuple[GradeStep, ...]:
    parts = part.list(20, 1)
    steps = []
    for one in parts:
        one.object(("grade", "score_min"))
        steps.append(GradeStep(one["grade"].text(4), one["score_min"].whole(-100_000, 100_000)))
        if len(steps) > 1 and steps[-2].score_min <= steps[-1].score_min:
            raise one["score_min"].bad("grades go from the highest score down")
    check_once(parts, [step.grade for step in steps], "the grade")
    return tuple(steps)


def _affordability(part: Part, uses: tuple[Use, ...]) -> Affordability | None:
    if not part.is_there:
        return None
    part.object(("burden_max", "income_months_max", "revenue_share_max"))
    share = part["revenue_share_max"]
    kinds = {one.name: one.kind for one in uses}
    for name in (*_MEANS, "revenue-annual") if share.is_there else _MEANS:
        if kinds.get(name) is not Kind.NUMBER:
            raise part.bad(f"the policy needs the feature {name!r}, a number, to reckon this")
    return Affordability(
        burden_max=part["burden_max"].decimal("0", "2"),
        income_months_max=part["income_months_max"].whole(1, 600),
        revenue_share_max=share.decimal("0", "10") if share.is_there else None,
    )


def _by_grade(
    part: Part, name: str, grades: tuple[GradeStep, ...], most: str
) -> tuple[tuple[str, Decimal], ...]:
    """Return a number for each grade, in order, that never falls towards the riskier ones."""
    parts = part.list(20, 1)
    pairs = []
    for one in parts:
        one.object(("grade", name))
        pairs.append((one["grade"].text(4), one[name].decimal("0", most)))
        if len(pairs) > 1 and pairs[-2][1] > pairs[-1][1]:
            raise one[name].bad("a riskier grade never has less")
    if [grade for grade, _ in pairs] != [step.grade for step in grades]:
        raise part.bad(f"the grades, in order, are {', '.join(step.grade for step in grades)}")
    return tuple(pairs)


def _pricing(part: Part, grades: tuple[GradeStep, ...]) -> tuple[tuple[str, Decimal], ...] | None:
    rates = part.object(("rates",))["rates"]
    if rates.value == "product":
        return None
    return _by_grade(rates, "rate_annual", grades, "1")


def _profit(part: Part, grades: tuple[GradeStep, ...]) -> Profit | None:
    if not part.is_there:
        return None
    part.object(("funds", "cost", "loss_given_default", "default_rates", "floor", "below"))
    return Profit(
        funds=part["funds"].decimal("0", "1"),
        cost=part["cost"].decimal("0", "1"),
        loss_given_default=part["loss_given_default"].decimal("0", "1"),
        default_rates=_by_grade(part["default_rates"], "rate", grades, "1"),
        floor=part["floor"].decimal("-1", "1"),
        below=part["below"].choice("refer", "decline"),
    )


def _challenge(part: Part) -> Challenge | None:
    if not part.is_there:
        return None
    part.object(("policy", "share", "salt"))
    return Challenge(
        part["policy"].sha256(), part["share"].decimal("0", "1"), part["salt"].text(100, 8)
    )


def _tables(
    part: Part, names: dict[str, Known], reasons: tuple[ReasonText, ...]
) -> tuple[Table, ...]:
    parts = part.list(TABLES_MAX)
    texts = {one.code: one for one in reasons}
    tables = tuple(_table(one, names, texts) for one in parts)
    check_once(parts, [one.code for one in tables], "the table")
    return tables


def _table(part: Part, names: dict[str, Known], texts: dict[str, ReasonText]) -> Table:
    part.object(("code", "title", "hit", "unknown", "rules"))
    parts = part["rules"].list(RULES_MAX)
    rules = tuple(_rule(one, names, texts) for one in parts)
    check_once(parts, [one.code for one in rules], "the rule")
    return Table(
        code=part["code"].code(),
        title=_told(part["title"]),
        hit=part["hit"].choice("first", "collect"),
        unknown=part["unknown"].choice("skip", "refer"),
        rules=rules,
    )


def _rule(part: Part, names: dict[str, Known], texts: dict[str, ReasonText]) -> Rule:
    part.object(("code", "when", "outcome"), ("reason", "facts", "again"))
    outcome = part["outcome"].choice("decline", "refer", "approve")
    reason, again = "", Again()
    facts: tuple[tuple[str, Expression, str], ...] = ()
    if outcome == "approve":
        if any(part[key].is_there for key in ("reason", "facts", "again")):
            raise part.bad("what approves gives no reason")
    else:
        reason, facts = part["reason"].code(), _facts(part["facts"], names)
        _check_said(part["reason"], reason, facts, texts)
    if part["again"].is_there and outcome == "refer":
        raise part["again"].bad("only what declines says when to come again")
    if outcome == "decline":
        again = _again(part["again"], names)
    return Rule(
        code=part["code"].code(),
        when=_expression(part["when"], names, Kind.FLAG),
        outcome=outcome,
        reason=reason,
        facts=facts,
        again=again,
    )


def _facts(part: Part, names: dict[str, Known]) -> tuple[tuple[str, Expression, str], ...]:
    """Return names, expressions and units of what fills a reason's sentence."""
    if not part.is_there:
        return ()
    facts = []
    for name, one in part.pairs(12):
        if not _FACT.fullmatch(name) or name in ("zh", "en", "help_zh", "help_en"):
            raise part.bad(f"{name!r} cannot be the name of a fact: small letters, digits and _")
        seen = _expression(one, names)
        unit = names[seen.tree.name].unit if isinstance(seen.tree, Name) else ""
        facts.append((name, seen, unit))
    return tuple(facts)


def _again(part: Part, names: dict[str, Known]) -> Again:
    if part.value == "never":
        return Again()
    if not isinstance(part.value, dict) or len(part.value) != 1:
        raise part.bad('"never", {"days": …} or {"on": …} is needed here')
    part.object((), ("days", "on"))
    if "days" in part.value:
        return Again(days=part["days"].whole(1, 3650))
    return Again(on=_expression(part["on"], names, Kind.DATE))


def _expression(part: Part, names: dict[str, Known], kind: Kind | None = None) -> Expression:
    text = part.text(2000)
    try:
        return compiled(text, {name: one.kind for name, one in names.items()}, kind)
    except BadExpression as error:
        raise part.bad(str(error)) from None


def _check_said(
    part: Part,
    code: str,
    facts: Sequence[tuple[str, Expression, str]],
    texts: dict[str, ReasonText],
) -> None:
    """Raise BadPolicy for a reason nobody could read out."""
    text = texts.get(code)
    if text is None:
        if code not in REASON_CODES:
            raise part.bad(f"{code!r} has no text: give it one under reasons")
        return
    given = {name for name, _, _ in facts}
    for sentence in (text.why.zh, text.why.en, text.helps.zh, text.helps.en):
        for name in _slots(sentence):
            if name not in given:
                raise part.bad(f"the text of {code!r} names the fact {name!r}, which is not given")


def _reasons(part: Part) -> tuple[ReasonText, ...]:
    parts = part.list(RULES_MAX)
    texts = tuple(_reason(one) for one in parts)
    check_once(parts, [one.code for one in texts], "the reason")
    return texts


def _reason(part: Part) -> ReasonText:
    part.object(("code", "zh", "en", "help_zh", "help_en"))
    for key in ("zh", "en", "help_zh", "help_en"):
        try:
            slots = _slots(part[key].text(300))
        except ValueError as error:
            raise error if isinstance(error, BadPolicy) else part[key].bad(str(error)) from None
        if not all(_FACT.fullmatch(name) for name in slots):
            raise part[key].bad("between braces stands the name of a fact")
    code = part["code"].code()
    if code in REASON_CODES:
        raise part["code"].bad(f"{code!r} has its text already")
    return ReasonText(
        code,
        Told(part["zh"].text(300), part["en"].text(300)),
        Told(part["help_zh"].text(300), part["help_en"].text(300)),
    )


def _slots(sentence: str) -> tuple[str, ...]:
    """Return the names between braces; raises ValueError for anything but plain names."""
    found = []
    for _, name, form, conversion in Formatter().parse(sentence):
        if name is not None:
            if form or conversion:
                raise ValueError("between braces stands the name of a fact")
            found.append(name)
    return tuple(found)
