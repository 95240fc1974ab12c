"""Five ways the platform is robbed of money, tried in earnest: every one of them fails.

Numbers are those of the twelve robberies in the design of security: 1 double spend, 2 stale limit,
3 forged callback, 7 dust and impossible amounts, 8 swapped card.
"""

import random
from datetime import date, timedelta

import pytest
from django.http import QueryDict

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import LARGEST_MINOR, BadAmount, Money
from rongqiao.lending.origination.operations.drawing.cut_limit import CutLimit, cut_limit
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.queries.limits import get_limit
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.repay import AmountNotPositive, Repay, repay
from rongqiao.money.ledger.models import Journal
from rongqiao.money.ledger.queries.books import balance, check_balances, check_floors
from rongqiao.money.payments import jobs
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.money.payments.operations.cards.usable import CardNotBound, CardTooNew
from rongqiao.money.payments.operations.mandates.give_mandate import GiveMandate, give_mandate
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.operations.orders.cancel_order import CancelOrder, cancel_order
from rongqiao.money.payments.operations.orders.request_top_up import request_top_up
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.operations.two_people import AmountRefused, CurrencyRefused
from rongqiao.money.payments.queries.cards import CARD_HOLD, bound_cards_of
from rongqiao.money.payments.queries.orders import payee_of
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.parties.models import BankAccount
from rongqiao.parties.operations.add_bank_account import (
    AddBankAccount,
    HolderDiffers,
    add_bank_account,
)
from rongqiao.parties.operations.close_bank_account import CloseBankAccount, close_bank_account
from rongqiao.parties.operations.refusals import NotYours
from rongqiao.platform import relay
from rongqiao.platform.refusals import NotFound, Refusal
from rongqiao.web.borrower.wallet.choosing import MoneyFields, MoneyForm
from tests.faults.ringing import SECRET, body_of, ring
from tests.makers import banking, journeys
from tests.makers.loans import Lend, assert_books_hold, lend
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor, at_once, make_person, make_user
from tests.parties.people import card as card_number

pytestmark = pytest.mark.faults

FEWEST, MOST = 16, 32


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


@pytest.fixture
def officers(clock):
    return make_officer(clock), make_officer(clock)


def codes_of(answers):
    return {one.code if isinstance(one, Refusal) else repr(one) for one in answers}


# 1. Double spend.


@pytest.mark.parametrize("threads", [FEWEST, MOST])
def test_of_many_withdrawals_of_everything_one_is_paid(
    live_db, call, clock, officers, owner, card, gateway, rounds, audit_books, threads
):
    """Each round everything there is, wanted by everybody at once, each with a proof of its own."""
    for number in range(rounds(20, 2)):
        pay_in(call, officers, owner[1], "1000.00", f"IN-{threads}-{number}")
        wishes = [banking.withdrawal(owner, card, "1000.00") for _ in range(threads)]
        calls = [call(actor=actor(owner[0])) for _ in wishes]
        answers = at_once(
            [
                lambda pair=pair: request_withdrawal(*pair)
                for pair in zip(wishes, calls, strict=True)
            ]
        )
        done = [one for one in answers if not isinstance(one, Exception)]
        assert len(done) == 1, codes_of(answers)
        refused = [one for one in answers if isinstance(one, Exception)]
        assert codes_of(refused) == {"ledger.insufficient-funds"}
        at_once([lambda one=done[0]: jobs.send_order(str(one.order_id)) for _ in range(4)])
        gateway.end(done[0].number)
        body = body_of(gateway.callback(done[0].number), clock.now())
        at_once([lambda body=body: ring(body, clock.now()) for _ in range(4)])
        wallet = wallet_of(owner[1])
        assert (wallet.balance, wallet.held) == (Money(0), Money(0))
    paid = PaymentOrder.objects.filter(kind="withdrawal", state="succeeded").count()
    assert paid == len(gateway.orders) == rounds(20, 2)
    assert balance("custodian-cash") == Money(0)
    audit_books(live_db.app_url, {})


def test_one_proof_is_good_for_one_withdrawal(live_db, call, clock, officers, owner, card):
    pay_in(call, officers, owner[1], "1000.00")
    wish = banking.withdrawal(owner, card, "10.00")
    calls = [call(actor=actor(owner[0])) for _ in range(FEWEST)]
    answers = at_once([lambda one=one: request_withdrawal(wish, one) for one in calls])
    refused = [one for one in answers if isinstance(one, Exception)]
    assert len(refused) == FEWEST - 1
    assert codes_of(refused) == {"payments.step-up-needed"}
    assert wallet_of(owner[1]).held == Money.yuan("10.00")


def test_a_withdrawal_is_cancelled_or_sent_never_both(
    live_db, call, clock, officers, owner, card, gateway, rounds
):
    for number in range(rounds(20, 3)):
        pay_in(call, officers, owner[1], "100.00", f"IN-{number}")
        wish = banking.withdrawal(owner, card, "100.00")
        order = request_withdrawal(wish, call(actor=actor(owner[0])))
        command = CancelOrder(party_id=owner[1], order_id=order.order_id)
        calls = [call(actor=actor(owner[0])) for _ in range(8)]
        cancels = [lambda one=one, command=command: cancel_order(command, one) for one in calls]
        sends = [lambda order=order: jobs.send_order(str(order.order_id)) for _ in range(8)]
        at_once([*cancels, *sends])
        state = PaymentOrder.objects.get(pk=order.order_id).state
        assert (state == "sent") == (order.number in gateway.orders)
        assert state in ("sent", "cancelled")
        held = wallet_of(owner[1]).held
        assert held == Money.yuan("100.00" if state == "sent" else "0.00")
        if state == "sent":
            gateway.tell(order.number)


# 2. Stale limit.


def test_of_sixteen_drawings_of_the_whole_limit_one_is_lent(live_db, settings, call, clock, rounds):
    settings.OPERATOR_ROLE = "microloan_company"
    journeys.publish_first_products(call, journeys.make_staff(call))
    for number in range(1, rounds(5, 1) + 1):
        borrower = journeys.make_borrower(call, number)
        _case, signed = journeys.signed_loan(call, clock, borrower, "daily-revolving")
        attempts = [_whole_drawing(call, clock, borrower, signed.limit_id) for _ in range(FEWEST)]
        answers = at_once([lambda pair=pair: draw(*pair) for pair in attempts])
        refused = [one for one in answers if isinstance(one, Exception)]
        assert len(refused) == FEWEST - 1
        assert codes_of(refused) == {"origination.more-than-available"}
        relay.drain(SUBSCRIBERS)
        assert relay.parked() == []
        view = get_limit(signed.limit_id, borrower.user_id)
        assert (view.drawn, view.available) == (Money.yuan("20000"), Money(0))
        assert balance(f"wallet:{borrower.party_id}") == Money.yuan("20000")
        assert Loan.objects.filter(party_id=borrower.party_id).count() == 1


def test_a_limit_is_drawn_or_cut_never_both(live_db, settings, call, clock, rounds):
    settings.OPERATOR_ROLE = "microloan_company"
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    analyst = make_user()
    journeys.give_role(call, *staff.administrators, analyst, "risk_analyst")
    for number in range(1, rounds(10, 1) + 1):
        borrower = journeys.make_borrower(call, number)
        _case, signed = journeys.signed_loan(call, clock, borrower, "daily-revolving")
        half = FEWEST // 2
        drawings = [_whole_drawing(call, clock, borrower, signed.limit_id) for _ in range(half)]
        lower = CutLimit(limit_id=signed.limit_id, amount=Money.yuan("19999.99"), reason="risk")
        cuts = [(lower, call(actor=actor(analyst))) for _ in range(half)]
        attempts = [lambda one=one: draw(*one) for one in drawings]
        attempts += [lambda one=one: cut_limit(*one) for one in cuts]
        random.Random(number).shuffle(attempts)
        answers = at_once(attempts)
        done = [one for one in answers if not isinstance(one, Exception)]
        assert len(done) == 1, codes_of(answers)
        relay.drain(SUBSCRIBERS)
        view = get_limit(signed.limit_id, borrower.user_id)
        lent = Loan.objects.filter(party_id=borrower.party_id).count()
        was_cut = view.amount == Money.yuan("19999.99")
        assert (lent, view.available) == ((0, view.amount) if was_cut else (1, Money(0)))
        assert codes_of(one for one in answers if isinstance(one, Exception)) <= {
            "origination.more-than-available",
            "origination.cut-out-of-bounds",
        }


def _whole_drawing(call, clock, borrower, limit_id):
    """A signature for all of the limit, and the call under which it is given."""
    whole = ProposeDrawing(limit_id=limit_id, amount=Money.yuan("20000"), term_count=3)
    drawing = propose_drawing(whole, call(actor=borrower.actor)).drawing_id
    sheet = journeys.read_sheet(call, clock, borrower, drawing_id=drawing)
    wish = Draw(drawing_id=drawing, sheet_id=sheet, days_past_due=0, session="s", ip="::1")
    return wish, call(actor=borrower.actor)


# 3. Forged callback.


def test_a_callback_moves_money_only_when_all_of_it_fits_and_once(
    db, settings, call, clock, owner, card, gateway
):
    """The same call before the order, forged, wrong, right, twice, after its money came back."""
    order = request_top_up(banking.top_up(owner, card, "1000.00"), call(actor=actor(owner[0])))

    def told(state="succeeded", event="e", secret=SECRET, at=None, **changes):
        command = gateway.callback(order.number, state, f"{event}-{state}")
        body = body_of(command, clock.now(), **changes)
        return ring(body, at or clock.now(), secret)[0], wallet_of(owner[1]).balance.text()

    early = banking.BankInMemory(clock)
    early.orders[order.number] = banking.Kept(
        banking.OrderToSend(order_no=order.number, kind="top_up", amount=Money.yuan("1000.00")),
        "B000001",
    )
    too_early = body_of(early.callback(order.number, event_id="early"), clock.now())
    assert ring(too_early, clock.now())[0] == 409
    banking.send(order.order_id)
    assert told(secret="") == (401, "0.00")
    assert told(secret=settings.BANK_GATEWAY_SECRET) == (401, "0.00")
    assert told(event="a", amount="0.01") == (409, "0.00")
    assert told(event="b", amount="100000.00") == (409, "0.00")
    assert told(event="c", currency="USD") == (422, "0.00")
    assert told(event="d", order_no="PO260100000000") == (409, "0.00")
    assert told(at=clock.now() - timedelta(minutes=6)) == (401, "0.00")
    gateway.end(order.number)
    assert told() == (200, "1000.00")
    assert told() == (200, "1000.00")
    assert told(event="again") == (200, "1000.00")
    gateway.end(order.number, "returned")
    assert told("returned") == (200, "0.00")
    assert told("returned", event="again") == (200, "0.00")
    assert told(event="after") == (200, "0.00")
    assert ring(too_early, clock.now())[0] == 409
    assert wallet_of(owner[1]).balance == Money(0)
    assert Journal.objects.count() == 2


# 7. Dust, and amounts that are none.

NO_AMOUNTS = [
    "-1", "0", "0.00", "-0.01", "0.001", "1e-9", "1e3", "1E3", "NaN", "nan", "Infinity",
    "-Infinity", "99999999999999.99", "10000000000000.01", "1,000", "1 000", "１００",
    "１００．００", "٣", "¥1", "+1", "1.", ".5", "0x10", "1_000", "1.2.3", "--1", "one", "", " ",
    "1\x00", "1\n1", "1;2", "½",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_the_form_takes_no_such_amount(text):
    given = QueryDict(mutable=True)
    given.update({"amount": text, "account": "", "key": ""})
    for form in (MoneyFields(given, cards=[]), MoneyForm(given, cards=[])):
        assert form.errors.get("amount"), text


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_no_operation_takes_such_an_amount(db, call, owner, card, text):
    """What does not even become money never reaches one; what does is refused by every one."""
    try:
        amount = Money.yuan(text)
    except BadAmount:
        return
    refuse_everywhere(call, owner, card, amount, AmountRefused)


@pytest.mark.parametrize("minor", [0, -1, -(10**15), LARGEST_MINOR + 1, 2**63 - 1, 2**63])
def test_no_operation_takes_money_an_account_cannot_count(db, call, owner, card, minor):
    refuse_everywhere(call, owner, card, Money(minor), AmountRefused)


def test_no_operation_takes_money_of_another_currency(db, call, owner, card):
    refuse_everywhere(call, owner, card, Money(100, "USD"), CurrencyRefused)


def refuse_everywhere(call, owner, card, amount, refusal):
    user, party = owner
    wish = banking.withdrawal(owner, card, "1.00")
    attempts = [
        lambda made: request_top_up(
            banking.RequestTopUp(party_id=party, bank_account_id=card, amount=amount), made
        ),
        lambda made: request_withdrawal(
            banking.RequestWithdrawal(
                party_id=party,
                bank_account_id=card,
                amount=amount,
                step_up_id=wish.step_up_id,
            ),
            made,
        ),
        lambda made: give_mandate(
            GiveMandate(party_id=party, bank_account_id=card, per_debit=amount, per_day=amount),
            made,
        ),
    ]
    for attempt in attempts:
        with pytest.raises(refusal):
            attempt(call(actor=actor(user)))
    assert PaymentOrder.objects.count() == 0


def test_a_fen_at_a_time_a_loan_is_paid_to_the_fen(live_db, call, clock, rounds):
    """Repaying 0.01 over and over neither makes a fen nor loses one, and books stay whole.

    Two pay in turns, each with a connection and a transaction of its own for every fen.
    """
    user, party = make_person(call, 3)
    lent = lend(Lend(principal=40_000, party=party, wallet=10**6), call())
    clock.move(timedelta(days=31))
    catch_up(date(2026, 2, 5))
    before, many, turns = balance(f"wallet:{party}").minor, rounds(10_000, 80), rounds(10, 2)
    fen = Repay(loan_id=lent.loan_id, party_id=party, amount=Money(1))

    def pay(calls):
        for one in calls:
            paid = repay(fen, one)
            parts = [part.minor for part in (paid.principal, paid.interest, paid.penalty, paid.fee)]
            assert (sum(parts), min(parts)) == (1, 0)

    for turn in range(1, turns + 1):
        keys = [call(actor=actor(user)) for _ in range(many // turns)]
        halves = (keys[::2], keys[1::2])
        assert at_once([lambda half=half: pay(half) for half in halves]) == [None, None]
        assert before - balance(f"wallet:{party}").minor == many // turns * turn
        assert_books_hold()
    for minor in (0, -1):
        with pytest.raises(AmountNotPositive):
            repay(
                Repay(loan_id=lent.loan_id, party_id=party, amount=Money(minor)),
                call(actor=actor(user)),
            )
    assert before - balance(f"wallet:{party}").minor == many
    assert check_balances().broken == 0


def test_paying_and_having_it_returned_in_a_loop_leaves_nothing_behind(
    db, call, clock, officers, owner, card, gateway, rounds
):
    pay_in(call, officers, owner[1], "100.00")
    for number in range(rounds(200, 5)):
        into = request_top_up(banking.top_up(owner, card, "0.01"), call(actor=actor(owner[0])))
        out = request_withdrawal(
            banking.withdrawal(owner, card, "33.33"), call(actor=actor(owner[0]))
        )
        for order in (into, out):
            banking.send(order.order_id)
            assert gateway.tell(order.number) == "settled"
            assert gateway.tell(order.number, "returned") == "settled"
            assert gateway.tell(order.number, event_id=f"x{number}{order.number}") == "replayed"
    wallet = wallet_of(owner[1])
    assert (wallet.balance, wallet.held) == (Money.yuan("100.00"), Money(0))
    assert balance("custodian-cash") == -Money.yuan("100.00")
    assert (check_balances().broken, check_floors().broken) == (0, 0)


# 8. Swapped card.


@pytest.mark.parametrize(
    "holder", ["王晓明", "王小名", "王小朋", "汪小明", "王小眀", "王 小明 明", "李四", "王小明明"]
)
def test_a_card_of_almost_the_owners_name_is_not_added(db, call, owner, holder):
    command = AddBankAccount(
        party_id=owner[1], bank_name="中国工商银行", holder=holder, number=card_number(5)
    )
    with pytest.raises(HolderDiffers):
        add_bank_account(command, call(actor=actor(owner[0])))


@pytest.mark.parametrize("true_holder", ["王晓明", "王小朋", "汪小明", "王小明（代）"])
def test_a_card_that_is_really_somebody_elses_is_refused_by_the_bank(
    db, call, officers, owner, gateway, true_holder
):
    """The thief writes the owner's name; the bank knows whose card it is."""
    gateway.holders[card_number(5)] = true_holder
    stolen = banking.add_card(call, owner, 5)
    assert bound_cards_of(owner[1])[0].state == "refused"
    pay_in(call, officers, owner[1], "1000.00")
    with pytest.raises(CardNotBound):
        request_withdrawal(
            banking.withdrawal(owner, stolen, "1000.00"), call(actor=actor(owner[0]))
        )


def test_a_hijacked_session_adds_a_card_and_gets_nothing_for_a_day(
    db, call, clock, officers, owner, card, gateway
):
    """Even with a proof stolen as well; meanwhile the owner takes the card off, and that is it."""
    pay_in(call, officers, owner[1], "1000.00")
    planted = banking.add_card(call, owner, 5)
    for hours in (0, 1, 12, 11):
        clock.move(timedelta(hours=hours, minutes=-1 if hours == 11 else 0))
        with pytest.raises(CardTooNew):
            request_withdrawal(
                banking.withdrawal(owner, planted, "1000.00"), call(actor=actor(owner[0]))
            )
    taken_off = CloseBankAccount(party_id=owner[1], bank_account_id=planted)
    close_bank_account(taken_off, call(actor=actor(owner[0])))
    relay.drain(SUBSCRIBERS)
    clock.move(timedelta(days=2))
    with pytest.raises(NotFound):
        request_withdrawal(
            banking.withdrawal(owner, planted, "1000.00"), call(actor=actor(owner[0]))
        )
    assert wallet_of(owner[1]).available == Money.yuan("1000.00")


def test_nobody_withdraws_to_a_card_of_another_party(db, call, officers, owner, card, gateway):
    thief = make_person(call, 2, name="李四")
    relay.drain(SUBSCRIBERS)
    own = banking.add_card(call, thief, 6, holder="李四")
    pay_in(call, officers, owner[1], "1000.00")
    for who, account in ((owner, own), (thief, card)):
        wish = banking.withdrawal((who[0], owner[1]), account, "1000.00")
        with pytest.raises(NotFound):
            request_withdrawal(wish, call(actor=actor(who[0])))


def test_a_card_changed_between_approval_and_payout_is_not_paid(
    db, call, clock, officers, owner, card, gateway
):
    pay_in(call, officers, owner[1], "90000.00")
    wish = banking.withdrawal(owner, card, "80000.00")
    order = request_withdrawal(wish, call(actor=actor(owner[0])))
    approve_withdrawal(ApproveWithdrawal(order_id=order.order_id), call(actor=actor(officers[0])))
    # Somebody in the back office with a database client puts their own number behind the card.
    theirs = banking.add_card(call, owner, 8)
    other = BankAccount.objects.get(pk=theirs)
    BankAccount.objects.filter(pk=card).update(
        number_sealed=other.number_sealed, holder_sealed=other.holder_sealed
    )
    row = banking.send(order.order_id)
    assert row.state == "sent"
    assert payee_of(row)["number"] == card_number(1)
    (sent,) = gateway.sent
    assert sent.card_token == f"token-{card_number(1)}-1"


def test_no_officer_names_a_card_for_a_customer_or_takes_their_order(
    db, call, officers, owner, card, gateway
):
    wish = banking.withdrawal(owner, card, "80000.00")
    pay_in(call, officers, owner[1], "90000.00")
    order = request_withdrawal(wish, call(actor=actor(owner[0])))
    named = AddBankAccount(
        party_id=owner[1], bank_name="中国工商银行", holder="王小明", number=card_number(9)
    )
    taken_off = CloseBankAccount(party_id=owner[1], bank_account_id=card)
    taken_back = CancelOrder(party_id=owner[1], order_id=order.order_id)
    for officer in officers:
        with pytest.raises(NotYours):
            add_bank_account(named, call(actor=actor(officer)))
        with pytest.raises(NotYours):
            close_bank_account(taken_off, call(actor=actor(officer)))
        with pytest.raises(NotFound):
            cancel_order(taken_back, call(actor=actor(officer)))
    assert payee_of(PaymentOrder.objects.get())["number"] == card_number(1)
