"""A portfolio of another system comes in by two people, whole or not at all, and then lives on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.config.wiring import LOOK_AFTER_CASES, REMIND, SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement
from rongqiao.lending.origination.models.concentration import Commitment, Exposure
from rongqiao.lending.servicing.jobs import carry_out
from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.lending.servicing.models.imports import PortfolioImport
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.end_of_day.plan_day import PlanDay, plan_day
from rongqiao.lending.servicing.operations.end_of_day.release_loan import CloseUnderWay
from rongqiao.lending.servicing.operations.importing import carry_out_import as carrying
from rongqiao.lending.servicing.operations.importing.carry_out_import import (
    CarryOutImport,
    carry_out_import,
)
from rongqiao.lending.servicing.operations.importing.decide_import import (
    DecideImport,
    ImportOutdated,
    ImportTotalsChanged,
    NotYourImport,
    decide_import,
)
from rongqiao.lending.servicing.operations.importing.deciding import (
    ImportNotWaiting,
    ImportRoleNeeded,
    ImportSecondPersonNeeded,
)
from rongqiao.lending.servicing.operations.importing.propose_import import (
    ImportEmpty,
    ImportFaulty,
    ImportKnown,
    ImportReasonNeeded,
    propose_import,
)
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.amending.lived import LoanNotReplayed, told_of
from rongqiao.lending.servicing.queries.exposures import check_settled
from rongqiao.lending.servicing.queries.loans import list_loans
from rongqiao.money.ledger.models import Journal
from rongqiao.money.ledger.queries.books import balance
from rongqiao.parties.models import Awaited, Membership, Party, User
from rongqiao.parties.operations.register_organization import (
    OrganizationInUse,
    RegisterOrganization,
    register_organization,
)
from rongqiao.parties.operations.register_person import (
    IdentityInUse,
    RegisterPerson,
    register_person,
)
from rongqiao.parties.queries import get_identity
from rongqiao.parties.sealing import phone_index, seal
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.brought import Brought
from tests.makers.loans import PayIn, assert_books_hold, pay_in
from tests.makers.officers import make_officer
from tests.parties.people import actor, credit_code, make_user, resident

ON = date(2026, 1, 5)


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def finance(clock):
    return make_officer(clock)


def portfolio():
    """One in order, one late, one of a firm, one paid off."""
    made = Brought()
    made.add("JK1", made.person(1))
    made.add("JK2", made.person(2, phone="13800138002"), unpaid=2, penalty=500)
    made.add("JK3", made.firm(3), product="working-capital")
    made.add("JK4", "K1", lent_on=date(2025, 6, 20), terms=3, paid_late={3: 5})
    return made


def proposed(call, staff, made=None):
    found = propose_import((made or portfolio()).proposal(), call(actor=actor(staff.operator)))
    return found.import_id


def approved(call, staff, finance, made=None):
    import_id = proposed(call, staff, made)
    decide_import(DecideImport(import_id=import_id, word="approve"), call(actor=actor(finance)))
    return import_id


def taken_over(call, staff, finance, made=None):
    import_id = approved(call, staff, finance, made)
    carry_out(str(import_id))
    row = PortfolioImport.objects.get(pk=import_id)
    assert row.state == "done", row.failed_because
    return row


def nothing_written():
    tables = (Loan, Instalment, LoanEntry, Agreement, Commitment, Awaited)
    return not any(table.objects.exists() for table in tables)


def test_a_portfolio_comes_in_with_its_history_balances_and_exposures(call, staff, finance):
    made = taken_over(call, staff, finance)
    first, late, firm, closed = Loan.objects.order_by("number")
    assert (first.state, first.days_past_due, first.risk_class) == ("active", 0, "pass")
    assert Money(first.principal_outstanding_minor).text() == "8000.00"
    assert (first.period_no, first.period_accrued_minor) == (5, 516)
    assert (late.state, late.days_past_due, late.days_past_due_worst) == ("overdue", 46, 46)
    assert late.risk_class == "special-mention"
    assert (closed.state, closed.closed_on) == ("closed", date(2025, 9, 25))
    assert (firm.product_code, firm.state) == ("working-capital", "active")
    assert closed.party_id == first.party_id
    assert_books_hold()
    opened = [
        balance(f"{one}:consumer-monthly") for one in ("loan-principal", "penalty-receivable")
    ]
    assert [one.text() for one in opened] == ["-18000.00", "-10.00"]
    owed = sum(one.owed_minor for one in Loan.objects.all())
    assert balance("portfolio-taken-over").minor == owed
    journals = Journal.objects.filter(kind="loan-take-over", document=made.number)
    assert journals.count() == 2
    assert set(LoanEntry.objects.values_list("journal_id", flat=True)) == {
        one.pk for one in journals
    }
    days = list(first.entries.order_by("id").values_list("kind", "on"))
    assert days[:3] == [
        ("disbursement", date(2025, 8, 20)),
        ("fall-due", date(2025, 9, 20)),
        ("repayment", date(2025, 9, 20)),
    ]
    assert check_settled().broken == 0
    assert Exposure.objects.get(kind="whole").used_minor == 2_600_000
    industries = Exposure.objects.filter(kind="industry").values_list("key", "used_minor")
    assert dict(industries) == {"personal": 1_800_000, "wholesale-retail": 800_000}
    assert Exposure.objects.get(kind="borrower", key=str(first.party_id)).used_minor == 800_000


def test_the_parties_are_sealed_and_nobody_logs_in_for_them(call, staff, finance):
    taken_over(call, staff, finance)
    loan = Loan.objects.get(number="JK1")
    identity = get_identity(loan.party_id, ON)
    assert (identity.name, identity.number) == ("王小明", resident(1))
    assert not Membership.objects.filter(party_id=loan.party_id).exists()
    firm = get_identity(Loan.objects.get(number="JK3").party_id, ON)
    assert (firm.name, firm.representative) == ("北京融通商贸有限公司", "李大力")


def with_phone(user_id, phone):
    User.objects.filter(pk=user_id).update(
        phone_sealed=seal(phone, "user", "phone", user_id),
        phone_index=phone_index(phone),
        phone_verified_at=platform_clock.now(),
    )
    return user_id


def register(call, user_id, name="王小明"):
    command = RegisterPerson(user_id=user_id, name=name, resident_id=resident(1))
    return register_person(command, call(actor=actor(user_id)))


def test_who_proves_the_same_number_and_phone_finds_the_loans(call, staff, finance):
    taken_over(call, staff, finance)
    for stranger, name in (
        (make_user(), "王小明"),
        (with_phone(make_user(), "13800138009"), "王小明"),
    ):
        with pytest.raises(IdentityInUse):
            register(call, stranger, name)
    owner = with_phone(make_user(), "13800138000")
    with pytest.raises(IdentityInUse):
        register(call, owner, "张三")
    party_id = register(call, owner).party_id
    assert {card.number for card in list_loans(party_id, ON)} == {"JK1", "JK4"}
    second = make_user()
    with pytest.raises(IdentityInUse):
        register(call, second)


def test_a_firm_is_taken_up_by_its_representative_with_the_phone(call, staff, finance):
    taken_over(call, staff, finance)
    loan = Loan.objects.get(number="JK3")

    owner = with_phone(make_user(), "13800138005")
    person = RegisterPerson(user_id=owner, name="李大力", resident_id=resident(403))
    register_person(person, call(actor=actor(owner)))
    firm = RegisterOrganization(user_id=owner, name="北京融通商贸有限公司", uscc=credit_code(3))
    with pytest.raises(OrganizationInUse):
        register_organization(firm, call(actor=actor(owner)))
    with_phone(owner, "13800138001")
    assert register_organization(firm, call(actor=actor(owner))).party_id == loan.party_id
    assert [card.number for card in list_loans(loan.party_id, ON)] == ["JK3"]


def test_it_takes_two_people_and_the_right_ones(call, staff, finance):
    with pytest.raises(ImportRoleNeeded):
        propose_import(portfolio().proposal(), call(actor=actor(staff.reviewer)))
    own = propose_import(portfolio().proposal(), call(actor=actor(finance))).import_id
    with pytest.raises(ImportSecondPersonNeeded):
        decide_import(DecideImport(import_id=own, word="approve"), call(actor=actor(finance)))
    approval = DecideImport(import_id=own, word="approve")
    with pytest.raises(ImportRoleNeeded):
        decide_import(approval, call(actor=actor(staff.reviewer)))
    with pytest.raises(NotYourImport):
        decide_import(
            DecideImport(import_id=own, word="withdraw"), call(actor=actor(staff.operator))
        )
    decide_import(DecideImport(import_id=own, word="withdraw"), call(actor=actor(finance)))
    with pytest.raises(ImportNotWaiting):
        decide_import(DecideImport(import_id=own, word="withdraw"), call(actor=actor(finance)))
    assert nothing_written()


def test_what_cannot_be_proposed_is_refused(call, staff):
    who = call(actor=actor(staff.operator))
    with pytest.raises(ImportReasonNeeded):
        propose_import(portfolio().proposal(reason=" "), who)
    with pytest.raises(ImportEmpty):
        propose_import(Brought().proposal(), who)
    spoilt = portfolio().set("loans", 2, "principal", "1.00")
    with pytest.raises(ImportFaulty) as refused:
        propose_import(spoilt.proposal(), who)
    assert refused.value.facts == {
        "count": "1",
        "file": "loans",
        "line": "2",
        "fault": "import.principal-sum",
    }
    proposed(call, staff)
    with pytest.raises(ImportKnown):
        propose_import(portfolio().proposal(), call(actor=actor(staff.operator)))


def test_it_is_approved_as_shown_and_on_its_day(call, staff, finance):
    import_id = proposed(call, staff)
    wish = DecideImport(import_id=import_id, word="approve", shown=Money(1))
    with pytest.raises(ImportTotalsChanged):
        decide_import(wish, call(actor=actor(finance)))
    later = replace(call(actor=actor(finance)), on=ON + timedelta(days=1))
    with pytest.raises(ImportOutdated):
        decide_import(DecideImport(import_id=import_id, word="approve"), later)


def test_what_stands_meanwhile_fails_the_import_and_nothing_is_written(call, staff, finance):
    import_id = approved(call, staff, finance)
    second = Brought()
    second.add("JK1", second.person(8))
    taken_over(call, staff, finance, second)
    before = Loan.objects.count()
    carry_out(str(import_id))
    row = PortfolioImport.objects.get(pk=import_id)
    assert (row.state, row.failed_because) == ("failed", "servicing.import-faulty")
    assert Loan.objects.count() == before
    carry_out(str(import_id))
    assert PortfolioImport.objects.get(pk=import_id).state == "failed"


@pytest.mark.parametrize("at", ["bring_in", "post", "write_loans", "take_over"])
def test_a_stroke_in_the_middle_leaves_nothing_and_the_next_try_all(
    call, staff, finance, monkeypatch, at
):
    import_id = approved(call, staff, finance)
    parties = Party.objects.count()
    whole = getattr(carrying, at)

    def struck(*given):
        whole(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(carrying, at, struck)
    with pytest.raises(KeyboardInterrupt):
        carry_out(str(import_id))
    assert nothing_written()
    assert Party.objects.count() == parties
    monkeypatch.setattr(carrying, at, whole)
    carry_out(str(import_id))
    carry_out(str(import_id))
    assert Loan.objects.count() == 4
    assert_books_hold()


def test_the_number_of_statements_does_not_grow_with_the_loans(call, staff, finance):
    counts = []
    for first, many in ((100, 5), (200, 300)):
        made = Brought()
        for number in range(first, first + many):
            made.add(f"N{number}", made.person(number), terms=6)
        import_id = approved(call, staff, finance, made)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            carry_out_import(
                CarryOutImport(import_id=import_id), call(actor="system:servicing.jobs")
            )
        counts.append(len(seen))
    assert counts[1] == counts[0] < 60
    assert Loan.objects.count() == 305
    assert_books_hold()


def test_an_imported_loan_lives_on(call, clock, staff, finance):
    taken_over(call, staff, finance)
    catch_up(date(2026, 1, 21))
    relay.drain(SUBSCRIBERS)
    assert_books_hold()
    loan, late = Loan.objects.get(number="JK1"), Loan.objects.get(number="JK2")
    assert late.days_past_due == 62
    # 5.00 for each of two came along; from 5 January on a day's penalty is 18 % of 2,000.00 / 360.
    assert late.penalty_outstanding_minor == 1_000 + 16 * 100
    LOOK_AFTER_CASES(call().on)
    REMIND(call().on)
    assert CollectionCase.objects.get(loan=late).closed_on is None
    party_id = loan.party_id
    pay_in(PayIn(party=party_id, amount=Money.yuan("20000.00")), call())
    due = Repay(loan_id=loan.pk, party_id=party_id, amount=Money.yuan("1010.00"))
    assert repay(due, call()).state == "active"
    quote = QuotePayoff(loan_id=loan.pk, party_id=party_id, valid_on=call().on)
    quoted = quote_payoff(quote, call())
    pay_off(PayOff(quote_id=quoted.quote_id, party_id=party_id), call())
    relay.drain(SUBSCRIBERS)
    loan.refresh_from_db()
    assert (loan.state, loan.certificate.number[:1]) == ("closed", "C")
    catch_up(date(2026, 1, 22))
    assert_books_hold()
    assert [law for law in check_all() if law.broken] == []


def test_a_payment_from_before_is_not_put_right_here(call, staff, finance):
    taken_over(call, staff, finance)
    with pytest.raises(LoanNotReplayed):
        told_of(Loan.objects.get(number="JK1"), ON)


def test_nobody_takes_their_own_loan_over(call, staff, clock):
    register(call, own := make_user())
    import_id = proposed(call, staff)
    approval = DecideImport(import_id=import_id, word="approve")
    decide_import(approval, call(actor=actor(make_officer(clock, own))))
    carry_out(str(import_id))
    row = PortfolioImport.objects.get()
    assert (row.state, row.failed_because) == ("failed", "servicing.import-own-affair")
    assert nothing_written()


def test_it_waits_while_a_day_is_being_closed(call, staff, finance):
    import_id = approved(call, staff, finance)
    plan_day(PlanDay(on=ON), call(actor="system:end-of-day"))
    with pytest.raises(CloseUnderWay):
        carry_out(str(import_id))
    assert PortfolioImport.objects.get().state == "approved"
    catch_up(ON + timedelta(days=1))
    carry_out(str(import_id))
    row = PortfolioImport.objects.get()
    assert (row.state, row.failed_because) == ("failed", "servicing.import-outdated")
    assert nothing_written()


def test_a_party_known_already_keeps_their_name_and_log_in(call, staff, finance):
    known = register(call, make_user()).party_id
    taken_over(call, staff, finance)
    assert Loan.objects.get(number="JK1").party_id == known
    assert not Awaited.objects.filter(party_id=known).exists()
