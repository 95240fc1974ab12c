"""An agreement on paper: the canonical text and the record of its signing, as PDF."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, NoReturn

from rongqiao.platform.clock import CHINA

# Its account of every step of the layout is of no use in a server's log.
logging.getLogger("weasyprint").setLevel(logging.WARNING)
FONTS = '"Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Serif SC", serif'
_STYLE = f"""
@page {{ size: A4; margin: 22mm 20mm 24mm;
  @bottom-center {{ content: counter(page) " / " counter(pages); font: 9pt {FONTS}; }} }}
body {{ font: 10.5pt/1.7 {FONTS}; color: #111; }}
h1 {{ font-size: 17pt; text-align: center; margin: 0 0 6mm; }}
p {{ margin: 0 0 2mm; text-align: justify; }}
table {{ border-collapse: collapse; width: 100%; font-size: 9pt; margin: 4mm 0; }}
th, td {{ border: 0.3pt solid #666; padding: 1mm 2mm; text-align: right; }}
th:first-child, td:first-child {{ text-align: center; }}
.record {{ border: 0.6pt solid #111; padding: 3mm 4mm; margin-top: 6mm; page-break-inside: avoid; }}
.hash {{ font-family: monospace; font-size: 8pt; word-break: break-all; }}
"""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What goes on paper: the text and, below it, who confirmed it and when."""

    title: str
    number: str
    text: str
    text_sha256: str
    signer: str
    signed_at: datetime
    sheet_sha256: str
    sheet_confirmed_at: datetime


def print_agreement(printed: Printed) -> bytes:
    """Return the agreement as unsigned PDF."""
    return print_page(printed.title, printed.number, text_as_html(printed.text) + _record(printed))


def print_page(title: str, number: str, body: str) -> bytes:
    """Return an unsigned PDF of an HTML body; nothing is fetched from anywhere while it is made."""
    # Loading the layout engine takes as long as laying out a page; only who prints pays for it.
    from weasyprint import HTML  # noqa: PLC0415

    page = (
        f'<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">'
        f"<title>{escape(title)} {escape(number)}</title>"
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )
    content: bytes = HTML(string=page, url_fetcher=_refuse).write_pdf()
    return content


def _refuse(url: str, *_options: Any, **_more: Any) -> NoReturn:
    raise ValueError(f"an agreement fetches nothing: {url[:80]}")


def text_as_html(text: str) -> str:
    """Return a canonical text as HTML: its first line a heading, lines of ` | ` a table."""
    title, *lines = text.rstrip("\n").split("\n")
    parts, rows = [f"<h1>{escape(title)}</h1>"], []
    for line in lines:
        if " | " in line:
            rows.append(line.split(" | "))
        elif line:
            parts.append(f"<p>{escape(line)}</p>")
    return "".join(parts) + _table(rows)


def _table(rows: list[list[str]]) -> str:
    if not rows:
        return ""
    head, *others = rows
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in others
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>"


def _record(printed: Printed) -> str:
    signer = escape(printed.signer)
    lines = (
        f"乙方 {signer} 于 {_moment(printed.sheet_confirmed_at)} 阅读并确认综合融资成本明示表。",
        f"乙方 {signer} 于 {_moment(printed.signed_at)} 签署本合同。",
        f'明示表摘要（SHA-256）：<span class="hash">{printed.sheet_sha256}</span>',
        f'合同正文摘要（SHA-256）：<span class="hash">{printed.text_sha256}</span>',
        "甲方以数字证书签署本文件；对本文件的任何改动均可被发现。",
    )
    return '<div class="record">' + "".join(f"<p>{line}</p>" for line in lines) + "</div>"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}（北京时间）"
