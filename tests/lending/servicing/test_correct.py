"""Putting payments right: taken back or counted from an earlier day, on loans and in the books."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.corrections import Correction
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.correcting.decide_correction import (
    CorrectionChanged,
    CorrectionNotWaiting,
    DecideCorrection,
    NotYourCorrection,
    decide_correction,
)
from rongqiao.lending.servicing.operations.correcting.deciding import (
    CorrectionOwnAffair,
    CorrectionReasonNeeded,
    CorrectionRoleNeeded,
    CorrectionSecondPersonNeeded,
    CorrectionWaits,
)
from rongqiao.lending.servicing.operations.correcting.propose_backdating import (
    ProposeBackdating,
    propose_backdating,
)
from rongqiao.lending.servicing.operations.correcting.propose_reversal import (
    CauseUnknown,
    ProposeReversal,
    propose_reversal,
)
from rongqiao.lending.servicing.operations.prepaying.prepay import Prepay, prepay
from rongqiao.lending.servicing.operations.prepaying.quote_prepayment import (
    QuotePrepayment,
    quote_prepayment,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.waiving.decide_waiver import (
    DecideWaiver,
    decide_waiver,
)
from rongqiao.lending.servicing.operations.waiving.propose_waiver import (
    ProposeWaiver,
    propose_waiver,
)
from rongqiao.lending.servicing.queries.amending.corrections import (
    LimitDrawn,
    MoreThanWasOwed,
    PaymentNotThere,
    ValueDateOutOfRange,
    list_corrections,
    list_payments,
    quote_backdating,
    quote_reversal,
)
from rongqiao.lending.servicing.queries.amending.lived import LoanEnded, LoanNotReplayed, told_of
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.ledger.queries import books
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of
from tests.parties.people import actor, make_user

BORROWER = uuid_of(77)
DUE = date(2026, 2, 5)
LATE = date(2026, 2, 25)
RICH = 10**9


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


def new_loan(call, **options):
    terms = {"principal": 1_200_000, "party": BORROWER, "rate": Decimal("0.24"), "wallet": RICH}
    return lend(Lend(**terms | options), call()).loan_id


def owed(loan_id, no=None):
    rows = Instalment.objects.filter(loan_id=loan_id, is_due=True)
    return Money(sum(row.left_minor for row in rows if no in (None, row.no)))


def pay(loan_id, call, amount=None, **options):
    party = Loan.objects.get(pk=loan_id).party_id
    amount = amount or owed(loan_id, options.get("instalment_no"))
    return repay(Repay(loan_id=loan_id, party_id=party, amount=amount, **options), call())


def take_back(loan_id, call, by, *, journal=None, cause="operator-error", reason="录入错误"):
    journal = journal or list_payments(loan_id)[0].journal
    command = ProposeReversal(loan_id=loan_id, journal=journal, cause=cause, reason=reason)
    return propose_reversal(command, call(actor=by))


def back_date(loan_id, call, by, amount, value_on, reason="银行到账延误"):
    command = ProposeBackdating(loan_id=loan_id, amount=amount, value_on=value_on, reason=reason)
    return propose_backdating(command, call(actor=by))


def decide(asked, word, call, by, **options):
    command = DecideCorrection(correction_id=asked.correction_id, word=word, **options)
    return decide_correction(command, call(actor=by))


def standing(loan_id):
    """Everything that a loan stands on, but its number and its sub-ledger."""
    loan = Loan.objects.get(pk=loan_id)
    return (
        life_of(loan),
        loan.owed_minor,
        loan.principal_outstanding_minor,
        loan.interest_outstanding_minor,
        loan.penalty_outstanding_minor,
        loan.days_past_due_worst,
        loan.risk_class,
        loan.closed_on,
        list(loan.instalments.order_by("no").values_list("settled_on", flat=True)),
    )


def assert_all_holds():
    assert_books_hold()
    for check in (books.check_journals, books.check_balances, books.check_floors):
        assert check().broken == 0, check()


def income():
    return balance("interest-income:test"), balance("penalty-income:test")


def test_a_payment_taken_back_leaves_the_loan_and_the_books_as_if_never_paid(clock, call, officers):
    paid, never = new_loan(call), new_loan(call, party=uuid_of(78))
    pass_days(clock, date(2026, 2, 8))
    wallet = balance(f"wallet:{BORROWER}")
    pay(paid, call)
    pass_days(clock, LATE)
    (payment,) = list_payments(paid)
    told = quote_reversal(paid, payment.journal, LATE)
    before = standing(paid)
    asked = take_back(paid, call, officers[0], cause="charge-back")
    assert standing(paid) == before, "nothing moves before it is agreed"
    done = decide(asked, "approve", call, officers[1], shown=told.given_back)
    assert (done.state, done.loan_state) == ("approved", "overdue")
    assert standing(paid) == standing(never)
    assert balance(f"wallet:{BORROWER}") == wallet
    loan = Loan.objects.get(pk=paid)
    assert told.after.penalty.minor == loan.penalty_outstanding_minor
    assert (told.before.days_past_due, told.after.days_past_due) == (0, 20)
    assert told.given_back.minor < 0
    events = OutboxEvent.objects
    reversed_ = events.get(name="servicing.loan-payment-reversed").payload
    assert (reversed_["cause"], reversed_["paid_on"]) == ("charge-back", "2026-02-08")
    assert events.filter(name="servicing.loan-overdue", payload__loan_id=str(paid)).count() == 2
    assert_all_holds()
    pass_days(clock, date(2026, 3, 10))
    assert standing(paid) == standing(never)
    assert_all_holds()


def test_a_payment_put_down_late_counts_from_its_day_and_the_penalty_is_given_back(
    clock, call, officers
):
    late, in_time = new_loan(call), new_loan(call, party=uuid_of(78))
    pass_days(clock, DUE)
    amount = owed(in_time)
    pay(in_time, call)
    pass_days(clock, LATE)
    told = quote_backdating(late, amount, DUE, LATE)
    assert told.given_back == told.before.penalty == owed(late) - amount
    assert told.after.penalty == Money.zero()
    wallet = balance(f"wallet:{BORROWER}")
    asked = back_date(late, call, officers[0], amount, DUE)
    assert asked.given_back == told.given_back
    assert decide(asked, "approve", call, officers[1]).loan_state == "active"
    assert standing(late) == standing(in_time)
    assert wallet - balance(f"wallet:{BORROWER}") == amount
    assert balance("penalty-income:test") == Money.zero()
    (view,) = list_corrections(late, LATE)
    assert (view.state, view.effect) == ("approved", told)
    assert OutboxEvent.objects.filter(
        name="servicing.loan-repaid", payload__loan_id=str(late)
    ).exists()
    assert_all_holds()


def test_a_late_payment_taken_back_and_counted_anew_gives_its_penalty_to_the_wallet(
    clock, call, officers
):
    late, in_time = new_loan(call), new_loan(call, party=uuid_of(78))
    pass_days(clock, DUE)
    amount = owed(in_time)
    pay(in_time, call)
    wallet = balance(f"wallet:{BORROWER}")
    pass_days(clock, date(2026, 2, 15))
    assert owed(late) > amount
    pay(late, call)
    pass_days(clock, LATE)
    decide(take_back(late, call, officers[0]), "approve", call, officers[1])
    decide(back_date(late, call, officers[1], amount, DUE), "approve", call, officers[0])
    assert standing(late) == standing(in_time)
    assert wallet - balance(f"wallet:{BORROWER}") == amount
    kinds = [line.kind for line in LoanEntry.objects.filter(loan_id=late).order_by("id")]
    assert kinds.count("back-dated") == kinds.count("reversal") == 1
    assert_all_holds()
    back = take_back(late, call, officers[0])
    decide(back, "approve", call, officers[1])
    assert balance(f"wallet:{BORROWER}") == wallet
    assert_all_holds()


def test_what_a_later_payment_paid_too_much_goes_back_to_the_wallet(clock, call, officers):
    loan_id = new_loan(call)
    pass_days(clock, LATE)
    both = owed(loan_id)
    wallet = balance(f"wallet:{BORROWER}")
    pay(loan_id, call)
    pass_days(clock, date(2026, 2, 27))
    told = quote_backdating(loan_id, Money.yuan("1000.00"), date(2026, 2, 10), date(2026, 2, 27))
    assert told.to_wallet.minor > 0 > told.to_wallet.minor - 100_000 + 1
    asked = back_date(loan_id, call, officers[0], Money.yuan("1000.00"), date(2026, 2, 10))
    decide(asked, "approve", call, officers[1])
    assert wallet - balance(f"wallet:{BORROWER}") == both - told.given_back
    assert told.to_wallet == told.given_back
    assert owed(loan_id) == Money.zero()
    assert_all_holds()


def test_the_last_payment_counted_from_its_day_closes_the_loan_on_it(clock, call, officers):
    loan_id = new_loan(call, terms=1, method="bullet")
    pass_days(clock, DUE)
    amount = owed(loan_id)
    pass_days(clock, LATE)
    asked = back_date(loan_id, call, officers[0], amount, DUE)
    assert decide(asked, "approve", call, officers[1]).loan_state == "closed"
    loan = Loan.objects.get(pk=loan_id)
    assert (loan.closed_on, loan.owed_minor, loan.is_prepaid) == (DUE, 0, False)
    assert OutboxEvent.objects.filter(name="servicing.loan-closed").count() == 1
    with pytest.raises(LoanEnded):
        take_back(loan_id, call, officers[0])
    assert_all_holds()


def test_a_proposal_on_a_loan_that_ended_meanwhile_is_declined(clock, call, officers):
    loan_id = new_loan(call, terms=1, method="bullet")
    pass_days(clock, LATE)
    pay(loan_id, call, Money.yuan("5.00"))
    asked = take_back(loan_id, call, officers[0])
    assert pay(loan_id, call).state == "closed"
    with pytest.raises(LoanEnded):
        decide(asked, "approve", call, officers[1])
    assert list_corrections(loan_id, LATE)[0].effect is None
    assert decide(asked, "decline", call, officers[1]).state == "declined"


def waive(loan_id, call, officers, amount):
    nothing = Money.zero()
    command = ProposeWaiver(
        loan_id=loan_id, penalty=amount, interest=nothing, fee=nothing, reason="系统故障"
    )
    waiver = propose_waiver(command, call(actor=officers[0]))
    decide_waiver(DecideWaiver(waiver_id=waiver.waiver_id, word="approve"), call(actor=officers[1]))


def prepay_part(loan_id, call, choice):
    party = Loan.objects.get(pk=loan_id).party_id
    ask = QuotePrepayment(loan_id=loan_id, party_id=party, principal=Money.yuan("3000.00"))
    quoted = quote_prepayment(ask, call())
    prepay(Prepay(quote_id=quoted.quote_id, party_id=party, choice=choice), call())


def test_waivers_and_new_plans_are_lived_again(clock, call, officers):
    loan_id = new_loan(call, terms=6)
    pass_days(clock, date(2026, 2, 20))
    waive(loan_id, call, officers, Money.yuan("5.00"))
    pay(loan_id, call)
    pass_days(clock, date(2026, 2, 22))
    prepay_part(loan_id, call, "lower")
    pass_days(clock, date(2026, 3, 9))
    pay(loan_id, call)
    prepay_part(loan_id, call, "shorten")
    pass_days(clock, date(2026, 4, 12))
    told = told_of(Loan.objects.get(pk=loan_id), date(2026, 4, 12))
    assert told.standing.life.rows == life_of(Loan.objects.get(pk=loan_id)).rows
    first = list_payments(loan_id)[-1]
    with pytest.raises(LoanNotReplayed):
        take_back(loan_id, call, officers[0], journal=first.journal)
    pay(loan_id, call, Money.yuan("10.00"))
    decide(take_back(loan_id, call, officers[0]), "approve", call, officers[1])
    asked = back_date(loan_id, call, officers[0], Money.yuan("10.00"), date(2026, 4, 7))
    decide(asked, "approve", call, officers[1])
    assert_all_holds()


def test_only_what_the_records_tell_to_the_fen_is_corrected(clock, call, officers):
    loan_id = new_loan(call)
    pass_days(clock, LATE)
    pay(loan_id, call, Money.yuan("100.00"))
    Instalment.objects.filter(no=1).update(penalty_micro=1)
    with pytest.raises(LoanNotReplayed) as refused:
        take_back(loan_id, call, officers[0])
    assert refused.value.facts["reason"] == "instalments"


def test_a_drawings_payment_is_not_taken_back(clock, call, officers):
    loan_id = new_loan(call)
    pass_days(clock, LATE)
    pay(loan_id, call)
    Loan.objects.update(drawing_id=uuid_of(5))
    with pytest.raises(LimitDrawn):
        take_back(loan_id, call, officers[0])


def test_what_the_wallet_lacks_is_not_counted_as_paid(clock, call, officers):
    loan_id = new_loan(call, wallet=0, principal=1_200_000, terms=1, method="bullet")
    pass_days(clock, LATE)
    pay(loan_id, call, Money.yuan("11900.00"))
    asked = back_date(loan_id, call, officers[0], Money.yuan("300.00"), date(2026, 2, 10))
    with pytest.raises(InsufficientFunds):
        decide(asked, "approve", call, officers[1])
    assert Correction.objects.get().state == "waiting"
    assert_all_holds()


def test_a_payment_counts_from_a_day_of_the_loans_life_and_from_no_more_than_was_due(
    clock, call, officers
):
    loan_id = new_loan(call)
    pass_days(clock, LATE)
    for day in (date(2026, 1, 4), LATE, date(2026, 3, 1)):
        with pytest.raises(ValueDateOutOfRange):
            back_date(loan_id, call, officers[0], Money(1), day)
    with pytest.raises(MoreThanWasOwed) as refused:
        back_date(loan_id, call, officers[0], owed(loan_id), DUE)
    most = Money(sum(row.principal_minor + row.interest_minor for row in _first(loan_id)))
    assert refused.value.facts["allowed"] == f"0.01 - {most.text()}"
    with pytest.raises(MoreThanWasOwed):
        back_date(loan_id, call, officers[0], Money(1), date(2026, 2, 4))
    with pytest.raises(MoreThanWasOwed):
        back_date(loan_id, call, officers[0], Money.zero(), DUE)


def _first(loan_id):
    return Instalment.objects.filter(loan_id=loan_id, no=1)


def test_nobody_decides_alone_nor_on_what_was_not_shown(clock, call, officers):
    loan_id = new_loan(call)
    pass_days(clock, LATE)
    pay(loan_id, call, Money.yuan("100.00"))
    nobody = actor(make_user())
    with pytest.raises(CorrectionRoleNeeded):
        take_back(loan_id, call, nobody)
    with pytest.raises(CorrectionRoleNeeded):
        take_back(loan_id, call, officers[2])
    with pytest.raises(CorrectionReasonNeeded):
        take_back(loan_id, call, officers[0], reason=" ")
    with pytest.raises(CauseUnknown):
        take_back(loan_id, call, officers[0], cause="whim")
    with pytest.raises(PaymentNotThere):
        take_back(loan_id, call, officers[0], journal=10**9)
    asked = take_back(loan_id, call, officers[0])
    with pytest.raises(CorrectionWaits):
        take_back(loan_id, call, officers[1])
    with pytest.raises(CorrectionSecondPersonNeeded):
        decide(asked, "approve", call, officers[0])
    with pytest.raises(NotYourCorrection):
        decide(asked, "withdraw", call, officers[1])
    pass_days(clock, date(2026, 2, 26))
    (view,) = list_corrections(loan_id, date(2026, 2, 26))
    with pytest.raises(CorrectionChanged):
        decide(asked, "approve", call, officers[1], shown=view.effect.given_back + Money(1))
    assert decide(asked, "withdraw", call, officers[0]).state == "withdrawn"
    with pytest.raises(CorrectionNotWaiting):
        decide(asked, "approve", call, officers[1])
    again = take_back(loan_id, call, officers[0])
    decide(again, "approve", call, officers[1])
    with pytest.raises(PaymentNotThere):
        take_back(
            loan_id,
            call,
            officers[0],
            journal=Correction.objects.latest("proposed_at").payment_journal,
        )
    with pytest.raises(NotFound):
        decide_correction(
            DecideCorrection(correction_id=uuid_of(1), word="approve"), call(actor=officers[0])
        )
    assert_all_holds()


def test_a_large_sum_is_given_back_by_an_approver_alone(clock, call, officers):
    loan_id = new_loan(call, principal=500_000_000, terms=1, method="bullet", wallet=10**10)
    pass_days(clock, DUE)
    amount = owed(loan_id)
    pass_days(clock, date(2026, 3, 1))
    asked = back_date(loan_id, call, officers[0], amount, DUE)
    assert asked.given_back > Money.yuan("10000.00")
    with pytest.raises(CorrectionRoleNeeded):
        decide(asked, "approve", call, officers[1])
    assert decide(asked, "approve", call, officers[2]).state == "approved"
    assert_all_holds()


def test_nobody_corrects_what_they_paid(clock, call, staff):
    borrower = journeys.make_borrower(call)
    loan_id = new_loan(call, party=borrower.party_id)
    pass_days(clock, LATE)
    pay(loan_id, call)
    journeys.give_role(call, *staff.administrators, borrower.user_id, "finance")
    with pytest.raises(CorrectionOwnAffair):
        take_back(loan_id, call, borrower.actor)


KINDS = (
    {"method": "equal_instalment", "fee_each": 1234},
    {"method": "equal_principal", "is_penalty_on_interest": True, "grace_days": 3},
    {"method": "interest_only", "fee_each": 1, "day_count": "act/360"},
)


@pytest.mark.parametrize("seed", range(4))
def test_corrected_loans_stand_where_loans_stand_that_lived_so(seed, clock, call, officers):
    """Twins: one misses a payment that is put right later, the other paid it; equal to the fen."""
    draw = random.Random(seed)
    twins = [
        [new_loan(call, party=uuid_of(party), principal=999_983, **kind) for party in (200, 201)]
        for kind in KINDS
    ]
    missed = {}
    for _ in range(75):
        on = platform_clock.business_date()
        for right, wrong in twins:
            amount = _drawn(draw, right)
            if amount is None:
                continue
            pay(right, call, amount)
            if wrong not in missed and draw.random() < 0.5:
                missed[wrong] = (right, amount, on)
            else:
                pay(wrong, call, amount)
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
    assert missed
    for wrong, (right, amount, on) in missed.items():
        decide(back_date(wrong, call, officers[0], amount, on), "approve", call, officers[1])
        assert standing(wrong) == standing(right)
        assert_all_holds()
        _and_back(wrong, call, officers)


def _drawn(draw, loan_id):
    """Return what is paid today, if anything, leaving a fen so that the loan lives on."""
    due = owed(loan_id).minor
    if due < 2 or draw.random() > 0.15:
        return None
    return Money(due - 1 if draw.random() < 0.3 else draw.randrange(1, due))


def _and_back(loan_id, call, officers):
    """Take every payment back, the oldest first: nothing was ever paid, all money is returned."""
    for payment in list_payments(loan_id)[::-1]:
        asked = take_back(loan_id, call, officers[0], journal=payment.journal)
        decide(asked, "approve", call, officers[1])
        assert_all_holds()
    left = Loan.objects.get(pk=loan_id)
    assert left.principal_outstanding_minor == left.principal_minor
    told = told_of(left, platform_clock.business_date())
    assert told.payments == ()
