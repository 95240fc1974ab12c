"""The loans as a whole: by five-tier class, over time, and those past due."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.lending.servicing.queries.amending.watched import (
    PAGE,
    list_watched,
    watched_sums,
)
from rongqiao.lending.servicing.queries.loans import count_loans, list_overdue
from rongqiao.lending.servicing.queries.portfolio import get_portfolio, portfolio_days
from rongqiao.parties.queries import get_parties
from rongqiao.platform import clock
from rongqiao.policies.credit.restructuring import watch_on
from rongqiao.web.backoffice.finance.filters import offset_in, pages
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.portfolio.rooms import CLASSES, READERS, RISK_READERS, TABS
from rongqiao.web.borrower.loans import product_names
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Series, lines
from rongqiao.web.frame.exports import MOST_ROWS, csv_of, too_long, wants_csv

DAYS_SHOWN = 365
POINTS = 60


@staff(*RISK_READERS)
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show what is lent, in which class, and how it came to be."""
    today = clock.business_date()
    days = portfolio_days(today - timedelta(days=DAYS_SHOWN), today)
    if wants_csv(request):
        return csv_of(
            "portfolio",
            (_("会计日"), _("在贷笔数"), _("逾期笔数"), _("本金余额"), _("不良本金")),
            ((o.on, o.loans, o.loans_overdue, o.principal, o.not_performing) for o in days),
        )
    step = max(1, len(days) // POINTS)
    shown = days[::-1][::step][::-1]
    chart = lines(
        "portfolio-chart",
        _("本金余额与不良本金"),
        [one.on.isoformat() for one in shown],
        [
            Series(_("本金余额"), [one.principal.minor for one in shown]),
            Series(_("不良本金"), [one.not_performing.minor for one in shown]),
        ],
    )
    months = [one for one in days if one.on.day == 1 or one is days[-1]]
    whole = get_portfolio()
    classes = [{"one": one, "name": say(CLASSES, one.risk_class)} for one in whole.classes]
    context = room(
        request,
        TABS,
        "portfolio",
        portfolio=whole,
        classes=classes,
        chart=chart if days else None,
        months=months,
        watched=watched_sums(),
        on=today,
    )
    return render(request, "backoffice/portfolio/now.html", context)


@staff(*RISK_READERS)
def overdue(request: HttpRequest) -> HttpResponse:
    """List the loans past due, longest first."""
    if wants_csv(request):
        if refused := too_long(request, count_loans(state="overdue")):
            return refused
        rows, names = list_overdue(clock.business_date(), limit=MOST_ROWS), product_names()
        return csv_of(
            "overdue",
            (_("借款编号"), _("产品"), _("本金余额"), _("逾期应还"), _("逾期天数"), _("五级分类")),
            (
                (
                    one.number,
                    names.get(one.product_code, one.product_code),
                    one.outstanding.principal,
                    one.owed_now.total,
                    one.days_past_due,
                    say(CLASSES, one.risk_class),
                )
                for one in rows
            ),
        )
    rows = list_overdue(clock.business_date())
    parties = get_parties(one.party_id for one in rows)
    shown = [
        {
            "one": one,
            "party": parties[one.party_id].name,
            "risk_class": say(CLASSES, one.risk_class),
        }
        for one in rows
    ]
    context = {"desk": True, "rows": shown, "sees_loans": _sees_loans(request)}
    return render(request, "backoffice/overdue.html", context)


@staff(*RISK_READERS)
def watched(request: HttpRequest) -> HttpResponse:
    """List restructured loans that are watched, the one whose watch ends first at first."""
    today, sums = clock.business_date(), watched_sums()
    if wants_csv(request):
        if refused := too_long(request, sums.loans):
            return refused
        return csv_of(
            "watched",
            (
                _("借款编号"),
                _("重组日"),
                _("次数"),
                _("观察到"),
                _("剩余天数"),
                _("本金余额"),
                _("逾期天数"),
                _("五级分类"),
            ),
            (
                (
                    one.number,
                    one.restructured_on,
                    one.times,
                    one.until,
                    one.days_left,
                    one.principal,
                    one.days_past_due,
                    say(CLASSES, one.risk_class),
                )
                for one in list_watched(today, 0, limit=MOST_ROWS)
            ),
        )
    offset = offset_in(request)
    found = list_watched(today, offset, limit=PAGE + 1)
    parties = get_parties(one.party_id for one in found)
    context = {
        "desk": True,
        "rows": [
            {
                "one": one,
                "party": parties[one.party_id].name,
                "risk_class": say(CLASSES, one.risk_class),
            }
            for one in found[:PAGE]
        ],
        "sees_loans": _sees_loans(request),
        "sums": sums,
        "rules": watch_on(today),
        "pages": pages(offset, PAGE, has_more=len(found) > PAGE),
    }
    return render(request, "backoffice/watched.html", context)


def _sees_loans(request: HttpRequest) -> bool:
    """Say whether the reader may open a loan's own page: its number is a link then."""
    return bool(roles_held(request) & set(READERS))
