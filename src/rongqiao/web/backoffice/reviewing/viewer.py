"""The papers of a case beside its form: one page at a time, larger or smaller, each by its address.

Pages are shown by the browser itself, from our own site and framed by it alone; no script of a
document ever runs (intake refuses such files, and the policy sent along allows none).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rongqiao.lending.origination.queries.applications import DocumentView
from rongqiao.lending.origination.queries.desk import CaseView, get_case
from rongqiao.lending.origination.queries.file_content import one_page
from rongqiao.platform import clock, files
from rongqiao.platform.refusals import NotFound
from rongqiao.web.backoffice.reviewing import words
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.reasons import shown_name

# In percent of the pane's width.
ZOOMS = (50, 75, 100, 150, 200, 300)
USUAL = 100
# Nothing in it runs, loads or sends; who may frame it is this site.
INERT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@staff(*words.DESK)
def viewer(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Answer the pane alone: the document, page and size the address names."""
    view = _case(request, application_id)
    return render(
        request, "backoffice/reviewing/viewer.html", {"case": view, **pane(request, view)}
    )


@staff(*words.DESK)
def page(
    request: HttpRequest, application_id: UUID, document_id: UUID, number: int
) -> HttpResponse:
    """Return one page of a document, to be shown in the pane; raises NotFound."""
    kept = _document(_case(request, application_id), document_id)
    content = one_page(files.read(kept.file_id), kept.media_type, number)
    response = HttpResponse(content, content_type=kept.media_type)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = INERT
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@staff(*words.DESK)
def document(request: HttpRequest, application_id: UUID, document_id: UUID) -> HttpResponse:
    """Return a document of the case, as a download that no browser runs."""
    view = _case(request, application_id)
    kept = _document(view, document_id)
    name = f"{view.row.number}-{kept.kind}.{kept.media_type.rpartition('/')[2]}"
    return attachment(files.read(kept.file_id), name, kept.media_type)


def pane(request: HttpRequest, view: CaseView) -> dict[str, Any]:
    """Return what the pane shows: every document, the one in view, its page, its size."""
    kept = [slot.document for slot in view.documents if slot.document is not None]
    wanted = request.GET.get("file", "")
    here = next((one for one in kept if str(one.id) == wanted), kept[0] if kept else None)
    number = _number(request.GET.get("page", ""), here.pages if here else 1)
    zoom = next((one for one in ZOOMS if str(one) == request.GET.get("zoom", "")), USUAL)
    at = ZOOMS.index(zoom)
    return {
        "documents": [
            {
                "slot": slot,
                "name": shown_name(slot.kind),
                "is_here": slot.document is not None and slot.document == here,
            }
            for slot in view.documents
        ],
        "paper": here,
        "paper_name": shown_name(here.kind) if here else "",
        "is_image": here is not None and here.media_type.startswith("image/"),
        "number": number,
        "zoom": zoom,
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if here and number < here.pages else None,
        "larger": ZOOMS[at + 1] if at + 1 < len(ZOOMS) else None,
        "smaller": ZOOMS[at - 1] if at else None,
        "usual": USUAL,
    }


def _case(request: HttpRequest, application_id: UUID) -> CaseView:
    return get_case(application_id, UUID(str(request.user.pk)), clock.now())


def _document(view: CaseView, document_id: UUID) -> DocumentView:
    for slot in view.documents:
        if slot.document is not None and slot.document.id == document_id:
            return slot.document
    raise NotFound(what="document")


def _number(text: str, most: int) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) < 4
    return min(max(1, int(text)), most) if is_number else 1
