"""Own money in and out of the pool: by two people, set aside before the bank is called."""

from datetime import timedelta

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import (
    balance,
    check_balances,
    check_floors,
    check_journals,
    get_journal,
)
from rongqiao.money.ledger.queries.chain import check_custody_book
from rongqiao.money.ledger.queries.journals import journals_of
from rongqiao.money.ledger.queries.pool import pool_totals
from rongqiao.money.payments import jobs
from rongqiao.money.payments.events import PaymentFailed, PaymentReturned, PaymentSucceeded
from rongqiao.money.payments.models.orders import BankMessage, OrderKind, PaymentOrder
from rongqiao.money.payments.operations import two_people
from rongqiao.money.payments.operations.capital.approve_transfer import (
    ApproveTransfer,
    approve_transfer,
)
from rongqiao.money.payments.operations.capital.confirm_capital import (
    ConfirmCapital,
    confirm_capital,
)
from rongqiao.money.payments.operations.capital.inject_capital import InjectCapital, inject_capital
from rongqiao.money.payments.operations.capital.refuse_transfer import (
    RefuseTransfer,
    refuse_transfer,
)
from rongqiao.money.payments.operations.capital.request_transfer import (
    LONGEST_PURPOSE,
    DirectionRefused,
    OwnFundsShort,
    PurposeNeeded,
    RequestTransfer,
    request_transfer,
)
from rongqiao.money.payments.operations.orders.approve_withdrawal import (
    ApproveWithdrawal,
    approve_withdrawal,
)
from rongqiao.money.payments.operations.two_people import (
    AmountRefused,
    AnotherPersonNeeded,
    FinanceOfficerNeeded,
    NotOpen,
    ReasonNeeded,
)
from rongqiao.money.payments.queries.custody import cash_position, check_custody
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.makers.banking import send
from tests.makers.officers import make_officer
from tests.money.payments.test_with_the_sandbox import FAULTS, a_round
from tests.parties.people import actor, at_once, make_user
from tests.sandboxes.bank import bank as bank_process

bank = bank_process
CAPITAL = "1000.00"


def pay_in_capital(call, officers, serial="CAP-2026-1"):
    first, second = officers
    command = InjectCapital(amount=Money.yuan(CAPITAL), source="股东增资", bank_serial=serial)
    noted = inject_capital(command, call(actor=actor(first)))
    confirm_capital(ConfirmCapital(injection_id=noted.injection_id), call(actor=actor(second)))


def wish(direction="out", amount="400.00", reason="归还股东借款"):
    return RequestTransfer(direction=direction, amount=Money.yuan(amount), reason=reason)


def stand():
    """What is free, under way, and capital, of 1,000.00 paid in."""
    totals = pool_totals()
    free, aside = totals["operator-funds"], totals["transfers-underway"]
    return free.text(), aside.text(), balance("operator-capital").text()


def books_hold():
    """Both books, each by itself; the operator's money is the same sum in both."""
    for check in (check_journals, check_balances, check_floors, check_custody_book, check_custody):
        assert check().examples == (), check
    assert balance("operator-funds") == -balance("funds-at-custodian")
    return True


def told(event):
    return OutboxEvent.objects.filter(name=event.name).count()


@pytest.fixture
def capital(call, officers):
    pay_in_capital(call, officers)


@pytest.fixture
def asked(call, officers, capital):
    """Return `asked(direction, amount)`: a transfer that the first officer asked for."""
    return lambda *args: request_transfer(wish(*args), call(actor=actor(officers[0])))


@pytest.fixture
def sent(call, officers, gateway, asked):
    """Return `sent(direction, amount)`: approved by the second officer, and at the bank."""

    def go(*args):
        made = asked(*args)
        approve_transfer(ApproveTransfer(order_id=made.order_id), call(actor=actor(officers[1])))
        assert send(made.order_id).state == "sent"
        return made

    return go


def test_money_to_leave_is_set_aside_at_the_request(asked):
    made = asked()
    row = PaymentOrder.objects.get(pk=made.order_id)
    assert (row.kind, row.party_id, row.subject) == ("transfer_out", None, "own:归还股东借款")
    assert (row.state, row.needs_approval) == ("created", True)
    assert stand() == ("600.00", "400.00", "600.00")
    assert cash_position().operator == Money.yuan(CAPITAL)
    assert books_hold()


def test_money_to_come_moves_nothing_at_the_request(asked):
    asked("in")
    assert stand() == ("1000.00", "0.00", "1000.00")


@pytest.mark.parametrize("direction", ["in", "out"])
def test_only_another_finance_officer_lets_a_transfer_go(
    call, clock, officers, gateway, asked, direction
):
    made = asked(direction)
    approve = ApproveTransfer(order_id=made.order_id)
    assert send(made.order_id).state == "created"
    with pytest.raises(AnotherPersonNeeded):
        approve_transfer(approve, call(actor=actor(officers[0])))
    with pytest.raises(FinanceOfficerNeeded):
        approve_transfer(approve, call(actor=actor(make_officer(clock, role="auditor"))))
    with pytest.raises(NotFound):
        approve_withdrawal(
            ApproveWithdrawal(order_id=made.order_id), call(actor=actor(officers[1]))
        )
    assert gateway.sent == []
    approve_transfer(approve, call(actor=actor(officers[1])))
    with pytest.raises(NotOpen):
        approve_transfer(approve, call(actor=actor(officers[1])))
    assert send(made.order_id).state == "sent"
    assert [(one.kind, one.account_no, one.card_token) for one in gateway.sent] == [
        (f"transfer_{direction}", "", "")
    ]


def test_one_person_with_two_log_ins_is_not_two_people(call, officers, asked, monkeypatch):
    made, second = asked(), officers[1]
    monkeypatch.setattr(two_people, "person_keys_of", lambda _user: frozenset({"one-and-the-same"}))
    with pytest.raises(AnotherPersonNeeded):
        approve_transfer(ApproveTransfer(order_id=made.order_id), call(actor=actor(second)))
    with pytest.raises(AnotherPersonNeeded):
        refuse_transfer(
            RefuseTransfer(order_id=made.order_id, reason="金额有误"), call(actor=actor(second))
        )


def test_nobody_but_finance_asks_for_a_transfer(call, clock, capital):
    for user_id in (make_user(), make_officer(clock, role="auditor")):
        with pytest.raises(FinanceOfficerNeeded):
            request_transfer(wish(), call(actor=actor(user_id)))


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (DirectionRefused, {"direction": "transfer_out"}),
        (DirectionRefused, {"direction": ""}),
        (AmountRefused, {"amount": "0.00"}),
        (AmountRefused, {"amount": "-1.00"}),
        (PurposeNeeded, {"reason": " \n "}),
        (PurposeNeeded, {"reason": "长" * (LONGEST_PURPOSE + 1)}),
        (OwnFundsShort, {"amount": "1000.01"}),
        (OwnFundsShort, {"amount": "99999999999.00"}),
    ],
)
def test_a_wish_that_does_not_fit_is_refused_and_leaves_nothing(
    call, officers, capital, refusal, changes
):
    with pytest.raises(refusal):
        request_transfer(wish(**changes), call(actor=actor(officers[0])))
    assert not PaymentOrder.objects.exists()
    assert stand() == ("1000.00", "0.00", "1000.00")


def test_the_longest_reason_is_kept_whole(call, officers, capital):
    reason = "长" * LONGEST_PURPOSE
    made = request_transfer(wish(reason=reason), call(actor=actor(officers[0])))
    assert PaymentOrder.objects.get(pk=made.order_id).subject == f"own:{reason}"


def test_without_any_capital_nothing_leaves(call, officers):
    with pytest.raises(OwnFundsShort):
        request_transfer(wish(), call(actor=actor(officers[0])))


def test_what_is_set_aside_is_not_asked_for_twice(asked):
    asked("out", "600.00")
    with pytest.raises(OwnFundsShort) as short:
        asked("out", "400.01")
    assert (short.value.facts["value"], short.value.facts["allowed"]) == ("400.01", "400.00")
    asked("out", "400.00")
    assert stand() == ("0.00", "1000.00", "0.00")


def test_of_eight_requests_at_once_as_many_as_the_funds_allow_are_made(live_db, call, clock):
    officers = [make_officer(clock) for _ in range(2)]
    pay_in_capital(call, officers)

    def asking(made):
        return lambda: request_transfer(wish(amount="300.00"), made)

    answers = at_once([asking(call(actor=actor(officers[0]))) for _ in range(8)])
    assert sum(isinstance(answer, OwnFundsShort) for answer in answers) == 5
    assert stand() == ("100.00", "900.00", "100.00")
    assert books_hold()


def test_one_request_sent_twice_is_one_transfer(call, officers, capital):
    once = call(actor=actor(officers[0]))
    assert request_transfer(wish(), once) == request_transfer(wish(), once)
    assert stand() == ("600.00", "400.00", "600.00")


def test_a_transfer_out_leaves_the_pool_when_the_bank_paid(sent, gateway):
    made = sent()
    assert stand() == ("600.00", "400.00", "600.00")
    assert gateway.tell(made.number) == "settled"
    assert stand() == ("600.00", "0.00", "600.00")
    assert balance("custodian-cash").text() == "-600.00"
    assert told(PaymentSucceeded) == 1
    assert [get_journal(one).kind for one in journals_of(made.number)] == [
        "transfer-out-set-aside",
        "transfer-out-put-back",
        "transfer-out",
    ]
    assert gateway.tell(made.number, event_id="E-again") == "replayed"
    assert stand() == ("600.00", "0.00", "600.00")
    assert books_hold()


def test_a_success_is_booked_though_all_that_was_free_is_gone(asked, sent, gateway):
    made = sent("out", "400.00")
    asked("out", "600.00")
    assert gateway.tell(made.number) == "settled"
    assert stand() == ("0.00", "600.00", "0.00")
    assert books_hold()


def test_a_transfer_in_is_own_money_when_the_bank_has_it(sent, gateway):
    made = sent("in")
    assert gateway.tell(made.number) == "settled"
    assert stand() == ("1400.00", "0.00", "1400.00")
    assert balance("custodian-cash").text() == "-1400.00"
    assert books_hold()


@pytest.mark.parametrize("direction", ["in", "out"])
def test_what_the_bank_did_not_do_is_as_before(sent, gateway, direction):
    made = sent(direction)
    gateway.end(made.number, "failed", "account-blocked")
    jobs.ask_bank(str(made.order_id))
    row = PaymentOrder.objects.get()
    assert (row.state, row.reason) == ("failed", "account-blocked")
    assert stand() == ("1000.00", "0.00", "1000.00")
    assert told(PaymentFailed) == 1
    assert books_hold()


@pytest.mark.parametrize("direction", ["in", "out"])
def test_what_the_bank_rejects_at_once_is_as_before(call, officers, gateway, asked, direction):
    gateway.refusals[f"transfer_{direction}"] = "not-the-operators"
    made = asked(direction)
    approve_transfer(ApproveTransfer(order_id=made.order_id), call(actor=actor(officers[1])))
    assert send(made.order_id).state == "failed"
    assert stand() == ("1000.00", "0.00", "1000.00")
    assert books_hold()


@pytest.mark.parametrize("direction", ["in", "out"])
def test_a_refused_transfer_is_cancelled_and_frees_the_money(call, officers, asked, direction):
    made = asked(direction)
    with pytest.raises(AnotherPersonNeeded):
        refuse_transfer(
            RefuseTransfer(order_id=made.order_id, reason="不再需要"),
            call(actor=actor(officers[0])),
        )
    second = actor(officers[1])
    with pytest.raises(ReasonNeeded):
        refuse_transfer(RefuseTransfer(order_id=made.order_id, reason=" "), call(actor=second))
    refuse_transfer(RefuseTransfer(order_id=made.order_id, reason="金额有误"), call(actor=second))
    row = PaymentOrder.objects.get()
    assert (row.state, row.reason, row.subject) == ("cancelled", "金额有误", "own:归还股东借款")
    with pytest.raises(NotOpen):
        approve_transfer(ApproveTransfer(order_id=made.order_id), call(actor=second))
    assert stand() == ("1000.00", "0.00", "1000.00")
    assert books_hold()


def test_a_transfer_out_that_came_back_is_own_money_again(sent, gateway):
    made = sent()
    gateway.tell(made.number)
    assert gateway.tell(made.number, "returned") == "settled"
    assert stand() == ("1000.00", "0.00", "1000.00")
    assert balance("custodian-cash").text() == "-1000.00"
    assert told(PaymentReturned) == 1
    assert books_hold()


def test_a_transfer_in_that_the_bank_took_back_is_given_up_only_while_it_is_there(
    asked, sent, gateway
):
    made = sent("in")
    gateway.tell(made.number)
    asked("out", "1200.00")
    assert gateway.tell(made.number, "returned") == "parked:return-not-covered"
    assert stand() == ("200.00", "1200.00", "200.00")
    assert books_hold()


@pytest.mark.parametrize("fails", [False, True], ids=["a bank that pays", "a bank that fails"])
def test_transfers_go_there_and_back_with_the_bank_as_a_process(
    seeded_ids, call, clock, officers, bank, fails
):
    """Both directions, with lost answers, doubles and forgeries; the pool is what the bank says."""
    held = bank.credit("融桥", CAPITAL, serial="FIRST-CREDIT")
    pay_in_capital(call, officers, held)
    bank.faults(**(FAULTS | {"fail_rate": 1.0 if fails else 0.0}))
    first, second = map(actor, officers)
    for direction, amount in (("in", "250.00"), ("out", "400.00"), ("out", "300.00")):
        made = request_transfer(wish(direction, amount), call(actor=first))
        approve_transfer(ApproveTransfer(order_id=made.order_id), call(actor=second))
        send(made.order_id)
        a_round(bank, clock, timedelta(seconds=20))
    for _round in range(12):
        a_round(bank, clock, timedelta(hours=6))
    rows = PaymentOrder.objects.all()
    assert {row.state for row in rows} == {"failed" if fails else "succeeded"}
    assert {row.kind for row in rows} == {OrderKind.TRANSFER_IN, OrderKind.TRANSFER_OUT}
    left = CAPITAL if fails else "550.00"
    assert stand() == (left, "0.00", left)
    assert -balance("custodian-cash") == bank.gateway().balance() == Money.yuan(left)
    assert not BankMessage.objects.filter(verdict__startswith="parked").exists()
    assert books_hold()
