"""Other terms by agreement: by two people, the plan and the paper, to the fen in the books."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from rongqiao.cli import eod
from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice
from rongqiao.finance.allocation import Order
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.loans import FormerPlan, Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.correcting.decide_correction import (
    DecideCorrection,
    decide_correction,
)
from rongqiao.lending.servicing.operations.correcting.propose_reversal import (
    ProposeReversal,
    propose_reversal,
)
from rongqiao.lending.servicing.operations.end_of_day.plan_day import PlanDay, plan_day
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.prepay import Prepay, prepay
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.prepaying.quote_prepayment import (
    QuotePrepayment,
    quote_prepayment,
)
from rongqiao.lending.servicing.operations.repaying.repay import NotYetDue, Repay, repay
from rongqiao.lending.servicing.operations.rescheduling.decide_change import (
    ChangeNotWaiting,
    ChangeQuoteChanged,
    DecideChange,
    NotYourChange,
    decide_change,
)
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    ChangeOwnAffair,
    ChangeRoleNeeded,
    ChangeSecondPersonNeeded,
)
from rongqiao.lending.servicing.operations.rescheduling.propose_change import (
    ChangeUnknown,
    ChangeWaits,
    ChangeWordsNeeded,
    ProposeChange,
    propose_change,
)
from rongqiao.lending.servicing.queries.amending.changes import (
    ExtensionTooLong,
    TermsNotChangeable,
    Wish,
    get_supplement,
    list_changes,
    list_supplements,
    quote_change,
)
from rongqiao.lending.servicing.queries.amending.corrections import list_payments
from rongqiao.lending.servicing.queries.amending.lived import LoanNotReplayed, told_of
from rongqiao.lending.servicing.queries.daily import list_dues
from rongqiao.lending.servicing.queries.lives import life_of, plan_rule_of
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.lending.servicing.terms.changing import changed, unfit
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.platform.refusals import NotFound
from tests.lending.servicing.test_end_of_day_sql import figures
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of
from tests.parties.people import actor, make_user

RICH = 10**12
HOLIDAY = {"kind": "payment-holiday", "months": 2}


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture
def officers(call, staff):
    """A reviewer, an approver and another approver who is an operator too."""
    found = [make_user(), make_user(), make_user()]
    given = zip([*found, found[2]], ("reviewer", "approver", "approver", "operator"), strict=True)
    for user, role in given:
        journeys.give_role(call, *staff.administrators, user, role)
    return [actor(user) for user in found]


@pytest.fixture
def borrower(call, staff):
    return journeys.make_borrower(call)


@pytest.fixture
def year(call, borrower):
    """12,000.00 over a year at 12 %."""
    return lend(Lend(principal=1_200_000, party=borrower.party_id, terms=12, wallet=RICH), call())


def ask(lent, call, by, **options):
    asked = {"kind": "extension", "months": 6, "consent": "申请 2026-01", "reason": "收入下降"}
    command = ProposeChange(loan_id=lent.loan_id, **{**asked, **options})
    return propose_change(command, call(actor=by))


def decide(change, word, call, by, shown=None):
    command = DecideChange(change_id=change.change_id, word=word, shown=shown)
    return decide_change(command, call(actor=by))


def change(lent, call, officers, **options):
    asked = ask(lent, call, officers[0], **options)
    return decide(asked, "approve", call, officers[1], asked.total)


def pay_due(lent, call):
    on = platform_clock.business_date()
    owed = get_loan(lent.loan_id, on).card.owed_now.total
    party = Loan.objects.get(pk=lent.loan_id).party_id
    if owed:
        repay(Repay(loan_id=lent.loan_id, party_id=party, amount=owed), call())


def test_an_extension_puts_a_longer_plan_in_force(clock, call, officers, borrower, year):
    pass_days(clock, date(2026, 1, 20))
    before = life_of(Loan.objects.get())
    shown = quote_change(year.loan_id, Wish(kind="extension", months=6), date(2026, 1, 20))
    asked = ask(year, call, officers[0])
    assert asked.total == shown.total
    assert life_of(Loan.objects.get()) == before, "nothing moves before it is agreed"
    done = decide(asked, "approve", call, officers[1], shown.total)
    assert (done.state, done.matures_on) == ("approved", date(2027, 7, 5))
    loan = Loan.objects.get()
    assert life_of(loan).accrued == before.accrued
    assert loan.instalments.count() == 18
    assert len(FormerPlan.objects.get().rows) == 12
    assert_books_hold()
    assert told_of(loan, date(2026, 1, 20)).standing.life.rows == life_of(loan).rows
    relay.drain(SUBSCRIBERS)
    notice = Notice.objects.get(kind="terms-changed")
    assert notice.facts["matures_on"] == "2027-07-05"
    assert notice.facts["next_due"] == shown.next_due.text()


def test_in_a_payment_holiday_nothing_is_due_and_all_is_after_it(clock, call, officers, year):
    pass_days(clock, date(2026, 1, 20))
    earned = life_of(Loan.objects.get()).accrued
    change(year, call, officers, **HOLIDAY, is_end_moved=True)
    held = Instalment.objects.get(no=1)
    assert (held.interest_charged_minor, held.due_on) == (earned, date(2026, 4, 5))
    assert_books_hold()
    party = Loan.objects.get().party_id
    early = Repay(loan_id=year.loan_id, party_id=party, amount=Money(earned), instalment_no=1)
    with pytest.raises(NotYetDue):
        repay(early, call())
    pass_days(clock, date(2026, 4, 4))
    card = get_loan(year.loan_id, date(2026, 4, 4)).card
    assert (card.owed_now.total.minor, card.days_past_due) == (0, 0)
    assert_books_hold()
    (due,) = list_dues(date(2026, 4, 5))
    assert due.amount == card.next_due
    pass_days(clock, date(2026, 4, 5))
    assert get_loan(year.loan_id, date(2026, 4, 5)).card.owed_now.total == due.amount
    # Three months of 1 % on 12,000.00.
    assert get_loan(year.loan_id, date(2026, 4, 5)).card.owed_now.interest.text() == "360.00"
    (again,) = list_dues(date(2026, 4, 5))
    assert again.amount == due.amount
    pay_due(year, call)
    assert_books_hold()
    loan = Loan.objects.get()
    assert told_of(loan, date(2026, 4, 5)).standing.life == life_of(loan)


def test_late_after_a_holiday_is_late_with_all_of_it(clock, call, officers, year):
    pass_days(clock, date(2026, 1, 20))
    change(year, call, officers, **HOLIDAY)
    pass_days(clock, date(2026, 4, 8))
    loan = Loan.objects.get()
    assert (loan.state, loan.days_past_due) == ("overdue", 3)
    pay_due(year, call)
    assert Loan.objects.get().state == "active"
    loan = Loan.objects.get()
    assert told_of(loan, date(2026, 4, 8)).standing.life == life_of(loan)
    assert_books_hold()


def test_in_a_holiday_a_part_is_prepaid_or_all_is_paid_off(clock, call, officers, borrower, year):
    pass_days(clock, date(2026, 1, 20))
    change(year, call, officers, **HOLIDAY)
    pass_days(clock, date(2026, 2, 20))
    party = borrower.party_id
    command = QuotePrepayment(loan_id=year.loan_id, party_id=party, principal=Money(100_000))
    quoted = quote_prepayment(command, call())
    prepay(Prepay(quote_id=quoted.quote_id, party_id=party, choice="lower"), call())
    assert_books_hold()
    loan = Loan.objects.get()
    assert told_of(loan, date(2026, 2, 20)).standing.life.rows == life_of(loan).rows
    on = date(2026, 2, 20)
    command = QuotePayoff(loan_id=year.loan_id, party_id=party, valid_on=on)
    quoted = quote_payoff(command, call())
    pay_off(PayOff(quote_id=quoted.quote_id, party_id=party), call())
    assert Loan.objects.get().state == "closed"
    assert_books_hold()


def test_the_supplement_says_what_was_agreed_and_is_its_holders_alone(
    clock, call, officers, borrower, year
):
    pass_days(clock, date(2026, 1, 20))
    change(year, call, officers, **HOLIDAY, is_spread=True)
    (paper,) = list_supplements(year.loan_id, borrower.party_id)
    assert "2个月不还本金和利息" in paper.text
    assert "分摊归还" in paper.text
    assert "申请 2026-01" in paper.text
    assert "2026-04-05 | " in paper.text
    made = TermChange.objects.get()
    assert get_supplement(made.pk, borrower.party_id) == paper
    with pytest.raises(NotFound):
        get_supplement(made.pk, uuid_of(5))
    assert "2个月".encode() not in bytes(made.text_sealed)


def test_nobody_changes_terms_alone(clock, call, officers, year):
    pass_days(clock, date(2026, 1, 20))
    asked = ask(year, call, officers[2])
    with pytest.raises(ChangeSecondPersonNeeded):
        decide(asked, "approve", call, officers[2])
    with pytest.raises(ChangeWaits):
        ask(year, call, officers[0])
    with pytest.raises(NotYourChange):
        decide(asked, "withdraw", call, officers[0])
    with pytest.raises(ChangeRoleNeeded):
        decide(asked, "approve", call, officers[0])
    with pytest.raises(ChangeQuoteChanged):
        decide(asked, "approve", call, officers[1], Money(1))
    assert decide(asked, "withdraw", call, officers[2]).state == "withdrawn"
    with pytest.raises(ChangeNotWaiting):
        decide(asked, "approve", call, officers[1])
    declined = ask(year, call, officers[0])
    assert decide(declined, "decline", call, officers[1]).state == "declined"
    assert not LoanEntry.objects.filter(kind="rescheduling").exists()
    kept = list_changes(year.loan_id, date(2026, 1, 20))
    assert {one.state for one in kept} == {"declined", "withdrawn"}


def test_who_owes_it_does_not_change_it_and_others_need_the_role(
    call, staff, officers, borrower, year
):
    with pytest.raises(ChangeRoleNeeded):
        ask(year, call, actor(make_user()))
    journeys.give_role(call, *staff.administrators, borrower.user_id, "reviewer")
    with pytest.raises(ChangeOwnAffair):
        ask(year, call, borrower.actor)
    with pytest.raises(NotFound):
        decide_change(DecideChange(change_id=uuid_of(5), word="approve"), call(actor=officers[1]))


def test_what_makes_no_sense_is_refused(call, officers, year):
    for wrong in ({"kind": "gift"}, {"months": 0}, {"months": 361}):
        with pytest.raises(ChangeUnknown):
            ask(year, call, officers[0], **wrong)
    for field in ("consent", "reason"):
        with pytest.raises(ChangeWordsNeeded) as refused:
            ask(year, call, officers[0], **{field: "  "})
        assert refused.value.facts["field"] == field
    with pytest.raises(TermsNotChangeable):
        ask(year, call, officers[0], kind="principal-holiday", months=12)
    with pytest.raises(ExtensionTooLong) as refused:
        ask(year, call, officers[0], months=13)
    assert refused.value.facts["allowed"] == "0 - 12"


def test_extensions_are_counted_together(clock, call, officers, year):
    change(year, call, officers, months=8)
    with pytest.raises(ExtensionTooLong) as refused:
        ask(year, call, officers[0], months=5)
    assert refused.value.facts["allowed"] == "0 - 4"
    change(year, call, officers, months=4)
    assert Loan.objects.get().matures_on == date(2028, 1, 5)
    assert FormerPlan.objects.count() == 2
    assert_books_hold()


def test_a_loan_in_arrears_is_not_extended(clock, call, officers, year):
    pass_days(clock, date(2026, 2, 20))
    with pytest.raises(TermsNotChangeable) as refused:
        ask(year, call, officers[0])
    assert refused.value.facts["reason"] == "due"


def test_what_was_agreed_on_is_not_made_once_something_is_due(clock, call, officers, year):
    pass_days(clock, date(2026, 2, 4))
    asked = ask(year, call, officers[0])
    pass_days(clock, date(2026, 2, 5))
    with pytest.raises(TermsNotChangeable):
        decide(asked, "approve", call, officers[1])
    assert decide(asked, "decline", call, officers[1]).state == "declined"


def take_back(lent, call, by, index):
    journal = list_payments(lent.loan_id)[index].journal
    command = ProposeReversal(
        loan_id=lent.loan_id, journal=journal, cause="operator-error", reason="录入错误"
    )
    return propose_reversal(command, call(actor=by))


def test_payments_after_a_change_are_put_right_and_those_it_stands_on_are_not(
    clock, call, staff, officers, year
):
    finance = make_user()
    journeys.give_role(call, *staff.administrators, finance, "finance")
    pass_days(clock, date(2026, 2, 5))
    pay_due(year, call)
    pass_days(clock, date(2026, 2, 20))
    change(year, call, officers, kind="principal-holiday", months=3)
    pass_days(clock, date(2026, 3, 5))
    pay_due(year, call)
    pass_days(clock, date(2026, 3, 10))
    with pytest.raises(LoanNotReplayed):
        take_back(year, call, actor(finance), 1)
    asked = take_back(year, call, actor(finance), 0)
    command = DecideCorrection(correction_id=asked.correction_id, word="approve")
    decide_correction(command, call(actor=officers[1]))
    loan = Loan.objects.get()
    assert (loan.state, loan.days_past_due) == ("overdue", 5)
    # A month of 1 % on what was left after the first instalment, and no principal.
    assert get_loan(year.loan_id, date(2026, 3, 10)).card.owed_now.principal == Money.zero()
    assert_books_hold()


def test_while_a_day_closes_no_terms_are_changed(clock, call, officers, year):
    asked = ask(year, call, officers[0])
    plan_day(PlanDay(on=platform_clock.business_date(), loans_per_chunk=10), call())
    with pytest.raises(TermsNotChangeable) as refused:
        decide(asked, "approve", call, officers[1])
    assert refused.value.facts["reason"] == "day-closing"
    assert Instalment.objects.count() == 12


KINDS = ("extension", "principal-holiday", "payment-holiday")
METHODS = ("equal_instalment", "equal_principal", "interest_only", "bullet")


def random_loan(draw, party):
    return Lend(
        principal=draw.choice([draw.randrange(1_000, 4_000), draw.randrange(10**4, 10**9)]),
        party=party,
        product=draw.choice(["alpha", "beta"]),
        rate=Decimal(draw.choice(("0.0365", "0.12", "0.23999999"))),
        terms=draw.randrange(2, 7),
        method=draw.choice(METHODS),
        day_count=draw.choice(["30/360", "act/360", "act/365f"]),
        fee_each=draw.choice([0, 0, 1234]),
        grace_days=draw.choice([0, 3]),
        is_penalty_on_interest=draw.random() < 0.5,
        wallet=RICH,
    )


def random_wish(draw):
    kind = draw.choice(KINDS)
    return Wish(
        kind=kind,
        months=draw.randrange(1, 4),
        is_end_moved=kind != "extension" and draw.random() < 0.5,
        is_spread=kind == "payment-holiday" and draw.random() < 0.3,
    )


def live_a_day(draw, call, officers, lent, life):
    """Maybe pay what is due, maybe change the terms; return the life, and whether they were."""
    on, loan = platform_clock.business_date(), Loan.objects.get(pk=lent.loan_id)
    owed = sum(row.left for row in life.rows if row.is_due and row.due_on <= on)
    if owed and draw.random() < 0.3:
        pay_due(lent, call)
        life = engine.pay(life, on, owed, Order.BY_INSTALMENT)
    wish, rule = random_wish(draw), plan_rule_of(loan)
    if life.state is engine.State.CLOSED or draw.random() > 0.06:
        return life, False
    if unfit(life, on, wish.change(), rule):
        return life, False
    try:
        change(lent, call, officers, **vars(wish))
    except ExtensionTooLong:
        return life, False
    return changed(life, on, wish.change(), rule), True


@pytest.mark.parametrize("seed", range(3))
def test_end_of_day_in_sql_equals_the_pure_engine_on_changed_loans(
    seed, clock, call, monkeypatch, officers, borrower
):
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", 3)
    draw, made = random.Random(seed), 0
    lents = [lend(random_loan(draw, borrower.party_id), call()) for _ in range(6)]
    lives = {one.loan_id: life_of(Loan.objects.get(pk=one.loan_id)) for one in lents}
    for _ in range(75):
        on = platform_clock.business_date()
        for lent in lents:
            life, is_changed = live_a_day(draw, call, officers, lent, lives[lent.loan_id])
            lives[lent.loan_id], made = life, made + is_changed
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
        lives = {loan_id: engine.close_day(life, on) for loan_id, life in lives.items()}
    assert made > 5
    assert_books_hold()
    for loan_id, life in lives.items():
        loan = Loan.objects.get(pk=loan_id)
        stored = life_of(loan)
        assert figures(stored) == figures(life)
        if life.state is not engine.State.CLOSED:
            assert stored == life
            assert told_of(loan, platform_clock.business_date()).standing.life == life
