"""Restructured by two people against evidence: late principal spread anew, watched, to the fen."""

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
from rongqiao.finance.months import add_months
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.correcting.decide_correction import (
    DecideCorrection,
    decide_correction,
)
from rongqiao.lending.servicing.operations.correcting.propose_backdating import (
    ProposeBackdating,
    propose_backdating,
)
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    ChangeSecondPersonNeeded,
)
from rongqiao.lending.servicing.operations.rescheduling.propose_change import ChangeWordsNeeded
from rongqiao.lending.servicing.queries.amending.changes import (
    TermsNotChangeable,
    Wish,
    get_supplement,
    quote_change,
)
from rongqiao.lending.servicing.queries.amending.lived import told_of
from rongqiao.lending.servicing.queries.amending.prepayments import list_former_plans
from rongqiao.lending.servicing.queries.amending.rates import RateNotAllowed
from rongqiao.lending.servicing.queries.amending.watched import list_watched, watched_sums
from rongqiao.lending.servicing.queries.lives import life_of, plan_rule_of
from rongqiao.lending.servicing.terms.repricing import Price
from rongqiao.lending.servicing.terms.restructuring import Relief, restructured, unrelieved
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.policies.credit import restructuring as policy
from tests.lending.servicing import test_change_terms as terms
from tests.lending.servicing.test_change_terms import change, decide, pay_due
from tests.lending.servicing.test_end_of_day_sql import figures
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import assert_books_hold, lend
from tests.parties.people import actor, make_user

staff, officers, borrower, year = terms.staff, terms.officers, terms.borrower, terms.year
HARDSHIP = {"kind": "restructuring", "evidence": "停产证明 2026-7", "reason": "财务困难"}
LONGER = {**HARDSHIP, "months": 6}


def loan_now():
    return Loan.objects.get()


def standing():
    loan = loan_now()
    return loan.state, loan.risk_class, loan.watched_until


def live_to(day, clock, lent, call):
    """Pay whatever is due on every day before `day`."""
    while (on := platform_clock.business_date()) < day:
        pay_due(lent, call)
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))


def test_what_is_late_is_spread_anew_and_what_was_charged_is_put_off(
    clock, call, officers, borrower, year
):
    pass_days(clock, date(2026, 3, 20))
    before = life_of(loan_now())
    late = [row for row in before.rows if row.is_due]
    assert len(late) == 2
    owed = engine.payoff(before, date(2026, 3, 20), engine.Prepayment())
    wish = Wish(kind="restructuring", months=6, rate_annual=Decimal("0.08"))
    shown = quote_change(year.loan_id, wish, date(2026, 3, 20))
    assert [row.due_on for row in shown.before[:2]] == [row.due_on for row in late]
    asked = terms.ask(year, call, officers[0], **LONGER, rate_annual=Decimal("0.08"))
    assert life_of(loan_now()) == before, "nothing moves before it is agreed"
    done = decide(asked, "approve", call, officers[1], shown.total)
    assert (done.state, done.matures_on) == ("approved", date(2027, 7, 5))
    loan, life = loan_now(), life_of(loan_now())
    assert standing() == ("restructured", "special-mention", date(2027, 4, 5))
    assert (loan.days_past_due, loan.rate_annual) == (0, Decimal("0.08"))
    assert loan.penalty_rate_annual * Decimal("0.12") == Decimal("0.08") * before.terms.penalty_rate
    after = engine.payoff(life, date(2026, 3, 20), engine.Prepayment())
    assert after == owed, "nothing is capitalised, nothing forgiven"
    put_off = [row for row in life.rows if row.is_due]
    assert {row.due_on for row in put_off} == {date(2026, 4, 5)}
    assert [row.principal for row in put_off] == [0, 0, 0]
    ahead = [row for row in life.rows if not row.is_due]
    assert (len(ahead), ahead[0].from_on) == (16, date(2026, 3, 20))
    balances = loan.instalments.filter(is_due=True).values_list("balance_minor", flat=True)
    assert set(balances) == {sum(row.principal for row in ahead)}
    assert_books_hold()
    assert told_of(loan, date(2026, 3, 20)).standing.life == life
    paper = get_supplement(done.change_id, borrower.party_id)
    assert "因借款人发生财务困难" in paper.text
    assert f"其中罚息{shown.penalty.text()}元" in paper.text
    assert [plan.cause for plan in list_former_plans(year.loan_id)] == ["rescheduling"]
    relay.drain(SUBSCRIBERS)
    assert Notice.objects.filter(kind="restructured").count() == 1


def test_it_takes_two_people_evidence_and_terms_that_help(call, officers, year):
    with pytest.raises(ChangeWordsNeeded) as refused:
        terms.ask(year, call, officers[0], **{**LONGER, "evidence": " "})
    assert refused.value.facts["field"] == "evidence"
    with pytest.raises(RateNotAllowed):
        terms.ask(year, call, officers[0], **HARDSHIP, months=0, rate_annual=Decimal("0.12"))
    with pytest.raises(TermsNotChangeable) as refused:
        terms.ask(year, call, officers[0], **HARDSHIP, months=0)
    assert refused.value.facts["reason"] == "nothing"
    asked = terms.ask(year, call, officers[2], **LONGER)
    with pytest.raises(ChangeSecondPersonNeeded):
        decide(asked, "approve", call, officers[2])
    assert TermChange.objects.get().state == "waiting"
    assert loan_now().state == "active"


def test_a_clean_watch_ends_and_the_loan_is_in_order_again(clock, call, officers, year):
    pass_days(clock, date(2026, 2, 10))
    change(year, call, officers, **LONGER)
    with pytest.raises(TermsNotChangeable) as refused:
        terms.ask(year, call, officers[0])
    assert refused.value.facts["reason"] == "watched"
    (watched,) = list_watched(date(2026, 2, 10), 0)
    assert (watched.until, watched.days_left) == (date(2027, 3, 5), 388)
    live_to(date(2027, 3, 4), clock, year, call)
    assert standing() == ("restructured", "special-mention", date(2027, 3, 5))
    live_to(date(2027, 3, 5), clock, year, call)
    assert standing() == ("active", "pass", None)
    assert watched_sums().loans == 0
    told = told_of(loan_now(), date(2027, 3, 5)).standing
    assert (told.life, told.risk_class) == (life_of(loan_now()), "pass")


def test_every_day_late_begins_the_watch_anew(clock, call, officers, year):
    pass_days(clock, date(2026, 2, 10))
    change(year, call, officers, **LONGER)
    pass_days(clock, date(2026, 3, 20))
    assert standing() == ("overdue", "special-mention", date(2027, 3, 20))
    pay_due(year, call)
    assert standing() == ("restructured", "special-mention", date(2027, 3, 20))
    pass_days(clock, date(2026, 7, 10))
    assert standing() == ("overdue", "substandard", date(2027, 7, 10)), "worse at once"
    live_to(date(2027, 1, 9), clock, year, call)
    assert standing()[:2] == ("restructured", "substandard")
    live_to(date(2027, 1, 10), clock, year, call)
    assert standing() == ("restructured", "special-mention", date(2027, 7, 10))
    told = told_of(loan_now(), date(2027, 1, 10)).standing
    assert (told.life, told.risk_class) == (life_of(loan_now()), "special-mention")


def test_relief_on_relief_is_substandard_until_six_months_are_paid(clock, call, officers, year):
    change(year, call, officers, **LONGER)
    live_to(date(2026, 3, 10), clock, year, call)
    change(year, call, officers, **HARDSHIP, months=3)
    assert standing() == ("restructured", "substandard", date(2027, 4, 5))
    live_to(date(2026, 10, 4), clock, year, call)
    assert standing()[1] == "substandard"
    live_to(date(2026, 10, 5), clock, year, call)
    assert standing() == ("restructured", "special-mention", date(2027, 4, 5))
    told = told_of(loan_now(), date(2026, 10, 5)).standing
    assert (told.life, told.risk_class) == (life_of(loan_now()), "special-mention")


def test_a_payment_found_late_keeps_the_restructuring_and_its_watch(
    clock, call, staff, officers, year
):
    finance = make_user()
    journeys.give_role(call, *staff.administrators, finance, "finance")
    pass_days(clock, date(2026, 2, 10))
    change(year, call, officers, **LONGER)
    pass_days(clock, date(2026, 3, 5))
    owed = sum(row.left for row in life_of(loan_now()).rows if row.is_due)
    pass_days(clock, date(2026, 3, 20))
    assert standing() == ("overdue", "special-mention", date(2027, 3, 20))
    command = ProposeBackdating(
        loan_id=year.loan_id, amount=Money(owed), value_on=date(2026, 3, 5), reason="到账延误"
    )
    asked = propose_backdating(command, call(actor=actor(finance)))
    decided = DecideCorrection(correction_id=asked.correction_id, word="approve")
    decide_correction(decided, call(actor=officers[1]))
    assert standing() == ("restructured", "special-mention", date(2027, 3, 5)), "never was late"
    assert_books_hold()
    assert told_of(loan_now(), date(2026, 3, 20)).standing.life == life_of(loan_now())


def test_a_loan_whose_last_due_date_is_over_gets_new_due_dates(clock, call, officers, year):
    pass_days(clock, date(2027, 2, 20))
    before = life_of(loan_now())
    assert all(row.is_due for row in before.rows)
    change(year, call, officers, **LONGER)
    life = life_of(loan_now())
    ahead = [row for row in life.rows if not row.is_due]
    assert [row.due_on for row in ahead] == [add_months(date(2027, 3, 5), n) for n in range(6)]
    assert sum(row.principal for row in ahead) == 1_200_000
    assert standing()[:2] == ("restructured", "loss"), "the class does not improve by it"
    assert_books_hold()
    assert told_of(loan_now(), date(2027, 2, 20)).standing.life == life
    pass_days(clock, date(2027, 3, 8))
    assert told_of(loan_now(), date(2027, 3, 8)).standing.life == life_of(loan_now())


def random_relief(draw):
    asked = {"months": draw.choice([0, 0, 1, 2, 3, 6])}
    if draw.random() < 0.5:
        asked["rate_annual"] = Decimal(draw.randrange(100, 2_000)) / 10_000
    return asked


def live_a_day(draw, call, officers, lent, life, odds):
    """Maybe pay what is due, maybe restructure; return the life, and whether it was."""
    on, loan = platform_clock.business_date(), Loan.objects.get(pk=lent.loan_id)
    owed = sum(row.left for row in life.rows if row.is_due and row.due_on <= on)
    if owed and draw.random() < odds[0]:
        pay_due(lent, call)
        life = engine.pay(life, on, owed, Order.BY_INSTALMENT)
    asked, rule = random_relief(draw), plan_rule_of(loan)
    if life.state is engine.State.CLOSED or draw.random() > odds[1]:
        return life, False
    bare = Relief(asked["months"], Price(rule.rate, Decimal(1)) if len(asked) > 1 else None)
    if asked.get("rate_annual", 0) >= loan.rate_annual or unrelieved(life, on, bare, rule):
        return life, False
    change(lent, call, officers, **HARDSHIP, **asked)
    loan.refresh_from_db()
    price = None
    if "rate_annual" in asked:
        price = Price(plan_rule_of(loan).rate, loan.penalty_rate_annual)
    return restructured(life, on, Relief(asked["months"], price), rule), True


@pytest.mark.parametrize("seed", range(3))
def test_end_of_day_in_sql_equals_the_pure_engine_on_restructured_loans(
    seed, clock, call, monkeypatch, officers, borrower
):
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", 3)
    ((_, first), (since, rules)) = policy.entries()
    short = policy.WatchRules(
        months=1, at_least="special-mention", again_at_least="substandard", rules=rules.rules
    )
    monkeypatch.setattr(policy, "entries", lambda: ((date(2019, 1, 1), first), (since, short)))
    draw, made, ended = random.Random(seed), 0, 0
    lents = [lend(terms.random_loan(draw, borrower.party_id), call()) for _ in range(6)]
    lives = {one.loan_id: life_of(Loan.objects.get(pk=one.loan_id)) for one in lents}
    for day in range(90):
        on = platform_clock.business_date()
        for place, lent in enumerate(lents):
            # Half of them pay well; most is agreed on early, so that watches end.
            odds = (0.9 if place % 2 else 0.15, 0.12 if day < 25 else 0.015)
            life, is_made = live_a_day(draw, call, officers, lent, lives[lent.loan_id], odds)
            lives[lent.loan_id], made = life, made + is_made
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
        closed = {loan_id: engine.close_day(life, on) for loan_id, life in lives.items()}
        ended += sum(
            lives[one].watched_until is not None and life.watched_until is None
            for one, life in closed.items()
        )
        lives = closed
    assert made > 5
    assert ended > 0
    assert_books_hold()
    for loan_id, life in lives.items():
        loan = Loan.objects.get(pk=loan_id)
        stored = life_of(loan)
        assert figures(stored) == figures(life)
        if life.state is not engine.State.CLOSED:
            assert stored == life
            told = told_of(loan, platform_clock.business_date()).standing
            assert (told.life, told.risk_class.value) == (life, loan.risk_class)
