"""A declined borrower asks for a person to look again (个人信息保护法 art. 24)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.lending.origination.operations.applying.ask_for_review import (
    WORDS_LONGEST,
    AskForReview,
    ask_for_review,
)
from rongqiao.web.borrower import words
from rongqiao.web.borrower.applying.tracker import own_application
from rongqiao.web.frame.access import acting
from rongqiao.web.frame.forms import KeyedForm
from rongqiao.web.templatetags.figures import day


class AskForm(KeyedForm):
    """What the person should know; it may be left empty."""

    words = forms.CharField(
        label=gettext_lazy("想让审核人员知道的情况（选填）"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=WORDS_LONGEST,
        required=False,
        help_text=gettext_lazy("例如：哪项信息不准确，或最近有什么变化。内容加密保存。"),
    )


@acting
def ask(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Say what it means, take what the borrower wants to add, and ask."""
    view = own_application(request, application_id)
    form = AskForm(request.POST or None)
    if request.method != "POST" and not view.may_ask_for_review:
        return redirect("application", application_id)
    if request.method == "POST" and form.is_valid():
        command = AskForReview(application_id=application_id, words=form.cleaned_data["words"])
        asked = form.attempt(lambda: ask_for_review(command, form.call(request)))
        if asked is not None:
            said = _("已转人工复核，%(day)s 前会有人答复您。")
            messages.success(request, said % {"day": day(asked.due_on)})
            return redirect("application", application_id)
    content = {"view": view, "form": form, "product": words.product_name(view.row.product.terms)}
    status = 422 if form.errors else 200
    return render(request, "borrower/apply/ask_for_review.html", content, status=status)
