"""Two people pledge an item and two let it go; the debt, the ranks and the database hold them."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.models import Collateral, Pledge, PledgeRelease
from rongqiao.lending.collateral.operations.acting import (
    CollateralDecided,
    CollateralOwnAffair,
    CollateralRoleNeeded,
    CollateralSecondPersonNeeded,
    CollateralWordsNeeded,
)
from rongqiao.lending.collateral.operations.pledging.bearing import (
    CollateralEnded,
    PledgeBeyondFreeValue,
    ValuationStale,
)
from rongqiao.lending.collateral.operations.pledging.decide_pledge import (
    DecidePledge,
    decide_pledge,
)
from rongqiao.lending.collateral.operations.pledging.propose_pledge import (
    PledgeForCaseOver,
    PledgeStands,
)
from rongqiao.lending.collateral.operations.releasing.letting_go import PledgeStillNeeded
from rongqiao.lending.collateral.operations.releasing.propose_release import ReleaseWaits
from rongqiao.lending.collateral.queries.checks import check_collateral
from rongqiao.lending.collateral.queries.pledges import (
    count_waiting,
    list_waiting,
    pledges_of_parties,
)
from rongqiao.lending.collateral.queries.register import get_item
from rongqiao.lending.collateral.queries.security import (
    security_of_application,
    security_of_loan,
)
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.queries.loans import loan_of_agreement
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.refusals import NotFound, Refusal
from tests.makers.journeys import apply, give_role, make_borrower
from tests.makers.loans import PayIn, pay_in
from tests.makers.securing import (
    Desk,
    decide,
    decide_on_release,
    pledged,
    propose,
    register,
    value,
    valued,
    wish_release,
)
from tests.parties.people import actor

TODAY = date(2026, 1, 5)


def pay_all(call, borrower, agreement_id):
    """Pay the loan of an agreement off in full."""
    loan_id = loan_of_agreement(agreement_id)
    pay_in(PayIn(party=borrower.party_id, amount=Money.yuan("30000")), call(actor="system:test"))
    asked = call(actor=borrower.actor)
    wish = QuotePayoff(loan_id=loan_id, party_id=borrower.party_id, valid_on=asked.on)
    quote = quote_payoff(wish, asked)
    pay_off(PayOff(quote_id=quote.quote_id, party_id=borrower.party_id), call(actor=borrower.actor))


def held():
    checked = check_collateral()
    assert checked.broken == 0, checked
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_pledge_stands_once_two_people_agree(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id)
    pledge_id = propose(call, desk, item, "20000", application_id=signed[0])
    assert security_of_application(signed[0], TODAY).standing == ()
    with pytest.raises(CollateralRoleNeeded):
        decide(call, Desk(desk.keeper, desk.keeper), pledge_id)
    done = decide(call, desk, pledge_id)
    assert (done.state, done.rank) == ("agreed", 1)
    found = security_of_loan(signed[1], TODAY)
    assert found.debt == Money.yuan("20000")
    # 20,000 owed to be lent out of 100,000; a haircut of 40 % leaves more than is secured.
    assert (found.loan_to_value, found.coverage) == (2000, 10_000)
    assert get_item(item, TODAY).secured == Money.yuan("20000")
    held()


def test_whoever_proposed_does_not_agree_and_nobody_else_takes_back(
    call, staff, borrower, desk, signed
):
    item = valued(call, desk, borrower.party_id)
    both = Desk(staff.both, staff.both)
    pledge_id = propose(call, both, item, "20000", application_id=signed[0])
    with pytest.raises(CollateralSecondPersonNeeded):
        decide(call, both, pledge_id)
    with pytest.raises(CollateralSecondPersonNeeded):
        decide(call, Desk(desk.keeper, desk.keeper), pledge_id, "withdraw")
    assert decide(call, both, pledge_id, "withdraw").state == "withdrawn"
    with pytest.raises(CollateralDecided):
        decide(call, desk, pledge_id)


def test_a_declined_pledge_says_why_and_never_changes(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id)
    pledge_id = propose(call, desk, item, "20000", application_id=signed[0])
    with pytest.raises(CollateralWordsNeeded):
        decide(call, desk, pledge_id, "decline", " ")
    decide(call, desk, pledge_id, "decline", "评估报告缺页")
    with pytest.raises(IntegrityError):
        Pledge.objects.filter(pk=pledge_id).update(state="agreed")


def test_nobody_pledges_for_themselves(call, staff, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id)
    pledge_id = propose(call, desk, item, "20000", application_id=signed[0])
    give_role(call, *staff.administrators, borrower.user_id, "approver")
    with pytest.raises(CollateralOwnAffair):
        decide(call, Desk(desk.keeper, borrower.user_id), pledge_id)


def test_a_second_charge_takes_the_next_rank_and_what_is_left(call, clock, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id, yuan="30000")  # bears 21,000
    pledged(call, desk, item, "15000", application_id=signed[0])
    other = make_borrower(call, 7)
    second, _state = apply(call, other)
    with pytest.raises(PledgeBeyondFreeValue) as refused:
        propose(call, desk, item, "6000.01", application_id=second)
    assert refused.value.facts == {"allowed": "6000.00"}
    pledge_id = pledged(call, desk, item, "10000", application_id=second, is_beyond=True)
    row = Pledge.objects.get(pk=pledge_id)
    assert (row.rank, row.is_beyond, row.free_minor) == (2, True, 600_000)
    # After the haircut of 40 % the item gives 18,000: 15,000 to the first, 3,000 to the second.
    assert security_of_application(signed[0], TODAY).cover == Money.yuan("15000")
    assert security_of_application(second, TODAY).cover == Money.yuan("3000")
    held()


def test_two_that_were_proposed_together_do_not_both_fit(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id, yuan="30000")
    second, _state = apply(call, make_borrower(call, 7))
    first = propose(call, desk, item, "15000", application_id=signed[0])
    later = propose(call, desk, item, "15000", application_id=second)
    decide(call, desk, first)
    with pytest.raises(PledgeBeyondFreeValue):
        decide(call, desk, later)
    held()


def test_charges_of_others_come_first(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id, yuan="30000", prior="20000")
    with pytest.raises(PledgeBeyondFreeValue) as refused:
        propose(call, desk, item, "2000", application_id=signed[0])
    assert refused.value.facts == {"allowed": "1000.00"}


def test_a_stale_value_bears_nothing(call, borrower, desk, signed):
    item = register(call, desk, borrower.party_id)
    with pytest.raises(ValuationStale):
        propose(call, desk, item, "1000", application_id=signed[0])
    value(call, desk, item, on=TODAY - timedelta(days=181))
    with pytest.raises(ValuationStale) as refused:
        propose(call, desk, item, "1000", application_id=signed[0])
    assert refused.value.facts == {"value": "2025-07-08", "allowed": "180"}


def test_a_guarantee_ends_on_its_day(call, clock, borrower, desk, signed):
    item = register(call, desk, borrower.party_id, "guarantee", ends_on="2026-01-06")
    value(call, desk, item, "100000", basis="face")
    pledged(call, desk, item, "20000", application_id=signed[0])
    assert security_of_application(signed[0], date(2026, 1, 6)).cover == Money.yuan("20000")
    after = security_of_application(signed[0], date(2026, 1, 7))
    assert (after.cover, after.standing[0].is_ended) == (Money.zero(), True)
    second, _state = apply(call, make_borrower(call, 7))
    BusinessDate.objects.update(on=date(2026, 1, 7))
    with pytest.raises(CollateralEnded):
        propose(call, desk, item, "1000", application_id=second)


def test_an_item_secures_a_case_once(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id)
    propose(call, desk, item, "1000", application_id=signed[0])
    for what in ({"application_id": signed[0]}, {"agreement_id": signed[1]}):
        with pytest.raises(PledgeStands):
            propose(call, desk, item, "1000", **what)
    with pytest.raises(NotFound):
        propose(call, desk, item, "1000")


def test_nothing_secures_a_case_that_is_over(call, borrower, desk):
    application_id, _state = apply(call, borrower)
    withdraw_application(
        WithdrawApplication(application_id=application_id), call(actor=borrower.actor)
    )
    item = valued(call, desk, borrower.party_id)
    with pytest.raises(PledgeForCaseOver):
        propose(call, desk, item, "1000", application_id=application_id)


def test_a_pledge_is_not_let_go_while_the_loan_needs_it(call, borrower, desk, lent):
    item = valued(call, desk, borrower.party_id)
    pledge_id = pledged(call, desk, item, "20000", application_id=lent[0])
    for reason in ("settled", "surplus"):
        with pytest.raises(PledgeStillNeeded) as refused:
            wish_release(call, desk, pledge_id, reason)
        assert refused.value.facts == {"debt": "20000.00", "left": "0.00"}


def test_after_settlement_two_people_let_it_go_for_good(call, staff, borrower, desk, lent):
    item = valued(call, desk, borrower.party_id)
    pledge_id = pledged(call, desk, item, "20000", application_id=lent[0])
    pay_all(call, borrower, lent[1])
    both = Desk(staff.both, staff.both)
    release_id = wish_release(call, both, pledge_id)
    assert count_waiting() == 1
    assert [one.id for one in list_waiting()] == [pledge_id]
    with pytest.raises(ReleaseWaits):
        wish_release(call, desk, pledge_id)
    with pytest.raises(CollateralSecondPersonNeeded):
        decide_on_release(call, both, release_id)
    assert decide_on_release(call, desk, release_id).state == "released"
    assert get_item(item, TODAY).secured == Money.zero()
    with pytest.raises(CollateralDecided):
        wish_release(call, desk, pledge_id)
    held()
    with pytest.raises(IntegrityError):
        Pledge.objects.filter(pk=pledge_id).update(state="agreed", released_at=None)


def test_what_is_more_than_needed_is_let_go_and_the_last_is_not(call, borrower, desk, lent):
    car = valued(call, desk, borrower.party_id)
    deposit = valued(call, desk, borrower.party_id, "deposit", yuan="50000", basis="face")
    on_car = pledged(call, desk, car, "20000", application_id=lent[0])
    on_deposit = pledged(call, desk, deposit, "20000", application_id=lent[0])
    first = wish_release(call, desk, on_car, "surplus")
    second = wish_release(call, desk, on_deposit, "surplus")
    decide_on_release(call, desk, first)
    # Both wishes were sound alone; the second finds the first one gone.
    with pytest.raises(PledgeStillNeeded):
        decide_on_release(call, desk, second)
    decide_on_release(call, desk, second, "decline", "其余押品不足")
    assert PledgeRelease.objects.get(pk=second).state == "declined"
    held()


def test_one_pledge_takes_the_place_of_another(call, borrower, desk, lent):
    car = valued(call, desk, borrower.party_id)
    old = pledged(call, desk, car, "20000", application_id=lent[0])
    poor = valued(call, desk, borrower.party_id, "deposit", yuan="10000", basis="face")
    worse = propose(call, desk, poor, "9000", application_id=lent[0], replaces=old)
    with pytest.raises(PledgeStillNeeded):
        decide(call, desk, worse)
    assert Pledge.objects.get(pk=old).state == "agreed"
    house = valued(call, desk, borrower.party_id, "real_estate", yuan="1000000")
    new = propose(call, desk, house, "20000", application_id=lent[0], replaces=old)
    decide(call, desk, new)
    assert Pledge.objects.get(pk=old).state == "released"
    assert PledgeRelease.objects.get(pledge=old).reason == "substituted"
    assert security_of_loan(lent[1], TODAY).cover == Money.yuan("20000")
    assert Collateral.objects.get(pk=car).secured_minor == 0
    held()


def test_the_database_holds_an_item_to_its_pledges(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id)
    pledged(call, desk, item, "20000", application_id=signed[0])
    Collateral.objects.filter(pk=item).update(secured_minor=1)
    assert check_collateral().broken == 1
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 0},
        {"agreement_id": None, "application_id": None},
        {"state": "gone"},
        {"decided_by": "same"},
        {"free_minor": 1},
    ],
)
def test_the_database_refuses_a_pledge_that_cannot_be(call, borrower, desk, signed, change):
    item = valued(call, desk, borrower.party_id)
    pledged(call, desk, item, "20000", application_id=signed[0])
    row = Pledge.objects.get()
    row.pk, row.number, row.rank = UUID(int=1), "DB-2", 2
    row.collateral_id = register(call, desk, borrower.party_id, number=2)
    for name, told in change.items():
        setattr(row, name, row.proposed_by if told == "same" else told)
    with pytest.raises(IntegrityError):
        row.save(force_insert=True)


def test_the_same_request_is_done_once(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id)
    pledge_id = propose(call, desk, item, "20000", application_id=signed[0])
    agree = DecidePledge(pledge_id=pledge_id, word="agree")
    again = call(actor=actor(desk.decider), key="one")
    assert decide_pledge(agree, again) == decide_pledge(agree, again)
    assert Collateral.objects.get(pk=item).secured_minor == 2_000_000


def test_a_borrower_reads_what_they_gave_and_what_is_given_for_them(call, borrower, desk, signed):
    third = make_borrower(call, 7)
    item = valued(call, desk, third.party_id)
    pledge_id = pledged(call, desk, item, "20000", application_id=signed[0])
    for party in (borrower.party_id, third.party_id):
        assert [one.id for one in pledges_of_parties([party])] == [pledge_id]
    assert pledges_of_parties([make_borrower(call, 8).party_id]) == ()


class World:
    """One car, three applications that want it, and what should be so."""

    def __init__(self, call, desk, borrower, applications):
        self.call, self.desk, self.applications = call, desk, applications
        self.item = valued(call, desk, borrower.party_id)

    def step(self, what, amount):
        """Do one of six things; a refusal is an answer."""
        yuan = f"{amount}.00"
        standing = list(Pledge.objects.filter(state="agreed"))
        waiting = list(Pledge.objects.filter(state="proposed"))
        try:
            if what < 2:
                case = self.applications[amount % len(self.applications)]
                propose(self.call, self.desk, self.item, yuan, application_id=case)
            elif what == 2 and waiting:
                decide(self.call, self.desk, waiting[amount % len(waiting)].pk)
            elif what == 3 and standing:
                one = standing[amount % len(standing)]
                wish = wish_release(self.call, self.desk, one.pk, "surplus")
                decide_on_release(self.call, self.desk, wish)
            elif what == 4:
                value(self.call, self.desk, self.item, yuan)
            elif waiting:
                decide(self.call, self.desk, waiting[0].pk, "decline", "不需要")
        except Refusal:
            return

    def holds(self):
        """The item secures the sum of what was agreed, and each fitted when it was."""
        agreed = Pledge.objects.filter(state="agreed")
        total = sum(one.amount_minor for one in agreed)
        assert Collateral.objects.get(pk=self.item).secured_minor == total
        assert all(one.amount_minor <= one.free_minor for one in agreed)
        covered = sum(security_of_application(one, TODAY).cover.minor for one in self.applications)
        assert covered <= total
        held()


@pytest.fixture
def world(call, desk, borrower):
    """A car and the applications of three borrowers."""
    people = [borrower, make_borrower(call, 7), make_borrower(call, 8)]
    return World(call, desk, borrower, [apply(call, one)[0] for one in people])


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 90_000)), max_size=12))
def test_what_an_item_secures_is_what_was_agreed_whatever_is_tried(world, steps):
    point = transaction.savepoint()
    for what, amount in steps:
        world.step(what, amount)
        world.holds()
    transaction.savepoint_rollback(point)
