"""Five hundred clients on twenty connections: they wait in line, or are told to come back.

Nobody gets a 500, no transaction stays open while nobody works on it, and what was told to come
back is done once in the end.
"""

import http.client
import itertools
import threading
import time
from collections import Counter
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.config.places import django_database
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.models import BusinessDate, OperationRecord
from rongqiao.platform.operations import Call
from rongqiao.platform.postgres.connecting import pointed_at
from tests.faults.installation import CSRF, Browser, Installation
from tests.makers import journeys
from tests.makers.loans import Lend, lend

CONNECTIONS, BORROWERS = 20, 10
OPEN_SECONDS, WORST_SECONDS = 5, 60.0
# Several times more threads than there are connections for them.
TOO_MANY_THREADS = 24
IDLE = """SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)::float8,
                 (SELECT count(*) FROM pg_stat_activity WHERE usename = 'rongqiao')
          FROM pg_stat_activity WHERE usename = 'rongqiao' AND state LIKE 'idle in transaction%'"""
ENOUGH_TRIES = 40


@pytest.fixture
def installation(tmp_path, django_db_blocker, settings):
    settings.OPERATOR_ROLE = "microloan_company"
    here = Installation(tmp_path)
    settings.PLACES = here.places
    try:
        with django_db_blocker.unblock(), pointed_at(django_database(here.server.app_url)):
            bring_up_to_date(here.server.owner_url, here.server.app_url)
            here.run("static")
            with psycopg.connect(here.server.admin_url, autocommit=True) as admin:
                admin.execute(f"ALTER ROLE rongqiao CONNECTION LIMIT {CONNECTIONS}")
            yield here
    finally:
        here.stop()


def signed_in(installation):
    """Borrowers with a loan each, and the browsers they are signed in with."""
    today, numbers = platform_clock.calendar_date(), itertools.count(1)
    BusinessDate.objects.update_or_create(pk=1, defaults={"on": today})

    def call(actor="system:setup", key=None):
        return Call(
            actor=actor,
            key=key or f"prepare-{next(numbers)}",
            at=platform_clock.now(),
            on=today,
        )

    found = []
    for number in range(1, BORROWERS + 1):
        who = journeys.make_borrower(call, number)
        loan_id = lend(Lend(principal=100_000, party=who.party_id), call()).loan_id
        user = get_user_model().objects.get(pk=who.user_id)
        found.append((Browser.of(installation.port, user), loan_id))
    return found


class Watch(threading.Thread):
    """Looks how long a transaction is open with nobody at work on it, and who is connected."""

    def __init__(self, url):
        super().__init__()
        self._url, self._stopping = url, threading.Event()
        self.longest, self.most = 0.0, 0

    def run(self):
        with psycopg.connect(self._url, autocommit=True) as watching:
            while not self._stopping.wait(0.05):
                seconds, connected = watching.execute(IDLE).fetchone()
                self.longest, self.most = max(self.longest, seconds), max(self.most, connected)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self.join()


class Crowd:
    """Clients who all come at once; each reads a page, writes once, and reads again."""

    def __init__(self, people, clients):
        self.answers, self.seconds, self.keys, self.failures = Counter(), [], [], []
        self._line = threading.Barrier(clients)
        threads = [
            threading.Thread(target=self._come, args=people[number % len(people)])
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _come(self, browser, loan_id):
        key = str(uuid4())
        fields = {"csrfmiddlewaretoken": CSRF, "key": key, "is_authorised": "True"}
        self._line.wait()
        try:
            self._insist(browser, "GET", reverse("loan", args=[loan_id]), {200})
            self._insist(browser, "POST", reverse("loan-debit", args=[loan_id]), {302}, fields)
            self.keys.append(key)
            self._insist(browser, "GET", reverse("wallet"), {200})
        except Exception as error:
            self.failures.append(error)

    def _insist(self, browser, method, path, wanted, fields=None):
        """Ask until it is done; a 503 says when to come again."""
        for _ in range(ENOUGH_TRIES):
            begun = time.monotonic()
            status, later = self._ask(browser, method, path, fields)
            self.seconds.append(time.monotonic() - begun)
            self.answers[status] += 1
            if status in wanted:
                return
            assert (status, later) == (503, "5"), (method, path, status)
            time.sleep(0.5)
        raise AssertionError(path)

    @staticmethod
    def _ask(browser, method, path, fields):
        asked = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=2 * WORST_SECONDS)
        headers = {"Cookie": f"session={browser.session}; csrf={CSRF}"}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            asked.request(method, path, urlencode(fields) if fields else None, headers)
            answer = asked.getresponse()
            answer.read()
            return answer.status, answer.getheader("Retry-After")
        finally:
            asked.close()

    @property
    def p99(self):
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


@pytest.mark.faults(22)
def test_a_crowd_waits_or_is_told_to_come_back_and_never_meets_a_500(installation, rounds, told):
    people, clients = signed_in(installation), rounds(500, 40)
    with Watch(installation.server.admin_url) as watch:
        installation.start("web")
        installation.wait_for_web()
        line = Crowd(people, clients)
        installation.kill("web")
        # An operator who gave the web more threads than the database has places.
        installation.threads = TOO_MANY_THREADS
        installation.start("web")
        installation.wait_for_web()
        turned_away = Crowd(people, rounds(100, 40))
    assert (line.failures, turned_away.failures) == ([], [])
    keys = [*line.keys, *turned_away.keys]
    done = OperationRecord.objects.filter(key__in=keys).exclude(result=None).count()
    worst = max(line.p99, turned_away.p99)
    told(
        22,
        f"{clients} clients on {CONNECTIONS} connections",
        sum(line.answers.values()) + sum(turned_away.answers.values()),
        f"503 {line.answers[503]}, with too many threads {turned_away.answers[503]}; 500 none;"
        f" p99 {worst:.1f} s; open and idle at most {watch.longest:.2f} s",
        f"queue or 503, no 500; p99 <= {WORST_SECONDS:.0f} s; idle in transaction <= 5 s",
    )
    assert done == len(keys) == clients + rounds(100, 40)
    assert line.answers[503] == 0
    assert turned_away.answers[503] > 0
    assert watch.most <= CONNECTIONS
    assert watch.longest <= OPEN_SECONDS
    assert worst <= WORST_SECONDS
