"""Twenty days with a bank that fails, repeats, loses and delays one in twenty of each."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.faults

ENDED = {"succeeded", "failed", "cancelled"}
NEEDED = "every order ended, 0 breaks, custodian cash = client money = the bank's closing balance"


def simulate(folder, days, borrowers):
    words = ["--seed", "20", "--days", str(days), "--borrowers", str(borrowers)]
    done = subprocess.run(
        [sys.executable, "-m", "rongqiao.cli.main", "simulate", *words, "--faults", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "RONGQIAO_VAR": str(folder)},
    )
    assert done.stdout, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_a_bank_that_errs_in_everything_costs_nobody_a_fen(tmp_path, rounds, told):
    days, borrowers = rounds(20, 5), rounds(150, 12)
    found = simulate(tmp_path, days, borrowers)
    orders, custody = found["orders"], found["custody"]
    count = sum(orders.values())
    told(
        0,
        f"{days} days, bank with 5 % failures, duplicates, lost and late callbacks",
        count,
        f"{count} orders {orders}, {found['breaks']['open']} breaks,"
        f" {custody['cash']} = {custody['client_money']} = {custody['closing_at_the_bank']}",
        NEEDED,
    )
    assert set(orders) <= ENDED
    # One in twenty fails: of so many orders some do.
    assert orders.get("failed", 0) > 0 or count < 60
    assert found["breaks"] == {"kinds": {}, "open": 0}
    assert custody["cash"] == custody["client_money"] == custody["closing_at_the_bank"]
    assert custody["unexplained"] == "0.00"
    assert [law for law in found["laws"] if law["broken"]] == []
