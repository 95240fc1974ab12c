"""Officers, the worker and the bank's calls at once: every line, credit and mend counts once."""

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import balance
from rongqiao.money.payments.models.reconciling import Break, DayReconciled, LineMatch
from rongqiao.money.payments.operations.mending.approve_mend import ApproveMend, approve_mend
from rongqiao.money.payments.operations.mending.propose_mend import ProposeMend, propose_mend
from rongqiao.money.payments.operations.mending.refusals import BreakNotOpen
from rongqiao.money.payments.operations.orders.take_callback import TakeCallback, take_callback
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    RegisterReceipt,
    register_receipt,
)
from rongqiao.money.payments.queries.custody import check_custody
from tests.makers.officers import make_officer
from tests.makers.statements import DAY, compare, hand_in, make_order, reconcile
from tests.parties.people import actor, at_once

pytestmark = pytest.mark.usefixtures("live_db")


def holds():
    return check_custody().examples == ()


def test_a_day_handed_in_and_compared_by_four_at_once_counts_once(call, book):
    book.move(8_800)
    book.move(-500, kind="fee")
    content = book.file()
    calls = [call(actor="system:payments.jobs") for _ in range(8)]
    files = at_once([lambda: hand_in(lambda **_: calls.pop(), content)] * 4)
    assert sorted(one.is_new for one in files) == [False, False, False, True]
    found = at_once([lambda: reconcile(lambda **_: calls.pop())] * 4)
    assert sorted(len(one.breaks) for one in found) == [0, 0, 0, 2]
    assert (Break.objects.count(), LineMatch.objects.count()) == (2, 2)
    assert DayReconciled.objects.count() == 1
    assert balance("suspense") == Money(8_800)
    assert holds()


@pytest.mark.parametrize("round_", range(4))
def test_a_receipt_confirmed_while_its_credit_is_compared_is_booked_once(
    call, book, officers, customer, round_
):
    first, second = officers
    book.move(100_000, serial="ICBC-77")
    hand_in(call, book.file())
    command = RegisterReceipt(
        party_id=customer[1],
        amount=Money(100_000),
        bank_serial="ICBC-77",
        payer="王小明",
        received_on=DAY,
    )
    noted = register_receipt(command, call(actor=actor(first)))
    confirming, comparing = call(actor=actor(second)), call(actor="system:payments.jobs")
    tries = [
        lambda: confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), confirming),
        lambda: reconcile(lambda **_: comparing),
    ]
    at_once(tries if round_ % 2 else tries[::-1])
    assert balance(f"wallet:{customer[1]}") == -balance("custodian-cash") == Money(100_000)
    reconcile(call)
    assert not Break.objects.exclude(state="resolved").exists()
    assert holds()


def test_a_callback_while_its_line_is_compared_settles_once(call, book):
    row = make_order(call, book, "transfer_in", "5000.00", state="sent")
    line = book.pay(row)
    hand_in(call, book.file())
    told = TakeCallback(
        event_id="E-1",
        order_no=row.number,
        state="succeeded",
        amount="5000.00",
        currency="CNY",
        bank_serial=line.serial,
        settled_on=DAY,
    )
    telling, comparing = call(actor="system:web.hooks"), call(actor="system:payments.jobs")
    answers = at_once(
        [lambda: take_callback(told, telling), lambda: reconcile(lambda **_: comparing)]
    )
    assert answers[0].verdict in ("settled", "replayed")
    assert balance("operator-funds") == Money(500_000)
    assert holds()


def test_a_mend_approved_by_three_at_once_is_done_once(call, clock, book, officers, customer):
    book.move(8_800)
    compare(call, book)
    case = Break.objects.get()
    propose_mend(
        ProposeMend(break_id=case.pk, mend="assign-to-party", reason="核对", party_id=customer[1]),
        call(actor=actor(officers[0])),
    )
    calls = [call(actor=actor(make_officer(clock))) for _ in range(3)]
    answers = at_once([lambda: approve_mend(ApproveMend(break_id=case.pk), calls.pop())] * 3)
    assert sum(isinstance(one, BreakNotOpen) for one in answers) == 2
    assert balance(f"wallet:{customer[1]}") == Money(8_800)
    assert holds()
