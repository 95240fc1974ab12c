"""A table as a file to keep: a workbook with real numbers and dates, or paper with a heading.

Texts are those of the CSV (web.frame.exports): one that a spreadsheet would run is made plain.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any, NoReturn

from django.http import HttpResponse
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.exports import cell
from rongqiao.web.templatetags.figures import money

# Its account of every step of the layout is of no use in a server's log.
logging.getLogger("weasyprint").setLevel(logging.WARNING)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What XML 1.0 cannot hold (2.2), and so no workbook.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDEST = 48
_FONTS = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'
_STYLE = f"""
@page {{ size: A4; margin: 16mm 14mm 18mm;
  @bottom-right {{ content: counter(page) " / " counter(pages); font: 8pt {_FONTS}; }}
  @bottom-left {{ content: string(foot); font: 8pt {_FONTS}; color: #444; }} }}
body {{ font: 9pt/1.5 {_FONTS}; color: #111; }}
h1 {{ font-size: 15pt; margin: 0 0 4mm; }}
.foot {{ string-set: foot content(); height: 0; overflow: hidden; }}
dl {{ display: grid; grid-template-columns: auto 1fr auto 1fr; gap: 1mm 4mm; margin: 0 0 5mm; }}
dt {{ color: #444; }} dd {{ margin: 0; font-variant-numeric: tabular-nums; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ border-bottom: 0.3pt solid #999; padding: 1mm 1.5mm; text-align: left; }}
th {{ border-bottom: 0.8pt solid #111; white-space: nowrap; }}
tr {{ break-inside: avoid; }}
.r {{ text-align: right; white-space: nowrap; }}
"""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table with its heading: `facts` are label and value, `rows` have a cell for every head.

    Cells are texts, Money (yuan), whole numbers, dates or instants (shown in China time).
    """

    title: str
    facts: Sequence[tuple[str, Any]]
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def xlsx_of(name: str, sheet: Sheet) -> HttpResponse:
    """Return the sheet as `name`.xlsx: the heading, an empty row, heads and rows."""
    return attachment(_workbook(sheet), f"{name}.xlsx", XLSX)


def pdf_of(name: str, sheet: Sheet) -> HttpResponse:
    """Return the sheet as `name`.pdf; the heads stand on every page."""
    return attachment(_paper(sheet), f"{name}.pdf", "application/pdf")


def _workbook(sheet: Sheet) -> bytes:
    # The library takes a tenth of a second to load: only who asks for a workbook pays for it.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    page = book.create_sheet(_NOT_XML.sub("", sheet.title)[:31])
    widths = [
        max([_width(sheet.heads[at]), *(_width(_plain(row[at])) for row in sheet.rows[:200])])
        for at in range(len(sheet.heads))
    ]
    for at, width in enumerate(widths):
        page.column_dimensions[get_column_letter(at + 1)].width = min(width, _WIDEST) + 3
    page.freeze_panes = f"A{len(sheet.facts) + 4}"

    def written(value: Any, *, bold: bool = False) -> Any:
        is_text = not isinstance(value, (Money, date, int, Decimal))
        one = WriteOnlyCell(page, _NOT_XML.sub("", cell(value)) if is_text else _number(value))
        if is_text:
            one.data_type = "s"
        # A style is looked up anew for every cell that is given one: most need none.
        elif not isinstance(value, int):
            one.number_format = _format(value)
        if bold:
            one.font = Font(bold=True)
        return one

    page.append([written(sheet.title, bold=True)])
    for label, value in sheet.facts:
        page.append([written(label), written(value)])
    page.append([])
    page.append([written(head, bold=True) for head in sheet.heads])
    for row in sheet.rows:
        page.append([written(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _number(value: Money | date | Decimal | int) -> Any:
    if isinstance(value, Money):
        return Decimal(value.minor).scaleb(-2)
    # Workbooks know no time zones.
    return localtime(value).replace(tzinfo=None) if isinstance(value, datetime) else value


def _format(value: Any) -> str:
    if isinstance(value, Money):
        return "#,##0.00"
    if isinstance(value, datetime):
        return "yyyy-mm-dd hh:mm:ss"
    return "yyyy-mm-dd" if isinstance(value, date) else "General"


def _plain(value: Any) -> str:
    return money(value) if isinstance(value, Money) else cell(value)


def _width(text: str) -> int:
    """Return how wide a text is: a Chinese character takes two places."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _paper(sheet: Sheet) -> bytes:
    # Loading the layout engine takes as long as laying out a page; only who prints pays for it.
    from weasyprint import HTML  # noqa: PLC0415

    facts = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(_printed(value))}</dd>"
        for label, value in sheet.facts
    )
    heads = "".join(f"<th>{escape(head)}</th>" for head in sheet.heads)
    rows = "".join(f"<tr>{''.join(map(_printed_cell, row))}</tr>" for row in sheet.rows)
    title = escape(sheet.title)
    page = (
        f'<!doctype html><html lang="{get_language() or "zh-hans"}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>"
        f'<h1>{title}</h1><p class="foot">{escape(_("共 %(n)s 行") % {"n": len(sheet.rows)})}</p>'
        f"<dl>{facts}</dl><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"</body></html>"
    )
    content: bytes = HTML(string=page, url_fetcher=_refuse).write_pdf()
    return content


def _printed(value: Any) -> str:
    """Return what stands on paper, where nothing runs a text."""
    if isinstance(value, Money):
        return money(value)
    return value if isinstance(value, str) else cell(value)


def _printed_cell(value: Any) -> str:
    look = ' class="r"' if isinstance(value, Money) else ""
    return f"<td{look}>{escape(_printed(value))}</td>"


def _refuse(url: str, *_options: Any, **_more: Any) -> NoReturn:
    raise ValueError(f"a printed table fetches nothing: {url[:80]}")
