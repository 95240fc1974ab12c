"""The tests' PostgreSQL: one embedded server, one migrated template, a clone for every worker."""

import fcntl
import hashlib
import itertools
import os
import random
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import hypothesis
import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.config.places import Places, django_database
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.ids import drawing_from
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call
from rongqiao.platform.postgres import launcher
from rongqiao.platform.postgres.connecting import pointed_at
from tests.sandboxes.bank import bank  # noqa: F401 - the fixture, for every test
from tests.sandboxes.registries import needs_all, registries, sources  # noqa: F401 - so are these

# How long an example or its drawing takes says more of the machine's load than of the code. `make
# test` draws the same examples on every machine, so that a red run means the change; `make laws`
# draws new ones.
hypothesis.settings.register_profile(
    "roaming", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "house", hypothesis.settings.get_profile("roaming"), derandomize=True
)
hypothesis.settings.load_profile(os.environ.get("RONGQIAO_LAWS", "house"))
ROOT = Path(__file__).parents[1]
STATE = ROOT / "var" / "test"
TEMPLATES_KEPT = 12
FIRST_INSTANT = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
FIRST_DAY = date(2026, 1, 5)


@dataclass(frozen=True)
class Database:
    """A database of the test server, as its owner and as the application."""

    name: str
    app_url: str
    owner_url: str
    server: launcher.Server

    @classmethod
    def on(cls, server, name):
        at = launcher.address
        return cls(name, at(server.app_url, name), at(server.owner_url, name), server)


@contextmanager
def locked(path, how=fcntl.LOCK_EX):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, how)
        yield lock


def as_admin(server, statement, *names):
    with psycopg.connect(launcher.address(server.admin_url, "postgres"), autocommit=True) as admin:
        return admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def databases(server, prefix):
    with psycopg.connect(launcher.address(server.admin_url, "postgres"), autocommit=True) as admin:
        rows = admin.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [prefix]
        )
        return [name for (name,) in rows]


def template_key():
    """Everything that makes the schema: migrations, their SQL, the rights, the locked packages."""
    digest = hashlib.sha256(" ".join(settings.INSTALLED_APPS).encode())
    package = ROOT / "src" / "rongqiao"
    for path in sorted(
        [
            *package.glob("**/migrations/**/*.py"),
            *package.glob("**/*.sql"),
            package / "platform" / "postgres" / "rights.py",
            package / "config" / "settings.py",
            ROOT / "requirements.lock",
        ]
    ):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def clone(server, template, name):
    as_admin(
        server,
        "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy",
        name,
        template,
        launcher.OWNER,
    )
    database = Database.on(server, name)
    # A clone takes the tables' rights along, but not the database's own.
    as_admin(server, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
    as_admin(server, "GRANT CONNECT ON DATABASE {} TO {}", name, launcher.APPLICATION)
    return database


def drop(server, name):
    as_admin(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def ensure_template(server):
    name = f"template_{template_key()}"
    if name in databases(server, "template_"):
        return name
    draft = f"draft_{name}"
    drop(server, draft)
    as_admin(server, "CREATE DATABASE {} OWNER {}", draft, launcher.OWNER)
    fresh = Database.on(server, draft)
    bring_up_to_date(fresh.owner_url, fresh.app_url)
    as_admin(server, "ALTER DATABASE {} RENAME TO {}", draft, name)
    for old in databases(server, "template_")[:-TEMPLATES_KEPT]:
        drop(server, old)
    return name


@pytest.fixture(scope="session")
def postgres():
    """The test server: shared by all test runs of this checkout, stopped by the last of them."""
    home = STATE / "postgres"
    with locked(STATE / "users.lock", fcntl.LOCK_SH) as users:
        server = launcher.start(home, durable=False, shared_buffers="64MB")
        yield server
        with locked(STATE / "template.lock"):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for left_over in databases(server, "run_"):
                drop(server, left_over)
            launcher.stop(home)


@pytest.fixture(scope="session")
def template(postgres, django_db_blocker):
    """The name of the migrated template database, made once for a state of the migrations."""
    with locked(STATE / "template.lock"), django_db_blocker.unblock():
        return ensure_template(postgres)


@pytest.fixture(scope="session")
def fresh_database(postgres, template):
    """Return a function that makes an empty migrated database; all are dropped at the end."""
    made, numbers = [], itertools.count(1)

    def make():
        name = f"run_{os.getpid()}_{next(numbers)}"
        with locked(STATE / "template.lock"):
            database = clone(postgres, template, name)
        made.append(name)
        return database

    yield make
    for name in made:
        drop(postgres, name)


@pytest.fixture(scope="session")
def django_db_setup(fresh_database, django_db_blocker):
    """Django's default connection: this worker's own clone, as the application's role."""
    with django_db_blocker.unblock(), pointed_at(django_database(fresh_database().app_url)):
        yield


@pytest.fixture
def live_db(fresh_database, django_db_setup, django_db_blocker, monkeypatch):
    """A fresh clone with real commits, for threads and processes (`DATABASE_URL` is set)."""
    database = fresh_database()
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", database.owner_url)
    with django_db_blocker.unblock(), pointed_at(django_database(database.app_url)):
        yield database
    drop(database.server, database.name)


@pytest.fixture(scope="session", autouse=True)
def private_places(tmp_path_factory):
    """Files of tests lie apart from those of the developer's own platform."""
    before = settings.PLACES
    settings.PLACES = Places(tmp_path_factory.mktemp("var"))
    yield
    settings.PLACES = before


@pytest.fixture
def clock(request):
    """A clock that stands at noon in China on Monday 2026-01-05, which is the business date too."""
    request.getfixturevalue("live_db" if "live_db" in request.fixturenames else "db")
    BusinessDate.objects.update_or_create(pk=1, defaults={"on": FIRST_DAY})
    virtual = platform_clock.VirtualClock(FIRST_INSTANT)
    with platform_clock.running_on(virtual):
        yield virtual


@pytest.fixture
def call(clock):
    """Return `call(actor=..., key=...)`: a Call of the clock's instant, its key a new one."""
    numbers = itertools.count(1)

    def make(actor="user:00000000-0000-7000-8000-000000000001", key=None):
        return Call(
            actor=actor,
            key=key or f"test-{next(numbers)}",
            at=platform_clock.now(),
            on=platform_clock.business_date(),
        )

    return make


@pytest.fixture
def seeded_ids():
    """Ids that are the same at every run."""
    with drawing_from(random.Random(7)):
        yield
