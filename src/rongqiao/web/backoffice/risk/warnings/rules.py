"""The rules of early warning: each step's bound, and what it did on firms that are public."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.risk.queries.enterprise import (
    RuleView,
    StepMeasure,
    rules_back_test,
    rules_tried,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.rooms import WARNING_READERS, risk_room
from rongqiao.web.backoffice.risk.warnings import words
from rongqiao.web.frame.access import staff

# From so many firms on it is told that they lack a figure, and what became of them.
MANY = 50


@staff(*WARNING_READERS)
def warning_rules(request: HttpRequest) -> HttpResponse:
    """Show every rule with its bounds, those that could be measured with what came of it."""
    rules = rules_tried()
    if file := download(request, _file(rules)):
        return file
    tried = rules_back_test()
    context = risk_room(
        request,
        "warnings",
        tried=tried,
        measured=[
            _step(rule, one) for rule in rules if rule.measured for one in rule.measured.steps
        ],
        levels=[_figures(one) | {"label": say(words.LEVELS, one.bound)} for one in tried.levels],
        without=[_without(rule) for rule in rules if rule.measured],
        absent=[_absent(rule) for rule in rules if rule.measured and rule.measured.absent >= MANY],
        judged=[_judged(rule) for rule in rules if rule.measured is None],
    )
    return render(request, "backoffice/risk/warnings/rules.html", context)


def _step(rule: RuleView, one: StepMeasure) -> dict[str, Any]:
    assert rule.measured is not None
    return _figures(one) | {
        "code": rule.code,
        "label": say(words.SIGNS, rule.code),
        "step": one.step,
        "bound": _bound(rule, one.bound),
        "known": rule.measured.known,
    }


def _figures(one: StepMeasure) -> dict[str, Any]:
    return {
        "degree": say(words.STEPS, str(one.step)),
        "tone": words.STEP_TONES[str(one.step)],
        "marked": one.marked,
        "failed": one.failed,
        "share": _percent(one.share),
        "share_ends": _ends(_percent(one.share_low), _percent(one.share_high)),
        "lift": _number(one.lift),
        "lift_ends": _ends(_number(one.lift_low), _number(one.lift_high)),
        "verdict": say(words.VERDICTS, one.verdict),
    }


def _absent(rule: RuleView) -> str:
    assert rule.measured is not None
    return _("%(sign)s：%(absent)s 家没有此数值，其中 %(failed)s 家失败，不计入") % {
        "sign": say(words.SIGNS, rule.code),
        "absent": rule.measured.absent,
        "failed": rule.measured.failed_absent,
    }


def _without(rule: RuleView) -> dict[str, Any]:
    """Return the levels that firms would have without a rule: what it brings and what it costs."""
    assert rule.measured is not None
    return {
        "label": say(words.SIGNS, rule.code),
        "levels": [_figures(one) for one in rule.measured.without],
    }


def _judged(rule: RuleView) -> dict[str, Any]:
    return {
        "label": say(words.SIGNS, rule.code),
        "kind": say(words.KINDS, rule.kind),
        "bounds": [_bound(rule, one) if one else "—" for one in rule.bounds],
    }


def _bound(rule: RuleView, bound: str) -> str:
    return f"{'>' if rule.is_upwards else '<'} {bound}"


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.1f}%"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _ends(low: str, high: str) -> str:
    return _("%(low)s 至 %(high)s") % {"low": low, "high": high}


def _file(rules: tuple[RuleView, ...]) -> Table:
    tried = rules_back_test()
    return Table(
        name="warning-rules",
        title=_("预警规则"),
        facts=(
            (_("回测所用"), tried.population),
            (_("企业"), tried.firms),
            (_("其中失败"), tried.failed),
            (_("规则版本"), tried.rules_version),
        ),
        heads=(
            _("信号"),
            _("类别"),
            _("程度"),
            _("界限"),
            _("有此数值的企业"),
            _("标记企业"),
            _("其中失败"),
            _("失败率"),
            _("失败率下限"),
            _("失败率上限"),
            _("提升"),
            _("提升下限"),
            _("提升上限"),
            _("结论"),
        ),
        rows=lambda: [
            *(row for rule in rules for row in _file_rows(rule)),
            *_level_rows(_("企业级别"), tried.firms, tried.levels),
            *(
                row
                for rule in rules
                if rule.measured
                for row in _level_rows(
                    _("少了%(sign)s") % {"sign": say(words.SIGNS, rule.code)},
                    tried.firms,
                    rule.measured.without,
                )
            ),
        ],
    )


def _level_rows(
    label: str, firms: int, levels: Iterable[StepMeasure]
) -> list[tuple[str | int | float | None, ...]]:
    return [(label, "", say(words.LEVELS, one.bound), "", firms, *_cells(one)) for one in levels]


def _file_rows(rule: RuleView) -> list[tuple[Any, ...]]:
    label, kind = say(words.SIGNS, rule.code), say(words.KINDS, rule.kind)
    if rule.measured is None:
        nothing = (None,) * 9
        return [
            (label, kind, say(words.STEPS, str(step)), _bound(rule, bound), *nothing, _unmeasured())
            for step, bound in enumerate(rule.bounds, start=1)
            if bound is not None
        ]
    return [
        (
            label,
            kind,
            say(words.STEPS, str(one.step)),
            _bound(rule, one.bound),
            rule.measured.known,
            *_cells(one),
        )
        for one in rule.measured.steps
    ]


def _cells(one: StepMeasure) -> tuple[str | int | float | None, ...]:
    return (
        one.marked,
        one.failed,
        one.share,
        one.share_low,
        one.share_high,
        one.lift,
        one.lift_low,
        one.lift_high,
        say(words.VERDICTS, one.verdict),
    )


def _unmeasured() -> str:
    return _("凭判断，未经测量")
