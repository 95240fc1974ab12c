"""kill -9 in the middle of taking a portfolio over: nothing of it is there; the next try all."""

import multiprocessing
import os
import signal

import pytest
from django.db import connections

from rongqiao.lending.origination.models import Agreement
from rongqiao.lending.origination.models.concentration import Commitment, Exposure
from rongqiao.lending.servicing.jobs import carry_out
from rongqiao.lending.servicing.models.imports import PortfolioImport
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.importing import carry_out_import as carrying
from rongqiao.lending.servicing.operations.importing.decide_import import (
    DecideImport,
    decide_import,
)
from rongqiao.lending.servicing.operations.importing.propose_import import propose_import
from rongqiao.money.ledger.models import Journal
from rongqiao.parties.models import Awaited, Party
from tests.makers import journeys
from tests.makers.brought import Brought
from tests.makers.loans import assert_books_hold
from tests.makers.officers import make_officer
from tests.parties.people import actor

TABLES = (Loan, Instalment, LoanEntry, Agreement, Commitment, Exposure, Awaited, Party, Journal)


def counts():
    return {table.__name__: table.objects.count() for table in TABLES}


def struck_after(step, import_id):
    """Carry the import out in a process of its own that is killed once `step` is done."""

    def work():
        whole = getattr(carrying, step)

        def struck(*given):
            whole(*given)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(carrying, step, struck)
        carry_out(str(import_id))

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    return process.exitcode


def test_a_kill_in_the_middle_writes_nothing_and_the_next_try_all(live_db, call, clock):
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    made = Brought()
    for number in range(1, 40):
        made.add(f"JK{number}", made.person(number), unpaid=number % 3)
    proposal = propose_import(made.proposal(), call(actor=actor(staff.operator)))
    approval = DecideImport(import_id=proposal.import_id, word="approve")
    decide_import(approval, call(actor=actor(make_officer(clock))))
    before = counts()
    for step in ("bring_in", "post", "write_loans", "take_over"):
        assert struck_after(step, proposal.import_id) == -signal.SIGKILL
        assert counts() == before
    for _ in range(2):
        carry_out(str(proposal.import_id))
        assert PortfolioImport.objects.get().state == "done"
        assert Loan.objects.count() == 39
    assert_books_hold()


@pytest.fixture(autouse=True)
def _live(live_db):
    """Every test here commits for real."""
