"""The daily run on real PostgreSQL: money that comes back by somebody who stands close."""

from datetime import date, timedelta

import pytest

from rongqiao.config.compliance import told_by_lending
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.collateral.queries.guarantors import guarantees_in_force
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.parties.queries import names_of
from rongqiao.parties.queries.relations import with_same_person
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.platform.ids import new_id
from rongqiao.platform.models import BusinessDate, OperationRecord
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.jobs.laundering import watch_days
from rongqiao.risk.models.laundering.casework import CustomerRating, LaunderingAlert
from rongqiao.risk.operations.fraud.sight import Sight, sight
from rongqiao.risk.operations.laundering.keeping.clear_link import ClearLink, clear_link
from rongqiao.risk.operations.laundering.officers import NotInThisState, ReasonNeeded
from rongqiao.risk.operations.laundering.ratings.rate_customer import RateCustomer, rate_customer
from rongqiao.risk.operations.laundering.watch_day import WatchDay, watch_day
from rongqiao.risk.queries.laundering.incomes import declared_income
from rongqiao.risk.queries.laundering.links import (
    Told,
    linked_parties,
    linked_payers,
    words_about,
)
from rongqiao.risk.queries.laundering.ratings import ratings_of
from rongqiao.risk.queries.watching.marks import mark
from rongqiao.risk.queries.watching.sharing import sharers_of
from tests.makers import banking, securing
from tests.makers.journeys import (
    apply,
    make_borrower,
    make_staff,
    publish_first_products,
    signed_loan,
)
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor, make_firm, make_person, resident
from tests.risk.laundering.test_patterns import answers

TODAY, SETTLED = date(2026, 1, 5), date(2026, 1, 6)
AMOUNT = "25000.00"


@pytest.fixture(autouse=True)
def microloan_company(settings):
    settings.OPERATOR_ROLE = "microloan_company"


@pytest.fixture
def went_out(call, clock, monkeypatch):
    """A customer who took 25,000 yuan out to their own card, on the fifth."""
    gateway = banking.put_in_place(monkeypatch, clock)
    finance = make_officer(clock), make_officer(clock)
    customer = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    card = banking.add_card(call, customer)
    clock.move(CARD_HOLD)
    pay_in(call, finance, customer[1], AMOUNT)
    asked = request_withdrawal(
        banking.withdrawal(customer, card, AMOUNT), call(actor=actor(customer[0]))
    )
    if asked.needs_approval:
        approve_withdrawal(
            ApproveWithdrawal(order_id=asked.order_id), call(actor=actor(finance[0]))
        )
    banking.send(asked.order_id)
    assert gateway.tell(asked.number) == "settled"
    # The bank settled it a day later; what is paid in from here on comes after it.
    BusinessDate.objects.update(on=SETTLED)
    return customer, finance


def seen(call, party_id, **values):
    marks = tuple(mark(kind, text) for kind, text in values.items())
    command = Sight(subject_id=party_id, deed="logged-in", marks=marks)
    sight(command, call(actor="system:test"))


def nothing_told(_parties):
    return Told()


def raised(tell=nothing_told):
    on = platform_clock.business_date() + timedelta(days=1)
    BusinessDate.objects.update(on=on)
    watch_days(on, tell)
    return set(LaunderingAlert.objects.values_list("kind", flat=True))


def test_money_that_a_stranger_pays_back_is_no_round_trip(went_out, call):
    customer, finance = went_out
    make_person(call, 2, name="李国庆")
    pay_in(call, finance, customer[1], "24900.00", serial="BACK-1", payer="李国庆")
    assert "round-trip" not in raised()


def test_money_that_comes_back_by_who_shares_a_device_is_one(went_out, call):
    customer, finance = went_out
    _user, friend = make_person(call, 2, name="李国庆")
    for party_id in (customer[1], friend):
        seen(call, party_id, device="d" * 32)
    pay_in(call, finance, customer[1], "24900.00", serial="BACK-1", payer="李国庆")
    assert "round-trip" in raised()


def test_money_that_comes_back_by_ones_own_firm_is_one(went_out, call):
    customer, finance = went_out
    firm = make_firm(call, customer[0], 1)
    assert with_same_person([customer[1]]) == {customer[1]: frozenset({firm})}
    name = names_of([firm])[firm]
    pay_in(call, finance, customer[1], "24900.00", serial="BACK-1", payer=name)
    assert "round-trip" in raised()


def test_money_that_comes_back_by_a_guarantor_is_one(went_out, call):
    customer, finance = went_out
    _user, guarantor = make_person(call, 2, name="李国庆")
    pay_in(call, finance, customer[1], "24900.00", serial="BACK-1", payer="李国庆")
    assert "round-trip" in raised(lambda _: Told(guarantees=((customer[1], guarantor),)))


def test_a_guarantee_that_stands_links_both_and_one_that_does_not_links_nobody(call, clock):
    staff = make_staff(call)
    publish_first_products(call, staff)
    desk, debtor = securing.desk_of(staff), make_borrower(call, 1)
    _user, guarantor = make_person(call, 2, name="李国庆")
    application_id, _done = signed_loan(call, clock, debtor)
    item = securing.register(
        call, desk, debtor.party_id, "guarantee", guarantor="李国庆", guarantor_number=resident(2)
    )
    securing.value(call, desk, item, "100000", basis="face")
    assert guarantees_in_force() == ()
    securing.pledged(call, desk, item, "20000", application_id=application_id)
    assert guarantees_in_force() == ((debtor.party_id, guarantor),)
    told = told_by_lending([guarantor])
    assert told.guarantees == ((debtor.party_id, guarantor),)
    links = linked_parties([debtor.party_id, guarantor], told.guarantees)
    assert links[guarantor][debtor.party_id] == {"guarantee"}
    assert links[debtor.party_id][guarantor] == {"guarantee"}


def test_a_hub_links_nobody_and_a_log_in_is_the_party_it_turned_out_to_be(call, clock):
    """Three hold one contact, which four must; sixty-one hold a phone, which sixty may."""
    parties = [new_id(clock.now()) for _ in range(61)]
    for number, party_id in enumerate(parties):
        seen(
            call,
            party_id,
            phone="13800001234",
            **({"contact": "13900001234"} if number < 3 else {}),
        )
    assert sharers_of(parties[:3]) == {}
    first, second = parties[:2]
    seen(call, first, device="e" * 32)
    account = new_id(clock.now())
    seen(call, account, device="e" * 32)
    assert sharers_of([first]) == {first: frozenset({account})}
    sight(
        Sight(subject_id=second, deed="identified", marks=(), account_id=account),
        call(actor="system:test"),
    )
    assert sharers_of([first]) == {first: frozenset({second})}
    assert sharers_of([second]) == {second: frozenset({first})}


@pytest.fixture
def friends(call):
    """Two who were seen on one device: a customer and a friend."""
    customer, friend = (
        make_person(call, n, name=name)[1] for n, name in ((3, "陈晨"), (4, "林林"))
    )
    for party_id in (customer, friend):
        seen(call, party_id, device="a" * 32)
    return customer, friend


@pytest.fixture
def clearing(call, clock):
    officer = make_officer(clock, role="compliance_officer")

    def run(party_id, other_id, word="no-link", reasons=("shares",), reason="各用各的设备"):
        clock.move(timedelta(seconds=1))
        command = ClearLink(
            party_id=party_id, other_id=other_id, word=word, reasons=reasons, reason=reason
        )
        return clear_link(command, call(actor=actor(officer)))

    return run


def test_a_cleared_link_links_neither_of_the_two_until_there_is_another_reason(friends, clearing):
    customer, friend = friends
    assert linked_parties([customer], ()) == {customer: {friend: frozenset({"shares"})}}
    clearing(customer, friend)
    assert linked_parties([customer], ())[customer] == {}
    assert linked_parties([friend], ())[friend] == {}
    assert linked_payers([customer], ())[customer] == frozenset()
    pledge = ((customer, friend),)
    assert linked_parties([customer], pledge)[customer][friend] == {"shares", "guarantee"}
    assert len(linked_payers([customer], pledge)[customer]) == 1


def test_a_namesake_who_paid_is_no_linked_payer_and_the_link_stays(friends, clearing):
    customer, friend = friends
    clearing(customer, friend, "namesake")
    assert friend in linked_parties([customer], ())[customer]
    assert linked_payers([customer], ())[customer] == frozenset()


def test_every_word_on_a_link_is_kept_and_the_latest_counts(friends, clearing):
    customer, friend = friends
    with pytest.raises(NotInThisState):
        clearing(customer, friend, "restore")
    clearing(customer, friend)
    clearing(friend, customer, "restore", reason="又在同一设备登录")
    assert friend in linked_parties([customer], ())[customer]
    with pytest.raises(NotInThisState):
        clearing(customer, friend, "restore")
    told = [(one.other_id, one.is_cleared, one.reason) for one in words_about(customer)]
    assert told == [(friend, False, "又在同一设备登录"), (friend, True, "各用各的设备")]
    assert [one.other_id for one in words_about(friend)] == [customer, customer]
    assert "设备" not in str(list(OperationRecord.objects.values_list("request", flat=True)))


def test_only_compliance_clears_a_link_with_a_reason_and_not_its_own(
    friends, clearing, call, clock
):
    customer, friend = friends
    with pytest.raises(ReasonNeeded):
        clearing(customer, friend, reason=" ")
    for word, reasons in (("nonsense", ("shares",)), ("no-link", ()), ("no-link", ("guess",))):
        with pytest.raises(NotFound):
            clearing(customer, friend, word, reasons)
    command = ClearLink(
        party_id=customer, other_id=friend, word="no-link", reasons=("shares",), reason="x"
    )
    own_user, own = make_person(call, 6, name="赵敏")
    make_officer(clock, user_id=own_user, role="compliance_officer")
    for user_id in (make_officer(clock, role="support"), make_officer(clock, role="auditor")):
        with pytest.raises(NotFound):
            clear_link(command, call(actor=actor(user_id)))
    for mine in ({"party_id": own}, {"other_id": own}):
        with pytest.raises(NotFound):
            clear_link(ClearLink(**{**vars(command), **mine}), call(actor=actor(own_user)))
    assert words_about(customer) == ()


def test_money_that_a_namesake_pays_back_is_no_round_trip_once_it_is_said(went_out, call, clearing):
    customer, finance = went_out
    _user, friend = make_person(call, 2, name="李国庆")
    for party_id in (customer[1], friend):
        seen(call, party_id, device="d" * 32)
    clearing(customer[1], friend, "namesake")
    pay_in(call, finance, customer[1], "24900.00", serial="BACK-1", payer="李国庆")
    assert "round-trip" not in raised()


def test_links_cost_as_many_questions_for_a_dozen_as_for_one(
    call, clock, django_assert_num_queries
):
    parties = [make_person(call, number, name="李国庆")[1] for number in range(1, 13)]
    for party_id in parties:
        seen(call, party_id, device="f" * 32)
    for wanted in (parties[:1], parties):
        with django_assert_num_queries(8):
            linked_parties(wanted, ())


def test_what_was_stated_counts_until_an_officer_found_out_otherwise(call, clock):
    staff = make_staff(call)
    publish_first_products(call, staff)
    borrower = make_borrower(call, 1)
    assert told_by_lending([borrower.party_id]).incomes == ()
    apply(call, borrower, monthly_income="5000.00")
    told = told_by_lending([borrower.party_id])
    assert told.incomes == ((borrower.party_id, 5_000_00),)
    finance = make_officer(clock), make_officer(clock)
    pay_in(call, finance, borrower.party_id, "31000.00")
    assert "income-mismatch" in raised(told_by_lending)


def test_an_officers_entry_stands_above_what_was_stated(call, clock):
    _user, party_id = make_person(call, 1)
    officer = make_officer(clock, role="compliance_officer")
    rated(call, clock, party_id, officer, 50_000_00)
    assert CustomerRating.objects.count() == 1
    finance = make_officer(clock), make_officer(clock)
    pay_in(call, finance, party_id, "31000.00")
    watch_day(WatchDay(on=TODAY, incomes=((party_id, 5_000_00),)), call(actor="system:test"))
    assert not LaunderingAlert.objects.filter(kind="income-mismatch").exists()


def rated(call, clock, party_id, officer, income_minor, **more):
    command = RateCustomer(
        party_id=party_id,
        answers=tuple(f"{factor}={word}" for factor, word in answers(**more).items()),
        income_minor=income_minor,
    )
    rate_customer(command, call(actor=actor(officer)))
    return ratings_of(party_id)


def test_the_income_that_counts_names_its_source_and_its_day(call, clock):
    _user, party_id = make_person(call, 1)
    officer = make_officer(clock, role="compliance_officer")
    stated = (Money.yuan("8000"), date(2025, 12, 1))
    assert declared_income((), None) is None
    assert declared_income((), stated).source == "application"
    assert declared_income((), stated).on == date(2025, 12, 1)
    history = rated(call, clock, party_id, officer, None)
    assert declared_income(history, stated).amount == Money.yuan("8000")
    rated(call, clock, party_id, officer, 9_000_00)
    clock.move(timedelta(days=3))
    history = rated(call, clock, party_id, officer, 9_000_00, trade="retail")
    income = declared_income(history, stated)
    assert (income.amount, income.source, income.on) == (Money.yuan("9000"), "officer", TODAY)
