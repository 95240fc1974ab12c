"""Documents that a reviewer asked for: what is missing, until when, and bringing it."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rongqiao.lending.origination.operations.applying.filing import DocumentRefused
from rongqiao.lending.origination.operations.applying.supply_document import (
    Supplied,
    SupplyDocument,
    supply_document,
)
from rongqiao.web.borrower import words
from rongqiao.web.borrower.applying.forms import DocumentForm
from rongqiao.web.borrower.applying.tracker import own_application
from rongqiao.web.frame.access import acting
from rongqiao.web.frame.reasons import shown_name


@acting
def supply(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show what is asked for, and take one document; with the last one the review goes on."""
    view = own_application(request, application_id)
    if view.asked is None:
        return redirect("application", application_id)
    given: DocumentForm | None = None
    if request.method == "POST":
        given = DocumentForm(request.POST, request.FILES, kind=request.POST.get("kind", "")[:32])
        if given.is_valid() and (done := _taken(request, application_id, given)) is not None:
            _say(request, given, done)
            return redirect("application-supply" if done.missing else "application", application_id)
    slots = [
        {
            "kind": slot.kind,
            "label": shown_name(slot.kind),
            "document": slot.document,
            "form": given if _is_for(given, slot.kind) else DocumentForm(kind=slot.kind),
        }
        for slot in view.asked.slots
    ]
    is_strange = given is not None and not any(_is_for(given, one["kind"]) for one in slots)
    content = {
        "view": view,
        "asked": view.asked,
        "slots": slots,
        "form": given if is_strange else None,
        "product": words.product_name(view.row.product.terms),
    }
    status = 422 if given is not None else 200
    return render(request, "borrower/apply/supply.html", content, status=status)


def _is_for(form: DocumentForm | None, kind: Any) -> bool:
    return form is not None and form.data.get("kind") == kind


def _say(request: HttpRequest, form: DocumentForm, done: Supplied) -> None:
    if done.missing:
        what = {"what": form.fields["file"].label}
        messages.success(request, _("已上传%(what)s。") % what)
    else:
        messages.success(request, _("材料已齐，审核继续进行。"))


def _taken(request: HttpRequest, application_id: UUID, form: DocumentForm) -> Supplied | None:
    """Store the file; a refused one becomes an error beside its own field."""
    file = form.cleaned_data["file"]
    command = SupplyDocument(
        application_id=application_id,
        document_kind=form.cleaned_data["kind"],
        name=file.name,
        content=base64.b64encode(file.read()).decode(),
    )

    def store() -> Supplied | None:
        try:
            return supply_document(command, form.call(request))
        except DocumentRefused as refusal:
            form.add_error("file", words.say(words.DOCUMENT_PROBLEM, refusal.facts["reason"]))
            return None

    return form.attempt(store)
