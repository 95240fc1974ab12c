import json
import shutil
import subprocess
import sys

import psycopg
import pytest

from rongqiao.config.places import Places
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from tests.money.ledger.closing.conftest import prove
from tests.money.ledger.conftest import act, transfer


def rongqiao(*words):
    return subprocess.run(
        [sys.executable, "-m", "rongqiao.cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    """A state directory for commands, so that heads of test databases lie apart."""
    shutil.copy(Places.of_environment().keys, tmp_path)
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    return Places(tmp_path)


def fill(call):
    act(lambda c: open_accounts(["custodian-cash", "wallet:a"], c), call())
    act(lambda c: post([transfer("custodian-cash", "wallet:a", 100)], c), call())


def test_verify_tells_every_law_with_its_count(live_db, call):
    fill(call)
    done = rongqiao("verify", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["held"]) == (0, True)
    assert {law["law"][0] for law in told["laws"]} == {"1", "2", "3", "4", "5", "8", "9"}
    assert [law["checked"] for law in told["laws"]][:4] == [1, 2, 2, 1]


def test_verify_names_what_broke_and_ends_with_one(live_db, call):
    fill(call)
    admin_url = live_db.server.admin_url.replace("/rongqiao?", f"/{live_db.name}?")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_account SET balance_minor = 101 WHERE code = 'wallet:a'")
    done = rongqiao("verify")
    assert done.returncode == 1
    assert "account wallet:a: balance 101, postings 100" in done.stdout


def test_a_closed_day_leaves_heads_that_verify_holds_the_chains_to(live_db, call, own_places):
    fill(call)
    prove(live_db)
    eod = rongqiao("eod", "--to", "2026-01-08")
    assert eod.returncode == 0, eod.stderr
    files = sorted(file.name for file in own_places.heads.iterdir())
    assert files == ["2026-01-05.json", "2026-01-06.json", "2026-01-07.json"]
    head = json.loads((own_places.heads / "2026-01-07.json").read_text())
    assert head["books"]["position"] == 1
    assert head["audit"]["position"] > 2
    told = json.loads(rongqiao("verify", "--json").stdout)
    assert told["held"]
    assert told["laws"][-1] == {
        "law": "9 the chains go through every head written outside the database",
        "checked": 3, "broken": 0, "examples": [],
    }  # fmt: skip
    with psycopg.connect(live_db.server.admin_url.replace("/rongqiao?", f"/{live_db.name}?"),
                         autocommit=True) as admin:  # fmt: skip
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM ledger_link")
    done = rongqiao("verify")
    assert done.returncode == 1
    assert "2026-01-07.json: the chain of books has no link 1 any more" in done.stdout


def test_migrating_again_applies_nothing(live_db):
    done = rongqiao("migrate", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (
        0, {"applied": 0, "role": "rongqiao"},
    )  # fmt: skip


def test_doctor_refuses_an_application_role_that_can_write_the_books(live_db):
    def books():
        told = json.loads(rongqiao("doctor", "--json").stdout)
        return next(one for one in told["findings"] if one["name"] == "books")

    assert books()["ok"]
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        owner.execute("GRANT INSERT ON ledger_leg TO rongqiao")
    found = books()
    assert not found["ok"]
    assert "ledger_leg" in found["found"]
    assert found["mend"].startswith("rongqiao migrate")


def test_doctor_names_a_mend_for_everything_that_is_wrong(live_db, monkeypatch):
    monkeypatch.setenv("DATABASE_OWNER_URL", live_db.app_url)
    monkeypatch.setenv("PATH", "")
    done = rongqiao("doctor", "--json")
    wrong = [one for one in json.loads(done.stdout)["findings"] if not one["ok"]]
    assert done.returncode == 1
    assert {"two roles", "Chinese font"} <= {one["name"] for one in wrong}
    assert all(one["mend"] for one in wrong)


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@127.0.0.1:1/none", "postgresql://nobody@/none?host=%2Fnowhere"]
)
def test_a_command_whose_database_is_away_says_so_in_one_line(monkeypatch, url):
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(name, url)
    done = rongqiao("verify")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("the database does not answer; `rongqiao run` starts it")
    assert done.stderr.count("\n") == 1
