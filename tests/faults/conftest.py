"""Fixtures of the fault tests, and the table that `make faults` prints at the end.

A test says which lines of the table it stands for: `@pytest.mark.faults(7, 8)`. It tells each of
them by `told(...)` before it asserts the figure, so that a figure that does not hold is shown too.
"""

import os
from pathlib import Path

import pytest

from tests.faults import ground as grounds
from tests.faults import table
from tests.faults.auditing import audit
from tests.money.ledger.conftest import books  # noqa: F401 - a fixture, for tests of the books

FULL = os.environ.get("RONGQIAO_FAULTS") == "full"
HERE = Path(__file__).parent
TOLD, NUMBERS = "fault", "fault-numbers"


@pytest.fixture
def rounds():
    """Return `rounds(full, quick)`: `full` under `make faults`, `quick` among all tests."""
    return lambda full, quick: full if FULL else quick


@pytest.fixture
def told(request):
    """Return `told(number, title, rounds, figure, needed)`: one line of the table.

    Whether it held is whether the test passes.
    """

    def tell(number: int, title: str, rounds: int, figure: str, needed: str):
        line = {"number": number, "title": title, "rounds": f"{rounds:,}"}
        request.node.user_properties.append((TOLD, {**line, "figure": figure, "needed": needed}))

    return tell


@pytest.fixture
def audit_books(django_db_blocker):
    """Return `audit_books(database_url, acknowledged)`: prove the books of a database.

    `acknowledged` maps every ledger key whose answer arrived to the journal it answered. To be
    called when the load is over: it points Django's connection at the database.
    """

    def prove(database_url, acknowledged):
        with django_db_blocker.unblock():
            return audit(database_url, acknowledged)

    return prove


@pytest.fixture(scope="session")
def laid_ground(tmp_path_factory, django_db_blocker):
    """The folder of a migrated cluster that is down: to be copied, not to be used."""
    with django_db_blocker.unblock():
        return grounds.lay(tmp_path_factory.mktemp("ground"))


@pytest.fixture
def make_ground(laid_ground, tmp_path, django_db_blocker):
    """Return `make_ground(settings="")`: a durable server of the test's own, with empty books."""
    made = []

    def make(settings=""):
        made.append(grounds.Ground(laid_ground, tmp_path / f"ground-{len(made)}", settings))
        return made[-1]

    with django_db_blocker.unblock():
        yield make
        for ground in made:
            ground.stop()


@pytest.fixture
def ground(make_ground):
    """One durable server of the test's own, which Django uses."""
    made = make_ground()
    with made.in_use():
        yield made


def pytest_collection_modifyitems(items):
    for item in items:
        numbers = [n for mark in item.iter_markers("faults") for n in mark.args]
        if numbers:
            # Properties travel with the report, from other processes too.
            item.user_properties.append((NUMBERS, numbers))


def pytest_configure(config):
    config.pluginmanager.register(Table(config), "faults-table")


class Table:
    """Gathers the lines from the tests' reports and prints them."""

    def __init__(self, config):
        self.config, self.lines = config, []

    def pytest_runtest_logreport(self, report):
        ended = report.when == "call" or (report.when == "setup" and not report.passed)
        if ended:
            self.lines += list(lines_of(report))

    def pytest_terminal_summary(self, terminalreporter):
        if not (FULL and self.lines):
            return
        terminalreporter.section("faults")
        for text in table.lay_out(self.lines):
            terminalreporter.write_line(text)
        if self.is_whole() and table.missing(self.lines):
            terminalreporter.write_line(f"missing: {table.missing(self.lines)}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        if FULL and self.is_whole() and exitstatus == 0 and table.missing(self.lines):
            session.exitstatus = 1

    def is_whole(self):
        """Tell whether the whole folder was asked for; a part of it cannot be complete."""
        asked = [Path(one).resolve() for one in self.config.args]
        return asked == [HERE] and not self.config.option.keyword


def lines_of(report):
    """Return the table's lines of one test: what it told, else that it was skipped or failed."""
    properties = report.user_properties
    held = table.HELD if report.passed else table.BROKEN
    tellings = [said for name, said in properties if name == TOLD]
    for said in tellings:
        yield table.Line(**said, held=held)
    if report.passed:
        return
    numbers = next((numbers for name, numbers in properties if name == NUMBERS), [])
    title = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    for number in sorted(set(numbers) - {said["number"] for said in tellings}):
        if report.skipped:
            yield table.Line(number, title, "-", reason(report), "", table.SKIPPED)
        else:
            yield table.Line(number, title, "-", "the test failed", "", table.BROKEN)


def reason(report):
    """Return why a test was skipped."""
    _path, _line, text = report.longrepr
    return text.removeprefix("Skipped: ")
