"""Rate a firm: blocks of ratios against standard values, people's answers, conduct, one grade.

The score is 0 to 100. What cannot be scored is left out with its weight and said so; below a least
coverage there is no rating at all, because silence is not a good figure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from rongqiao.risk.enterprise.ratios import Ratio
from rongqiao.risk.enterprise.scale import Calibration, grade_of_probability
from rongqiao.risk.enterprise.standards import Standard, Standards, banded

NO_STANDARD = "no-standard-value"
# What people answer of a firm, best first: the coefficients of 管理绩效定性评价 (the same five).
ANSWERS = {"a": "1.0", "b": "0.8", "c": "0.6", "d": "0.4", "e": "0.2"}
_CENT = Decimal("0.01")
Conduct = Mapping[str, Decimal | bool]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One scored thing: its block, points of its weight, the band, or why it has none."""

    block: str
    code: str
    value: Decimal | None
    weight: Decimal
    points: Decimal | None
    band: str = ""
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What came out; `score`, `probability` and `grade` are None or empty below least coverage."""

    score: Decimal | None
    probability: Decimal | None
    grade: str
    coverage: Decimal
    lines: tuple[Line, ...]
    adjustments: tuple[tuple[str, Decimal], ...]
    conduct: tuple[tuple[str, Decimal], ...]
    rules_version: str
    standards: str


def rate(
    made: Mapping[str, Ratio],
    table: Standards,
    calibration: Calibration,
    *,
    answers: Mapping[str, str] | None = None,
    conduct: Conduct | None = None,
) -> Rating:
    """Return the rating of a firm from its ratios, people's answers (a to e) and its conduct."""
    rules = _rules()
    lines = [*_ratio_lines(made, table, rules), *_answer_lines(answers or {}, rules)]
    whole = sum((line.weight for line in lines), Decimal(0))
    scored = [line for line in lines if line.points is not None]
    weight = sum((line.weight for line in scored), Decimal(0))
    coverage = (weight / whole).quantize(_CENT) if whole else Decimal(0)
    adjustments = tuple(_adjustments(made, table, rules))
    felt = tuple(_conduct_points(conduct or {}, rules))
    enough = coverage >= Decimal(rules["coverage_least"])
    score = _score(scored, weight, adjustments, felt, rules) if enough and weight else None
    chance = None if score is None else calibration.probability(score)
    return Rating(
        score=score,
        probability=chance,
        grade="" if chance is None else grade_of_probability(chance),
        coverage=coverage,
        lines=tuple(lines),
        adjustments=adjustments,
        conduct=felt,
        rules_version=rules["version"],
        standards=table.code,
    )


def questions() -> tuple[str, ...]:
    """Return the codes of what people are asked about a firm."""
    return tuple(_rules()["people"]["questions"])


def _score(
    scored: list[Line],
    weight: Decimal,
    adjustments: tuple[tuple[str, Decimal], ...],
    felt: tuple[tuple[str, Decimal], ...],
    rules: Mapping[str, Any],
) -> Decimal:
    points = sum((line.points or Decimal(0) for line in scored), Decimal(0)) / weight * 100
    points *= 1 + sum((factor for _, factor in adjustments), Decimal(0))
    most = Decimal(rules["conduct_most"])
    change = sum((given for _, given in felt), Decimal(0))
    points += max(-most, min(change, most))
    return max(Decimal(0), min(points, Decimal(100))).quantize(_CENT, rounding=ROUND_HALF_UP)


def _ratio_lines(
    made: Mapping[str, Ratio], table: Standards, rules: Mapping[str, Any]
) -> list[Line]:
    share = Decimal(rules["statements_weight"]) / 100
    return [
        _ratio_line(block, made[code], table.values.get(code), Decimal(weight) * share, table)
        for block, one in rules["blocks"].items()
        for code, weight in one["ratios"].items()
    ]


def _ratio_line(
    block: str, ratio: Ratio, standard: Standard | None, weight: Decimal, table: Standards
) -> Line:
    if ratio.value is None or standard is None:
        why_not = ratio.why_not or NO_STANDARD
        return Line(
            block=block,
            code=ratio.code,
            value=ratio.value,
            weight=weight,
            points=None,
            why_not=why_not,
        )
    placed = banded(ratio.value / standard.unit, standard, weight, table)
    return Line(
        block=block,
        code=ratio.code,
        value=ratio.value,
        weight=weight,
        points=placed.points,
        band=placed.band,
    )


def _answer_lines(answers: Mapping[str, str], rules: Mapping[str, Any]) -> list[Line]:
    people = rules["people"]
    each = Decimal(people["weight"]) / len(people["questions"])
    lines = []
    for code in people["questions"]:
        answer = answers.get(code)
        if answer is not None and answer not in ANSWERS:
            raise ValueError(f"{code}: {answer!r}; allowed: {', '.join(ANSWERS)}")
        points = None if answer is None else each * Decimal(ANSWERS[answer])
        why_not = "not-answered" if answer is None else ""
        lines.append(
            Line(
                block="people",
                code=code,
                value=None,
                weight=each,
                points=points,
                band=answer or "",
                why_not=why_not,
            )
        )
    return lines


def _adjustments(
    made: Mapping[str, Ratio], table: Standards, rules: Mapping[str, Any]
) -> list[tuple[str, Decimal]]:
    """Return each block's small factor: its adjusting ratios' distance from average."""
    most = Decimal(rules["adjusting_most"])
    whole = sum((Decimal(block["weight"]) for block in rules["blocks"].values()), Decimal(0))
    found = []
    for block, ratios in rules["adjusting"].items():
        change = Decimal(0)
        for code, weight in ratios.items():
            standard = table.values.get(code)
            value = made[code].value
            if standard is None or value is None:
                continue
            placed = banded(value / standard.unit, standard, Decimal(1), table)
            change += Decimal(weight) * (placed.points - table.coefficients[2])
        factor = max(-most, min(change, most)) * Decimal(rules["blocks"][block]["weight"]) / whole
        if factor:
            found.append((block, factor.quantize(Decimal("0.0001"))))
    return found


def _conduct_points(conduct: Conduct, rules: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    """Return the points of each conduct rule that is met; of one code the gravest alone."""
    met: dict[str, Decimal] = {}
    for rule in rules["conduct"]:
        value = conduct.get(rule["code"])
        if value is None or not _meets(value, rule):
            continue
        points = Decimal(rule["points"])
        if rule["code"] not in met or points < met[rule["code"]]:
            met[rule["code"]] = points
    return list(met.items())


def _meets(value: object, rule: Mapping[str, str]) -> bool:
    if "when" in rule:
        return value is True
    number = Decimal(str(value))
    if "above" in rule:
        return number > Decimal(rule["above"])
    return number < Decimal(rule["below"])


@cache
def _rules() -> dict[str, Any]:
    text = files("rongqiao.risk.enterprise").joinpath("rating_rules.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
