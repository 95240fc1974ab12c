"""`rongqiao bench warnings`: the rules of early warning tried on public firms, step by step.

A figure is a step's lift: its share of failures over that of all firms whose measure is known.
"""

from __future__ import annotations

import django

django.setup()

from rongqiao.cli.bench.report import Figure, Report, Work  # noqa: E402 - Django is set up above
from rongqiao.risk.queries.enterprise import StepMeasure, try_rules  # noqa: E402

# A grave level must mean that many fail: it asks for a person within three days.
GRAVE_LIFT_LEAST = 4.0


def measure(_work: Work) -> Report:
    """Try every rule that the set expresses, and judge the grave level."""
    found = try_rules()
    figures = [
        _figure(f"{rule.code} {one.step} ({one.bound})", one)
        for rule in found.rules
        for one in rule.steps
    ]
    figures += [
        _figure(f"level {one.bound}", one, GRAVE_LIFT_LEAST if one.bound == "grave" else None)
        for one in found.levels
    ]
    return Report(
        bench="warnings",
        rounds=1,
        limit={"set": found.population, "firms": found.firms, "failed": found.failed},
        figures=tuple(figures),
    )


def _figure(name: str, one: StepMeasure, least: float | None = None) -> Figure:
    unit = f"x ({one.lift_low} to {one.lift_high}), {one.verdict}"
    return Figure(f"{name}: {one.failed} of {one.marked}", one.lift or 0.0, unit, least=least)
