"""Every published case is run and held, or listed with the reason why it cannot be expressed."""

import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.finance.vectors.page import page, table
from tests.finance.vectors.registry import FOLDER, all_cases, load
from tests.finance.vectors.replay_cases import NOT_HELD, REPLAY
from tests.finance.vectors.replaying import replay

ROOT = Path(__file__).parents[2]
MOST_SHOWN = 20


def test_every_published_case_that_can_be_expressed_holds(capsys):
    held, broken = set(), []
    for case in all_cases():
        if case.run is None:
            continue
        try:
            case.run()
            held.add(case.name)
        except Exception as problem:
            if case.not_held and isinstance(problem, AssertionError):
                continue
            broken.append(f"{case.name}: {type(problem).__name__}: {problem}")
    with capsys.disabled():
        # Standard error reaches the screen from a worker process too.
        print(f"\n{table(held)}", file=sys.stderr)
    assert not broken, "\n".join(broken[:MOST_SHOWN])


def test_every_case_of_every_file_is_run_or_listed_once():
    shipped = Counter(
        f"{path.stem}:{case['id']}" for path in FOLDER.glob("*.json") for case in load(path.stem)
    )
    named = Counter(f"{case.file}:{case.id}" for case in all_cases() if not case.part)
    assert named == shipped


def test_a_case_listed_as_not_held_does_not_hold():
    for case in all_cases():
        if case.not_held:
            with pytest.raises(AssertionError):
                case.run()


def test_of_146_lives_of_loans_every_one_is_lived_and_nine_in_ten_hold():
    lives = [case for case in all_cases() if case.file == REPLAY]
    assert len(lives) == 146
    assert all(case.run for case in lives)
    assert 10 * sum(case.not_held is None for case in lives) >= 9 * len(lives)


def test_a_wrong_figure_anywhere_in_a_published_life_is_seen():
    for case in load(REPLAY):
        if case["id"] in NOT_HELD:
            continue
        for step in case["steps"]:
            if step["op"] == "expect_schedule":
                row = step["rows"][-1]
                row["outstanding"] = str(Decimal(row["outstanding"]) + Decimal("0.01"))
                break
        with pytest.raises(AssertionError, match="outstanding"):
            replay(case)


def test_a_case_is_either_run_or_has_a_reason():
    assert [case.name for case in all_cases() if (case.run is None) == (case.reason is None)] == []


def test_the_page_of_cases_is_in_step():
    assert (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8") == page()
