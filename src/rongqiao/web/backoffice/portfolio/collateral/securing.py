"""What secures a loan or an application: ratios, pledges, and the acts of two people on them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.lending.collateral.operations.acting import DECIDERS, KEEPERS
from rongqiao.lending.collateral.operations.pledging.propose_pledge import (
    ProposePledge,
    propose_pledge,
)
from rongqiao.lending.collateral.queries.pledges import (
    PledgeView,
    get_pledge,
    pledges_for,
)
from rongqiao.lending.collateral.queries.register import find_item, get_items
from rongqiao.lending.collateral.queries.security import (
    Security,
    security_of_application,
    security_of_loan,
)
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.parties.queries import get_party
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.backoffice.finance.acts import Refused, attempt, refusal_of, shown_verbs
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.portfolio.collateral.forms import PledgeForm
from rongqiao.web.backoffice.portfolio.collateral.verbs import VERBS, fitting
from rongqiao.web.backoffice.portfolio.collateral.words import (
    REASONS,
    STATES,
    TONES,
    ratio,
    shown_item,
)
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower.words import demand_words
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Chart, Series, stacked_bars


@staff(*RISK_READERS)
def of_loan(_request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Lead to what secures a loan: the page of its application, or of its agreement."""
    card = get_loan(loan_id, clock.business_date()).card
    case = security_of_loan(card.agreement_id, clock.business_date()).case
    if case.application_id is not None:
        return redirect("collateral-of-application", case.application_id)
    return redirect("collateral-of-agreement", case.agreement_id)


@staff(*RISK_READERS)
def of_application(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show what secures an application and its loans; propose another pledge."""
    security = security_of_application(application_id, clock.business_date())
    return _case(request, security)


@staff(*RISK_READERS)
def of_agreement(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Show what secures an agreement that was taken over."""
    return _case(request, security_of_loan(agreement_id, clock.business_date()))


@require_POST
@staff(*KEEPERS, *DECIDERS)
def act(request: HttpRequest, pledge_id: UUID, verb: str) -> HttpResponse:
    """Agree to a pledge or its release, decline, take back, or propose to let it go."""
    pledge = get_pledge(pledge_id)
    refused = attempt(request, VERBS, verb, pledge)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect(_address(pledge.application_id, pledge.agreement_id))
    return _page(request, _security_of(pledge), refused=refused, target=get_pledge(pledge_id))


def _case(request: HttpRequest, security: Security) -> HttpResponse:
    """Show the page, or take the form of another pledge."""
    may_propose = bool(roles_held(request) & set(KEEPERS)) and not security.case.is_over
    if request.method != "POST":
        return _page(request, security)
    if not may_propose:
        raise NotFound
    form = PledgeForm(_standing(security), request.POST)
    if form.is_valid():
        said = form.cleaned_data
        found = find_item(said["item"], clock.business_date())
        if found is None:
            form.add_error("item", _("登记簿里没有这件押品：请核对编号，或先登记。"))
        else:
            command = ProposePledge(
                collateral_id=found,
                application_id=security.case.application_id,
                agreement_id=security.case.agreement_id,
                amount=said["amount"],
                registration=said["registration"],
                is_beyond=said["is_beyond"],
                replaces=UUID(said["replaces"]) if said["replaces"] else None,
            )
            if form.attempt(lambda: propose_pledge(command, form.call(request))) is not None:
                messages.success(request, _("担保已提交，等待另一位复核。"))
                return redirect(_address(security.case.application_id, security.case.agreement_id))
    return _page(request, security, form=form)


def _page(
    request: HttpRequest,
    security: Security,
    *,
    form: PledgeForm | None = None,
    refused: Refused | None = None,
    target: PledgeView | None = None,
) -> HttpResponse:
    case = security.case
    pledges = pledges_for(case)
    items = get_items((one.collateral_id for one in pledges), clock.business_date())
    standing = {one.pledge_id: one for one in security.standing}
    may_propose = bool(roles_held(request) & set(KEEPERS)) and not case.is_over
    context = room(
        request,
        TABS,
        "collateral",
        security=security,
        case=case,
        party=get_party(case.party_id),
        loan_to_value=ratio(security.loan_to_value),
        coverage=ratio(security.coverage),
        chart=_chart(security, items) if security.standing else None,
        demand=demand_words(case.demand),
        is_stale=any(one.is_stale for one in security.standing),
        rows=[
            {
                **shown_item(items[one.collateral_id]),
                "pledge": one,
                "standing": standing.get(one.id),
                "state": say(STATES, one.state),
                "tone": TONES.get(one.state, ""),
                "proposer": officer(one.proposed_by),
                "decider": officer(one.decided_by) if one.decided_by else "",
                "release": say(REASONS, one.release.reason) if one.release else "",
                "verbs": _verbs(request, one, refused if target and one.id == target.id else None),
            }
            for one in pledges
        ],
        form=form or (PledgeForm(_standing(security)) if may_propose else None),
        error=refusal_of(refused, fitting(request, target)) if target else "",
    )
    status = 422 if form is not None or refused else 200
    return render(request, "backoffice/collateral/case.html", context, status=status)


def _verbs(request: HttpRequest, one: PledgeView, refused: Refused | None) -> list[dict[str, Any]]:
    return shown_verbs(
        VERBS,
        fitting(request, one),
        lambda verb: reverse("pledge-act", args=[one.id, verb]),
        refused,
        mark=str(one.id)[-6:],
    )


def _security_of(pledge: PledgeView) -> Security:
    today = clock.business_date()
    if pledge.application_id is not None:
        return security_of_application(pledge.application_id, today)
    assert pledge.agreement_id is not None
    return security_of_loan(pledge.agreement_id, today)


def _address(application_id: UUID | None, agreement_id: UUID | None) -> str:
    if application_id is not None:
        return reverse("collateral-of-application", args=[application_id])
    return reverse("collateral-of-agreement", args=[agreement_id])


def _standing(security: Security) -> list[tuple[str, str]]:
    items = get_items((one.collateral_id for one in security.standing), clock.business_date())
    return [(str(one.pledge_id), items[one.collateral_id].number) for one in security.standing]


def _chart(security: Security, items: dict[UUID, Any]) -> Chart:
    """Return a bar for the debt, and one for each pledge: covered, and secured beyond that."""
    labels = [_("债务"), *(items[one.collateral_id].number for one in security.standing)]
    nothing = [0] * len(security.standing)
    return stacked_bars(
        "security",
        _("债务与每笔担保的折后覆盖"),
        labels,
        [
            Series(_("债务"), [security.debt.minor, *nothing]),
            Series(_("折后覆盖"), [0, *(one.cover.minor for one in security.standing)]),
            Series(
                _("担保金额中未覆盖的"),
                [0, *((one.amount - one.cover).minor for one in security.standing)],
            ),
        ],
    )
