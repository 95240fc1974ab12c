"""`rongqiao bench decision`: a whole decision, from its features to its record, and its replay.

Measured is CPU, the client's Python and the server's process together, on a durable server made for
this: features, score, means, price and tables, sealing, and the record's insert. Beside it, in
turn, stand the judge alone, and bare inserts of the very rows it made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

import django

django.setup()

from django.db import connection  # noqa: E402 - Django is set up above
from django.test.utils import CaptureQueriesContext  # noqa: E402

from rongqiao.cli.bench.decision.ground import (  # noqa: E402
    FEW,
    MANY,
    Ground,
    decide_some,
    ground,
    insert_again,
    judge_only,
    take_cases,
)
from rongqiao.cli.bench.ledger_cpu import cpu_milliseconds  # noqa: E402
from rongqiao.cli.bench.report import (  # noqa: E402
    Figure,
    Report,
    Work,
    median_ratio,
    take_turns,
)
from rongqiao.lending.origination.queries.looking_back.replays import replay_decisions  # noqa: E402


@dataclass(frozen=True)
class Size:
    """How many rounds, how many decisions a turn makes, and how many are made again at least."""

    rounds: int
    turn: int
    replays: int


WHOLE, QUICK = Size(9, 500, 10_000), Size(3, 100, 600)


def measure(work: Work) -> Report:
    """Measure a decision with 10 and 200 rules, its queries and its parts; replay all of them."""
    size = QUICK if work.quick else WHOLE
    with ground() as bench:
        # The first calls plan what a living platform has planned.
        for policy in (bench.few, bench.many):
            decide_some(bench, policy, take_cases(bench, 20))
        queries = {rules: _queries(bench, policy) for rules, policy in _policies(bench).items()}
        taken = take_turns(size.rounds, _turns(bench, size))
        while bench.decided < size.replays:
            decide_some(bench, bench.few, take_cases(bench, size.turn))
        here, began = process_time(), perf_counter()
        replayed = replay_decisions(at_most=10**9)
        spent, passed = process_time() - here, perf_counter() - began
    assert replayed.on_record == bench.decided, (replayed.on_record, bench.decided)
    figures = (
        Figure("decision_with_record", median(taken["few"]), "ms CPU", most=1.0),
        Figure("decision_with_record_200_rules", median(taken["many"]), "ms CPU"),
        Figure("rules_200_against_10", median_ratio(taken["many"], taken["few"]), "x"),
        Figure("judge_alone", median(taken["judge"]), "ms CPU"),
        Figure("judge_alone_200_rules", median(taken["judge_many"]), "ms CPU"),
        Figure("bare_insert_of_the_record", median(taken["insert"]), "ms CPU"),
        Figure("decision_against_bare_insert", median_ratio(taken["few"], taken["insert"]), "x"),
        Figure("queries_10_rules", queries[FEW], "queries", most=1),
        Figure("queries_200_rules", queries[MANY], "queries", most=queries[FEW]),
        Figure("replayed", replayed.checked, "decisions", least=size.replays),
        Figure("replays_that_differ", len(replayed.wrong), "decisions", most=0),
        Figure("replay", spent / replayed.checked * 1000, "ms CPU"),
        Figure("replays_a_second", replayed.checked / passed, "1/s"),
    )
    return Report(
        bench="decision",
        rounds=size.rounds,
        limit={
            "peer": "a bare INSERT of the same row, sent by the same driver",
            "rules": f"{FEW} and {MANY}",
            "decisions_a_turn": size.turn,
            "decision_ms_of_each_round": " ".join(f"{one:.3f}" for one in taken["few"]),
        },
        figures=figures,
    )


def _policies(bench: Ground) -> dict[int, bytes]:
    return {FEW: bench.few, MANY: bench.many}


def _turns(bench: Ground, size: Size) -> dict[str, Callable[[], float]]:
    def turn(policy: bytes) -> Callable[[], float]:
        def measured() -> float:
            cases = take_cases(bench, size.turn)
            work = lambda: decide_some(bench, policy, cases)  # noqa: E731 - what is timed
            return cpu_milliseconds(work) / size.turn

        return measured

    def judged(policy: bytes) -> Callable[[], float]:
        return lambda: cpu_milliseconds(lambda: judge_only(bench, policy, size.turn)) / size.turn

    return {
        "few": turn(bench.few),
        "insert": lambda: cpu_milliseconds(insert_again(size.turn)) / size.turn,
        "many": turn(bench.many),
        "judge": judged(bench.few),
        "judge_many": judged(bench.many),
    }


def _queries(bench: Ground, policy: bytes) -> int:
    """Return the queries of one decision, the second under its policy."""
    counted = []
    for cases in (take_cases(bench, 1), take_cases(bench, 2)):
        with CaptureQueriesContext(connection) as queries:
            decide_some(bench, policy, cases)
        counted.append(len(queries))
    return counted[1] - counted[0]
