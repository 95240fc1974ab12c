"""Months of the books: what stands in the way of closing one, and the two officers who close it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.checks import check_loans, subledger_totals
from rongqiao.money.ledger.operations.closing.periods.close_period import ClosePeriod, close_period
from rongqiao.money.ledger.operations.closing.periods.give_up_proposal import (
    GiveUpProposal,
    give_up_proposal,
)
from rongqiao.money.ledger.operations.closing.periods.propose_closing import (
    ProposeClosing,
    propose_closing,
)
from rongqiao.money.ledger.operations.closing.periods.propose_reopening import (
    ProposeReopening,
    propose_reopening,
)
from rongqiao.money.ledger.operations.closing.periods.reopen_period import (
    ReopenPeriod,
    reopen_period,
)
from rongqiao.money.ledger.queries.books import Checked, product_balances
from rongqiao.money.ledger.queries.periods import (
    PeriodView,
    broken_laws,
    closed_through,
    get_period,
    last_day,
    list_periods,
    period_balances,
    unsealed_through,
)
from rongqiao.money.payments.queries.custody import check_custody
from rongqiao.money.payments.queries.reconciling import BreakFilters, count_breaks
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.rooms import BOOKS, READERS, acts, room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import Words, account_name, officer, say
from rongqiao.web.frame.access import staff
from rongqiao.web.templatetags.figures import moment

STATES: Words = {
    "open": gettext_lazy("未结"),
    "closing": gettext_lazy("待确认关账"),
    "closed": gettext_lazy("已关账"),
    "reopening": gettext_lazy("待确认重开"),
}
TONES = {"closing": "info", "closed": "success", "reopening": "warning"}


def _close(month: date, _said: dict[str, Any], call: Call) -> Any:
    """Close with what the ledger cannot look at: differences with the bank, the loans' own laws."""
    command = ClosePeriod(
        month=month,
        open_breaks=open_breaks(month),
        broken_elsewhere=sum(bool(one.broken) for one in checked_elsewhere()),
    )
    return close_period(command, call)


VERBS = {
    "propose-closing": Verb(
        label=gettext_lazy("提出关账"),
        says=gettext_lazy("从现在起不能再记入这个月；另一位财务人员检查后关账。"),
        run=lambda month, _said, call: propose_closing(ProposeClosing(month=month), call),
        tone="primary",
    ),
    "close": Verb(
        label=gettext_lazy("检查并关账"),
        says=gettext_lazy("核对全部账簿规则和对账差错，全部通过才关账，并留存各户余额。"),
        run=_close,
        tone="primary",
    ),
    "give-up": Verb(
        label=gettext_lazy("撤回提议"),
        says=gettext_lazy("这个月回到提议之前的状态。"),
        run=lambda month, said, call: give_up_proposal(
            GiveUpProposal(month=month, reason=said["reason"]), call
        ),
        form=ReasonForm,
    ),
    "propose-reopening": Verb(
        label=gettext_lazy("提出重开"),
        says=gettext_lazy("请另一位财务人员同意重开这个已关账的月份。"),
        run=lambda month, said, call: propose_reopening(
            ProposeReopening(month=month, reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "reopen": Verb(
        label=gettext_lazy("同意重开"),
        says=gettext_lazy("这个月重新可以记账；留存的余额作废，直到再次关账。"),
        run=lambda month, _said, call: reopen_period(ReopenPeriod(month=month), call),
        tone="error",
    ),
}


def open_breaks(month: date) -> int:
    """Return how many differences with the bank up to a month's end are not resolved."""
    return count_breaks(BreakFilters(day_to=last_day(month)))


def checked_elsewhere() -> tuple[Checked, ...]:
    """Return the laws that other contexts keep: loans against the books, custody; as found."""
    in_books, in_loans = product_balances(), subledger_totals()
    codes = sorted({*in_books, *in_loans})
    nothing = Money.zero()
    unequal = [one for one in codes if in_books.get(one, nothing) != in_loans.get(one, nothing)]
    loans = check_loans()
    return (
        Checked(
            law="5 loan sub-ledger equals the general ledger",
            checked=len(codes),
            broken=len(unequal),
            examples=tuple(unequal[:5]),
        ),
        Checked(
            law="5 every loan equals its own sub-ledger",
            checked=loans.checked,
            broken=loans.broken,
            examples=loans.examples,
        ),
        check_custody(),
    )


@staff(*READERS)
def period_list(request: HttpRequest) -> HttpResponse:
    """List the months, newest first."""
    found = list_periods(clock.business_date())
    table = Table(
        name="periods",
        title=_("结账"),
        heads=(_("月份"), _("状态"), _("分录数"), _("提出"), _("决定"), _("决定时间")),
        rows=lambda: (
            (
                f"{one.month:%Y-%m}",
                say(STATES, one.state),
                one.journals,
                one.proposed_by,
                one.decided_by,
                one.decided_at,
            )
            for one in found
        ),
    )
    if file := download(request, table):
        return file
    context = room(
        request,
        BOOKS,
        "periods",
        rows=[_shown(one) for one in found],
        closed_through=closed_through(),
    )
    return render(request, "backoffice/finance/books/periods.html", context)


@staff(*READERS)
def period_page(request: HttpRequest, month: str) -> HttpResponse:
    """Show one month; `check` runs every check, which reads all of the books."""
    return _page(request, month_of(month))


@staff(Role.FINANCE)
@require_POST
def act(request: HttpRequest, month: str, verb: str) -> HttpResponse:
    """Take one step with a month."""
    refused = attempt(request, VERBS, verb, month_of(month))
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("period", month)
    return _page(request, month_of(month), refused)


def month_of(text: str) -> date:
    """Return the first day of a month written 2026-01. Raises Http404 for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None


def _page(request: HttpRequest, month: date, refused: Refused | None = None) -> HttpResponse:
    found = get_period(month)
    table = Table(
        name=f"balances-{month:%Y-%m}",
        title=_("月末余额"),
        heads=(_("账户"), _("科目"), _("期初"), _("本期借方"), _("本期贷方"), _("期末")),
        rows=lambda: (
            (o.account, account_name(o.account), o.opening, o.debits, o.credits, o.closing)
            for o in period_balances(month, limit=MOST_ROWS)
        ),
    )
    if file := download(request, table):
        return file
    fitting = _fitting(request, found)
    looks = found.state == "closing" or "check" in request.GET
    context = room(
        request,
        BOOKS,
        "periods",
        **_shown(found),
        steps=_steps(found),
        obstacles=_obstacles(month) if looks else None,
        verbs=shown_verbs(
            VERBS,
            fitting,
            lambda verb: reverse("period-act", args=[f"{month:%Y-%m}", verb]),
            refused,
        ),
        is_mine=found.state in ("closing", "reopening") and _is_mine(request, found),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/finance/books/period.html", context, status=status)


def _is_mine(request: HttpRequest, one: PeriodView) -> bool:
    return one.proposed_by == f"user:{request.user.pk}"


def _fitting(request: HttpRequest, one: PeriodView) -> list[str]:
    """Return the steps that fit the month as it stands and the officer who looks."""
    if not acts(request):
        return []
    is_over = last_day(one.month) < clock.business_date()
    second = [] if _is_mine(request, one) else ["close" if one.state == "closing" else "reopen"]
    return {
        "open": ["propose-closing"] if is_over else [],
        "closing": [*second, "give-up"],
        "closed": ["propose-reopening"],
        "reopening": [*second, "give-up"],
    }[one.state]


def _obstacles(month: date) -> list[dict[str, Any]]:
    """Return every check of closing, with what stands in its way."""
    breaks, unsealed = open_breaks(month), unsealed_through(month)
    laws = broken_laws()
    return [
        _check(_("对账差错都已处理"), breaks, (), reverse("breaks")),
        _check(_("分录都已封存进链"), unsealed, ()),
        _check(_("账簿规则全部成立"), len(laws), _told(laws)),
        *(_check_law(one) for one in checked_elsewhere()),
    ]


def _check_law(one: Checked) -> dict[str, Any]:
    names = {
        "5 loan sub-ledger equals the general ledger": _("贷款明细账与总账一致"),
        "5 every loan equals its own sub-ledger": _("每笔贷款与自己的明细一致"),
    }
    name = names.get(one.law, _("存管资金等于客户资金，并与银行对账单一致"))
    return _check(name, one.broken, one.examples)


def _check(name: str, count: int, examples: Iterable[str], door: str = "") -> dict[str, Any]:
    return {"name": name, "count": count, "examples": list(examples), "door": door}


def _told(laws: Iterable[Checked]) -> list[str]:
    return [f"{one.law}: {', '.join(one.examples)}" for one in laws]


def _shown(one: PeriodView) -> dict[str, Any]:
    return {
        "one": one,
        "month": f"{one.month:%Y-%m}",
        "state": say(STATES, one.state),
        "tone": TONES.get(one.state, "ghost"),
        "proposer": officer(one.proposed_by),
        "decider": officer(one.decided_by),
    }


def _steps(one: PeriodView) -> list[dict[str, str]]:
    return [
        {
            "label": f"{say(STATES, step.to_state)} · {officer(step.by)}",
            "when": f"{moment(step.at)} {step.reason}".strip(),
            "state": "now" if step is one.steps[-1] and one.state != "closed" else "done",
        }
        for step in one.steps
    ]
