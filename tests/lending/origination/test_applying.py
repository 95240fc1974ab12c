"""From an empty draft to a screened application: nothing wrong is stored, nothing right is lost."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import StepNotDrawn
from rongqiao.lending.origination.models import Application, Decision, Document
from rongqiao.lending.origination.operations.applying.add_document import (
    AddDocument,
    add_document,
)
from rongqiao.lending.origination.operations.applying.filing import DocumentRefused
from rongqiao.lending.origination.operations.applying.remove_document import (
    RemoveDocument,
    remove_document,
)
from rongqiao.lending.origination.operations.applying.save_step import AnswerRefused
from rongqiao.lending.origination.operations.applying.start_application import (
    KindNotServed,
    TooManyDrafts,
)
from rongqiao.lending.origination.operations.applying.submit import (
    NotComplete,
    ProductWithdrawn,
    TooSoonAgain,
)
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.queries.applications import get_application, list_applications
from rongqiao.lending.products.operations.withdraw_product import WithdrawProduct, withdraw_product
from rongqiao.platform.files import read
from rongqiao.platform.models import OperationRecord, OutboxEvent
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.credit.facts import NO_HISTORY
from tests.makers.journeys import (
    PERSON_ANSWERS,
    apply,
    fill_in,
    hand_in,
    make_borrower,
    save,
    start,
    upload,
)
from tests.parties.people import actor

NOBODY = UUID(int=7)


def test_a_good_application_is_approved_with_its_reasons_and_versions(call, borrower):
    application_id, state = apply(call, borrower)
    assert state == "approved"
    view = get_application(application_id, borrower.user_id)
    assert [one.state for one in view.milestones] == ["draft", "submitted", "screening", "approved"]
    assert [one.code for one in view.reasons] == ["within-policy"]
    assert (view.row.offer.amount, view.row.offer.grade) == (Money.yuan("20000"), "A")
    assert view.row.offer.ends_on == date(2026, 2, 4)
    decision = Decision.objects.get()
    assert decision.versions == {
        "policy": "consumer-2025-01",
        "points": "points-person-1",
        "engine": "tables-1",
        "product": "consumer-monthly/1",
    }
    assert decision.decided_by == borrower.actor
    names = [one.name for one in OutboxEvent.objects.order_by("id")][-2:]
    assert names == ["origination.application-submitted", "origination.application-decided"]


def test_a_firm_applies_for_working_capital(call, firm):
    _, state = apply(call, firm, "working-capital")
    assert state == "approved"


def test_a_saved_step_is_there_again(call, borrower):
    application_id = start(call, borrower, "consumer-monthly")
    saved = save(call, borrower, application_id, "loan", amount="5000", term_count="", purpose="")
    assert "loan.term_count" in saved.missing
    view = get_application(application_id, borrower.user_id)
    values = {one.field.name: one.value for one in view.steps[0].fields}
    assert values == {"amount": "5000.00", "term_count": "", "purpose": ""}
    assert view.row.amount == Money.yuan("5000")
    assert view.is_editable


def test_a_wrong_value_leaves_what_was_saved_before(call, borrower):
    application_id = start(call, borrower, "consumer-monthly")
    save(call, borrower, application_id, "loan", amount="5000", term_count="6")
    with pytest.raises(AnswerRefused):
        save(call, borrower, application_id, "loan", amount="1", term_count="6")
    view = get_application(application_id, borrower.user_id)
    assert view.steps[0].fields[0].value == "5000.00"


BAD_ANSWERS = (
    [
        ("loan", "amount", value)
        for value in (
            "-1",
            "0",
            "0.001",
            "1e3",
            "NaN",
            "Infinity",
            "1,000",
            "１０００",
            "999.99",
            "200000.01",
            "99999999999999.99",
            "abc",
            "1000 000",
            "+5000",
            "0x10",
            "5000\x00",
            "٥٠٠٠",
        )
    ]
    + [
        ("loan", "term_count", value)
        for value in ("2", "37", "0", "-3", "3.5", "１２", "12a", "999999999999", "²")
    ]
    + [
        ("loan", "purpose", value)
        for value in ("shares", "", "EDUCATION", "education ;", "inventory")
        if value
    ]
    + [
        ("work", "employment", "king"),
        ("work", "months_established", "-1"),
        ("work", "months_established", "1201"),
        ("work", "monthly_income", "-0.01"),
        ("work", "monthly_income", "100000000.01"),
        ("household", "housing", "castle"),
        ("household", "monthly_debt_service", "12.345"),
        ("loan", "state", "approved"),
        ("loan", "rate_annual", "0.01"),
        ("work", "amount", "5000"),
    ]
)


def test_a_bad_answer_is_named_and_nothing_is_stored(call, borrower):
    application_id = start(call, borrower, "consumer-monthly")
    for step, field, value in BAD_ANSWERS:
        with pytest.raises(AnswerRefused) as refused:
            save(call, borrower, application_id, step, **{field: value})
        assert refused.value.facts["field"] == field, (step, field, value)
        assert refused.value.facts["allowed"]
    assert Application.objects.get().revision == 0


def test_an_unknown_step_is_refused(call, borrower):
    application_id = start(call, borrower, "consumer-monthly")
    for step in ("", "nowhere", "business", "LOAN"):
        with pytest.raises(AnswerRefused):
            save(call, borrower, application_id, step, amount="5000")


def test_an_incomplete_application_names_every_gap(call, borrower):
    application_id = start(call, borrower, "consumer-monthly")
    save(call, borrower, application_id, "loan", **PERSON_ANSWERS["loan"])
    upload(call, borrower, application_id, "id-front")
    with pytest.raises(NotComplete) as refused:
        hand_in(call, borrower, application_id)
    gaps = refused.value.facts["missing"].split(",")
    assert "work.monthly_income" in gaps
    assert "documents.id-back" in gaps
    assert "documents.id-front" not in gaps
    assert get_application(application_id, borrower.user_id).missing == tuple(gaps)


def test_answers_and_inputs_are_unreadable_in_the_database(call, borrower):
    apply(call, borrower, monthly_income="12345.67")
    case, decision = Application.objects.get(), Decision.objects.get()
    for sealed in (case.answers_sealed, decision.inputs_sealed):
        assert b"12345.67" not in bytes(sealed)
        assert b"education" not in bytes(sealed)
    requests = OperationRecord.objects.filter(name="origination.save_step")
    assert all("12345.67" not in str(one.request) for one in requests)


def test_a_file_is_kept_without_the_name_it_came_with(call, borrower):
    application_id = start(call, borrower, "consumer-monthly")
    upload(call, borrower, application_id, "id-front", name="王小明-身份证.jpg")
    document = Document.objects.get()
    assert read(document.file_id).startswith(b"\xff\xd8\xff")
    record = OperationRecord.objects.get(name="origination.add_document")
    assert "王小明" not in str(record.request)
    assert "hmac:" in record.request["content"]


def test_a_new_document_takes_the_place_of_the_old(call, borrower):
    application_id = start(call, borrower, "consumer-monthly")
    first = upload(call, borrower, application_id, "id-front")
    second = upload(call, borrower, application_id, "id-front")
    view = get_application(application_id, borrower.user_id)
    assert view.documents[0].document.id == second.document_id
    remove = RemoveDocument(application_id=application_id, document_id=second.document_id)
    remove_document(remove, call(actor=borrower.actor))
    assert get_application(application_id, borrower.user_id).documents[0].document is None
    with pytest.raises(NotFound):
        remove_document(replace(remove, document_id=first.document_id), call(actor=borrower.actor))


@pytest.mark.parametrize(
    ("kind", "content"), [("passport", "aGk="), ("id-front", "not base64 !"), ("id-front", "")]
)
def test_a_document_nobody_asked_for_or_can_read_is_refused(call, borrower, kind, content):
    application_id = start(call, borrower, "consumer-monthly")
    command = AddDocument(
        application_id=application_id, document_kind=kind, name="a.jpg", content=content
    )
    with pytest.raises(DocumentRefused):
        add_document(command, call(actor=borrower.actor))
    assert not Document.objects.exists()


def test_others_see_and_change_nothing(call, borrower):
    application_id = fill_in(call, borrower, "consumer-monthly")
    other = make_borrower(call, 9)
    with pytest.raises(NotFound):
        get_application(application_id, other.user_id)
    with pytest.raises(NotFound):
        save(call, other, application_id, "loan", amount="5000")
    with pytest.raises(NotFound):
        upload(call, other, application_id, "id-front")
    with pytest.raises(NotFound):
        hand_in(call, other, application_id)
    with pytest.raises(NotFound):
        start(call, replace(other, party_id=borrower.party_id), "consumer-monthly")
    with pytest.raises(NotFound):
        withdraw_application(
            WithdrawApplication(application_id=application_id), call(actor="system:anything")
        )
    assert list_applications([other.party_id]) == ()


def test_a_product_is_for_the_kinds_it_names(call, borrower, firm):
    with pytest.raises(KindNotServed):
        start(call, firm, "consumer-monthly")
    with pytest.raises(KindNotServed):
        start(call, borrower, "working-capital")
    with pytest.raises(NotFound):
        start(call, borrower, "no-such-product")


def test_drafts_are_not_without_number(call, borrower):
    for _ in range(10):
        start(call, borrower, "consumer-monthly")
    with pytest.raises(TooManyDrafts):
        start(call, borrower, "consumer-monthly")


def test_a_product_taken_off_offer_takes_no_more_applications(call, borrower, staff):
    application_id = fill_in(call, borrower, "consumer-monthly")
    withdraw_product(
        WithdrawProduct(code="consumer-monthly", reason="停售"),
        call(actor=actor(staff.operator)),
    )
    with pytest.raises(ProductWithdrawn):
        hand_in(call, borrower, application_id)


def test_a_decline_names_the_day_of_the_next_try(call, borrower):
    application_id, state = apply(call, borrower, employment="none")
    assert state == "declined"
    view = get_application(application_id, borrower.user_id)
    assert view.row.apply_again_on == date(2026, 2, 4)
    assert view.row.offer is None
    with pytest.raises(TooSoonAgain) as refused:
        apply(call, borrower)
    assert refused.value.facts["allowed"] == "2026-02-04"


def test_who_is_overdue_gets_nothing_new(call, borrower):
    history = replace(NO_HISTORY, days_past_due=5, days_past_due_worst=5, loans_live=1)
    assert apply(call, borrower, history=history)[1] == "declined"


def test_what_is_handed_in_no_longer_changes(call, borrower):
    application_id, _ = apply(call, borrower)
    with pytest.raises(StepNotDrawn):
        save(call, borrower, application_id, "loan", amount="5000")
    with pytest.raises(StepNotDrawn):
        upload(call, borrower, application_id, "id-front")
    with pytest.raises(StepNotDrawn):
        hand_in(call, borrower, application_id)


def test_an_application_is_taken_back(call, borrower):
    application_id, _ = apply(call, borrower)
    take_back = WithdrawApplication(application_id=application_id)
    assert withdraw_application(take_back, call(actor=borrower.actor)).state == "withdrawn"
    with pytest.raises(StepNotDrawn):
        withdraw_application(take_back, call(actor=borrower.actor))


def test_decisions_and_milestones_are_only_ever_added(call, borrower):
    apply(call, borrower)
    for table in ("decision", "milestone"):
        model = Application._meta.apps.get_model("origination", table)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.update(outcome="decline")
