"""Filling an application in: product, steps that save as they go, documents, review, submit."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.finance.money import BadAmount, Money
from rongqiao.finance.schedule.terms import BadTerms
from rongqiao.lending.origination.operations.applying.add_document import AddDocument, add_document
from rongqiao.lending.origination.operations.applying.filing import DocumentRefused
from rongqiao.lending.origination.operations.applying.remove_document import (
    RemoveDocument,
    remove_document,
)
from rongqiao.lending.origination.operations.applying.save_step import SaveStep, save_step
from rongqiao.lending.origination.operations.applying.start_application import (
    StartApplication,
    start_application,
)
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.lending.origination.queries.applications import (
    ApplicationView,
    FieldView,
    said_last_time,
)
from rongqiao.lending.products.queries import ProductTerms, VersionView, cost_of, list_products
from rongqiao.lending.servicing.queries.loans import history_of
from rongqiao.platform import clock, files
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.queries.features import features_of, statement_features
from rongqiao.web.account.checks.asking import gathered, needed_by
from rongqiao.web.borrower import words
from rongqiao.web.borrower.applying.forms import DocumentForm, StartForm, StepForm, SubmitForm
from rongqiao.web.borrower.applying.tracker import answers_of, documents_of, own_application
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.devices import note_visit
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.forms import KeyedForm
from rongqiao.web.frame.reasons import shown_name
from rongqiao.web.templatetags.figures import lasting


@acting
def new(request: HttpRequest) -> HttpResponse:
    """Choose a product; choosing starts a draft."""
    party = party_of(request)
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        command = StartApplication(party_id=party.id, product_code=form.cleaned_data["product"])
        started = form.attempt(lambda: start_application(command, form.call(request)))
        if started is not None:
            return redirect("application-step", started.application_id, "loan")
    choices = [_choice(one) for one in list_products(clock.business_date())]
    content = {
        "form": form,
        "mine": [one for one in choices if one["version"].terms.borrower(party.kind)],
        "others": [one for one in choices if not one["version"].terms.borrower(party.kind)],
        "wanted": request.GET.get("product", ""),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/apply/new.html", content, status=status)


@acting
def step(request: HttpRequest, application_id: UUID, name: str) -> HttpResponse:
    """Show and save one step. 'draft' keeps what is there; else everything is asked for."""
    view = _draft(request, application_id)
    here = next((one for one in view.steps if one.name == name), None)
    if here is None:
        raise NotFound
    saved = {one.field.name: one.value for one in here.fields}
    before = {} if any(saved.values()) else said_last_time(application_id, name)
    known = {**saved, **{one: before.get(one, "") for one in saved if name != "loan"}}
    form = StepForm(request.POST or None, step=here, initial=known if before else saved)
    if request.method == "POST" and form.is_valid():
        command = SaveStep(application_id=application_id, step=name, values=form.values())
        kept = form.attempt(lambda: save_step(command, form.call(request)))
        if kept is not None and form.is_draft:
            messages.success(request, _("已保存。"))
            return redirect("application-step", application_id, name)
        if kept is not None:
            form.ask_for_the_rest()
            if not form.errors:
                return redirect(*_after(view, name))
    content = {
        **_steps(view, name),
        "form": form,
        "fields": [
            _shown_field(form, one, view.row.product.terms)
            for one in here.fields
            if not one.field.is_optional
        ],
        "more": [
            _shown_field(form, one, view.row.product.terms)
            for one in here.fields
            if one.field.is_optional
        ],
        "is_prefilled": bool(before),
        "has_quote": name == "loan",
        "quote": _quote(view.row.product.terms, _given(form, saved)) if name == "loan" else None,
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/apply/step.html", content, status=status)


@acting
def quote_part(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Answer what the amount and term being typed would cost."""
    view = _draft(request, application_id)
    given = {name: request.GET.get(name, "") for name in ("amount", "term_count")}
    content = {"quote": _quote(view.row.product.terms, given)}
    return render(request, "borrower/apply/quote.html", content)


@acting
def documents(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show which documents are asked for, and take one; a wrong file says why, the rest stays."""
    view = _draft(request, application_id)
    given: DocumentForm | None = None
    if request.method == "POST":
        given = DocumentForm(request.POST, request.FILES, kind=request.POST.get("kind", "")[:32])
        if given.is_valid() and _taken(request, application_id, given):
            messages.success(request, _("已上传%(what)s。") % {"what": given.fields["file"].label})
            return redirect("application-documents", application_id)
    slots = [
        {**slot, "form": given if _is_for(given, slot) else DocumentForm(kind=slot["kind"])}
        for slot in documents_of(view)
    ]
    is_strange = given is not None and not any(_is_for(given, slot) for slot in slots)
    content = {
        **_steps(view, "documents"),
        "slots": slots,
        "form": given if is_strange else None,
        "remove_form": KeyedForm(),
    }
    status = 422 if given is not None else 200
    return render(request, "borrower/apply/documents.html", content, status=status)


@acting
def document(request: HttpRequest, application_id: UUID, document_id: UUID) -> HttpResponse:
    """Give a stored document back to its borrower, as a file."""
    view = own_application(request, application_id)
    there = [slot.document for slot in view.documents if slot.document is not None]
    found = next((one for one in there if one.id == document_id), None)
    if found is None:
        raise NotFound
    kept = files.about(found.file_id)
    return attachment(files.read(found.file_id), kept.name, kept.media_type)


@require_POST
@acting
def remove(request: HttpRequest, application_id: UUID, document_id: UUID) -> HttpResponse:
    """Take a document away from the draft."""
    _draft(request, application_id)
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    command = RemoveDocument(application_id=application_id, document_id=document_id)
    remove_document(command, form.call(request))
    return redirect("application-documents", application_id)


@acting
def review(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show everything once more, with what is missing; hand it in."""
    view = own_application(request, application_id)
    if not view.is_editable and request.method == "GET":
        return redirect("application", application_id)
    form = SubmitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        party_id = view.row.party_id
        note_visit(request, party_id, form.call(request))
        now = clock.now()
        command = Submit(
            application_id=application_id,
            history=history_of(party_id),
            features=(*features_of(party_id, now), *statement_features(party_id, now)),
        )
        decided = form.attempt(lambda: submit(command, form.call(request)))
        if decided is not None:
            return redirect("application", application_id)
    content = {
        **_steps(view, "review"),
        "form": form,
        "answers": answers_of(view),
        "documents": documents_of(view),
        "missing": [_missing(gap) for gap in view.missing],
        "is_editing": True,
        "gathered": gathered(view.row.party_id, _needed(view), clock.now()),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/apply/review.html", content, status=status)


def _draft(request: HttpRequest, application_id: UUID) -> ApplicationView:
    """Return an application that may still be changed; raises NotFound for any other."""
    view = own_application(request, application_id)
    if not view.is_editable:
        raise NotFound
    return view


def _needed(view: ApplicationView) -> tuple[str, ...]:
    return needed_by([view.row], view.party.kind, clock.business_date())


def _given(form: StepForm, saved: dict[str, str]) -> dict[str, str]:
    """Return what stands in the form: as sent, else as saved."""
    return {name: str(form.data.get(name, saved[name])) for name in ("amount", "term_count")}


def _shown_field(form: StepForm, one: FieldView, terms: ProductTerms) -> dict[str, Any]:
    name, field = one.field.name, one.field
    bounds = ""
    if field.kind == "money" and name == "amount":
        bounds = _("%(low)s 至 %(high)s 元") % {
            "low": f"{field.low // 100:,}",
            "high": f"{field.high // 100:,}",
        }
    elif field.kind == "whole" and name == "term_count":
        low, high = lasting(terms, field.low), lasting(terms, field.high)
        bounds = _("%(low)s 至 %(high)s") % {"low": low, "high": high}
    return {"field": form[name], "unit": words.field_unit(name, terms), "help": bounds}


def _quote(terms: ProductTerms, given: dict[str, str]) -> dict[str, Any] | None:
    """Return what the loan would cost at the product's lowest and highest rate; None for no loan.

    The borrower's own rate follows from the decision.
    """
    try:
        amount, count = Money.yuan(given["amount"]), int(given["term_count"])
    except (BadAmount, ValueError):
        return None
    is_offered = terms.amount_min <= amount <= terms.amount_max
    if not is_offered or not terms.term_min <= count <= terms.term_max:
        return None
    on = clock.business_date()
    terms = terms.at(on)
    try:
        ends = [
            (rate, cost_of(terms, amount=amount, rate_annual=rate, term_count=count, start=on))
            for rate in (terms.rate_min, terms.rate_max)
        ]
    except BadTerms:
        return None
    return {
        "method": words.say(words.METHOD, terms.method),
        "floating": _floating(terms, on),
        "ends": [
            {
                "rate": rate,
                "first": cost.rows[0].payment,
                "last": cost.rows[-1].payment,
                "cost": cost.totals.interest + cost.totals.fee,
                "simple": cost.simple,
                "compound": cost.compound,
            }
            for rate, cost in ends
        ],
        "is_level": terms.method == "equal_instalment",
        "is_revolving": terms.is_revolving,
    }


def _steps(view: ApplicationView, here: str) -> dict[str, Any]:
    """Return the bar of steps, and where one goes back to."""
    names = [one.name for one in view.steps] + ["documents", "review"]
    complete = {one.name for one in view.steps if one.is_complete}
    if all(slot.document for slot in view.documents):
        complete.add("documents")
    at = names.index(here)
    return {
        "view": view,
        "product": words.product_name(view.row.product.terms),
        "title": words.say(words.STEP, here),
        "number": at + 1,
        "count": len(names),
        "before": names[at - 1] if at else "",
        "bar": [
            {
                "name": name,
                "label": words.say(words.STEP, name),
                "is_here": name == here,
                "is_complete": name in complete,
            }
            for name in names
        ],
    }


def _after(view: ApplicationView, name: str) -> tuple[Any, ...]:
    names = [one.name for one in view.steps]
    at = names.index(name) + 1
    if at < len(names):
        return ("application-step", view.row.id, names[at])
    return ("application-documents", view.row.id)


def _missing(gap: str) -> dict[str, Any]:
    step_name, _dot, field = gap.partition(".")
    if step_name == "documents":
        return {"label": shown_name(field), "step": ""}
    return {"label": words.say(words.FIELD, field), "step": step_name}


def _floating(terms: ProductTerms, on: date) -> dict[str, Any] | None:
    """Return how the rate floats at its dearest; None where it is fixed."""
    floating, points = terms.floating, terms.points_of(terms.grades[-1].grade)
    if floating is None or points is None:
        return None
    quote = floating.quote(on)
    return {
        **words.float_words(floating.reference, points, floating.reset),
        "quoted": quote.of(floating.reference),
        "quoted_on": quote.on,
    }


def _choice(version: VersionView) -> dict[str, Any]:
    return {
        "version": version,
        "name": words.product_name(version.terms),
        "summary": words.product_summary(version.terms),
        "method": words.say(words.METHOD, version.terms.method),
        "form": StartForm(initial={"product": version.code}, auto_id=f"id_{version.code}_%s"),
    }


def _is_for(form: DocumentForm | None, slot: dict[str, Any]) -> bool:
    return form is not None and form.data.get("kind") == slot["kind"]


def _taken(request: HttpRequest, application_id: UUID, form: DocumentForm) -> bool:
    """Store the file; a refused one becomes an error beside its own field."""
    file = form.cleaned_data["file"]
    command = AddDocument(
        application_id=application_id,
        document_kind=form.cleaned_data["kind"],
        name=file.name,
        content=base64.b64encode(file.read()).decode(),
    )
    try:
        add_document(command, form.call(request))
    except DocumentRefused as refusal:
        form.add_error("file", words.say(words.DOCUMENT_PROBLEM, refusal.facts["reason"]))
        return False
    return True
