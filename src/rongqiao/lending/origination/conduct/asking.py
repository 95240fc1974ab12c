"""What a case waits for from its borrower: the open request for documents, and what ends it."""

from __future__ import annotations

from datetime import date

from rongqiao.finance.calendars.business_days import china
from rongqiao.lending.origination.conduct.queueing import open_review_request, time_for
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.models.desk import DocumentRequest, Waiting
from rongqiao.platform.operations import Call
from rongqiao.policies.credit.review_times import due_at, times_on


def wait_for_documents(case: Application, due_on: date, call: Call) -> None:
    """Let the case wait until a business date; after it, its time in the queue begins anew."""
    last = call.at + (due_on - call.on)
    until = due_at(last, "referred", times_on(call.on), china())
    Waiting.objects.filter(application=case).update(documents_due_on=due_on, due_at=until)


def open_request(case: Application) -> DocumentRequest | None:
    """Return the request for documents that the case waits for."""
    return DocumentRequest.objects.filter(application=case, ended_at=None).first()


def end_request(case: Application, request: DocumentRequest, end: str, call: Call) -> None:
    """End a request; the case is in the queue again and its time begins anew."""
    request.ended_at, request.end = call.at, end
    request.save(update_fields=["ended_at", "end"])
    asked = open_review_request(case)
    due = time_for("asked" if asked else case.state, call)
    Waiting.objects.filter(application=case).update(
        documents_due_on=None, since_at=call.at, due_at=due
    )
