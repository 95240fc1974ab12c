"""Borrowers are told once, on the site and by text where it matters, and as they chose."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import REMIND, SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice, ReminderDay
from rongqiao.engagement.notifications.operations.choose_channels import (
    ChooseChannels,
    choose_channels,
)
from rongqiao.engagement.notifications.operations.read_notices import ReadNotices, read_notices
from rongqiao.engagement.notifications.operations.tell import Tell, tell
from rongqiao.engagement.notifications.queries import (
    SENTENCES,
    count_unread,
    list_notices,
    sentence_of,
    text_message_of,
)
from rongqiao.lending.servicing.models.collecting import CollectionCase, ContactStop
from rongqiao.lending.servicing.models.loans import Instalment, Loan
from rongqiao.parties.models import SmsMessage
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.loans import Lend, lend
from tests.parties.people import actor, make_person

CHINA = ZoneInfo("Asia/Shanghai")
FACTS = {
    "count": "2",
    "number": "L2601",
    "amount": "10.00",
    "due_on": "2026-02-05",
    "next_due": "1.00",
    "left": "2.00",
    "paid_on": "2026-01-06",
    "matures_on": "2027-01-06",
    "was": "20.00",
    "rate": "3.50",
    "from_on": "2027-01-01",
    "falls_on": "2026-03-05",
    "case": "A2601",
}


@pytest.fixture
def person(db, call):
    user, party = make_person(call, 7)
    phone = SetPhone(user_id=user, phone="13800138007", is_proved=True)
    set_phone(phone, call(actor=actor(user)))
    return user, party


def told(party, kind="disbursed", subject="s1"):
    return Tell(party_id=party, kind=kind, subject=subject, facts=FACTS)


@pytest.mark.parametrize("kind", SENTENCES)
def test_each_sentence_takes_its_facts_in_both_languages(kind):
    assert "%(" not in sentence_of(kind, FACTS)
    assert text_message_of(kind, FACTS).startswith("【融桥】")


def test_the_same_subject_is_told_once(person, call):
    user, party = person
    assert tell(told(party), call()).users == 1
    again = tell(told(party), call())
    assert (again.users, again.texts) == (0, 0)
    assert Notice.objects.count() == 1
    assert count_unread(user) == 1


def test_who_wants_no_texts_is_told_on_the_site_alone(person, call):
    user, party = person
    assert tell(told(party), call()).texts == 1
    choose_channels(ChooseChannels(by_sms=False), call(actor=actor(user)))
    quiet = tell(told(party, subject="s2"), call())
    assert (quiet.users, quiet.texts) == (1, 0)
    choose_channels(ChooseChannels(by_sms=True), call(actor=actor(user)))
    assert tell(told(party, subject="s3"), call()).texts == 1
    assert SmsMessage.objects.count() == 2


def test_small_matters_are_not_texted(person, call):
    assert tell(told(person[1], "waived"), call()).texts == 0


def test_reading_marks_ones_own_alone(person, call):
    user, party = person
    other, _party = make_person(call, 8)
    tell(told(party), call())
    last = list_notices(user)[0].id
    assert read_notices(ReadNotices(up_to=last), call(actor=actor(other))).count == 0
    assert read_notices(ReadNotices(up_to=last), call(actor=actor(user))).count == 1
    assert count_unread(user) == 0
    assert list_notices(other) == ()


def at_hour(clock, day, hour):
    there = datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)
    clock.move(there - platform_clock.now())


def test_dues_are_reminded_of_by_day_and_once(person, call, clock):
    user, party = person
    loan = lend(Lend(principal=1_000_000, party=party, wallet=0), call()).loan_id
    due = Instalment.objects.filter(loan_id=loan).earliest("no").due_on
    found = []
    for days in (-4, -3, -2, -1, 0, 1, 2, 3, 4):
        on = due + timedelta(days=days)
        at_hour(clock, on, 10)
        catch_up(on)
        if REMIND(on):
            found.append((days, list_notices(user)[0].kind))
        assert REMIND(on) == 0
    assert found == [
        (-3, "due-soon"),
        (-1, "due-soon"),
        (0, "due-today"),
        (1, "overdue"),
        (3, "overdue"),
    ]
    assert ReminderDay.objects.count() == 9


@pytest.mark.parametrize("hour", [0, 8, 21, 23])
def test_nobody_is_reminded_at_night(person, call, clock, hour):
    loan = lend(Lend(principal=1_000_000, party=person[1], wallet=0), call()).loan_id
    due = Instalment.objects.filter(loan_id=loan).earliest("no").due_on
    at_hour(clock, due, hour)
    assert REMIND(due) == 0
    assert not ReminderDay.objects.exists()


def test_who_has_paid_is_not_reminded(person, call, clock):
    loan = lend(Lend(principal=1_000_000, party=person[1], wallet=0), call()).loan_id
    first = Instalment.objects.filter(loan_id=loan).earliest("no")
    Instalment.objects.filter(pk=first.pk).update(
        is_due=True,
        principal_paid_minor=first.principal_minor,
        settled_on=date(2026, 1, 9),
    )
    at_hour(clock, first.due_on, 10)
    assert REMIND(first.due_on) == 0


def test_who_complained_of_collectors_reads_of_arrears_on_the_site_alone(person, call, clock):
    user, party = person
    loan = lend(Lend(principal=1_000_000, party=party, wallet=0), call()).loan_id
    due = Instalment.objects.filter(loan_id=loan).earliest("no").due_on
    on = due + timedelta(days=1)
    at_hour(clock, on, 10)
    catch_up(on)
    relay.drain(SUBSCRIBERS)
    case, officer = CollectionCase.objects.get(party_id=party), uuid4()
    ContactStop.objects.create(
        id=uuid4(),
        party_id=party,
        case=case,
        since_at=platform_clock.now(),
        noted_by=officer,
        words_sealed=b"x",
    )
    before = SmsMessage.objects.count()
    assert REMIND(on) == 1
    assert list_notices(user)[0].kind == "overdue"
    assert SmsMessage.objects.count() == before


def test_a_loan_tells_of_its_disbursement(db, call, clock, settings):
    settings.OPERATOR_ROLE = "microloan_company"
    journeys.publish_first_products(call, journeys.make_staff(call))
    borrower = journeys.make_borrower(call)
    journeys.signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    (notice,) = list_notices(borrower.user_id)
    loan = Loan.objects.get()
    assert notice.kind == "disbursed"
    assert loan.number in notice.text
    assert UUID(notice.loan_id) == loan.pk
    relay.drain(SUBSCRIBERS)
    assert len(list_notices(borrower.user_id)) == 1
