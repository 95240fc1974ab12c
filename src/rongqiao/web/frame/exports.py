"""Every table as CSV, `?format=csv`. A cell that a spreadsheet would run is made plain text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.policies.spreadsheets import plain
from rongqiao.web.frame.downloads import attachment

BYTE_ORDER_MARK = "\ufeff"
# A file is all that was asked for, or none: a list that is longer is narrowed first.
MOST_ROWS = 20_000


def wants_csv(request: HttpRequest) -> bool:
    """Tell whether the page's table is asked for as a file."""
    return request.GET.get("format") == "csv"


def too_long(request: HttpRequest, count: int) -> HttpResponse | None:
    """Lead back to the page, saying so, where a list is too long for one file; else None."""
    if count <= MOST_ROWS:
        return None
    said = _("共 %(count)s 行，超过一个文件最多 %(most)s 行：请先筛选，再分次导出。")
    messages.warning(request, said % {"count": count, "most": MOST_ROWS})
    query = request.GET.copy()
    query.pop("format")
    return redirect(f"{request.path}?{query.urlencode()}")


def csv_of(name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return the rows as `name`.csv: UTF-8 with the mark that spreadsheets want, amounts bare."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([cell(head) for head in heads])
    writer.writerows([cell(one) for one in row] for row in rows)
    content = (BYTE_ORDER_MARK + text.getvalue()).encode()
    return attachment(content, f"{name}.csv", "text/csv; charset=utf-8")


def cell(value: Any) -> str:
    """Return a cell's text: amounts with two decimals, dates as ISO, texts never as formulas."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return value.text()
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (date, int, Decimal)):
        return str(value)
    return plain(str(value))
