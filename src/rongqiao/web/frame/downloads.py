"""Answers that are files: tables as CSV, private papers. Never cached, never guessed at, never run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.timezone import localtime

from rongqiao.finance.money import Money

Cell = str | Promise | int | Decimal | Money | date | datetime | None
# A spreadsheet runs a cell that begins like this; the quote makes it text (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wants_csv(request: HttpRequest) -> bool:
    """Tell whether the page's table is asked for as a file."""
    return request.GET.get("format") == "csv"


def table(
    name: str, header: Sequence[str | Promise], rows: Iterable[Sequence[Cell]]
) -> HttpResponse:
    """Return a table as CSV that spreadsheets open in Chinese: UTF-8 with its mark, amounts bare."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(str(title)) for title in header])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return attachment(("\ufeff" + text.getvalue()).encode(), name, "text/csv; charset=utf-8")


def attachment(content: bytes, name: str, media_type: str) -> HttpResponse:
    """Return a private file for saving: not shown in the page, not sniffed, not kept by caches."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return value.text()
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (int, Decimal, date)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
