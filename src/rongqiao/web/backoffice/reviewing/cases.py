"""The reviewer's queue, one case with its decision sheet, and the officer's verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from typing_extensions import override

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.origination.operations.deciding.approve import Approve, approve
from rongqiao.lending.origination.operations.deciding.counter import Counter, counter
from rongqiao.lending.origination.operations.deciding.decline import Decline, decline
from rongqiao.lending.origination.operations.deciding.recommend import Recommend, recommend
from rongqiao.lending.origination.operations.deciding.release_review import (
    ReleaseReview,
    release_review,
)
from rongqiao.lending.origination.operations.deciding.return_to_borrower import (
    ReturnToBorrower,
    return_to_borrower,
)
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from rongqiao.lending.origination.queries.desk import (
    CaseView,
    QueueRow,
    count_queued,
    get_case,
    list_queue,
)
from rongqiao.platform import files
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.reading import (
    DECLINES,
    RETURNS,
    answer_lines,
    decision_sheet,
    reason_lines,
    tracker_steps,
)
from rongqiao.web.frame.access import looked_for, staff
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.exports import MOST_ROWS, csv_of, too_long, wants_csv
from rongqiao.web.frame.forms import KeyedForm, MoneyField, WholeField, first_error
from rongqiao.web.frame.reasons import shown_name

STAGES = ("referred", "recommended")
ANY_AMOUNT = {"least": Money(1), "most": Money(LARGEST_MINOR)}


class PlainForm(KeyedForm):
    """A verb without more to say."""

    def command(self, application_id: UUID, verb: str) -> Any:
        """Return the command of the verb."""
        kinds = {"take": TakeReview, "release": ReleaseReview}
        return kinds[verb](application_id=application_id)


class ReasonForm(KeyedForm):
    """A verb with the officer's own words for the file."""

    reason = forms.CharField(
        label=gettext_lazy("理由（入档）"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )

    def command(self, application_id: UUID, verb: str) -> Any:
        """Return the command of the verb."""
        assert verb == "approve"
        return Approve(application_id=application_id, reason=self.cleaned_data["reason"])


class CodesForm(ReasonForm):
    """A verb that tells the borrower why, by codes that have sentences."""

    codes = forms.MultipleChoiceField(
        label=gettext_lazy("告知申请人的原因"),
        widget=forms.CheckboxSelectMultiple,
        choices=DECLINES,
    )
    field_order = ("codes", "reason")

    @override
    def command(self, application_id: UUID, verb: str) -> Any:
        """Return the command of the verb."""
        kinds = {"decline": Decline, "return": ReturnToBorrower}
        return kinds[verb](
            application_id=application_id,
            codes=tuple(self.cleaned_data["codes"]),
            reason=self.cleaned_data["reason"],
        )


class ReturnForm(CodesForm):
    """What the borrower has to mend."""

    codes = forms.MultipleChoiceField(
        label=gettext_lazy("请申请人补正"), widget=forms.CheckboxSelectMultiple, choices=RETURNS
    )


class TermsForm(ReasonForm):
    """Terms to offer."""

    amount = MoneyField(label=gettext_lazy("金额（元）"), **ANY_AMOUNT)
    term_count = WholeField(label=gettext_lazy("期数"), least=1, most=600)
    grade = forms.CharField(label=gettext_lazy("等级"), max_length=4)
    field_order = ("amount", "term_count", "grade", "reason")

    @override
    def command(self, application_id: UUID, verb: str) -> Any:
        """Return the command of the verb."""
        kinds = {"recommend": Recommend, "counter": Counter}
        return kinds[verb](
            application_id=application_id,
            **{name: self.cleaned_data[name] for name in self.field_order},
        )


VERBS: dict[str, tuple[type[Any], Callable[[Any, Call], Any]]] = {
    "take": (PlainForm, take_review),
    "release": (PlainForm, release_review),
    "recommend": (TermsForm, recommend),
    "counter": (TermsForm, counter),
    "decline": (CodesForm, decline),
    "return": (ReturnForm, return_to_borrower),
    "approve": (ReasonForm, approve),
}


@staff(Role.REVIEWER, Role.APPROVER)
def queue(request: HttpRequest) -> HttpResponse:
    """List the cases that wait, longest first; `stage` narrows, `q` looks for a number."""
    stage = request.GET.get("stage", "")
    mine = UUID(str(request.user.pk)) if request.GET.get("mine") else None
    wanted = looked_for(request)
    states = (stage,) if stage in STAGES else STAGES
    if wants_csv(request):
        if refused := too_long(request, count_queued(states, mine, wanted)):
            return refused
        return _queue_file(list_queue(states, mine, wanted, limit=MOST_ROWS))
    rows = list_queue(states, reviewer_id=mine, number=wanted)
    shown = [{"one": one, "why": reason_lines(one.reasons)[:2]} for one in rows]
    context = {"desk": True, "rows": shown, "stage": stage, "q": wanted}
    return render(request, "backoffice/queue.html", context)


def _queue_file(rows: Iterable[QueueRow]) -> HttpResponse:
    heads = (_("编号"), _("产品"), _("申请人"), _("金额"), _("期数"), _("状态"), _("提交时间"))
    cells = (
        (
            one.row.number,
            one.row.product.terms.name_zh,
            one.party.name,
            one.row.amount,
            one.row.term_count,
            one.row.state,
            one.row.submitted_at,
        )
        for one in rows
    )
    return csv_of("queue", heads, cells)


@staff(Role.REVIEWER, Role.APPROVER)
def case(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show one case: what was asked, what decided, and the verbs this officer has."""
    view = get_case(application_id, UUID(str(request.user.pk)))
    return _page(request, view, {})


@staff(Role.REVIEWER, Role.APPROVER)
@require_POST
def act(request: HttpRequest, application_id: UUID, verb: str) -> HttpResponse:
    """Carry out one verb; what is wrong with it is said on the case's own page."""
    if verb not in VERBS:
        raise Http404
    kind, operation = VERBS[verb]
    form = kind(request.POST)
    done = None
    if form.is_valid():
        command = form.command(application_id, verb)
        done = form.attempt(lambda: operation(command, form.call(request)))
    if done is not None:
        messages.success(request, _("已办理。"))
        return redirect("case", application_id)
    view = get_case(application_id, UUID(str(request.user.pk)))
    return _page(request, view, {verb: form}, status=422)


@staff(Role.REVIEWER, Role.APPROVER)
def document(request: HttpRequest, application_id: UUID, document_id: UUID) -> HttpResponse:
    """Return a document of the case, as a download that no browser runs."""
    view = get_case(application_id, UUID(str(request.user.pk)))
    for slot in view.documents:
        if slot.document is not None and slot.document.id == document_id:
            kept = slot.document
            name = f"{view.row.number}-{kept.kind}.{kept.media_type.rpartition('/')[2]}"
            return attachment(files.read(kept.file_id), name, kept.media_type)
    raise NotFound(what="document")


def _page(
    request: HttpRequest, view: CaseView, failed: dict[str, Any], status: int = 200
) -> HttpResponse:
    row = view.row
    offer = {
        "amount": row.amount,
        "term_count": row.term_count,
        "grade": view.decisions[-1].grade if view.decisions else "",
    }
    verbs = {}
    for verb in view.actions:
        kind = VERBS[verb][0]
        initial = offer if issubclass(kind, TermsForm) else None
        verbs[verb] = failed.get(verb) or kind(initial=initial)
        verbs[verb].auto_id = f"{verb}_%s"
        if issubclass(kind, TermsForm):
            grades = [(one.grade, one.grade) for one in row.product.terms.grades]
            verbs[verb].fields["grade"].widget = forms.Select(choices=grades)
    context = {
        "desk": True,
        "case": view,
        "verbs": verbs,
        "failed": next(iter(failed), ""),
        "error": _homeless_error(failed, view.actions),
        "sheets": [decision_sheet(one) for one in reversed(view.decisions)],
        "answers": answer_lines(view),
        "documents": [(slot, shown_name(slot.kind)) for slot in view.documents],
        "steps": tracker_steps(view.milestones),
    }
    return render(request, "backoffice/case.html", context, status=status)


def _homeless_error(failed: dict[str, Any], actions: tuple[str, ...]) -> str:
    """Return what is wrong with a verb whose form the page does not show, or shows bare."""
    return next(
        (
            first_error(form)
            for verb, form in failed.items()
            if verb not in actions or isinstance(form, PlainForm)
        ),
        "",
    )
