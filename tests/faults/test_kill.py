"""kill -9 of web, worker and PostgreSQL in the middle of the journey: nothing is half-done.

Borrowers sign, repay and pay off over HTTP while a process is killed under them. They send the
same form with the same key until it is taken. Each form then has one effect, every answer that
was given is in the database, and the laws of the books hold.
"""

import itertools
import json
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from unittest.mock import ANY
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.config.places import django_database
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.jobs import RENDER
from rongqiao.lending.origination.models import Agreement, Application
from rongqiao.lending.servicing.models.amending.quotes import PayoffQuote
from rongqiao.lending.servicing.models.certificates import Certificate
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.money.ledger.models import Journal
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import jobs, relay
from rongqiao.platform.models import BusinessDate, OperationRecord, OutboxEvent
from rongqiao.platform.operations import Call
from rongqiao.platform.postgres.connecting import pointed_at
from tests.faults.installation import LOST, Browser, Installation
from tests.makers import journeys
from tests.makers.loans import PayIn, pay_in

SEED = 20260105
BORROWERS = 12
# Whom the blows fall on, one after the other; a repayment gives the worker nothing to do.
WHILE_SIGNING = ("web", "postgres", "worker") * 2
WHILE_REPAYING = ("web", "postgres") * 2
WHILE_PAYING_OFF = ("web", "postgres", "worker")
PAID_IN = Money.yuan("3000.00")
MONTH = timedelta(days=31)
QUEUE_PATIENCE = 170.0


@dataclass
class Borrower:
    """One borrower with a sheet to sign; `sent` holds the key of each form by operation."""

    who: journeys.Borrower
    application_id: object
    sheet_id: object
    browser: Browser
    sent: dict = field(default_factory=dict)
    form: tuple = ()

    def prepare(self, operation, path, **fields):
        self.sent[operation] = str(fields["key"])
        self.form = (path, fields)

    @property
    def loan(self):
        return Loan.objects.get(party_id=self.who.party_id)


@pytest.fixture
def installation(tmp_path, django_db_blocker, settings):
    settings.OPERATOR_ROLE = "microloan_company"
    here = Installation(tmp_path)
    settings.PLACES = here.places
    try:
        with django_db_blocker.unblock(), pointed_at(django_database(here.server.app_url)):
            bring_up_to_date(here.server.owner_url, here.server.app_url)
            here.run("static")
            yield here
    finally:
        here.stop()


def wait_until(installation, is_so, patience=60.0):
    """Wait for the worker, started again where it fell, as `rongqiao run` does."""
    end = time.monotonic() + patience
    while not is_so():
        installation.raise_fallen()
        assert time.monotonic() < end, (waiting(), installation.log("worker"))
        time.sleep(0.25)


def waiting():
    return relay.undelivered(), doing()


def crowd(installation, count):
    """Borrowers who have read their cost sheets an hour ago and may sign today."""
    today = platform_clock.calendar_date()
    BusinessDate.objects.update_or_create(pk=1, defaults={"on": today})
    # Two hours ago by the wall clock, so that sheets are read by now.
    virtual = platform_clock.VirtualClock(platform_clock.now() - timedelta(hours=2))
    numbers = itertools.count(1)

    def call(actor="system:setup", key=None):
        key = key or f"prepare-{next(numbers)}"
        return Call(actor=actor, key=key, at=platform_clock.now(), on=today)

    with platform_clock.running_on(virtual):
        staff = journeys.make_staff(call)
        journeys.publish_first_products(call, staff)
        borrowers = [ready(installation, call, virtual, number) for number in range(1, count + 1)]
    relay.drain(SUBSCRIBERS)
    for one in borrowers:
        pay_in(PayIn(party=one.who.party_id, amount=PAID_IN), call())
    return borrowers


def ready(installation, call, virtual, number):
    who = journeys.make_borrower(call, number)
    application_id, state = journeys.apply(call, who)
    assert state == "approved", state
    journeys.accept(call, who, application_id)
    sheet_id = journeys.read_sheet(call, virtual, who, application_id=application_id)
    user = get_user_model().objects.get(pk=who.user_id)
    return Borrower(who, application_id, sheet_id, Browser.of(installation.port, user))


class Flight:
    """Borrowers sending their forms at once; `answered` knows who was told that it is done."""

    def __init__(self, borrowers):
        self.borrowers, self.answered = borrowers, {}
        self._line = threading.Barrier(len(borrowers) + 1)
        self._threads = [threading.Thread(target=self._send, args=(one,)) for one in borrowers]
        for thread in self._threads:
            thread.start()

    def _send(self, one):
        self._line.wait()
        try:
            answer = one.browser.post(*one.form)
        except LOST:
            return
        if answer.status == 302:
            self.answered[one.sheet_id] = answer.location

    def leave(self):
        self._line.wait()

    def land(self):
        for thread in self._threads:
            thread.join()


def strike(installation, victim, borrowers, delay, figures):
    """Have the borrowers send their forms, kill the victim meanwhile, mend, have all taken."""
    flight = Flight(borrowers)
    if victim == "worker":
        # Let it wake to a heap of events, and kill it over them.
        installation.signal("worker", signal.SIGSTOP)
        flight.leave()
        flight.land()
        installation.signal("worker", signal.SIGCONT)
    else:
        flight.leave()
    time.sleep(delay)
    installation.kill(victim)
    flight.land()
    installation.restore(victim)
    half = OutboxEvent.objects.filter(delivered_at=None, next_try_at__isnull=False)
    figures[f"{victim}: strikes"] += 1
    figures[f"{victim}: forms sent"] += len(borrowers)
    figures[f"{victim}: answers lost"] += len(borrowers) - len(flight.answered)
    figures[f"{victim}: events claimed and not delivered"] += half.count()
    for one in borrowers:
        told = flight.answered.get(one.sheet_id)
        if told:
            # What was answered before the blow is there after it, and is answered again.
            assert_on_record(one)
        assert one.browser.insist(*one.form).location == (told or ANY)


def assert_on_record(one):
    path, fields = one.form
    operation = next(name for name, key in one.sent.items() if key == str(fields["key"]))
    records = OperationRecord.objects.filter(name=operation, key=str(fields["key"]))
    assert [bool(record.result) for record in records] == [True], (path, operation)


def strike_all(installation, victims, borrowers, drawn, figures):
    """Kill one victim after the other, each under borrowers of its own."""
    share = len(borrowers) // len(victims)
    for number, victim in enumerate(victims):
        # The first blow of each kind falls when the forms have hardly left.
        delay = drawn.uniform(0, 0.01 if victim not in victims[:number] else 0.15)
        if victim == "worker":
            delay += drawn.uniform(0, 0.2)
        group = borrowers[number * share : (number + 1) * share]
        strike(installation, victim, group, delay, figures)


def kill_while_a_job_runs(installation, victim, drawn):
    """Kill the worker, or the database under it, while an agreement is being printed."""
    jobs.enqueue(RENDER)
    wait_until(installation, lambda: doing() > 0)
    time.sleep(drawn.uniform(0, 0.3))
    installation.kill(victim)
    installation.restore(victim)


def doing():
    return ProcrastinateJob.objects.filter(status="doing").count()


def prepare_signing(borrowers):
    for one in borrowers:
        path = reverse("sign", args=[one.sheet_id])
        key = one.browser.get(path).key
        one.prepare("origination.sign_agreement", path, key=key, agree="on")


def prepare_repayment(borrowers):
    for one in borrowers:
        path = reverse("repay", args=[one.loan.pk])
        row = one.loan.instalments.get(no=1)
        amount = Money(row.principal_minor + row.interest_minor + row.fee_minor)
        page = one.browser.get(f"{path}?amount={amount.text()}&instalment=1")
        fields = {name: page.hidden(name) for name in ("amount", "instalment", "expected")}
        one.prepare("servicing.repay", path, key=page.key, **fields)


def prepare_quote(borrowers):
    for one in borrowers:
        path = reverse("payoff", args=[one.loan.pk])
        on = platform_clock.business_date().isoformat()
        one.prepare("servicing.quote-payoff", path, key=uuid4(), valid_on=on)


def prepare_payoff(borrowers):
    for one in borrowers:
        quote = PayoffQuote.objects.get(loan=one.loan)
        path = reverse("payoff-quote", args=[quote.pk])
        one.prepare("servicing.pay-off", path, key=one.browser.get(path).key)


@pytest.mark.faults
def test_nothing_is_half_done_when_web_worker_and_database_are_killed(installation):
    drawn, figures = random.Random(SEED), Counter()
    print("seed", SEED)
    borrowers = crowd(installation, BORROWERS)
    installation.start("web")
    installation.start("worker")
    installation.wait_for_web()

    prepare_signing(borrowers)
    strike_all(installation, WHILE_SIGNING, borrowers, drawn, figures)
    wait_until(
        installation,
        lambda: Application.objects.filter(state="funded").count() == len(borrowers),
        patience=90,
    )
    kill_while_a_job_runs(installation, "postgres", drawn)
    kill_while_a_job_runs(installation, "worker", drawn)

    installation.run("eod", "--to", (platform_clock.business_date() + MONTH).isoformat())
    prepare_repayment(borrowers)
    strike_all(installation, WHILE_REPAYING, borrowers, drawn, figures)

    prepare_quote(borrowers)
    for one in borrowers:
        one.browser.insist(*one.form)
    prepare_payoff(borrowers)
    strike_all(installation, WHILE_PAYING_OFF, borrowers, drawn, figures)

    for name, count in sorted(figures.items()):
        print(f"{name}: {count}")
    assert figures["web: answers lost"]
    assert figures["postgres: answers lost"]
    wait_until(installation, lambda: waiting() == (0, 0), QUEUE_PATIENCE)
    assert_once_each(borrowers)
    assert relay.parked() == []
    assert jobs.failed() == []
    assert json.loads(installation.run("verify", "--json"))["held"]


def assert_once_each(borrowers):
    """Each form had one effect, whole, and the wallets hold what they must to the fen."""
    assert Agreement.objects.count() == Loan.objects.count() == len(borrowers)
    for one in borrowers:
        loan = one.loan
        kinds = Counter(LoanEntry.objects.filter(loan=loan).values_list("kind", flat=True))
        assert (kinds["disbursement"], kinds["repayment"], kinds["payoff"]) == (1, 1, 1), kinds
        journals = Counter(
            Journal.objects.filter(document=loan.number).values_list("kind", flat=True)
        )
        assert journals["loan-disbursement"] == 1, journals
        assert loan.state == "closed"
        assert Certificate.objects.filter(loan=loan).count() == 1
        quote = PayoffQuote.objects.get(loan=loan)
        assert quote.used_at is not None
        for operation, key in one.sent.items():
            assert OperationRecord.objects.filter(name=operation, key=key).count() == 1
        paid = -sum(
            entry.principal_minor + entry.interest_minor + entry.penalty_minor + entry.fee_minor
            for entry in LoanEntry.objects.filter(loan=loan, kind__in=("repayment", "payoff"))
        )
        left = loan.principal_minor + PAID_IN.minor - paid
        assert balance(f"wallet:{one.who.party_id}") == Money(left)
