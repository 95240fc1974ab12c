"""The forms of a case, and the command each becomes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.origination.operations.deciding.approve import Approve, approve
from rongqiao.lending.origination.operations.deciding.counter import Counter, counter
from rongqiao.lending.origination.operations.deciding.decline import Decline, decline
from rongqiao.lending.origination.operations.deciding.reassign import Reassign, reassign
from rongqiao.lending.origination.operations.deciding.recommend import Recommend, recommend
from rongqiao.lending.origination.operations.deciding.release_review import (
    ReleaseReview,
    release_review,
)
from rongqiao.lending.origination.operations.deciding.request_documents import (
    DropRequest,
    RequestDocuments,
    drop_request,
    request_documents,
)
from rongqiao.lending.origination.operations.deciding.return_to_borrower import (
    ReturnToBorrower,
    return_to_borrower,
)
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from rongqiao.lending.origination.queries.desk import (
    CaseView,
    document_kinds,
    override_codes,
    reassign_codes,
)
from rongqiao.lending.origination.queries.reviewing.queue import reviewer_loads
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.credit.review_times import times_on
from rongqiao.web.backoffice.reviewing import words
from rongqiao.web.backoffice.reviewing.reading import DECLINES, RETURNS
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField, WholeField
from rongqiao.web.frame.reasons import shown_name

ANY_AMOUNT: dict[str, Any] = {"least": Money(1), "most": Money(LARGEST_MINOR)}


def _against_the_system() -> list[tuple[str, str]]:
    """Return why one decides against the system's word, none of them first."""
    known = [(code, str(words.OVERRIDE_CODES[code])) for code in override_codes()]
    return [("", _("与系统意见一致")), *known]


def _override_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("与系统意见不同的理由"), choices=_against_the_system, required=False
    )


class ReasonForm(KeyedForm):
    """A verb with the officer's own words for the file."""

    reason = forms.CharField(
        label=gettext_lazy("理由（入档）"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )


class DeclineForm(ReasonForm):
    """What the borrower is told, by codes that have sentences."""

    codes = forms.MultipleChoiceField(
        label=gettext_lazy("告知申请人的原因"),
        widget=forms.CheckboxSelectMultiple,
        choices=DECLINES,
    )
    override = _override_field()
    field_order = ("codes", "override", "reason")


class ReturnForm(ReasonForm):
    """What the borrower has to mend."""

    codes = forms.MultipleChoiceField(
        label=gettext_lazy("请申请人补正"), widget=forms.CheckboxSelectMultiple, choices=RETURNS
    )
    field_order = ("codes", "reason")


class TermsForm(ReasonForm):
    """Terms to offer."""

    amount = MoneyField(label=gettext_lazy("金额（元）"), **ANY_AMOUNT)
    term_count = WholeField(label=gettext_lazy("期数"), least=1, most=600)
    grade = forms.CharField(label=gettext_lazy("等级"), max_length=4)
    override = _override_field()
    field_order = ("amount", "term_count", "grade", "override", "reason")


class DocumentsForm(KeyedForm):
    """Which documents the borrower is asked for, by which day, and what for."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("需要的材料"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(kind, shown_name(kind)) for kind in document_kinds()],
    )
    due_on = DayField(label=gettext_lazy("最迟提交日"))
    words = forms.CharField(
        label=gettext_lazy("给申请人的说明"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
    )
    field_order = ("kinds", "due_on", "words")


class ReassignForm(ReasonForm):
    """Who takes over, and why."""

    reviewer = forms.ChoiceField(label=gettext_lazy("接手人"))
    code = forms.ChoiceField(
        label=gettext_lazy("原因"),
        choices=lambda: [(code, say(words.REASSIGN_CODES, code)) for code in reassign_codes()],
    )
    field_order = ("reviewer", "code", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer every reviewer with what they have in hand, those with least first."""
        super().__init__(*args, **options)
        field = self.fields["reviewer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (
                str(one.reviewer_id),
                _("%(who)s · 手上 %(cases)s 件，超时 %(late)s 件")
                % {"who": words.who(one.reviewer_id), "cases": one.cases, "late": one.late},
            )
            for one in reviewer_loads(clock.now())
        ]


def _terms(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in TermsForm.field_order}


Build = Callable[[UUID, dict[str, Any]], Any]
VERBS: dict[str, tuple[type[KeyedForm], Build, Callable[[Any, Call], Any]]] = {
    "take": (KeyedForm, lambda pk, _said: TakeReview(application_id=pk), take_review),
    "release": (KeyedForm, lambda pk, _said: ReleaseReview(application_id=pk), release_review),
    "recommend": (
        TermsForm,
        lambda pk, said: Recommend(application_id=pk, **_terms(said)),
        recommend,
    ),
    "counter": (TermsForm, lambda pk, said: Counter(application_id=pk, **_terms(said)), counter),
    "decline": (
        DeclineForm,
        lambda pk, said: Decline(
            application_id=pk,
            codes=tuple(said["codes"]),
            reason=said["reason"],
            override=said["override"],
        ),
        decline,
    ),
    "return": (
        ReturnForm,
        lambda pk, said: ReturnToBorrower(
            application_id=pk, codes=tuple(said["codes"]), reason=said["reason"]
        ),
        return_to_borrower,
    ),
    "approve": (
        ReasonForm,
        lambda pk, said: Approve(application_id=pk, reason=said["reason"]),
        approve,
    ),
    "ask-documents": (
        DocumentsForm,
        lambda pk, said: RequestDocuments(
            application_id=pk,
            kinds=tuple(said["kinds"]),
            due_on=said["due_on"],
            words=said["words"],
        ),
        request_documents,
    ),
    "drop-request": (KeyedForm, lambda pk, _said: DropRequest(application_id=pk), drop_request),
    "reassign": (
        ReassignForm,
        lambda pk, said: Reassign(
            application_id=pk,
            reviewer_id=UUID(said["reviewer"]),
            code=said["code"],
            reason=said["reason"],
        ),
        reassign,
    ),
}


def forms_of(view: CaseView, failed: dict[str, Any]) -> dict[str, Any]:
    """Return a form for each verb this officer has now; `failed` keeps what was sent."""
    on = clock.business_date()
    offer = {
        "amount": view.row.amount,
        "term_count": view.row.term_count,
        "grade": view.decisions[-1].grade if view.decisions else "",
    }
    usual = times_on(on).document_days_usual
    initial = {
        "recommend": offer,
        "counter": offer,
        "ask-documents": {"due_on": on + timedelta(days=usual)},
    }
    found = {}
    for verb in view.actions:
        kind = VERBS[verb][0]
        found[verb] = failed.get(verb) or kind(initial=initial.get(verb))
        found[verb].auto_id = f"{verb}_%s"
        if issubclass(kind, TermsForm):
            grades = [(one.grade, one.grade) for one in view.row.product.terms.grades]
            found[verb].fields["grade"].widget = forms.Select(
                choices=grades, attrs={"class": "select w-full"}
            )
    return found
