"""Officers decide: one takes the case, two look above the line, nobody decides on their own."""

from datetime import date, timedelta

import pytest

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import (
    OwnAffair,
    ReasonNeeded,
    RoleNeeded,
    SecondPersonNeeded,
    StepNotDrawn,
)
from rongqiao.lending.origination.conduct.reviewing import NotAssigned, OfferRefused
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
from rongqiao.lending.origination.operations.deciding.take_review import (
    TakenByAnother,
    TakeReview,
    take_review,
)
from rongqiao.lending.origination.operations.signing.accept_offer import OfferEnded
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.desk import get_case as case_at
from rongqiao.lending.origination.queries.reviewing.queue import (
    QueueFilters,
    count_queue,
    list_queue,
)
from rongqiao.platform import clock
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.refusals import NotFound
from tests.makers.journeys import (
    Borrower,
    accept,
    apply,
    give_role,
    hand_in,
    make_borrower,
    save,
    start,
)
from tests.parties.people import actor, make_user

WHY = "收入与流水相符，用途真实。"


@pytest.fixture
def referred(call, borrower):
    """60,000 yuan is above the policy's automatic line and the product's four-eyes line."""
    application_id, state = apply(
        call, borrower, amount="60000", term_count="24", monthly_income="20000"
    )
    assert state == "referred"
    return application_id


@pytest.fixture
def small(call, borrower):
    """A case for a person whose amount one officer may decide alone."""
    application_id, state = apply(call, borrower, amount="40000", monthly_income="6000")
    assert state == "referred"
    return application_id


def get_case(application_id, officer_id):
    return case_at(application_id, officer_id, clock.now())


def take(call, user_id, application_id):
    return take_review(TakeReview(application_id=application_id), call(actor=actor(user_id)))


def recommended(call, user_id, application_id, amount="60000", grade="A", **changes):
    command = Recommend(
        application_id=application_id,
        amount=Money.yuan(amount),
        term_count=changes.get("term_count", 24),
        grade=grade,
        reason=changes.get("reason", WHY),
        override="income-proven-otherwise",
    )
    return recommend(command, call(actor=actor(user_id)))


def approved(call, user_id, application_id, reason=WHY):
    return approve(
        Approve(application_id=application_id, reason=reason), call(actor=actor(user_id))
    )


def test_above_the_line_it_takes_two(call, staff, borrower, referred):
    take(call, staff.reviewer, referred)
    assert recommended(call, staff.reviewer, referred).state == "recommended"
    assert approved(call, staff.approver, referred).state == "approved"
    view = get_application(referred, borrower.user_id)
    assert view.row.offer.amount == Money.yuan("60000")
    assert accept(call, borrower, referred).state == "accepted"


def test_up_to_the_line_one_is_enough(call, staff, borrower, small):
    take(call, staff.reviewer, small)
    done = recommended(call, staff.reviewer, small, amount="30000", term_count=12)
    assert done.state == "approved"
    states = [one.state for one in get_application(small, borrower.user_id).milestones]
    assert states[-2:] == ["recommended", "approved"]


def test_who_recommended_does_not_approve(call, staff, referred):
    take(call, staff.both, referred)
    recommended(call, staff.both, referred)
    with pytest.raises(SecondPersonNeeded):
        approved(call, staff.both, referred)
    approved(call, staff.approver, referred)


def test_the_approver_may_decline_too(call, staff, borrower, referred):
    take(call, staff.reviewer, referred)
    recommended(call, staff.reviewer, referred)
    command = Decline(
        application_id=referred,
        codes=("purpose-not-proven",),
        reason=WHY,
        override="facts-doubtful",
    )
    with pytest.raises(RoleNeeded):
        decline(command, call(actor=actor(staff.reviewer)))
    assert decline(command, call(actor=actor(staff.approver))).state == "declined"
    view = get_application(referred, borrower.user_id)
    assert [one.code for one in view.reasons] == ["purpose-not-proven"]
    assert view.row.apply_again_on == date(2026, 4, 5)


def test_a_smaller_offer_is_taken_by_the_borrower(call, staff, borrower, referred):
    take(call, staff.reviewer, referred)
    offer = Counter(
        application_id=referred, amount=Money.yuan("50000"), term_count=24, grade="B", reason=WHY
    )
    assert counter(offer, call(actor=actor(staff.reviewer))).state == "countered"
    assert accept(call, borrower, referred).state == "accepted"
    states = [one.state for one in get_application(referred, borrower.user_id).milestones]
    assert states[-3:] == ["countered", "approved", "accepted"]


def test_one_officer_alone_offers_no_more_than_the_line(call, staff, referred):
    take(call, staff.reviewer, referred)
    offer = Counter(
        application_id=referred, amount=Money.yuan("55000"), term_count=24, grade="B", reason=WHY
    )
    with pytest.raises(SecondPersonNeeded):
        counter(offer, call(actor=actor(staff.reviewer)))


def test_a_returned_case_is_mended_and_comes_again(call, staff, borrower, referred):
    take(call, staff.reviewer, referred)
    command = ReturnToBorrower(application_id=referred, codes=("document-unclear",), reason=WHY)
    assert return_to_borrower(command, call(actor=actor(staff.reviewer))).state == "returned"
    view = get_application(referred, borrower.user_id)
    assert view.is_editable
    assert view.row.offer is None
    assert [one.code for one in view.reasons] == ["document-unclear"]
    save(call, borrower, referred, "loan", amount="20000", term_count="12", purpose="education")
    assert hand_in(call, borrower, referred).state == "approved"
    states = [one.state for one in get_application(referred, borrower.user_id).milestones]
    assert states == [
        "draft", "submitted", "screening", "referred", "returned",
        "draft", "submitted", "screening", "approved",
    ]  # fmt: skip


def test_a_case_is_in_one_pair_of_hands(call, staff, referred):
    first = take(call, staff.reviewer, referred)
    assert take(call, staff.reviewer, referred) == first
    with pytest.raises(TakenByAnother):
        take(call, staff.both, referred)
    with pytest.raises(NotAssigned):
        recommended(call, staff.both, referred)
    release_review(ReleaseReview(application_id=referred), call(actor=actor(staff.reviewer)))
    take(call, staff.both, referred)


def test_without_taking_it_nothing_is_decided(call, staff, referred):
    with pytest.raises(NotAssigned):
        recommended(call, staff.reviewer, referred)
    with pytest.raises(NotAssigned):
        decline(
            Decline(
                application_id=referred,
                codes=("other-risk",),
                reason=WHY,
                override="facts-doubtful",
            ),
            call(actor=actor(staff.reviewer)),
        )


def test_roles_are_needed(call, staff, borrower, referred):
    for user_id in (staff.approver, staff.operator, borrower.user_id, make_user()):
        with pytest.raises(RoleNeeded):
            take(call, user_id, referred)
    take(call, staff.reviewer, referred)
    recommended(call, staff.reviewer, referred)
    for user_id in (staff.reviewer, staff.operator, borrower.user_id):
        with pytest.raises(RoleNeeded):
            approved(call, user_id, referred)


def test_nobody_decides_on_their_own_application(call, staff, borrower, referred):
    first, second = staff.administrators
    give_role(call, first, second, borrower.user_id, "reviewer")
    give_role(call, first, second, borrower.user_id, "approver")
    with pytest.raises(OwnAffair):
        take(call, borrower.user_id, referred)
    take(call, staff.reviewer, referred)
    recommended(call, staff.reviewer, referred)
    with pytest.raises(OwnAffair):
        approved(call, borrower.user_id, referred)
    case = get_case(referred, borrower.user_id)
    assert case.is_own_affair
    assert case.actions == ()


def test_nobody_decides_on_their_own_firm(call, staff, firm):
    application_id, state = apply(call, firm, "working-capital", sector="construction")
    assert state == "referred"
    first, second = staff.administrators
    give_role(call, first, second, firm.user_id, "reviewer")
    with pytest.raises(OwnAffair):
        take(call, firm.user_id, application_id)


BAD_OFFERS = [
    {"amount": "0"},
    {"amount": "-1000"},
    {"amount": "999.99"},
    {"amount": "60000.01"},
    {"amount": "200000"},
    {"term_count": 0},
    {"term_count": -1},
    {"term_count": 37},
    {"term_count": 10**9},
    {"grade": "Z"},
    {"grade": ""},
    {"grade": "ａ"},
]


def test_an_offer_outside_product_and_request_is_refused(call, staff, referred):
    take(call, staff.reviewer, referred)
    for changes in BAD_OFFERS:
        with pytest.raises(OfferRefused) as refused:
            recommended(call, staff.reviewer, referred, **changes)
        assert refused.value.facts["allowed"], changes


def test_a_decision_has_a_readable_reason(call, staff, referred):
    take(call, staff.reviewer, referred)
    for reason in ("", "   ", "好", "x" * 1001, "a\x00bcd", "\u202eevil"):
        with pytest.raises(ReasonNeeded):
            recommended(call, staff.reviewer, referred, reason=reason)


def test_a_decline_tells_the_borrower_a_known_reason(call, staff, referred):
    take(call, staff.reviewer, referred)
    for codes in ((), ("",), ("made-up",), ("other-risk", "made-up")):
        command = Decline(
            application_id=referred, codes=codes, reason=WHY, override="facts-doubtful"
        )
        with pytest.raises(ReasonNeeded):
            decline(command, call(actor=actor(staff.reviewer)))


def test_a_draft_is_no_officers_business(call, staff, borrower):
    draft = start(call, borrower, "consumer-monthly")
    with pytest.raises(NotFound):
        take(call, staff.reviewer, draft)
    with pytest.raises(NotFound):
        get_case(draft, staff.reviewer)


def test_what_is_approved_is_not_reviewed_again(call, staff, borrower):
    application_id, state = apply(call, borrower)
    assert state == "approved"
    with pytest.raises(StepNotDrawn):
        take(call, staff.reviewer, application_id)


def test_the_queue_shows_who_waits_and_what_may_be_done(
    call, clock, staff, referred, django_assert_max_num_queries
):
    clock.move(timedelta(minutes=1))
    other = make_borrower(call, 11)
    apply(call, other, amount="60000", term_count="24", monthly_income="20000")
    with django_assert_max_num_queries(9):
        queue = list_queue(QueueFilters(), clock.instant)
    assert queue[0].row.id == referred
    assert len(queue) == 2
    assert queue[0].party.name.startswith("王")
    assert "小明" not in queue[0].party.name
    assert queue[0].wait.documents_asked == 0
    assert queue[0].wait.failed == 0
    assert [one.code for one in queue[0].reasons] == ["amount-needs-a-person"]
    counts = count_queue(clock.instant)
    assert (counts.referred, counts.recommended, counts.free) == (2, 0, 2)
    assert get_case(referred, staff.reviewer).actions == ("take",)
    take(call, staff.reviewer, referred)
    assert list_queue(QueueFilters(reviewer_id=staff.reviewer), clock.instant)[0].row.id == referred
    case = get_case(referred, staff.reviewer)
    assert set(case.actions) == {
        *("recommend", "counter", "decline", "return", "release"),
        *("ask-documents", "reassign"),
    }
    assert sum(part.points for part in case.decisions[0].parts) + 480 == case.decisions[0].score
    assert case.answers["loan"]["amount"] == "60000.00"
    recommended(call, staff.reviewer, referred)
    assert get_case(referred, staff.approver).actions == ("approve", "decline")
    assert get_case(referred, staff.approver).decisions[-1].note == WHY


def test_an_offer_ends(call, clock, staff, borrower, small):
    take(call, staff.reviewer, small)
    recommended(call, staff.reviewer, small, amount="30000", term_count=12)
    BusinessDate.objects.update(on=date(2026, 2, 5))
    clock.move(timedelta(days=31))
    with pytest.raises(OfferEnded):
        accept(call, borrower, small)


def test_a_stranger_accepts_nothing(call, staff, small):
    take(call, staff.reviewer, small)
    recommended(call, staff.reviewer, small, amount="30000", term_count=12)
    stranger = make_borrower(call, 12)
    with pytest.raises(NotFound):
        accept(call, Borrower(stranger.user_id, stranger.party_id), small)
