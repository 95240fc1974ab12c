"""A day of the bank's against ours: every difference is one case of its kind, no more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import balance
from rongqiao.money.payments.models.orders import OrderStep
from rongqiao.money.payments.models.reconciling import Break, DayReconciled, LineMatch
from rongqiao.money.payments.operations.capital.confirm_capital import (
    ConfirmCapital,
    confirm_capital,
)
from rongqiao.money.payments.operations.capital.inject_capital import InjectCapital, inject_capital
from rongqiao.money.payments.operations.orders.settle_order import SettleOrder, settle_order
from rongqiao.money.payments.operations.orders.take_callback import TakeCallback, take_callback
from rongqiao.money.payments.operations.reconciling.reconcile_day import ReconcileDay, reconcile_day
from rongqiao.money.payments.operations.two_people import FinanceOfficerNeeded
from rongqiao.money.payments.queries.custody import (
    cash_by_day,
    cash_position,
    check_custody,
    compare_pool,
)
from rongqiao.money.payments.queries.reconciling import get_break
from rongqiao.platform.refusals import NotFound
from tests.makers.officers import pay_in
from tests.makers.statements import DAY, SYSTEM, Moved, changed, compare, hand_in, reconcile
from tests.parties.people import actor

TOMORROW = DAY + timedelta(days=1)


def kinds():
    return sorted(Break.objects.values_list("kind", flat=True))


def holds():
    """Law 8, with its reasons."""
    found = check_custody()
    return found.examples == ()


def test_a_day_on_which_both_agree_opens_no_case(call, book, order, officers, customer, card):
    owner = {"party_id": customer[1], "account_id": card}
    for kind, yuan, more in (
        ("transfer_in", "5000.00", {}),
        ("top_up", "900.00", owner),
        ("withdrawal", "300.00", owner),
        ("transfer_out", "10.00", {}),
    ):
        book.pay(order(kind, yuan, **more))
    book.move(100_000, serial="ICBC20260105-1")
    pay_in(call, officers, customer[1])
    compared = compare(call, book)
    assert (compared.line_count, compared.breaks, compared.unexplained) == (5, (), Money(0))
    assert holds()
    position = cash_position()
    assert position.cash == position.closing == Money(659_000)
    assert (position.wallets, position.operator) == (Money(160_000), Money(499_000))
    (day,) = cash_by_day(DAY, DAY)
    assert (day.closing, day.total_out) == (Money(659_000), Money(31_000))


def test_a_second_run_changes_nothing(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    order("transfer_in", "70.00")
    book.move(1_234)
    book.move(-500, kind="fee")
    compare(call, book)
    rows = (Break, LineMatch, DayReconciled)
    before = [list(table.objects.order_by("pk").values()) for table in rows]
    reconcile(call)
    assert [list(table.objects.order_by("pk").values()) for table in rows] == before
    assert len(before[0]) == 3
    assert balance("suspense") == Money(1_234)


def test_an_unknown_credit_goes_to_suspense_once_with_a_case(call, book):
    book.move(8_800, name="不明汇款人")
    compare(call, book)
    reconcile(call)
    case = Break.objects.get()
    assert (case.kind, case.suspense_minor, case.suggested) == (
        "unknown-credit",
        8_800,
        "return-to-sender",
    )
    assert balance("suspense") == Money(8_800)
    assert holds()


def test_a_credit_to_a_customers_account_suggests_whose_it_is(call, book, customer, card):
    book.move(8_800, account_no=f"A{customer[1]}")
    compare(call, book)
    case = Break.objects.get()
    assert (case.suggested, case.suggested_party) == ("assign-to-party", customer[1])


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_what_the_bank_shows_as_done_is_settled_with_the_statement_as_evidence(
    call, book, order, state
):
    row = order("transfer_in", "5000.00", state=state)
    line = book.pay(row)
    compared = compare(call, book)
    row.refresh_from_db()
    assert (row.state, row.bank_serial, row.settled_on) == ("succeeded", line.serial, DAY)
    assert (compared.settled_count, compared.breaks) == (1, ())
    step = OrderStep.objects.get(order=row, to_state="succeeded")
    assert (step.by, step.evidence["serial"]) == ("statement", line.serial)
    assert balance("operator-funds") == Money(500_000)
    assert holds()


def test_a_return_the_bank_shows_gives_the_money_back(call, book, order, customer, card):
    book.pay(order("top_up", "900.00", party_id=customer[1], account_id=card))
    paid = order("withdrawal", "300.00", party_id=customer[1], account_id=card)
    book.pay(paid)
    book.move(30_000, order_no=paid.number, kind="return")
    compared = compare(call, book)
    assert compared.breaks == ()
    paid.refresh_from_db()
    assert (paid.is_returned, paid.returned_on) == (True, DAY)
    assert balance(f"wallet:{customer[1]}") == Money(90_000)
    assert holds()


def test_what_one_person_hands_in_moves_no_customers_money(
    call, clock, book, order, customer, card, officers, mended
):
    owner = {"party_id": customer[1], "account_id": card}
    book.pay(order("top_up", "900.00", **owner))
    paid = order("withdrawal", "300.00", **owner)
    book.pay(paid)
    underway = order("top_up", "70.00", state="sent", **owner)
    book.pay(underway)
    book.move(30_000, order_no=paid.number, kind="return")
    clock.move(timedelta(hours=12))
    hand_in(call, book.file(), by=actor(officers[0]))
    compared = reconcile(call)
    assert compared.settled_count == 0
    assert balance(f"wallet:{customer[1]}") == Money(60_000)
    assert kinds() == ["bank-says-paid", "bank-says-returned"]
    assert holds()
    for case in Break.objects.order_by("kind"):
        mended(case, "settle-as-bank-says")
    assert balance(f"wallet:{customer[1]}") == Money(97_000)
    assert holds()


def test_what_failed_with_us_and_was_paid_there_is_a_case_and_moves_nothing(call, book, order):
    book.pay(order("transfer_in", "5000.00", state="failed"))
    compare(call, book)
    case = Break.objects.get()
    assert (case.kind, case.suggested) == ("bank-says-paid", "settle-as-bank-says")
    assert (case.bank_minor, case.ours_minor) == (500_000, None)
    assert compare_pool(DAY).explained == 500_000
    assert holds()


def test_another_amount_is_a_case_for_the_difference(call, book, order):
    book.pay(order("transfer_in", "5000.00"), minor=499_000)
    waiting = order("transfer_in", "70.00", state="sent")
    book.pay(waiting, minor=7_100)
    compare(call, book)
    cases = Break.objects.order_by("bank_minor")
    assert [(case.kind, case.amount_minor) for case in cases] == [
        ("amount-differs", 7_100),
        ("amount-differs", 1_000),
    ]
    waiting.refresh_from_db()
    assert waiting.state == "sent"
    assert holds()


def test_an_amount_that_goes_the_other_way_differs_too(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    row = order("transfer_in", "70.00")
    book.move(-7_000, order_no=row.number, kind="transfer_in", serial=row.bank_serial)
    compare(call, book)
    case = Break.objects.get()
    assert (case.kind, case.amount_minor) == ("amount-differs", 14_000)
    assert holds()


def test_what_the_bank_does_not_have_is_missing_and_no_longer_when_it_comes(call, book, order):
    row = order("transfer_in", "5000.00")
    compare(call, book)
    case = Break.objects.get()
    assert (case.kind, case.subject, case.suggested) == (
        "missing-at-bank",
        f"order:{row.pk}",
        "correct-by-reversal",
    )
    assert holds()
    book.pay(row, day=TOMORROW)
    assert compare(call, book, TOMORROW).breaks == ()
    case.refresh_from_db()
    assert case.suggested == "close-explained"
    assert case.counterpart.startswith("line:")
    assert holds()


def test_an_order_dated_after_the_statement_is_in_transit_and_no_case(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    order("transfer_in", "70.00", settled_on=TOMORROW)
    compared = compare(call, book)
    assert compared.breaks == ()
    assert cash_position().in_transit == Money(7_000)
    assert holds()


def test_a_line_without_an_order_of_ours_is_an_unknown_order(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    book.move(-8_888, order_no="XX1234567890", kind="withdrawal")
    book.move(4_444, order_no="XX1234567891", kind="top_up")
    compare(call, book)
    assert kinds() == ["unknown-order", "unknown-order"]
    assert balance("suspense") == Money(4_444)
    assert holds()


def test_an_order_paid_twice_shows_as_an_unknown_order(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    twice = order("transfer_out", "20.00")
    book.pay(twice)
    book.pay(twice, serial=book.serial())
    compare(call, book)
    assert kinds() == ["unknown-order"]
    assert holds()


def test_a_fee_is_a_case_with_its_mend(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    book.move(-500, kind="fee")
    compare(call, book)
    case = Break.objects.get()
    assert (case.kind, case.suggested, case.explains_minor) == ("bank-fee", "book-bank-fee", -500)
    assert holds()


def test_a_balance_nobody_can_explain_is_a_case_of_its_own(call, book, order):
    row = order("transfer_in", "5000.00")
    line = book.pay(row)
    book.move(777, kind="interest")
    compare(call, book, lines=[line])
    case = Break.objects.get()
    assert (case.kind, case.amount_minor, case.bank_minor, case.ours_minor) == (
        "balance-differs",
        777,
        500_777,
        500_000,
    )
    assert holds()
    book.pay(order("transfer_in", "10.00", settled_on=TOMORROW), day=TOMORROW)
    assert compare(call, book, TOMORROW).breaks == ()
    assert kinds() == ["balance-differs"]


@pytest.mark.parametrize("fault", ["missing", "wrong_amount", "extra", "yesterday", "duplicate"])
def test_a_mistake_in_the_file_alone_is_one_case_because_the_balance_sides_with_us(
    call, book, order, fault
):
    for yuan in ("5000.00", "60.00", "7.00"):
        book.pay(order("transfer_in", yuan))
    lines = list(book.moved)
    extra = changed(lines[1], serial="EXTRA1", order_no="XX0000000001", minor=-8_888)
    told = {
        "missing": [lines[0], lines[2]],
        "wrong_amount": [lines[0], changed(lines[1], minor=6_100), lines[2]],
        "extra": [*lines, extra],
        "yesterday": [lines[0], changed(lines[1], day=DAY - timedelta(days=1)), lines[2]],
        "duplicate": [*lines, lines[1]],
    }
    wanted = {
        "missing": "missing-at-bank",
        "wrong_amount": "amount-differs",
        "extra": "unknown-order",
        "yesterday": "wrong-day",
        "duplicate": "duplicate-line",
    }
    compare(call, book, lines=told[fault])
    assert kinds() == [wanted[fault]]
    assert holds()
    assert "close-explained" in get_break(Break.objects.get().pk, DAY).mends


def test_nothing_is_posted_on_the_word_of_a_file_that_contradicts_itself(call, book, order):
    first = book.pay(order("transfer_in", "5000.00"))
    order("transfer_in", "60.00")
    credit = book.move(4_000)
    book.move(6_000, kind="transfer_in")
    compare(call, book, lines=[first, credit])
    assert kinds() == ["missing-at-bank", "unknown-credit"]
    assert balance("operator-funds") == Money(506_000)
    assert not Break.objects.exclude(suspense_minor=0).exists()
    assert holds()


def test_no_order_is_settled_on_the_word_of_a_file_that_contradicts_itself(
    call, book, order, customer, card
):
    book.pay(order("transfer_in", "5000.00"))
    underway = order("top_up", "900.00", state="sent", party_id=customer[1], account_id=card)
    # The closing balance knows nothing of it.
    made_up = Moved(serial="EXTRA1", minor=90_000, order_no=underway.number, kind="top_up")
    compared = compare(call, book, lines=[*book.moved, made_up])
    assert compared.settled_count == 0
    assert balance(f"wallet:{customer[1]}") == Money(0)
    assert kinds() == ["bank-says-paid"]
    assert holds()


def test_a_receipt_confirmed_after_its_credit_went_to_suspense_is_booked_once(
    call, book, officers, customer
):
    book.move(100_000, serial="ICBC20260105-1")
    compare(call, book)
    assert balance("suspense") == Money(100_000)
    booked = pay_in(call, officers, customer[1])
    assert (balance("suspense"), balance("custodian-cash")) == (Money(0), Money(-100_000))
    assert balance(f"wallet:{customer[1]}") == Money(100_000)
    case = Break.objects.get()
    assert (case.state, case.mend, case.journal) == ("resolved", "assign-to-party", booked.journal)
    assert (case.maker, case.checker) == tuple(map(actor, officers))
    reconcile(call)
    assert Break.objects.count() == 1
    assert holds()


def test_capital_confirmed_after_its_credit_went_to_suspense_is_booked_once(call, book, officers):
    book.move(9_000_000, serial="CCB-77001")
    compare(call, book)
    command = InjectCapital(amount=Money(9_000_000), source="股东", bank_serial="CCB-77001")
    noted = inject_capital(command, call(actor=actor(officers[0])))
    confirm_capital(ConfirmCapital(injection_id=noted.injection_id), call(actor=actor(officers[1])))
    assert balance("suspense") == Money(0)
    assert balance("operator-funds") == balance("operator-capital") == Money(9_000_000)
    reconcile(call)
    assert [case.state for case in Break.objects.all()] == ["resolved"]
    assert holds()


def test_an_order_settled_after_its_case_was_opened_explains_itself(call, book, order):
    row = order("transfer_in", "5000.00", state="sent")
    book.pay(row, minor=499_900)
    compare(call, book)
    assert compare_pool(DAY).explained == 499_900
    settle_order(
        SettleOrder(
            order_no=row.number,
            state="succeeded",
            amount="5000.00",
            bank_serial="S0000077",
            settled_on=DAY,
        ),
        call(actor=SYSTEM),
    )
    assert compare_pool(DAY).explained == -100
    assert holds()


def test_a_parked_message_of_the_bank_becomes_a_case(call, book, order):
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
    reconcile(call)
    (case,) = Break.objects.all()
    detail = get_break(case.pk, DAY)
    assert case.kind == "parked-callback"
    assert (detail.told.verdict, detail.ours.number) == ("parked:amount-differs", row.number)
    assert holds()


def test_a_day_whose_file_was_damaged_hides_nothing_and_is_made_up_for(call, book, order):
    row = order("transfer_in", "5000.00")
    book.pay(row)
    hand_in(call, book.file()[:-20])
    later = order("transfer_in", "60.00", settled_on=TOMORROW)
    book.pay(later, day=TOMORROW)
    book.move(-500, kind="fee")
    assert [Break.objects.get(number=n).kind for n in compare(call, book, TOMORROW).breaks] == []
    assert kinds() == ["balance-differs", "statement-damaged"]
    assert holds()
    compare(call, book)
    assert kinds() == ["balance-differs", "bank-fee", "statement-damaged"]
    assert Break.objects.get(kind="balance-differs").suggested == "close-explained"
    assert holds()


def test_the_check_of_law_8_says_what_disagrees(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    book.move(-500, kind="fee")
    book.move(900)
    compare(call, book)
    assert holds()
    Break.objects.filter(kind="bank-fee").update(explains_minor=-400)
    Break.objects.filter(kind="unknown-credit").update(suspense_minor=0)
    assert check_custody().examples == (
        "suspense 900, cases 0",
        "statement of 2026-01-05: closing 500400, books 500900, in transit 0, open breaks -400",
    )


def test_only_an_imported_day_is_compared_and_by_finance_alone(call, customer):
    with pytest.raises(NotFound):
        reconcile(call)
    with pytest.raises(FinanceOfficerNeeded):
        reconcile_day(ReconcileDay(day=DAY), call(actor=actor(customer[0])))


def test_a_long_day_is_matched_with_as_many_queries_as_a_short_one(call, book, order):
    counts = []
    for day, many in ((DAY, 2), (TOMORROW, 40)):
        for _ in range(many):
            book.pay(order("transfer_in", "10.00", settled_on=day), day=day)
        hand_in(call, book.file(day), day)
        with CaptureQueriesContext(connection) as asked:
            reconcile(call, day)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[1] < 40
