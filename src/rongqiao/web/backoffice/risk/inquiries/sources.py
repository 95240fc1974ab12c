"""How the sources are: latency, failures, breaker, the day's budget, and what each rests on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.platform import clock
from rongqiao.policies.consents import text_in_force
from rongqiao.risk.queries.inquiring.health import SourceHealth, health_of_sources
from rongqiao.web.account.checks import words
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.risk.inquiries.frame import inquiry_room
from rongqiao.web.backoffice.risk.rooms import RATING_READERS
from rongqiao.web.frame.access import staff

BREAKERS: words.Words = {
    "closed": gettext_lazy("正常"),
    "half-open": gettext_lazy("试探恢复"),
    "open": gettext_lazy("暂停查询"),
}
TONES = {"closed": "success", "half-open": "warning", "open": "error"}


@staff(*RATING_READERS)
def source_list(request: HttpRequest) -> HttpResponse:
    """Show every source over the last 30 days, and its terms."""
    found = health_of_sources(clock.now())
    if file := download(request, _file(found)):
        return file
    context = inquiry_room(request, "inquiry-sources", rows=[_shown(one) for one in found])
    return render(request, "backoffice/risk/inquiries/sources.html", context)


def _shown(one: SourceHealth) -> dict[str, Any]:
    source = one.source
    text = text_in_force(source.consent, clock.calendar_date())
    return {
        "one": one,
        "name": words.SOURCES[source.code],
        "who": words.WHO[source.code],
        "told": words.told(source),
        "consent": text.title_en if get_language() == "en" else text.title,
        "breaker": BREAKERS[one.breaker],
        "tone": TONES[one.breaker],
        "cost": Money(source.cost_minor),
        "fallback": words.FALLBACKS[source.fallback],
        "instead": words.SOURCES[source.instead] if source.instead else "",
        "rate": one.failure_rate,
    }


def _file(found: tuple[SourceHealth, ...]) -> Table:
    heads = (
        *(_("来源"), _("状态"), _("查询"), _("缓存"), _("未查询"), _("失败"), _("中位毫秒")),
        *(_("P95 毫秒"), _("今日费用"), _("每日预算"), _("单价"), _("缓存天数")),
    )
    return Table(
        name="inquiry-sources",
        title=_("来源状况"),
        heads=heads,
        rows=lambda: (
            (
                str(words.SOURCES[one.source.code]),
                str(BREAKERS[one.breaker]),
                *(one.calls, one.served, one.refused, one.failures, one.p50_ms, one.p95_ms),
                *(one.spent_today, one.budget, Money(one.source.cost_minor)),
                one.source.cache_days,
            )
            for one in found
        ),
    )
