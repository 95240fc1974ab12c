"""Direct debits: by a standing mandate within its caps, tried again by a rule made of values."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from rongqiao.finance.money import Money
from rongqiao.money.payments import jobs
from rongqiao.money.payments.models.orders import DebitMandate, PaymentOrder
from rongqiao.money.payments.operations.cards.usable import CardNotBound
from rongqiao.money.payments.operations.mandates.give_mandate import GiveMandate, give_mandate
from rongqiao.money.payments.operations.mandates.withdraw_mandate import (
    WithdrawMandate,
    withdraw_mandate,
)
from rongqiao.money.payments.operations.orders.request_direct_debit import (
    DebitUnderway,
    MandateCap,
    MandateNeeded,
    RequestDirectDebit,
    request_direct_debit,
)
from rongqiao.money.payments.operations.two_people import AmountRefused
from rongqiao.money.payments.queries.cards import mandates_of, standing_mandate
from rongqiao.money.payments.queries.orders import debits_of, next_debit_on
from rongqiao.money.payments.retrying import DEBIT_RULE, RetryRule, Tried, next_try
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.makers.banking import send
from tests.money.payments.test_cards import take_off
from tests.money.payments.test_orders import wallet_reads
from tests.parties.people import actor, at_once, make_person

DUE = date(2026, 1, 10)
LOAN = "loan:019b8c4f-0000-7000-8000-000000000001"


def day(number):
    return DUE + timedelta(days=number)


def failed(*days, reason="insufficient-funds"):
    return [Tried(on=day(one), reason=reason) for one in days]


@pytest.mark.parametrize(
    ("tried", "today", "expected"),
    [
        ([], 0, 0),
        ([], -3, 0),
        ([], 2, 2),
        (failed(0), 0, 1),
        (failed(0), 1, 1),
        (failed(0, 1), 1, 3),
        (failed(0, 1), 4, 4),
        (failed(0, 1, 3), 3, 5),
        (failed(0, 1, 3, 5), 5, None),
        (failed(0, 1, 3, 5), 90, None),
        # Awake again only on the third day: one try that day, the next the day after.
        (failed(3), 3, 4),
        (failed(3, 4), 4, 5),
    ],
)
def test_a_debit_is_tried_on_the_due_day_and_one_three_and_five_days_later(tried, today, expected):
    answer = next_try(DEBIT_RULE, DUE, tried, day(today))
    assert answer == (None if expected is None else day(expected))


@pytest.mark.parametrize("reason", sorted(DEBIT_RULE.stops_at))
def test_a_reason_that_no_waiting_mends_ends_the_tries(reason):
    assert next_try(DEBIT_RULE, DUE, failed(0, reason=reason), day(1)) is None


def test_nothing_is_tried_while_a_try_runs_or_after_a_success():
    for tried in (Tried(on=DUE, is_open=True), Tried(on=DUE, has_succeeded=True)):
        assert next_try(DEBIT_RULE, DUE, [tried], day(1)) is None


def test_a_rule_may_allow_more_in_a_day():
    twice = RetryRule(days_after=(0, 0, 1), most_a_day=2, stops_at=frozenset())
    assert next_try(twice, DUE, failed(0), DUE) == DUE
    assert next_try(twice, DUE, failed(0, 0), DUE) == day(1)


def mandate(call, customer, card, per_debit="500.00", per_day="800.00"):
    command = GiveMandate(
        party_id=customer[1],
        bank_account_id=card,
        per_debit=Money.yuan(per_debit),
        per_day=Money.yuan(per_day),
    )
    return give_mandate(command, call(actor=actor(customer[0]))).mandate_id


def debit(call, customer, card, amount="300.00", subject=LOAN):
    command = RequestDirectDebit(
        party_id=customer[1], bank_account_id=card, amount=Money.yuan(amount), subject=subject
    )
    return request_direct_debit(command, call(actor="system:servicing"))


def test_a_debit_brings_what_is_owed_into_the_wallet(call, customer, card, gateway):
    mandate(call, customer, card)
    order = debit(call, customer, card)
    send(order.order_id)
    assert gateway.tell(order.number) == "settled"
    assert wallet_reads(customer[1])[0] == "300.00"
    event = OutboxEvent.objects.get(name="payments.payment-succeeded")
    assert event.payload["kind"] == "direct_debit"
    assert event.payload["about"] == LOAN
    (one,) = debits_of(LOAN)
    assert one.state == "succeeded"


def test_without_a_mandate_nothing_is_collected(call, customer, card):
    with pytest.raises(MandateNeeded):
        debit(call, customer, card)
    given = mandate(call, customer, card)
    command = WithdrawMandate(party_id=customer[1], mandate_id=given)
    withdraw_mandate(command, call(actor=actor(customer[0])))
    with pytest.raises(MandateNeeded):
        debit(call, customer, card)
    with pytest.raises(NotFound):
        withdraw_mandate(command, call(actor=actor(customer[0])))
    (one,) = mandates_of(customer[1])
    assert one.withdrawn_at is not None


def test_a_debit_that_has_not_left_ends_with_its_mandate(call, customer, card, gateway):
    given = mandate(call, customer, card)
    order = debit(call, customer, card)
    withdraw_mandate(
        WithdrawMandate(party_id=customer[1], mandate_id=given), call(actor=actor(customer[0]))
    )
    send(order.order_id)
    row = PaymentOrder.objects.get(pk=order.order_id)
    assert (row.state, row.reason) == ("cancelled", "mandate-withdrawn")
    assert gateway.find_order(order.number) is None
    mandate(call, customer, card)
    again = debit(call, customer, card)
    send(again.order_id)
    assert PaymentOrder.objects.get(pk=again.order_id).state == "sent"


def test_a_mandates_caps_hold_for_one_debit_and_for_the_day(call, clock, customer, card, gateway):
    mandate(call, customer, card)
    with pytest.raises(MandateCap):
        debit(call, customer, card, "500.01")
    debit(call, customer, card, "500.00", "loan:a")
    with pytest.raises(MandateCap) as refused:
        debit(call, customer, card, "300.01", "loan:b")
    assert refused.value.facts == {"value": "300.01", "allowed": "300.00"}
    debit(call, customer, card, "300.00", "loan:b")


def test_what_failed_does_not_count_against_the_day(call, customer, card, gateway):
    mandate(call, customer, card, "500.00", "500.00")
    gateway.refusals["direct_debit"] = "insufficient-funds"
    order = debit(call, customer, card, "500.00")
    assert send(order.order_id).state == "failed"
    debit(call, customer, card, "500.00")


def test_of_eight_debits_at_once_as_many_as_the_day_allows_are_made(
    live_db, call, clock, customer, card, gateway
):
    mandate(call, customer, card, "300.00", "800.00")

    def asking(number):
        made = call(actor="system:servicing")
        wanted = RequestDirectDebit(
            party_id=customer[1],
            bank_account_id=card,
            amount=Money.yuan("300.00"),
            subject=f"loan:{number}",
        )
        return lambda: request_direct_debit(wanted, made)

    answers = at_once([asking(number) for number in range(8)])
    assert sum(isinstance(one, MandateCap) for one in answers) == 6
    assert PaymentOrder.objects.count() == 2


def test_one_debit_for_a_subject_runs_at_a_time(call, customer, card, gateway):
    mandate(call, customer, card)
    first = debit(call, customer, card, "100.00")
    with pytest.raises(DebitUnderway) as refused:
        debit(call, customer, card, "100.00")
    assert refused.value.facts == {"number": first.number}
    row = PaymentOrder.objects.get()
    row.pk, row.number = row.pk.__class__(int=row.pk.int + 1), "PO2"
    with pytest.raises(IntegrityError, match="order_one_open_debit"), transaction.atomic():
        row.save(force_insert=True)


def test_a_mandate_is_given_for_ones_own_bound_card(call, customer, card, gateway):
    stranger = make_person(call, 9, name="李四")
    with pytest.raises(NotFound):
        mandate(call, stranger, card)
    with pytest.raises(NotFound):
        mandate(call, (stranger[0], customer[1]), card)
    with pytest.raises(AmountRefused):
        mandate(call, customer, card, "800.01", "800.00")


def test_a_second_mandate_for_a_card_takes_the_place_of_the_first(call, customer, card):
    first, second = mandate(call, customer, card), mandate(call, customer, card, "5.00", "5.00")
    assert standing_mandate(customer[1]).id == second
    assert DebitMandate.objects.get(pk=first).withdrawn_at is not None


def test_a_card_taken_off_ends_its_mandate(call, customer, card):
    mandate(call, customer, card)
    take_off(call, customer, card)
    assert standing_mandate(customer[1]) is None
    with pytest.raises((MandateNeeded, CardNotBound)):
        debit(call, customer, card)


def test_the_days_of_the_next_tries_follow_from_what_was_tried(
    call, clock, customer, card, gateway
):
    mandate(call, customer, card)
    due = call().on
    assert next_debit_on(LOAN, due, due) == due
    gateway.refusals["direct_debit"] = "insufficient-funds"
    send(debit(call, customer, card).order_id)
    assert next_debit_on(LOAN, due, due) == due + timedelta(days=1)
    assert next_debit_on(LOAN, due, due + timedelta(days=2)) == due + timedelta(days=2)
    gateway.refusals["direct_debit"] = "card-closed"
    send(debit(call, customer, card).order_id)
    assert next_debit_on(LOAN, due, due + timedelta(days=3)) is None
    assert next_debit_on("loan:another", due, due) == due


def test_chasing_leaves_debits_that_ended_alone(call, clock, customer, card, gateway):
    mandate(call, customer, card)
    order = debit(call, customer, card)
    send(order.order_id)
    gateway.tell(order.number)
    clock.move(timedelta(days=1))
    assert jobs.chase_orders() == 0
