"""Every table of finance as a file: CSV for programs, a workbook for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.sheets import Sheet, xlsx_of

# A file holds at most this many rows; a list that is longer is narrowed first.
MOST_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as a file: `name` of the file, title, heads, and rows made when it is asked for.

    `facts` are what a workbook tells above the table, label and value.
    """

    name: str
    title: str
    heads: Sequence[str]
    rows: Callable[[], Iterable[Sequence[Any]]]
    facts: Sequence[tuple[str, Any]] = ()


def download(request: HttpRequest, table: Table) -> HttpResponse | None:
    """Return the table as the file that was asked for, or None where the page itself was."""
    if wants_csv(request):
        return csv_of(table.name, table.heads, table.rows())
    if request.GET.get("format") == "xlsx":
        sheet = Sheet(
            title=table.title, facts=table.facts, heads=table.heads, rows=list(table.rows())
        )
        return xlsx_of(table.name, sheet)
    return None
