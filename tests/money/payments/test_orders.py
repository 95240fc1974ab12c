"""Orders to the bank: the intent stands first, and money moves on the bank's word alone, once."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import balance, check_balances, check_floors
from rongqiao.money.payments import jobs
from rongqiao.money.payments.events import PaymentFailed, PaymentReturned, PaymentSucceeded
from rongqiao.money.payments.models.orders import BankMessage, OrderStep, PaymentOrder
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.operations.orders.cancel_order import CancelOrder, cancel_order
from rongqiao.money.payments.operations.orders.note_sent import NoteSent, note_sent
from rongqiao.money.payments.operations.orders.note_unknown import NoteUnknown, note_unknown
from rongqiao.money.payments.operations.orders.refuse_withdrawal import (
    RefuseWithdrawal,
    refuse_withdrawal,
)
from rongqiao.money.payments.operations.orders.request_top_up import request_top_up
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.operations.orders.settle_order import SettleOrder, settle_order
from rongqiao.money.payments.operations.two_people import (
    AnotherPersonNeeded,
    FinanceOfficerNeeded,
    NotOpen,
)
from rongqiao.money.payments.queries import orders as queries
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound, Refusal
from tests.makers import banking
from tests.makers.banking import send
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor, make_person


def top_up(call, customer, card, amount="100.00"):
    wish = banking.top_up(customer, card, amount)
    return request_top_up(wish, call(actor=actor(customer[0])))


def withdraw(call, customer, card, amount="400.00"):
    wish = banking.withdrawal(customer, card, amount)
    return request_withdrawal(wish, call(actor=actor(customer[0])))


def wallet_reads(party_id):
    wallet = wallet_of(party_id)
    return wallet.balance.text(), wallet.held.text(), wallet.available.text()


def told(event):
    return OutboxEvent.objects.filter(name=event.name).count()


def state_of(order_id):
    return PaymentOrder.objects.get(pk=order_id).state


def path_of(order_id):
    return [(one.to_state, one.by) for one in queries.order_steps(order_id)]


@pytest.fixture
def asked(call, officers, customer, card):
    """A withdrawal of 400.00 out of 1,000.00, not sent yet."""
    pay_in(call, officers, customer[1])
    return withdraw(call, customer, card)


def test_a_top_up_moves_the_wallet_when_the_bank_has_the_money(call, customer, card, gateway):
    order = top_up(call, customer, card)
    assert wallet_reads(customer[1])[0] == "0.00"
    assert send(order.order_id).state == "sent"
    assert wallet_reads(customer[1])[0] == "0.00"
    assert gateway.tell(order.number) == "settled"
    assert wallet_reads(customer[1])[0] == "100.00"
    assert balance("custodian-cash").text() == "-100.00"
    assert path_of(order.order_id) == [
        ("created", "user"),
        ("sent", "system"),
        ("succeeded", "callback"),
    ]
    assert told(PaymentSucceeded) == 1


def test_the_intent_is_committed_before_the_bank_is_called(call, customer, card, gateway):
    order = top_up(call, customer, card)
    states = []
    gateway_sends = gateway.send_order
    gateway.send_order = lambda wanted: (
        states.append(PaymentOrder.objects.get(number=wanted.order_no).state),
        gateway_sends(wanted),
    )[1]
    send(order.order_id)
    assert states == ["sent"]


def test_a_withdrawal_holds_the_money_and_takes_it_when_the_bank_paid(
    call, customer, asked, gateway
):
    assert wallet_reads(customer[1]) == ("1000.00", "400.00", "600.00")
    assert not asked.needs_approval
    send(asked.order_id)
    assert queries.cash_in_transit(customer[1]).money_out == Money.yuan("400.00")
    assert gateway.tell(asked.number) == "settled"
    assert wallet_reads(customer[1]) == ("600.00", "0.00", "600.00")
    assert balance("custodian-cash").text() == "-600.00"
    assert queries.cash_in_transit().orders == 0


def test_what_the_bank_rejects_at_once_gives_the_money_back(call, customer, asked, gateway):
    gateway.refusals["withdrawal"] = "card-closed"
    row = send(asked.order_id)
    assert (row.state, row.reason) == ("failed", "card-closed")
    assert wallet_reads(customer[1]) == ("1000.00", "0.00", "1000.00")
    assert told(PaymentFailed) == 1


def test_a_failure_told_by_callback_is_asked_after_before_money_is_given_back(
    call, customer, asked, gateway
):
    send(asked.order_id)
    assert gateway.tell(asked.number, "failed") == "waiting"
    assert wallet_reads(customer[1])[1] == "400.00"
    jobs.ask_bank(str(asked.order_id))
    assert state_of(asked.order_id) == "failed"
    assert wallet_reads(customer[1]) == ("1000.00", "0.00", "1000.00")
    assert path_of(asked.order_id)[-1] == ("failed", "query")


def test_a_lie_about_a_failure_gives_nothing_back(call, customer, asked, gateway):
    send(asked.order_id)
    gateway.tell(asked.number, "failed")
    gateway.end(asked.number, "succeeded")
    jobs.ask_bank(str(asked.order_id))
    assert state_of(asked.order_id) == "succeeded"
    assert wallet_reads(customer[1]) == ("600.00", "0.00", "600.00")
    message = BankMessage.objects.get(event_id=f"E-{asked.number}-failed")
    assert message.verdict == "parked:was-succeeded"


def test_no_answer_leaves_an_order_unknown_until_the_bank_is_asked(
    call, clock, customer, asked, gateway
):
    gateway.loses_answers = True
    assert send(asked.order_id).state == "unknown"
    assert wallet_reads(customer[1])[1] == "400.00"
    gateway.end(asked.number)
    clock.move(timedelta(seconds=6))
    assert jobs.chase_orders() == 1
    assert state_of(asked.order_id) == "succeeded"
    assert path_of(asked.order_id)[-1] == ("succeeded", "query")
    assert wallet_reads(customer[1]) == ("600.00", "0.00", "600.00")


def test_an_order_the_bank_never_saw_is_sent_again_under_its_number(
    call, clock, customer, asked, gateway
):
    gateway.is_away = True
    assert send(asked.order_id).state == "unknown"
    clock.move(timedelta(minutes=1))
    jobs.chase_orders()
    assert gateway.sent == []
    gateway.is_away = False
    clock.move(timedelta(hours=1))
    jobs.chase_orders()
    assert [one.order_no for one in gateway.sent] == [asked.number]
    gateway.end(asked.number)
    clock.move(timedelta(hours=1))
    jobs.chase_orders()
    assert state_of(asked.order_id) == "succeeded"


def test_an_order_the_bank_has_not_seen_for_a_day_is_closed_there_and_fails(
    call, clock, customer, asked, gateway
):
    gateway.is_away = True
    send(asked.order_id)
    gateway.is_away = False
    clock.move(timedelta(hours=25))
    jobs.chase_orders()
    row = PaymentOrder.objects.get(pk=asked.order_id)
    assert (row.state, row.reason) == ("failed", "closed")
    assert gateway.sent == []
    assert wallet_reads(customer[1])[1] == "0.00"


@pytest.mark.parametrize("dies_in", ["note_sent", "send_order", "note_accepted", "settle_order"])
def test_wherever_the_worker_dies_the_order_is_taken_up_and_paid_once(
    call, clock, customer, asked, gateway, monkeypatch, dies_in
):
    """A death is an exception that nobody catches, before or after the step."""

    class Died(BaseException):
        pass

    def die(*_arguments):
        raise Died

    place = gateway if dies_in == "send_order" else jobs
    with monkeypatch.context() as broken:
        broken.setattr(place, dies_in, die)
        if dies_in == "settle_order":
            jobs.send_order(str(asked.order_id))
            gateway.end(asked.number)
            clock.move(timedelta(minutes=2))
        with pytest.raises(Died):
            jobs.chase_orders() if dies_in == "settle_order" else send(asked.order_id)
    for _round in range(4):
        clock.move(timedelta(minutes=15))
        jobs.chase_orders()
        if asked.number in gateway.orders:
            gateway.end(asked.number)
    assert state_of(asked.order_id) == "succeeded"
    assert len(gateway.orders) == 1
    assert wallet_reads(customer[1]) == ("600.00", "0.00", "600.00")


def test_two_workers_look_after_an_order_once(call, clock, customer, asked, gateway):
    send(asked.order_id)
    clock.move(timedelta(seconds=6))
    (due,) = queries.orders_to_chase(clock.now())
    assert jobs.chase_orders() == 1
    assert jobs.chase_orders() == 0
    row = PaymentOrder.objects.get(pk=asked.order_id)
    assert row.tries == due.tries + 1
    assert row.next_try_at > clock.now()


def test_money_that_came_back_is_in_the_wallet_again_once(call, customer, asked, gateway):
    send(asked.order_id)
    gateway.tell(asked.number)
    assert gateway.tell(asked.number, "returned") == "settled"
    assert gateway.tell(asked.number, "returned", event_id="another") == "replayed"
    assert wallet_reads(customer[1]) == ("1000.00", "0.00", "1000.00")
    row = PaymentOrder.objects.get(pk=asked.order_id)
    assert (row.state, row.is_returned) == ("succeeded", True)
    assert told(PaymentReturned) == 1


def test_a_return_told_before_the_success_waits_for_it(call, customer, asked, gateway):
    send(asked.order_id)
    assert gateway.tell(asked.number, "returned") == "waiting"
    assert wallet_reads(customer[1])[1] == "400.00"
    assert gateway.tell(asked.number, "succeeded", event_id="late") == "settled"
    assert wallet_reads(customer[1]) == ("1000.00", "0.00", "1000.00")
    assert PaymentOrder.objects.get(pk=asked.order_id).is_returned


def test_a_returned_top_up_that_is_spent_is_parked_not_posted(call, customer, card, gateway):
    order = top_up(call, customer, card)
    send(order.order_id)
    gateway.tell(order.number)
    out = withdraw(call, customer, card, "60.00")
    assert gateway.tell(order.number, "returned") == "parked:return-not-covered"
    assert wallet_reads(customer[1])[0] == "100.00"
    cancel_order(
        CancelOrder(party_id=customer[1], order_id=out.order_id), call(actor=actor(customer[0]))
    )
    again = settle_order(
        SettleOrder(event_id=f"E-{order.number}-returned"), call(actor="system:repair")
    )
    assert again.verdict == "settled"
    assert wallet_reads(customer[1])[0] == "0.00"


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"order_no": "PO2601000000000"}, "parked:unknown-order"),
        ({"amount": "400.01"}, "parked:amount-differs"),
        ({"amount": "0.01"}, "parked:amount-differs"),
        ({"amount": "4e2"}, "parked:amount-differs"),
        ({"amount": "-400.00"}, "parked:amount-differs"),
        ({"currency": "USD"}, "parked:currency-differs"),
        ({"bank_serial": "ANOTHER"}, "parked:serial-differs"),
    ],
)
def test_what_does_not_fit_is_parked_with_its_reason(
    call, customer, asked, gateway, changes, verdict
):
    send(asked.order_id)
    assert gateway.tell(asked.number, **changes) == verdict
    assert wallet_reads(customer[1]) == ("1000.00", "400.00", "600.00")
    assert state_of(asked.order_id) == "sent"
    (kept,) = queries.list_messages("parked")
    assert kept.verdict == verdict


def test_a_serial_booked_before_is_not_booked_again(call, customer, card, gateway, asked):
    order = top_up(call, customer, card)
    send(order.order_id)
    PaymentOrder.objects.filter(pk=order.order_id).exclude(bank_serial="").get()
    other = top_up(call, customer, card, "5.00")
    jobs.note_sent(NoteSent(order_id=other.order_id), call(actor="system:payments.jobs"))
    gateway.tell(order.number)
    row = PaymentOrder.objects.get(pk=order.order_id)
    said = SettleOrder(
        order_no=other.number, state="succeeded", amount="5.00", bank_serial=row.bank_serial
    )
    assert settle_order(said, call(actor="system:x")).verdict == "parked:serial-used"
    by_hand = SettleOrder(
        order_no=other.number, state="succeeded", amount="5.00", bank_serial="ICBC20260105-1"
    )
    assert settle_order(by_hand, call(actor="system:x")).verdict == "parked:serial-used"


def test_a_large_withdrawal_waits_for_a_finance_officer(
    call, clock, officers, customer, card, gateway
):
    pay_in(call, officers, customer[1], "60000.00")
    order = withdraw(call, customer, card, "50000.00")
    assert order.needs_approval
    assert send(order.order_id).state == "created"
    clock.move(timedelta(days=2))
    assert jobs.chase_orders() == 0
    assert queries.count_waiting_for_approval() == 1
    with pytest.raises(FinanceOfficerNeeded):
        approve_withdrawal(
            ApproveWithdrawal(order_id=order.order_id), call(actor=actor(customer[0]))
        )
    approve_withdrawal(ApproveWithdrawal(order_id=order.order_id), call(actor=actor(officers[0])))
    with pytest.raises(NotOpen):
        approve_withdrawal(
            ApproveWithdrawal(order_id=order.order_id), call(actor=actor(officers[1]))
        )
    assert send(order.order_id).state == "sent"


def test_a_fen_below_the_limit_needs_no_approval(call, officers, customer, card):
    pay_in(call, officers, customer[1], "60000.00")
    assert not withdraw(call, customer, card, "49999.99").needs_approval


def test_withdrawals_of_one_day_count_together(call, officers, customer, card):
    pay_in(call, officers, customer[1], "60000.00")
    assert not withdraw(call, customer, card, "30000.00").needs_approval
    assert not withdraw(call, customer, card, "19999.99").needs_approval
    assert withdraw(call, customer, card, "0.01").needs_approval


def test_an_officer_does_not_approve_own_money(call, clock, officers, customer, card):
    pay_in(call, officers, customer[1], "60000.00")
    order = withdraw(call, customer, card, "50000.00")
    make_officer(clock, customer[0])
    with pytest.raises(AnotherPersonNeeded):
        approve_withdrawal(
            ApproveWithdrawal(order_id=order.order_id), call(actor=actor(customer[0]))
        )


def test_a_refused_withdrawal_gives_the_money_back(call, officers, customer, card):
    pay_in(call, officers, customer[1], "60000.00")
    order = withdraw(call, customer, card, "50000.00")
    refuse_withdrawal(
        RefuseWithdrawal(order_id=order.order_id, reason="资料不符"),
        call(actor=actor(officers[0])),
    )
    assert wallet_reads(customer[1]) == ("60000.00", "0.00", "60000.00")
    view = queries.get_order(order.order_id)
    assert (view.state, view.reason) == ("cancelled", "资料不符")


def test_an_order_is_cancelled_by_its_owner_before_it_is_sent_only(call, customer, asked, gateway):
    stranger = make_person(call, 9, name="李四")
    command = CancelOrder(party_id=stranger[1], order_id=asked.order_id)
    with pytest.raises(NotFound):
        cancel_order(command, call(actor=actor(stranger[0])))
    send(asked.order_id)
    command = CancelOrder(party_id=customer[1], order_id=asked.order_id)
    with pytest.raises(NotOpen):
        cancel_order(command, call(actor=actor(customer[0])))


def test_nobody_withdraws_more_than_is_available(call, officers, customer, card):
    pay_in(call, officers, customer[1])
    withdraw(call, customer, card, "600.00")
    with pytest.raises(Refusal) as refused:
        withdraw(call, customer, card, "400.01")
    assert refused.value.code == "ledger.insufficient-funds"
    assert wallet_reads(customer[1])[1] == "600.00"


def test_nobody_moves_somebody_elses_money_or_uses_somebody_elses_card(
    call, officers, customer, card
):
    pay_in(call, officers, customer[1])
    stranger = make_person(call, 2, name="李四")
    for ask in (withdraw, top_up):
        with pytest.raises(NotFound):
            ask(call, (stranger[0], customer[1]), card)
        with pytest.raises(NotFound):
            ask(call, stranger, card)


STEPS = {
    "sent": lambda call, order: note_sent(NoteSent(order_id=order), call(actor="system:x")),
    "unknown": lambda call, order: note_unknown(
        NoteUnknown(order_id=order, reason="x"), call(actor="system:x")
    ),
}
DRAWN = {
    ("created", "sent"),
    ("created", "cancelled"),
    ("sent", "succeeded"),
    ("sent", "failed"),
    ("sent", "unknown"),
    ("unknown", "succeeded"),
    ("unknown", "failed"),
}
STATES = ["created", "sent", "cancelled", "succeeded", "failed", "unknown"]


def bring_to(state, call, customer, card, gateway):
    """An order of 1.00 brought to a state by the real operations."""
    order = top_up(call, customer, card, "1.00")
    if state == "cancelled":
        cancel_order(
            CancelOrder(party_id=customer[1], order_id=order.order_id),
            call(actor=actor(customer[0])),
        )
    elif state != "created":
        gateway.loses_answers = state == "unknown"
        send(order.order_id)
        if state in ("succeeded", "failed"):
            gateway.end(order.number, state, "" if state == "succeeded" else "no-funds")
            jobs.ask_bank(str(order.order_id))
    assert state_of(order.order_id) == state
    return order


@pytest.mark.parametrize("start", STATES)
def test_the_database_refuses_every_step_that_is_not_drawn(call, customer, card, gateway, start):
    order = bring_to(start, call, customer, card, gateway)
    rows = PaymentOrder.objects.filter(pk=order.order_id)
    for end in STATES:
        if end == start or (start, end) in DRAWN:
            continue
        with pytest.raises(DatabaseError, match="does not go"), transaction.atomic():
            rows.update(state=end)


def test_the_database_keeps_what_an_order_asks_for(call, customer, card, gateway):
    order = bring_to("sent", call, customer, card, gateway)
    rows = PaymentOrder.objects.filter(pk=order.order_id)
    stranger = make_person(call, 9, name="李四")
    for change in (
        {"amount_minor": 1},
        {"party_id": stranger[1]},
        {"kind": "withdrawal"},
        {"number": "PO1"},
        {"bank_serial": "OTHER"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="stay on record"), transaction.atomic():
        PaymentOrder.objects.filter(pk=order.order_id)._raw_delete("default")


def test_a_state_without_its_fields_is_refused_by_the_database(call, customer, card, gateway):
    order = bring_to("sent", call, customer, card, gateway)
    rows = PaymentOrder.objects.filter(pk=order.order_id)
    for change in ({"state": "succeeded"}, {"state": "failed"}, {"next_try_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def test_only_the_banks_word_ends_unknown(call, customer, card, gateway):
    order = bring_to("unknown", call, customer, card, gateway)
    for by in ("user", "system"):
        with pytest.raises(IntegrityError), transaction.atomic():
            OrderStep.objects.create(
                order_id=order.order_id,
                from_state="unknown",
                to_state="failed",
                by=by,
                actor="x",
                at=PaymentOrder.objects.get(pk=order.order_id).created_at,
            )


def test_operations_refuse_steps_that_are_not_drawn(call, customer, card, gateway):
    for start in ("cancelled", "succeeded", "failed", "unknown", "sent"):
        order = bring_to(start, call, customer, card, gateway)
        with pytest.raises(NotOpen):
            STEPS["sent"](call, order.order_id)
        if start != "sent":
            assert STEPS["unknown"](call, order.order_id).state == start
        command = CancelOrder(party_id=customer[1], order_id=order.order_id)
        with pytest.raises(NotOpen):
            cancel_order(command, call(actor=actor(customer[0])))


def test_what_the_bank_says_of_orders_it_never_got_is_parked(call, customer, card, gateway):
    order = bring_to("created", call, customer, card, gateway)
    said = SettleOrder(order_no=order.number, state="succeeded", amount="1.00", bank_serial="B9")
    assert settle_order(said, call(actor="system:x")).verdict == "parked:not-sent"
    order = bring_to("cancelled", call, customer, card, gateway)
    said = SettleOrder(order_no=order.number, state="succeeded", amount="1.00", bank_serial="B9")
    assert settle_order(said, call(actor="system:x")).verdict == "parked:was-cancelled"
    order = bring_to("failed", call, customer, card, gateway)
    serial = PaymentOrder.objects.get(pk=order.order_id).bank_serial
    said = SettleOrder(order_no=order.number, state="succeeded", amount="1.00", bank_serial=serial)
    assert settle_order(said, call(actor="system:x")).verdict == "parked:was-failed"
    assert wallet_reads(customer[1])[0] == "0.00"


def test_lists_find_orders_by_state_kind_party_day_and_number(
    call, clock, customer, card, gateway, asked
):
    first = top_up(call, customer, card)
    send(first.order_id)
    wanted = queries.OrderFilters
    assert [one.number for one in queries.list_orders(wanted(states=("sent",)))] == [first.number]
    assert [one.number for one in queries.list_orders(wanted(kinds=("withdrawal",)))] == [
        asked.number
    ]
    assert len(queries.list_orders_of(customer[1])) == 2
    assert queries.list_orders(wanted(text=first.number.lower()))[0].id == first.order_id
    assert queries.list_orders(wanted(text="%")) == ()
    (newest,) = queries.list_orders(wanted(), limit=1)
    (older,) = queries.list_orders(wanted(), before=newest.id, limit=1)
    assert {newest.id, older.id} == {first.order_id, asked.order_id}
    assert newest.payee.endswith("王**")
    day = queries.get_order(first.order_id).created_on
    assert queries.count_orders(wanted(created_from=day, created_to=day)) == 2
    assert queries.count_orders(wanted(created_from=day + timedelta(days=1))) == 0


def test_the_books_stand_after_all_of_it(call, customer, card, gateway, asked):
    for state in ("succeeded", "failed"):
        bring_to(state, call, customer, card, gateway)
    send(asked.order_id)
    gateway.tell(asked.number)
    gateway.tell(asked.number, "returned")
    assert check_balances().broken == 0
    assert check_floors().broken == 0
