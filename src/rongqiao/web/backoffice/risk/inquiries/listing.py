"""All inquiries, newest first, by source, outcome and month; masked, as page or file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.platform import clock
from rongqiao.policies.credit.sources import SOURCES
from rongqiao.risk.queries.inquiring.inquiries import (
    MOST_EXPORTED,
    PAGE,
    InquiryView,
    Wanted,
    list_inquiries,
)
from rongqiao.web.account.checks import words
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.risk.inquiries.frame import asker, inquiry_room, shown
from rongqiao.web.backoffice.risk.rooms import RATING_READERS
from rongqiao.web.frame.access import staff


@staff(*RATING_READERS)
def inquiries(request: HttpRequest) -> HttpResponse:
    """List inquiries; `before` pages on, the file holds all that fit the filters."""
    wanted = _wanted(request)
    if file := download(request, _file(wanted)):
        return file
    found = list_inquiries(wanted, _uuid(request.GET.get("before", "")), PAGE + 1)
    rows = found[:PAGE]
    context = inquiry_room(
        request,
        "inquiries",
        rows=[shown(one) for one in rows],
        older=rows[-1].id if len(found) > PAGE else None,
        wanted=wanted,
        month=f"{wanted.month:%Y-%m}" if wanted.month else "",
        is_narrowed=wanted != Wanted(),
        sources=[_choice(one.code, words.SOURCES[one.code], wanted.source) for one in SOURCES],
        outcomes=[_choice(code, word, wanted.outcome) for code, word in words.OUTCOMES.items()],
        today=clock.calendar_date(),
    )
    return render(request, "backoffice/risk/inquiries/list.html", context)


def _choice(code: str, word: Any, chosen: str) -> dict[str, Any]:
    return {"code": code, "word": word, "is_here": code == chosen}


def _wanted(request: HttpRequest) -> Wanted:
    """Return the filters; what is none of them filters nothing."""
    source, outcome = request.GET.get("source", ""), request.GET.get("outcome", "")
    return Wanted(
        source=source if source in words.SOURCES else "",
        outcome=outcome if outcome in words.OUTCOMES else "",
        month=_month(request.GET.get("month", "")),
        party_id=_uuid(request.GET.get("party", "")),
    )


def _month(text: str) -> date | None:
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
    return first if f"{first:%Y-%m}" == text else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _file(wanted: Wanted) -> Table:
    heads = (
        *(_("时间"), _("来源"), _("关于"), _("目的"), _("经办"), _("结果"), _("原因")),
        *(_("次数"), _("毫秒"), _("费用"), _("缓存自"), _("代替"), _("授权"), _("授权时间")),
        *(_("答复摘要"), _("编号")),
    )
    return Table(
        name="inquiries",
        title=_("外部查询"),
        heads=heads,
        rows=lambda: (_row(one) for one in list_inquiries(wanted, limit=MOST_EXPORTED)),
    )


def _row(one: InquiryView) -> tuple[Any, ...]:
    return (
        one.asked_at,
        str(words.SOURCES[one.source.code]),
        one.subject,
        str(words.PURPOSES[one.purpose]),
        asker(one.asked_by),
        str(words.OUTCOMES[one.outcome]),
        words.fault_words(one.fault),
        one.tries,
        one.latency_ms,
        one.charged,
        str(one.served_from or ""),
        str(one.instead_of or ""),
        words.consent_words(one.consent_kind, one.consent_version),
        one.consented_at,
        one.answer_sha256,
        str(one.id),
    )
