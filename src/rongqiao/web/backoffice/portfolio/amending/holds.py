"""A borrower who died or is bankrupt: put on hold on the desk, and lifted against a document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.lending.servicing.operations.holding.acting import (
    HOLDERS,
    LONGEST_DOCUMENT,
    LONGEST_REASON,
)
from rongqiao.lending.servicing.operations.holding.lift_hold import LiftHold, lift_hold
from rongqiao.lending.servicing.operations.holding.put_on_hold import PutOnHold, put_on_hold
from rongqiao.lending.servicing.queries.amending.holds import list_holds
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.parties.queries import get_party
from rongqiao.platform import clock
from rongqiao.web.backoffice.portfolio.rooms import READERS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import KeyedForm

KINDS = {"death": gettext_lazy("借款人身故"), "bankruptcy": gettext_lazy("破产申请已受理")}


class PutForm(KeyedForm):
    """Why, and by which paper."""

    kind = forms.ChoiceField(choices=list(KINDS.items()), label=gettext_lazy("情形"))
    document = forms.CharField(
        max_length=LONGEST_DOCUMENT, label=gettext_lazy("证明文件编号（死亡证明或法院裁定）")
    )
    reason = forms.CharField(max_length=LONGEST_REASON, label=gettext_lazy("说明"))


class LiftForm(KeyedForm):
    """By which paper it ends."""

    document = forms.CharField(max_length=LONGEST_DOCUMENT, label=gettext_lazy("解除依据文件编号"))


@staff(*READERS)
def hold_page(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show the holds on a loan's borrower, and what may be done."""
    return _page(request, loan_id)


@require_POST
@staff(*HOLDERS)
def put(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Put the borrower on hold."""
    form = PutForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        command = PutOnHold(
            loan_id=loan_id,
            kind=given["kind"],
            document=given["document"],
            reason=given["reason"],
        )
        if form.attempt(lambda: put_on_hold(command, form.call(request))) is not None:
            messages.success(request, _("已暂停罚息、催收和扣款。"))
            return redirect("loan-hold", loan_id)
    return _page(request, loan_id, form)


@require_POST
@staff(*HOLDERS)
def lift(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Lift the hold that stands."""
    form = LiftForm(request.POST)
    if form.is_valid():
        command = LiftHold(loan_id=loan_id, document=form.cleaned_data["document"])
        if form.attempt(lambda: lift_hold(command, form.call(request))) is not None:
            messages.success(request, _("已解除暂停。"))
            return redirect("loan-hold", loan_id)
    return _page(request, loan_id, form)


def _page(
    request: HttpRequest, loan_id: UUID, form: PutForm | LiftForm | None = None
) -> HttpResponse:
    card = get_loan(loan_id, clock.business_date()).card
    holds = list_holds(card.party_id)
    stands = any(one.lifted_on is None for one in holds)
    context: dict[str, Any] = {
        "desk": True,
        "card": card,
        "party": get_party(card.party_id),
        "holds": [{"it": one, "kind": KINDS[one.kind]} for one in holds],
        "stands": stands,
        "may_act": bool(roles_held(request) & set(HOLDERS)),
        "form": form or (LiftForm() if stands else PutForm()),
    }
    return render(
        request, "backoffice/portfolio/hold.html", context, status=422 if form is not None else 200
    )
