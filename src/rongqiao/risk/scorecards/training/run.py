"""One training: champion and challenger fitted and tried, and all that a report tells of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np

from rongqiao.risk.scorecards.card import Scorecard
from rongqiao.risk.scorecards.challenger import (
    Challenger,
    ChallengerSettings,
    fit_challenger,
)
from rongqiao.risk.scorecards.fitting import fit_scorecard
from rongqiao.risk.scorecards.modelcard import About
from rongqiao.risk.scorecards.table import Columns, Numbers, take
from rongqiao.risk.scorecards.training.fairness import fairness_of, unfair
from rongqiao.risk.scorecards.training.leakage import Leak
from rongqiao.risk.scorecards.training.measuring import (
    Tried,
    calibration_table,
    figures,
    figures_of_tests,
    grade_table,
    ks_points,
    roc_points,
)
from rongqiao.risk.scorecards.training.model import GRADES, TrainedModel, grade_edges
from rongqiao.risk.scorecards.training.preparing import (
    Prepared,
    Told,
    Wanted,
    prepare,
    rows_to_learn,
)
from rongqiao.risk.scorecards.training.stability import drift_of

FORMAT = 1
# The share approved in the comparison of groups where a cut-off is not known yet.
APPROVED_SHARE = 0.7
# Lighter than a bench's challenger: it is fitted once for each test and once more.
SETTINGS = ChallengerSettings(rounds_most=300, learning_rate=0.05, folds=3, seeds=1)
# A gap between learnt and tried beyond this is told; so is a calibration slope outside the bounds.
OVERFIT_BY, SLOPE_LEAST, SLOPE_MOST = 0.08, 0.8, 1.25
FEW_BAD = 200


@dataclass(frozen=True, kw_only=True)
class Training:
    """What came out: the model, the challenger (None where it was not wanted), the report."""

    model: TrainedModel
    challenger: Challenger | None
    report: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When and under which name the training is on record; nothing here reads a clock."""

    on: str
    by: str = ""
    data_sha256: str = ""


def train(
    file: BinaryIO,
    wanted: Wanted,
    moment: Moment,
    told: Told = lambda _step, _done, _whole: None,
    *,
    with_challenger: bool = True,
) -> Training:
    """Return a model of a table of cases with its report. Raises WrongTraining.

    Out of time where there is a time: the model is then that of the earlier rows, and its figures
    are of the later ones. Without one the figures are of five folds, and the model is fitted on
    all rows afterwards.
    """
    prepared = prepare(file, wanted, told)
    work = len(prepared.split.tests) + 1
    tried, learnt = _tried(prepared, fit_scorecard, lambda done: told("champion", done, work))
    card = _final(prepared, fit_scorecard)
    told("champion", work, work)
    other, other_tried = None, None
    if with_challenger:
        fit = _fit_challenger
        other_tried, _ = _tried(prepared, fit, lambda done: told("challenger", done, work))
        other = _final(prepared, fit)
        told("challenger", work, work)
    told("report", 0, 1)
    report = _report(prepared, card, learnt, tried, moment)
    report["challenger"] = None if other_tried is None else _of_model(other_tried)
    about = _about(prepared, report, moment)
    model = _model(prepared, replace(card, about=about), report)
    report["model"] |= {"sha256": model.sha256, "card_sha256": model.card.sha256}
    if other is not None:
        other = replace(other, about=about)
        report["challenger"]["sha256"] = other.sha256
    told("report", 1, 1)
    return Training(model=model, challenger=other, report=report)


def _fit_challenger(columns: Columns, target: Numbers) -> Challenger:
    return fit_challenger(columns, target, settings=SETTINGS)


def _tried(
    prepared: Prepared, fit: Callable[[Columns, Numbers], Any], told: Callable[[int], None]
) -> tuple[Tried, dict[str, float]]:
    """Return the chances of rows not learnt from, and the figures on those of the first test."""
    bad, chances, places, rows = prepared.target.bad, [], [], []
    learnt: dict[str, float] = {}
    for test in range(len(prepared.split.tests)):
        told(test)
        learn, tried = rows_to_learn(prepared, test)
        model = fit(take(prepared.columns, learn), bad[learn])
        chances.append(model.probability(take(prepared.columns, tried)))
        places.append(np.full(len(tried), test))
        rows.append(tried)
        if not test:
            learnt = figures(model.probability(take(prepared.columns, learn)), bad[learn])
    at = np.concatenate(rows)
    return Tried(np.concatenate(chances), bad[at], np.concatenate(places)), learnt


def _final(prepared: Prepared, fit: Callable[[Columns, Numbers], Any]) -> Any:
    bad = prepared.target.bad
    if not prepared.split.is_by_time:
        return fit(prepared.columns, bad)
    learn, _ = rows_to_learn(prepared, 0)
    return fit(take(prepared.columns, learn), bad[learn])


def _model(prepared: Prepared, card: Scorecard, report: Mapping[str, Any]) -> TrainedModel:
    points = card.points(_learnt_columns(prepared))
    names = {name for one in card.characteristics for name in one.columns}
    return TrainedModel(
        card=card,
        fields=tuple(one for one in prepared.used if one.name in names),
        target=prepared.target.name,
        grades=grade_edges(points),
        evidence={
            "roc": report["champion"]["roc"],
            "calibration": report["champion"]["calibration"],
            "grades": report["grades"],
            "score_edges": report["stability"]["edges"],
            "score_shares": report["stability"]["expected"],
        },
    )


def _learnt_columns(prepared: Prepared) -> Columns:
    if not prepared.split.is_by_time:
        return prepared.columns
    return take(prepared.columns, rows_to_learn(prepared, 0)[0])


def _tried_rows(prepared: Prepared) -> Any:
    return np.concatenate(prepared.split.tests)


def _of_model(tried: Tried) -> dict[str, Any]:
    return {
        "metrics": figures_of_tests(tried),
        "roc": roc_points(tried),
        "ks": ks_points(tried),
        "calibration": calibration_table(tried),
    }


def _report(
    prepared: Prepared, card: Scorecard, learnt: dict[str, float], tried: Tried, moment: Moment
) -> dict[str, Any]:
    """Return all that is told of a training, as values that JSON holds."""
    champion = _of_model(tried) | {"learnt": learnt}
    used = frozenset(name for one in card.characteristics for name in one.columns)
    rows = _tried_rows(prepared)
    points = card.points(take(prepared.columns, rows))
    stability = drift_of(card, prepared)
    fairness = fairness_of(prepared.measured, tried, rows, APPROVED_SHARE, used)
    edges = grade_edges(card.points(_learnt_columns(prepared)))
    return {
        "format": FORMAT,
        "data": _data(prepared, moment),
        "target": _target(prepared),
        "split": {
            "kind": prepared.split.kind,
            "tests": len(prepared.split.tests),
            "rows_tried": len(rows),
            "column": prepared.split.column,
            "until": prepared.split.until,
            "since": prepared.split.since,
        },
        "columns": _columns(prepared, used),
        "warnings": [_plain(one) for one in _warnings(prepared, champion, stability, fairness)],
        "champion": champion,
        "characteristics": _characteristics(card),
        "stability": stability,
        "fairness": fairness,
        "approved_share": APPROVED_SHARE,
        "grades": grade_table(points, prepared.target.bad[rows], edges, GRADES),
        "model": {
            "kind": "scorecard",
            "base": card.base,
            "scaling": {
                "points": card.scaling.points,
                "odds": card.scaling.odds,
                "doubling": card.scaling.doubling,
            },
            "trained_on": moment.on,
        },
    }


def _data(prepared: Prepared, moment: Moment) -> dict[str, Any]:
    return {
        "name": prepared.wanted.name,
        "sha256": moment.data_sha256,
        "rows": prepared.rows_read,
        "columns": len(prepared.fields),
        "encoding": prepared.layout.encoding,
        "delimiter": prepared.layout.delimiter,
        "has_heading": prepared.layout.has_heading,
        "ragged": prepared.ragged,
    }


def _target(prepared: Prepared) -> dict[str, Any]:
    target = prepared.target
    return {
        "name": target.name,
        "bad_values": list(target.bad_values),
        "good_values": list(target.good_values),
        "reason": target.reason,
        "rows": len(target.bad),
        "bad": int(target.bad.sum()),
        "rate": round(target.rate, 6),
        "without": int((~target.known).sum()),
    }


def _columns(prepared: Prepared, used: frozenset[str]) -> list[dict[str, Any]]:
    out = {one.column: one for one in prepared.left_out}
    return [
        {
            "name": one.name,
            "kind": one.kind.value,
            "distinct": one.distinct,
            "missing": one.missing,
            "strange": one.strange,
            "used": one.name in used,
            "why": out[one.name].code
            if one.name in out
            else (
                "" if one.name in used else "target" if one.name == prepared.target.name else "weak"
            ),
        }
        for one in prepared.fields
    ]


def _warnings(
    prepared: Prepared,
    champion: Mapping[str, Any],
    stability: Mapping[str, Any],
    fairness: list[dict[str, Any]],
) -> list[Leak]:
    """Return what a reader must know: columns left out, thin data, drift, groups set back."""
    found = [one for one in prepared.left_out if one.facts or one.code in {"protected", "serial"}]
    found += prepared.notes
    metrics, learnt = champion["metrics"], champion["learnt"]
    bads = int(prepared.target.bad.sum())
    if bads < FEW_BAD:
        found.append(Leak(column="", code="few-bad", facts={"count": str(bads)}))
    if prepared.ragged:
        found.append(Leak(column="", code="ragged", facts={"count": str(prepared.ragged)}))
    if without := int((~prepared.target.known).sum()):
        found.append(
            Leak(column=prepared.target.name, code="no-target", facts={"count": str(without)})
        )
    if learnt["auc"] - metrics["auc"] > OVERFIT_BY:
        facts = {"learnt": f"{learnt['auc']:.3f}", "tried": f"{metrics['auc']:.3f}"}
        found.append(Leak(column="", code="overfit", facts=facts))
    if not SLOPE_LEAST <= metrics["slope"] <= SLOPE_MOST:
        facts = {"slope": f"{metrics['slope']:.2f}"}
        found.append(Leak(column="", code="badly-calibrated", facts=facts))
    found += [
        Leak(column=one["column"], code="drifts", facts={"csi": f"{one['csi']:.3f}"})
        for one in stability["columns"]
        if one["alarm"] == "red"
    ]
    found += [
        Leak(column=column, code="unequal", facts={"group": group, "ratio": f"{ratio:.2f}"})
        for column, group, ratio in unfair(fairness)
    ]
    return found


def _plain(one: Leak) -> dict[str, Any]:
    return {"column": one.column, "code": one.code, "facts": dict(one.facts)}


def _characteristics(card: Scorecard) -> list[dict[str, Any]]:
    """Return each characteristic with its bins; of crossed columns the points of each pair."""
    return [
        {
            "name": one.name,
            "columns": list(one.columns),
            "iv": round(sum(card.binnings[name].iv for name in one.columns), 6)
            if len(one.columns) == 1
            else None,
            "direction": card.binnings[one.columns[0]].direction if len(one.columns) == 1 else "",
            "bins": bins_of(card, one.columns, one.points),
        }
        for one in card.characteristics
    ]


def bins_of(
    card: Scorecard, columns: tuple[str, ...], points: tuple[int, ...]
) -> list[dict[str, Any]]:
    """Return a characteristic's bins: text and points, for a single column rows and WOE as well."""
    first = card.binnings[columns[0]]
    if len(columns) > 1:
        second = card.binnings[columns[1]]
        texts = [f"{a} × {b}" for a in first.texts for b in second.texts]
        return [{"text": text, "points": point} for text, point in zip(texts, points, strict=True)]
    return [
        {
            "text": text,
            "rows": rows,
            "bads": bads,
            "rate": round(bads / rows, 6) if rows else None,
            "woe": round(woe, 6),
            "points": point,
        }
        for text, rows, bads, woe, point in zip(
            first.texts, first.counts, first.bads, first.woe, points, strict=True
        )
    ]


def _about(prepared: Prepared, report: Mapping[str, Any], moment: Moment) -> About:
    """Return what the model's own card says: data, population, date, figures by group."""
    kept = ("auc", "gini", "ks", "brier", "intercept", "slope")
    metrics = {
        "all": {name: float(report["champion"]["metrics"][name]) for name in kept},
        "learnt": {name: float(report["champion"]["learnt"][name]) for name in kept},
    }
    for one in report["fairness"]:
        for group in one["groups"]:
            metrics[f"{one['column']}={group['group']}"] = {
                name: float(group[name])
                for name in ("rows", "observed", "expected", "auc", "approval_ratio")
                if group[name] is not None
            }
    return About(
        data=f"{prepared.wanted.name} sha256:{moment.data_sha256}",
        population=prepared.split.kind
        + (f" {prepared.split.until} / {prepared.split.since}" if prepared.split.until else ""),
        target=f"{prepared.target.name} in {', '.join(prepared.target.bad_values)}",
        trained_on=moment.on,
        trained_by=moment.by,
        rows=len(prepared.target.bad),
        rate=prepared.target.rate,
        metrics=metrics,
        notes=tuple(f"{one['code']}: {one['column']}".rstrip(": ") for one in report["warnings"]),
    )
