"""The bank calls: ten times at once, with another body, in any order, with everything wrong."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from math import factorial

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Journal
from rongqiao.money.ledger.queries.books import balance
from rongqiao.money.payments import jobs
from rongqiao.money.payments.models.orders import BankMessage, PaymentOrder
from rongqiao.money.payments.operations.orders.request_top_up import request_top_up
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.operations.orders.settle_order import SettleOrder, settle_order
from rongqiao.money.payments.operations.orders.take_callback import take_callback
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.platform import relay
from rongqiao.platform.refusals import Refusal
from tests.faults.ringing import SECRET, body_of, ring, signature
from tests.makers import banking
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor, at_once, make_person

AMOUNT = "100.00"
# All permutations of one business date together stay below what a second person must approve.
WITHDRAWN = "30.00"
SEED = 9


@pytest.fixture
def gateway(monkeypatch, clock, settings):
    settings.BANK_CALLBACK_SECRET = SECRET
    return banking.put_in_place(monkeypatch, clock)


@pytest.fixture
def owner(call, gateway):
    made = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    return made


@pytest.fixture
def card(call, clock, owner, gateway):
    account = banking.add_card(call, owner)
    clock.move(CARD_HOLD)
    return account


def topped_up(call, owner, card, amount=AMOUNT):
    """A top-up that the bank has."""
    wish = banking.top_up(owner, card, amount)
    order = request_top_up(wish, call(actor=actor(owner[0])))
    banking.send(order.order_id)
    return order


def posting_key(event_id):
    """The ledger key of what a callback posts."""
    return f"payments.take_callback|system:web.hooks|bank:{event_id}|1"


@pytest.mark.faults(7)
def test_a_callback_ten_times_at_once_posts_once(
    live_db, call, clock, gateway, owner, card, rounds, told, audit_books
):
    many, acknowledged, postings, replays = rounds(50, 3), {}, 0, 0
    for _round in range(many):
        order = topped_up(call, owner, card)
        gateway.end(order.number)
        command = gateway.callback(order.number)
        body = body_of(command, clock.now())
        journals = Journal.objects.count()
        answers = at_once([lambda body=body: ring(body, clock.now())] * 10)
        assert {status for status, _content in answers} == {200}, answers
        postings += Journal.objects.count() - journals
        replays += answers.count(answers[0]) - 1
        row = PaymentOrder.objects.get(pk=order.order_id)
        acknowledged[posting_key(command.event_id)] = row.journal
    told(
        7,
        "duplicate callback x10 in parallel, same key",
        many,
        f"{postings} postings, {replays} identical replays",
        "1 posting, 9 identical replays a round",
    )
    assert (postings, replays) == (many, 9 * many)
    assert wallet_of(owner[1]).balance.minor == many * Money.yuan(AMOUNT).minor
    assert BankMessage.objects.count() == many
    audit_books(live_db.app_url, acknowledged)


@pytest.mark.faults(8)
def test_the_same_key_with_another_body_is_refused(
    live_db, call, clock, gateway, owner, card, rounds, told, audit_books
):
    """The same event with anything changed; the same order number at the bank; the same key of a
    user's wish: each is refused, and nothing more is posted.
    """
    many, tried, refused, posted, acknowledged = rounds(20, 2), 0, 0, 0, {}
    for number in range(many):
        order = topped_up(call, owner, card)
        gateway.end(order.number)
        command = gateway.callback(order.number)
        assert ring(body_of(command, clock.now()), clock.now())[0] == 200
        row = PaymentOrder.objects.get(pk=order.order_id)
        acknowledged[posting_key(command.event_id)] = row.journal
        other, journals = topped_up(call, owner, card), Journal.objects.count()
        changed = [
            {"amount": "100.01"},
            {"order_no": other.number, "bank_serial": gateway.orders[other.number].serial},
            {"state": "failed"},
            {"bank_serial": "B999999"},
            {"reason": "changed"},
            {"settled_on": "2025-12-31"},
        ]
        bodies = [body_of(command, clock.now(), **one) for one in changed]
        answers = at_once([lambda body=body: ring(body, clock.now()) for body in bodies])
        refused += sum(status == 409 for status, _content in answers)
        key = call(actor=actor(owner[0]), key=f"form-{number}")
        request_top_up(banking.top_up(owner, card, "1.00"), key)
        with pytest.raises(Refusal, match="key-reused"):
            request_top_up(banking.top_up(owner, card, "2.00"), key)
        refused, tried = refused + 1, tried + len(bodies) + 1
        posted += Journal.objects.count() - journals
    told(
        8,
        "same key, different body",
        tried,
        f"{refused} refused, {posted} postings",
        "refused 100 %, 0 postings",
    )
    assert (refused, posted) == (tried, 0)
    audit_books(live_db.app_url, acknowledged)


@pytest.fixture
def asked(call, clock, gateway, owner, card):
    """Return `asked()`: a withdrawal of 30.00 that the bank has, out of money that is there."""
    officers = make_officer(clock), make_officer(clock)
    pay_in(call, officers, owner[1], "1000000.00")

    def make():
        wish = banking.withdrawal(owner, card, WITHDRAWN)
        order = request_withdrawal(wish, call(actor=actor(owner[0])))
        banking.send(order.order_id)
        return order

    return make


def told_of(gateway, clock, order, state, event_id):
    def tell():
        command = gateway.callback(order.number, state, f"{order.number}-{event_id}")
        return take_callback(command, banking.hook_call(clock, command.event_id))

    return tell


def asked_after(clock, order):
    def ask():
        clock.move(timedelta(minutes=15))
        jobs.ask_bank(str(order.order_id))

    return ask


def told_by_statement(gateway, call, order):
    def tell():
        row = gateway.orders[order.number]
        said = SettleOrder(
            order_no=order.number,
            state="succeeded",
            amount=WITHDRAWN,
            bank_serial=row.serial,
            by="statement",
        )
        return settle_order(said, call(actor="system:reconciliation"))

    return tell


# What may come in any order, for what the bank really did.
LIVES = {
    "succeeded": ("succeeded", "succeeded again", "failed late", "asked", "statement", "asked"),
    "returned": ("succeeded", "succeeded again", "returned", "returned again", "failed late",
                 "asked"),
    "failed": ("failed", "failed again", "failed late", "returned", "asked"),
}  # fmt: skip


def final_state(order, owner, before):
    """What must be the same however the messages came: the order and the wallet."""
    row, wallet = PaymentOrder.objects.get(pk=order.order_id), wallet_of(owner[1])
    waiting = BankMessage.objects.filter(order=row, verdict="waiting").count()
    return (
        row.state,
        row.is_returned,
        row.journal is not None,
        row.returned_journal is not None,
        wallet.balance.minor - before.balance.minor,
        wallet.held.minor - before.held.minor,
        waiting,
    )


@pytest.mark.faults(9)
def test_callbacks_in_any_order_end_in_the_same_state(
    db, call, clock, gateway, owner, asked, rounds, told
):
    drawn, finals, played, spent = random.Random(SEED), {}, 0, -Money.yuan(WITHDRAWN).minor
    for life, events in LIVES.items():
        orders = list(permutations(range(len(events))))
        finals[life] = set()
        for sequence in drawn.sample(orders, min(len(orders), rounds(len(orders), 40))):
            before = wallet_of(owner[1])
            order = asked()
            gateway.end(order.number, life)
            for place in sequence:
                play(gateway, call, clock, order, events[place], place)
            # Whatever still waits is asked after, as the worker does within minutes.
            clock.move(timedelta(hours=1))
            jobs.chase_orders()
            finals[life].add(final_state(order, owner, before))
            played += 1
    told(
        9,
        "callbacks in random order (all permutations of <= 6 events)",
        played,
        ", ".join(f"{life}: {len(states)} final state" for life, states in finals.items()),
        "same final state for all",
    )
    assert finals == {
        "succeeded": {("succeeded", False, True, False, spent, 0, 0)},
        "returned": {("succeeded", True, True, True, 0, 0, 0)},
        "failed": {("failed", False, False, False, 0, 0, 0)},
    }
    assert max(map(len, LIVES.values())) == 6
    assert played <= sum(factorial(len(events)) for events in LIVES.values())


def play(gateway, call, clock, order, event, place):
    """Let one event happen."""
    if event == "asked":
        asked_after(clock, order)()
    elif event == "statement":
        told_by_statement(gateway, call, order)()
    else:
        state = event.partition(" ")[0]
        told_of(gateway, clock, order, state, f"{event}-{place}")()


def forgeries(gateway, clock, order, other, paid):
    """Return (what is wrong, body, headers, expected status) for calls that must post nothing."""
    at = clock.now()
    right = gateway.callback(order.number)
    body = body_of(right, at)
    stamp = str(int(at.timestamp()))

    def changed(**changes):
        return body_of(replace(right, event_id=f"X{len(cases)}"), at, **changes)

    cases = []
    add = cases.append
    add(("unknown order", changed(order_no="PO260199999999"), {}, 409))
    add(("another order's number", changed(order_no=other.number), {}, 409))
    add(("an order never sent", changed(order_no=paid["unsent"]), {}, 409))
    for amount in ("0.01", "99.99", "100.01", "1000000.00"):
        add((f"amount {amount}", changed(amount=amount), {}, 409))
    for amount in ("0.00", "-100.00", "1e2", "NaN", "１００.00", "100", "100.000", ""):
        add((f"amount {amount!r}", changed(amount=amount), {}, 422))
    for currency in ("USD", "cny", "", "RMB"):
        add((f"currency {currency!r}", changed(currency=currency), {}, 422))
    for state in ("paid", "SUCCEEDED", "", "cancelled"):
        add((f"state {state!r}", changed(state=state), {}, 422))
    add(("another serial of a paid order", changed(bank_serial=paid["serial"]), {}, 409))
    add(("no signature", body, {"x_signature": None}, 401))
    add(("an empty signature", body, {"x_signature": ""}, 401))
    add(("no timestamp", body, {"x_timestamp": None}, 401))
    add(("own merchant key", body, {"secret": paid["merchant"]}, 401))
    add(
        (
            "another order's signature",
            body,
            {"x_signature": signature(body_of(gateway.callback(other.number), at), stamp)},
            401,
        )
    )
    add(
        (
            "a signature for another path",
            body,
            {"x_signature": signature(body, stamp, path="/hooks/sms")},
            401,
        )
    )
    add(("the signature cut", body, {"x_signature": signature(body, stamp)[:-1]}, 401))
    for minutes in (-6, 6, -60 * 24, 60 * 24):
        then = at + timedelta(minutes=minutes)
        add((f"stale by {minutes} minutes", body, {"at": then}, 401))
    add(("a timestamp of no form", body, {"x_timestamp": "now"}, 401))
    add(
        (
            "one byte changed",
            body.replace(b"100.00", b"900.00"),
            {"x_signature": signature(body, stamp)},
            401,
        )
    )
    add(("two amounts", body[:-1] + b', "amount": "900.00"}', {}, 422))
    add(("no JSON", b"paid=1", {}, 422))
    add(("a list", b"[]", {}, 422))
    add(("too long", body[:-1] + b" " * 5000 + b"}", {}, 401))
    add(
        (
            "a paid order again under a new event",
            body_of(gateway.callback(paid["number"], event_id="again"), at),
            {},
            200,
        )
    )
    return cases  # fmt: skip


@pytest.mark.faults(10)
def test_a_callback_with_anything_wrong_posts_nothing(
    live_db, settings, call, clock, gateway, owner, card, told, audit_books
):
    paid, order, other = (topped_up(call, owner, card) for _ in range(3))
    unsent = request_top_up(banking.top_up(owner, card, AMOUNT), call(actor=actor(owner[0])))
    gateway.end(paid.number)
    first = gateway.callback(paid.number)
    replayed = body_of(first, clock.now())
    assert ring(replayed, clock.now())[0] == 200
    known = {
        "number": paid.number,
        "serial": gateway.orders[paid.number].serial,
        "unsent": unsent.number,
        "merchant": settings.BANK_GATEWAY_SECRET,
    }
    before, wallet = Journal.objects.count(), balance(f"wallet:{owner[1]}")
    cases = forgeries(gateway, clock, order, other, known)
    wrong = []
    for name, body, changes, expected in cases:
        at = changes.pop("at", clock.now())
        status, content = ring(body, at, **changes)
        if status != expected:
            wrong.append((name, status, content))
    assert ring(replayed, clock.now())[0] == 200
    posted = Journal.objects.count() - before
    told(
        10,
        "callback with unknown order, amount, currency, signature, key, time",
        len(cases) + 1,
        f"{posted} customer postings, {len(wrong)} unexpected answers",
        "refused or parked; 0 customer postings",
    )
    assert (posted, wrong) == (0, [])
    assert balance(f"wallet:{owner[1]}") == wallet
    assert {PaymentOrder.objects.get(pk=one.order_id).state for one in (order, other)} == {"sent"}
    assert not BankMessage.objects.filter(verdict="settled").exclude(order_no=paid.number).exists()
    row = PaymentOrder.objects.get(pk=paid.order_id)
    audit_books(live_db.app_url, {posting_key(first.event_id): row.journal})
