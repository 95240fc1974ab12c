"""Any other paper of lending, printed and signed as agreements are."""

from __future__ import annotations

from rongqiao.lending.origination.paper.printing import print_page, text_as_html
from rongqiao.lending.origination.paper.seal import sign_pdf


def signed_paper(*, title: str, number: str, text: str, below: str = "") -> bytes:
    """Return a canonical text as PDF signed by the platform; `below` is HTML of the caller's own.

    Takes about a second of computing: not inside a transaction.
    """
    signed, _ = sign_pdf(print_page(title, number, text_as_html(text) + below), f"{title} {number}")
    return signed
