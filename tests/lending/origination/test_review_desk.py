"""The review desk's verbs: documents asked for, a case passed on, a person asked for."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice
from rongqiao.lending.origination.conduct.cases import (
    OwnAffair,
    ReasonNeeded,
    RoleNeeded,
    StepNotDrawn,
)
from rongqiao.lending.origination.conduct.overriding import OverrideReasonNeeded
from rongqiao.lending.origination.conduct.reviewing import NotAssigned
from rongqiao.lending.origination.models import Application, Document
from rongqiao.lending.origination.models.desk import (
    DocumentRequest,
    Override,
    Reassignment,
    ReviewRequest,
    Waiting,
)
from rongqiao.lending.origination.operations.applying.ask_for_review import (
    DecidedByAPerson,
    WordsTooLong,
)
from rongqiao.lending.origination.operations.applying.filing import DocumentRefused
from rongqiao.lending.origination.operations.applying.submit import TooSoonAgain
from rongqiao.lending.origination.operations.applying.supply_document import DocumentNotAsked
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.operations.deciding.reassign import NotAReviewer
from rongqiao.lending.origination.operations.deciding.request_documents import (
    BadDueDay,
    DocumentsAskedAlready,
    DropRequest,
    NothingAsked,
    drop_request,
)
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.desk import get_case
from rongqiao.platform import clock, relay
from rongqiao.platform.models import OperationRecord
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.credit.review_times import CHINA
from tests.makers import reviewing as desk
from tests.makers.journeys import apply, give_role, make_borrower
from tests.parties.people import actor, make_user


@pytest.fixture
def hire(call, staff):
    """Return `hire(*roles)`: the id of somebody new who holds them."""

    def make(*roles):
        user_id = make_user()
        for role in roles:
            give_role(call, *staff.administrators, user_id, role)
        return user_id

    return make


def due_on(case):
    return Waiting.objects.get(pk=case).due_at.astimezone(CHINA).date()


def told(borrower):
    relay.drain(SUBSCRIBERS)
    rows = Notice.objects.filter(user_id=borrower.user_id)
    return set(rows.values_list("kind", flat=True))


# Documents


def test_the_borrower_is_told_brings_them_and_the_case_goes_on(call, clock, staff, products):
    case, borrower = desk.referred(call)
    assert due_on(case) == date(2026, 1, 6)
    desk.taken(call, staff.reviewer, case)
    desk.ask_documents(call, staff.reviewer, case)
    assert told(borrower) == {"documents-asked"}
    # Asked until Monday the 12th; a business day after that it is the officer's turn again.
    assert due_on(case) == date(2026, 1, 13)
    asked = get_application(case, borrower.user_id).asked
    assert [slot.kind for slot in asked.slots] == ["bank-statement", "credit-report"]
    assert asked.words == "请补充近六个月的流水。"
    clock.move(timedelta(days=2))
    assert desk.supply(call, borrower, case, "bank-statement").missing == 1
    assert get_application(case, borrower.user_id).asked.missing == 1
    assert desk.supply(call, borrower, case, "credit-report").missing == 0
    assert get_application(case, borrower.user_id).asked is None
    assert due_on(case) == date(2026, 1, 8)
    view = get_case(case, staff.reviewer, clock.instant)
    assert view.reviewer_id == staff.reviewer
    assert "ask-documents" in view.actions
    assert {slot.kind for slot in view.documents if slot.document} >= {"credit-report"}
    assert view.requests[0].end == "arrived"


def test_a_clearer_copy_takes_the_place_of_what_was_there(call, staff, products):
    case, borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    desk.ask_documents(call, staff.reviewer, case, "id-front")
    desk.supply(call, borrower, case, "id-front")
    kept = Document.objects.filter(application=case, kind="id-front")
    assert kept.count() == 2
    assert kept.filter(removed_at=None).count() == 1


def test_only_what_is_asked_for_is_taken_and_only_from_its_borrower(call, staff, products):
    case, borrower = desk.referred(call)
    with pytest.raises(DocumentNotAsked):
        desk.supply(call, borrower, case, "bank-statement")
    desk.taken(call, staff.reviewer, case)
    desk.ask_documents(call, staff.reviewer, case, "bank-statement")
    with pytest.raises(DocumentNotAsked):
        desk.supply(call, borrower, case, "credit-report")
    with pytest.raises(NotFound):
        desk.supply(call, make_borrower(call, 9), case, "bank-statement")
    with pytest.raises(DocumentRefused):
        desk.supply(call, borrower, case, "bank-statement", content=b"GIF89a", name="a.gif")
    assert DocumentRequest.objects.get().ended_at is None


def test_one_request_at_a_time_by_whoever_has_the_case_until_a_near_day(call, staff, products):
    case, _borrower = desk.referred(call)
    with pytest.raises(NotAssigned):
        desk.ask_documents(call, staff.reviewer, case)
    desk.taken(call, staff.reviewer, case)
    with pytest.raises(ReasonNeeded):
        desk.ask_documents(call, staff.reviewer, case, "a-cat")
    for days in (0, 31, -1):
        with pytest.raises(BadDueDay):
            desk.ask_documents(call, staff.reviewer, case, days=days)
    desk.ask_documents(call, staff.reviewer, case, days=30)
    with pytest.raises(DocumentsAskedAlready):
        desk.ask_documents(call, staff.reviewer, case)


def test_a_request_may_be_taken_back_once(call, staff, products):
    case, borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    desk.ask_documents(call, staff.reviewer, case)
    as_reviewer = actor(staff.reviewer)
    drop_request(DropRequest(application_id=case), call(actor=as_reviewer))
    assert get_application(case, borrower.user_id).asked is None
    with pytest.raises(NothingAsked):
        drop_request(DropRequest(application_id=case), call(actor=as_reviewer))


def test_a_decision_ends_what_was_waited_for(call, staff, products):
    case, borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    desk.ask_documents(call, staff.reviewer, case)
    desk.turned_down(call, staff.reviewer, case, override="facts-doubtful")
    assert DocumentRequest.objects.get().end == "ended"
    assert not Waiting.objects.exists()
    with pytest.raises(StepNotDrawn):
        desk.supply(call, borrower, case, "bank-statement")


# Passing a case on


def test_a_case_passes_to_another_reviewer_and_its_time_runs_on(call, clock, staff, hire, products):
    case, _borrower = desk.referred(call)
    other = hire("reviewer")
    desk.taken(call, staff.reviewer, case)
    clock.move(timedelta(hours=3))
    desk.give(call, staff.reviewer, case, other)
    assert due_on(case) == date(2026, 1, 6)
    view = get_case(case, other, clock.instant)
    assert view.reviewer_id == other
    assert "recommend" in view.actions
    (move,) = view.moves
    assert (move.was_with, move.goes_to, move.code) == (staff.reviewer, other, "workload")
    assert move.words == desk.WHY
    with pytest.raises(NotAssigned):
        desk.recommended(call, staff.reviewer, case)
    assert desk.recommended(call, other, case).state == "recommended"


def test_the_reviewer_or_an_approver_passes_on_and_only_to_a_reviewer(call, staff, hire, products):
    case, borrower = desk.referred(call)
    other = hire("reviewer")
    with pytest.raises(NotAssigned):
        desk.give(call, staff.approver, case, other)
    desk.taken(call, staff.reviewer, case)
    with pytest.raises(NotAssigned):
        desk.give(call, other, case, other)
    for nobody in (staff.approver, staff.operator, staff.reviewer):
        with pytest.raises(NotAReviewer):
            desk.give(call, staff.reviewer, case, nobody)
    with pytest.raises(RoleNeeded):
        desk.give(call, staff.operator, case, other)
    with pytest.raises(ReasonNeeded):
        desk.give(call, staff.reviewer, case, other, code="a-whim")
    give_role(call, *staff.administrators, borrower.user_id, "reviewer")
    with pytest.raises(OwnAffair):
        desk.give(call, staff.approver, case, borrower.user_id)
    desk.give(call, staff.approver, case, other, code="absence")
    assert Reassignment.objects.get().moved_by == staff.approver


# Going against the system's word


def test_declining_what_met_every_criterion_asks_why(call, staff, products):
    case, _borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    assert get_case(case, staff.reviewer, clock.now()).is_clean
    for code in ("", "because"):
        with pytest.raises(OverrideReasonNeeded):
            desk.turned_down(call, staff.reviewer, case, override=code)
    desk.turned_down(call, staff.reviewer, case, override="facts-doubtful")
    (kept,) = Override.objects.all()
    assert (kept.kind, kept.code) == ("despite-criteria-met", "facts-doubtful")
    assert kept.officer_id == staff.reviewer
    decision = get_case(case, staff.reviewer, clock.now()).decisions[-1]
    assert (decision.against, decision.override) == ("despite-criteria-met", "facts-doubtful")


def test_going_along_asks_for_no_reason_and_keeps_none(call, staff, products):
    case, _borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    desk.recommended(call, staff.reviewer, case, override="other")
    desk.approved(call, staff.approver, case)
    assert not Override.objects.exists()


def test_whoever_approves_more_than_the_system_found_does_so_on_record_too(call, staff, products):
    case, _borrower = desk.referred(call, monthly_income="5500")
    desk.taken(call, staff.reviewer, case)
    found = get_case(case, staff.reviewer, clock.now()).decisions[0]
    assert found.amount.minor < 6_000_000
    with pytest.raises(OverrideReasonNeeded):
        desk.recommended(call, staff.reviewer, case, grade=found.grade)
    desk.recommended(call, staff.reviewer, case, grade=found.grade, override="security-given")
    desk.approved(call, staff.approver, case)
    kept = Override.objects.order_by("made_at", "decision__number")
    assert [(one.kind, one.code, one.officer_id) for one in kept] == [
        ("more-than-system", "security-given", staff.reviewer),
        ("more-than-system", "security-given", staff.approver),
    ]


def test_no_override_is_changed_and_the_table_refuses_what_the_verbs_do(call, staff, products):
    case, _borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    done = desk.turned_down(call, staff.reviewer, case, override="other")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Override.objects.update(code="data-wrong")
    other, _another = desk.referred(call, 2)
    decision = Application.objects.get(pk=other).decisions.get()
    made = {"officer_id": staff.reviewer, "made_at": clock.now(), "made_on": date(2026, 1, 5)}
    for wrong in ({"kind": "a-mood"}, {"code": ""}, {"decision_id": done.decision_id}):
        row = {"decision_id": decision.pk, "kind": "better-grade", "code": "other", **made, **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            Override.objects.create(application_id=other, **row)


# Asking for a person


def test_a_declined_borrower_asks_for_a_person_who_decides_anew(call, clock, staff, products):
    case, borrower = desk.declined(call)
    before = get_application(case, borrower.user_id)
    assert before.may_ask_for_review
    asked = desk.ask_person(call, borrower, case, "入职时间填错了，实为三年。")
    assert asked.due_on == date(2026, 1, 7)
    assert told(borrower) == {"review-asked"}
    wait = Waiting.objects.get(pk=case)
    assert (wait.is_asked, wait.stage, due_on(case)) == (True, "referred", date(2026, 1, 7))
    after = get_application(case, borrower.user_id)
    assert after.row.state == "referred"
    assert not after.may_ask_for_review
    view = get_case(case, staff.reviewer, clock.instant)
    assert view.review_request.words == "入职时间填错了，实为三年。"
    desk.taken(call, staff.reviewer, case)
    with pytest.raises(OverrideReasonNeeded):
        desk.recommended(call, staff.reviewer, case, "20000", term_count=12)
    done = desk.recommended(
        call, staff.reviewer, case, "20000", term_count=12, override="data-wrong"
    )
    assert done.state == "approved"
    kept = ReviewRequest.objects.get()
    assert (kept.answer, kept.answered_by) == ("changed", actor(staff.reviewer))
    assert kept.answer_decision_id == done.decision_id
    assert Override.objects.get().kind == "despite-decline"
    assert told(borrower) == {"review-asked", "decided-approved"}
    assert OperationRecord.objects.filter(name="origination.ask_for_review").count() == 1
    assert "入职" not in str(OperationRecord.objects.get(name="origination.ask_for_review").request)


def test_asking_costs_no_later_day_and_is_answered_once(call, staff, products):
    case, borrower = desk.declined(call)
    day = get_application(case, borrower.user_id).row.apply_again_on
    assert day is not None
    desk.ask_person(call, borrower, case)
    desk.taken(call, staff.reviewer, case)
    desk.turned_down(call, staff.reviewer, case)
    view = get_application(case, borrower.user_id)
    assert (view.row.state, view.row.apply_again_on) == ("declined", day)
    assert view.review_request.answer == "upheld"
    assert not Override.objects.exists()
    assert not view.may_ask_for_review
    with pytest.raises(DecidedByAPerson):
        desk.ask_person(call, borrower, case)


def test_the_answers_time_stands_when_a_second_person_looks(call, clock, staff, products):
    case, borrower = desk.declined(call, amount="60000", term_count="24", monthly_income="20000")
    desk.ask_person(call, borrower, case)
    clock.move(timedelta(days=1))
    desk.taken(call, staff.reviewer, case)
    assert desk.recommended(call, staff.reviewer, case, override="other").state == "recommended"
    assert due_on(case) == date(2026, 1, 7)
    assert ReviewRequest.objects.get().answer == ""
    desk.approved(call, staff.approver, case)
    assert ReviewRequest.objects.get().answer == "changed"


def test_nobody_gets_round_the_pause_by_asking_and_taking_back(call, products):
    case, borrower = desk.declined(call)
    desk.ask_person(call, borrower, case)
    with pytest.raises(TooSoonAgain):
        apply(call, borrower)
    withdraw_application(WithdrawApplication(application_id=case), call(actor=borrower.actor))
    assert ReviewRequest.objects.get().answer == "withdrawn"
    with pytest.raises(TooSoonAgain):
        apply(call, borrower)


def test_an_offer_ends_the_pause(call, staff, products):
    case, borrower = desk.declined(call)
    desk.ask_person(call, borrower, case)
    desk.taken(call, staff.reviewer, case)
    desk.recommended(call, staff.reviewer, case, "20000", term_count=12, override="data-wrong")
    assert Application.objects.get(pk=case).apply_again_on is None


def test_only_who_was_declined_may_ask_and_in_readable_words(call, staff, products):
    case, borrower = desk.declined(call)
    with pytest.raises(NotFound):
        desk.ask_person(call, make_borrower(call, 9), case)
    for words in ("长" * 501, "a\x07b"):
        with pytest.raises(WordsTooLong):
            desk.ask_person(call, borrower, case, words)
    other, another = desk.referred(call, 3)
    with pytest.raises(StepNotDrawn):
        desk.ask_person(call, another, other)
    desk.ask_person(call, borrower, case)
    with pytest.raises(StepNotDrawn):
        desk.ask_person(call, borrower, case)


def test_nobody_answers_their_own_request(call, staff, products):
    case, borrower = desk.declined(call)
    give_role(call, *staff.administrators, borrower.user_id, "reviewer")
    desk.ask_person(call, borrower, case)
    with pytest.raises(OwnAffair):
        desk.taken(call, borrower.user_id, case)
