"""A borrower who died or is bankrupt: no penalty, no contact, no debit, until it is lifted."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rongqiao.cli import eod
from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice
from rongqiao.finance.allocation import Order
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.amending.holds import BorrowerHold
from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.collecting.acting import BorrowerOnHold
from rongqiao.lending.servicing.operations.collecting.begin_contact import (
    BeginContact,
    begin_contact,
)
from rongqiao.lending.servicing.operations.collecting.take_case import TakeCase, take_case
from rongqiao.lending.servicing.operations.end_of_day.plan_day import PlanDay, plan_day
from rongqiao.lending.servicing.operations.holding.acting import (
    HoldOwnAffair,
    HoldRoleNeeded,
    HoldWhileClosing,
    HoldWordsNeeded,
)
from rongqiao.lending.servicing.operations.holding.lift_hold import (
    LiftHold,
    NoHoldStands,
    lift_hold,
)
from rongqiao.lending.servicing.operations.holding.put_on_hold import (
    HoldStands,
    HoldUnknown,
    PutOnHold,
    put_on_hold,
)
from rongqiao.lending.servicing.queries.amending.holds import is_held, list_holds
from rongqiao.lending.servicing.queries.amending.lived import told_of
from rongqiao.lending.servicing.queries.collecting.following import open_case_of
from rongqiao.lending.servicing.queries.collecting.queue import next_case
from rongqiao.lending.servicing.queries.daily import list_collectable, list_dues, list_short
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.parties.queries import user_of
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.contact import Channel
from tests.lending.servicing import test_change_terms as terms
from tests.lending.servicing.test_change_terms import pay_due
from tests.lending.servicing.test_end_of_day_sql import figures
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend, uuid_of
from tests.parties.people import actor, make_user

staff, borrower, year = terms.staff, terms.borrower, terms.year


@pytest.fixture
def officer(call, staff):
    user = make_user()
    journeys.give_role(call, *staff.administrators, user, "operator")
    return actor(user)


def put(lent, call, by, **options):
    asked = {"kind": "death", "document": "死亡证明 2026-7", "reason": "家属告知", **options}
    return put_on_hold(PutOnHold(loan_id=lent.loan_id, **asked), call(actor=by))


def lift(lent, call, by, document="继承公证 2026-9"):
    return lift_hold(LiftHold(loan_id=lent.loan_id, document=document), call(actor=by))


def penalty():
    return sum(row.penalty_micro for row in life_of(Loan.objects.get()).rows)


def test_from_its_day_to_its_lifting_no_penalty_is_charged(clock, call, officer, year):
    pass_days(clock, date(2026, 2, 20))
    before = penalty()
    assert before > 0
    put(year, call, officer)
    pass_days(clock, date(2026, 3, 1))
    assert penalty() == before
    loan = Loan.objects.get()
    assert (loan.state, loan.days_past_due) == ("overdue", 24)
    assert told_of(loan, date(2026, 3, 1)).standing.life.rows == life_of(loan).rows
    lift(year, call, officer)
    pass_days(clock, date(2026, 3, 2))
    assert penalty() > before
    loan = Loan.objects.get()
    assert told_of(loan, date(2026, 3, 2)).standing.life.rows == life_of(loan).rows
    assert_books_hold()
    relay.drain(SUBSCRIBERS)
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert {"held", "hold-lifted"} <= kinds


def test_nobody_debits_or_reminds(clock, call, officer, borrower, year):
    Loan.objects.update(is_debit_authorised=True)
    broke = lend(Lend(principal=10**9, party=borrower.party_id, terms=1), call())
    Loan.objects.filter(pk=broke.loan_id).update(is_debit_authorised=True)
    put(year, call, officer)
    pass_days(clock, date(2026, 2, 6))
    on = date(2026, 2, 6)
    assert Loan.objects.filter(state="overdue").count() == 2
    assert list_collectable(on) == list_short(on) == tuple(list_dues(date(2026, 2, 5))) == ()
    lift(year, call, officer)
    assert list_collectable(on)
    assert list(list_dues(date(2026, 2, 5)))


def test_nobody_contacts_the_borrower_and_the_case_goes_on_after(clock, call, staff, officer, year):
    collector = make_user()
    journeys.give_role(call, *staff.administrators, collector, "collector")
    by = actor(collector)
    pass_days(clock, date(2026, 2, 10))
    relay.drain(SUBSCRIBERS)
    case_id = open_case_of(year.loan_id)
    take_case(TakeCase(case_id=case_id), call(actor=by))
    put(year, call, officer)
    with pytest.raises(BorrowerOnHold):
        begin_contact(BeginContact(case_id=case_id, channel=Channel.CALL), call(actor=by))
    on = platform_clock.business_date()
    CollectionCase.objects.update(next_on=on)
    assert next_case(user_of(by), on) is None
    lift(year, call, officer)
    assert next_case(user_of(by), on) == case_id
    assert begin_contact(BeginContact(case_id=case_id, channel=Channel.CALL), call(actor=by))


def test_a_hold_is_of_the_role_and_of_words(call, staff, officer, borrower, year):
    with pytest.raises(HoldRoleNeeded):
        put(year, call, actor(make_user()))
    journeys.give_role(call, *staff.administrators, borrower.user_id, "operator")
    with pytest.raises(HoldOwnAffair):
        put(year, call, borrower.actor)
    for field in ("document", "reason"):
        with pytest.raises(HoldWordsNeeded) as refused:
            put(year, call, officer, **{field: " "})
        assert refused.value.facts["field"] == field
    with pytest.raises(HoldUnknown):
        put(year, call, officer, kind="holiday")
    with pytest.raises(NoHoldStands):
        lift(year, call, officer)
    with pytest.raises(NotFound):
        lift_hold(LiftHold(loan_id=uuid_of(5), document="x"), call(actor=officer))
    put(year, call, officer)
    with pytest.raises(HoldStands):
        put(year, call, officer)
    with pytest.raises(HoldWordsNeeded):
        lift(year, call, officer, document="")
    assert lift(year, call, officer).party_id == borrower.party_id
    assert not is_held(borrower.party_id)
    (one,) = list_holds(borrower.party_id)
    assert one.lift_document == "继承公证 2026-9"


def test_while_a_day_closes_nobody_is_put_on_hold(call, officer, year):
    plan_day(PlanDay(on=platform_clock.business_date(), loans_per_chunk=10), call())
    with pytest.raises(HoldWhileClosing):
        put(year, call, officer)
    assert not BorrowerHold.objects.exists()


def pay_some(draw, call, lents, lives, on):
    for lent in lents:
        life = lives[lent.loan_id]
        owed = sum(row.left for row in life.rows if row.is_due)
        if owed and draw.random() < 0.04:
            pay_due(lent, call)
            lives[lent.loan_id] = engine.pay(life, on, owed, Order.BY_INSTALMENT)


def turn_a_hold(draw, call, by, owing, lives):
    """Put one borrower on hold or lift it; all their loans live on accordingly."""
    lent, party = draw.choice(owing)
    held = not is_held(party)
    (put if held else lift)(lent, call, by)
    for one, whose in owing:
        if whose == party:
            lives[one.loan_id] = replace(lives[one.loan_id], is_held=held)


@pytest.mark.parametrize("seed", range(2))
def test_end_of_day_in_sql_equals_the_pure_engine_through_holds(
    seed, clock, call, monkeypatch, officer, borrower
):
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", 3)
    draw, turns = random.Random(seed), 0
    other = journeys.make_borrower(call, 2)
    parties = [draw.choice([borrower, other]).party_id for _ in range(5)]
    lents = [lend(terms.random_loan(draw, party), call()) for party in parties]
    lives = {one.loan_id: life_of(Loan.objects.get(pk=one.loan_id)) for one in lents}
    for _ in range(70):
        on = platform_clock.business_date()
        pay_some(draw, call, lents, lives, on)
        if draw.random() < 0.15:
            turn_a_hold(draw, call, officer, list(zip(lents, parties, strict=True)), lives)
            turns += 1
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
        lives = {loan_id: engine.close_day(life, on) for loan_id, life in lives.items()}
    assert turns > 4
    assert_books_hold()
    for loan_id, life in lives.items():
        loan = Loan.objects.get(pk=loan_id)
        assert figures(life_of(loan)) == figures(life)
        if life.state is not engine.State.CLOSED:
            assert life_of(loan).rows == life.rows
            assert told_of(loan, platform_clock.business_date()).standing.life == life
