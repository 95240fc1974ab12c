"""Outside sources: consent first, one charge, one answer, kept sealed, never later than asked."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from rongqiao.parties.operations.consents.withdraw_consent import WithdrawConsent, withdraw_consent
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.operations.refusals import NotYours
from rongqiao.platform.crypto import Unreadable
from rongqiao.policies.consents import TEXTS, text_of
from rongqiao.policies.credit.sources import BY_CODE, SOURCES, Fallback, fallbacks_of
from rongqiao.policies.identifiers import resident_id
from rongqiao.risk.jobs import inquiring
from rongqiao.risk.judging.features import doubts_identity
from rongqiao.risk.models.inquiries import Inquiry, InquiryDay
from rongqiao.risk.models.sealed_inquiries import seal_answer, subject_index, unseal_answer
from rongqiao.risk.operations.inquiring.open_inquiry import (
    AskedTooOften,
    ConsentMissing,
    ElementMissing,
    SourceNotForParty,
)
from rongqiao.risk.queries.features import features_of
from rongqiao.risk.queries.inquiring.health import health_of_sources
from rongqiao.risk.queries.inquiring.inquiries import answers_about
from rongqiao.risk.queries.inquiring.standing import standing_of
from tests.parties.people import actor, card, make_person, resident
from tests.risk.inquiring.conftest import Subject, agree

PERSONAL = ("identity", "phone", "judicial", "bureau", "score")


@pytest.mark.parametrize("source", SOURCES, ids=lambda one: one.code)
def test_every_source_has_all_that_it_needs(source):
    text = max((one for one in TEXTS if one.kind == source.consent), key=lambda one: one.version)
    assert text.is_withdrawable
    assert source.cost_minor > 0 < source.cache_days
    assert source.daily_budget_minor >= 100 * source.cost_minor
    assert 1 <= source.timeout_seconds <= 10
    assert 1 <= source.tries <= 3
    assert source.facts
    assert {"name", "number"} <= set(source.elements)
    assert all(law and article.startswith("第") for law, article in source.legal_basis)
    assert (source.fallback is Fallback.ANOTHER) == bool(source.instead)
    # Whoever stands in answers about the same subjects, and the chain has an end.
    assert all(source.about <= other.about for other in fallbacks_of(source.code))


def test_a_face_has_a_consent_of_its_own_and_a_report_one_in_writing():
    assert {one.code for one in SOURCES if one.consent == "face_check"} == {"face"}
    face = text_of("face_check", "2026-01").wording
    assert "敏感个人信息" in face
    assert "单独同意" in face
    assert ("征信业管理条例", "第十八条") in BY_CODE["bureau"].legal_basis


@pytest.mark.parametrize("source", PERSONAL)
def test_a_person_is_asked_about_and_the_answer_is_sealed(registries, person, ask, source):
    row = ask(person, source)
    assert row.outcome == "answered", row.fault
    assert row.asked_sealed is None
    assert (row.tries, row.charged_minor) == (1, BY_CODE[source].cost_minor)
    assert row.consent_kind == BY_CODE[source].consent
    assert row.cached_until == row.answered_at + timedelta(days=BY_CODE[source].cache_days)
    assert row.subject_shown == f"王** {resident(1)[:4]}**********{resident(1)[-4:]}"
    facts = json.loads(unseal_answer(row.answer_sealed, row.pk, row.answer_sha256))
    assert set(facts) <= {fact.name for fact in BY_CODE[source].facts}
    assert registries.counted() == {source: 1}


@pytest.mark.parametrize("source", ["registry", "judicial", "bureau"])
def test_a_firm_is_asked_about(registries, firm, ask, source):
    assert ask(firm, source).outcome == "answered"


def test_a_recorded_test_of_liveness_is_taken(registries, person, ask):
    row = ask(person, "face", recording="recorded:live:0.97")
    facts = json.loads(unseal_answer(row.answer_sealed, row.pk, row.answer_sha256))
    assert facts == {"liveness": "live", "similarity": "0.97"}
    spoofed = ask(person, "face", recording="recorded:spoof:0.41")
    facts = json.loads(unseal_answer(spoofed.answer_sealed, spoofed.pk, spoofed.answer_sha256))
    assert facts["liveness"] == "spoof"


def test_without_consent_nothing_is_asked(registries, call, ask):
    user_id, party_id = make_person(call, 2)
    agree(call, user_id, "identity_check")
    someone = Subject(user_id, party_id)
    with pytest.raises(ConsentMissing) as caught:
        ask(someone, "bureau")
    assert caught.value.facts == {"consent": "credit_inquiry"}
    assert ask(someone, "identity").outcome == "answered"
    taken_back = WithdrawConsent(user_id=user_id, kind="identity_check")
    withdraw_consent(taken_back, call(actor=actor(user_id)))
    # Not even what is known already is served.
    with pytest.raises(ConsentMissing):
        ask(someone, "identity")
    assert registries.counted() == {"identity": 1}


def test_the_database_takes_no_inquiry_before_its_consent(registries, person, ask):
    row = ask(person, "identity")
    fields = {field.attname: getattr(row, field.attname) for field in Inquiry._meta.fields}
    late = Inquiry(**fields | {"consented_at": row.asked_at + timedelta(seconds=1)})
    late.id = person.user_id
    with pytest.raises(DatabaseError, match="inquiry_after_consent"), transaction.atomic():
        late.save(force_insert=True)


def test_a_stranger_and_a_phoneless_person_are_refused(registries, call, person, ask):
    stranger, _ = make_person(call, 3)
    with pytest.raises(NotYours):
        ask(person, "identity", by=actor(stranger))
    someone = Subject(*make_person(call, 4))
    agree(call, someone.user_id)
    with pytest.raises(ElementMissing):
        ask(someone, "phone")
    with pytest.raises(SourceNotForParty):
        ask(person, "tax")


def test_the_same_question_again_costs_nothing_until_the_answer_is_old(
    registries, person, ask, clock
):
    first = ask(person, "bureau")
    clock.move(timedelta(days=29))
    again = ask(person, "bureau")
    assert (again.served_from_id, again.charged_minor, again.outcome) == (first.pk, 0, "answered")
    clock.move(timedelta(days=2))
    anew = ask(person, "bureau")
    assert anew.served_from_id is None
    assert anew.charged_minor == 200
    assert Inquiry.objects.count() == 3


def test_a_question_under_way_is_not_asked_twice(registries, person, ask):
    first = ask(person, "identity", is_asked=False)
    assert ask(person, "identity", is_asked=False).pk == first.pk
    ask.jobs()
    assert registries.counted() == {"identity": 1}


def test_what_is_not_on_record_is_an_answer_too(registries, call, ask):
    someone = Subject(*make_person(call, 990))
    agree(call, someone.user_id)
    row = ask(someone, "judicial")
    assert (row.outcome, row.charged_minor, row.answer_sealed) == ("no-record", 100, None)
    assert ask(someone, "judicial").served_from_id == row.pk


@pytest.mark.parametrize(
    ("fault", "outcome", "said"),
    [
        ("fail", "failed", "503"),
        ("malformed", "failed", "malformed"),
        ("wrong_signature", "failed", "signature"),
        ("silent", "timed-out", "timeout"),
    ],
)
def test_a_source_that_fails_is_tried_again_and_costs_nothing(
    registries, person, ask, settings, fault, outcome, said
):
    settings.REGISTRIES_PATIENCE = 0.1
    registries.faults(**{fault: 2})
    row = ask(person, "judicial")
    assert (row.outcome, row.fault, row.tries, row.charged_minor) == (outcome, said, 2, 0)
    assert row.asked_sealed is None
    assert InquiryDay.objects.get().spent_minor == 0
    assert ask(person, "judicial").outcome == "answered"
    registries.faults(**{fault: 1})
    other = Subject(person.user_id, person.party_id)
    assert ask(other, "bureau").tries == 2


def test_an_answer_with_a_fact_too_many_or_out_of_bounds_is_none(registries, person, ask):
    registries.say("score", resident(1), score=1200)
    row = ask(person, "score")
    assert (row.outcome, row.fault) == ("failed", "malformed:score")
    registries.say("judicial", resident(1), colour="red")
    assert ask(person, "judicial").fault == "malformed:colour"


def test_a_source_that_does_not_answer_is_stood_in_for(registries, person, ask):
    registries.faults(fail=-1, only="score")
    row = ask(person, "score")
    assert row.outcome == "failed"
    instead = Inquiry.objects.get(instead_of=row)
    assert (instead.source, instead.outcome) == ("bureau", "answered")


def test_after_five_failures_a_source_is_left_alone_for_a_minute(registries, call, ask, clock):
    registries.faults(fail=-1, only="judicial")
    people = [Subject(*make_person(call, number)) for number in range(20, 27)]
    for someone in people:
        agree(call, someone.user_id)
    assert [ask(one, "judicial").outcome for one in people[:5]] == ["failed"] * 5
    asked = ask(people[5], "judicial")
    assert (asked.outcome, asked.fault, asked.cost_minor) == ("refused", "left-alone", 0)
    assert {one.source.code: one.breaker for one in health_of_sources(clock.now())}[
        "judicial"
    ] == "open"
    # Its own cache and other sources go on.
    assert ask(people[5], "bureau").outcome == "answered"
    registries.calm()
    clock.move(timedelta(seconds=61))
    trial = ask(people[6], "judicial", is_asked=False)
    assert trial.outcome == "open"
    assert ask(people[5], "judicial").fault == "left-alone"
    ask.jobs()
    assert Inquiry.objects.get(pk=trial.pk).outcome == "answered"
    assert ask(people[5], "judicial").outcome == "answered"


def test_the_days_budget_is_the_end_of_asking(registries, person, call, ask, clock):
    source = BY_CODE["judicial"]
    ask(person, "judicial")
    InquiryDay.objects.update(spent_minor=source.daily_budget_minor - source.cost_minor + 1)
    other = Subject(*make_person(call, 5))
    agree(call, other.user_id)
    row = ask(other, "judicial")
    assert (row.outcome, row.fault) == ("refused", "budget-spent")
    with pytest.raises(DatabaseError, match="within_budget"), transaction.atomic():
        InquiryDay.objects.update(spent_minor=source.daily_budget_minor + 1)
    clock.move(timedelta(days=1))
    assert ask(other, "judicial").outcome == "answered"


def test_an_end_is_set_once(registries, person, ask):
    row = ask(person, "identity")
    with pytest.raises(DatabaseError, match="ended is not changed"), transaction.atomic():
        Inquiry.objects.filter(pk=row.pk).update(outcome="no-record")
    with pytest.raises(DatabaseError, match="ended is not changed"), transaction.atomic():
        Inquiry.objects.filter(pk=row.pk).update(answer_sealed=None, answer_sha256="")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Inquiry.objects.filter(pk=row.pk).update(party_id=person.user_id)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("DELETE FROM risk_inquiry")


def test_a_late_answer_comes_by_ticket_and_when_asked_for(registries, firm, ask, clock):
    registries.faults(ticket_ms=60_000)
    row = ask(firm, "tax")
    assert row.outcome == "open"
    assert row.ticket.startswith("T")
    assert inquiring.chase_inquiries() == 1
    assert Inquiry.objects.get().outcome == "open"
    clock.move(timedelta(hours=25))
    inquiring.chase_inquiries()
    row.refresh_from_db()
    assert (row.outcome, row.fault, row.charged_minor) == ("timed-out", "given-up", 0)


def test_a_ticket_that_is_ready_is_fetched(registries, firm, ask):
    row = ask(firm, "tax")
    inquiring.chase_inquiries()
    row.refresh_from_db()
    assert row.outcome == "answered"
    facts = answers_about([firm.party_id], [row.pk])[row.pk]
    assert facts["grade"] in "ABMCD"


def test_a_question_whose_job_was_lost_is_found(registries, person, ask, clock):
    row = ask(person, "identity", is_asked=False)
    ask.waiting.clear()
    assert inquiring.chase_inquiries() == 0
    clock.move(timedelta(minutes=3))
    assert inquiring.chase_inquiries() == 1
    row.refresh_from_db()
    assert row.outcome == "answered"


def test_one_id_however_it_is_written_is_one_subject(registries, call, ask):
    someone = Subject(*make_person(call, 6))
    agree(call, someone.user_id)
    row, number = ask(someone, "identity"), resident(6)
    full_width = "".join(chr(ord(one) + 0xFEE0) for one in number)
    for typed in (number.lower(), full_width, f" {number[:6]} {number[6:]} "):
        read = resident_id(typed, row.asked_on).number
        assert subject_index(read) == bytes(row.subject_index)


def test_one_id_in_two_names_fits_one_of_them(registries, call, ask):
    registries.bind("name", resident(7), "张伟")
    someone = Subject(*make_person(call, 7, name="张玮"))
    agree(call, someone.user_id)
    row = ask(someone, "identity")
    assert answers_about([someone.party_id], [row.pk])[row.pk] == {"verdict": "differs"}


def test_features_name_their_source_and_the_moment_they_were_known(
    registries, person, ask, clock, django_assert_num_queries
):
    registries.say("bureau", resident(1), overdue_count_24m=2, balance=1_234_500)
    ask(person, "bureau")
    clock.move(timedelta(hours=1))
    ask(person, "judicial")
    with django_assert_num_queries(3):
        found = {one.name: one for one in features_of(person.party_id, clock.now())}
    assert found["bureau.overdue-count-24m"].value == 2
    assert found["bureau.balance"].value == 12345
    assert found["bureau.balance"].source == "bureau"
    assert found["judicial.is-dishonest-debtor"].value in (True, False)
    assert found["judicial.is-known"].as_of == clock.now()
    assert found["bureau.is-known"].as_of == clock.now() - timedelta(hours=1)


def test_what_was_taken_back_feeds_nothing_new_until_it_is_asked_on_a_new_consent(
    registries, person, ask, call, clock
):
    ask(person, "bureau")
    ask(person, "judicial")
    ask(person, "score")
    before = clock.now()
    clock.move(timedelta(hours=1))
    withdrawn = WithdrawConsent(user_id=person.user_id, kind="credit_inquiry")
    withdraw_consent(withdrawn, call(actor=actor(person.user_id)))

    def sources(at):
        return {one.source for one in features_of(person.party_id, at)}

    assert sources(clock.now()) == {"judicial", "score"}
    # A decision of before it was taken back looks at the same as then.
    assert sources(before) == {"bureau", "judicial", "score"}
    clock.move(timedelta(hours=1))
    agree(call, person.user_id, "credit_inquiry")
    clock.move(timedelta(hours=1))
    assert sources(clock.now()) == {"judicial", "score"}
    assert not standing_of([person.party_id], clock.now())[person.party_id]["bureau"].holds(
        clock.now()
    )
    assert ask(person, "bureau").charged_minor == 0
    assert sources(clock.now()) == {"bureau", "judicial", "score"}
    assert registries.counted() == {"bureau": 1, "judicial": 1, "score": 1}


@pytest.mark.parametrize("told", ["another name", "served again"])
def test_a_doubt_stands_until_the_same_number_is_told_to_be_the_same(
    registries, person, ask, call, clock, told
):
    """Taking back consent, a silent source and the end of the answer's time end no doubt."""
    registries.bind("name", resident(1), "王晓明")
    ask(person, "identity")
    if told == "served again":
        clock.move(timedelta(days=1))
        assert ask(person, "identity").served_from_id is not None

    def is_doubted():
        return doubts_identity(features_of(person.party_id, clock.now()))

    assert is_doubted()
    before = clock.now()
    clock.move(timedelta(hours=1))
    withdrawn = WithdrawConsent(user_id=person.user_id, kind="identity_check")
    withdraw_consent(withdrawn, call(actor=actor(person.user_id)))
    (left,) = features_of(person.party_id, clock.now())
    assert (left.name, left.value) == ("identity.is-doubted", True)
    assert left.as_of == Inquiry.objects.order_by("asked_at")[0].answered_at
    assert is_doubted()
    clock.move(timedelta(days=BY_CODE["identity"].cache_days + 1))
    assert is_doubted()
    agree(call, person.user_id, "identity_check")
    registries.faults(fail=-1)
    ask(person, "identity")
    assert is_doubted()
    registries.calm()
    clock.move(timedelta(hours=1))
    registries.bind("name", resident(1), "王小明")
    same = ask(person, "identity")
    assert answers_about([person.party_id], [same.pk])[same.pk] == {"verdict": "same"}
    assert not is_doubted()
    # A decision of before looks at the same as then; and the yes may be taken back as well.
    assert doubts_identity(features_of(person.party_id, before))
    withdraw_consent(withdrawn, call(actor=actor(person.user_id)))
    assert features_of(person.party_id, clock.now()) == ()


def test_the_yes_to_one_person_ends_no_doubt_of_another(registries, person, call, ask, clock):
    registries.bind("name", resident(1), "王晓明")
    ask(person, "identity")
    other = Subject(*make_person(call, 2))
    agree(call, other.user_id)
    clock.move(timedelta(hours=1))
    ask(other, "identity")
    assert doubts_identity(features_of(person.party_id, clock.now()))
    assert not doubts_identity(features_of(other.party_id, clock.now()))


def test_what_one_agent_took_back_another_one_did_not(registries, firm, ask, call, clock):
    ask(firm, "bureau")
    other, _party = make_person(call, 2)
    agree(call, other)
    clock.move(timedelta(minutes=1))
    Inquiry.objects.bulk_create([_as_asked_by(other, Inquiry.objects.get())])
    clock.move(timedelta(minutes=1))
    withdrawn = WithdrawConsent(user_id=other, kind="credit_inquiry")
    withdraw_consent(withdrawn, call(actor=actor(other)))
    (known,) = [
        one for one in features_of(firm.party_id, clock.now()) if one.name == "bureau.is-known"
    ]
    assert known.as_of == Inquiry.objects.order_by("asked_at")[0].answered_at


def _as_asked_by(user_id, row):
    """Return an answered inquiry as another agent of the same firm had it a minute later."""
    later = {
        name: getattr(row, name) + timedelta(minutes=1)
        for name in ("consented_at", "asked_at", "answered_at", "cached_until")
    }
    copied = {field.attname: getattr(row, field.attname) for field in Inquiry._meta.fields}
    copied |= {**later, "id": uuid4(), "consent_user_id": user_id, "cost_minor": 0}
    copied |= {"served_from_id": row.pk, "answer_sealed": None, "charged_minor": 0}
    return Inquiry(**copied)


def test_a_firm_of_ones_own_is_another_subject(registries, person, firm, ask, clock):
    ask(person, "judicial")
    assert features_of(firm.party_id, clock.now()) == ()


def test_a_sealed_answer_is_sealed_anew_but_never_exchanged(registries, person, ask, clock):
    """Keys rotate (security.md 26); a ciphertext moved to another row does not open (24)."""
    row, other = ask(person, "judicial"), ask(person, "bureau")
    text = unseal_answer(row.answer_sealed, row.pk, row.answer_sha256)
    Inquiry.objects.filter(pk=row.pk).update(answer_sealed=seal_answer(text, row.pk))
    before = features_of(person.party_id, clock.now())
    assert {one.source for one in before} == {"judicial", "bureau"}
    Inquiry.objects.filter(pk=row.pk).update(answer_sealed=bytes(other.answer_sealed))
    with pytest.raises(Unreadable):
        features_of(person.party_id, clock.now())
    Inquiry.objects.filter(pk=row.pk).update(answer_sealed=seal_answer("{}", row.pk))
    with pytest.raises(ValueError, match="digest"):
        features_of(person.party_id, clock.now())


def test_without_consent_to_the_other_source_nothing_stands_in(registries, call, ask):
    user_id, party_id = make_person(call, 8)
    set_phone(
        SetPhone(user_id=user_id, phone="13900139000", is_proved=True), call(actor=actor(user_id))
    )
    agree(call, user_id, "score_inquiry")
    registries.faults(fail=-1, only="score")
    assert ask(Subject(user_id, party_id), "score").outcome == "failed"
    assert Inquiry.objects.count() == 1


def test_whoever_tries_card_after_card_is_stopped(registries, person, ask, clock):
    for number in range(10):
        ask(person, "card", purpose="bank-account", card=card(number))
    with pytest.raises(AskedTooOften) as caught:
        ask(person, "card", purpose="bank-account", card=card(10))
    assert caught.value.facts == {"allowed": "10"}
    # What is known is served all the same, and tomorrow is another day.
    assert ask(person, "card", purpose="bank-account", card=card(3)).served_from_id
    clock.move(timedelta(days=1))
    assert ask(person, "card", purpose="bank-account", card=card(10)).outcome == "answered"
