"""Every verb in every state: what is not drawn from there is refused, and nothing moves."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Application, Milestone
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.operations.deciding.approve import Approve, approve
from rongqiao.lending.origination.operations.deciding.counter import Counter, counter
from rongqiao.lending.origination.operations.deciding.decline import Decline, decline
from rongqiao.lending.origination.operations.deciding.recommend import Recommend, recommend
from rongqiao.lending.origination.operations.deciding.release_review import (
    ReleaseReview,
    release_review,
)
from rongqiao.lending.origination.operations.deciding.return_to_borrower import (
    ReturnToBorrower,
    return_to_borrower,
)
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from rongqiao.lending.origination.operations.signing.open_cost_sheet import (
    OpenCostSheet,
    open_cost_sheet,
)
from rongqiao.lending.origination.states import FINAL, State
from rongqiao.platform.refusals import Refusal
from tests.makers.journeys import accept, fill_in, hand_in, save, sign, upload
from tests.parties.people import actor

WHY = "核对无误。"
TERMS = {"amount": Money.yuan("20000"), "term_count": 12, "grade": "A", "reason": WHY}
S = State


def verbs(call, staff, borrower, case):
    """Each verb: the states it may start from, and how to try it."""
    reviewer, approver = actor(staff.reviewer), actor(staff.approver)
    own = borrower.actor
    return {
        "save": ({S.DRAFT, S.RETURNED}, lambda: save(call, borrower, case, "loan", amount="5000")),
        "upload": ({S.DRAFT, S.RETURNED}, lambda: upload(call, borrower, case, "id-front")),
        "submit": ({S.DRAFT}, lambda: hand_in(call, borrower, case)),
        "withdraw": (
            set(State) - FINAL,
            lambda: withdraw_application(WithdrawApplication(application_id=case), call(actor=own)),
        ),
        "take": (
            {S.REFERRED},
            lambda: take_review(TakeReview(application_id=case), call(actor=reviewer)),
        ),
        "release": (
            {S.REFERRED},
            lambda: release_review(ReleaseReview(application_id=case), call(actor=reviewer)),
        ),
        "recommend": (
            {S.REFERRED},
            lambda: recommend(Recommend(application_id=case, **TERMS), call(actor=reviewer)),
        ),
        "counter": (
            {S.REFERRED},
            lambda: counter(Counter(application_id=case, **TERMS), call(actor=reviewer)),
        ),
        "return": (
            {S.REFERRED},
            lambda: return_to_borrower(
                ReturnToBorrower(application_id=case, codes=("facts-differ",), reason=WHY),
                call(actor=reviewer),
            ),
        ),
        "decline": (
            {S.REFERRED, S.RECOMMENDED},
            lambda: decline(
                Decline(application_id=case, codes=("other-risk",), reason=WHY),
                call(actor=reviewer),
            ),
        ),
        "approve": (
            {S.RECOMMENDED},
            lambda: approve(Approve(application_id=case, reason=WHY), call(actor=approver)),
        ),
        "accept": ({S.APPROVED, S.COUNTERED}, lambda: accept(call, borrower, case)),
        "open sheet": (
            {S.ACCEPTED},
            lambda: open_cost_sheet(OpenCostSheet(application_id=case), call(actor=own)),
        ),
        "sign": ({S.ACCEPTED}, lambda: sign(call, borrower, case, UUID(int=1))),
    }


@pytest.mark.parametrize("state", State)
def test_a_verb_that_is_not_drawn_from_here_is_refused(call, staff, borrower, state):
    case = fill_in(call, borrower, "consumer-monthly")
    Application.objects.filter(pk=case).update(
        state=state,
        offered_minor=20_000_00,
        offered_term=12,
        offered_rate_annual=Decimal("0.1"),
        offer_ends_on=date(2026, 2, 1),
    )
    before = Milestone.objects.count()
    tried = 0
    for name, (starts, attempt) in verbs(call, staff, borrower, case).items():
        if state in starts:
            continue
        with pytest.raises(Refusal) as refused:
            attempt()
        # To officers a draft does not even exist.
        assert refused.value.code in ("origination.step-not-drawn", "platform.not-found"), name
        tried += 1
    assert tried >= 7
    assert Milestone.objects.count() == before
    assert Application.objects.get(pk=case).state == state
