"""An account everybody posts to does not get slower as clients are added (ledger.md, 12)."""

import re
import subprocess
from statistics import median

import psycopg
import pytest

FEW, MANY = 8, 32
WARM_UP = 3
WALLETS = 2_000
SCRIPT = f"""\
\\set wallet random(1, {WALLETS})
\\set key random(1, 4611686018427387904)
SELECT ledger_post_transfer(:key, 'top-up', 'hot', '2026-01-05', 'custodian-cash', \
'wallet:' || :wallet::text, 100, 'CNY', 'test', '2026-01-05 04:00+00');
"""


@pytest.fixture
def hot(ground, tmp_path):
    """Return `hot(clients, seconds)`: top-ups a second, all of them on custodian cash."""
    script = tmp_path / "hot.sql"
    script.write_text(SCRIPT)
    with psycopg.connect(ground.server.owner_url, autocommit=True) as owner:
        owner.execute(
            """SELECT ledger_open_accounts('{custodian-cash}', '{asset}', '{CNY}',
                 ARRAY[-4611686018427387904], '{true}', now(), '{rolled}')"""
        )
        owner.execute(
            """SELECT ledger_open_accounts(array_agg('wallet:' || n), array_agg('liability'::text),
                 array_agg('CNY'::text), array_agg(0::bigint), array_agg(false), now())
               FROM generate_series(1, %s) n""",
            [WALLETS],
        )
        owner.execute("VACUUM ANALYZE")

    def rate(clients, seconds):
        done = subprocess.run(
            [
                ground.server.binaries.program("pgbench"), "--no-vacuum", "--protocol=prepared",
                f"--client={clients}", "--jobs=2", f"--time={seconds + WARM_UP}",
                f"--progress={WARM_UP}",
                f"--file={script}", ground.app_url,
            ],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "number of failed transactions: 0 " in done.stdout, done.stdout
        # The first seconds are those of 32 connections planning their first calls.
        count = int(re.search(r"actually processed: (\d+)", done.stdout)[1])
        first = re.search(r"^progress: ([\d.]+) s, ([\d.]+) tps", done.stderr, re.MULTILINE)
        passed = float(first[1])
        return (count - passed * float(first[2])) / (seconds + WARM_UP - passed)

    return rate


@pytest.mark.faults(12)
def test_a_hot_account_is_as_fast_with_32_clients_as_with_8(ground, hot, rounds, told, audit_books):
    times, seconds = rounds(9, 3), rounds(4, 1)
    hot(FEW, 1)
    pairs = [(hot(FEW, seconds), hot(MANY, seconds)) for _ in range(times)]
    share = median(many / few for few, many in pairs)
    told(
        12,
        "hot account, 32 clients against 8",
        times,
        f"{share:.0%} of the rate ({median(p[1] for p in pairs):,.0f}/s)",
        ">= 90 %",
    )
    assert share >= 0.9
    audit_books(ground.app_url, {})
