"""One page of a stored document, by itself: a PDF is taken apart, an image is its only page."""

from __future__ import annotations

import io

from pypdf import PdfReader, PdfWriter

from rongqiao.lending.origination.intake.content import TYPES


class NoSuchPage(LookupError):
    """The document has fewer pages."""


def page_of(content: bytes, media_type: str, number: int) -> bytes:
    """Return page `number` (from 1) in the document's own type; raises NoSuchPage."""
    if media_type != TYPES["pdf"]:
        if number != 1:
            raise NoSuchPage(number)
        return content
    reader = PdfReader(io.BytesIO(content))
    if not 1 <= number <= len(reader.pages):
        raise NoSuchPage(number)
    if len(reader.pages) == 1:
        return content
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_page(reader.pages[number - 1])
    writer.write(out)
    return out.getvalue()
