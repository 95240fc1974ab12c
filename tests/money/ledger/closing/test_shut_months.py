"""A closed month refuses journals by its own guard, which its partition carries from then on."""

import threading
from dataclasses import replace
from datetime import date

import psycopg
import pytest
from django.db import connection

from rongqiao.money.ledger.operations.closing.periods.close_period import (
    ClosePeriod,
    close_period,
)
from rongqiao.money.ledger.operations.closing.periods.propose_closing import (
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
from rongqiao.money.ledger.queries import periods as queries
from tests.money.ledger.closing.conftest import interest, seal

DECEMBER, JANUARY = date(2025, 12, 1), date(2026, 1, 1)
ALONE = """SELECT ledger_post_transfer('{key}', 'late', 'late', '{on}', 'wallet:a', 'wallet:b', 1,
             'CNY', 'x', now())"""
BATCH = """SELECT ledger_post_batch('{{{key}}}', '{{late}}', '{{late}}', '{{{on}}}', '{{1,1}}',
             '{{wallet:a,wallet:b}}', '{{-1,1}}', '{{CNY,CNY}}', 'x', now())"""
SHUT = r"ledger\.period-closed"


@pytest.fixture(autouse=True)
def real_commits(live_db):
    """Whoever waits for a lock waits for other connections."""


@pytest.fixture
def partitions(live_db):
    """December and January have partitions of their own; November would lie in the default one."""
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        owner.execute("SELECT ledger_open_month('2025-12-01'), ledger_open_month('2026-01-01')")
        assert _guarded(owner) == {"ledger_journal_default"}
        yield owner


def _guarded(owner):
    rows = owner.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'no_clo%'"
    )
    return {name for (name,) in rows}


def _post(live_db, form, on, key="k"):
    with psycopg.connect(live_db.app_url) as other:
        return other.execute(form.format(key=key, on=on)).fetchone()[0]


@pytest.mark.parametrize("form", [ALONE, BATCH])
@pytest.mark.parametrize("day", ["2025-12-31", "2025-11-05"])
def test_a_shut_month_takes_nothing_by_either_way_and_gives_earlier_answers_again(
    live_db, call, officers, partitions, two_months, form, day
):
    first = _post(live_db, form, "2025-12-30", key="known")
    propose_closing(ProposeClosing(month=DECEMBER), call(actor=officers[0]))
    assert _guarded(partitions) == {"ledger_journal_2025_12", "ledger_journal_default"}
    with pytest.raises(psycopg.Error, match=SHUT):
        _post(live_db, form, day)
    assert _post(live_db, form, "2025-12-30", key="known") == first
    assert _post(live_db, form, "2026-01-01", key="open")


def test_not_even_the_owner_of_the_tables_inserts_into_a_shut_month(
    call, officers, partitions, two_months
):
    propose_closing(ProposeClosing(month=DECEMBER), call(actor=officers[0]))
    with pytest.raises(psycopg.Error, match=SHUT):
        partitions.execute(
            """INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor,
                 source_id, target_id, amount_minor, currency)
               VALUES (999999, 'late', 'late', '2025-12-31', now(), 'x', 1, 2, 1, 'CNY')"""
        )


def test_a_month_that_is_opened_again_takes_journals_and_shuts_again(
    live_db, call, officers, partitions, two_months, book
):
    first, second = officers
    for turn in ("one", "two"):
        propose_closing(ProposeClosing(month=DECEMBER), call(actor=first))
        seal(live_db)
        close_period(ClosePeriod(month=DECEMBER, open_breaks=0), call(actor=second))
        with pytest.raises(psycopg.Error, match=SHUT):
            _post(live_db, ALONE, "2025-12-31", key=f"shut-{turn}")
        propose_reopening(ProposeReopening(month=DECEMBER, reason="漏记"), call(actor=first))
        reopen_period(ReopenPeriod(month=DECEMBER), call(actor=second))
        book(interest(1, date(2025, 12, 31), document=turn))


def test_a_partition_that_is_made_after_its_month_was_shut_comes_with_the_guard(
    live_db, call, officers, two_months
):
    propose_closing(ProposeClosing(month=DECEMBER), call(actor=officers[0]))
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        owner.execute("SELECT ledger_open_month('2025-10-01'), ledger_open_month('2026-03-01')")
        assert _guarded(owner) == {"ledger_journal_2025_10", "ledger_journal_default"}
    with pytest.raises(psycopg.Error, match=SHUT):
        _post(live_db, ALONE, "2025-10-31")


@pytest.mark.parametrize("form", [ALONE, BATCH])
def test_closing_waits_for_a_transfer_on_its_way_and_a_later_one_waits_for_the_closing(
    live_db, call, officers, partitions, two_months, form
):
    command, proposed = ProposeClosing(month=DECEMBER), call(actor=officers[0])
    refused = []
    with psycopg.connect(live_db.app_url) as early, psycopg.connect(live_db.app_url) as late:
        early.execute(form.format(key="early", on="2025-12-31"))
        shutting = threading.Thread(target=lambda: _shut(command, proposed))
        shutting.start()
        shutting.join(0.3)
        assert shutting.is_alive()
        posting = threading.Thread(target=lambda: refused.append(_refusal(late, form)))
        posting.start()
        posting.join(0.3)
        early.commit()
        shutting.join(10)
        posting.join(10)
    month = queries.get_period(DECEMBER)
    assert (month.state, month.journals) == ("closing", 4)
    assert "ledger.period-closed" in refused[0]


def test_january_is_posted_to_while_december_is_being_shut(
    live_db, call, officers, partitions, two_months
):
    with psycopg.connect(live_db.app_url) as open_month:
        open_month.execute(ALONE.format(key="january", on="2026-01-02"))
        propose_closing(ProposeClosing(month=DECEMBER), call(actor=officers[0]))
        open_month.commit()
    assert queries.get_period(DECEMBER).state == "closing"


def test_a_shut_month_without_its_guard_breaks_a_law(
    live_db, call, officers, partitions, two_months
):
    first, second = officers
    propose_closing(ProposeClosing(month=DECEMBER), call(actor=first))
    assert queries.check_periods().broken == 0
    seal(live_db)
    close_period(ClosePeriod(month=DECEMBER, open_breaks=0), replace(call(actor=second)))
    partitions.execute("DROP TRIGGER no_closed_month ON ledger_journal_2025_12")
    checked = queries.check_periods()
    assert (checked.broken, checked.examples) == (
        1,
        ("ledger_journal_2025_12 is shut without guard",),
    )


def _shut(command, call):
    propose_closing(command, call)
    connection.close()


def _refusal(late, form):
    try:
        late.execute(form.format(key="late", on="2025-12-31"))
    except psycopg.Error as error:
        return str(error)
    return ""
