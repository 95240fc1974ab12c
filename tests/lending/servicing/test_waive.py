"""Giving charges up: by two people, within what is due, in the books and on the loan."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.waiving.decide_waiver import (
    DecideWaiver,
    NotYourWaiver,
    WaiverNotWaiting,
    _lower,
    decide_waiver,
)
from rongqiao.lending.servicing.operations.waiving.deciding import (
    WaiverOwnAffair,
    WaiverRoleNeeded,
    WaiverSecondPersonNeeded,
    WaiverUnfit,
)
from rongqiao.lending.servicing.operations.waiving.propose_waiver import (
    ProposeWaiver,
    WaiverReasonNeeded,
    WaiverWaits,
    propose_waiver,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.amending.waivers import list_waivers, waivable_of
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of
from tests.parties.people import actor, make_user

BORROWER = uuid_of(77)
LATE = date(2026, 2, 25)


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture
def officers(call, staff):
    """Two finance officers and an approver."""
    found = [make_user(), make_user(), make_user()]
    for user, role in zip(found, ("finance", "finance", "approver"), strict=True):
        journeys.give_role(call, *staff.administrators, user, role)
    return [actor(user) for user in found]


@pytest.fixture
def late(clock, call):
    """12,000.00 at 24 %, twenty days late: penalty of 78.47 on 3,921.06 of principal."""
    lent = lend(
        Lend(principal=1_200_000, party=BORROWER, rate=Decimal("0.24"), wallet=10**9), call()
    )
    pass_days(clock, LATE)
    return lent


def ask(lent, call, by, *, penalty="0.00", interest="0.00", fee="0.00", reason="系统故障致延误"):
    command = ProposeWaiver(
        loan_id=lent.loan_id,
        penalty=Money.yuan(penalty),
        interest=Money.yuan(interest),
        fee=Money.yuan(fee),
        reason=reason,
    )
    return propose_waiver(command, call(actor=by))


def decide(waiver, word, call, by):
    return decide_waiver(DecideWaiver(waiver_id=waiver.waiver_id, word=word), call(actor=by))


def test_a_second_person_gives_up_penalty_and_interest(call, officers, late):
    owed = waivable_of(late.loan_id)
    income = balance("penalty-income:test")
    asked = ask(late, call, officers[0], penalty=owed.penalty.text(), interest="100.00")
    assert waivable_of(late.loan_id) == owed, "nothing moves before it is agreed"
    done = decide(asked, "approve", call, officers[1])
    assert (done.state, done.loan_state) == ("approved", "overdue")
    after = waivable_of(late.loan_id)
    assert after.penalty == Money.zero()
    assert owed.interest - after.interest == Money.yuan("100.00")
    assert income - balance("penalty-income:test") == owed.penalty
    assert get_loan(late.loan_id, LATE).card.owed_now.penalty == Money.zero()
    assert -sum(e.penalty_minor for e in LoanEntry.objects.filter(kind="waiver")) == (
        owed.penalty.minor
    )
    told = OutboxEvent.objects.get(name="servicing.loan-waived").payload
    assert told["happened_on"] == LATE.isoformat()
    assert_books_hold()


def test_the_days_after_go_on_from_what_is_left(clock, call, officers, late):
    owed = waivable_of(late.loan_id).penalty
    before = Instalment.objects.get(no=1).penalty_micro
    decide(ask(late, call, officers[0], penalty=owed.text()), "approve", call, officers[1])
    kept = Instalment.objects.get(no=1).penalty_micro
    assert kept == max(0, before - owed.minor * 1_000_000)
    pass_days(clock, date(2026, 2, 26))
    row = Instalment.objects.get(no=1)
    assert row.penalty_charged_minor == (2 * row.penalty_micro + 1_000_000) // 2_000_000
    assert_books_hold()


def test_what_was_given_up_is_not_asked_for_again(clock, call, officers, late):
    owed = waivable_of(late.loan_id)
    waiver = ask(
        late, call, officers[0], penalty=owed.penalty.text(), interest=owed.interest.text()
    )
    decide(waiver, "approve", call, officers[1])
    left = get_loan(late.loan_id, LATE).card.owed_now
    assert left.total == left.principal
    command = Repay(loan_id=late.loan_id, party_id=BORROWER, amount=left.total)
    assert repay(command, call()).state == "active"
    row = get_loan(late.loan_id, LATE).rows[0]
    assert (row.scheduled.interest, row.left) == (Money.zero(), Money.zero())
    assert_books_hold()


def test_a_waiver_of_all_that_is_left_closes_the_loan(clock, call, officers):
    terms = Lend(principal=1_200_000, party=BORROWER, method="interest_only", terms=2)
    lent = lend(replace(terms, wallet=10**9), call())
    pass_days(clock, date(2026, 3, 10))
    last = get_loan(lent.loan_id, date(2026, 3, 10)).rows[1].left
    repay(Repay(loan_id=lent.loan_id, party_id=BORROWER, amount=last, instalment_no=2), call())
    owed = waivable_of(lent.loan_id)
    waiver = ask(
        lent, call, officers[0], penalty=owed.penalty.text(), interest=owed.interest.text()
    )
    assert decide(waiver, "approve", call, officers[1]).loan_state == "closed"
    assert OutboxEvent.objects.filter(name="servicing.loan-closed").count() == 1
    assert_books_hold()


def test_what_was_paid_meanwhile_is_not_given_up(call, officers, late):
    owed = waivable_of(late.loan_id)
    waiver = ask(late, call, officers[0], penalty=owed.penalty.text())
    command = Repay(loan_id=late.loan_id, party_id=BORROWER, amount=Money.yuan("1.00"))
    repay(command, call())
    with pytest.raises(WaiverUnfit):
        decide(waiver, "approve", call, officers[1])
    assert decide(waiver, "decline", call, officers[1]).state == "declined"
    assert waivable_of(late.loan_id).penalty == owed.penalty - Money.yuan("1.00")
    assert_books_hold()


def test_nobody_decides_alone(call, officers, late):
    waiver = ask(late, call, officers[0], penalty="1.00")
    with pytest.raises(WaiverSecondPersonNeeded):
        decide(waiver, "approve", call, officers[0])
    with pytest.raises(WaiverWaits):
        ask(late, call, officers[1], penalty="1.00")
    with pytest.raises(NotYourWaiver):
        decide(waiver, "withdraw", call, officers[1])
    assert decide(waiver, "withdraw", call, officers[0]).state == "withdrawn"
    with pytest.raises(WaiverNotWaiting):
        decide(waiver, "approve", call, officers[1])
    assert not LoanEntry.objects.filter(kind="waiver").exists()
    assert [one.state for one in list_waivers(late.loan_id)] == ["withdrawn"]


def test_only_the_roles_that_may_propose_and_decide_do(call, officers, late):
    nobody = actor(make_user())
    with pytest.raises(WaiverRoleNeeded):
        ask(late, call, nobody, penalty="1.00")
    with pytest.raises(WaiverRoleNeeded):
        ask(late, call, officers[2], penalty="1.00")
    waiver = ask(late, call, officers[0], penalty="1.00")
    with pytest.raises(WaiverRoleNeeded):
        decide(waiver, "approve", call, nobody)
    with pytest.raises(NotFound):
        decide_waiver(DecideWaiver(waiver_id=uuid_of(5), word="approve"), call(actor=officers[1]))


def test_a_large_waiver_needs_an_approver(clock, call, officers):
    lent = lend(
        Lend(principal=500_000_000, party=BORROWER, rate=Decimal("0.24"), wallet=10**9), call()
    )
    pass_days(clock, LATE)
    waiver = ask(lent, call, officers[0], interest="10000.01")
    with pytest.raises(WaiverRoleNeeded):
        decide(waiver, "approve", call, officers[1])
    assert decide(waiver, "approve", call, officers[2]).state == "approved"
    assert_books_hold()


def test_no_more_than_is_due_is_given_up(call, officers, late):
    owed = waivable_of(late.loan_id)
    for bucket in ("penalty", "interest", "fee"):
        over = (getattr(owed, bucket) + Money(1)).text()
        with pytest.raises(WaiverUnfit) as refused:
            ask(late, call, officers[0], **{bucket: over})
        assert refused.value.facts["field"] == bucket
    with pytest.raises(WaiverUnfit):
        ask(late, call, officers[0])
    with pytest.raises(WaiverUnfit):
        ask(late, call, officers[0], penalty="-1.00", interest="2.00")
    with pytest.raises(WaiverReasonNeeded):
        ask(late, call, officers[0], penalty="1.00", reason="  ")


def test_nobody_gives_up_what_they_owe(clock, call, staff):
    borrower = journeys.make_borrower(call)
    lent = lend(Lend(principal=1_200_000, party=borrower.party_id), call())
    pass_days(clock, LATE)
    journeys.give_role(call, *staff.administrators, borrower.user_id, "finance")
    with pytest.raises(WaiverOwnAffair):
        ask(lent, call, borrower.actor, penalty="1.00")
    assert Loan.objects.count() == 1


@settings(deadline=None)
@given(st.integers(0, 10**13), st.data())
def test_a_row_relieved_of_penalty_keeps_charging_what_its_gathered_micro_fen_say(micro, data):
    charged = (2 * micro + 1_000_000) // 2_000_000
    row = Instalment(principal_minor=1, penalty_micro=micro, penalty_charged_minor=charged)
    given_up = data.draw(st.integers(0, charged))
    _lower(row, Parts(penalty=given_up), None)
    assert row.penalty_charged_minor == charged - given_up
    assert row.penalty_charged_minor == (2 * row.penalty_micro + 1_000_000) // 2_000_000
    assert row.penalty_micro >= 0
