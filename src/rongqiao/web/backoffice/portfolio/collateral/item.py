"""One item on the desk: what it is, what it was worth, what it secures; valued anew, or retired."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.lending.collateral.operations.acting import KEEPERS
from rongqiao.lending.collateral.operations.registering.retire_collateral import (
    RetireCollateral,
    retire_collateral,
)
from rongqiao.lending.collateral.operations.valuing.record_valuation import (
    RecordValuation,
    record_valuation,
)
from rongqiao.lending.collateral.queries.pledges import PledgeView, pledges_on
from rongqiao.lending.collateral.queries.register import (
    ItemView,
    ValuationView,
    get_item,
    get_report,
    list_valuations,
)
from rongqiao.parties.queries import get_parties, get_party
from rongqiao.platform import clock, files
from rongqiao.platform.operations import Call
from rongqiao.web.backoffice.finance.acts import Refused, Verb, attempt, refusal_of, shown_verbs
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.portfolio.collateral.forms import RetireForm, ValuationForm
from rongqiao.web.backoffice.portfolio.collateral.words import (
    BASES,
    STATES,
    TONES,
    shown_item,
)
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower.credit.items import lines_of
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Chart, Series, lines
from rongqiao.web.frame.downloads import attachment


def _value(collateral_id: UUID, said: dict[str, Any], call: Call) -> Any:
    asked = ("on", "valuer", "basis", "value", "prior", "document")
    report = said["file"]
    command = RecordValuation(
        collateral_id=collateral_id,
        file_name=report.name if report else "",
        file=base64.b64encode(report.read()).decode() if report else "",
        **{name: said[name] for name in asked},
    )
    return record_valuation(command, call)


def _retire(collateral_id: UUID, said: dict[str, Any], call: Call) -> Any:
    command = RetireCollateral(collateral_id=collateral_id, reason=said["reason"])
    return retire_collateral(command, call)


VERBS = {
    "value": Verb(
        label=gettext_lazy("录入估值"),
        says=gettext_lazy("新的估值加在历史之后，立即用于抵押率和覆盖率；以前的估值不改不删。"),
        run=_value,
        form=ValuationForm,
        tone="primary",
    ),
    "retire": Verb(
        label=gettext_lazy("注销登记"),
        says=gettext_lazy("押品离开登记簿，历史保留；有担保时不能注销。"),
        run=_retire,
        form=RetireForm,
        tone="error",
    ),
}


@staff(*RISK_READERS)
def item(request: HttpRequest, collateral_id: UUID) -> HttpResponse:
    """Show an item with its history."""
    return _page(request, collateral_id)


@require_POST
@staff(*KEEPERS)
def act(request: HttpRequest, collateral_id: UUID, verb: str) -> HttpResponse:
    """Value it anew, or retire it."""
    refused = attempt(request, VERBS, verb, collateral_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("collateral-item", collateral_id)
    return _page(request, collateral_id, refused)


@staff(*RISK_READERS)
def report(_request: HttpRequest, collateral_id: UUID, valuation_id: UUID) -> HttpResponse:
    """Return the report of a valuation, as a download that no browser runs."""
    kept = files.about(get_report(collateral_id, valuation_id))
    return attachment(files.read(kept.pk), kept.name, kept.media_type)


def _page(
    request: HttpRequest, collateral_id: UUID, refused: Refused | None = None
) -> HttpResponse:
    found = get_item(collateral_id, clock.business_date())
    history, pledges = list_valuations(collateral_id), pledges_on(collateral_id)
    fitting = _fitting(request, found)
    context = room(
        request,
        TABS,
        "collateral",
        **shown_item(found),
        lines=lines_of(found, masked=False),
        party=get_party(found.party_id),
        registrar=officer(found.registered_by),
        history=[{"it": one, "basis": say(BASES, one.basis)} for one in history],
        chart=_chart(history) if len(history) > 1 else None,
        pledges=_pledges(pledges),
        verbs=shown_verbs(
            VERBS,
            fitting,
            lambda verb: reverse("collateral-act", args=[collateral_id, verb]),
            refused,
        ),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/collateral/item.html", context, status=status)


def _fitting(request: HttpRequest, found: ItemView) -> list[str]:
    if found.retired_at is not None or not roles_held(request) & set(KEEPERS):
        return []
    return ["value"] if found.secured else ["value", "retire"]


def _pledges(pledges: tuple[PledgeView, ...]) -> list[dict[str, Any]]:
    parties = get_parties(one.party_id for one in pledges)
    return [
        {
            "it": one,
            "party": parties[one.party_id].name,
            "state": say(STATES, one.state),
            "tone": TONES.get(one.state, ""),
        }
        for one in pledges
    ]


def _chart(history: tuple[ValuationView, ...]) -> Chart:
    oldest_first = history[::-1]
    return lines(
        "values",
        _("历次估值"),
        [one.on.isoformat() for one in oldest_first],
        [
            Series(_("价值"), [one.value.minor for one in oldest_first]),
            Series(_("他人在先担保"), [one.prior.minor for one in oldest_first]),
        ],
    )
