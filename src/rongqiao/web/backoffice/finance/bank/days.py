"""The bank's days: which statements came, what was refused and why, and what comparing found."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.money.payments.operations.reconciling.import_statement import (
    ImportStatement,
    import_statement,
)
from rongqiao.money.payments.operations.reconciling.reconcile_day import (
    ReconcileDay,
    reconcile_day,
)
from rongqiao.money.payments.operations.repair.fetch_statement_now import (
    FetchStatementNow,
    fetch_statement_now,
)
from rongqiao.money.payments.queries.custody import DayOfCash, cash_by_day
from rongqiao.money.payments.queries.reconciling import (
    PAGE,
    BankSide,
    BreakFilters,
    DayView,
    FileView,
    list_breaks,
    list_days,
    list_files,
    list_lines,
)
from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.bank.words import (
    BREAK_KINDS,
    BREAK_STATES,
    BREAK_TONES,
    FILE_REASONS,
    FILE_STATES,
    FILE_TONES,
    LINE_KINDS,
    STANDINGS,
)
from rongqiao.web.backoffice.finance.filters import offset_in, pages
from rongqiao.web.backoffice.finance.rooms import MONEY, READERS, acts, room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Series, lines
from rongqiao.web.frame.forms import DayField, KeyedForm

DAYS_SHOWN = 31
LARGEST_FILE = 20 * 1024 * 1024


class StatementForm(KeyedForm):
    """The bank's file of a day, by hand: for when fetching it fails."""

    day = DayField(label=gettext_lazy("对账单日期"))
    file = forms.FileField(label=gettext_lazy("银行对账单文件（CSV）"))

    def clean_file(self) -> str:
        """Return the file in base64, as the operation keeps it."""
        given: UploadedFile[Any] = self.cleaned_data["file"]
        if (given.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("文件太大：最多 20 MB。"))
        return base64.b64encode(given.read()).decode()


VERBS = {
    "reconcile": Verb(
        label=gettext_lazy("对账"),
        says=gettext_lazy(
            "逐笔核对这一天：银行已办成的补记入账，不明来款转入待查款项，其余差异立为差错。"
            "人工上传的文件，银行已办成的只立为差错；文件的流水与它自己的余额对不上时，"
            "什么都不入账，不明来款也只立为差错。"
        ),
        run=lambda day, _said, call: reconcile_day(ReconcileDay(day=day), call),
        tone="primary",
    ),
    "fetch": Verb(
        label=gettext_lazy("向银行取对账单"),
        says=gettext_lazy("排队向银行取这一天的文件，取到后自动对账。"),
        run=lambda day, said, call: fetch_statement_now(
            FetchStatementNow(day=day, reason=said["reason"]), call
        ),
        form=ReasonForm,
    ),
}


@staff(*READERS)
def day_list(request: HttpRequest) -> HttpResponse:
    """Show the latest days with the state of their statements, both sides drawn over time."""
    today = clock.business_date()
    table = Table(
        name="reconciled-days",
        title=_("对账"),
        heads=(
            _("日期"),
            _("银行余额"),
            _("账面存管资金"),
            _("在途"),
            _("差错可解释"),
            _("未解释"),
            _("当日收"),
            _("当日付"),
        ),
        rows=lambda: _cash_rows(cash_by_day(today - timedelta(days=3660), today)),
    )
    if file := download(request, table):
        return file
    first = today - timedelta(days=DAYS_SHOWN)
    compared = {one.day: one for one in list_days(limit=DAYS_SHOWN)}
    files: dict[date, FileView] = {}
    for one in list_files(limit=4 * DAYS_SHOWN):
        held = files.get(one.day)
        if held is None or one.state == "imported":
            files[one.day] = one
    cash = cash_by_day(first, today)
    context = room(
        request,
        MONEY,
        "reconciling",
        days=[
            _shown_day(day, compared.get(day), files.get(day))
            for day in _days_told(today, [*compared, *files])
        ],
        chart=_chart(cash) if cash else None,
        cash=cash,
        today=today,
    )
    return render(request, "backoffice/finance/bank/days.html", context)


@staff(Role.FINANCE)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a statement's file by hand; one that is damaged is kept, refused and made a case."""
    yesterday = min(clock.business_date(), clock.calendar_date()) - timedelta(days=1)
    form = StatementForm(
        request.POST or None, request.FILES or None, initial={"day": yesterday.isoformat()}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = ImportStatement(day=said["day"], content=said["file"])
        taken = form.attempt(lambda: import_statement(command, form.call(request)))
        if taken is not None:
            _tell(request, taken.state, taken.reason, is_new=taken.is_new)
            return redirect("reconciling-day", said["day"].isoformat())
    context = room(request, MONEY, "reconciling", form=form)
    status = 422 if request.method == "POST" else 200
    return render(request, "backoffice/finance/bank/upload.html", context, status=status)


@staff(*READERS)
def day_page(request: HttpRequest, day: str) -> HttpResponse:
    """Show one day: its files, its lines as the bank gave them, its breaks."""
    return _page(request, day_of(day))


@staff(Role.FINANCE)
@require_POST
def act(request: HttpRequest, day: str, verb: str) -> HttpResponse:
    """Compare a day, or have its file fetched."""
    refused = attempt(request, VERBS, verb, day_of(day))
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("reconciling-day", day)
    return _page(request, day_of(day), refused)


def day_of(text: str) -> date:
    """Return a day of an address. Raises Http404 for what is none."""
    try:
        return DayField(label="").clean(text)  # type: ignore[no-any-return]
    except forms.ValidationError:
        raise Http404 from None


def _tell(request: HttpRequest, state: str, reason: str, *, is_new: bool) -> None:
    if state == "refused":
        why = say(FILE_REASONS, reason)
        messages.error(request, _("对账单已拒收：%(why)s。已立为差错。") % {"why": why})
    elif is_new:
        messages.success(request, _("对账单已导入，请对账。"))
    else:
        messages.success(request, _("这份文件之前已经导入，没有变化。"))


def _page(request: HttpRequest, day: date, refused: Refused | None = None) -> HttpResponse:
    offset = offset_in(request)
    table = Table(
        name=f"statement-{day}",
        title=_("银行流水"),
        facts=((_("日期"), day),),
        heads=(_("流水号"), _("指令"), _("类型"), _("收"), _("付"), _("起息日"), _("对方")),
        rows=lambda: _line_rows(list_lines(day, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    files = list_files(day)
    compared = next((one for one in list_days(before=day + timedelta(days=1), limit=1)), None)
    if compared is not None and compared.day != day:
        compared = None
    found = list_lines(day, start=offset, limit=PAGE + 1)
    fitting = _fitting(request, day, files)
    breaks = list_breaks(BreakFilters(states=(), day_from=day, day_to=day), clock.business_date())
    context = room(
        request,
        MONEY,
        "reconciling",
        **_shown_day(day, compared, next(iter(_best(files)), None)),
        files=[_shown_file(one) for one in files],
        lines=[_shown_line(one) for one in found[:PAGE]],
        pages=pages(offset, PAGE, has_more=len(found) > PAGE),
        breaks=[
            {
                "one": one,
                "kind": say(BREAK_KINDS, one.kind),
                "state": say(BREAK_STATES, one.state),
                "tone": BREAK_TONES.get(one.state, "ghost"),
            }
            for one in breaks
        ],
        verbs=shown_verbs(
            VERBS,
            fitting,
            lambda verb: reverse("reconciling-act", args=[day.isoformat(), verb]),
            refused,
        ),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/finance/bank/day.html", context, status=status)


def _fitting(request: HttpRequest, day: date, files: Iterable[FileView]) -> list[str]:
    """Return the verbs that fit; the bank has no file of a day that is not over."""
    if not acts(request):
        return []
    if any(one.state == "imported" for one in files):
        return ["reconcile"]
    return ["fetch"] if clock.is_over(day, clock.now()) else []


def _best(files: Iterable[FileView]) -> list[FileView]:
    """Return the files of a day, the one that was taken first."""
    return sorted(files, key=lambda one: one.state != "imported")


def _days_told(today: date, known: Iterable[date]) -> list[date]:
    """Return the days to show, newest first: from the first known one of the last month on."""
    since = today - timedelta(days=DAYS_SHOWN)
    shown = [day for day in known if day >= since]
    first = min(shown, default=today)
    last = max([today - timedelta(days=1), *shown])
    return [last - timedelta(days=step) for step in range((last - first).days + 1)]


def _shown_day(day: date, compared: DayView | None, file: FileView | None) -> dict[str, Any]:
    state = "compared" if compared else file.state if file else "missing"
    return {
        "day": day,
        "compared": compared,
        "file": file,
        "state": say(FILE_STATES, state),
        "tone": FILE_TONES[state],
        "why": say(FILE_REASONS, file.reason) if file and file.reason and not compared else "",
    }


def _shown_file(one: FileView) -> dict[str, Any]:
    return {
        "one": one,
        "state": say(FILE_STATES, one.state),
        "tone": FILE_TONES[one.state],
        "why": say(FILE_REASONS, one.reason) if one.reason else "",
    }


def _shown_line(one: BankSide) -> dict[str, Any]:
    return {
        "one": one,
        "kind": say(LINE_KINDS, one.kind),
        "standing": "" if one.standing == "taken" else say(STANDINGS, one.standing),
    }


def _chart(cash: Iterable[DayOfCash]) -> Any:
    days = list(cash)
    return lines(
        "reconciling-chart",
        _("银行余额与账面存管资金"),
        [one.day.isoformat() for one in days],
        [
            Series(_("银行余额"), [one.closing.minor for one in days]),
            Series(_("账面存管资金"), [one.books.minor for one in days]),
        ],
    )


def _cash_rows(days: Iterable[DayOfCash]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            one.day,
            one.closing,
            one.books,
            one.in_transit,
            one.explained,
            one.unexplained,
            one.total_in,
            one.total_out,
        )
        for one in days
    )


def _line_rows(found: Iterable[BankSide]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            one.serial,
            one.order_no,
            say(LINE_KINDS, one.kind),
            one.amount if one.is_credit else None,
            None if one.is_credit else one.amount,
            one.value_on,
            one.counterparty,
        )
        for one in found
    )
