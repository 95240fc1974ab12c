"""Journals by hand: one writes, another posts; nothing kept by the platform is touched."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.operations.closing.manual.amend_manual_journal import (
    AmendManualJournal,
    amend_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.draft_manual_journal import (
    DraftManualJournal,
    draft_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.draft_manual_reversal import (
    DraftManualReversal,
    ReversalThere,
    draft_manual_reversal,
)
from rongqiao.money.ledger.operations.closing.manual.post_manual_journal import (
    ChangedMeanwhile,
    PostManualJournal,
    post_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.send_back_manual_journal import (
    SendBackManualJournal,
    send_back_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.withdraw_manual_journal import (
    WithdrawManualJournal,
    withdraw_manual_journal,
)
from rongqiao.money.ledger.operations.closing.manual.writing import ManualLeg
from rongqiao.money.ledger.operations.closing.officers import (
    AnotherPersonNeeded,
    FinanceOfficerNeeded,
    NotWaiting,
    NotYours,
)
from rongqiao.money.ledger.operations.closing.periods.propose_closing import (
    ProposeClosing,
    propose_closing,
)
from rongqiao.money.ledger.queries import manual as queries
from rongqiao.money.ledger.queries.books import balance, get_journal
from rongqiao.platform.refusals import NotFound, Refusal
from tests.money.ledger.closing.conftest import PRODUCT, make_officer

pytestmark = pytest.mark.django_db

ON = date(2026, 1, 5)


def legs(debited="bank-charges", credited=f"interest-income:{PRODUCT}", minor=12_50):
    return (
        ManualLeg(account=debited, debit=Money(minor)),
        ManualLeg(account=credited, credit=Money(minor)),
    )


def draft(call, actor, **changes):
    values = {"legs": legs(), "reason": "更正", "reference": "凭单 17", "value_on": ON} | changes
    return draft_manual_journal(DraftManualJournal(**values), call(actor=actor))


def post_it(call, actor, drafted):
    seen = queries.get_manual_journal(drafted.manual_id).drafted_at
    command = PostManualJournal(manual_id=drafted.manual_id, drafted_at=seen)
    return post_manual_journal(command, call(actor=actor))


def test_the_books_move_when_a_second_officer_posts(call, officers, two_months):
    first, second = officers
    drafted = draft(call, first)
    assert balance("bank-charges") == Money(0)
    with pytest.raises(AnotherPersonNeeded):
        post_it(call, first, drafted)
    posted = post_it(call, second, drafted)
    assert balance("bank-charges") == Money(-12_50)
    journal = get_journal(posted.journal)
    assert (journal.kind, journal.document, journal.actor) == ("manual", drafted.number, second)
    view = queries.get_manual_journal(drafted.manual_id)
    assert (view.state, view.total, view.decided_by) == ("posted", Money(12_50), second)
    assert queries.find_manual_journal(journal.document) == drafted.manual_id
    with pytest.raises(NotWaiting):
        post_it(call, second, drafted)


def test_only_finance_officers_write_and_post(call, clock, officers, two_months):
    auditor = make_officer(clock, role="auditor")
    with pytest.raises(FinanceOfficerNeeded):
        draft(call, auditor)
    with pytest.raises(FinanceOfficerNeeded):
        post_it(call, auditor, draft(call, officers[0]))


@pytest.mark.parametrize(
    "account",
    ["wallet:a", "custodian-cash", "operator-funds", "funds-at-custodian", "suspense",
     "reserve-fund", f"loan-principal:{PRODUCT}", f"interest-receivable:{PRODUCT}",
     "write-off:no-such-product", "nothing", "provision:", ""],
)  # fmt: skip
def test_client_money_and_what_the_loans_keep_are_not_written_by_hand(
    call, officers, two_months, account
):
    with pytest.raises(Refusal) as refused:
        draft(call, officers[0], legs=legs(debited=account))
    assert refused.value.code == "ledger.manual-account"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (legs()[:1], "ledger.manual-legs"),
        (legs() * 26, "ledger.manual-legs"),
        ((*legs(), *legs()[:1]), "ledger.manual-not-balanced"),
        (legs(minor=0), "ledger.manual-leg"),
        (legs(minor=-5), "ledger.manual-leg"),
        (legs(minor=LARGEST_MINOR + 1), "ledger.manual-leg"),
        ((ManualLeg(account="bank-charges", debit=Money(1), credit=Money(1)), legs()[1]),
         "ledger.manual-leg"),
        ((ManualLeg(account="bank-charges", debit=Money(1, "USD")), legs()[1]),
         "ledger.manual-leg"),
    ],
)  # fmt: skip
def test_a_journal_that_does_not_add_up_is_refused(call, officers, two_months, bad, code):
    with pytest.raises(Refusal) as refused:
        draft(call, officers[0], legs=bad)
    assert refused.value.code == code


def test_it_is_valued_in_an_open_month_up_to_today(call, officers, two_months):
    first, second = officers
    waiting = draft(call, first, value_on=date(2025, 12, 31))
    propose_closing(ProposeClosing(month=date(2025, 12, 1)), call(actor=first))
    for on in (date(2025, 12, 31), date(2026, 1, 6)):
        with pytest.raises(Refusal) as refused:
            draft(call, first, value_on=on)
        assert refused.value.code == "ledger.manual-value-date"
    with pytest.raises(Refusal, match=r"ledger\.manual-value-date"):
        post_it(call, second, waiting)


def test_it_says_why_and_what_paper_it_rests_on(call, officers, two_months):
    for words in ({"reason": " "}, {"reference": ""}, {"reason": "字" * 201}):
        with pytest.raises(Refusal, match=r"ledger\.reason-needed"):
            draft(call, officers[0], **words)


def test_sent_back_it_is_amended_by_its_writer_and_waits_again(call, officers, two_months):
    first, second = officers
    drafted = draft(call, first)
    command = SendBackManualJournal(manual_id=drafted.manual_id, reason="金额不对")
    with pytest.raises(AnotherPersonNeeded):
        send_back_manual_journal(command, call(actor=first))
    send_back_manual_journal(command, call(actor=second))
    with pytest.raises(NotWaiting):
        post_it(call, second, drafted)
    amend = AmendManualJournal(
        manual_id=drafted.manual_id, legs=legs(minor=13_00), reason="更正", reference="18",
        value_on=ON,
    )  # fmt: skip
    with pytest.raises(NotYours):
        amend_manual_journal(amend, call(actor=second))
    amend_manual_journal(amend, call(actor=first))
    post_it(call, second, drafted)
    assert balance("bank-charges") == Money(-13_00)


def test_what_was_changed_after_it_was_read_is_not_posted(call, clock, officers, two_months):
    first, second = officers
    drafted = draft(call, first)
    read = queries.get_manual_journal(drafted.manual_id)
    clock.move(timedelta(seconds=1))
    amend_manual_journal(
        AmendManualJournal(
            manual_id=drafted.manual_id, legs=legs(minor=99_00), reason="更正", reference="18",
            value_on=ON,
        ),
        call(actor=first),
    )  # fmt: skip
    with pytest.raises(ChangedMeanwhile):
        post_manual_journal(
            PostManualJournal(manual_id=read.id, drafted_at=read.drafted_at), call(actor=second)
        )
    assert balance("bank-charges") == Money(0)


def test_withdrawn_it_is_over(call, officers, two_months):
    first, second = officers
    drafted = draft(call, first)
    with pytest.raises(NotYours):
        withdraw_manual_journal(
            WithdrawManualJournal(manual_id=drafted.manual_id), call(actor=second)
        )
    withdraw_manual_journal(WithdrawManualJournal(manual_id=drafted.manual_id), call(actor=first))
    with pytest.raises(NotWaiting):
        post_it(call, second, drafted)


def test_a_posted_one_is_taken_back_by_two_and_only_once(call, officers, two_months):
    first, second = officers
    drafted = draft(call, first)
    take_back = DraftManualReversal(manual_id=drafted.manual_id, reason="重复", reference="19")
    with pytest.raises(NotWaiting):
        draft_manual_reversal(take_back, call(actor=second))
    posted = post_it(call, second, drafted)
    reversal = draft_manual_reversal(take_back, call(actor=second))
    with pytest.raises(ReversalThere):
        draft_manual_reversal(take_back, call(actor=first))
    with pytest.raises(AnotherPersonNeeded):
        post_it(call, second, reversal)
    done = post_it(call, first, reversal)
    assert balance("bank-charges") == Money(0)
    assert get_journal(done.journal).reverses == posted.journal
    assert queries.get_manual_journal(drafted.manual_id).reversed_by == reversal.manual_id
    with pytest.raises(ReversalThere):
        draft_manual_reversal(
            DraftManualReversal(manual_id=reversal.manual_id, reason="又", reference="20"),
            call(actor=first),
        )


def test_the_database_holds_to_two_people_and_to_what_was_decided(call, officers, two_months):
    first, second = officers
    drafted = draft(call, first)
    rows = ManualJournal.objects.filter(pk=drafted.manual_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(state="posted", journal=1, decided_by=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(state="posted", decided_by=second)
    post_it(call, second, drafted)
    with pytest.raises(DatabaseError, match="it was decided"), transaction.atomic():
        rows.update(reason="anders")


def test_they_are_listed_newest_first_by_state(call, clock, officers, two_months):
    first, second = officers
    one = draft(call, first)
    clock.move(timedelta(seconds=1))
    two = draft(call, first)
    post_it(call, second, one)
    assert [view.id for view in queries.list_manual_journals()] == [two.manual_id, one.manual_id]
    assert [view.id for view in queries.list_manual_journals("waiting")] == [two.manual_id]
    assert [view.id for view in queries.list_manual_journals(before=str(two.manual_id))] == [
        one.manual_id
    ]
    with pytest.raises(NotFound):
        queries.get_manual_journal(two.manual_id.__class__(int=0))


def test_what_may_be_written_by_hand_is_known(two_months):
    codes = queries.list_accounts_open_to_hand()
    assert "bank-charges" in codes
    assert f"provision:{PRODUCT}" in codes
    assert not [code for code in codes if code.startswith(("wallet", "loan", "custodian", "funds"))]
