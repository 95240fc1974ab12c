"""Giving a loan up: by two people, out of the books to the fen, still owed, and paid back."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.events import LoanWrittenOff
from rongqiao.lending.servicing.models.amending.write_offs import LoanRecovery, WriteOff
from rongqiao.lending.servicing.models.loan_months import LOST, LoanMonth
from rongqiao.lending.servicing.models.loans import BUCKETS, Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.repaying.settling import LoanGivenUp
from rongqiao.lending.servicing.operations.waiving.propose_waiver import (
    ProposeWaiver,
    propose_waiver,
)
from rongqiao.lending.servicing.operations.writing_off.decide_write_off import (
    DecideWriteOff,
    DeclineReasonNeeded,
    NotYourWriteOff,
    WriteOffChanged,
    WriteOffNotWaiting,
    decide_write_off,
)
from rongqiao.lending.servicing.operations.writing_off.deciding import (
    NotToWriteOff,
    WriteOffOwnAffair,
    WriteOffRoleNeeded,
    WriteOffSecondPersonNeeded,
)
from rongqiao.lending.servicing.operations.writing_off.propose_write_off import (
    ProposeWriteOff,
    WaiverUndecided,
    WriteOffWaits,
    WriteOffWordsNeeded,
    propose_write_off,
)
from rongqiao.lending.servicing.operations.writing_off.recover import (
    NothingToRecover,
    Recover,
    RecoveryOutOfRange,
    recover,
    shared,
)
from rongqiao.lending.servicing.queries.amending.write_offs import (
    get_recovery,
    list_candidates,
    list_recoveries,
    list_write_offs,
    quote_write_off,
    write_off_of,
    write_off_totals,
)
from rongqiao.lending.servicing.queries.checks import check_loans
from rongqiao.lending.servicing.queries.loans import get_loan, history_of
from rongqiao.lending.servicing.queries.portfolio import get_portfolio
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.operations import restored
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
def people(call, staff):
    """A collector and two finance officers."""
    found = [make_user(), make_user(), make_user()]
    for user, role in zip(found, ("collector", "finance", "finance"), strict=True):
        journeys.give_role(call, *staff.administrators, user, role)
    return [actor(user) for user in found]


@pytest.fixture
def lost(clock, call):
    """12,000.00 at 24 %, with fees, late and of class loss; the second period is running."""
    lent = lend(
        Lend(
            principal=1_200_000,
            party=BORROWER,
            rate=Decimal("0.24"),
            fee_each=1_234,
            wallet=10**9,
        ),
        call(),
    )
    pass_days(clock, LATE)
    Loan.objects.update(risk_class="loss")
    return lent


def ask(lent, call, by, reason="下落不明，无可供执行财产", evidence="（2026）京0101执1号裁定"):
    command = ProposeWriteOff(loan_id=lent.loan_id, reason=reason, evidence=evidence)
    return propose_write_off(command, call(actor=by))


def decide(asked, word, call, by, expected=None, reason=""):
    command = DecideWriteOff(
        write_off_id=asked.write_off_id, word=word, expected=expected, reason=reason
    )
    return decide_write_off(command, call(actor=by))


def give_up(lent, call, people):
    asked = ask(lent, call, people[0])
    decide(asked, "approve", call, people[1], expected=asked.total)
    return asked


def bring_in(lent, call, yuan, party=BORROWER):
    command = Recover(loan_id=lent.loan_id, party_id=party, amount=Money.yuan(yuan))
    return recover(command, call())


def parts(owed):
    return {bucket: getattr(owed, bucket).minor for bucket in BUCKETS}


def test_what_is_written_off_leaves_the_books_and_stays_owed(call, people, lost):
    quote = quote_write_off(lost.loan_id)
    assert quote.is_fit
    assert all(parts(quote.amounts).values()), "the test wants something in every bucket"
    before = {code: balance(f"{code}:test") for code in ("loan-principal", "interest-receivable")}
    asked = ask(lost, call, people[0])
    assert asked.total == quote.amounts.total
    assert quote_write_off(lost.loan_id).amounts == quote.amounts, "nothing moves before"
    assert balance("loan-principal:test") == before["loan-principal"]
    done = decide(asked, "approve", call, people[1], expected=asked.total)
    assert (done.state, done.loan_state) == ("approved", "written_off")
    assert -balance("write-off:test") == quote.amounts.total
    for code in ("loan-principal", "interest-receivable", "penalty-receivable", "fee-receivable"):
        assert balance(f"{code}:test") == Money.zero()
    kept = write_off_of(lost.loan_id)
    assert (kept.amounts, kept.left) == (quote.amounts, quote.amounts.total)
    assert parts(kept.recovered) == dict.fromkeys(BUCKETS, 0)
    card = get_loan(lost.loan_id, LATE).card
    assert (card.outstanding.total, card.owed_now.total, card.next_due_on) == (
        Money.zero(),
        Money.zero(),
        None,
    )
    assert_books_hold()


def test_every_bucket_leaves_by_a_line_of_its_own_amount(call, people, lost):
    quote = quote_write_off(lost.loan_id).amounts
    give_up(lost, call, people)
    line = LoanEntry.objects.get(kind="write-off")
    assert {bucket: -getattr(line, f"{bucket}_minor") for bucket in BUCKETS} == parts(quote)
    entries = LoanEntry.objects.filter(loan_id=lost.loan_id)
    for bucket in BUCKETS:
        assert sum(getattr(entry, f"{bucket}_minor") for entry in entries) == 0


def test_the_fact_is_told_with_its_amounts(call, people, lost):
    give_up(lost, call, people)
    row = OutboxEvent.objects.get(name="servicing.loan-written-off")
    event = restored(LoanWrittenOff, row.payload)
    amounts = write_off_of(lost.loan_id).amounts
    assert {bucket: getattr(event, bucket) for bucket in BUCKETS} == {
        bucket: getattr(amounts, bucket) for bucket in BUCKETS
    }
    assert (event.happened_on, event.loan_id) == (LATE, lost.loan_id)


def test_days_that_follow_charge_a_lost_loan_nothing(clock, call, people, lost):
    give_up(lost, call, people)
    before = write_off_of(lost.loan_id)
    rows = list(Instalment.objects.order_by("no").values())
    entries = LoanEntry.objects.count()
    clock.move(days_until(date(2026, 4, 20)))
    catch_up(date(2026, 4, 20))
    assert list(Instalment.objects.order_by("no").values()) == rows
    assert LoanEntry.objects.count() == entries
    assert write_off_of(lost.loan_id) == before
    assert Loan.objects.get().state == "written_off"
    month = LoanMonth.objects.get(loan_id=lost.loan_id, on=date(2026, 2, 28))
    assert month.bucket == LOST
    assert not LoanMonth.objects.filter(on=date(2026, 3, 31)).exists()
    assert_books_hold()


def days_until(day):
    return day - LATE


def test_a_lost_loan_is_no_part_of_the_portfolio_and_its_borrower_is_still_late(call, people, lost):
    give_up(lost, call, people)
    portfolio = get_portfolio()
    assert portfolio.principal == Money.zero()
    assert portfolio.states == {"written_off": 1}
    assert history_of(BORROWER).days_past_due > 0


def test_who_brought_back_all_that_was_given_up_is_late_no_more(call, people, lost):
    left = give_up(lost, call, people).total
    worst = history_of(BORROWER).days_past_due_worst
    assert bring_in(lost, call, left.text()).state == "recovered"
    history = history_of(BORROWER)
    assert (history.days_past_due, history.days_past_due_worst) == (0, worst)
    assert worst > 0


def test_nobody_decides_alone_and_only_once(call, people, lost):
    asked = ask(lost, call, people[1])
    with pytest.raises(WriteOffSecondPersonNeeded):
        decide(asked, "approve", call, people[1], expected=asked.total)
    with pytest.raises(WriteOffRoleNeeded):
        decide(asked, "approve", call, people[0], expected=asked.total)
    with pytest.raises(WriteOffWaits):
        ask(lost, call, people[0])
    with pytest.raises(NotYourWriteOff):
        decide(asked, "withdraw", call, people[2])
    decide(asked, "approve", call, people[2], expected=asked.total)
    with pytest.raises(WriteOffNotWaiting):
        decide(asked, "decline", call, people[2], reason="重复")
    with pytest.raises(NotToWriteOff):
        ask(lost, call, people[0])
    assert_books_hold()


def test_a_declined_or_withdrawn_proposal_moves_nothing_and_may_be_made_again(call, people, lost):
    owed = quote_write_off(lost.loan_id).amounts
    first = ask(lost, call, people[0])
    with pytest.raises(DeclineReasonNeeded):
        decide(first, "decline", call, people[1], reason=" ")
    assert decide(first, "decline", call, people[1], reason="证据不足").state == "declined"
    second = ask(lost, call, people[0])
    assert decide(second, "withdraw", call, people[0]).state == "withdrawn"
    assert {one.declined_because for one in list_write_offs()} == {"", "证据不足"}
    assert quote_write_off(lost.loan_id).amounts == owed
    assert Loan.objects.get().state == "overdue"
    assert_books_hold()


def test_an_approval_is_for_the_sum_that_was_shown(clock, call, people, lost):
    asked = ask(lost, call, people[0])
    pass_days(clock, date(2026, 2, 26))
    with pytest.raises(WriteOffChanged):
        decide(asked, "approve", call, people[1], expected=asked.total)
    with pytest.raises(WriteOffChanged):
        decide(asked, "approve", call, people[1])
    now = quote_write_off(lost.loan_id).amounts.total
    assert now > asked.total
    decide(asked, "approve", call, people[1], expected=now)
    kept = write_off_of(lost.loan_id)
    assert (kept.quoted, kept.amounts.total) == (asked.total, now)
    assert_books_hold()


def test_only_a_lost_loan_is_given_up(clock, call, people):
    lent = lend(Lend(principal=1_200_000, party=BORROWER, wallet=10**9), call())
    with pytest.raises(NotToWriteOff):
        ask(lent, call, people[0])
    pass_days(clock, LATE)
    assert not quote_write_off(lent.loan_id).is_fit
    assert list_candidates() == ()
    with pytest.raises(NotToWriteOff):
        ask(lent, call, people[0])
    # 商业银行金融资产风险分类办法 (2023): more than 360 days past due is loss.
    Loan.objects.update(days_past_due=360)
    with pytest.raises(NotToWriteOff):
        ask(lent, call, people[0])
    Loan.objects.update(days_past_due=361)
    assert ask(lent, call, people[0]).total.minor > 0


def test_a_loan_paid_meanwhile_is_not_given_up(call, people, lost):
    asked = ask(lost, call, people[0])
    owed = get_loan(lost.loan_id, LATE).card.owed_now.total
    repay(Repay(loan_id=lost.loan_id, party_id=BORROWER, amount=owed), call())
    with pytest.raises(NotToWriteOff):
        decide(
            asked, "approve", call, people[1], expected=quote_write_off(lost.loan_id).amounts.total
        )
    assert_books_hold()


def test_who_proposes_gives_reason_and_evidence_and_holds_a_role(call, people, lost):
    for reason, evidence in ((" ", "裁定"), ("破产", ""), ("长" * 201, "裁定")):
        with pytest.raises(WriteOffWordsNeeded):
            ask(lost, call, people[0], reason=reason, evidence=evidence)
    with pytest.raises(WriteOffRoleNeeded):
        ask(lost, call, actor(make_user()))
    command = ProposeWaiver(
        loan_id=lost.loan_id,
        penalty=Money.yuan("1.00"),
        interest=Money.zero(),
        fee=Money.zero(),
        reason="系统故障",
    )
    propose_waiver(command, call(actor=people[1]))
    with pytest.raises(WaiverUndecided):
        ask(lost, call, people[0])


def test_nobody_gives_up_what_they_owe(clock, call, staff):
    borrower = journeys.make_borrower(call)
    lent = lend(Lend(principal=1_200_000, party=borrower.party_id), call())
    pass_days(clock, LATE)
    Loan.objects.update(risk_class="loss")
    journeys.give_role(call, *staff.administrators, borrower.user_id, "collector")
    with pytest.raises(WriteOffOwnAffair):
        ask(lent, call, borrower.actor)


def test_what_comes_back_is_the_allowances_and_lowers_what_is_owed(call, people, lost):
    total = give_up(lost, call, people).total
    funds, purse = balance("operator-funds"), balance(f"wallet:{BORROWER}")
    paid = bring_in(lost, call, "1000.00")
    amount = Money.yuan("1000.00")
    assert paid.fee + paid.penalty + paid.interest + paid.principal == amount
    assert paid.left == total - amount
    assert (balance("loan-loss-allowance:test"), -balance("write-off:test")) == (amount, total)
    assert balance("operator-funds") - funds == amount
    assert purse - balance(f"wallet:{BORROWER}") == amount
    kept = write_off_of(lost.loan_id)
    assert (kept.recovered.total, kept.left) == (amount, total - amount)
    receipt = get_recovery(paid.recovery_id, BORROWER)
    assert (receipt.number, receipt.amounts.total) == (paid.number, amount)
    with pytest.raises(NotFound):
        get_recovery(paid.recovery_id, uuid_of(78))
    assert_books_hold()


def test_the_whole_comes_back_and_never_more(call, people, lost):
    total = give_up(lost, call, people).total
    for wrong in (Money.zero(), total + Money(1), Money(-1)):
        with pytest.raises(RecoveryOutOfRange):
            bring_in(lost, call, wrong.text())
    bring_in(lost, call, "0.01")
    left = total - Money(1)
    with pytest.raises(RecoveryOutOfRange):
        bring_in(lost, call, total.text())
    assert bring_in(lost, call, left.text()).state == "recovered"
    with pytest.raises(NothingToRecover):
        bring_in(lost, call, "0.01")
    assert balance("loan-loss-allowance:test") == -balance("write-off:test") == total
    assert [one.left for one in list_recoveries(WriteOff.objects.get().pk)] == [Money.zero(), left]
    assert write_off_totals().recovered == total
    assert [one.loan_state for one in list_write_offs("recovered")] == ["recovered"]
    assert list_write_offs("approved") == ()
    told = OutboxEvent.objects.filter(name="servicing.loan-recovered")
    assert told.count() == 2
    assert_books_hold()


def test_a_lost_loan_is_paid_by_recovery_alone_and_by_its_own_party(call, people, lost):
    with pytest.raises(NothingToRecover):
        bring_in(lost, call, "1.00")
    give_up(lost, call, people)
    command = Repay(loan_id=lost.loan_id, party_id=BORROWER, amount=Money.yuan("1.00"))
    with pytest.raises(LoanGivenUp):
        repay(command, call())
    with pytest.raises(NotFound):
        bring_in(lost, call, "1.00", party=uuid_of(78))
    command = Recover(loan_id=lost.loan_id, party_id=BORROWER, amount=Money.yuan("1.00"))
    with pytest.raises(NotFound):
        recover(command, call(actor=people[1]))


def test_the_check_finds_a_recovery_without_its_receipt(call, people, lost):
    give_up(lost, call, people)
    assert check_loans().broken == 0
    WriteOff.objects.update(principal_recovered_minor=1)
    assert check_loans().broken == 1


def test_the_same_key_writes_off_and_recovers_once(call, people, lost):
    asked = ask(lost, call, people[0])
    command = DecideWriteOff(write_off_id=asked.write_off_id, word="approve", expected=asked.total)
    one = call(actor=people[1], key="once")
    assert decide_write_off(command, one) == decide_write_off(command, one)
    paying = Recover(loan_id=lost.loan_id, party_id=BORROWER, amount=Money.yuan("5.00"))
    again = call(key="again")
    assert recover(paying, again) == recover(paying, again)
    assert LoanRecovery.objects.count() == 1
    assert_books_hold()


AMOUNTS = st.integers(0, 10**9)


@given(st.fixed_dictionaries(dict.fromkeys(BUCKETS, AMOUNTS)), st.data())
def test_whatever_is_paid_in_whatever_parts_not_a_fen_is_made_or_lost(owed, data):
    write_off = WriteOff(**{f"{bucket}_minor": minor for bucket, minor in owed.items()})
    total = came = 0
    while write_off.left_minor:
        amount = data.draw(st.integers(1, write_off.left_minor))
        if total > 8:
            amount = write_off.left_minor
        paid = shared(write_off, Money(amount))
        assert paid.total == amount
        for bucket in BUCKETS:
            minor = getattr(paid, bucket)
            assert 0 <= minor <= write_off.left(bucket)
            recovered = getattr(write_off, f"{bucket}_recovered_minor") + minor
            setattr(write_off, f"{bucket}_recovered_minor", recovered)
        assert paid.principal == 0 or all(
            write_off.left(bucket) == 0 for bucket in ("fee", "penalty", "interest")
        )
        total, came = total + 1, came + amount
    assert came == write_off.total_minor
