"""One warning case: the signs with what was seen and the threshold, the months before, the work."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.parties.queries import get_party
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.operations.enterprise.acting import WATCHERS
from rongqiao.risk.operations.enterprise.close_warning import CloseWarning, close_warning
from rongqiao.risk.operations.enterprise.take_warning import TakeWarning, take_warning
from rongqiao.risk.queries.enterprise import WarningView, get_warning, watches_of
from rongqiao.web.backoffice.finance.acts import (
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.rooms import RATING_READERS, WARNING_READERS, risk_room
from rongqiao.web.backoffice.risk.warnings import words
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Series, lines

# The chart counts in hundredths; a hazard is shown in ten-thousandths.
PER_TEN_THOUSAND = 1_000_000


class ClosingForm(ReasonForm):
    """What was done about the firm."""

    outcome = forms.ChoiceField(label=gettext_lazy("结果"), choices=list(words.OUTCOMES.items()))


VERBS = {
    "take": Verb(
        label=gettext_lazy("由我处理"),
        says=gettext_lazy("这项预警记在您名下。"),
        run=lambda pk, _said, call: take_warning(TakeWarning(case_id=pk), call),
        tone="primary",
    ),
    "close": Verb(
        label=gettext_lazy("结案"),
        says=gettext_lazy("写明核实到的情况和采取的措施。"),
        run=lambda pk, said, call: close_warning(
            CloseWarning(case_id=pk, outcome=said["outcome"], note=said["reason"]), call
        ),
        form=ClosingForm,
        tone="primary",
    ),
}


@staff(*WARNING_READERS)
def warning_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show one case."""
    return _page(request, case_id)


@require_POST
@staff(*WATCHERS)
def act(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """Take the case, or close it."""
    refused = attempt(request, VERBS, verb, case_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("warning", case_id)
    return _page(request, case_id, refused)


def _page(request: HttpRequest, case_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = get_warning(case_id)
    if found is None:
        raise NotFound(what="warning")
    watches = watches_of(found.party_id)
    fitting = _fitting(request, found)
    context = risk_room(
        request,
        "warnings",
        one=found,
        party=get_party(found.party_id),
        level=say(words.LEVELS, found.level),
        tone=words.TONES[found.level],
        state=say(words.STATES, found.state),
        state_tone=words.STATE_TONES[found.state],
        signs=[_sign(sign) for sign in found.watch.signals],
        months=[
            {
                "one": one,
                "level": say(words.LEVELS, one.level),
                "tone": words.TONES[one.level],
                "signs": "、".join(say(words.SIGNS, sign["code"]) for sign in one.signals),
            }
            for one in watches
        ],
        chart=_hazard(watches) if len(watches) > 1 else None,
        taker=officer(found.taken_by) if found.taken_by else "",
        outcome=say(words.OUTCOMES, found.outcome) if found.outcome else "",
        sees_ratings=bool(roles_held(request) & RATING_READERS),
        verbs=shown_verbs(
            VERBS, fitting, lambda verb: reverse("warning-act", args=[case_id, verb]), refused
        ),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/risk/warnings/case.html", context, status=status)


def _fitting(request: HttpRequest, one: WarningView) -> list[str]:
    if not roles_held(request) & set(WATCHERS) or one.state == "closed":
        return []
    is_mine = one.taken_by == f"user:{request.user.pk}"
    return ["close"] if is_mine else ["take"]


def _sign(sign: dict[str, Any]) -> dict[str, Any]:
    step = str(sign["severity"])
    return {
        "label": say(words.SIGNS, sign["code"]),
        "kind": say(words.KINDS, sign["kind"]),
        "value": _figure(sign["value"]),
        "threshold": _figure(sign["threshold"]),
        "step": say(words.STEPS, step),
        "tone": words.STEP_TONES[step],
    }


def _figure(text: str) -> str:
    """Return a figure without noughts that say nothing: `412.0000` is 412, `0.7500` is 0.75."""
    return f"{Decimal(text).normalize():,f}"


def _hazard(watches: tuple[Any, ...]) -> Any:
    oldest_first = watches[::-1]
    series = Series(
        name=_("当月风险率（万分之）"),
        minor=[int(one.hazard * PER_TEN_THOUSAND) for one in oldest_first],
    )
    labels = [one.month.strftime("%Y-%m") for one in oldest_first]
    chart = lines("hazard", _("当月风险率（万分之）"), labels, [series])
    return replace(chart, content={**chart.content, "plain": True})
