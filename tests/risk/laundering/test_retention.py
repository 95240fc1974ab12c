"""Ten years after the end of a business its records go, all at once; what is younger keeps them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.urls import reverse

from rongqiao.config.compliance import business_ended, look_after
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.parties.queries import users_of
from rongqiao.platform import audit, relay
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.models import BusinessDate, OperationRecord
from rongqiao.risk.laundering.retention import kept_from
from rongqiao.risk.models.laundering.casework import (
    CaseNote,
    CustomerRating,
    LaunderingAlert,
    LaunderingCase,
    LaunderingReport,
    ListedEntry,
    ScreenedKey,
    Screening,
    WatchedDay,
)
from rongqiao.risk.models.laundering.freezing import Freeze, FrozenSum
from rongqiao.risk.models.laundering.keeping import ClearedLink, LaunderingErasure
from rongqiao.risk.operations.laundering.decide_alert import DecideAlert, decide_alert
from rongqiao.risk.operations.laundering.decide_case import DecideCase, decide_case
from rongqiao.risk.operations.laundering.file_report import FileReport, file_report
from rongqiao.risk.operations.laundering.freezing.end_freeze import EndFreeze, end_freeze
from rongqiao.risk.operations.laundering.keeping.clear_link import ClearLink, clear_link
from rongqiao.risk.operations.laundering.keeping.erase_records import (
    EraseRecords,
    StillKept,
    erase_records,
)
from rongqiao.risk.operations.laundering.ratings.rate_customer import RateCustomer, rate_customer
from rongqiao.risk.operations.laundering.screening.import_list import ImportList, import_list
from rongqiao.risk.operations.laundering.screening.screen_party import ScreenParty, screen_party
from rongqiao.risk.operations.laundering.work_case import WorkCase, work_case
from rongqiao.risk.queries.laundering.terms.erasing import erased_so_far
from tests.makers.journeys import apply, make_borrower, make_staff, publish_first_products
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor, make_firm, make_person, make_user
from tests.risk.laundering.test_patterns import answers
from tests.web.finance_desk import client_of

HEADS = "编号,类型,姓名,出生日期,证件号码\n"
# Everything of a customer, and the day on which it goes: ten years after the fifth.
OF_A_CUSTOMER = (
    *(Screening, CustomerRating, LaunderingAlert, LaunderingCase, LaunderingReport),
    *(Freeze, ClearedLink, ScreenedKey),
)
TODAY, EVE, DAY = date(2026, 1, 5), date(2036, 1, 4), date(2036, 1, 5)


@pytest.fixture(autouse=True)
def microloan_company(settings):
    settings.OPERATOR_ROLE = "microloan_company"


@pytest.fixture
def officers(clock):
    return [make_officer(clock, role="compliance_officer") for _ in range(2)]


@pytest.fixture
def customer(officers, call, clock):
    """A customer with an alert that became a report, a freeze that was ended, a rating, a link."""
    one, two = officers
    content = HEADS + "1,个人,王小明,1990-03-07,\n"
    command = ImportList(code="notice", kind="sanction", source="test", content=content)
    import_list(command, call(actor=actor(one)))
    user_id, party_id = make_person(call, 1)
    firm = make_firm(call, user_id, 1)
    relay.drain(SUBSCRIBERS)
    for alert in LaunderingAlert.objects.all():
        is_own = alert.party_id == party_id
        word = "pursue" if is_own else "dismiss"
        decide_alert(
            DecideAlert(alert_id=alert.pk, word=word, reason="同名", is_frozen=is_own),
            call(actor=actor(one)),
        )
    case, freeze = LaunderingCase.objects.get(), Freeze.objects.get()
    for word in ("take", "report"):
        command = WorkCase(case_id=case.pk, word=word, text="来源不明")
        work_case(command, call(actor=actor(one)))
    decide_case(DecideCase(case_id=case.pk, word="approve", reason=""), call(actor=actor(two)))
    report = LaunderingReport.objects.get()
    file_report(FileReport(report_id=report.pk, receipt="R-1"), call(actor=actor(one)))
    for officer, word in ((one, "propose"), (two, "approve")):
        end_freeze(
            EndFreeze(freeze_id=freeze.pk, word=word, reason="通知"), call(actor=actor(officer))
        )
    rated(call, one, party_id)
    link = ClearLink(
        party_id=party_id, other_id=firm, word="no-link", reasons=("same-person",), reason="x"
    )
    clear_link(link, call(actor=actor(one)))
    return user_id, party_id


def rated(call, officer, party_id):
    said = tuple(f"{factor}={word}" for factor, word in answers().items())
    rate_customer(
        RateCustomer(party_id=party_id, answers=said, income_minor=None), call(actor=actor(officer))
    )


def live_until(clock, on):
    """The worker's round on a day, ten years on."""
    clock.move(datetime(on.year, on.month, on.day, 4, tzinfo=UTC) - platform_clock.now())
    BusinessDate.objects.update(on=on)
    look_after(on)


def counted(party_id):
    return {
        table.__name__: table.objects.filter(party_id=party_id).count() for table in OF_A_CUSTOMER
    }


def test_the_day_is_ten_years_on():
    assert kept_from(DAY) == TODAY
    assert kept_from(date(2036, 2, 29)) == date(2026, 2, 28)


def test_everything_of_a_customer_goes_on_the_day_and_nothing_the_day_before(customer, clock):
    _user, party_id = customer
    before = counted(party_id)
    assert all(before.values())
    assert CaseNote.objects.count() > 3
    live_until(clock, EVE)
    # The officer's rating was looked at again by the worker meanwhile: that keeps nothing.
    assert counted(party_id)["CustomerRating"] > before["CustomerRating"]
    assert not LaunderingErasure.objects.exists()
    days, records = WatchedDay.objects.count(), OperationRecord.objects.count()
    held = counted(party_id)
    live_until(clock, DAY)
    assert not any(counted(party_id).values())
    assert (CaseNote.objects.count(), FrozenSum.objects.count()) == (0, 0)
    gone = LaunderingErasure.objects.get(party_id=party_id)
    assert (gone.ended_by, gone.erased_on) == (TODAY, DAY)
    told = (gone.screenings, gone.ratings, gone.alerts, gone.cases, gone.reports, gone.links)
    names = ("Screening", "CustomerRating", "LaunderingAlert", "LaunderingCase")
    assert told == (*(held[name] for name in names), held["LaunderingReport"], held["ClearedLink"])
    # What stays: the days' counts, the lists, the chain of records.
    assert WatchedDay.objects.count() == days + 1
    assert ListedEntry.objects.count() == 1
    assert OperationRecord.objects.count() > records
    audit.seal()
    assert audit.check() == (OperationRecord.objects.count(), None)


def test_the_firm_that_came_that_day_goes_too_and_the_count_is_told(customer, clock, call):
    live_until(clock, DAY)
    found = erased_so_far()
    assert (found.customers, found.last_on) == (2, DAY)
    assert found.records == sum(
        one.screenings + one.ratings + one.alerts + one.cases + one.reports + one.links
        for one in LaunderingErasure.objects.all()
    )
    again = LaunderingErasure.objects.count()
    live_until(clock, DAY + timedelta(days=1))
    assert LaunderingErasure.objects.count() == again
    assert not Screening.objects.exists()


def test_compliance_reads_how_much_is_gone(customer, clock, officers, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    client = client_of(officers[0])
    page = reverse("laundering-figures")
    assert "还没有到期的记录" in client.get(page).content.decode()
    live_until(clock, DAY)
    told = erased_so_far()
    shown = client.get(page).content.decode()
    assert f"已删除 2 位客户的 {told.records} 条记录，最近一次 2036-01-05" in shown


def log_in(customer, call, clock, officers):
    user = get_user_model().objects.get(pk=customer[0])
    user.last_login = datetime(2026, 1, 6, 0, 0, tzinfo=UTC)
    user.save(update_fields=["last_login"])


def keep_money(customer, call, clock, officers):
    finance = make_officer(clock), make_officer(clock)
    pay_in(call, finance, customer[1], "1.00")


def rate_later(customer, call, clock, officers):
    clock.move(timedelta(days=1))
    rated(call, officers[0], customer[1])


def screen_later(customer, call, clock, officers):
    clock.move(timedelta(days=1))
    command = ScreenParty(party_id=customer[1], cause="by-hand")
    screen_party(command, call(actor="system:test"))


def link_later(customer, call, clock, officers):
    clock.move(timedelta(days=1))
    row = ClearedLink.objects.get()
    command = ClearLink(
        party_id=row.party_id,
        other_id=row.other_id,
        word="restore",
        reasons=("same-person",),
        reason="x",
    )
    clear_link(command, call(actor=actor(officers[0])))


def meet_another_entry(customer, call, clock, officers):
    content = HEADS + "1,个人,王小明,1990-03-07,\n2,个人,王小明,1990-03-07,\n"
    command = ImportList(code="notice", kind="sanction", source="test", content=content)
    import_list(command, call(actor=actor(officers[0])))


@pytest.mark.parametrize(
    "happens", [log_in, keep_money, rate_later, screen_later, link_later, meet_another_entry]
)
def test_what_is_younger_keeps_all_of_it(happens, customer, call, clock, officers):
    held = counted(customer[1])
    happens(customer, call, clock, officers)
    live_until(clock, DAY)
    assert not LaunderingErasure.objects.filter(party_id=customer[1]).exists()
    assert all(counted(customer[1])[name] >= held[name] for name in held)


def test_an_alert_that_is_open_keeps_all_of_it_however_old(officers, call, clock):
    content = HEADS + "1,个人,王小明,1990-03-07,\n"
    command = ImportList(code="notice", kind="sanction", source="test", content=content)
    import_list(command, call(actor=actor(officers[0])))
    _user, party_id = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    live_until(clock, DAY)
    assert LaunderingAlert.objects.get(party_id=party_id).state == "open"


def test_an_application_is_business_and_so_is_a_guarantee_or_a_loan(call, clock):
    staff = make_staff(call)
    publish_first_products(call, staff)
    borrower = make_borrower(call, 1)
    eve = TODAY - timedelta(days=1)
    assert business_ended([borrower.party_id], TODAY) == {borrower.party_id}
    assert business_ended([borrower.party_id], eve) == frozenset()
    assert business_ended([], TODAY) == frozenset()
    clock.move(timedelta(days=2))
    apply(call, borrower)
    assert business_ended([borrower.party_id], TODAY) == frozenset()


def test_who_comes_back_is_screened_anew(customer, call, clock):
    user_id, party_id = customer
    live_until(clock, DAY)
    assert not Screening.objects.filter(party_id=party_id).exists()
    user = get_user_model().objects.get(pk=user_id)
    user.last_login = platform_clock.now()
    user.save(update_fields=["last_login"])
    live_until(clock, DAY + timedelta(days=1))
    assert Screening.objects.get(party_id=party_id).cause == "not-yet"
    assert LaunderingAlert.objects.get(party_id=party_id).state == "open"
    assert user_id in users_of(party_id)


def test_the_database_itself_says_when(customer, call):
    _user, party_id = customer
    command = EraseRecords(party_id=party_id, ended_by=TODAY)
    with pytest.raises(StillKept):
        erase_records(command, call(actor="system:test"))
    for statement in (
        f"SELECT risk_erase_laundering('{party_id}', '2026-01-05', now())",
        f"SELECT risk_erase_laundering('{party_id}', NULL, now())",
    ):
        with (
            pytest.raises(DatabaseError, match="ten years"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    # The day may be named as one likes: what the tables say of the last ten years counts.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT risk_erase_laundering('{party_id}', '2000-01-01', now())")
        assert cursor.fetchone() == (False,)
    for table in (Screening, CustomerRating, LaunderingErasure, LaunderingCase):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table._meta.db_table}")
    assert all(counted(party_id).values())


def test_the_term_is_looked_at_in_a_few_queries_however_many_there_are(
    call, clock, django_assert_max_num_queries
):
    many = [make_person(call, n, name="陈晨")[1] for n in range(1, 9)]
    some = make_user()
    with django_assert_max_num_queries(12):
        assert business_ended([*many, some], TODAY - timedelta(days=1)) == {some}
