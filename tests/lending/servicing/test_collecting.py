"""Collecting: who may contact a debtor and when, what a promise comes to, what needs two people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rongqiao.config.wiring import LOOK_AFTER_CASES, SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.collecting import (
    CaseProposal,
    CollectionCase,
    CollectionContact,
    CollectionRecovery,
    PaymentPromise,
)
from rongqiao.lending.servicing.operations.collecting.acting import NotYours, OwnAffair, RoleNeeded
from rongqiao.lending.servicing.operations.collecting.begin_contact import (
    BeginContact,
    CallsUsed,
    ContactUnderWay,
    DebtorOnly,
    QuietHours,
    StoppedByComplaint,
    begin_contact,
)
from rongqiao.lending.servicing.operations.collecting.decide_proposal import (
    DecideProposal,
    NotWaiting,
    SecondPersonNeeded,
    decide_proposal,
)
from rongqiao.lending.servicing.operations.collecting.end_contact import (
    EndContact,
    NoContactUnderWay,
    OutcomeUnfit,
    PromiseUnfit,
    end_contact,
)
from rongqiao.lending.servicing.operations.collecting.open_case import OpenCase, open_case
from rongqiao.lending.servicing.operations.collecting.propose import (
    ALONE_MOST,
    OfferSettlement,
    OfferUnfit,
    ProposalStands,
    ProposeHandOver,
    offer_settlement,
    propose_hand_over,
)
from rongqiao.lending.servicing.operations.collecting.stop_contact import (
    AllowContact,
    LiftedByAnother,
    StopContact,
    allow_contact,
    stop_contact,
)
from rongqiao.lending.servicing.operations.collecting.take_case import (
    GiveCase,
    NotACollector,
    TakeCase,
    TakenByAnother,
    give_case,
    take_case,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.collecting.cases import get_case, phone_to_reach
from rongqiao.lending.servicing.queries.collecting.queue import QueueFilters, list_cases
from rongqiao.parties.queries import users_of
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.policies.contact import Channel, Whom
from tests.makers.collecting import overdue_cases, pass_days
from tests.makers.loans import PayIn, pay_in
from tests.makers.officers import make_officer
from tests.parties.people import actor


@pytest.fixture
def case_id(clock, call):
    """The case of somebody who paid nothing of an instalment due nine days ago."""
    return overdue_cases(clock, call)[0]


@pytest.fixture
def collector(clock, call, case_id):
    """Who has the case in hand."""
    user_id = make_officer(clock, role="collector")
    take_case(TakeCase(case_id=case_id), call(actor=actor(user_id)))
    return user_id


@pytest.fixture
def by(call):
    """Return `by(user)`: a call of that user."""
    return lambda user_id: call(actor=actor(user_id))


def case_of(case_id):
    return CollectionCase.objects.select_related("loan").get(pk=case_id)


def ring(case_id, call, channel=Channel.CALL, whom=Whom.DEBTOR):
    return begin_contact(BeginContact(case_id=case_id, channel=channel, whom=whom), call)


def talk(case_id, by_whom, outcome="no-answer", **options):
    ring(case_id, by_whom())
    return end_contact(EndContact(case_id=case_id, outcome=outcome, **options), by_whom())


def pay(case, yuan, call):
    pay_in(PayIn(party=case.party_id, amount=Money.yuan(yuan)), call(actor="system:test"))
    command = Repay(loan_id=case.loan_id, party_id=case.party_id, amount=Money.yuan(yuan))
    repay(command, call(actor="system:test"))
    relay.drain(SUBSCRIBERS)


def test_a_case_opens_when_its_loan_is_overdue_and_closes_when_it_is_paid(clock, call, case_id):
    case = case_of(case_id)
    assert case.state == "open"
    assert str(case.oldest_due_on) == "2026-02-05"
    late = list_cases(QueueFilters(), platform_clock.business_date())[0].past_due
    pay(case, late.text(), call)
    case = case_of(case_id)
    assert (case.state, case.closed_by_state, case.loan.state) == ("closed", "active", "active")
    assert CollectionRecovery.objects.get().amount_minor == late.minor


def test_a_case_opens_too_where_the_fact_is_heard_before_its_day_has_closed(clock, call, case_id):
    case = case_of(case_id)
    CollectionCase.objects.filter(pk=case_id).update(
        state="closed", closed_at=clock.now(), closed_on=platform_clock.business_date()
    )
    early = replace(call(actor="system:test"), on=case.oldest_due_on)
    opened = open_case(OpenCase(loan_id=case.loan_id), early)
    assert case_of(opened.case_id).oldest_due_on == case.oldest_due_on


def test_a_loan_overdue_again_gets_a_case_of_its_own(clock, call, case_id):
    case = case_of(case_id)
    late = list_cases(QueueFilters(), platform_clock.business_date())[0].past_due
    pay(case, late.text(), call)
    pass_days(clock, 30)
    assert CollectionCase.objects.filter(loan=case.loan).count() == 2


def test_what_no_event_told_is_found_by_the_days_look(clock, call, case_id):
    CollectionCase.objects.filter(pk=case_id).update(
        state="closed",
        closed_at=clock.now(),
        closed_on=platform_clock.business_date(),
    )
    on = platform_clock.business_date()
    assert LOOK_AFTER_CASES(on) == 1
    assert LOOK_AFTER_CASES(on) == 0
    assert CollectionCase.objects.exclude(state="closed").count() == 1


def test_a_case_is_in_one_collectors_hands(clock, call, by, case_id, collector):
    other, nobody = make_officer(clock, role="collector"), make_officer(clock, role="finance")
    with pytest.raises(TakenByAnother):
        take_case(TakeCase(case_id=case_id), by(other))
    with pytest.raises(NotYours):
        ring(case_id, by(other))
    with pytest.raises(RoleNeeded):
        take_case(TakeCase(case_id=case_id), by(nobody))
    with pytest.raises(NotACollector):
        give_case(GiveCase(case_id=case_id, collector_id=nobody), by(collector))
    give_case(GiveCase(case_id=case_id, collector_id=other), by(collector))
    ring(case_id, by(other))


def test_nobody_collects_from_themselves(clock, call, by, case_id):
    (user_id,) = users_of(case_of(case_id).party_id)
    make_officer(clock, user_id=user_id, role="collector")
    with pytest.raises(OwnAffair):
        take_case(TakeCase(case_id=case_id), by(user_id))


def test_at_22_the_call_is_refused_and_the_sentence_says_when_again(
    clock, call, by, case_id, collector
):
    clock.move(timedelta(hours=9, minutes=59))
    ring(case_id, by(collector))
    clock.move(timedelta(minutes=1))
    end_contact(EndContact(case_id=case_id, outcome="no-answer"), by(collector))
    with pytest.raises(QuietHours) as refused:
        ring(case_id, by(collector))
    facts = refused.value.facts
    assert (facts["value"], facts["begin"], facts["end"]) == ("22:00", "22:00", "08:00")
    assert facts["next"] == "2026-02-15T08:00:00+08:00"
    clock.move(timedelta(hours=10))
    ring(case_id, by(collector))


def test_the_fourth_call_of_a_day_is_refused_on_any_of_the_debtors_loans(
    clock, call, by, case_id, collector
):
    for _ in range(3):
        talk(case_id, lambda: by(collector))
    with pytest.raises(CallsUsed) as refused:
        ring(case_id, by(collector))
    assert refused.value.facts == {"allowed": "3", "next": "2026-02-15T08:00:00+08:00"}
    assert CollectionContact.objects.count() == 3
    ring(case_id, by(collector), channel=Channel.SMS)


def test_a_third_party_is_not_contacted(by, case_id, collector):
    with pytest.raises(DebtorOnly):
        ring(case_id, by(collector), whom=Whom.THIRD_PARTY)


def test_a_complaint_stops_contact_until_another_person_lifts_it(
    clock, call, by, case_id, collector
):
    make_officer(clock, user_id=collector, role="compliance_officer")
    compliance = make_officer(clock, role="compliance_officer")
    stop_contact(StopContact(case_id=case_id, words="说我们骚扰他的家人"), by(collector))
    for channel in Channel:
        with pytest.raises(StoppedByComplaint):
            ring(case_id, by(collector), channel=channel)
    lift = AllowContact(case_id=case_id, words="核实无此情况，已回访")
    with pytest.raises(LiftedByAnother):
        allow_contact(lift, by(collector))
    allow_contact(lift, by(compliance))
    ring(case_id, by(collector))


def test_the_number_is_shown_only_to_who_began_the_contact_and_while_it_lasts(
    clock, call, by, case_id, collector
):
    def seen_by(user_id):
        view = get_case(case_id, clock.now(), platform_clock.business_date())
        return phone_to_reach(view, user_id)

    assert seen_by(collector) == ""
    ring(case_id, by(collector))
    assert seen_by(collector) == "13800000100"
    assert seen_by(make_officer(clock, role="collector")) == ""
    with pytest.raises(ContactUnderWay):
        ring(case_id, by(collector))
    end_contact(EndContact(case_id=case_id, outcome="refuses", note="说没有钱"), by(collector))
    assert seen_by(collector) == ""
    contact = CollectionContact.objects.get()
    assert "没有钱".encode() not in bytes(contact.note_sealed)
    view = get_case(case_id, clock.now(), platform_clock.business_date())
    assert view.contacts[0].note == "说没有钱"


def test_a_contact_ends_once_and_with_an_outcome_it_can_have(by, case_id, collector):
    with pytest.raises(NoContactUnderWay):
        end_contact(EndContact(case_id=case_id, outcome="refuses"), by(collector))
    ring(case_id, by(collector), channel=Channel.SMS)
    with pytest.raises(OutcomeUnfit):
        end_contact(EndContact(case_id=case_id, outcome="promised"), by(collector))
    end_contact(EndContact(case_id=case_id, outcome="sent"), by(collector))


def promise(case_id, by_whom, yuan, due_on):
    return talk(case_id, by_whom, "promised", amount=Money.yuan(yuan), due_on=due_on)


def test_a_promise_is_kept_by_the_payment_that_fulfils_it(clock, call, by, case_id, collector):
    on = platform_clock.business_date()
    promise(case_id, lambda: by(collector), "500.00", on + timedelta(days=3))
    case = case_of(case_id)
    assert case.promise_due_on == on + timedelta(days=3)
    pay(case, "200.00", call)
    assert PaymentPromise.objects.get().state == "open"
    pay(case, "300.00", call)
    assert PaymentPromise.objects.get().state == "kept"
    assert case_of(case_id).promise_due_on is None
    assert [one.collector_id for one in CollectionRecovery.objects.all()] == [collector] * 2


def test_a_promise_is_broken_when_its_day_is_over_and_not_before(
    clock, call, by, case_id, collector
):
    on = platform_clock.business_date()
    promise(case_id, lambda: by(collector), "500.00", on + timedelta(days=1))
    pass_days(clock, 1)
    LOOK_AFTER_CASES(platform_clock.business_date())
    assert PaymentPromise.objects.get().state == "open"
    pass_days(clock, 1)
    today = platform_clock.business_date()
    LOOK_AFTER_CASES(today)
    broken = PaymentPromise.objects.get()
    assert (broken.state, broken.decided_on) == ("broken", today)
    assert case_of(case_id).next_on == today


@pytest.mark.parametrize(
    ("yuan", "days"), [("0.00", 1), ("99999999.00", 1), ("1.00", -1), ("1.00", 31)]
)
def test_a_promise_names_an_amount_owed_and_a_near_date(by, case_id, collector, yuan, days):
    on = platform_clock.business_date()
    ring(case_id, by(collector))
    command = EndContact(
        case_id=case_id,
        outcome="promised",
        amount=Money.yuan(yuan),
        due_on=on + timedelta(days=days),
    )
    with pytest.raises(PromiseUnfit):
        end_contact(command, by(collector))


def hand_over(case_id, call):
    command = ProposeHandOver(
        case_id=case_id, kind="law-firm", firm="衡平律师事务所", reason="三次承诺都没有还款"
    )
    return propose_hand_over(command, call)


def test_a_case_is_handed_over_by_two_people_and_comes_back_by_being_given(
    clock, call, by, case_id, collector
):
    second = make_officer(clock, role="operator")
    proposed = hand_over(case_id, by(collector))
    with pytest.raises(ProposalStands):
        hand_over(case_id, by(collector))
    word = DecideProposal(proposal_id=proposed.proposal_id, word="approve")
    with pytest.raises(SecondPersonNeeded):
        decide_proposal(word, by(collector))
    decide_proposal(word, by(second))
    case = case_of(case_id)
    assert (case.state, case.handed_to) == ("handed-over", "衡平律师事务所")
    with pytest.raises(NotWaiting):
        decide_proposal(word, by(second))
    give_case(GiveCase(case_id=case_id, collector_id=collector), by(second))
    assert case_of(case_id).state == "assigned"


def offer(case_id, call, given_up, days=7):
    on = platform_clock.business_date()
    late = list_cases(QueueFilters(), on)[0].past_due
    command = OfferSettlement(
        case_id=case_id,
        pays=late - given_up,
        pay_by=on + timedelta(days=days),
        reason="一次性还清，减免部分罚息",
    )
    return offer_settlement(command, call)


def test_a_small_offer_stands_at_once_and_ends_with_its_day(clock, call, by, case_id, collector):
    made = offer(case_id, by(collector), Money.yuan("10.00"))
    assert made.state == "approved"
    pass_days(clock, 7)
    LOOK_AFTER_CASES(platform_clock.business_date())
    assert CaseProposal.objects.get().state == "approved"
    pass_days(clock, 1)
    LOOK_AFTER_CASES(platform_clock.business_date())
    assert CaseProposal.objects.get().state == "expired"


def test_an_offer_is_met_by_what_was_paid_after_it(clock, call, by, case_id, collector):
    offer(case_id, by(collector), Money.yuan("10.00"))
    row = CaseProposal.objects.get()
    pay(case_of(case_id), Money(row.pays_minor).text(), call)
    assert CaseProposal.objects.get().state == "met"


def test_principal_is_never_offered_to_be_given_up(by, case_id, collector):
    with pytest.raises(OfferUnfit):
        offer(case_id, by(collector), Money.yuan("2000.00"))
    with pytest.raises(OfferUnfit):
        offer(case_id, by(collector), Money.yuan("1.00"), days=31)


def test_a_large_offer_waits_for_a_second_person(clock, call):
    case_id = overdue_cases(clock, call, principal=120_000_000)[0]
    collector, second = (make_officer(clock, role="collector") for _ in range(2))
    take_case(TakeCase(case_id=case_id), call(actor=actor(collector)))
    made = offer(case_id, call(actor=actor(collector)), ALONE_MOST + Money(1))
    assert made.state == "waiting"
    word = DecideProposal(proposal_id=made.proposal_id, word="approve")
    with pytest.raises(SecondPersonNeeded):
        decide_proposal(word, call(actor=actor(collector)))
    assert decide_proposal(word, call(actor=actor(second))).state == "approved"


def test_pages_go_on_behind_their_last_row_and_miss_nobody(clock, call):
    wanted = set(overdue_cases(clock, call, count=5))
    on = platform_clock.business_date()
    seen, mark = [], None
    while rows := list_cases(QueueFilters(), on, after=mark, limit=2):
        seen += [row.id for row in rows]
        mark = rows[-1].mark
    assert (len(seen), set(seen)) == (5, wanted)
