"""kill -9 of every PostgreSQL process under writers: nothing acknowledged is lost or doubled."""

import random
import time

import pytest

from tests.faults.load import Load, open_books

SEED = 20260105
CROWDS = (8, 16, 32)
RECOVERY_SECONDS = 30


@pytest.mark.faults(1, 3)
def test_nothing_acknowledged_is_lost_and_the_unknown_is_applied_once_when_the_database_is_killed(
    ground, rounds, told, audit_books
):
    drawn, kills = random.Random(SEED), rounds(24, 3)
    acknowledged, unknown, recoveries = open_books(), 0, []
    for number in range(kills):
        crowd = CROWDS[number % len(CROWDS)]
        with Load(crowd, SEED + number, name=f"round-{number}") as load:
            load.wait_for(100)
            time.sleep(drawn.uniform(0, 0.3))
            ground.kill()
            recoveries.append(ground.restart())
            # Everybody gets an answer to what was under way.
            load.wait_for(2 * crowd)
        assert not load.surprises, load.surprises[:3]
        load.ask_again()
        acknowledged |= load.acknowledged
        unknown += len(load.unknown)
        found = audit_books(ground.app_url, acknowledged)
        assert found.unacknowledged == 0, found

    told(
        1,
        f"kill -9 of all PostgreSQL under {min(CROWDS)}-{max(CROWDS)} writers",
        kills,
        f"lost 0 of {len(acknowledged):,}; recovery at most {max(recoveries):.1f} s",
        f"lost 0; recovery <= {RECOVERY_SECONDS} s",
    )
    told(
        3,
        "retry of all unknown after a kill of the database",
        unknown,
        f"once: {unknown} of {unknown}",
        "exactly once, 100 %",
    )
    assert max(recoveries) <= RECOVERY_SECONDS
    assert unknown >= kills
