"""From the cost sheet to the signature: read, confirm, read the agreement, sign; and its paper."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.collateral.queries.security import (
    security_of_application,
    security_of_loan,
)
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.signing.confirm_cost_sheet import (
    ConfirmCostSheet,
    confirm_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.keep_copy import KeepCopy, keep_copy
from rongqiao.lending.origination.operations.signing.open_cost_sheet import (
    OpenCostSheet,
    open_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.sign_agreement import (
    SignAgreement,
    sign_agreement,
)
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.limits import get_drawing, get_limit
from rongqiao.lending.origination.queries.papers import (
    AgreementView,
    SheetView,
    get_agreement,
    get_agreement_text,
    get_copy,
    get_cost_sheet,
    render_copy,
)
from rongqiao.lending.origination.queries.preview import preview_agreement
from rongqiao.lending.products.queries import Cover, DrawTerms, SecurityTerms
from rongqiao.lending.servicing.queries.loans import history_of, loan_of_agreement
from rongqiao.platform import clock, files
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower import words
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.forms import KeyedForm, MoneyField, call_of, first_error


class SignForm(KeyedForm):
    """The explicit word of who signs."""

    agree = forms.BooleanField(
        label=gettext_lazy("我已阅读并理解合同全文和综合融资成本明示表，同意签署，并按约定还款。"),
        widget=forms.CheckboxInput(attrs={"class": "checkbox"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for the tick in words of its own."""
        super().__init__(*args, **options)
        self.fields["agree"].error_messages["required"] = _("请勾选同意后再签署。")


class FirstSumForm(SignForm):
    """The word of who signs, and how much of the loan is wanted at once."""

    first = MoneyField(
        least=Money(1),
        most=Money(LARGEST_MINOR),
        label=gettext_lazy("首次放款金额"),
        widget=forms.TextInput(attrs={"class": "input w-full"}),
    )

    def __init__(self, *args: Any, draws: DrawTerms, whole: Money, **options: Any) -> None:
        """Allow what the product allows, all of the loan at most."""
        super().__init__(*args, initial={"first": whole}, **options)
        field = self.fields["first"]
        assert isinstance(field, MoneyField)
        field.least, field.most = draws.least, whole


@dataclass(frozen=True)
class Cause:
    """What a sheet was opened for, where its page leads back to, and what was signed of it.

    `demand` is the collateral that its product asks for; it covers `committed`.
    """

    number: str
    product: str
    back: str
    agreement_id: UUID | None
    demand: SecurityTerms | None
    committed: Money
    draws: DrawTerms | None
    limit_agreement_id: UUID | None = None


def open_sheet(
    request: HttpRequest,
    form: KeyedForm,
    *,
    application_id: UUID | None = None,
    drawing_id: UUID | None = None,
) -> HttpResponse:
    """Open the cost sheet of an accepted application or a drawing, and go there."""
    command = OpenCostSheet(application_id=application_id, drawing_id=drawing_id)
    opened = open_cost_sheet(command, form.call(request))
    return redirect("cost-sheet", opened.sheet_id)


@require_POST
@acting
def open_for_application(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Open today's sheet of an accepted application."""
    view = get_application(application_id, UUID(str(request.user.pk)))
    form = KeyedForm(request.POST)
    if view.row.party_id != party_of(request).id:
        raise NotFound
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("application", application_id)
    return open_sheet(request, form, application_id=application_id)


@require_POST
@acting
def open_for_drawing(request: HttpRequest, drawing_id: UUID) -> HttpResponse:
    """Open today's sheet of a proposed drawing."""
    user_id = UUID(str(request.user.pk))
    limit = get_limit(get_drawing(drawing_id, user_id).limit_id, user_id)
    form = KeyedForm(request.POST)
    if limit.party_id != party_of(request).id:
        raise NotFound
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("limit", limit.id)
    return open_sheet(request, form, drawing_id=drawing_id)


@acting
def cost_sheet(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """Show what the loan costs in all; after the reading time it may be confirmed."""
    view, cause = _sheet(request, sheet_id)
    form = KeyedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirmed = form.attempt(
            lambda: confirm_cost_sheet(ConfirmCostSheet(sheet_id=sheet_id), form.call(request))
        )
        if confirmed is not None:
            return redirect("sign", sheet_id)
    left = -(-(view.confirm_from - clock.now()) // timedelta(seconds=1))
    content = {
        **_sheet_content(view),
        "cause": cause,
        "form": form,
        "seconds_left": max(left, 0),
    }
    status = 409 if form.errors else 200
    return render(request, "borrower/sign/cost_sheet.html", content, status=status)


@acting
def sign(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """Show the whole agreement and take the signature; only after its sheet was confirmed."""
    view, cause = _sheet(request, sheet_id)
    if request.method != "POST" and cause.agreement_id is not None:
        return redirect("agreement", cause.agreement_id)
    if view.confirmed_at is None:
        raise PermissionDenied
    user_id = UUID(str(request.user.pk))
    form = _sign_form(request, view, cause)
    if request.method == "POST" and form.is_valid():
        address = form.attempt(lambda: _signed(request, form, view, cause))
        if address is not None:
            return redirect(address)
    preview = preview_agreement(sheet_id, user_id, clock.business_date())
    content = {
        "cause": cause,
        "form": form,
        "draws": cause.draws,
        "sheet": view.sheet,
        "preview": preview,
        "paper": paper_of(preview.text),
        "demand": _demand(view, cause),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/sign/sign.html", content, status=status)


@acting
def agreement(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Show a signed agreement in full."""
    view = own_agreement(request, agreement_id)
    text = get_agreement_text(agreement_id)
    content = {
        "agreement": view,
        "paper": paper_of(text),
        "loan_id": loan_of_agreement(agreement_id),
    }
    return render(request, "borrower/sign/agreement.html", content)


@acting
def agreement_pdf(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Give the platform's signed copy; the first to open it waits until it is rendered."""
    view = own_agreement(request, agreement_id)
    file_id = get_copy(agreement_id)
    if file_id is None:
        content = base64.b64encode(render_copy(agreement_id)).decode()
        call = call_of(request, f"copy:{agreement_id}:{clock.now().isoformat()}")
        file_id = keep_copy(KeepCopy(agreement_id=agreement_id, content=content), call).file_id
    return attachment(files.read(file_id), f"{view.number}.pdf", "application/pdf")


def own_agreement(request: HttpRequest, agreement_id: UUID) -> AgreementView:
    """Return an agreement of the acting party; raises NotFound for any other."""
    view = get_agreement(agreement_id, UUID(str(request.user.pk)))
    if view.party_id != party_of(request).id:
        raise NotFound
    return view


def paper_of(text: str) -> dict[str, Any]:
    """Return a canonical text as a page shows it: title, then paragraphs and tables in order."""
    title, *lines = text.rstrip("\n").split("\n")
    parts: list[dict[str, Any]] = []
    for line in lines:
        if " | " in line:
            if not parts or "rows" not in parts[-1]:
                parts.append({"head": line.split(" | "), "rows": []})
            else:
                parts[-1]["rows"].append(line.split(" | "))
        elif line:
            parts.append({"text": line})
    return {"title": title, "parts": parts}


def _sign_form(request: HttpRequest, view: SheetView, cause: Cause) -> SignForm:
    if cause.draws is None:
        return SignForm(request.POST or None)
    return FirstSumForm(request.POST or None, draws=cause.draws, whole=view.sheet.principal)


def _cover(view: SheetView, cause: Cause) -> tuple[Cover, ...]:
    """Return what pledges cover of what a sheet is for, where the product asks for any."""
    if cause.demand is None:
        return ()
    on = clock.business_date()
    if view.application_id is not None:
        return security_of_application(view.application_id, on).lendable
    assert cause.limit_agreement_id is not None
    return security_of_loan(cause.limit_agreement_id, on).lendable


def _demand(view: SheetView, cause: Cause) -> dict[str, Any] | None:
    """Return what collateral must cover before the signature, and what it covers."""
    if cause.demand is None:
        return None
    standing = cause.demand.counted(_cover(view, cause))
    needed = cause.demand.needed_for(cause.committed)
    return {
        **(words.demand_words(cause.demand) or {}),
        "needed": needed,
        "standing": standing,
        "is_met": standing >= needed,
    }


def _signed(request: HttpRequest, form: SignForm, view: SheetView, cause: Cause) -> str:
    """Sign what the sheet is for; return the address where the borrower goes on."""
    evidence: dict[str, Any] = {
        "cover": _cover(view, cause),
        "session": request.session.session_key or "",
        "ip": str(request.META.get("REMOTE_ADDR", "")),
    }
    if view.application_id is not None:
        command = SignAgreement(
            application_id=view.application_id,
            sheet_id=view.id,
            first=form.cleaned_data.get("first"),
            **evidence,
        )
        signed = sign_agreement(command, form.call(request))
        messages.success(request, _("合同 %(no)s 已签署。") % {"no": signed.number})
        if signed.limit_id is not None:
            return reverse("limit", args=[signed.limit_id])
        return reverse("application", args=[view.application_id])
    assert view.drawing_id is not None
    history = history_of(party_of(request).id)
    command_to_draw = Draw(
        drawing_id=view.drawing_id,
        sheet_id=view.id,
        days_past_due=history.days_past_due,
        **evidence,
    )
    drawn = draw(command_to_draw, form.call(request))
    messages.success(request, _("提款合同 %(no)s 已签署，正在放款。") % {"no": drawn.number})
    return reverse(
        "limit", args=[get_drawing(view.drawing_id, UUID(str(request.user.pk))).limit_id]
    )


def _sheet(request: HttpRequest, sheet_id: UUID) -> tuple[SheetView, Cause]:
    """Return a sheet shown to the user for the acting party, and its cause; raises NotFound."""
    user_id = UUID(str(request.user.pk))
    view = get_cost_sheet(sheet_id, user_id)
    limit_agreement_id, committed = None, view.sheet.principal
    if view.application_id is not None:
        row = get_application(view.application_id, user_id).row
        party_id, product = row.party_id, row.product
        number, back = row.number, reverse("application", args=[row.id])
        agreement_id = row.agreement_id
    else:
        assert view.drawing_id is not None
        drawing = get_drawing(view.drawing_id, user_id)
        limit = get_limit(drawing.limit_id, user_id)
        party_id, product = limit.party_id, limit.product
        number, back = "", reverse("limit", args=[limit.id])
        agreement_id = drawing.agreement_id
        limit_agreement_id, committed = limit.agreement_id, limit.amount
    if party_id != party_of(request).id:
        raise NotFound
    return view, Cause(
        number=number,
        product=words.product_name(product.terms),
        back=back,
        agreement_id=agreement_id,
        draws=product.terms.draws,
        demand=product.terms.security,
        committed=committed,
        limit_agreement_id=limit_agreement_id,
    )


def _floating(view: SheetView) -> dict[str, Any] | None:
    floating = view.sheet.floating
    if floating is None:
        return None
    return {
        **words.float_words(floating.reference, floating.points, floating.reset),
        "quoted": floating.quoted,
        "quoted_on": floating.quoted_on,
        "more": floating.dearer,
    }


def _sheet_content(view: SheetView) -> dict[str, Any]:
    sheet = view.sheet
    plan = [
        {
            "no": row.no,
            "due": row.due_on,
            "payment": row.payment,
            "principal": row.principal,
            "interest": row.interest,
            "fee": row.fee,
            "balance": row.balance,
        }
        for row in sheet.rows
    ]
    return {
        "view": view,
        "sheet": sheet,
        "method": words.say(words.METHOD, sheet.method),
        "months": sheet.term_count * sheet.months_per_term,
        "floating": _floating(view),
        "fees": [
            {
                "fee": fee,
                "name": words.fee_name(fee.name_zh, fee.name_en),
                "moment": words.say(words.FEE_MOMENT, fee.at),
            }
            for fee in sheet.fees
        ],
        "cost_total": Money(sheet.interest_total.minor + sheet.fee_total.minor),
        "plan": plan,
        "has_fees": bool(sheet.fees),
        "totals": {
            "principal": sheet.principal,
            "interest": sheet.interest_total,
            "fee": sheet.fee_total,
            "payment": sheet.payment_total,
        },
    }
