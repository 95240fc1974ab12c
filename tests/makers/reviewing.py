"""What officers and borrowers do around a review, by the real operations."""

import io
from datetime import timedelta

from pypdf import PdfWriter

from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.applying.ask_for_review import (
    AskForReview,
    ask_for_review,
)
from rongqiao.lending.origination.operations.applying.supply_document import (
    SupplyDocument,
    supply_document,
)
from rongqiao.lending.origination.operations.deciding.approve import Approve, approve
from rongqiao.lending.origination.operations.deciding.decline import Decline, decline
from rongqiao.lending.origination.operations.deciding.reassign import Reassign, reassign
from rongqiao.lending.origination.operations.deciding.recommend import Recommend, recommend
from rongqiao.lending.origination.operations.deciding.request_documents import (
    RequestDocuments,
    request_documents,
)
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from tests.makers.journeys import apply, encoded, make_borrower, picture
from tests.parties.people import actor

WHY = "材料齐全，理由充分。"


def pdf(pages):
    """A PDF of so many empty pages."""
    out, writer = io.BytesIO(), PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 100)
    writer.write(out)
    return out.getvalue()


def referred(call, number=1, **changes):
    """A case for a person because of its size alone, and its borrower."""
    borrower = make_borrower(call, number)
    wish = {"amount": "60000", "term_count": "24", "monthly_income": "20000", **changes}
    case, state = apply(call, borrower, **wish)
    assert state == "referred", state
    return case, borrower


def declined(call, number=1, **changes):
    """A case the policy declined by itself, and its borrower."""
    borrower = make_borrower(call, number)
    case, state = apply(call, borrower, **{"months_established": "1", **changes})
    assert state == "declined", state
    return case, borrower


def taken(call, user_id, case):
    take_review(TakeReview(application_id=case), call(actor=actor(user_id)))


def ask_documents(call, user_id, case, *kinds, days=7):
    made = call(actor=actor(user_id))
    command = RequestDocuments(
        application_id=case,
        kinds=kinds or ("bank-statement", "credit-report"),
        due_on=made.on + timedelta(days=days),
        words="请补充近六个月的流水。",
    )
    return request_documents(command, made)


def supply(call, borrower, case, kind, content=None, name="scan.jpg"):
    command = SupplyDocument(
        application_id=case,
        document_kind=kind,
        name=name,
        content=encoded(picture() if content is None else content),
    )
    return supply_document(command, call(actor=borrower.actor))


def give(call, user_id, case, to, code="workload"):
    command = Reassign(application_id=case, reviewer_id=to, code=code, reason=WHY)
    return reassign(command, call(actor=actor(user_id)))


def ask_person(call, borrower, case, words=""):
    return ask_for_review(
        AskForReview(application_id=case, words=words), call(actor=borrower.actor)
    )


def recommended(call, user_id, case, amount="60000", **changes):
    command = Recommend(
        application_id=case,
        amount=Money.yuan(amount),
        term_count=changes.get("term_count", 24),
        grade=changes.get("grade", "A"),
        reason=WHY,
        override=changes.get("override", ""),
    )
    return recommend(command, call(actor=actor(user_id)))


def approved(call, user_id, case):
    return approve(Approve(application_id=case, reason=WHY), call(actor=actor(user_id)))


def turned_down(call, user_id, case, override="", codes=("purpose-not-proven",)):
    command = Decline(application_id=case, codes=codes, reason=WHY, override=override)
    return decline(command, call(actor=actor(user_id)))
