"""Two people mend a break, by a new posting or order; what they did can be taken back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.ledger.queries.books import balance, get_journal
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.money.payments.models.reconciling import Break, BreakStep
from rongqiao.money.payments.operations.mending.approve_mend import ApproveMend, approve_mend
from rongqiao.money.payments.operations.mending.approve_undo import ApproveUndo, approve_undo
from rongqiao.money.payments.operations.mending.assign_break import AssignBreak, assign_break
from rongqiao.money.payments.operations.mending.propose_mend import ProposeMend, propose_mend
from rongqiao.money.payments.operations.mending.propose_undo import ProposeUndo, propose_undo
from rongqiao.money.payments.operations.mending.refusals import (
    BreakNotOpen,
    CreditDiffers,
    CreditPlaced,
    MendJournal,
    MendNotUndoable,
    MendParty,
    MendUnfit,
)
from rongqiao.money.payments.operations.mending.send_back_mend import SendBackMend, send_back_mend
from rongqiao.money.payments.operations.orders.settle_order import SettleOrder, settle_order
from rongqiao.money.payments.operations.two_people import (
    AnotherPersonNeeded,
    FinanceOfficerNeeded,
    OwnAffair,
    ReasonNeeded,
)
from rongqiao.money.payments.queries.custody import check_custody
from rongqiao.money.payments.queries.reconciling import (
    BreakFilters,
    aged_suspense,
    breaks_by_kind,
    count_breaks,
    find_break,
    get_break,
    list_breaks,
    list_days,
)
from tests.makers.officers import make_officer, pay_in
from tests.makers.statements import DAY, SYSTEM, changed, compare, reconcile
from tests.parties.people import actor, make_person

TOMORROW = DAY + timedelta(days=1)


def holds():
    return check_custody().examples == ()


@pytest.fixture
def credit(call, book):
    """A case of 88.00 in suspense."""
    book.move(8_800, serial="FOREIGN-1", name="李四")
    compare(call, book)
    return Break.objects.get()


def propose(call, officer, case, mend, reason="核对无误", **more):
    command = ProposeMend(break_id=case.pk, mend=mend, reason=reason, **more)
    return propose_mend(command, call(actor=actor(officer)))


def approve(call, officer, case):
    return approve_mend(ApproveMend(break_id=case.pk), call(actor=actor(officer)))


def test_money_in_suspense_finds_its_owner_by_two_people(call, credit, officers, customer):
    first, second = officers
    propose(call, first, credit, "assign-to-party", party_id=customer[1])
    with pytest.raises(AnotherPersonNeeded):
        approve(call, first, credit)
    assert balance("suspense") == Money(8_800)
    mended = approve(call, second, credit)
    assert (balance("suspense"), balance(f"wallet:{customer[1]}")) == (Money(0), Money(8_800))
    assert get_journal(mended.journal).document == credit.number
    with pytest.raises(BreakNotOpen):
        approve(call, second, credit)
    steps = get_break(credit.pk, DAY).steps
    assert [(step.from_state, step.to_state) for step in steps] == [
        ("", "open"),
        ("open", "proposed"),
        ("proposed", "resolved"),
    ]
    assert holds()


def test_the_database_itself_wants_two_people(call, credit, officers, customer):
    propose(call, officers[0], credit, "assign-to-party", party_id=customer[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        Break.objects.update(
            state="resolved", checker=actor(officers[0]), resolved_at=credit.opened_at
        )


def test_nobody_behind_the_party_takes_part(call, clock, credit, officers, customer):
    user_id, party_id = customer
    make_officer(clock, user_id)
    with pytest.raises(OwnAffair):
        propose(call, user_id, credit, "assign-to-party", party_id=party_id)
    propose(call, officers[0], credit, "assign-to-party", party_id=party_id)
    with pytest.raises(OwnAffair):
        approve(call, user_id, credit)
    with pytest.raises(FinanceOfficerNeeded):
        approve(call, make_person(call, 2)[0], credit)


def test_nobody_behind_a_receipts_party_takes_part(call, clock, book, officers, customer):
    user_id, party_id = customer
    pay_in(call, officers, party_id, serial="ICBC20260105-1")
    book.move(150_000, serial="ICBC20260105-1")
    compare(call, book)
    case = Break.objects.get()
    assert case.kind == "amount-differs"
    make_officer(clock, user_id)
    with pytest.raises(OwnAffair):
        propose(call, user_id, case, "settle-as-bank-says")
    propose(call, officers[0], case, "settle-as-bank-says")
    with pytest.raises(OwnAffair):
        approve(call, user_id, case)
    assert balance(f"wallet:{party_id}") == Money(100_000)


def test_a_mend_that_does_not_fit_is_refused_with_those_that_do(call, credit, officers):
    for mend in ("close-explained", "book-bank-fee", "accept-difference", "edit-the-books", ""):
        with pytest.raises(MendUnfit) as refused:
            propose(call, officers[0], credit, mend)
        assert refused.value.facts["allowed"] == "assign-to-party, return-to-sender"
    with pytest.raises(MendParty):
        propose(call, officers[0], credit, "assign-to-party")
    with pytest.raises(ReasonNeeded):
        propose(call, officers[0], credit, "return-to-sender", reason=" ")


def test_a_mend_sent_back_is_proposed_anew(call, credit, officers, customer):
    first, second = officers
    propose(call, first, credit, "assign-to-party", party_id=customer[1])
    with pytest.raises(AnotherPersonNeeded):
        send_back_mend(SendBackMend(break_id=credit.pk, reason="不对"), call(actor=actor(first)))
    send_back_mend(SendBackMend(break_id=credit.pk, reason="姓名不符"), call(actor=actor(second)))
    credit.refresh_from_db()
    assert (credit.state, credit.mend, credit.mend_party) == ("assigned", "", None)
    assert BreakStep.objects.order_by("-id")[0].note == "姓名不符"
    propose(call, second, credit, "return-to-sender")
    approve(call, first, credit)


def test_a_case_is_given_to_a_finance_officer_alone(call, credit, officers, customer):
    first, second = officers
    command = AssignBreak(break_id=credit.pk, user_id=second)
    assert assign_break(command, call(actor=actor(first))).state == "assigned"
    assert list_breaks(BreakFilters(assignee=actor(second)), DAY)[0].number == credit.number
    with pytest.raises(FinanceOfficerNeeded):
        assign_break(AssignBreak(break_id=credit.pk, user_id=customer[0]), call(actor=actor(first)))


def test_money_goes_back_to_its_sender_by_an_order(call, credit, mended):
    done = mended(credit, "return-to-sender")
    order = PaymentOrder.objects.get(number=done.order_number)
    assert (order.kind, order.amount_minor, order.subject) == (
        "refund",
        8_800,
        "credit:FOREIGN-1",
    )
    assert balance("suspense") == Money(8_800)
    assert holds()


def ended(call, order, state):
    """Let the order go out and the bank end it."""
    order.state, order.sent_at, order.next_try_at = "sent", order.created_at, order.created_at
    order.save()
    command = SettleOrder(
        order_no=order.number,
        state=state,
        amount="88.00",
        bank_serial="REFUND-1" if state == "succeeded" else "",
        reason="account-closed",
        settled_on=TOMORROW,
    )
    assert settle_order(command, call(actor=SYSTEM)).verdict == "settled"


def test_a_refund_that_succeeds_empties_suspense(call, book, credit, mended):
    done = mended(credit, "return-to-sender")
    order = PaymentOrder.objects.get(number=done.order_number)
    ended(call, order, "succeeded")
    assert balance("suspense") == Money(0)
    order.refresh_from_db()
    book.pay(order, day=TOMORROW)
    assert compare(call, book, TOMORROW).breaks == ()
    assert [bucket.count for bucket in aged_suspense(TOMORROW)] == [0, 0, 0, 0]
    assert holds()


def test_a_refund_that_comes_to_nothing_opens_its_case_again(call, book, credit, mended):
    done = mended(credit, "return-to-sender")
    ended(call, PaymentOrder.objects.get(number=done.order_number), "failed")
    assert holds()
    compare(call, book, TOMORROW)
    credit.refresh_from_db()
    assert (credit.state, credit.suspense_minor, credit.mend) == ("open", 8_800, "")
    assert holds()


def test_suspense_is_shown_by_age(call, clock, book, credit):
    clock.move(timedelta(days=3))
    book.move(1_000, day=DAY + timedelta(days=3))
    compare(call, book, DAY + timedelta(days=3))
    by_age = [(bucket.count, bucket.amount.minor) for bucket in aged_suspense(DAY + timedelta(3))]
    assert by_age == [(1, 1_000), (1, 8_800), (0, 0), (0, 0)]
    later = [bucket.amount.minor for bucket in aged_suspense(DAY + timedelta(33))]
    assert later == [0, 0, 1_000, 8_800]


def test_a_fee_is_the_operators_own_expense(call, book, order, mended):
    book.pay(order("transfer_in", "5000.00"))
    book.move(-500, kind="fee")
    compare(call, book)
    mended(Break.objects.get(), "book-bank-fee")
    assert balance("bank-charges") == Money(-500)
    assert balance("operator-funds") == -balance("funds-at-custodian") == Money(499_500)
    assert holds()


def test_a_small_difference_is_accepted_and_a_large_one_is_not(call, book, order, mended, officers):
    line = book.pay(order("transfer_in", "5000.00"))
    book.move(-777)
    compare(call, book, lines=[line])
    mended(Break.objects.get(), "accept-difference")
    assert balance("reconciliation-differences") == Money(-777)
    assert holds()
    book.move(-10_001, day=TOMORROW)
    compare(call, book, TOMORROW, lines=[])
    case = Break.objects.get(state="open")
    assert get_break(case.pk, TOMORROW).mends == ()
    with pytest.raises(MendUnfit):
        propose(call, officers[0], case, "accept-difference")


def test_what_the_bank_never_did_is_reversed(call, book, order, mended, officers):
    row = order("transfer_in", "5000.00")
    compare(call, book)
    done = mended(Break.objects.get(), "correct-by-reversal")
    assert get_journal(done.journal).reverses == row.journal
    assert balance("operator-funds") == Money(0)
    assert holds()
    with pytest.raises(MendNotUndoable):
        propose_undo(
            ProposeUndo(break_id=Break.objects.get().pk, reason="又到账"),
            call(actor=actor(officers[0])),
        )
    book.pay(row, day=TOMORROW)
    compare(call, book, TOMORROW)
    late = Break.objects.get(state="open")
    assert late.kind == "bank-says-paid"
    mended(late, "settle-as-bank-says")
    assert balance("operator-funds") == Money(500_000)
    assert holds()


def test_what_was_reversed_does_not_come_back_a_second_time(
    call, book, order, customer, card, mended
):
    owner = {"party_id": customer[1], "account_id": card}
    book.pay(order("top_up", "900.00", **owner))
    paid = order("withdrawal", "300.00", **owner)
    compare(call, book)
    mended(Break.objects.get(), "correct-by-reversal")
    assert balance(f"wallet:{customer[1]}") == Money(90_000)
    assert told_returned(call, paid) == "parked:was-reversed"
    assert balance(f"wallet:{customer[1]}") == Money(90_000)
    assert holds()


def test_a_return_that_is_reversed_leaves_its_order_booked(
    call, book, order, customer, card, mended
):
    owner = {"party_id": customer[1], "account_id": card}
    book.pay(order("top_up", "900.00", **owner))
    paid = order("withdrawal", "300.00", **owner)
    assert told_returned(call, paid) == "settled"
    compare(call, book)
    mended(Break.objects.get(subject=f"return:{paid.pk}"), "correct-by-reversal")
    assert balance(f"wallet:{customer[1]}") == Money(60_000)
    book.pay(paid, day=TOMORROW)
    compare(call, book, TOMORROW)
    assert not Break.objects.filter(kind="bank-says-paid").exists()
    (late,) = Break.objects.exclude(state="resolved")
    mended(late, "close-explained")
    assert balance(f"wallet:{customer[1]}") == Money(60_000)
    assert holds()


def test_a_return_that_comes_after_it_was_reversed_is_booked_again(
    call, book, order, customer, card, mended
):
    owner = {"party_id": customer[1], "account_id": card}
    book.pay(order("top_up", "900.00", **owner))
    paid = order("withdrawal", "300.00", **owner)
    book.pay(paid)
    assert told_returned(call, paid) == "settled"
    compare(call, book)
    mended(Break.objects.get(), "correct-by-reversal")
    book.move(30_000, order_no=paid.number, kind="return", day=TOMORROW)
    compare(call, book, TOMORROW)
    late = Break.objects.get(state="open")
    assert late.kind == "bank-says-returned"
    assert holds()
    mended(late, "settle-as-bank-says")
    assert balance(f"wallet:{customer[1]}") == Money(90_000)
    assert holds()


def told_returned(call, row):
    """The bank asked after the order says that its money came back; return the verdict."""
    command = SettleOrder(
        order_no=row.number,
        state="returned",
        amount=Money(row.amount_minor).text(),
        bank_serial=row.bank_serial,
        settled_on=DAY,
        returned_on=DAY,
        return_serial=f"R{row.bank_serial}",
    )
    return settle_order(command, call(actor=SYSTEM)).verdict


def test_a_receipt_the_bank_does_not_know_is_reversed_by_its_own_journal(
    call, book, order, officers, customer, mended
):
    order("transfer_in", "1.00", settled_on=TOMORROW)
    booked = pay_in(call, officers, customer[1])
    compare(call, book)
    case = Break.objects.get()
    assert case.kind == "missing-at-bank"
    other = PaymentOrder.objects.get().journal
    propose(call, officers[0], case, "correct-by-reversal", journal=other)
    with pytest.raises(MendJournal):
        approve(call, officers[1], case)
    send_back_mend(
        SendBackMend(break_id=case.pk, reason="凭证不对"), call(actor=actor(officers[1]))
    )
    mended(case, "correct-by-reversal", journal=booked.journal)
    assert balance(f"wallet:{customer[1]}") == Money(0)
    assert holds()


def test_a_failed_order_that_was_paid_is_booked_as_the_bank_says(
    call, book, order, customer, card, mended
):
    owner = {"party_id": customer[1], "account_id": card}
    book.pay(order("top_up", "900.00", **owner))
    book.pay(order("withdrawal", "300.00", state="failed", **owner))
    compare(call, book)
    mended(Break.objects.get(), "settle-as-bank-says")
    assert balance(f"wallet:{customer[1]}") == Money(60_000)
    assert PaymentOrder.objects.filter(state="failed").count() == 1
    assert holds()


def test_what_is_no_longer_there_cannot_be_taken(call, book, order, customer, card, officers):
    owner = {"party_id": customer[1], "account_id": card}
    book.pay(order("top_up", "900.00", **owner))
    book.pay(order("withdrawal", "800.00", state="failed", **owner))
    book.pay(order("withdrawal", "700.00", **owner))
    compare(call, book)
    case = Break.objects.get()
    propose(call, officers[0], case, "settle-as-bank-says")
    with pytest.raises(InsufficientFunds):
        approve(call, officers[1], case)
    case.refresh_from_db()
    assert case.state == "proposed"
    assert holds()


@pytest.mark.parametrize("state", ["succeeded", "sent"])
def test_another_amount_is_booked_as_the_bank_says(call, book, order, mended, state):
    row = order("transfer_in", "5000.00", state=state)
    book.pay(row, minor=499_000)
    compare(call, book)
    mended(Break.objects.get(), "settle-as-bank-says")
    assert balance("operator-funds") == Money(499_000)
    row.refresh_from_db()
    assert row.state == ("succeeded" if state == "succeeded" else "failed")
    assert holds()


def test_a_mend_is_taken_back_by_two_people_and_made_anew(call, credit, officers, customer, mended):
    first, second = officers
    other = make_person(call, 2)
    mended(credit, "assign-to-party", party_id=customer[1])
    propose_undo(ProposeUndo(break_id=credit.pk, reason="认错人"), call(actor=actor(second)))
    with pytest.raises(AnotherPersonNeeded):
        approve_undo(ApproveUndo(break_id=credit.pk), call(actor=actor(second)))
    approve_undo(ApproveUndo(break_id=credit.pk), call(actor=actor(first)))
    assert (balance("suspense"), balance(f"wallet:{customer[1]}")) == (Money(8_800), Money(0))
    credit.refresh_from_db()
    assert (credit.state, credit.journal) == ("assigned", None)
    assert holds()
    mended(credit, "assign-to-party", party_id=other[1])
    assert balance(f"wallet:{other[1]}") == Money(8_800)
    assert holds()


def test_an_undoing_sent_back_leaves_the_mend(call, credit, officers, customer, mended):
    mended(credit, "assign-to-party", party_id=customer[1])
    propose_undo(ProposeUndo(break_id=credit.pk, reason="认错人"), call(actor=actor(officers[0])))
    assert list_breaks(BreakFilters(states=()), DAY)[0].waits_for_undo
    send_back_mend(
        SendBackMend(break_id=credit.pk, reason="没有错"), call(actor=actor(officers[1]))
    )
    assert get_break(credit.pk, DAY).view.state == "resolved"
    with pytest.raises(BreakNotOpen):
        approve_undo(ApproveUndo(break_id=credit.pk), call(actor=actor(officers[1])))
    assert balance(f"wallet:{customer[1]}") == Money(8_800)


def test_a_credit_placed_by_a_case_is_not_booked_by_a_receipt_too(
    call, book, officers, customer, mended
):
    book.move(100_000, serial="ICBC20260105-1")
    book.move(5_000, serial="ICBC20260105-2")
    compare(call, book)
    mended(Break.objects.get(amount_minor=100_000), "assign-to-party", party_id=customer[1])
    with pytest.raises(CreditPlaced):
        pay_in(call, officers, customer[1])
    with pytest.raises(CreditDiffers):
        pay_in(call, officers, customer[1], amount="50.01", serial="ICBC20260105-2")
    assert balance(f"wallet:{customer[1]}") == Money(100_000)
    assert holds()


def test_a_parked_credit_of_a_bad_file_is_assigned_straight_from_the_pool(
    call, book, order, customer, mended
):
    line = book.pay(order("transfer_in", "5000.00"))
    credit = book.move(4_000)
    order("transfer_in", "1.00")
    book.move(100, kind="transfer_in")
    compare(call, book, lines=[line, credit])
    mended(Break.objects.get(kind="unknown-credit"), "assign-to-party", party_id=customer[1])
    mended(Break.objects.get(kind="missing-at-bank"), "close-explained")
    assert balance(f"wallet:{customer[1]}") == Money(4_000)
    reconcile(call)
    assert not count_breaks(BreakFilters())
    assert holds()


def test_cases_are_listed_found_and_counted(call, book, order):
    book.pay(order("transfer_in", "5000.00"))
    book.move(-500, kind="fee")
    book.move(-300, kind="fee")
    book.move(9_900)
    compare(call, book)
    assert [(one.kind, one.count, one.amount.minor) for one in breaks_by_kind()] == [
        ("bank-fee", 2, 800),
        ("unknown-credit", 1, 9_900),
    ]
    assert count_breaks(BreakFilters(kinds=("bank-fee",))) == 2
    (shown,) = list_breaks(BreakFilters(text=book.moved[-1].serial), DAY + timedelta(days=4))
    assert (shown.age_days, shown.suspense, shown.bank) == (4, Money(9_900), Money(9_900))
    assert find_break(shown.number.lower()) == shown.id
    detail = get_break(shown.id, DAY)
    assert (detail.bank.counterparty, detail.ours) == ("王**", None)
    (day,) = list_days()
    assert (day.break_count, day.open_breaks, day.agreed_count) == (3, 3, 1)


def test_what_the_bank_took_by_mistake_and_gave_back_cancels_out(
    call, book, order, officers, mended
):
    book.pay(order("transfer_in", "5000.00"))
    book.move(-200_000, order_no="XX0000000001", kind="withdrawal")
    compare(call, book)
    taken = Break.objects.get()
    assert get_break(taken.pk, DAY).mends == ()
    book.move(200_000, memo="冲正", day=TOMORROW)
    compare(call, book, TOMORROW)
    given_back = Break.objects.get(kind="unknown-credit")
    assert get_break(taken.pk, DAY).mends == ("offset-by-credit",)
    done = mended(taken, "offset-by-credit")
    given_back.refresh_from_db()
    assert (given_back.state, given_back.journal) == ("resolved", done.journal)
    assert balance("suspense") == Money(0)
    assert balance("custodian-cash") == Money(-500_000)
    for case in (taken, given_back):
        with pytest.raises(MendNotUndoable):
            propose_undo(
                ProposeUndo(break_id=case.pk, reason="再看"), call(actor=actor(officers[0]))
            )
    reconcile(call, TOMORROW)
    assert not count_breaks(BreakFilters())
    assert holds()


def test_a_doubled_line_is_closed_without_a_posting(call, book, order, mended):
    line = book.pay(order("transfer_in", "5000.00"))
    compare(call, book, lines=[line, changed(line)])
    done = mended(Break.objects.get(), "close-explained")
    assert (done.journal, done.order_number) == (None, "")
    assert holds()
