"""A loan in breach called back: by two people, after a notice, whole on one day, to the fen."""

import random
from datetime import date, timedelta

import pytest

from rongqiao.cli import eod
from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice
from rongqiao.finance.allocation import Order
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.amending.recalls import Recall
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.lending.servicing.operations.holding.lift_hold import LiftHold, lift_hold
from rongqiao.lending.servicing.operations.holding.put_on_hold import PutOnHold, put_on_hold
from rongqiao.lending.servicing.operations.rescheduling.decide_recall import (
    DecideRecall,
    decide_recall,
)
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    ChangeRoleNeeded,
    ChangeSecondPersonNeeded,
)
from rongqiao.lending.servicing.operations.rescheduling.propose_recall import (
    ProposeRecall,
    RecallStands,
    propose_recall,
)
from rongqiao.lending.servicing.operations.rescheduling.recalling import (
    RecallNotStanding,
    RecallWordsNeeded,
)
from rongqiao.lending.servicing.operations.rescheduling.revoke_recall import (
    RevokeRecall,
    revoke_recall,
)
from rongqiao.lending.servicing.queries.amending.changes import TermsNotChangeable
from rongqiao.lending.servicing.queries.amending.lived import told_of
from rongqiao.lending.servicing.queries.amending.recalls import (
    LoanNotRecallable,
    RecallUnknown,
    quote_recall,
)
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.lending.servicing.terms.recalling import recalled
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from tests.lending.servicing import test_change_terms as terms
from tests.lending.servicing.test_change_terms import pay_due
from tests.lending.servicing.test_end_of_day_sql import figures
from tests.lending.servicing.test_repay import pass_days
from tests.makers.loans import assert_books_hold, lend

staff, officers, borrower, year = terms.staff, terms.officers, terms.borrower, terms.year
MISUSE = {"cause": "misuse", "evidence": "资金流向报告 2026-3"}


def ask(lent, call, by, **options):
    asked = {"cause": "overdue", "grace_days": 10, "evidence": "催收记录 7", "reason": "长期逾期"}
    return propose_recall(
        ProposeRecall(loan_id=lent.loan_id, **{**asked, **options}), call(actor=by)
    )


def decide(asked, word, call, by):
    return decide_recall(DecideRecall(recall_id=asked.recall_id, word=word), call(actor=by))


def notice(lent, call, officers, **options):
    asked = ask(lent, call, officers[0], **options)
    return decide(asked, "approve", call, officers[1])


def loan_now():
    return Loan.objects.get()


def told_kinds():
    relay.drain(SUBSCRIBERS)
    return set(Notice.objects.values_list("kind", flat=True))


def test_on_its_day_all_that_is_ahead_falls_due_with_interest_to_the_day(
    clock, call, officers, year
):
    pass_days(clock, date(2026, 3, 10))
    before = life_of(loan_now())
    shown = quote_recall(year.loan_id, "overdue", 10, date(2026, 3, 10))
    done = notice(year, call, officers)
    assert (done.state, done.falls_on) == ("noticed", date(2026, 3, 20))
    assert life_of(loan_now()) == before, "the plan stands until the day"
    assert "recall-notice-overdue" in told_kinds()
    pass_days(clock, date(2026, 3, 19))
    assert not all(row.is_due for row in life_of(loan_now()).rows)
    pass_days(clock, date(2026, 3, 20))
    loan, life = loan_now(), life_of(loan_now())
    assert all(row.is_due for row in life.rows)
    whole = life.rows[-1]
    assert (whole.due_on, whole.principal, whole.interest) == (
        date(2026, 3, 20),
        shown.principal.minor,
        shown.interest.minor,
    )
    # Fifteen of 31 days of the month's interest on what was not due.
    assert shown.interest.minor == engine.interest_to(before.rows[2].interest, 15, 31)
    assert (loan.matures_on, loan.period_no) == (date(2026, 3, 20), None)
    assert Recall.objects.get().state == "made"
    assert "recalled" in told_kinds()
    assert_books_hold()
    pass_days(clock, date(2026, 3, 30))
    after = life_of(loan_now())
    assert [row.interest for row in after.rows] == [row.interest for row in life.rows]
    daily = engine.penalty_of_day(whole.principal, after.terms.penalty_rate)
    assert after.rows[-1].penalty_micro == 10 * daily, "from that day on, and on all of it"
    assert told_of(loan_now(), date(2026, 3, 30)).standing.life == after
    pay_due(year, call)
    assert loan_now().state == "closed"
    assert_books_hold()


def test_a_recall_on_a_due_date_asks_no_interest_beyond_it(clock, call, officers, year):
    pass_days(clock, date(2026, 2, 23))
    pay_due(year, call)
    notice(year, call, officers, **MISUSE)
    pass_days(clock, date(2026, 3, 5))
    whole = life_of(loan_now()).rows[-1]
    assert (whole.from_on, whole.due_on, whole.interest) == (date(2026, 3, 5),) * 2 + (0,)
    assert_books_hold()
    pass_days(clock, date(2026, 3, 8))
    assert_books_hold()
    assert told_of(loan_now(), date(2026, 3, 8)).standing.life == life_of(loan_now())


def test_paying_what_is_late_before_the_day_ends_the_notice(clock, call, officers, year):
    pass_days(clock, date(2026, 3, 10))
    notice(year, call, officers)
    pass_days(clock, date(2026, 3, 12))
    pay_due(year, call)
    pass_days(clock, date(2026, 3, 20))
    recall = Recall.objects.get()
    assert (recall.state, recall.ended_because) == ("lapsed", "paid")
    assert loan_now().instalments.filter(is_due=False).count() == 10
    assert "recall-ended" in told_kinds()


def test_a_notice_is_taken_back_before_its_day(clock, call, officers, year):
    pass_days(clock, date(2026, 1, 20))
    before = life_of(loan_now())
    done = notice(year, call, officers, **MISUSE)
    with pytest.raises(TermsNotChangeable) as refused:
        terms.ask(year, call, officers[0])
    assert refused.value.facts["reason"] == "recalled"
    command = RevokeRecall(recall_id=done.recall_id, reason="证据不足")
    revoke_recall(command, call(actor=officers[0]))
    with pytest.raises(RecallNotStanding):
        revoke_recall(command, call(actor=officers[1]))
    pass_days(clock, date(2026, 2, 3))
    assert [row.due_on for row in life_of(loan_now()).rows] == [r.due_on for r in before.rows]
    assert not LoanEntry.objects.filter(kind="recall").exists()
    assert "recall-ended" in told_kinds()


def test_it_takes_a_breach_evidence_grace_and_two_people(clock, call, officers, year):
    pass_days(clock, date(2026, 2, 20))
    with pytest.raises(LoanNotRecallable) as refused:
        ask(year, call, officers[0])
    assert refused.value.facts["reason"] == "overdue"
    with pytest.raises(RecallWordsNeeded):
        ask(year, call, officers[0], **{**MISUSE, "evidence": " "})
    for wrong in ({"grace_days": 6}, {"grace_days": 91}, {"cause": "whim"}):
        with pytest.raises(RecallUnknown):
            ask(year, call, officers[0], **{**MISUSE, **wrong})
    with pytest.raises(ChangeRoleNeeded):
        ask(year, call, officers[1], **MISUSE)
    asked = ask(year, call, officers[2], **MISUSE)
    with pytest.raises(RecallStands):
        ask(year, call, officers[0], **MISUSE)
    with pytest.raises(ChangeSecondPersonNeeded):
        decide(asked, "approve", call, officers[2])
    assert decide(asked, "decline", call, officers[1]).state == "declined"
    assert decide(ask(year, call, officers[0], **MISUSE), "withdraw", call, officers[0]).state == (
        "withdrawn"
    )


def test_while_the_borrower_is_on_hold_nothing_is_called_back(clock, call, officers, year):
    pass_days(clock, date(2026, 1, 20))
    notice(year, call, officers, **MISUSE)
    put = PutOnHold(loan_id=year.loan_id, kind="death", document="死亡证明 1", reason="身故")
    put_on_hold(put, call(actor=officers[1]))
    pass_days(clock, date(2026, 2, 2))
    recall = Recall.objects.get()
    assert (recall.state, recall.problem) == ("noticed", "held")
    lift_hold(LiftHold(loan_id=year.loan_id, document="公证 2"), call(actor=officers[1]))
    pass_days(clock, date(2026, 2, 3))
    assert (Recall.objects.get().state, loan_now().matures_on) == ("made", date(2026, 2, 3))
    assert_books_hold()


def live_a_day(draw, call, officers, lent, life):
    """Maybe pay what is due, maybe give notice; return the life."""
    on = platform_clock.business_date()
    owed = sum(row.left for row in life.rows if row.is_due and row.due_on <= on)
    if owed and draw.random() < 0.2:
        pay_due(lent, call)
        life = engine.pay(life, on, owed, Order.BY_INSTALMENT)
    if draw.random() < 0.03 and not Recall.objects.filter(loan_id=lent.loan_id).exists():
        try:
            notice(lent, call, officers, **MISUSE, grace_days=draw.randrange(7, 20))
        except LoanNotRecallable:
            return life
    return life


def test_end_of_day_in_sql_equals_the_pure_engine_on_recalled_loans(
    clock, call, monkeypatch, officers, borrower
):
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", 3)
    draw = random.Random(7)
    lents = [lend(terms.random_loan(draw, borrower.party_id), call()) for _ in range(8)]
    lives = {one.loan_id: life_of(Loan.objects.get(pk=one.loan_id)) for one in lents}
    for _ in range(75):
        on = platform_clock.business_date()
        for lent in lents:
            lives[lent.loan_id] = live_a_day(draw, call, officers, lent, lives[lent.loan_id])
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
        lives = {loan_id: engine.close_day(life, on) for loan_id, life in lives.items()}
        for one in Recall.objects.filter(state="made", ended_on=on + timedelta(days=1)):
            lives[one.loan_id] = recalled(lives[one.loan_id], on + timedelta(days=1))
    assert Recall.objects.filter(state="made").count() > 3
    assert_books_hold()
    for loan_id, life in lives.items():
        loan = Loan.objects.get(pk=loan_id)
        stored = life_of(loan)
        assert figures(stored) == figures(life)
        if life.state is not engine.State.CLOSED:
            assert stored == life
            assert told_of(loan, platform_clock.business_date()).standing.life == life
