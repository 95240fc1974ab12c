"""The books against a small model for 100,000 steps, the seed printed (ledger.md, 17)."""

import os

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from rongqiao.money.ledger.queries import books as queries
from tests.money.ledger.machine import Books

SEED = int(os.environ.get("RONGQIAO_SEED", "17"))
STEPS_A_RUN, RUNS = 50, 40


@pytest.mark.faults(17)
def test_the_books_never_diverge_from_a_small_model(live_db, call, rounds, told):
    needed, number = rounds(100_000, 400), SEED
    machine = type("BooksHere", (Books,), {"call": staticmethod(call)})
    print(f"seed {SEED}")
    while machine.steps < needed:
        chosen = settings(
            max_examples=max(1, min(RUNS, (needed - machine.steps) // STEPS_A_RUN)),
            stateful_step_count=STEPS_A_RUN,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        )
        run_state_machine_as_test(seed(number)(machine), settings=chosen)
        number += 1
    told(
        17,
        f"books against a model (seeds {SEED} to {number - 1})",
        machine.steps,
        "0 divergences",
        f"0 in {needed:,} steps",
    )
    for law in (queries.check_journals, queries.check_balances, queries.check_floors):
        assert law().broken == 0
