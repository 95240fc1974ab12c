"""A month closes by two people, keeps its balances, and takes nothing more."""

import threading
from dataclasses import replace
from datetime import date

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from rongqiao.finance.money import Money
from rongqiao.money.ledger.closing import Period
from rongqiao.money.ledger.operations.closing.officers import (
    AnotherPersonNeeded,
    FinanceOfficerNeeded,
    ReasonNeeded,
)
from rongqiao.money.ledger.operations.closing.periods.close_period import (
    BreaksOpen,
    ClosePeriod,
    LawsBroken,
    NotSealed,
    close_period,
)
from rongqiao.money.ledger.operations.closing.periods.give_up_proposal import (
    GiveUpProposal,
    give_up_proposal,
)
from rongqiao.money.ledger.operations.closing.periods.propose_closing import (
    PeriodNotOver,
    ProposeClosing,
    propose_closing,
)
from rongqiao.money.ledger.operations.closing.periods.propose_reopening import (
    ProposeReopening,
    propose_reopening,
)
from rongqiao.money.ledger.operations.closing.periods.reopen_period import (
    ReopenPeriod,
    reopen_period,
)
from rongqiao.money.ledger.operations.closing.periods.steps import (
    BooksBusy,
    PeriodMisshapen,
    PeriodOutOfOrder,
    PeriodState,
)
from rongqiao.money.ledger.queries import periods as queries
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.refusals import Refusal
from tests.money.ledger.closing.conftest import capital, interest, make_officer, seal

DECEMBER, JANUARY, NOVEMBER = date(2025, 12, 1), date(2026, 1, 1), date(2025, 11, 1)


@pytest.fixture(autouse=True)
def real_commits(live_db):
    """The horizon of the chain moves with transactions that end."""


@pytest.fixture
def closing(live_db, call, officers, two_months):
    """December, proposed by the first officer; sealed."""
    propose_closing(ProposeClosing(month=DECEMBER), call(actor=officers[0]))
    seal(live_db)
    return officers


@pytest.fixture
def closed(call, closing):
    close_period(ClosePeriod(month=DECEMBER, open_breaks=0), call(actor=closing[1]))
    return closing


def test_a_month_is_closed_by_two_and_the_books_refuse_it_from_the_proposal_on(
    live_db, call, officers, two_months, book
):
    first, second = officers
    proposed = propose_closing(ProposeClosing(month=DECEMBER), call(actor=first))
    assert proposed.state == "closing"
    for on in (DECEMBER, date(2025, 12, 31), date(2024, 2, 29)):
        with pytest.raises(Refusal) as refused:
            book(interest(1, on))
        assert refused.value.code == "ledger.period-closed"
        assert refused.value.facts == {"period": f"{on:%Y-%m}"}
    book(interest(1, date(2026, 1, 1)))
    with pytest.raises(NotSealed) as waiting:
        close_period(ClosePeriod(month=DECEMBER, open_breaks=0), call(actor=second))
    assert waiting.value.facts == {"count": "3"}
    seal(live_db)
    with pytest.raises(AnotherPersonNeeded):
        close_period(ClosePeriod(month=DECEMBER, open_breaks=0), call(actor=first))
    assert (
        close_period(ClosePeriod(month=DECEMBER, open_breaks=0), call(actor=second)).state
        == "closed"
    )
    month = queries.get_period(DECEMBER)
    assert (month.state, month.journals) == ("closed", 3)
    assert [(step.from_state, step.to_state, step.by) for step in month.steps] == [
        ("open", "closing", first),
        ("closing", "closed", second),
    ]
    assert queries.closed_through() == date(2025, 12, 31)


def test_a_month_does_not_close_while_something_in_it_is_not_proved(call, closing, monkeypatch):
    _, second = closing
    with pytest.raises(BreaksOpen):
        close_period(ClosePeriod(month=DECEMBER, open_breaks=2), call(actor=second))
    with pytest.raises(LawsBroken):
        close_period(
            ClosePeriod(month=DECEMBER, open_breaks=0, broken_elsewhere=1), call(actor=second)
        )
    monkeypatch.setattr(
        queries.books, "check_floors",
        lambda: queries.Checked(law="3 no wallet", checked=1, broken=1),
    )  # fmt: skip
    with pytest.raises(LawsBroken) as broken:
        close_period(ClosePeriod(month=DECEMBER, open_breaks=0), call(actor=second))
    assert broken.value.facts == {"count": "1", "law": "3 no wallet"}
    assert queries.get_period(DECEMBER).state == "closing"


def test_months_close_in_order_and_only_when_they_are_over(call, officers, two_months):
    first, _ = officers
    for month, refusal in (
        (JANUARY, PeriodNotOver),
        (NOVEMBER, PeriodOutOfOrder),
        (date(2025, 12, 2), PeriodMisshapen),
    ):
        with pytest.raises(refusal):
            propose_closing(ProposeClosing(month=month), call(actor=first))
    later = replace(call(actor=first), on=date(2026, 2, 1))
    with pytest.raises(PeriodOutOfOrder) as gap:
        propose_closing(ProposeClosing(month=JANUARY), later)
    assert gap.value.facts == {"period": "2025-12"}
    propose_closing(ProposeClosing(month=DECEMBER), call(actor=first))
    with pytest.raises(PeriodState):
        propose_closing(ProposeClosing(month=DECEMBER), call(actor=first))


def test_only_finance_officers_close_months(call, clock, two_months):
    auditor = make_officer(clock, role="auditor")
    for attempt in (
        lambda: propose_closing(ProposeClosing(month=DECEMBER), call(actor=auditor)),
        lambda: propose_closing(ProposeClosing(month=DECEMBER), call(actor="system:end-of-day")),
    ):
        with pytest.raises(FinanceOfficerNeeded):
            attempt()


def test_a_closed_month_keeps_the_balances_of_its_last_day(closed, book):
    book(interest(999, date(2026, 1, 4)))
    kept = {line.account: line for line in queries.period_balances(DECEMBER)}
    assert kept["custodian-cash"].closing == Money(-1_000_000)
    assert kept["wallet:a"].closing == Money(400_000)
    assert "wallet:b" not in kept
    funds = kept["funds-at-custodian"]
    assert (funds.opening, funds.debits, funds.credits, funds.closing) == (
        Money(0), Money(1_000_000), Money(400_000), Money(-600_000),
    )  # fmt: skip
    assert queries.check_periods().broken == 0


def test_the_next_month_opens_with_what_the_last_one_closed_with(live_db, call, closed, book):
    first, second = closed
    on = date(2026, 2, 2)
    propose_closing(ProposeClosing(month=JANUARY), replace(call(actor=first), on=on))
    seal(live_db)
    close_period(ClosePeriod(month=JANUARY, open_breaks=0), replace(call(actor=second), on=on))
    kept = {line.account: line for line in queries.period_balances(JANUARY)}
    assert kept["custodian-cash"].opening == Money(-1_000_000)
    assert kept["custodian-cash"].closing == balance("custodian-cash") == Money(-1_050_000)
    assert kept["operator-capital"].debits == kept["operator-capital"].credits == Money(0)
    assert queries.check_periods().broken == 0


def test_a_month_is_opened_again_by_two_with_a_reason_and_its_balances_go(call, closed, book):
    first, second = closed
    with pytest.raises(ReasonNeeded):
        propose_reopening(ProposeReopening(month=DECEMBER, reason="  "), call(actor=second))
    propose_reopening(ProposeReopening(month=DECEMBER, reason="漏记银行手续费"), call(actor=second))
    with pytest.raises(Refusal, match=r"ledger\.period-closed"):
        book(interest(1, DECEMBER))
    with pytest.raises(AnotherPersonNeeded):
        reopen_period(ReopenPeriod(month=DECEMBER), call(actor=second))
    reopen_period(ReopenPeriod(month=DECEMBER), call(actor=first))
    book(interest(1, DECEMBER))
    assert queries.period_balances(DECEMBER) == ()
    assert queries.closed_through() is None
    assert queries.get_period(DECEMBER).steps[-1].reason == "漏记银行手续费"


def test_a_proposal_is_given_up_and_everything_is_as_before(live_db, call, closing, book):
    first, second = closing
    give_up_proposal(GiveUpProposal(month=DECEMBER, reason="早了"), call(actor=second))
    book(interest(5, date(2025, 12, 31)))
    propose_closing(ProposeClosing(month=DECEMBER), call(actor=first))
    seal(live_db)
    close_period(ClosePeriod(month=DECEMBER, open_breaks=0), call(actor=second))
    propose_reopening(ProposeReopening(month=DECEMBER, reason="看一眼"), call(actor=first))
    give_up_proposal(GiveUpProposal(month=DECEMBER, reason="不必了"), call(actor=first))
    month = queries.get_period(DECEMBER)
    assert (month.state, month.proposed_by, month.decided_by) == ("closed", first, second)
    with pytest.raises(Refusal, match=r"ledger\.period-closed"):
        book(interest(1, DECEMBER))


def test_the_database_takes_no_closed_month_of_one_person(two_months, call):
    with pytest.raises(IntegrityError), transaction.atomic():
        Period.objects.create(
            month=DECEMBER, state="closed", proposed_by="user:a", decided_by="user:a"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Period.objects.create(month=date(2025, 12, 3))


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE ledger_closed SET through = '1999-12-31'",
        "DELETE FROM ledger_periodbalance",
        "INSERT INTO ledger_periodbalance SELECT * FROM ledger_periodbalance",
        "DELETE FROM ledger_period",
        "UPDATE ledger_periodstep SET reason = ''",
    ],
)
def test_the_application_cannot_open_a_month_behind_its_officers(closed, attempt):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(attempt)


def test_months_are_listed_from_the_first_journal_to_today(closed, book):
    book(capital(1, date(2026, 1, 5)))
    months = queries.list_periods(date(2026, 2, 3))
    assert [(one.month, one.state, one.journals) for one in months] == [
        (date(2026, 2, 1), "open", 0), (JANUARY, "open", 3), (DECEMBER, "closed", 3),
    ]  # fmt: skip


def test_closing_waits_for_whoever_is_posting_and_gives_up_after_seconds(
    live_db, call, officers, two_months
):
    """A journal on its way when a month is shut is in it for good, or not at all."""
    posting = """SELECT ledger_post_batch('{k}', '{late}', '{late}', '{2025-12-31}', '{1,1}',
                   '{wallet:a,wallet:b}', '{-1,1}', '{CNY,CNY}', 'x', now())"""
    command, proposed = ProposeClosing(month=DECEMBER), call(actor=officers[0])
    with psycopg.connect(live_db.app_url) as other:
        other.execute(posting)
        with pytest.raises(BooksBusy):
            propose_closing(command, proposed)
        assert queries.get_period(DECEMBER).state == "open"
        shutting = threading.Thread(target=lambda: _shut(command, proposed))
        shutting.start()
        shutting.join(0.3)
        assert shutting.is_alive()
        other.commit()
        shutting.join(10)
    month = queries.get_period(DECEMBER)
    assert (month.state, month.journals) == ("closing", 4)
    with (
        psycopg.connect(live_db.app_url) as other,
        pytest.raises(psycopg.Error, match=r"ledger\.period-closed"),
    ):
        other.execute(posting.replace("{k}", "{k2}"))


def _shut(command, call):
    propose_closing(command, call)
    connection.close()
