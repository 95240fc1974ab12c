"""A case in words: the tracker, the answers, and each decision as the sheet officers sign off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.finance.money import BadAmount, Money
from rongqiao.lending.origination.queries.applications import MilestoneView, ReasonView
from rongqiao.lending.origination.queries.desk import (
    CaseView,
    DecisionView,
    decline_codes,
    return_codes,
)
from rongqiao.lending.origination.queries.reviewing.comparing import Line
from rongqiao.policies.masking import mask_name, mask_number, mask_phone
from rongqiao.web.backoffice.reviewing import words
from rongqiao.web.borrower.words import APPLICATION, say
from rongqiao.web.frame.reasons import explain, shown_name
from rongqiao.web.templatetags.figures import masked, moment, whole

# What tells who somebody is, or where: shown masked, as phones and numbers are elsewhere.
_MASKS: Mapping[str, Callable[[str], str]] = {
    "contact_name": mask_name,
    "contact_phone": mask_phone,
    "employer_phone": mask_number,
    "home_address": lambda text: f"{text[:6]}***",
}
ENDS = {"declined", "withdrawn", "expired"}


def choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return reason codes with the sentence the borrower would read."""
    return [(code, explain(code, {}).why) for code in codes]


def DECLINES() -> list[tuple[str, str]]:  # noqa: N802 - a list that is made in the reader's language
    """Return why an application may be declined."""
    return choices(decline_codes())


def RETURNS() -> list[tuple[str, str]]:  # noqa: N802 - a list that is made in the reader's language
    """Return what a borrower may be asked to mend."""
    return choices(return_codes())


def reason_lines(reasons: Iterable[ReasonView]) -> list[str]:
    """Return the sentences of reasons, gravest first."""
    return [explain(one.code, one.facts).why for one in reasons]


def tracker_steps(milestones: Iterable[MilestoneView]) -> list[dict[str, str]]:
    """Return the states a case reached, for components/tracker.html."""
    reached = list(milestones)
    return [
        {
            "label": say(APPLICATION, one.state),
            "when": moment(one.at),
            "state": "stop" if one.state in ENDS else "now" if one is reached[-1] else "done",
        }
        for one in reached
    ]


def answer_lines(view: CaseView) -> list[dict[str, Any]]:
    """Return the borrower's answers by step, names and choices in words, amounts grouped."""
    return [
        {
            "step": shown_name(step),
            "lines": [
                (shown_name(name), _MASKS.get(name, _shown)(value))
                for name, value in given.items()
                if value or name not in _MASKS
            ],
        }
        for step, given in view.answers.items()
    ]


def comparison_lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return what the borrower said beside what else is known, in words."""
    return [
        {
            "one": one,
            "field": shown_name(one.field),
            "stated": _of_field(one.field, one.stated),
            "fetched": _of_field(one.field, one.fetched),
            "source": say(words.SOURCES, one.source),
            "finding": say(words.FINDINGS, one.finding),
            "tone": words.FINDING_TONES.get(one.finding, ""),
            "gap": "" if one.gap is None or not one.gap else f"{one.gap * 100:+.0f}%",
        }
        for one in lines
    ]


def decision_sheet(decision: DecisionView) -> dict[str, Any]:
    """Return one decision: outcome, offer, score by parts, reasons, what it looked at, versions."""
    outcomes = {
        "approve": _("通过"),
        "refer": _("转人工"),
        "decline": _("拒绝"),
        "recommend": _("建议通过"),
        "counter": _("调整方案"),
        "return": _("退回补充"),
    }
    stages = {"screening": _("自动审批"), "review": _("初审"), "approval": _("复审")}
    return {
        "decision": decision,
        "has_trace": decision.has_answer,
        "decided_by": officer(decision.decided_by),
        "outcome": outcomes.get(decision.outcome, decision.outcome),
        "stage": stages.get(decision.stage, decision.stage),
        "tone": {"approve": "success", "recommend": "success", "decline": "error"}.get(
            decision.outcome, "warning"
        ),
        "reasons": reason_lines(decision.reasons),
        "criteria": [words.criterion_line(one) for one in decision.criteria],
        "against": say(words.OVERRIDES, decision.against) if decision.against else "",
        "override": say(words.OVERRIDE_CODES, decision.override) if decision.override else "",
        "start": (decision.score or 0) - sum(one.points for one in decision.parts),
        "parts": [
            {"name": shown_name(one.name), "points": one.points, "best": one.best}
            for one in decision.parts
        ],
        "inputs": [
            (shown_name(name), _shown(str(value)))
            for name, value in decision.inputs.items()
            if not isinstance(value, (dict, list))
        ],
        "versions": sorted(decision.versions.items()),
    }


def officer(actor: str) -> str:
    """Return who acted, short enough to tell officers apart; empty for the platform itself."""
    kind, _colon, number = actor.partition(":")
    return masked(number) if kind == "user" else ""


def _of_field(field: str, value: str) -> str:
    """Return an answer as people read it; months are no choice and no amount."""
    if field == "months_established":
        return _("%(n)s 个月") % {"n": value} if value else ""
    return _shown(value)


def _shown(value: str) -> str:
    if value.isdigit() or not value:
        return value
    try:
        return whole(Money.yuan(value)) if "." in value else shown_name(value)
    except BadAmount:
        return value
