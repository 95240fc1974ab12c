"""The repair desk: everything half-known is listed with its steps, and no step edits anything."""

from datetime import timedelta

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.money.payments import jobs as bank_jobs
from rongqiao.money.payments.models.orders import BankMessage, BoundCard, PaymentOrder
from rongqiao.money.payments.models.reconciling import Break
from rongqiao.money.payments.operations.orders.placing import Wish, place
from rongqiao.money.payments.operations.orders.request_top_up import request_top_up
from rongqiao.money.payments.operations.orders.take_callback import TakeCallback, take_callback
from rongqiao.money.payments.operations.reconciling.import_statement import DayNotOver
from rongqiao.money.payments.operations.repair.ask_bank_now import AskBankNow, ask_bank_now
from rongqiao.money.payments.operations.repair.bind_card_again import (
    BindCardAgain,
    bind_card_again,
)
from rongqiao.money.payments.operations.repair.close_at_bank import CloseAtBank, close_at_bank
from rongqiao.money.payments.operations.repair.fetch_statement_now import (
    FetchStatementNow,
    fetch_statement_now,
)
from rongqiao.money.payments.operations.repair.judge_again import JudgeAgain, judge_again
from rongqiao.money.payments.operations.repair.run_job_again import RunJobAgain, run_job_again
from rongqiao.money.payments.operations.repair.send_again import SendAgain, send_again
from rongqiao.money.payments.operations.repair.unpark_event import UnparkEvent, unpark_event
from rongqiao.money.payments.operations.two_people import (
    FinanceOfficerNeeded,
    NotOpen,
    OwnAffair,
    ReasonNeeded,
)
from rongqiao.money.payments.queries.repair import count_half_known, list_half_known
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.platform import jobs, relay
from rongqiao.platform.models import OperationRecord, OutboxEvent
from rongqiao.platform.operations import operation
from rongqiao.platform.refusals import NotFound
from tests.makers import banking
from tests.makers.officers import make_officer
from tests.makers.statements import DAY, Made, MakeOrder, compare, hand_in, written
from tests.parties.people import actor, card


@pytest.fixture
def gateway(monkeypatch, clock):
    return banking.put_in_place(monkeypatch, clock)


@pytest.fixture
def officer(clock):
    return make_officer(clock)


@pytest.fixture
def top_up(call, customer, card_there):
    wish = banking.top_up(customer, card_there, "100.00")
    return request_top_up(wish, call(actor=actor(customer[0]))).order_id


@pytest.fixture
def card_there(call, customer, gateway):
    return banking.add_card(call, customer)


def shown(clock):
    """What is stuck: kind and steps."""
    return {one.kind: one.steps for one in list_half_known(clock.now(), DAY)}


def test_nothing_is_stuck_while_the_platform_is_still_at_it(clock, top_up):
    banking.send(top_up)
    assert shown(clock) == {}


def test_an_order_without_an_answer_is_listed_with_its_steps_and_asked_for(
    call, clock, gateway, officer, customer, top_up
):
    gateway.loses_answers = True
    row = banking.send(top_up)
    assert row.state == "unknown"
    clock.move(timedelta(minutes=30))
    (one,) = list_half_known(clock.now(), DAY)
    assert (one.kind, one.number, one.age_seconds, one.why) == (
        "order-unknown",
        row.number,
        1800,
        "no-answer",
    )
    assert one.steps == ("ask-bank-now", "close-at-bank")
    gateway.end(row.number)
    command = AskBankNow(order_id=top_up, reason="客户催问")
    assert ask_bank_now(command, call(actor=actor(officer))).number == row.number
    record = OperationRecord.objects.get(name="payments.ask_bank_now")
    assert record.request["reason"] == "客户催问"
    bank_jobs.ask_bank(str(top_up))
    assert wallet_of(customer[1]).balance.text() == "100.00"
    assert count_half_known(clock.now(), DAY) == 0


def test_an_order_the_bank_never_saw_is_closed_there_and_can_never_be_paid(
    call, clock, gateway, officer, top_up
):
    gateway.is_away = True
    row = banking.send(top_up)
    gateway.is_away = False
    command = CloseAtBank(order_id=top_up, reason="客户不要了")
    close_at_bank(command, call(actor=actor(officer)))
    bank_jobs.close_order(str(top_up))
    row.refresh_from_db()
    assert (row.state, row.reason) == ("failed", "closed")


def test_closing_what_the_bank_has_paid_settles_it_instead(
    call, gateway, officer, customer, top_up
):
    row = banking.send(top_up)
    gateway.end(row.number)
    close_at_bank(CloseAtBank(order_id=top_up, reason="超时"), call(actor=actor(officer)))
    bank_jobs.close_order(str(top_up))
    row.refresh_from_db()
    assert row.state == "succeeded"
    assert wallet_of(customer[1]).balance.text() == "100.00"


def test_an_order_that_did_not_leave_is_sent_again(call, clock, officer, top_up):
    clock.move(timedelta(hours=1))
    assert shown(clock) == {"order-not-sent": ("send-again",)}
    send_again(SendAgain(order_id=top_up, reason="队列丢失"), call(actor=actor(officer)))
    row = banking.send(top_up)
    assert row.state == "sent"
    with pytest.raises(NotOpen):
        send_again(SendAgain(order_id=top_up, reason="再发"), call(actor=actor(officer)))


@operation("tests.place_large", restore=Made)
def placed_large(command, call):
    wish = Wish(kind=command.kind, amount=command.amount, needs_approval=True)
    return Made(number=place(wish, call).number)


def test_an_order_that_waits_for_approval_is_not_stuck_and_not_sent(call, clock, officer, order):
    order("transfer_in", "1000000.00")
    command = MakeOrder(kind="transfer_out", amount=Money(10**8))
    number = placed_large(command, call(actor="system:tests")).number
    clock.move(timedelta(days=2))
    assert shown(clock) == {}
    row = PaymentOrder.objects.get(number=number)
    assert row.state == "created"
    with pytest.raises(NotOpen):
        send_again(SendAgain(order_id=row.pk, reason="急"), call(actor=actor(officer)))


def test_a_parked_message_is_judged_again_by_the_same_rules(
    call, clock, gateway, officer, customer, top_up
):
    row = PaymentOrder.objects.get(pk=top_up)
    told = TakeCallback(
        event_id="E-1",
        order_no=row.number,
        state="succeeded",
        amount="100.00",
        currency="CNY",
        bank_serial="B000001",
        settled_on=DAY,
    )
    assert take_callback(told, call(actor="system:web.hooks")).verdict == "parked:not-sent"
    assert shown(clock) == {"message-parked": ("judge-again",)}
    again = JudgeAgain(event_id="E-1", reason="指令已发出")
    assert judge_again(again, call(actor=actor(officer))).verdict == "parked:not-sent"
    assert wallet_of(customer[1]).balance.text() == "0.00"
    banking.send(top_up)
    assert judge_again(again, call(actor=actor(officer))).verdict == "settled"
    assert wallet_of(customer[1]).balance.text() == "100.00"
    assert BankMessage.objects.get().verdict == "settled"
    with pytest.raises(NotOpen):
        judge_again(again, call(actor=actor(officer)))


def test_a_message_whose_case_two_people_closed_is_no_longer_half_known(
    call, clock, book, order, mended
):
    row = order("transfer_in", "5000.00")
    book.pay(row)
    told = TakeCallback(
        event_id="E-1",
        order_no=row.number,
        state="succeeded",
        amount="5001.00",
        currency="CNY",
        bank_serial=row.bank_serial,
        settled_on=DAY,
    )
    take_callback(told, call(actor="system:web.hooks"))
    compare(call, book)
    assert shown(clock) == {"message-parked": ("judge-again",)}
    mended(Break.objects.get(), "close-explained")
    assert shown(clock) == {}


def test_a_parked_fact_gets_a_fresh_row_of_attempts(call, clock, officer, customer):
    row = OutboxEvent.objects.order_by("-pk").first()
    OutboxEvent.objects.filter(pk=row.pk).update(
        parked_at=clock.now(), delivered_at=None, attempts=6, last_error="handlers.x: KeyError"
    )
    (one,) = list_half_known(clock.now(), DAY)
    assert (one.kind, one.why, one.steps) == (
        "event-parked",
        "handlers.x: KeyError",
        ("unpark-event",),
    )
    command = UnparkEvent(event_id=row.pk, reason="程序已修好")
    unpark_event(command, call(actor=actor(officer)))
    relay.drain(SUBSCRIBERS)
    assert shown(clock) == {}
    with pytest.raises(NotFound):
        unpark_event(command, call(actor=actor(officer), key="again"))


@pytest.mark.usefixtures("live_db")
def test_a_job_that_failed_for_good_is_run_again(call, clock, officer, monkeypatch):
    ran, broken = [], [True]

    def body(number):
        if broken:
            raise LookupError(number)
        ran.append(number)

    monkeypatch.setitem(jobs._bodies, "tests.fragile", body)
    monkeypatch.setattr(jobs.run, "retry_strategy", None)
    jobs.enqueue("tests.fragile", number=7)
    jobs.run_waiting()
    one = next(one for one in list_half_known(clock.now(), DAY) if one.kind == "job-failed")
    assert (one.number, one.steps) == ("tests.fragile", ("run-job-again",))
    broken.clear()
    command = RunJobAgain(job_id=int(one.reference), reason="程序已修好")
    run_job_again(command, call(actor=actor(officer)))
    jobs.run_waiting()
    assert ran == [7]
    assert shown(clock) == {}
    with pytest.raises(NotFound):
        run_job_again(command, call(actor=actor(officer), key="again"))


def test_a_card_still_pending_is_bound_again(call, clock, gateway, officer, customer):
    gateway.is_away = True
    with pytest.raises(banking.Unreachable):
        banking.add_card(call, customer)
    clock.move(timedelta(hours=1))
    assert shown(clock) == {"card-pending": ("bind-card-again",)}
    gateway.is_away = False
    pending = BoundCard.objects.get()
    command = BindCardAgain(bank_account_id=pending.pk, reason="银行恢复")
    bind_card_again(command, call(actor=actor(officer)))
    bank_jobs.bind_card(str(pending.pk))
    assert gateway.bound == [card(1)]
    with pytest.raises(NotOpen):
        bind_card_again(command, call(actor=actor(officer), key="again"))


def test_a_day_without_its_statement_is_listed_and_fetched(call, clock, officer):
    hand_in(call, written([]))
    after = DAY + timedelta(days=3)
    found = list_half_known(clock.now(), after)
    assert [(one.kind, one.reference) for one in found] == [
        ("statement-missing", "2026-01-06"),
        ("statement-missing", "2026-01-07"),
    ]
    command = FetchStatementNow(day=DAY + timedelta(days=1), reason="补取")
    with pytest.raises(DayNotOver):
        fetch_statement_now(command, call(actor=actor(officer), key="early"))
    clock.move(timedelta(hours=36))
    assert fetch_statement_now(command, call(actor=actor(officer))).number == "2026-01-06"


def test_steps_are_for_finance_with_a_reason_and_not_for_ones_own(
    call, clock, officer, customer, top_up
):
    banking.send(top_up)
    wanted = AskBankNow(order_id=top_up, reason="催")
    with pytest.raises(FinanceOfficerNeeded):
        ask_bank_now(wanted, call(actor=actor(customer[0])))
    with pytest.raises(ReasonNeeded):
        ask_bank_now(AskBankNow(order_id=top_up, reason=" "), call(actor=actor(officer)))
    make_officer(clock, customer[0])
    with pytest.raises(OwnAffair):
        ask_bank_now(wanted, call(actor=actor(customer[0])))
