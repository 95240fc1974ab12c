"""How often officers decide against the system's word, both ways, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.months import add_months
from rongqiao.lending.origination.queries.reviewing.overrides import (
    OverrideCounts,
    OverrideReport,
    OverrideRow,
    count_codes,
    count_overrides,
    list_overrides,
    override_report,
)
from rongqiao.lending.servicing.queries.provisioning.defaults import Defaults, defaults_by_decider
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.reviewing import words
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Chart, Known, lines
from rongqiao.web.frame.exports import MOST_ROWS, too_long
from rongqiao.web.templatetags.figures import percent

SPANS = (6, 12, 24)
USUAL_SPAN = 12
STAGES: words.Words = {"review": gettext_lazy("初审"), "approval": gettext_lazy("复审")}
DECIDERS: words.Words = {
    "automatic": gettext_lazy("系统自动通过"),
    "person": gettext_lazy("人工通过，与系统一致"),
    "against": gettext_lazy("人工通过，与系统不同"),
}


@staff(*words.OVERRIDE_READERS)
def monitor(request: HttpRequest) -> HttpResponse:
    """Show the shares by month and officer, the reasons, later defaults, and each decision."""
    until = clock.business_date()
    span, way, officer_id = _asked(request)
    months = [add_months(until.replace(day=1), -back) for back in range(span)][::-1]
    since = months[0]
    count = count_overrides(since, until, way=way, officer_id=officer_id)
    if request.GET.get("format") in ("csv", "xlsx") and (refused := too_long(request, count)):
        return refused
    if file := download(request, _file(since, until, way, officer_id)):
        return file
    report = override_report(since, until, months=months, officer_id=officer_id)
    rows = list_overrides(since, until, way=way, officer_id=officer_id)
    context = {
        "desk": True,
        "span": span,
        "spans": SPANS,
        "way": way,
        "ways": words.WAYS.items(),
        "officer": officer_id,
        "total": _shown(report.total),
        "months": [{"name": f"{on:%Y-%m}", **_shown(one)} for on, one in report.months],
        "officers": [
            {"id": one, "name": words.who(one), **_shown(counts)} for one, counts in report.officers
        ],
        "codes": [(say(words.OVERRIDE_CODES, code), n) for code, n in count_codes(since, until)],
        "defaults": [_default(one) for one in defaults_by_decider()],
        "rows": [_row(one) for one in rows],
        "count": count,
        "chart": _chart(report),
        "sees_cases": bool(roles_held(request) & set(words.DESK)),
    }
    return render(request, "backoffice/reviewing/overrides.html", context)


def _asked(request: HttpRequest) -> tuple[int, str, UUID | None]:
    given = request.GET
    span = next((one for one in SPANS if str(one) == given.get("months", "")), USUAL_SPAN)
    way = given.get("way", "")
    try:
        officer_id = UUID(given.get("officer", ""))
    except ValueError:
        officer_id = None
    return span, way if way in words.WAYS else "", officer_id


def _shown(one: OverrideCounts) -> dict[str, Any]:
    return {
        "one": one,
        "up": "—" if one.up_share is None else percent(one.up_share),
        "down": "—" if one.down_share is None else percent(one.down_share),
    }


def _default(one: Defaults) -> dict[str, Any]:
    share = one.default_share
    return {
        "one": one,
        "name": say(DECIDERS, one.way),
        "share": "—" if share is None else percent(share),
    }


def _row(one: OverrideRow) -> dict[str, Any]:
    return {
        "one": one,
        "kind": say(words.OVERRIDES, one.kind),
        "why": say(words.OVERRIDE_CODES, one.code),
        "stage": say(STAGES, one.stage),
        "who": words.who(one.officer_id),
    }


def _chart(report: OverrideReport) -> Chart:
    """Return both shares by month, in percent; the table beside it tells the same."""

    def points(shares: Iterable[Any]) -> list[int | None]:
        # The chart counts in hundredths, as amounts in fen: a share in percent with two places.
        return [None if share is None else int(share * 10_000) for share in shares]

    counts = [one for _on, one in report.months]
    return lines(
        "override-chart",
        _("改判占比（%）"),
        [f"{on:%Y-%m}" for on, _one in report.months],
        [
            Known(_("多借给的占通过"), points(one.up_share for one in counts)),
            Known(_("少借给的占拒绝"), points(one.down_share for one in counts)),
        ],
    )


def _file(since: date, until: date, way: str, officer_id: UUID | None) -> Table:
    return Table(
        name="overrides",
        title=_("人工改判"),
        facts=((_("自"), since), (_("至"), until)),
        heads=(_("申请编号"), _("改判"), _("理由"), _("环节"), _("经办"), _("时间")),
        rows=lambda: (
            (
                one.number,
                say(words.OVERRIDES, one.kind),
                say(words.OVERRIDE_CODES, one.code),
                say(STAGES, one.stage),
                words.who(one.officer_id),
                one.made_at,
            )
            for one in list_overrides(since, until, way=way, officer_id=officer_id, limit=MOST_ROWS)
        ),
    )
