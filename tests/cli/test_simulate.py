"""`rongqiao simulate`: one seed, one history, to the byte."""

import json
import os
import subprocess
import sys

import pytest

COLLATERAL = "5 collateral secures what was agreed, within its value, by two people"
MODELS = "9 scoring models are byte for byte what was sealed"
CLOSED_MONTHS = "2 what a closed month keeps equals its postings"
COMMAND = [sys.executable, "-m", "rongqiao.cli.main", "simulate"]


# A command whose world is changed before it is lived.
CHANGED = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongqiao.config.settings")
import django
django.setup()
{change}
from rongqiao.cli.main import main
main()
"""
# Where every loan meets everything: lost after three weeks, stopped one month in five.
HURRIED = """
from datetime import date
from rongqiao.lending.servicing import engine
engine.CLASS_FLOORS = (
    engine.ClassFloor(date(2023, 7, 1), 20, engine.RiskClass.LOSS),
    engine.ClassFloor(date(2023, 7, 1), 0, engine.RiskClass.SPECIAL_MENTION),
)
from rongqiao.cli.simulate.people import fates, hazard
fates.PREPAYS_PART = fates.MISBOOKED = fates.DISPUTED = fates.RELIEVED = fates.RECOVERS = 1.0
fates.EARLY_INSTALMENTS, fates.RETURNS_BEFORE = 1, 6
hazard.PER_TEN_THOUSAND = (2_000,)
"""
# Where whatever waits for the bank no longer than so many seconds has waited that long already: a
# machine that was halted in the midst of every call.
HALTED = """
import httpx
from rongqiao.money.payments.gateways import bank
client = bank._client()
class Halted:
    def request(self, *arguments, timeout, **more):
        answer = client.request(*arguments, timeout=timeout, **more)
        if timeout is not None:
            raise httpx.ReadTimeout("halted")
        return answer
bank._client = Halted
"""
# Where on one day in February an id is drawn that nobody asked for.
PARTED = """
from datetime import date
from rongqiao.cli.simulate import life
from rongqiao.platform import clock, ids
deliver = life.deliver
def deliver_and_draw():
    deliver()
    if clock.business_date() == date(2025, 2, 10):
        ids.new_id(clock.now())
life.deliver = deliver_and_draw
"""
PEOPLE_DO = (
    "decide-correction",
    "decide-waiver",
    "decide-write-off",
    "pay-off",
    "prepay",
    "propose-backdating",
    "propose-reversal",
    "recover",
    "repay",
)


def simulate(*arguments, hash_seed="0"):
    return run([*COMMAND, *arguments], hash_seed)


def changed(change, *arguments, hash_seed="0"):
    code = CHANGED.format(change=change)
    return run([sys.executable, "-c", code, "simulate", *arguments], hash_seed)


def run(command, hash_seed):
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )


def test_two_runs_with_one_seed_end_with_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    size = ("--seed", "8", "--days", "100", "--borrowers", "14", "--json")
    first = changed(HURRIED, *size, hash_seed="1")
    second = changed(HURRIED, *size, hash_seed="2")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    figures = json.loads(first.stdout)
    assert figures["loans"]["active"] > 0
    assert {f"servicing.{name}" for name in PEOPLE_DO} <= set(figures["done"]), figures["done"]
    assert [law for law in figures["laws"] if law["broken"]] == []
    # Nobody pledges, closes a month or releases a model in a simulation; every other law has work.
    unseen = [law["law"] for law in figures["laws"] if not law["checked"]]
    assert unseen == [COLLATERAL, CLOSED_MONTHS, MODELS]
    assert list(tmp_path.glob("simulation-*")) == []


def test_a_bank_that_errs_leaves_every_order_ended_and_no_break_open(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    size = ("--days", "12", "--borrowers", "12", "--faults", "--json")
    first = simulate("--seed", "5", *size)
    # Another installation, whose keys are its own.
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path / "elsewhere"))
    second = changed(HALTED, "--seed", "5", *size)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    figures = json.loads(first.stdout)
    assert set(figures["orders"]) == {"succeeded", "failed"}
    assert figures["breaks"] == {"kinds": {}, "open": 0}
    custody = figures["custody"]
    assert custody["cash"] == custody["client_money"] == custody["closing_at_the_bank"]
    assert custody["unexplained"] == "0.00"


def test_two_lives_that_part_tell_in_which_month(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    size = ("--seed", "5", "--days", "60", "--borrowers", "6", "--json")
    found = [json.loads(one.stdout) for one in (simulate(*size), changed(PARTED, *size))]
    months = [one["months"] for one in found]
    assert [one["on"] for one in months[0]] == ["2025-01-31", "2025-02-28"]
    assert months[0][0] == months[1][0]
    assert months[0][1]["head"] != months[1][1]["head"]
    assert months[0][1]["operations"] == months[1][1]["operations"]
    assert found[0]["trial_balance"] == found[1]["trial_balance"]


# From the evening of the first loan on, something is wrong with it.
SPOILING = """
from rongqiao.cli.simulate import life
from rongqiao.lending.servicing.models.loans import Loan
deliver = life.deliver
def deliver_and_spoil():
    deliver()
    loan = Loan.objects.order_by("id").first()
    if loan is not None:
        {spoil}
life.deliver = deliver_and_spoil
"""
SEED_5 = ("--seed", "5", "--days", "12", "--borrowers", "12")


def spoilt(spoil, *arguments):
    return changed(SPOILING.format(spoil=spoil), *arguments)


def shortest(failed):
    """Return the command that a failed run printed, word by word after the program's name."""
    (line,) = [line for line in failed.stderr.splitlines() if line.startswith("to see it again: ")]
    return line.removeprefix("to see it again: rongqiao simulate ").split()


def test_a_day_that_breaks_off_is_told_with_the_command_that_sees_it_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    spoil = 'raise RuntimeError("planted")'
    failed = spoilt(spoil, *SEED_5)
    assert failed.returncode == 1
    assert "RuntimeError: planted" in failed.stderr
    words = shortest(failed)
    days = int(words[words.index("--days") + 1])
    assert days < 12
    assert words[words.index("--of") + 1] == "12"
    again = spoilt(spoil, *words)
    assert again.returncode == 1
    assert shortest(again) == words
    one_less = [str(days - 1) if word == str(days) else word for word in words]
    assert spoilt(spoil, *one_less).returncode == 0


def test_a_law_broken_on_the_way_is_told_with_the_first_day_that_ends_so(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    spoil = "Loan.objects.filter(pk=loan.pk).update(interest_outstanding_minor=10**9)"
    failed = spoilt(spoil, *SEED_5)
    assert failed.returncode == 1
    assert "loan sub-ledger equals the general ledger" in failed.stderr
    words = shortest(failed)
    assert int(words[words.index("--days") + 1]) < 12
    assert list(tmp_path.glob("simulation-*")) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lenders", "3"), "lenders arrive with the marketplace"),
        (("--days", "0"), "--days is 0; allowed: 1 to"),
        (("--borrowers", "-1"), "--borrowers is -1; allowed: 0 to"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_one_sentence(arguments, sentence):
    whole = {"--seed": "1", "--days": "5", "--borrowers": "1"}
    given = dict(zip(arguments[::2], arguments[1::2], strict=False))
    words = [word for pair in (whole | given).items() for word in pair]
    refused = simulate(*words)
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
