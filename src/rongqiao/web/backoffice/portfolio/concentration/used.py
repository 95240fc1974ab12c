"""Where principal is out, the fullest limits first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.lending.origination.operations.concentrating.propose_concentration import PROPOSERS
from rongqiao.lending.origination.queries.concentration import (
    ExposureView,
    count_exposures,
    count_waiting_concentrations,
    list_exposures,
    settled_at,
)
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.filters import ChoiceFilter, Filters, offset_in, pages
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.portfolio.concentration.words import KINDS, names_of
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.exports import too_long

PAGE = 50
# From here on a bar warns: a tenth of the limit is left.
NEARLY_FULL, FULL = 900, 1000


class UsedFilters(Filters):
    """What narrows the list."""

    kind = ChoiceFilter(KINDS, label=gettext_lazy("维度"))


@staff(*RISK_READERS)
def concentration(request: HttpRequest) -> HttpResponse:
    """List what is out and may be in each place; the address narrows, files hold all of it."""
    filters, offset, today = UsedFilters(request), offset_in(request), clock.business_date()
    kind = filters.text("kind")
    if request.GET.get("format") and (answer := too_long(request, count_exposures(kind))):
        return answer
    table = Table(
        name="concentration",
        title=_("集中度"),
        heads=(_("维度"), _("对象"), _("在用"), _("限额"), _("余量"), _("占用 ‰")),
        rows=lambda: [
            (row["kind"], row["name"], row["it"].used, row["it"].limit, row["left"], row["share"])
            for row in _shown(list_exposures(today, kind=kind, limit=MOST_ROWS))
        ],
    )
    if file := download(request, table):
        return file
    found = list_exposures(today, kind=kind, offset=offset, limit=PAGE + 1)
    context = room(
        request,
        TABS,
        "concentration",
        filters=filters,
        rows=_shown(found[:PAGE]),
        pages=pages(offset, PAGE, has_more=len(found) > PAGE),
        waiting=count_waiting_concentrations(),
        settled_at=settled_at(),
        may_propose=bool(roles_held(request) & set(PROPOSERS)),
    )
    return render(request, "backoffice/concentration/used.html", context)


def _shown(found: tuple[ExposureView, ...]) -> list[dict[str, Any]]:
    names = names_of((one.kind, one.key) for one in found)
    return [
        {
            "it": one,
            "kind": say(KINDS, one.kind),
            "name": names[one.kind, one.key],
            "share": one.permille,
            "left": None if one.limit is None else one.limit - one.used,
            "percent": None if one.permille is None else f"{one.permille / 10:.1f}%",
            "tone": _tone(one.permille or 0),
        }
        for one in found
    ]


def _tone(permille: int) -> str:
    if permille >= FULL:
        return "error"
    return "warning" if permille >= NEARLY_FULL else "primary"
