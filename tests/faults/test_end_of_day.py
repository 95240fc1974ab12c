"""End of day killed, started twice, run again, and run while borrowers pay: each loan once."""

import hashlib
import os
import random
import signal
import threading
import time
from datetime import date, timedelta

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from rongqiao.cli import eod
from rongqiao.cli.verify import check_all
from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.lending.servicing.operations.end_of_day.close_chunk import Chunk, close_chunk
from rongqiao.lending.servicing.operations.end_of_day.steps import Step
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries import portfolio
from rongqiao.money.ledger.queries.books import trial_balance
from rongqiao.platform import audit
from rongqiao.platform.clock import business_date, now
from rongqiao.platform.operations import Call
from rongqiao.platform.postgres.connecting import pointed_at
from rongqiao.platform.postgres.launcher import address
from tests.conftest import FIRST_DAY, Database, clone
from tests.faults.many_loans import interest_owed, lend_many
from tests.faults.waiting import Waits
from tests.makers.loans import Lend, lend, uuid_of

SEED = 20260105
# Past the first instalments' due date, and the grace days after it.
LATER = date(2026, 2, 9)
KILLS = 3
PATIENCE = 150.0
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def child(to, chunk, workers=1):
    """Close days up to `to` in a process of its own, in chunks small enough to die between."""
    connection.close()
    pid = os.fork()
    if pid:
        return pid
    status = 3
    try:
        eod.LOANS_PER_CHUNK = chunk
        with eod.helpers(to, workers - 1):
            eod.catch_up(to)
        status = 0
    finally:
        os._exit(status)


def ended_well(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def steps_done():
    return EndOfDayStep.objects.filter(done_at__isnull=False).count()


def wait_for_steps(count):
    end = time.monotonic() + PATIENCE
    while steps_done() < count:
        assert time.monotonic() < end
        time.sleep(0.002)


def assert_earned_once(on, many):
    loans, wrong, owed, earned = interest_owed(on)
    assert (loans, wrong, owed) == (many, 0, earned)
    audit.seal()
    assert [law for law in check_all() if law.broken] == []
    return owed


def fingerprints():
    """Return a digest of all rows of each table of loans and books."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
               AND (relname LIKE 'servicing%' OR relname LIKE 'ledger%'
                    OR relname = 'platform_businessdate')"""
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows = "\n".join(row for (row,) in cursor.fetchall())
            found[table] = hashlib.sha256(rows.encode()).hexdigest()
    return found


@pytest.mark.faults(4)
def test_every_loan_earns_once_when_end_of_day_is_killed_and_taken_up_again(
    live_db, clock, call, rounds, told, audit_books
):
    many = lend_many(live_db, call, rounds(20_000, 500), grace_days=5)
    chunk, kills = many // 10, rounds(9, KILLS)
    in_all = (LATER - FIRST_DAY).days * 4 * 10
    for at in sorted(random.Random(SEED).sample(range(1, in_all), kills)):
        pid = child(LATER, chunk)
        wait_for_steps(at)
        os.kill(pid, signal.SIGKILL)
        assert not ended_well(pid)
    assert business_date() < LATER
    assert ended_well(child(LATER, chunk))
    owed = assert_earned_once(LATER, many)
    audit_books(live_db.app_url, {})
    told(
        4,
        f"kill -9 in the middle of end of day, {many:,} loans",
        kills,
        f"{many:,} of {many:,} once; {Money(owed).text()} = expected",
        "every loan once; sum = expected",
    )


@pytest.mark.faults(5)
def test_end_of_day_started_twice_at_once_and_again_for_a_past_date_changes_nothing_more(
    live_db, clock, call, rounds, told, audit_books
):
    many = lend_many(live_db, call, rounds(5_000, 500), grace_days=5)
    pairs = [child(LATER, many // 10) for _ in range(2)]
    assert [ended_well(pid) for pid in pairs] == [True, True]
    assert_earned_once(LATER, many)

    before, again = fingerprints(), 0
    for days in (1, 2, 30):
        past = LATER - timedelta(days=days)
        assert eod.catch_up(past).days == 0
        again += 1
        for step in Step:
            done = close_chunk(Chunk(on=past, step=step, number=0), call(actor="system:again"))
            assert done.changed == 0
            again += 1
    after = fingerprints()
    changed = sorted(table for table in after if after[table] != before[table])
    audit_books(live_db.app_url, {})
    told(
        5,
        "end of day twice at once; a past date again",
        again,
        f"rows changed by the second run: {len(changed)}",
        "0 rows",
    )
    assert changed == []


def payers(call, count):
    """Loans with a wallet each to pay the first instalment from."""
    return [
        lend(
            Lend(principal=500_000, party=uuid_of(9_000_000 + n), wallet=10**7, grace_days=10),
            call(),
        ).loan_id
        for n in range(count)
    ]


def pay_first_instalment(loan_id):
    loan = Loan.objects.get(pk=loan_id)
    row = loan.instalments.get(no=1)
    due = Money(row.principal_minor + row.interest_minor + row.fee_minor)
    actor = f"party:{loan.party_id}"
    asked = Call(actor=actor, key=f"pay:{loan_id}", at=now(), on=business_date())
    repay(Repay(loan_id=loan_id, party_id=loan.party_id, amount=due, instalment_no=1), asked)


def totals():
    """Return what all loans owe and did, and the trial balance."""
    columns = ("principal", "penalty", "fee")
    owed = [sum(portfolio.interest_owed().values())] + [
        sum(Loan.objects.values_list(f"{column}_outstanding_minor", flat=True))
        for column in columns
    ]
    paid = sorted(
        LoanEntry.objects.filter(kind="repayment").values_list(
            "loan_id", "principal_minor", "interest_minor", "penalty_minor", "fee_minor"
        )
    )
    return owed, paid, trial_balance()


@pytest.mark.faults(6)
def test_borrowers_pay_while_the_day_ends_and_the_total_is_that_of_doing_it_in_turn(
    live_db, clock, call, rounds, told, audit_books
):
    many = lend_many(live_db, call, rounds(20_000, 1_000), grace_days=10)
    payments = payers(call, rounds(400, 40))
    due, end = date(2026, 2, 6), date(2026, 2, 12)
    eod.catch_up(due)
    connection.close()
    oracle = clone(live_db.server, live_db.name, f"{live_db.name}_in_turn")

    admin_url = address(live_db.server.admin_url, live_db.name)
    pid = child(end, rounds(5_000, 250), workers=2)
    with Waits(admin_url) as waits:
        wait_for_steps(steps_done() + 1)
        during = pay_meanwhile(payments, pid)
        assert ended_well(pid)
    found = totals()
    audit_books(live_db.app_url, {})

    with pointed_at(django_database(oracle.app_url)):
        for loan_id in payments:
            pay_first_instalment(loan_id)
        eod.catch_up(end)
        expected = totals()
    drop_clone(oracle)
    # Those that never waited count as no wait.
    waited = sorted([*waits.longest.values(), *([0.0] * (len(payments) - len(waits.longest)))])
    worst = waited[int(len(waited) * 0.99)] if waited else 0.0
    told(
        6,
        f"end of day of {many:,} loans by two workers while repayments run",
        len(payments),
        f"{during} paid meanwhile; lock wait p99 {worst:.2f} s; total as in turn",
        "lock wait p99 <= 1 s; total = serial oracle",
    )
    assert found == expected
    assert during >= len(payments) // 4
    assert worst <= 1.0


def pay_meanwhile(payments, pid, threads=4):
    """Pay in some threads; return how many payments were done while the process lived."""
    left, done, lock = list(payments), [], threading.Lock()
    failures = []

    def work():
        try:
            while True:
                with lock:
                    if not left:
                        return
                    loan_id = left.pop()
                pay_first_instalment(loan_id)
                done.append(alive(pid))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=work) for _ in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    assert failures == []
    return sum(done)


def alive(pid):
    """Tell whether a child still runs; it is collected later."""
    waited = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return waited is None


def drop_clone(database: Database):
    with psycopg.connect(database.server.admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database.name))
        )
