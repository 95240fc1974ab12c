"""The wallet's statement: filters with an address of their own, pages, and three kinds of file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.money.ledger.queries.statements import Mark, MarkedLine, Period, Wanted
from rongqiao.money.payments.queries.statements import (
    NOTHING,
    wallet_kinds,
    wallet_lines,
    wallet_period,
)
from rongqiao.parties.queries import PartyView
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower import words
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.exports import csv_of
from rongqiao.web.frame.forms import DayField, StrictForm, dress, name_fields
from rongqiao.web.frame.sheets import Sheet, pdf_of, xlsx_of
from rongqiao.web.templatetags.figures import day, moment

PAGE = 50
# A file is all that was asked for, or none: what does not fit is said, not cut.
MOST_ROWS = {"csv": 20_000, "xlsx": 10_000, "pdf": 1_000}
# A page is asked for by a signed mark: journal numbers are nobody's to count.
SALT = "wallet-page"
LONGEST_TEXT = 40
_IN_KEY = re.compile(r"[^A-Za-z0-9-]")


class Filters(StrictForm):
    """What of the statement to show; asked by GET."""

    way = forms.ChoiceField(
        label=gettext_lazy("收支"),
        required=False,
        choices=[
            ("", gettext_lazy("全部")),
            ("in", gettext_lazy("收入")),
            ("out", gettext_lazy("支出")),
        ],
    )
    kind = forms.ChoiceField(label=gettext_lazy("事项"), required=False)
    q = forms.CharField(label=gettext_lazy("凭据或事项"), required=False, max_length=LONGEST_TEXT)
    page = forms.CharField(required=False, widget=forms.HiddenInput, label="page")
    format = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        label="format",
        choices=[(name, name) for name in ("", *MOST_ROWS)],
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **options: Any) -> None:
        """Offer the kinds that ever moved the wallet: code and word."""
        super().__init__(*args, **options)
        self._kinds = kinds
        self.fields["kind"].choices = [("", _("全部")), *kinds]  # type: ignore[attr-defined]
        # `from` is a word of the language: such a field can only be added.
        self.fields["from"] = DayField(label=_("开始日期"), required=False)
        self.fields["to"] = DayField(label=_("结束日期"), required=False)
        self.order_fields(["from", "to", "way", "kind", "q"])
        dress(self)
        name_fields(self)

    @override
    def clean(self) -> dict[str, Any]:
        """Hold the period to be one."""
        cleaned = super().clean()
        since, until = cleaned.get("from"), cleaned.get("to")
        if since and until and since > until:
            said = _("开始日期 %(since)s 晚于结束日期 %(until)s，请调整。")
            self.add_error("from", said % {"since": since, "until": until})
        return cleaned

    def wanted(self) -> Wanted:
        """Return what the filters ask for."""
        given = self.cleaned_data
        text = given["q"].strip()
        return Wanted(
            since=given["from"],
            until=given["to"],
            direction=given["way"],
            kinds=(given["kind"],) if given["kind"] else (),
            text=text,
            text_kinds=tuple(code for code, word in self._kinds if text and text in word),
        )


@dataclass(frozen=True)
class Reach:
    """A period offered by one click."""

    label: str
    since: date
    until: date


@acting
def statement(request: HttpRequest) -> HttpResponse:
    """Show the lines asked for, or give them as a file."""
    party = party_of(request)
    kinds = [(kind, words.say(words.JOURNAL, kind)) for kind in wallet_kinds(party.id)]
    form = Filters(request.GET or None, kinds=kinds)
    if not form.is_bound:
        return _page(request, form, Wanted(), party)
    if not form.is_valid():
        return _page(request, form, None, party)
    kept = form.cleaned_data["format"]
    wanted = form.wanted()
    return _file(request, kept, wanted, party) if kept else _page(request, form, wanted, party)


def shown_line(line: MarkedLine) -> dict[str, Any]:
    """Return a line as the tables show it."""
    return {"line": line, "kind": words.say(words.JOURNAL, line.kind)}


def account_code(party: PartyView) -> str:
    """Return what a transfer's remark carries, so that finance finds whose money it is."""
    return f"RQ{str(party.id)[-8:].upper()}"


def _page(
    request: HttpRequest, form: Filters, wanted: Wanted | None, party: PartyView
) -> HttpResponse:
    lines: tuple[MarkedLine, ...] = ()
    period, before = NOTHING, None
    if wanted is not None:
        before = _mark_asked(request)
        period = wallet_period(party.id, wanted)
        lines = wallet_lines(party.id, wanted, before=before, limit=PAGE + 1)
    is_more = len(lines) > PAGE
    content = {
        "form": form,
        "period": period,
        "lines": [shown_line(line) for line in lines[:PAGE]],
        "next_page": _signed(lines[PAGE - 1].mark) if is_more else "",
        "is_first": before is None,
        "is_narrowed": wanted is None or wanted != Wanted(),
        "has_partial_sums": bool(wanted and (wanted.direction or wanted.kinds or wanted.text)),
        "reaches": _reaches(clock.business_date()),
        "files": [(name, name.upper()) for name in MOST_ROWS],
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/statement.html", content, status=status)


def _file(request: HttpRequest, kept: str, wanted: Wanted, party: PartyView) -> HttpResponse:
    period, most = wallet_period(party.id, wanted), MOST_ROWS[kept]
    if period.count > most:
        said = _("共 %(count)s 行，超过 %(form)s 一次最多 %(most)s 行：请缩短期间后分次导出。")
        facts = {"count": period.count, "form": kept.upper(), "most": most}
        messages.warning(request, said % facts)
        query = request.GET.copy()
        query.pop("format")
        return redirect(f"{request.path}?{query.urlencode()}")
    lines = wallet_lines(party.id, wanted, limit=most)
    sheet = _sheet(wanted, period, lines[::-1], party)
    name = f"wallet-{_IN_KEY.sub('', account_code(party))}-{clock.business_date():%Y%m%d}"
    if kept == "csv":
        return csv_of(name, sheet.heads, sheet.rows)
    return xlsx_of(name, sheet) if kept == "xlsx" else pdf_of(name, sheet)


def _sheet(wanted: Wanted, period: Period, lines: Sequence[MarkedLine], party: PartyView) -> Sheet:
    """Return the file's contents, oldest line first: opening balance, lines, closing balance."""
    until = wanted.until or clock.business_date()
    since = day(wanted.since) if wanted.since else _("开户")
    facts: list[tuple[str, Any]] = [
        (_("户名"), party.name),
        (_("账户"), account_code(party)),
        (_("期间"), _("%(since)s 至 %(until)s") % {"since": since, "until": day(until)}),
        (_("筛选"), _said(wanted) or _("无")),
        (_("期初余额"), period.opening),
        (_("收入合计"), period.money_in),
        (_("支出合计"), period.money_out),
        (_("期末余额"), period.closing),
        (_("行数"), period.count),
        (_("生成时间"), moment(clock.now())),
    ]
    heads = (_("业务日期"), _("记账时间"), _("事项"), _("凭据"), _("收支"), _("余额"))
    rows = [
        (
            line.value_on,
            line.booked_at,
            words.say(words.JOURNAL, line.kind),
            line.document,
            line.amount,
            line.balance,
        )
        for line in lines
    ]
    return Sheet(title=_("账户流水"), facts=facts, heads=heads, rows=rows)


def _said(wanted: Wanted) -> str:
    """Return the filters beside the period in words."""
    ways = {"in": _("收入"), "out": _("支出")}
    parts = [
        ways.get(wanted.direction, ""),
        *(words.say(words.JOURNAL, kind) for kind in wanted.kinds),
        f"「{wanted.text}」" if wanted.text else "",
    ]
    return " · ".join(part for part in parts if part)


def _reaches(today: date) -> list[Reach]:
    first = today.replace(day=1)
    last_month = first - timedelta(days=1)
    return [
        Reach(_("本月"), first, today),
        Reach(_("上月"), last_month.replace(day=1), last_month),
        Reach(_("近 90 天"), today - timedelta(days=89), today),
        Reach(_("今年"), today.replace(month=1, day=1), today),
    ]


def _signed(mark: Mark) -> str:
    on, journal, leg = mark
    return signing.dumps([on.isoformat(), journal, leg], salt=SALT)


def _mark_asked(request: HttpRequest) -> Mark | None:
    """Return the line before which the page begins; a forged mark is not there."""
    page = request.GET.get("page")
    if not page:
        return None
    try:
        on, journal, leg = signing.loads(page, salt=SALT)
    except signing.BadSignature:
        raise NotFound from None
    return date.fromisoformat(on), journal, leg
