"""`rongqiao seed`: killed on the way it goes on where it was; what is alive is left alone."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform.models import BusinessDate, OperationRecord
from tests.makers.loans import assert_books_hold

COMMAND = [sys.executable, "-m", "rongqiao.cli.main", "seed", "--months", "1", "--loans", "5"]


@pytest.fixture
def place(tmp_path, live_db, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    monkeypatch.setenv("RONGQIAO_OPERATOR_ROLE", "microloan_company")
    return tmp_path


def run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.faults
def test_a_seed_killed_on_the_way_goes_on_and_ends_whole(place):
    process = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and OperationRecord.objects.count() < 300:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    standing = BusinessDate.objects.get().on
    assert json.loads((place / "seed.json").read_text())["state"] == "living"
    done = run("--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert [law for law in figures["laws"] if law["broken"]] == []
    assert Loan.objects.count() >= 5
    assert BusinessDate.objects.get().on > standing
    assert_books_hold()
    told = json.loads((place / "seed.json").read_text())
    assert told["state"] == "done"
    roles = {login["role"] for login in told["logins"]}
    assert {"borrower", "enterprise", "reviewer", "approver", "finance", "auditor"} <= roles
    assert {"collector", "risk", "risk-2"} <= roles
    count = OperationRecord.objects.count()
    assert run().returncode == 0
    assert OperationRecord.objects.count() == count


def test_a_platform_that_may_not_lend_is_not_seeded(place, monkeypatch):
    monkeypatch.setenv("RONGQIAO_OPERATOR_ROLE", "sme_matching")
    refused = run()
    assert refused.returncode == 2
    assert "RONGQIAO_OPERATOR_ROLE is sme_matching" in refused.stderr
    assert not (place / "seed.json").exists()
