"""One case with its decision sheet and its documents, and the officer's verbs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.lending.origination.queries.desk import CaseView, MoveView, get_case
from rongqiao.platform import clock
from rongqiao.web.backoffice.reviewing import words
from rongqiao.web.backoffice.reviewing.forms import VERBS, forms_of
from rongqiao.web.backoffice.reviewing.reading import (
    answer_lines,
    comparison_lines,
    decision_sheet,
    tracker_steps,
)
from rongqiao.web.backoffice.reviewing.viewer import pane
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import KeyedForm, first_error
from rongqiao.web.frame.reasons import shown_name

# Verbs whose form shows no field beside which an error could stand.
PLAIN = ("take", "release", "drop-request")


@staff(*words.DESK)
def case(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show one case: what was asked, what decided, its papers, and the verbs this officer has."""
    return _page(request, _view(request, application_id), {})


@staff(*words.DESK)
@require_POST
def act(request: HttpRequest, application_id: UUID, verb: str) -> HttpResponse:
    """Carry out one verb; what is wrong with it is said on the case's own page."""
    if verb not in VERBS:
        raise Http404
    kind, build, operation = VERBS[verb]
    form = kind(request.POST)
    done = None
    if form.is_valid():
        command = build(application_id, form.cleaned_data)
        done = form.attempt(lambda: operation(command, form.call(request)))
    if done is not None:
        messages.success(request, _("已办理。"))
        return redirect("case", application_id)
    return _page(request, _view(request, application_id), {verb: form}, status=422)


def _view(request: HttpRequest, application_id: UUID) -> CaseView:
    return get_case(application_id, UUID(str(request.user.pk)), clock.now())


def _page(
    request: HttpRequest, view: CaseView, failed: dict[str, KeyedForm], status: int = 200
) -> HttpResponse:
    at, wait = clock.now(), view.wait
    sheets = [decision_sheet(one) for one in reversed(view.decisions)]
    context = {
        "desk": True,
        "case": view,
        "verbs": {verb.replace("-", "_"): form for verb, form in forms_of(view, failed).items()},
        "failed": next(iter(failed), ""),
        "error": _homeless_error(failed, view.actions),
        "sheets": sheets,
        "screening": next((one for one in sheets if one["decision"].stage == "screening"), None),
        "answers": answer_lines(view),
        "comparison": comparison_lines(view.comparison),
        "steps": tracker_steps(view.milestones),
        "left": words.left(wait.due_at, at) if wait else "",
        "is_late": wait is not None and wait.due_at < at,
        "margin": words.signed(wait.margin) if wait else "—",
        "who": words.who(view.reviewer_id),
        "moves": [_moved(one) for one in view.moves],
        "requests": [
            {"one": one, "kinds": [(slot, shown_name(slot.kind)) for slot in one.slots]}
            for one in view.requests
        ],
        **pane(request, view),
    }
    return render(request, "backoffice/reviewing/case.html", context, status=status)


def _moved(one: MoveView) -> dict[str, Any]:
    return {
        "one": one,
        "was": words.who(one.was_with),
        "now": words.who(one.goes_to),
        "by": words.who(one.moved_by),
        "why": say(words.REASSIGN_CODES, one.code),
    }


def _homeless_error(failed: dict[str, KeyedForm], actions: tuple[str, ...]) -> str:
    """Return what is wrong with a verb whose form the page does not show, or shows bare."""
    return next(
        (
            first_error(form)
            for verb, form in failed.items()
            if verb not in actions or verb in PLAIN
        ),
        "",
    )
